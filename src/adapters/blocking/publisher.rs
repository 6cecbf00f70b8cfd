use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Confirm;
use super::wait::{block_on, finish, sent};
use crate::adapters::asynchronous;
use crate::adapters::asynchronous::link::Link;
use crate::adapters::settings::{publisher_settings, settings};
use crate::connection::{Message, Publishable};
#[cfg(doc)]
use crate::error::{Error, Misuse};
use crate::error::{Refused, Result};
use crate::protocol::{Confirming, Protocol};
use crate::recovery::{Resend, Topology, Unresolved};
use crate::versions::Selected;
use crate::wire::ShortStr;

#[cfg(doc)]
use super::Connection;

/// A publisher that is about to begin; see [`Connection::publisher`].
#[must_use = "a publisher begins when it is opened"]
pub struct PublisherBuilder<P: Protocol = Selected> {
    inner: asynchronous::PublisherBuilder<P>,
    link: Arc<Link<P>>,
}

impl<P: Confirming> PublisherBuilder<P> {
    pub(super) const fn new(inner: asynchronous::PublisherBuilder<P>, link: Arc<Link<P>>) -> Self {
        Self { inner, link }
    }

    settings! {
        /// Sets how long `publish` waits for room in the window. Default:
        /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout), 30 s. `None` waits without limit.
        deadline(time: impl Into<Option<Duration>>);
    }

    publisher_settings! {}

    /// Opens the publisher. While the connection is away it waits.
    ///
    /// # Errors
    /// [`Misuse::NoRecovery`] without recovery; why the broker refuses; when the connection has stopped.
    pub fn open(self) -> Result<Publisher<P>> {
        let inner = block_on(&self.link, self.inner.open())?;
        let link = self.link;
        Ok(Publisher { inner, link })
    }
}

impl<P: Protocol> fmt::Debug for PublisherBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// A publisher that goes on after reconnects, and loses no message that it accepted.
///
/// [`publish`](Self::publish) accepts a message into a bounded ledger, where it stays until its outcome is known.
/// What was sent and not confirmed when the transport was lost is sent again, in order. The
/// [`Confirm`] of each message resolves exactly once.
///
/// Clones are the same publisher. Messages of one clone are sent in the order in which `publish` accepted them.
/// When the last handle is dropped, confirms counted, messages without an outcome are dropped too;
/// [`close`](Self::close) waits for them.
pub struct Publisher<P: Protocol = Selected> {
    inner: asynchronous::Publisher<P>,
    link: Arc<Link<P>>,
}

impl<P: Confirming> Publisher<P> {
    /// Publishes a message, to learn later what became of it.
    ///
    /// It returns as soon as the message is accepted, also while the connection is away or blocked. While the
    /// ledger is full it waits, up to [`PublisherBuilder::deadline`].
    ///
    /// # Errors
    /// The message comes back with the reason: the publisher has ended, no room came in time, or the message can
    /// never be sent.
    #[allow(
        clippy::result_large_err,
        reason = "the message comes back without an allocation"
    )]
    pub fn publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<Confirm<P>, Refused<Message<'b, P>>> {
        let message = message.into_message();
        let accepting = self
            .inner
            .accept(exchange.into(), routing_key.into(), &message);
        let accepted = finish(&self.link, accepting);
        match accepted {
            Ok(confirm) => Ok(Confirm::new(confirm)),
            Err(error) => Err(Refused::new(error, message)),
        }
    }

    /// Publishes a message, or returns it at once while the ledger is full.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`] while the ledger is full; and as for [`publish`](Self::publish).
    #[allow(
        clippy::result_large_err,
        reason = "the message comes back without an allocation"
    )]
    pub fn try_publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<Confirm<P>, Refused<Message<'b, P>>> {
        let confirm = self.inner.try_publish(exchange, routing_key, message)?;
        sent(&self.link);
        Ok(Confirm::new(confirm))
    }

    /// Waits until the outcome of every message that was accepted so far is known. Outcomes are reported by the
    /// [`Confirm`]s.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when some are not known after `timeout`; [`unresolved`](Self::unresolved) counts them.
    pub fn flush(&self, timeout: Duration) -> Result<()> {
        block_on(&self.link, self.inner.flush(timeout))
    }

    /// Waits for all outcomes as [`flush`](Self::flush) does, and ends the publisher.
    ///
    /// # Errors
    /// As for [`flush`](Self::flush). The publisher has not ended then: call
    /// [`take_unresolved`](Self::take_unresolved) for what has no outcome.
    pub fn close(&self, timeout: Duration) -> Result<()> {
        block_on(&self.link, self.inner.close(timeout))
    }

    /// Ends the publisher, and returns the messages that have no outcome, in order. Their [`Confirm`]s resolve as
    /// lost; the broker may have got some of them.
    ///
    /// After the connection has stopped it returns what was lost with it.
    #[must_use]
    pub fn take_unresolved(&self) -> Vec<Unresolved<P>> {
        self.inner.take_unresolved()
    }

    /// Returns how many messages have no outcome.
    #[must_use]
    pub fn unresolved(&self) -> usize {
        self.inner.unresolved()
    }
}

impl<P: Protocol> Clone for Publisher<P> {
    fn clone(&self) -> Self {
        let (inner, link) = (self.inner.clone(), self.link.clone());
        Self { inner, link }
    }
}

impl<P: Protocol> fmt::Debug for Publisher<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
