use std::time::Instant;

use super::event::Event;
use super::events::Events;
use super::ids::{ChannelKey, PublishSeq, Ticket};
use super::ordered::OrderedMap;
use crate::error::Forbidden;
use crate::protocol::Protocol;

/// Those that wait.
///
/// Neither publishing a message nor a confirm walks them all: those that wait for permission are
/// counted, and those that wait for confirms are found by channel.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    /// Those that wait for permission, in the order in which they came.
    senders: OrderedMap<Ticket, Sender>,
    /// How many of them wait for room, and how many for the end of a block, and were not notified.
    waiting: [usize; 2],
    /// How many of them wait for flow on a channel and were not notified, where any do.
    stopped: OrderedMap<ChannelKey, usize>,
    /// Those that wait for confirms on a channel, and the publish before which all are to be resolved.
    confirms: OrderedMap<(ChannelKey, u64), Confirms>,
    next: u64,
}

#[derive(Clone, Copy, Debug)]
struct Sender {
    /// The channel that it wants to send on; none for the connection itself.
    channel: Option<ChannelKey>,
    why: Forbidden,
    /// When it has waited long enough, unless that time has come.
    deadline: Option<Instant>,
    is_late: bool,
    /// Set when [`Event::TicketReady`] was emitted and the holder has not asked since.
    is_ready: bool,
}

#[derive(Clone, Copy, Debug)]
struct Confirms {
    /// The publish before which all are to be resolved.
    until: PublishSeq,
    is_ready: bool,
}

impl Sender {
    /// Whether it waits for the same as one on this channel would.
    fn is_alike(&self, channel: Option<ChannelKey>, why: Forbidden) -> bool {
        self.why == why && (why != Forbidden::Flow || self.channel == channel)
    }
}

impl Confirms {
    fn notify<P: Protocol>(
        &mut self,
        (channel, number): &(ChannelKey, u64),
        events: &mut Events<P>,
    ) {
        if !std::mem::replace(&mut self.is_ready, true) {
            let (number, confirms_of) = (*number, Some(*channel));
            let ticket = Ticket {
                number,
                confirms_of,
            };
            events.push(Event::TicketReady { ticket });
        }
    }
}

