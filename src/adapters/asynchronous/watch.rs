use std::fmt;
use std::sync::Arc;

use super::Channel;
use super::link::Owner;
use super::wait::{For, change, wait};
use crate::error::{Error, Result};
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::ShortStr;

/// Whether content may be sent on a channel: the state now, and then each change.
///
/// Of changes that come faster than they are asked for only the last one is seen.
pub struct FlowChanges<P: Protocol = Selected> {
    channel: Channel<P>,
    last: Option<bool>,
}

impl<P: Protocol> FlowChanges<P> {
    pub(super) const fn new(channel: Channel<P>) -> Self {
        let last = None;
        Self { channel, last }
    }

    /// Whether the server lets content through: at once the first time, then when it changes.
    ///
    /// # Errors
    /// When the channel is closed; the error is the reason.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn next(&mut self) -> Result<bool> {
        let (key, last) = (self.channel.key(), self.last);
        let active = wait(
            (self.channel.link(), For::News),
            |state| state.session.channel_changes(key),
            |state| {
                // Where a close is not confirmed, the channel may go later without a word.
                if let Some(reason) = state.over(key) {
                    return Some(Err(reason.into()));
                }
                match state.core.channel(key) {
                    // A channel that is closing may still change; its end wakes this.
                    Ok(channel) => {
                        let active = channel.flow();
                        (last != Some(active)).then_some(Ok(active))
                    }
                    Err(error) => Some(Err(error)),
                }
            },
        )
        .await?;
        self.last = Some(active);
        Ok(active)
    }
}

impl<P: Protocol> fmt::Debug for FlowChanges<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowChanges")
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

impl<P: Protocol> Channel<P> {
    /// Whether the server lets content through, now and whenever that changes.
    #[must_use]
    pub fn flow_changes(&self) -> FlowChanges<P> {
        FlowChanges::new(self.clone())
    }
}

/// Whether a connection accepts messages: the state now, and then each change.
///
/// Of changes that come faster than they are asked for only the last one is seen.
pub struct BlockedChanges<P: Protocol = Selected> {
    owner: Arc<Owner<P>>,
    last: Option<Option<ShortStr>>,
}

impl<P: Protocol> BlockedChanges<P> {
    pub(super) fn new(owner: &Arc<Owner<P>>) -> Self {
        let owner = owner.clone();
        Self { owner, last: None }
    }

    /// Why the server accepts no messages, or none while it does: at once the first time, then when
    /// it changes.
    ///
    /// # Errors
    /// When the connection is closed; the error is the reason.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn next(&mut self) -> Result<Option<ShortStr>> {
        let last = &self.last;
        let blocked = change(&self.owner.0, For::News, |state| {
            if let Some(reason) = state.closed() {
                return Some(Err(Error::from(reason.clone())));
            }
            let blocked = state.core.blocked().cloned();
            (last.as_ref() != Some(&blocked)).then_some(Ok(blocked))
        })
        .await?;
        self.last = Some(blocked.clone());
        Ok(blocked)
    }
}

impl<P: Protocol> fmt::Debug for BlockedChanges<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockedChanges").finish_non_exhaustive()
    }
}
