use std::time::Instant;

use super::event::Event;
use super::events::Events;
use super::ids::{ChannelKey, PublishSeq};
use super::ordered::OrderedMap;
use crate::error::Forbidden;
use crate::protocol::Protocol;

/// A place in the queue of those that wait until they may send, or until publishes are confirmed.
///
/// It is a place and a deadline, never a reservation. [`Event::TicketReady`] says that its holder
/// should ask again with the same ticket, because what it waits for may have come, or its time is
/// over. Whether sending is permitted is decided anew each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// Those that wait, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    places: OrderedMap<Ticket, Place>,
    /// How many of them were not notified.
    waiting: usize,
    next: u64,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// The channel that it wants to send on; none for the connection itself.
    channel: Option<ChannelKey>,
    class: Class,
    /// When it has waited long enough, unless that time has come.
    deadline: Option<Instant>,
    is_late: bool,
    /// Set when [`Event::TicketReady`] was emitted and the holder has not asked since.
    is_ready: bool,
}

/// What a ticket waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Permission to send.
    Send(Forbidden),
    /// All publishes before this one to be resolved.
    Confirms(PublishSeq),
}

impl Place {
    /// Whether it waits for the same as one on this channel would.
    fn is_alike(&self, channel: Option<ChannelKey>, class: Class) -> bool {
        let everywhere = matches!(
            class,
            Class::Send(Forbidden::OutputFull | Forbidden::Blocked)
        );
        self.class == class && (everywhere || self.channel == channel)
    }
}

impl Tickets {
    /// Takes a place, or keeps the one that the ticket stands for, where what it waits for may have
    /// changed. The deadline of the first time stays.
    pub(super) fn wait<P: Protocol>(
        &mut self,
        ticket: &mut Option<Ticket>,
        (channel, class): (Option<ChannelKey>, Class),
        deadline: Option<Instant>,
        events: &mut Events<P>,
    ) {
        let known = ticket.and_then(|ticket| self.places.get_mut(&ticket));
        let Some(place) = known else {
            let new = *ticket.insert(Ticket(self.next));
            self.next += 1;
            self.waiting += 1;
            let place = Place {
                channel,
                class,
                deadline,
                is_late: false,
                is_ready: false,
            };
            return self.places.insert(new, place);
        };
        let before = *place;
        (place.class, place.is_ready) = (class, false);
        self.waiting += usize::from(before.is_ready);
        if before.is_ready && !before.is_alike(channel, class) {
            self.wake((before.channel, before.class), 1, events);
        }
    }

    /// Whether this ticket has waited long enough.
    pub(super) fn is_late(&self, ticket: Option<Ticket>) -> bool {
        let place = ticket.and_then(|ticket| self.places.get(&ticket));
        place.is_some_and(|place| place.is_late)
    }

    /// Why one that comes now has to wait behind others.
    #[inline]
    pub(super) fn ahead(&self, channel: Option<ChannelKey>) -> Option<Forbidden> {
        if self.waiting == 0 {
            return None;
        }
        self.places.values().find_map(|place| match place.class {
            Class::Send(why) if !place.is_ready => {
                let counts = why != Forbidden::Flow || place.channel == channel;
                // Methods are never blocked, nor stopped by flow.
                let applies = why == Forbidden::OutputFull || channel.is_some();
                (counts && applies).then_some(why)
            }
            _ => None,
        })
    }

    /// Removes a place: its holder has succeeded, or waits no longer. The next one may go on.
    pub(super) fn leave<P: Protocol>(&mut self, ticket: Ticket, events: &mut Events<P>) {
        if let Some(place) = self.places.remove(&ticket) {
            match place.is_ready {
                true => self.wake((place.channel, place.class), 1, events),
                false => self.waiting -= 1,
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
        self.wake((channel, Class::Send(why)), usize::MAX, events);
    }

    fn wake<P: Protocol>(
        &mut self,
        (channel, class): (Option<ChannelKey>, Class),
        most: usize,
        events: &mut Events<P>,
    ) {
        self.tell(most, events, |place| place.is_alike(channel, class));
    }

    /// Notifies up to `most` of those that wait and fit to ask again.
    fn tell<P: Protocol>(
        &mut self,
        most: usize,
        events: &mut Events<P>,
        fits: impl Fn(&Place) -> bool,
    ) {
        if self.waiting == 0 {
            return;
        }
        let waiting = self.places.iter_mut();
        let waiting = waiting.filter(|(_, place)| !place.is_ready && fits(place));
        for (ticket, place) in waiting.take(most) {
            place.is_ready = true;
            self.waiting -= 1;
            events.push(Event::TicketReady { ticket: *ticket });
        }
    }

    /// All publishes of a channel before this one are resolved.
    #[inline]
    pub(super) fn confirmed<P: Protocol>(
        &mut self,
        channel: ChannelKey,
        base: PublishSeq,
        events: &mut Events<P>,
    ) {
        self.tell(usize::MAX, events, |place| {
            let reached = matches!(place.class, Class::Confirms(until) if until <= base);
            reached && place.channel == Some(channel)
        });
    }

    /// Nothing can be sent any more, on one channel or at all.
    pub(super) fn closed<P: Protocol>(
        &mut self,
        channel: Option<ChannelKey>,
        events: &mut Events<P>,
    ) {
        self.tell(usize::MAX, events, |place| {
            channel.is_none() || place.channel == channel
        });
    }

    /// When the next one has waited long enough. All wait equally long, so it is the oldest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.places.values().find_map(|place| place.deadline)
    }

    /// Notifies those that have waited long enough.
    pub(super) fn expire<P: Protocol>(&mut self, now: Instant, events: &mut Events<P>) {
        for (ticket, place) in self.places.iter_mut() {
            match place.deadline {
                Some(deadline) if deadline <= now => {
                    place.deadline = None;
                    place.is_late = true;
                    if !place.is_ready {
                        place.is_ready = true;
                        self.waiting -= 1;
                        events.push(Event::TicketReady { ticket: *ticket });
                    }
                }
                Some(_) => return,
                None => {}
            }
        }
    }
}
