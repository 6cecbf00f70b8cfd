use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::wait::{block_on, within};
use crate::adapters::asynchronous::{self, link::Link};
use crate::error::Result;
use crate::protocol::Protocol;
use crate::wire::ShortStr;

/// Whether content may be sent on a channel: the state now, and then each change.
///
/// Of changes that come faster than they are asked for only the last one is seen.
pub struct FlowChanges<P: Protocol> {
    inner: asynchronous::FlowChanges<P>,
    link: Arc<Link<P>>,
}

impl<P: Protocol> FlowChanges<P> {
    pub(super) fn new(inner: asynchronous::FlowChanges<P>, link: &Arc<Link<P>>) -> Self {
        let link = link.clone();
        Self { inner, link }
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
        block_on(&self.link, self.inner.next())
    }

    /// As [`next`](Self::next), waiting no longer than `timeout`; none when nothing changed.
    ///
    /// # Errors
    /// When the channel is closed; the error is the reason.
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<bool>> {
        within(&self.link, self.inner.next(), timeout)
    }
}

impl<P: Protocol> fmt::Debug for FlowChanges<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// Whether a connection accepts messages: the state now, and then each change.
///
/// Of changes that come faster than they are asked for only the last one is seen.
pub struct BlockedChanges<P: Protocol> {
    inner: asynchronous::BlockedChanges<P>,
    link: Arc<Link<P>>,
}

impl<P: Protocol> BlockedChanges<P> {
    pub(super) fn new(inner: asynchronous::BlockedChanges<P>, link: &Arc<Link<P>>) -> Self {
        let link = link.clone();
        Self { inner, link }
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
        block_on(&self.link, self.inner.next())
    }

    /// As [`next`](Self::next), waiting no longer than `timeout`; none when nothing changed.
    ///
    /// # Errors
    /// When the connection is closed; the error is the reason.
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<Option<ShortStr>>> {
        within(&self.link, self.inner.next(), timeout)
    }
}

impl<P: Protocol> fmt::Debug for BlockedChanges<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
