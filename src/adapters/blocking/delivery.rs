use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

use super::Channel;
use crate::connection::{Delivery as CoreDelivery, DeliveryToken};
use crate::error::Result;
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::DecodeError;

/// A message that a consumer got or [`Channel::get`] fetched.
///
/// Acknowledging it takes it, so that it cannot be done twice. A delivery that is dropped without
/// stays with this channel and goes back to its queue when the channel closes.
pub struct Delivery<P: Protocol = Selected> {
    message: CoreDelivery<P>,
    channel: Channel<P>,
}

impl<P: Protocol> Delivery<P> {
    pub(super) const fn new(message: CoreDelivery<P>, channel: Channel<P>) -> Self {
        Self { message, channel }
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        self.message.content().body()
    }

    /// Reads the properties.
    ///
    /// # Errors
    /// When the publisher sent a malformed list; the delivery can be settled all the same.
    pub fn properties(&self) -> Result<P::BasicProperties, DecodeError> {
        self.message.content().properties()
    }

    /// The channel that it came on.
    #[must_use]
    pub const fn channel(&self) -> &Channel<P> {
        &self.channel
    }

    /// Tells the server that the message is dealt with.
    ///
    /// # Errors
    /// When the channel is closed or the delivery was settled with others already; nothing is sent.
    pub fn ack(self) -> Result<()> {
        let (token, channel) = self.into_parts();
        channel.ack(token, false)
    }

    /// Tells the server that this message and all before it on the channel are dealt with.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn ack_all(self) -> Result<()> {
        let (token, channel) = self.into_parts();
        channel.ack(token, true)
    }

    /// Refuses the message: back to its queue with `requeue`, else discarded or dead-lettered.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(self, requeue: bool) -> Result<()> {
        let (token, channel) = self.into_parts();
        channel.reject(token, requeue)
    }

    /// The right to settle it, without the message.
    #[must_use]
    pub fn into_token(self) -> DeliveryToken {
        self.message.into_token()
    }

    fn into_parts(self) -> (DeliveryToken, Channel<P>) {
        (self.message.into_token(), self.channel)
    }
}

impl<P: Confirming> Delivery<P> {
    /// Refuses this message and all before it on the channel.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack_all(self, requeue: bool) -> Result<()> {
        let (token, channel) = self.into_parts();
        channel.nack(token, true, requeue)
    }
}

impl<P: Protocol> Deref for Delivery<P> {
    type Target = CoreDelivery<P>;

    fn deref(&self) -> &CoreDelivery<P> {
        &self.message
    }
}

impl<P: Protocol> fmt::Debug for Delivery<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}
