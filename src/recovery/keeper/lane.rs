//! One lane: a channel that is opened again when it is lost, and its purpose.

use std::sync::Arc;
use std::time::Instant;

use super::publisher::Publisher;
use crate::connection::{CallId, ChannelKey, ConsumerId};
use crate::error::Closed;
use crate::protocol::Protocol;
use crate::recovery::Simple;
use crate::recovery::topology::Topology;

/// One lane of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LaneId(pub(super) u32);

/// A channel that is opened again when it is lost.
pub(crate) struct Lane<P: Protocol> {
    pub(super) life: Life,
    pub(super) purpose: Purpose<P>,
    /// What is declared on the channel before it is used.
    pub(super) setup: Topology<P>,
    pub(super) backoff: Simple,
    /// Whether the lane was open once.
    pub(super) was_open: bool,
}

/// What a lane is for.
pub(crate) enum Purpose<P: Protocol> {
    Publish(Box<Publisher<P>>),
    Consume(Box<Subscribe<P>>),
}

/// How a subscription consumes.
#[derive(Clone, Debug)]
pub(crate) struct Subscribe<P: Protocol> {
    pub(crate) consume: P::Consume,
    pub(crate) prefetch: Option<u16>,
    pub(crate) on_cancel: OnCancel,
}

/// What a subscription does when the broker cancels its consumer: the queue was deleted, or its node is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnCancel {
    /// Subscribes again, with the usual delays.
    #[default]
    SubscribeAgain,
    /// Ends.
    End,
}

#[derive(Debug)]
pub(super) enum Life {
    /// The connection is away.
    Idle,
    /// It is opened at this time.
    Delayed(Instant),
    /// Replies to these calls are due.
    Opening {
        channel: ChannelKey,
        calls: Vec<CallId>,
        consumer: Option<ConsumerId>,
    },
    Open {
        channel: ChannelKey,
        consumer: Option<ConsumerId>,
    },
    Ended(Arc<Closed>),
}

impl Life {
    pub(super) const fn channel(&self) -> Option<ChannelKey> {
        match self {
            Self::Opening { channel, .. } | Self::Open { channel, .. } => Some(*channel),
            Self::Idle | Self::Delayed(_) | Self::Ended(_) => None,
        }
    }
}

impl<P: Protocol> Lane<P> {
    /// Returns whether the lane was open once. Before that its failure is the error of opening it.
    pub(crate) const fn was_open(&self) -> bool {
        self.was_open
    }

    /// Why the lane has ended, if it has.
    pub(crate) const fn ended(&self) -> Option<&Arc<Closed>> {
        match &self.life {
            Life::Ended(reason) => Some(reason),
            _ => None,
        }
    }

    pub(super) fn publisher(&mut self) -> Option<&mut Publisher<P>> {
        match &mut self.purpose {
            Purpose::Publish(publisher) => Some(publisher),
            Purpose::Consume(_) => None,
        }
    }
}
