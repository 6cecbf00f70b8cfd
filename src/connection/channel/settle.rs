use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Channel;
use crate::connection::event::Settled;
use crate::connection::ids::DeliveryToken;
use crate::connection::shared::Shared;
use crate::error::Misuse;
use crate::protocol::{Confirming, Protocol};
use crate::wire::DeliveryTag;

impl<P: Protocol> Channel<P> {
    /// Acknowledges a delivery, or with `multiple` all up to it.
    #[inline]
    pub(in crate::connection) fn ack(
        &mut self,
        delivery: DeliveryToken,
        multiple: bool,
        shared: &mut Shared<P>,
    ) -> Result<Settled, Misuse> {
        let Some(tag) = self.settle(delivery, multiple, shared)? else {
            return Ok(Settled::Stale);
        };
        shared.output.method(self.key.id, &P::ack(tag, multiple));
        Ok(Settled::Queued)
    }

    /// Refuses a delivery.
    pub(in crate::connection) fn reject(
        &mut self,
        delivery: DeliveryToken,
        requeue: bool,
        shared: &mut Shared<P>,
    ) -> Result<Settled, Misuse> {
        let Some(tag) = self.settle(delivery, false, shared)? else {
            return Ok(Settled::Stale);
        };
        shared.output.method(self.key.id, &P::reject(tag, requeue));
        Ok(Settled::Queued)
    }

    /// Refuses a delivery, or with `multiple` all up to it.
    pub(in crate::connection) fn nack(
        &mut self,
        delivery: DeliveryToken,
        (multiple, requeue): (bool, bool),
        shared: &mut Shared<P>,
    ) -> Result<Settled, Misuse>
    where
        P: Confirming,
    {
        let Some(tag) = self.settle(delivery, multiple, shared)? else {
            return Ok(Settled::Stale);
        };
        let nack = P::nack(tag, multiple, requeue);
        shared.output.method(self.key.id, &nack);
        Ok(Settled::Queued)
    }

    /// The tag to settle a delivery with, unless it cannot be settled any more.
    #[inline]
    fn settle(
        &mut self,
        delivery: DeliveryToken,
        multiple: bool,
        shared: &Shared<P>,
    ) -> Result<Option<DeliveryTag>, Misuse> {
        if delivery.no_ack {
            return Err(Misuse::NothingToSettle);
        }
        let tag = delivery.tag;
        let is_ours = delivery.connection == shared.identity && delivery.channel() == self.key;
        if !is_ours || self.closed().is_some() || !self.unsettled.contains(tag) {
            return Ok(None);
        }
        if multiple {
            self.unsettled.settle_up_to(tag);
        }
        Ok(Some(tag))
    }
}

/// Which delivery tags of a channel can still be settled.
///
/// Tags are given out in order. An acknowledgement of several, and `basic.recover`, settle
/// deliveries whose tokens may still be around; those must not be sent again, or the server closes
/// the channel.
#[derive(Debug, Default)]
pub(super) struct Unsettled {
    /// The highest tag received.
    highest: u64,
    /// All tags up to this one are settled. Shared with those that keep deliveries for later.
    settled: Arc<AtomicU64>,
    /// Calls of `basic.recover` that are not answered: what was delivered before is void.
    recovering: u32,
}

impl Unsettled {
    #[inline]
    pub(super) fn delivered(&mut self, tag: DeliveryTag) {
        self.highest = self.highest.max(tag.0);
    }

    /// Whether the delivery can be settled.
    #[inline]
    pub(super) fn contains(&self, tag: DeliveryTag) -> bool {
        mutant!(
            "deliveries from before a recover can be settled",
            self.recovering == 0 && tag.0 > self.settled.load(Ordering::Relaxed),
            tag.0 > 0
        )
    }

    /// All deliveries up to this one are settled.
    ///
    /// Tag 0 means all that were delivered (AMQP 0-9-1, `basic.ack`).
    pub(super) fn settle_up_to(&mut self, tag: DeliveryTag) {
        let last = if tag.0 == 0 { self.highest } else { tag.0 };
        self.settled.fetch_max(last, Ordering::Relaxed);
    }

    /// `basic.recover` was sent.
    pub(super) fn recover(&mut self) {
        self.recovering += 1;
    }

    /// `basic.recover` was answered; deliveries from now on are new ones.
    pub(super) fn recovered(&mut self) {
        self.recovering = self.recovering.saturating_sub(1);
        self.settled.fetch_max(self.highest, Ordering::Relaxed);
    }

    /// The highest tag up to which all are settled, to be read at any time.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(super) const fn settled(&self) -> &Arc<AtomicU64> {
        &self.settled
    }
}
