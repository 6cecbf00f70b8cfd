//! Buffers what arrives on a connection until its recipient asks for it.
//!
//! An adapter feeds the session with all events of its connection, one [`step`](Session::step) at a
//! time or all at once, and looks here for what its callers wait for. Where callers are tasks, they
//! leave their wakers; the adapter takes those that can go on and wakes them once nothing is locked.
//! Adapters without tasks leave none. Replies and permissions stay in the connection: for those the
//! session keeps the wakers alone.

mod consumers;
mod inbox;
mod lanes;
mod publishes;
mod returns;
mod waiters;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

pub use inbox::ConsumerEnd;
pub(in crate::adapters) use lanes::{Hold, Taken, is_kept};
pub(crate) use publishes::Progress;
pub use publishes::{NotAcked, Unconfirmed};
pub(crate) use waiters::{Place, Waiters};

use crate::connection::{
    CallId, CancelledBy, ChannelKey, Connection, ConsumerId, Event, OrderedMap, Outcome,
    PublishSeq, Returned, Ticket,
};
use crate::error::Closed;
use crate::protocol::Protocol;
use crate::recovery::keeper::LaneId;
use crate::wire::{ReplyCode, ShortStr, Table};
use inbox::Inbox;
use lanes::LaneBox;
use publishes::Publishes;
use returns::Returns;

/// What arrived on a connection and was not asked for yet, see the [module](self).
#[derive(Debug)]
pub(super) struct Session<P: Protocol> {
    /// Tasks that wait for replies.
    calls: OrderedMap<CallId, Waker>,
    /// Tasks that wait to send, or for confirms.
    tickets: OrderedMap<Ticket, Waker>,
    consumers: OrderedMap<ConsumerId, Inbox<P>>,
    channels: OrderedMap<ChannelKey, ChannelBox<P>>,
    lanes: OrderedMap<LaneId, LaneBox<P>>,
    notices: VecDeque<Notice>,
    opened: bool,
    over: bool,
    limits: Limits,
    /// Consumers whose inbox is over a limit.
    full: OrderedMap<ConsumerId, ()>,
    /// Bytes that wait for all consumers together.
    kept: usize,
    /// Tasks that wait for the connection as a whole to change.
    pub(super) changes: Waiters,
    /// Tasks that wait for a message, but not for ever. It is their consumer that wakes them when
    /// one comes.
    pub(super) expecting: Waiters,
    /// Tasks that can go on, to be woken.
    pub(super) woken: Vec<Waker>,
}

/// How much may wait.
#[derive(Clone, Copy, Debug)]
struct Limits {
    messages: usize,
    bytes: usize,
    /// Bytes beyond which nothing is read in passing: what is kept without need is memory that
    /// goes out of the processor's caches.
    bytes_in_passing: usize,
    /// Bytes that may wait for all consumers together.
    total: usize,
}

/// What arrived for a channel as a whole.
#[derive(Debug)]
struct ChannelBox<P: Protocol> {
    returns: Returns<P>,
    publishes: Publishes<P>,
    /// Tasks that wait for something of this.
    changes: Waiters,
    /// Whether a subscription has handed out messages of it.
    is_kept: bool,
}

/// Something about the connection or a channel that programs may want to react to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// The server accepts no messages for now; why, in its words.
    Blocked(ShortStr),
    /// The server accepts messages again.
    Unblocked,
    /// The credentials expire soon, and the provider of the program has no new ones; why. It is asked again.
    CredentialsFailed(String),
    /// The server has something to tell that needs no answer (0-8).
    Alert {
        /// The channel.
        channel: ChannelKey,
        /// What it is about.
        code: ReplyCode,
        /// The same in words.
        text: ShortStr,
        /// Details.
        details: Table,
    },
    /// A handler gets no more messages, and the program did not ask for that.
    HandlerEnded {
        /// The channel.
        channel: ChannelKey,
        /// Why.
        end: ConsumerEnd,
    },
    /// The server stopped or resumed content on a channel.
    Flow {
        /// The channel.
        channel: ChannelKey,
        /// Whether content may be sent.
        active: bool,
    },
}

