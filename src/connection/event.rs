use std::sync::Arc;

use super::ids::{CallId, ChannelKey, ConsumerId, PublishSeq};
use super::message::{Delivery, Returned};
use crate::config::Tuning;
use crate::error::{Closed, Error};
use crate::protocol::Protocol;
use crate::wire::{ReplyCode, ShortStr, Table};

/// Something that happened on a connection, in the order in which it did.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<P: Protocol> {
    /// The handshake is done; channels can be opened.
    Opened(Box<Opened>),
    /// A call ended, with its reply or without.
    Reply {
        /// The call.
        call: CallId,
        /// The reply, or why none will come.
        result: Result<Answer<P>, Error>,
    },
    /// A consumer got a message.
    Delivery {
        /// The channel.
        channel: ChannelKey,
        /// The consumer.
        consumer: ConsumerId,
        /// The message.
        delivery: Delivery<P>,
    },
    /// A published message came back.
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
        outcome: Outcome,
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

/// Who ended a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelledBy {
    /// The program did.
    Us,
    /// The server did, as when the queue is deleted.
    Server,
}

/// What became of a publish in confirm mode.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The server took responsibility for the message.
    Acked,
    /// The server could not take responsibility for it.
    Nacked,
    /// The message reached no queue and came back; see [`Event::Returned`].
    Returned,
    /// The channel closed before the server said anything: it may have taken the message or not.
    Lost(Arc<Closed>),
}

impl Outcome {
    /// Whether two publishes have the same fate.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Lost(one), Self::Lost(other)) => Arc::ptr_eq(one, other),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// Whether the server has taken the message.
    #[must_use]
    pub const fn is_acked(&self) -> bool {
        matches!(self, Self::Acked)
    }
}
