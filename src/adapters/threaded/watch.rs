use std::fmt;
use std::time::Duration;

use super::wait::block_on;
use super::{asynchronous, within};
use crate::error::Result;
use crate::protocol::Protocol;
use crate::wire::ShortStr;

/// Whether content may be sent on a channel: the state now, and then each change.
///
/// Of changes that come faster than they are asked for only the last one is seen.
pub struct FlowChanges<P: Protocol>(asynchronous::FlowChanges<P>);

impl<P: Protocol> FlowChanges<P> {
    pub(super) const fn new(inner: asynchronous::FlowChanges<P>) -> Self {
        Self(inner)
    }

    /// Whether the server lets content through: at once the first time, then when it changes.
    ///
    /// # Errors
    /// When the channel is closed; the error is the reason.
    #[allow(
        clippy::should_implement_trait,
        reason = "the name it has in all styles"
    )]
    pub fn next(&mut self) -> Result<bool> {
        block_on(self.0.next())
    }

    /// As [`next`](Self::next), waiting no longer than `timeout`; none when nothing changed.
    ///
    /// # Errors
    /// When the channel is closed; the error is the reason.
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<bool>> {
        within(self.0.next(), timeout).transpose()
    }
}

impl<P: Protocol> fmt::Debug for FlowChanges<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a connection accepts messages: the state now, and then each change.
///
/// Of changes that come faster than they are asked for only the last one is seen.
pub struct BlockedChanges<P: Protocol>(asynchronous::BlockedChanges<P>);

impl<P: Protocol> BlockedChanges<P> {
    pub(super) const fn new(inner: asynchronous::BlockedChanges<P>) -> Self {
        Self(inner)
    }

    /// Why the server accepts no messages, or none while it does: at once the first time, then when
    /// it changes.
    ///
    /// # Errors
    /// When the connection is closed; the error is the reason.
    #[allow(
        clippy::should_implement_trait,
        reason = "the name it has in all styles"
    )]
    pub fn next(&mut self) -> Result<Option<ShortStr>> {
        block_on(self.0.next())
    }

    /// As [`next`](Self::next), waiting no longer than `timeout`; none when nothing changed.
    ///
    /// # Errors
    /// When the connection is closed; the error is the reason.
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<Option<ShortStr>>> {
        within(self.0.next(), timeout).transpose()
    }
}

impl<P: Protocol> fmt::Debug for BlockedChanges<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