impl<P: Protocol> Session<P> {
    pub(super) fn new(connection: &Connection<P>) -> Self {
        let config = connection.config();
        Self {
            calls: OrderedMap::default(),
            tickets: OrderedMap::default(),
            consumers: OrderedMap::default(),
            channels: OrderedMap::default(),
            lanes: OrderedMap::default(),
            notices: VecDeque::new(),
            opened: false,
            over: false,
            limits: Limits {
                messages: config.incoming_messages.max(1),
                bytes: config.incoming_bytes,
                bytes_in_passing: (config.incoming_bytes / 16).max(1),
                total: config.incoming_total,
            },
            full: OrderedMap::default(),
            kept: 0,
            changes: Waiters::default(),
            expecting: Waiters::default(),
            woken: Vec::new(),
        }
    }

    /// Absorbs all events of a connection.
    pub(super) fn absorb(&mut self, connection: &mut Connection<P>) {
        while self.step(connection) {}
    }

    /// Absorbs one event of a connection, or one run of deliveries to one consumer. Returns `false`
    /// if there was none.
    #[inline]
    pub(super) fn step(&mut self, connection: &mut Connection<P>) -> bool {
        match connection.poll_event() {
            Some(event) => self.handle_event(connection, event),
            None => return false,
        }
        true
    }

    /// Absorbs one event that was polled last. Deliveries that it announces are still in the connection.
    #[inline]
    pub(super) fn handle_event(&mut self, connection: &mut Connection<P>, event: Event<P>) {
        match event {
            Event::Deliveries {
                channel, consumer, ..
            } => self.deliver(connection, (channel, consumer)),
            Event::Confirmed {
                channel,
                first,
                last,
                outcome,
            } => self.confirmed(channel, (first, last), outcome),
            Event::Reply { call } => self.woken.extend(self.calls.remove(&call)),
            Event::TicketReady { ticket } => {
                let waker = self.tickets.remove(&ticket);
                let lost = mutant!("a ticket that is ready wakes nothing", false, true);
                self.woken.extend(waker.filter(|_| !lost));
            }
            other => self.handle_rare(other),
        }
    }

    /// A call has its reply. Returns whether a task waited for it.
    pub(super) fn replied(&mut self, call: CallId) -> bool {
        let waker = self.calls.remove(&call);
        let is_awaited = waker.is_some();
        self.woken.extend(waker);
        is_awaited
    }

    /// Wakes the tasks that wait for an event, and returns it, if it is for others too. Nothing is kept
    /// for those who might ask later.
    pub(super) fn hear(&mut self, event: Event<P>) -> Option<Event<P>> {
        match &event {
            Event::TicketReady { ticket } => {
                self.woken.extend(self.tickets.remove(ticket));
                return None;
            }
            Event::Confirmed {
                channel,
                first,
                last,
                outcome,
            } => {
                if let Some(target) = self.channels.get_mut(channel) {
                    let publishes = &mut target.publishes;
                    let range = (*first, *last);
                    drop(publishes.confirmed(range, outcome.clone(), &mut self.woken));
                    drop(publishes.take_failed());
                }
            }
            Event::Opened(_) => {
                self.opened = true;
                self.changes.wake(&mut self.woken);
            }
            Event::Closed(_) => {
                self.over = true;
                self.changes.wake(&mut self.woken);
            }
            _ => {}
        }
        Some(event)
    }

    fn confirmed(
        &mut self,
        channel: ChannelKey,
        range: (PublishSeq, PublishSeq),
        outcome: Outcome<P>,
    ) {
        let Some(target) = self.channels.get_mut(&channel) else {
            return;
        };
        let publishes = &mut target.publishes;
        let unwanted = publishes.confirmed(range, outcome, &mut self.woken);
        if let Some(message) = unwanted {
            self.returned_to(channel, *message);
        }
    }