impl Tickets {
    /// Returns the tickets of the next connection: none.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(super) fn successor(&self) -> Self {
        let next = self.next;
        Self {
            next,
            ..Self::default()
        }
    }

    /// The ticket, if it is for this, or else a new one in its place.
    fn ticket<P: Protocol>(
        &mut self,
        ticket: &mut Option<Ticket>,
        confirms_of: Option<ChannelKey>,
        events: &mut Events<P>,
    ) -> Ticket {
        if let Some(other) = ticket.take_if(|ticket| ticket.confirms_of != confirms_of) {
            self.leave(other, events);
        }
        *ticket.get_or_insert_with(|| {
            let number = self.next;
            self.next += 1;
            Ticket {
                number,
                confirms_of,
            }
        })
    }

    /// How many wait for this and were not notified.
    fn count(&self, channel: Option<ChannelKey>, why: Forbidden) -> usize {
        match why {
            Forbidden::OutputFull => self.waiting[0],
            Forbidden::Blocked => self.waiting[1],
            // A publisher of recovery has its own queue.
            Forbidden::WindowFull => 0,
            Forbidden::Flow => {
                let stopped = channel.and_then(|channel| self.stopped.get(&channel));
                stopped.copied().unwrap_or_default()
            }
        }
    }

    /// Counts one that waits more.
    fn add(&mut self, channel: Option<ChannelKey>, why: Forbidden) {
        match (why, channel) {
            (Forbidden::OutputFull, _) => self.waiting[0] += 1,
            (Forbidden::Blocked, _) => self.waiting[1] += 1,
            // Flow is that of a channel.
            (Forbidden::Flow, None) | (Forbidden::WindowFull, _) => {}
            (Forbidden::Flow, Some(channel)) => match self.stopped.get_mut(&channel) {
                Some(count) => *count += 1,
                None => self.stopped.insert(channel, 1),
            },
        }
    }

    /// Counts so many that wait less.
    fn take(&mut self, channel: Option<ChannelKey>, why: Forbidden, many: usize) {
        match (why, channel) {
            (Forbidden::OutputFull, _) => self.waiting[0] -= many,
            (Forbidden::Blocked, _) => self.waiting[1] -= many,
            (Forbidden::Flow, None) | (Forbidden::WindowFull, _) => {}
            (Forbidden::Flow, Some(channel)) => {
                if let Some(count) = self.stopped.get_mut(&channel) {
                    *count -= many;
                    if *count == 0 {
                        self.stopped.remove(&channel);
                    }
                }
            }
        }
    }

    /// Takes a place among those that wait for permission, or keeps the one that the ticket stands
    /// for, where what it waits for may have changed. The deadline of the first time stays.
    pub(super) fn wait_to_send<P: Protocol>(
        &mut self,
        ticket: &mut Option<Ticket>,
        (channel, why): (Option<ChannelKey>, Forbidden),
        deadline: Option<Instant>,
        events: &mut Events<P>,
    ) {
        let ticket = self.ticket(ticket, None, events);
        let before = self.senders.get(&ticket).copied();
        let sender = Sender {
            channel,
            why,
            deadline: before.map_or(deadline, |before| before.deadline),
            is_late: before.is_some_and(|before| before.is_late),
            is_ready: false,
        };
        self.senders.insert(ticket, sender);
        match before {
            Some(before) if !before.is_ready => self.take(before.channel, before.why, 1),
            Some(before) if !before.is_alike(channel, why) => {
                self.wake((before.channel, before.why), 1, events);
            }
            _ => {}
        }
        self.add(channel, why);
    }

    /// Takes a place among those that wait for confirms, or keeps it.
    pub(super) fn wait_for_confirms<P: Protocol>(
        &mut self,
        ticket: &mut Option<Ticket>,
        (channel, until): (ChannelKey, PublishSeq),
        events: &mut Events<P>,
    ) {
        let number = self.ticket(ticket, Some(channel), events).number;
        let is_ready = false;
        let waits = Confirms { until, is_ready };
        self.confirms.insert((channel, number), waits);
    }

    /// Whether this ticket has waited long enough.
    pub(super) fn is_late(&self, ticket: Option<Ticket>) -> bool {
        let sender = ticket.and_then(|ticket| self.senders.get(&ticket));
        sender.is_some_and(|sender| sender.is_late)
    }

    /// Why one that comes now has to wait behind others. Methods are never blocked, nor stopped by
    /// flow.
    #[inline]
    pub(super) fn ahead(&self, channel: Option<ChannelKey>) -> Option<Forbidden> {
        if self.senders.is_empty() {
            return None;
        }
        let applies = |why: &Forbidden| *why == Forbidden::OutputFull || channel.is_some();
        [Forbidden::Flow, Forbidden::Blocked, Forbidden::OutputFull]
            .into_iter()
            .filter(applies)
            .find(|why| self.count(channel, *why) > 0)
    }

    /// What the last of those waits for that want to send on a channel, notified or not. One that takes
    /// a place for the same is notified after them.
    pub(super) fn last_of(&self, channel: ChannelKey) -> Option<Forbidden> {
        let mut senders = self.senders.values().rev();
        let last = senders.find(|sender| sender.channel == Some(channel));
        last.map(|sender| sender.why)
    }

    /// Removes a place: its holder has succeeded, or waits no longer. The next one may go on.
    pub(super) fn leave<P: Protocol>(&mut self, ticket: Ticket, events: &mut Events<P>) {
        if let Some(channel) = ticket.confirms_of {
            self.confirms.remove(&(channel, ticket.number));
        } else if let Some(sender) = self.senders.remove(&ticket) {
            match sender.is_ready {
                true => self.wake((sender.channel, sender.why), 1, events),
                false => self.take(sender.channel, sender.why, 1),
            }
        }
    }

    /// What was forbidden may be permitted now.
    ///
    /// All that wait for it are notified. Notifying one, which leads to the next when it succeeds,
    /// would do if each asked soon; but a future that was woken and is not polled, behind another
    /// branch of a `select!`, would block all others.
    pub(super) fn permitted<P: Protocol>(
        &mut self,
        channel: Option<ChannelKey>,
        why: Forbidden,
        events: &mut Events<P>,
    ) {
        self.wake((channel, why), usize::MAX, events);
    }

    /// Notifies up to `most` of those that wait for the same to ask again.
    fn wake<P: Protocol>(
        &mut self,
        (channel, why): (Option<ChannelKey>, Forbidden),
        most: usize,
        events: &mut Events<P>,
    ) {
        let most = most.min(self.count(channel, why));
        if most == 0 {
            return;
        }
        let waiting = self.senders.iter_mut();
        let waiting = waiting.filter(|(_, it)| !it.is_ready && it.is_alike(channel, why));
        for (ticket, sender) in waiting.take(most) {
            sender.is_ready = true;
            events.push(Event::TicketReady { ticket: *ticket });
        }
        self.take(channel, why, most);
    }

    /// All publishes of a channel before this one are resolved.
    #[inline]
    pub(super) fn confirmed<P: Protocol>(
        &mut self,
        channel: ChannelKey,
        base: PublishSeq,
        events: &mut Events<P>,
    ) {
        if self.confirms.is_empty() {
            return;
        }
        let waiting = self.confirms.iter_mut_from((channel, 0));
        for (key, waits) in waiting.take_while(|((of, _), _)| *of == channel) {
            if waits.until <= base {
                waits.notify(key, events);
            }
        }
    }

    /// Nothing can be sent any more, on one channel or at all.
    pub(super) fn closed<P: Protocol>(
        &mut self,
        channel: Option<ChannelKey>,
        events: &mut Events<P>,
    ) {
        let mut noted = Vec::new();
        for (ticket, sender) in self.senders.iter_mut() {
            let is_closed = channel.is_none() || sender.channel == channel;
            if is_closed && !std::mem::replace(&mut sender.is_ready, true) {
                noted.push((sender.channel, sender.why));
                events.push(Event::TicketReady { ticket: *ticket });
            }
        }
        for (channel, why) in noted {
            self.take(channel, why, 1);
        }
        for (key, waits) in self.confirms.iter_mut() {
            if channel.is_none_or(|channel| channel == key.0) {
                waits.notify(key, events);
            }
        }
    }

    /// When the next one has waited long enough. All wait equally long, so it is the oldest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.senders.values().find_map(|sender| sender.deadline)
    }

    /// Notifies those that have waited long enough.
    pub(super) fn expire<P: Protocol>(&mut self, now: Instant, events: &mut Events<P>) {
        let mut noted = Vec::new();
        for (ticket, sender) in self.senders.iter_mut() {
            match sender.deadline {
                Some(deadline) if deadline <= now => {
                    sender.deadline = None;
                    sender.is_late = true;
                    if !std::mem::replace(&mut sender.is_ready, true) {
                        noted.push((sender.channel, sender.why));
                        events.push(Event::TicketReady { ticket: *ticket });
                    }
                }
                Some(_) => break,
                None => {}
            }
        }
        for (channel, why) in noted {
            self.take(channel, why, 1);
        }
    }
}
