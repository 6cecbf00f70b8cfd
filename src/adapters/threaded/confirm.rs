use std::fmt;
use std::time::Duration;

use super::asynchronous;
use super::wait::{block_on, now};
use super::within;
use crate::connection::{Outcome, PublishSeq};
use crate::protocol::Protocol;

#[cfg(doc)]
use super::Channel;

/// What will become of one publish in confirm mode.
///
/// It always turns out: acknowledged, refused, returned, or lost with the reason. Dropping it costs
/// nothing; what goes wrong is then told by [`Channel::wait_for_confirms`].
#[must_use = "only the outcome tells whether the server has the message"]
pub struct Confirm<P: Protocol>(asynchronous::Confirm<P>);

impl<P: Protocol> Confirm<P> {
    pub(super) const fn new(inner: asynchronous::Confirm<P>) -> Self {
        Self(inner)
    }

    /// The number of the publish on its channel.
    #[must_use]
    pub const fn seq(&self) -> PublishSeq {
        self.0.seq()
    }

    /// Waits until it is known what became of the publish. How long a server takes is its own
    /// affair, so there is no limit.
    #[must_use]
    pub fn wait(mut self) -> Outcome {
        match now(&mut self.0) {
            Some(outcome) => outcome,
            None => block_on(&mut self.0),
        }
    }

    /// Waits no longer than `timeout`; none when nothing is known by then.
    #[must_use]
    pub fn wait_timeout(&mut self, timeout: Duration) -> Option<Outcome> {
        within(&mut self.0, timeout)
    }
}

impl<P: Protocol> fmt::Debug for Confirm<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