    /// A message came back, and nothing waits for it in particular.
    fn returned_to(&mut self, channel: ChannelKey, message: Returned<P>) {
        if let Some(target) = self.channels.get_mut(&channel) {
            target.returns.push(message, self.limits);
            target.changes.wake(&mut self.woken);
        }
    }

    fn handle_rare(&mut self, event: Event<P>) {
        match event {
            Event::Returned { channel, message } => self.returned_to(channel, *message),
            Event::Opened(_) => {
                self.opened = true;
                self.changes.wake(&mut self.woken);
            }
            Event::ConsumerCancelled { consumer, by, .. } => self.end(
                consumer,
                match by {
                    CancelledBy::Us => ConsumerEnd::Cancelled,
                    CancelledBy::Server => ConsumerEnd::CancelledByServer,
                },
            ),
            Event::Flow { channel, active } => {
                if let Some(target) = self.channels.get_mut(&channel) {
                    target.changes.wake(&mut self.woken);
                }
                self.notice(Notice::Flow { channel, active });
            }
            Event::Blocked { reason } => self.notice(Notice::Blocked(reason)),
            Event::Unblocked => self.notice(Notice::Unblocked),
            Event::CredentialsFailed { reason } => self.notice(Notice::CredentialsFailed(reason)),
            Event::Alert {
                channel,
                code,
                text,
                details,
            } => {
                self.notice(Notice::Alert {
                    channel,
                    code,
                    text,
                    details,
                });
            }
            Event::ChannelClosed { channel, reason } => self.channel_closed(channel, &reason),
            Event::Closed(_) => {
                self.over = true;
                self.changes.wake(&mut self.woken);
            }
            Event::Deliveries { .. }
            | Event::Confirmed { .. }
            | Event::Reply { .. }
            | Event::TicketReady { .. } => {}
        }
    }

