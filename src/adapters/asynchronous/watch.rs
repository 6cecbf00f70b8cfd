use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use super::Channel;
use super::link::{Link, Owner, State};
use crate::adapters::session::{Place, Waiters};
use crate::error::{Error, Result};
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::ShortStr;

/// What a task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// Something that the server sends: the socket is read for it, past a full inbox.
    News,
    /// The end, for which nothing more is read than otherwise.
    End,
}

/// Waits until `look` finds something in what the connection as a whole is.
pub(super) async fn change<T, P: Protocol>(
    link: &Link<P>,
    what: For,
    look: impl FnMut(&mut State<P>) -> Option<T>,
) -> T {
    wait((link, what), |state| Some(&mut state.session.changes), look).await
}

/// Waits until `look` finds something, which is looked at whenever the tasks among `waiters` are
/// woken. Where there are none any more, `look` has to find something.
pub(super) fn wait<T, P: Protocol>(
    (link, what): (&Link<P>, For),
    mut waiters: impl FnMut(&mut State<P>) -> Option<&mut Waiters>,
    mut look: impl FnMut(&mut State<P>) -> Option<T>,
) -> impl Future<Output = T> {
    let mut guard = Leaving {
        place: Place::default(),
        leave: move |place: &mut Place, waker: Option<&std::task::Waker>| {
            link.with(|state| {
                let waiters = waiters(state);
                match (waiters, waker) {
                    (Some(waiters), Some(waker)) if what == For::News => {
                        waiters.wait_for_news(place, waker);
                        // It may stand behind what is not read.
                        state.attention |= state.session.is_full();
                    }
                    (Some(waiters), Some(waker)) => _ = waiters.wait(place, waker, None),
                    (Some(waiters), None) => waiters.leave(place),
                    (None, _) => {}
                }
            });
        },
    };
    poll_fn(move |cx| {
        // Registered first: what happens in between is seen or wakes.
        (guard.leave)(&mut guard.place, Some(cx.waker()));
        match link.with(&mut look) {
            Some(found) => Poll::Ready(found),
            None => Poll::Pending,
        }
    })
}

/// Gives up the place of a task that waits no longer.
struct Leaving<F: FnMut(&mut Place, Option<&std::task::Waker>)> {
    place: Place,
    leave: F,
}

impl<F: FnMut(&mut Place, Option<&std::task::Waker>)> Drop for Leaving<F> {
    fn drop(&mut self) {
        (self.leave)(&mut self.place, None);
    }
}

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
            |state| match state.core.channel(key) {
                // A channel that is closing may still change; its end wakes this.
                Ok(channel) => {
                    let active = channel.flow();
                    (last != Some(active)).then_some(Ok(active))
                }
                Err(error) => Some(Err(error)),
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
            if let Some(reason) = state.core.closed() {
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
