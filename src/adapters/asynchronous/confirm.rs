use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Channel;
use crate::connection::{Outcome, PublishSeq};
use crate::protocol::Protocol;

/// What became of one publish in confirm mode, as a future.
///
/// It always resolves: acknowledged, refused, returned, or lost with the reason. How long a server
/// takes is its own affair, so there is no deadline here; put one around it if one is needed. Asked
/// again, it gives the same outcome again.
///
/// # Cancel safety
/// Dropping it costs nothing. What goes wrong is then told by
/// [`Channel::wait_for_confirms`].
#[must_use = "only the outcome tells whether the server has the message"]
pub struct Confirm<P: Protocol> {
    channel: Channel<P>,
    seq: PublishSeq,
    /// The outcome, once it was given.
    known: Option<Outcome>,
}

impl<P: Protocol> Confirm<P> {
    pub(super) const fn new(channel: Channel<P>, seq: PublishSeq) -> Self {
        let known = None;
        Self {
            channel,
            seq,
            known,
        }
    }

    /// The number of the publish on its channel.
    #[must_use]
    pub const fn seq(&self) -> PublishSeq {
        self.seq
    }
}

impl<P: Protocol> Future for Confirm<P> {
    type Output = Outcome;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let (key, seq) = (self.channel.key(), self.seq);
        if let Some(known) = &self.known {
            return Poll::Ready(known.clone());
        }
        let outcome = if self.channel.progress().is_acked(seq) {
            Some(Outcome::Acked)
        } else {
            let waker = Some(cx.waker());
            self.channel.link().with(|state| {
                // The driver reads on for this.
                state.attention |= state.session.is_full();
                state.session.outcome((key, seq), waker)
            })
        };
        self.known.clone_from(&outcome);
        outcome.map_or(Poll::Pending, Poll::Ready)
    }
}

impl<P: Protocol> Drop for Confirm<P> {
    fn drop(&mut self) {
        let (key, seq) = (self.channel.key(), self.seq);
        if self.known.is_none() && !self.channel.progress().is_acked(seq) {
            self.channel
                .link()
                .with(|state| state.session.forget_publish(key, seq));
        }
    }
}

impl<P: Protocol> fmt::Debug for Confirm<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Confirm").field(&self.seq.0).finish()
    }
}
