use crate::wire::DeliveryTag;

/// Which delivery tags of a channel can still be settled.
///
/// Tags are given out in order. An acknowledgement of several, and `basic.recover`, settle
/// deliveries whose tokens may still be around; those must not be sent again, or the server closes
/// the channel.
#[derive(Debug, Default)]
pub(super) struct Unsettled {
    /// The highest tag received.
    highest: u64,
    /// All tags up to this one are settled.
    settled: u64,
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
    pub(super) const fn contains(&self, tag: DeliveryTag) -> bool {
        self.recovering == 0 && tag.0 > self.settled
    }

    /// All deliveries up to this one are settled.
    pub(super) fn settle_up_to(&mut self, tag: DeliveryTag) {
        self.settled = self.settled.max(tag.0);
    }

    /// `basic.recover` was sent.
    pub(super) fn recover(&mut self) {
        self.recovering += 1;
    }

    /// `basic.recover` was answered; deliveries from now on are new ones.
    pub(super) fn recovered(&mut self) {
        self.recovering = self.recovering.saturating_sub(1);
        self.settled = self.highest;
    }
}
