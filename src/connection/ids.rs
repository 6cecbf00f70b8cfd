use core::fmt;

use crate::wire::{ChannelId, DeliveryTag};

/// One life of a channel: its number, and which of the channels it is that had this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelKey {
    pub(super) id: ChannelId,
    pub(super) epoch: u32,
}

impl ChannelKey {
    /// The connection itself.
    pub(crate) const CONNECTION: Self = Self {
        id: ChannelId::CONNECTION,
        epoch: 0,
    };

    /// The channel number.
    #[must_use]
    pub const fn id(self) -> ChannelId {
        self.id
    }
}

impl fmt::Display for ChannelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

/// One call, to be matched with its [`Event::Reply`](super::Event::Reply).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId {
    pub(super) channel: ChannelKey,
    pub(super) number: u64,
}

impl CallId {
    /// The channel that the call was made on.
    #[must_use]
    pub const fn channel(self) -> ChannelKey {
        self.channel
    }
}

/// One consumer of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConsumerId(pub(super) u32);

/// Numbers the messages published on a channel since confirms were turned on, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublishSeq(pub u64);

impl fmt::Display for PublishSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A place in the queue of those that wait until they may send, or until publishes are confirmed.
///
/// It is a place and a deadline, never a reservation. [`Event::TicketReady`](super::Event::TicketReady) says that its holder
/// should ask again with the same ticket, because what it waits for may have come, or its time is
/// over. Whether sending is permitted is decided anew each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    pub(super) number: u64,
    /// The channel whose confirms it waits for, if it does.
    pub(super) confirms_of: Option<ChannelKey>,
}

/// The right to settle one delivery, once.
///
/// It cannot be copied, and settling it takes it. It says which life of which channel of which
/// connection it belongs to, so one that outlived them is refused instead of being sent where its
/// number means another message.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct DeliveryToken {
    pub(super) connection: u64,
    pub(super) tag: DeliveryTag,
    // The channel's key, whose padding would be wasted in every message.
    epoch: u32,
    id: ChannelId,
    /// The server has forgotten the message already.
    pub(super) no_ack: bool,
}

impl DeliveryToken {
    /// Whether it was settled with others, where all up to the tag `settled` are.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    #[inline]
    pub(crate) const fn is_settled(&self, settled: u64) -> bool {
        !self.no_ack && self.tag.0 <= settled
    }

    pub(super) const fn new(
        connection: u64,
        channel: ChannelKey,
        tag: DeliveryTag,
        no_ack: bool,
    ) -> Self {
        Self {
            connection,
            tag,
            epoch: channel.epoch,
            id: channel.id,
            no_ack,
        }
    }

    /// The number of the delivery on its channel.
    #[must_use]
    pub const fn tag(&self) -> DeliveryTag {
        self.tag
    }

    /// The channel that the delivery came on.
    #[must_use]
    pub const fn channel(&self) -> ChannelKey {
        ChannelKey {
            id: self.id,
            epoch: self.epoch,
        }
    }
}
