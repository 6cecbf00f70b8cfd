//! Channels and deliveries by their keys.

use std::sync::Arc;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use super::calls::Effect;
use super::channel::ChannelMut;
use super::event::Settled;
use super::ids::{CallId, ChannelKey, DeliveryToken};
use super::{Connection, Phase};
use crate::error::{Closed, Error, Misuse};
use crate::protocol::{Confirming, Protocol};

impl<P: Protocol> Connection<P> {
    /// Opens a channel with the lowest free number.
    ///
    /// It can be used at once: what is sent before the server answered is handled after.
    ///
    /// # Errors
    /// When the connection is not open or all numbers are in use.
    pub fn open_channel(&mut self, now: Instant) -> Result<(ChannelKey, CallId), Error> {
        self.check_open()?;
        let channel_max = self.shared.tuning.channel_max;
        let Some(channel) = self.channels.open(channel_max) else {
            return Err(Misuse::NoFreeChannels { channel_max }.into());
        };
        let method = P::channel_open();
        let call = channel.call(&method, Effect::ChannelOpen, &mut self.shared, now);
        Ok((channel.key, call))
    }

    /// An open channel, to send on.
    ///
    /// # Errors
    /// When the channel or the connection is closed; the error is the reason.
    #[inline]
    pub fn channel(&mut self, key: ChannelKey) -> Result<ChannelMut<'_, P>, Error> {
        let Self {
            phase,
            channels,
            shared,
            predecessor,
            ..
        } = self;
        match channels.get(key) {
            Ok(channel) => Ok(ChannelMut { channel, shared }),
            Err(reason) => {
                let reason = reason.or_else(|| predecessor.clone());
                Err(phase.why_no_channel(reason))
            }
        }
    }

    /// The highest tag of a channel up to which all deliveries are settled.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(crate) fn settled(&mut self, key: ChannelKey) -> Arc<AtomicU64> {
        let channel = self.channels.find(key);
        channel.map_or_else(Arc::default, |channel| channel.settled().clone())
    }

    /// Why a channel is closed or closing, if it is: its own reason, or the connection's.
    ///
    /// It is known until [`drop_channel`](Self::drop_channel).
    #[must_use]
    pub fn channel_closed(&self, key: ChannelKey) -> Option<&Arc<Closed>> {
        self.channels.reason(key).or_else(|| self.closed())
    }

    /// Whether nothing more arrives on a channel: its close is confirmed, or will not be.
    #[must_use]
    pub fn is_channel_over(&self, key: ChannelKey) -> bool {
        self.channels.is_over(key)
    }

    /// Closes a channel that is not used any more, without waiting for the answer, and forgets why it
    /// closed. To be called once for each channel, when nothing will ask about it again.
    pub fn drop_channel(&mut self, key: ChannelKey, now: Instant) {
        if matches!(self.phase, Phase::Open) {
            if let Some(channel) = self.channels.find(key) {
                channel.close_unwanted(&mut self.shared, now);
            }
        }
        self.channels.forget(key);
    }

    /// Acknowledges a delivery of any channel, or with `multiple` all up to it on its channel.
    ///
    /// # Errors
    /// [`Misuse::NothingToSettle`] when it came without acknowledgement; nothing is sent.
    #[inline]
    pub fn ack(&mut self, delivery: DeliveryToken, multiple: bool) -> Result<Settled, Error> {
        match self.channel(delivery.channel()) {
            Ok(mut channel) => channel.ack(delivery, multiple),
            Err(_) => gone(&delivery),
        }
    }

    /// Refuses a delivery of any channel: back to its queue with `requeue`, else discarded or
    /// dead-lettered.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(&mut self, delivery: DeliveryToken, requeue: bool) -> Result<Settled, Error> {
        match self.channel(delivery.channel()) {
            Ok(mut channel) => channel.reject(delivery, requeue),
            Err(_) => gone(&delivery),
        }
    }
}

impl<P: Confirming> Connection<P> {
    /// Refuses a delivery of any channel, or with `multiple` all up to it on its channel.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack(
        &mut self,
        delivery: DeliveryToken,
        multiple: bool,
        requeue: bool,
    ) -> Result<Settled, Error> {
        match self.channel(delivery.channel()) {
            Ok(mut channel) => channel.nack(delivery, multiple, requeue),
            Err(_) => gone(&delivery),
        }
    }
}

/// Settles a delivery whose channel is gone.
fn gone(delivery: &DeliveryToken) -> Result<Settled, Error> {
    if delivery.no_ack {
        return Err(Misuse::NothingToSettle.into());
    }
    Ok(Settled::Stale)
}

impl Phase {
    /// Why there is no channel, which closed for its own `reason` if it has one.
    #[cold]
    fn why_no_channel(&self, reason: Option<Arc<Closed>>) -> Error {
        match (reason, self) {
            (Some(own), _) => own.into(),
            (None, Self::Handshake { .. }) => Misuse::NotOpen.into(),
            (None, Self::Open) => Misuse::UnknownChannel.into(),
            (None, Self::Closing { reason, .. } | Self::Closed { reason, .. }) => {
                reason.clone().into()
            }
        }
    }
}
