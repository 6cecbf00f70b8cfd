use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::wait::{block_on, patiently_within};
use super::{Connection, PublisherBuilder, SubscriptionBuilder};
use crate::adapters::asynchronous;
use crate::adapters::asynchronous::link::Link;
use crate::error::Result;
#[cfg(doc)]
use crate::error::{Error, Misuse};
use crate::protocol::{Confirming, Protocol};
use crate::recovery::{KeptTopology, Status, Topology};
use crate::versions::Selected;

#[cfg(doc)]
use super::{Publisher, Subscription};

impl<P: Protocol> Connection<P> {
    /// Returns whether the connection can be used, and if not, why.
    ///
    /// A readiness probe reports whether it is [`Status::Open`]; a liveness probe fails on
    /// [`Status::Stopped`].
    #[must_use]
    pub fn status(&self) -> Status {
        self.look();
        self.inner.status()
    }

    /// Returns the status of the connection as it is now and whenever it changes.
    #[must_use]
    pub fn status_changes(&self) -> StatusChanges<P> {
        StatusChanges {
            inner: self.inner.status_changes(),
            link: self.inner.link().clone(),
        }
    }

    /// Connects now instead of waiting for the next attempt. Does nothing unless the connection is
    /// [`Status::Away`] and waits.
    pub fn reconnect(&self) {
        self.inner.reconnect();
    }

    /// Declares a topology now and after every reconnect, before anything is sent or consumed.
    ///
    /// All steps are sent at once and answered together. While the connection is away it waits. A refusal is
    /// the error, and nothing is kept then; steps before the refused one have been done. What happens when a
    /// later declaration is refused is up to [`KeptTopology::on_refused`].
    ///
    /// # Errors
    /// [`Misuse::NoRecovery`] without recovery; the reason of the broker for the first step that it refuses;
    /// when the connection has stopped.
    pub fn keep(&self, topology: impl Into<KeptTopology<P>>) -> Result<()> {
        block_on(self.inner.link(), self.inner.keep(topology))
    }

    /// Declares a topology once, and returns the replies of the broker in its order. It needs no recovery.
    ///
    /// All steps are sent at once, on a channel of their own, so this takes one round trip whatever the size.
    ///
    /// # Errors
    /// The reason of the broker for the first step that it refuses; steps before that have been done. When the
    /// connection is closed.
    pub fn declare(&self, topology: &Topology<P>) -> Result<Vec<P::Method>> {
        block_on(self.inner.link(), self.inner.declare(topology))
    }

    /// Ends the connection gracefully: stops all subscriptions, waits until the deliveries in hand are settled or
    /// dropped, waits for the outcomes of all publishers, and closes the connection.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when work in hand or publishes were left after `timeout`; the connection is closed all
    /// the same. As for [`close`](Self::close).
    pub fn shutdown(&self, timeout: Duration) -> Result<()> {
        block_on(self.inner.link(), self.inner.shutdown(timeout))
    }

    /// Prepares a consumer that goes on after reconnects; see [`Subscription`].
    pub fn subscribe(&self, consume: P::Consume) -> SubscriptionBuilder<P> {
        SubscriptionBuilder::new(self.inner.subscribe(consume), self.inner.link().clone())
    }

    /// Prepares a publisher that goes on after reconnects; see [`Publisher`].
    pub fn publisher(&self) -> PublisherBuilder<P>
    where
        P: Confirming,
    {
        PublisherBuilder::new(self.inner.publisher(), self.inner.link().clone())
    }
}

/// How a connection stands: the status now, and then each change.
///
/// Of changes that come faster than they are asked for only the last one is seen.
pub struct StatusChanges<P: Protocol = Selected> {
    inner: asynchronous::StatusChanges<P>,
    link: Arc<Link<P>>,
}

impl<P: Protocol> StatusChanges<P> {
    /// Waits for the next status no longer than `timeout`: it is there at once the first time, then when it
    /// changes. None when it did not change, and after [`Status::Stopped`].
    #[must_use]
    pub fn next_within(&mut self, timeout: Duration) -> Option<Status> {
        patiently_within(&self.link, self.inner.next(), timeout).flatten()
    }
}

impl<P: Protocol> fmt::Debug for StatusChanges<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