    /// Keeps a notice; of those that nobody reads only the last ones are kept.
    fn notice(&mut self, notice: Notice) {
        const KEPT: usize = 256;
        if self.notices.len() == KEPT {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
        self.changes.wake(&mut self.woken);
    }

    fn channel_closed(&mut self, channel: ChannelKey, reason: &Arc<Closed>) {
        if let Some(target) = self.channels.get_mut(&channel) {
            mutant!(
                "the end of a channel wakes nothing",
                target.changes.wake(&mut self.woken),
                ()
            );
        }
        self.lanes_channel_closed(channel);
        for (consumer, inbox) in self.consumers.iter_mut() {
            if inbox.channel == channel {
                inbox.finish(ConsumerEnd::Closed(reason.clone()), &mut self.woken);
                inbox.charge(&mut self.kept);
                self.full.remove(consumer);
            }
        }
    }

    /// Whether the handshake is done.
    pub(super) const fn is_opened(&self) -> bool {
        self.opened
    }

    /// Whether the connection is closed, and nothing more arrives on it.
    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    /// Wakes the task when the reply to a call is there.
    pub(super) fn wait_for_reply(&mut self, call: CallId, waker: &Waker) {
        match self.calls.get_mut(&call) {
            Some(known) => mutant!(
                "the first waker of a caller is kept",
                known.clone_from(waker),
                ()
            ),
            None => self.calls.insert(call, waker.clone()),
        }
    }

    /// Nothing waits for the call any more.
    pub(super) fn forget_call(&mut self, call: CallId) {
        self.calls.remove(&call);
    }

    /// Wakes the task when the holder of this ticket should ask again.
    pub(super) fn wait_for_ticket(&mut self, ticket: Ticket, waker: &Waker) {
        match self.tickets.get_mut(&ticket) {
            Some(known) => known.clone_from(waker),
            None => self.tickets.insert(ticket, waker.clone()),
        }
    }

    /// The ticket is given back.
    pub(super) fn forget_ticket(&mut self, ticket: Ticket) {
        self.tickets.remove(&ticket);
    }

    /// Whether a task waits for something that the server has to say, apart from replies: a confirm,
    /// a message for another consumer, or that publishing may go on.
    pub(super) fn awaits_news(&self) -> bool {
        let is_awaited =
            |target: &ChannelBox<P>| target.publishes.is_awaited() || target.changes.awaits_news();
        !self.tickets.is_empty()
            || self.changes.awaits_news()
            || self.channels.values().any(is_awaited)
            || self.consumers.values().any(Inbox::is_awaited)
            || self.lanes_await_news()
    }

    /// A channel was opened.
    pub(super) fn add_channel(&mut self, channel: ChannelKey) {
        let fresh = ChannelBox {
            returns: Returns::new(),
            publishes: Publishes::default(),
            changes: Waiters::default(),
            is_kept: false,
        };
        self.channels.insert(channel, fresh);
    }

    /// No handle of the channel is left.
    pub(super) fn remove_channel(&mut self, channel: ChannelKey) {
        self.channels.remove(&channel);
        // A shutdown waits for that.
        self.changes.wake(&mut self.woken);
    }

    /// Whether a channel has handles.
    pub(super) fn has_channel(&self, channel: ChannelKey) -> bool {
        self.channels.get(&channel).is_some()
    }

    /// The tasks that wait for a channel to change.
    pub(super) fn channel_changes(&mut self, channel: ChannelKey) -> Option<&mut Waiters> {
        Some(&mut self.channels.get_mut(&channel)?.changes)
    }

    /// How far the confirms of a channel have come.
    pub(super) fn progress(&self, channel: ChannelKey) -> Arc<Progress> {
        let target = self.channels.get(&channel);
        target
            .map(|target| target.publishes.progress().clone())
            .unwrap_or_default()
    }

    /// The next message that came back on a channel.
    pub(super) fn returned(&mut self, channel: ChannelKey) -> Option<Returned<P>> {
        self.channels.get_mut(&channel)?.returns.pop()
    }

    /// The publishes of a channel that were not acknowledged, since the last time this was asked.
    pub(super) fn unconfirmed(&mut self, channel: ChannelKey) -> Vec<Unconfirmed> {
        let target = self.channels.get_mut(&channel);
        target
            .map(|target| target.publishes.take_failed())
            .unwrap_or_default()
    }

    /// Something will ask what became of this publish.
    #[inline]
    pub(super) fn watch_publish(&mut self, channel: ChannelKey, publish: PublishSeq) {
        if let Some(target) = self.channels.get_mut(&channel) {
            target.publishes.watch(publish);
        }
    }

    /// What became of a publish that is watched, once it is known. A task that has to wait leaves
    /// its waker.
    pub(super) fn outcome(
        &mut self,
        (channel, publish): (ChannelKey, PublishSeq),
        waker: Option<&Waker>,
    ) -> Option<Outcome<P>> {
        let target = self.channels.get_mut(&channel)?;
        target.publishes.outcome(publish, waker)
    }

    /// Nothing asks for the publish any more.
    pub(super) fn forget_publish(&mut self, channel: ChannelKey, publish: PublishSeq) {
        let Some(target) = self.channels.get_mut(&channel) else {
            return;
        };
        if let Some(message) = target.publishes.forget(publish) {
            self.returned_to(channel, *message);
        }
    }

    /// A consumer with a handler ended, which its program would not notice otherwise.
    pub(super) fn handler_ended(&mut self, channel: ChannelKey, end: ConsumerEnd) {
        if !matches!(end, ConsumerEnd::Cancelled) {
            self.notice(Notice::HandlerEnded { channel, end });
        }
    }

    /// The next notice.
    pub(super) fn next_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }
}
