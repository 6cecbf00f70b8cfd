//! What arrived on a connection and was not asked for yet, by whom it is for.
//!
//! An adapter feeds the session with all events of its connection, and looks here for what its
//! callers wait for. Where callers are tasks, they leave their wakers; whoever feeds the session
//! takes those that can go on and wakes them once nothing is locked. Adapters without tasks leave
//! none.

mod consumers;
mod inbox;
mod ordered;
mod publishes;
mod returns;
mod waiters;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

pub use inbox::ConsumerEnd;
pub(crate) use publishes::Progress;
pub use publishes::Unconfirmed;
pub(crate) use waiters::{Place, Waiters};

use crate::connection::{
    Answer, CallId, CancelledBy, ChannelKey, ChannelMut, Connection, ConsumerId, Event, Outcome,
    PublishSeq, Returned,
};
use crate::error::{Closed, Error};
use crate::protocol::Protocol;
use crate::wire::{ReplyCode, ShortStr, Table};
use inbox::Inbox;
use ordered::OrderedMap;
use publishes::Publishes;
use returns::Returns;

/// What arrived on a connection and was not asked for yet, see the [module](self).
#[derive(Debug)]
pub(super) struct Session<P: Protocol> {
    /// Calls that somebody waits for.
    calls: OrderedMap<CallId, Awaited<P>>,
    consumers: OrderedMap<ConsumerId, Inbox<P>>,
    channels: OrderedMap<ChannelKey, ChannelBox<P>>,
    notices: VecDeque<Notice>,
    opened: bool,
    closed: Option<Arc<Closed>>,
    limits: Limits,
    /// Consumers whose inbox is over a limit.
    full: OrderedMap<ConsumerId, ()>,
    /// Tasks that wait for the connection as a whole to change.
    pub(super) changes: Waiters,
    /// Tasks that wait until they may publish.
    pub(super) publishers: Waiters,
    /// Tasks that wait until publishes are confirmed.
    pub(super) settling: Waiters,
    /// Tasks that wait for a message, but not for ever. It is their consumer that wakes them when
    /// one comes.
    pub(super) expecting: Waiters,
    /// Tasks that can go on, to be woken.
    pub(super) woken: Vec<Waker>,
}

/// How much may wait for one consumer.
#[derive(Clone, Copy, Debug)]
struct Limits {
    messages: usize,
    bytes: usize,
    /// Bytes beyond which nothing is read in passing: what is kept without need is memory that
    /// goes out of the processor's caches.
    bytes_in_passing: usize,
}

/// A call that somebody waits for.
#[derive(Debug)]
struct Awaited<P: Protocol> {
    reply: Option<Result<Answer<P>, Error>>,
    waker: Option<Waker>,
}

/// What arrived for a channel as a whole.
#[derive(Debug)]
struct ChannelBox<P: Protocol> {
    returns: Returns<P>,
    publishes: Publishes,
    closed: Option<Arc<Closed>>,
    /// Tasks that wait for something of this.
    changes: Waiters,
}

