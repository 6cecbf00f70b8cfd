//! Received messages, which all adapters hand out alike.
//!
//! Programs name the adapter's own alias, such as `blocking::Delivery`; what can be done with a message
//! is described here once.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

use crate::connection::{Delivery as CoreDelivery, DeliveryToken, Settled};
use crate::error::Result;
use crate::protocol::{Confirming, Protocol};
use crate::wire::DecodeError;

/// A channel on which deliveries can be settled.
pub trait Settle {
    /// The version spoken.
    type Spec: Protocol;

    /// Acknowledges a delivery, or with `multiple` all up to it.
    ///
    /// # Errors
    /// [`Misuse::NothingToSettle`](crate::error::Misuse::NothingToSettle) when it came without
    /// acknowledgement.
    fn ack(&self, delivery: DeliveryToken, multiple: bool) -> Result<Settled>;

    /// Refuses a delivery: back to its queue with `requeue`, else discarded or dead-lettered.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    fn reject(&self, delivery: DeliveryToken, requeue: bool) -> Result<Settled>;

    /// Refuses a delivery, or with `multiple` all up to it.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    fn nack(&self, delivery: DeliveryToken, multiple: bool, requeue: bool) -> Result<Settled>
    where
        Self::Spec: Confirming;
}

/// A message that a consumer got or `basic.get` fetched.
///
/// Acknowledging it takes it, so that it cannot be done twice. A delivery that is dropped without
/// stays with its channel and goes back to its queue when the channel closes.
pub struct Delivery<C: Settle> {
    message: CoreDelivery<C::Spec>,
    channel: C,
}

impl<C: Settle> Delivery<C> {
    #[inline]
    pub(super) const fn new(message: CoreDelivery<C::Spec>, channel: C) -> Self {
        Self { message, channel }
    }

    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(super) fn into_core(self) -> CoreDelivery<C::Spec> {
        self.message
    }

    /// The same message on another handle of its channel.
    #[cfg(feature = "blocking")]
    #[inline]
    pub(super) fn on<D: Settle<Spec = C::Spec>>(self, other: impl FnOnce(C) -> D) -> Delivery<D> {
        let Self { message, channel } = self;
        Delivery::new(message, other(channel))
    }

    /// The body.
    #[must_use]
    #[inline]
    pub fn body(&self) -> &[u8] {
        self.message.content().body()
    }

    /// The body in memory that is shared with this, to be kept or handed on without copying it.
    ///
    /// It may be a slice of a read buffer, which lives as long; see
    /// [`Content::shared_body`](crate::connection::Content::shared_body).
    #[must_use]
    pub fn shared_body(&self) -> Bytes {
        self.message.content().shared_body()
    }

    /// A copy of the body in memory of its own, to be kept for long.
    ///
    /// A kept delivery, or its [`shared_body`](Self::shared_body), may hold a whole read buffer; this
    /// holds nothing else.
    #[must_use]
    pub fn owned_body(&self) -> Bytes {
        self.message.content().owned_body()
    }

    /// Reads the properties.
    ///
    /// # Errors
    /// When the publisher sent a malformed list; the delivery can be settled all the same.
    pub fn properties(&self) -> Result<<C::Spec as Protocol>::BasicProperties, DecodeError> {
        self.message.content().properties()
    }

    /// The channel that it came on.
    #[must_use]
    pub const fn channel(&self) -> &C {
        &self.channel
    }

    /// Acknowledges the message.
    ///
    /// Where its channel or connection is gone, or it was settled before, nothing is sent: that is
    /// [`Settled::Stale`] and no error, since the server has put the message back or knows already.
    ///
    /// # Errors
    /// [`Misuse::NothingToSettle`](crate::error::Misuse::NothingToSettle) when it was delivered
    /// without acknowledgement (`no_ack`).
    #[inline]
    pub fn ack(self) -> Result<Settled> {
        self.channel.ack(self.message.into_token(), false)
    }

    /// Acknowledges this message and all before it on the channel.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn ack_all(self) -> Result<Settled> {
        self.channel.ack(self.message.into_token(), true)
    }

    /// Refuses the message: back to its queue with `requeue`, else discarded or dead-lettered.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(self, requeue: bool) -> Result<Settled> {
        self.channel.reject(self.message.into_token(), requeue)
    }

    /// The right to settle it, without the message.
    #[must_use]
    pub fn into_token(self) -> DeliveryToken {
        self.message.into_token()
    }
}

impl<C: Settle<Spec: Confirming>> Delivery<C> {
    /// Refuses the message, as [`reject`](Self::reject) does with another method.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack(self, requeue: bool) -> Result<Settled> {
        self.channel.nack(self.message.into_token(), false, requeue)
    }

    /// Refuses this message and all before it on the channel.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack_all(self, requeue: bool) -> Result<Settled> {
        self.channel.nack(self.message.into_token(), true, requeue)
    }
}

impl<C: Settle> Deref for Delivery<C> {
    type Target = CoreDelivery<C::Spec>;

    fn deref(&self) -> &Self::Target {
        &self.message
    }
}

impl<C: Settle> fmt::Debug for Delivery<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}

/// Lets deliveries be settled on a channel that has these methods of its own.
macro_rules! settle {
    ($channel:ident) => {
        impl<P: $crate::protocol::Protocol> $crate::adapters::delivery::Settle for $channel<P> {
            type Spec = P;

            #[inline]
            fn ack(
                &self,
                delivery: DeliveryToken,
                multiple: bool,
            ) -> Result<$crate::connection::Settled> {
                self.ack(delivery, multiple)
            }

            fn reject(
                &self,
                delivery: DeliveryToken,
                requeue: bool,
            ) -> Result<$crate::connection::Settled> {
                self.reject(delivery, requeue)
            }

            fn nack(
                &self,
                delivery: DeliveryToken,
                multiple: bool,
                requeue: bool,
            ) -> Result<$crate::connection::Settled>
            where
                P: $crate::protocol::Confirming,
            {
                self.nack(delivery, multiple, requeue)
            }
        }
    };
}

pub(super) use settle;
