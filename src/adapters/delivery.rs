use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

use crate::connection::{Delivery as CoreDelivery, DeliveryToken};
use crate::error::Result;
use crate::protocol::{Confirming, Protocol};
use crate::wire::DecodeError;

/// A channel that settles deliveries at once, without waiting for anything.
pub trait Settles<P: Protocol> {
    /// Acknowledges a delivery, or with `multiple` all up to it.
    ///
    /// # Errors
    /// When the channel is closed or the delivery was settled with others already; nothing is sent.
    fn ack(&self, delivery: DeliveryToken, multiple: bool) -> Result<()>;

    /// Refuses a delivery: back to its queue with `requeue`, else discarded or dead-lettered.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    fn reject(&self, delivery: DeliveryToken, requeue: bool) -> Result<()>;

    /// Refuses a delivery, or with `multiple` all up to it.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    fn nack(&self, delivery: DeliveryToken, multiple: bool, requeue: bool) -> Result<()>
    where
        P: Confirming;
}

/// A message that a consumer got or `get` fetched, and the channel that it came on.
///
/// Acknowledging it takes it, so that it cannot be done twice. A delivery that is dropped without
/// stays with its channel and goes back to its queue when the channel closes.
pub struct Delivery<P: Protocol, C> {
    message: CoreDelivery<P>,
    channel: C,
}

impl<P: Protocol, C: Settles<P>> Delivery<P, C> {
    pub(super) const fn new(message: CoreDelivery<P>, channel: C) -> Self {
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
    pub const fn channel(&self) -> &C {
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

    /// Refuses this message and all before it on the channel.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack_all(self, requeue: bool) -> Result<()>
    where
        P: Confirming,
    {
        let (token, channel) = self.into_parts();
        channel.nack(token, true, requeue)
    }

    /// The right to settle it, without the message.
    #[must_use]
    pub fn into_token(self) -> DeliveryToken {
        self.message.into_token()
    }

    fn into_parts(self) -> (DeliveryToken, C) {
        (self.message.into_token(), self.channel)
    }
}

impl<P: Protocol, C> Deref for Delivery<P, C> {
    type Target = CoreDelivery<P>;

    fn deref(&self) -> &CoreDelivery<P> {
        &self.message
    }
}

impl<P: Protocol, C> fmt::Debug for Delivery<P, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}