/// Something about the connection or a channel that programs may want to react to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// The server accepts no messages for now; why, in its words.
    Blocked(ShortStr),
    /// The server accepts messages again.
    Unblocked,
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
            consumers: OrderedMap::default(),
            channels: OrderedMap::default(),
            notices: VecDeque::new(),
            opened: false,
            closed: None,
            limits: Limits {
                messages: config.incoming_messages.max(1),
                bytes: config.incoming_bytes,
                bytes_in_passing: (config.incoming_bytes / 16).max(1),
            },
            full: OrderedMap::default(),
            changes: Waiters::default(),
            publishers: Waiters::default(),
            settling: Waiters::default(),
            expecting: Waiters::default(),
            woken: Vec::new(),
        }
    }

    /// Takes all events of a connection.
    pub(super) fn absorb(&mut self, connection: &mut Connection<P>) {
        loop {
            while let Some(next) = connection.poll_deliveries() {
                self.deliver(connection, next);
            }
            match connection.poll_event() {
                Some(event) => self.take(event),
                None => break,
            }
        }
    }

    #[inline]
    fn take(&mut self, event: Event<P>) {
        match event {
            Event::Confirmed {
                channel,
                first,
                last,
                outcome,
            } => {
                if let Some(target) = self.channels.get_mut(&channel) {
                    let woken = &mut self.woken;
                    target.publishes.confirmed((first, last), &outcome, woken);
                    self.settling.wake(woken);
                }
            }
            Event::Reply { call, result } => {
                if let Some(awaited) = self.calls.get_mut(&call) {
                    awaited.reply = Some(result);
                    self.woken.extend(awaited.waker.take());
                }
            }
            Event::Returned {
                channel, message, ..
            } => {
                if let Some(target) = self.channels.get_mut(&channel) {
                    target.returns.push(*message, self.limits);
                    target.changes.wake(&mut self.woken);
                }
            }
            other => self.take_rare(other),
        }
    }

    fn take_rare(&mut self, event: Event<P>) {
        match event {
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
                self.publishers.wake(&mut self.woken);
                if let Some(target) = self.channels.get_mut(&channel) {
                    target.changes.wake(&mut self.woken);
                }
                self.notice(Notice::Flow { channel, active });
            }
            Event::Blocked { reason } => self.notice(Notice::Blocked(reason)),
            Event::Unblocked => {
                self.publishers.wake(&mut self.woken);
                self.notice(Notice::Unblocked);
            }
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
            Event::ChannelClosed { channel, reason } => self.channel_closed(channel, reason),
            Event::Closed(reason) => {
                self.closed = Some(reason);
                self.publishers.wake(&mut self.woken);
                self.settling.wake(&mut self.woken);
                self.changes.wake(&mut self.woken);
            }
            Event::Delivery { .. }
            | Event::Confirmed { .. }
            | Event::Reply { .. }
            | Event::Returned { .. } => {}
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

    fn channel_closed(&mut self, channel: ChannelKey, reason: Arc<Closed>) {
        self.publishers.wake(&mut self.woken);
        self.settling.wake(&mut self.woken);
        if let Some(target) = self.channels.get_mut(&channel) {
            target.closed = Some(reason.clone());
            target.changes.wake(&mut self.woken);
        }
        for (consumer, inbox) in self.consumers.iter_mut() {
            if inbox.channel == channel {
                inbox.finish(ConsumerEnd::Closed(reason.clone()), &mut self.woken);
                self.full.remove(consumer);
            }
        }
    }

    /// Whether the handshake is done.
    pub(super) const fn is_opened(&self) -> bool {
        self.opened
    }

    /// Why the connection is closed, if it is.
    pub(super) const fn closed(&self) -> Option<&Arc<Closed>> {
        self.closed.as_ref()
    }

    /// Somebody will wait for the reply to this call.
    pub(super) fn watch_call(&mut self, call: CallId) {
        let (reply, waker) = (None, None);
        self.calls.insert(call, Awaited { reply, waker });
    }

    /// The reply to a call, once it is there.
    pub(super) fn reply(&mut self, call: CallId) -> Option<Result<Answer<P>, Error>> {
        let reply = self.calls.get_mut(&call)?.reply.take()?;
        self.calls.remove(&call);
        Some(reply)
    }

    /// The task is to be woken when the reply to a call is there.
    pub(super) fn wait_for_reply(&mut self, call: CallId, waker: &Waker) {
        if let Some(awaited) = self.calls.get_mut(&call) {
            awaited.waker = Some(waker.clone());
        }
    }

    /// Nobody waits for the call any more.
    pub(super) fn forget_call(&mut self, call: CallId) {
        self.calls.remove(&call);
    }

    /// Whether somebody waits for something that the server has to say: the reply to a call, a
    /// confirm, a message for another consumer, or that publishing may go on.
    pub(super) fn awaits_news(&self) -> bool {
        let is_awaited = |target: &ChannelBox<P>| target.publishes.is_awaited();
        !self.publishers.is_empty()
            || !self.settling.is_empty()
            || self.calls.values().any(|awaited| awaited.reply.is_none())
            || self.channels.values().any(is_awaited)
            || self.consumers.values().any(Inbox::is_awaited)
    }

    /// A channel was opened.
    pub(super) fn add_channel(&mut self, channel: ChannelKey) {
        let fresh = ChannelBox {
            returns: Returns::new(),
            publishes: Publishes::default(),
            closed: None,
            changes: Waiters::default(),
        };
        self.channels.insert(channel, fresh);
    }

    /// Nobody holds the channel any more.
    pub(super) fn remove_channel(&mut self, channel: ChannelKey) {
        self.channels.remove(&channel);
    }

    /// A channel of the connection. A closed one tells why also when its number has a new owner.
    #[inline]
    pub(super) fn channel<'a>(
        &self,
        connection: &'a mut Connection<P>,
        key: ChannelKey,
    ) -> Result<ChannelMut<'a, P>, Error> {
        connection.channel(key).map_err(|error| match error {
            Error::Misuse(_) => match self.channel_reason(key) {
                Some(reason) => reason.clone().into(),
                None => error,
            },
            error => error,
        })
    }

    /// Why a channel is closed, if it is.
    pub(super) fn channel_reason(&self, channel: ChannelKey) -> Option<&Arc<Closed>> {
        self.channels.get(&channel)?.closed.as_ref()
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

    /// Somebody will ask what became of this publish.
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
    ) -> Option<Outcome> {
        let target = self.channels.get_mut(&channel)?;
        target.publishes.outcome(publish, waker)
    }

    /// Nobody asks for the publish any more.
    pub(super) fn forget_publish(&mut self, channel: ChannelKey, publish: PublishSeq) {
        if let Some(target) = self.channels.get_mut(&channel) {
            target.publishes.forget(publish);
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
