use std::sync::Arc;

use super::ids::{CallId, ChannelKey, ConsumerId, PublishSeq, Ticket};
use super::message::{Delivery, Returned};
use crate::config::Tuning;
use crate::error::Closed;
use crate::method::Reply;
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::{ReplyCode, ShortStr, Table};

/// Something that happened on a connection, in the order in which it did.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<P: Protocol> {
    /// The handshake is done; channels can be opened.
    Opened(Box<Opened>),
    /// The credentials expire soon, and the provider of the program has no new ones. It is asked again; the
    /// connection goes on for as long as the server lets it.
    CredentialsFailed {
        /// Why.
        reason: String,
    },
    /// A call ended, with its reply or without. [`Connection::take_reply`] has which.
    ///
    /// [`Connection::take_reply`]: super::Connection::take_reply
    Reply {
        /// The call.
        call: CallId,
    },
    /// A consumer got messages, one behind the other: to be taken with
    /// [`Connection::next_delivery`] or [`Connection::drain_deliveries`] before the next event is
    /// polled. What is left then is dropped, as a delivery is that a program drops: it stays
    /// unacknowledged until its channel closes.
    ///
    /// [`Connection::next_delivery`]: super::Connection::next_delivery
    /// [`Connection::drain_deliveries`]: super::Connection::drain_deliveries
    Deliveries {
        /// The channel.
        channel: ChannelKey,
        /// The consumer.
        consumer: ConsumerId,
        /// How many messages, at least one.
        count: usize,
    },
    /// A published message came back. In confirm mode [`Event::Confirmed`] has it instead.
    Returned {
        /// The channel.
        channel: ChannelKey,
        /// The message and why it came back.
        message: Box<Returned<P>>,
    },
    /// Publishes in confirm mode were resolved.
    Confirmed {
        /// The channel.
        channel: ChannelKey,
        /// The first one.
        first: PublishSeq,
        /// The last one.
        last: PublishSeq,
        /// What became of each of them.
        outcome: Outcome<P>,
    },
    /// A consumer ended. No delivery to it follows.
    ConsumerCancelled {
        /// The channel.
        channel: ChannelKey,
        /// The consumer.
        consumer: ConsumerId,
        /// Who ended it.
        by: CancelledBy,
    },
    /// The server allowed or stopped content on a channel. It was answered already.
    Flow {
        /// The channel.
        channel: ChannelKey,
        /// Whether content may be sent.
        active: bool,
    },
    /// The server accepts no messages on this connection for now.
    Blocked {
        /// Why, in the server's words.
        reason: ShortStr,
    },
    /// The server accepts messages again.
    Unblocked,
    /// The holder of a ticket should ask again: what it waits for may have come, or its time is
    /// over. See [`Connection::wait_to_send`].
    ///
    /// [`Connection::wait_to_send`]: super::Connection::wait_to_send
    TicketReady {
        /// The ticket.
        ticket: Ticket,
    },
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
    /// A channel closed.
    ChannelClosed {
        /// The channel.
        channel: ChannelKey,
        /// Why.
        reason: Arc<Closed>,
    },
    /// The connection closed, and all its channels with it. It is the last event.
    Closed(Arc<Closed>),
}

/// What the handshake found out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened {
    /// What the server says of itself: product, version, capabilities.
    pub server_properties: Table,
    /// What was agreed on.
    pub tuning: Tuning,
}

/// What a call was answered with.
#[derive(Debug, PartialEq)]
pub enum Answer<P: Protocol> {
    /// A method.
    Method(P::Method),
    /// `basic.get` found a message.
    Message(Box<Delivery<P>>),
}

impl<P: Protocol> Answer<P> {
    /// The reply, if it is that.
    pub fn into_reply<R: Reply<Spec = P>>(self) -> Option<R> {
        match self {
            Self::Method(method) => R::from_method(method).ok(),
            Self::Message(_) => None,
        }
    }
}

/// Who ended a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelledBy {
    /// The program did.
    Us,
    /// The server did, as when the queue is deleted.
    Server,
}

/// What became of a publish in confirm mode.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "only `Acked` means that the server has the message"]
pub enum Outcome<P: Protocol = Selected> {
    /// The server took responsibility for the message.
    Acked,
    /// The server could not take responsibility for it.
    Nacked,
    /// The message reached no queue. This is what came back.
    Returned(Box<Returned<P>>),
    /// The channel closed before the server said anything: it may have taken the message or not.
    Lost(Arc<Closed>),
}

impl<P: Protocol> Outcome<P> {
    /// Whether the server has taken the message.
    #[must_use]
    pub const fn is_acked(&self) -> bool {
        matches!(self, Self::Acked)
    }
}

/// What settling a delivery came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The acknowledgement or rejection is on its way.
    Queued,
    /// Nothing was sent: the delivery's channel or connection is gone, or it was settled before, with
    /// others or by `basic.recover`. The server has put the message back into its queue, or knows
    /// already; a worker goes on with its next message.
    Stale,
}

impl Settled {
    /// Whether nothing was sent.
    #[must_use]
    pub const fn is_stale(self) -> bool {
        matches!(self, Self::Stale)
    }
}
