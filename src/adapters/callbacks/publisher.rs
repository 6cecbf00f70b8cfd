use std::fmt;
use std::future::IntoFuture as _;
use std::time::Duration;

use super::Then;
use super::handles::Connection;
use crate::adapters::asynchronous;
use crate::adapters::settings::publisher_settings;
use crate::connection::{ChannelKey, Message, Outcome, Publishable};
use crate::error::Refused;
#[cfg(doc)]
use crate::error::{Error, Misuse};
use crate::protocol::{Confirming, Protocol};
use crate::recovery::{Resend, Topology, Unresolved};
use crate::versions::Selected;
use crate::wire::ShortStr;

/// A publisher that is about to begin; see [`Connection::publisher`].
#[must_use = "a publisher begins when it is opened"]
pub struct PublisherBuilder<P: Protocol = Selected> {
    inner: asynchronous::PublisherBuilder<P>,
    connection: Connection<P>,
}

impl<P: Confirming> PublisherBuilder<P> {
    pub(super) const fn new(
        inner: asynchronous::PublisherBuilder<P>,
        connection: Connection<P>,
    ) -> Self {
        Self { inner, connection }
    }

    publisher_settings! {}

    /// Opens the publisher. While the connection is away it waits.
    ///
    /// Without recovery the result is [`Misuse::NoRecovery`]; else it can be why the broker refuses.
    pub fn open(self) -> Then<Publisher<P>, P> {
        let inner = self.inner;
        let opening = async move { inner.open().await };
        self.connection
            .begin(ChannelKey::CONNECTION, opening, |connection, inner| {
                let connection = connection.clone();
                Publisher { inner, connection }
            })
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
/// What was sent and not confirmed when the transport was lost is sent again, in order. The result of each
/// message comes exactly once.
///
/// Clones are the same publisher. Messages are sent in the order in which `publish` accepted them. When the last
/// handle is dropped, results that are waited for counted, messages without an outcome are dropped too;
/// [`close`](Self::close) waits for them.
pub struct Publisher<P: Protocol = Selected> {
    inner: asynchronous::Publisher<P>,
    connection: Connection<P>,
}

impl<P: Confirming> Publisher<P> {
    /// Publishes a message; its result comes when it is known what became of it.
    ///
    /// The message is accepted at once, also while the connection is away or blocked.
    ///
    /// # Errors
    /// The message comes back with the reason: [`Error::ContentForbidden`] while the ledger is full, see
    /// [`room`](Self::room); the publisher has ended; the message can never be sent.
    #[allow(
        clippy::result_large_err,
        reason = "the message comes back without an allocation"
    )]
    pub fn publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<Then<Outcome<P>, P>, Refused<Message<'b, P>>> {
        let confirm = self.inner.try_publish(exchange, routing_key, message)?;
        let outcome = async move { Ok(confirm.into_future().await) };
        let connection = &self.connection;
        Ok(connection.begin(ChannelKey::CONNECTION, outcome, |_, outcome| outcome))
    }

    /// Waits until the ledger has room for a message of this many bytes.
    pub fn room(&self, len: usize) -> Then<(), P> {
        let inner = self.inner.clone();
        let room = async move { inner.room(len).await };
        self.connection
            .begin(ChannelKey::CONNECTION, room, |_, ()| ())
    }

    /// Waits until the outcome of every message that was accepted so far is known. The result is
    /// [`Error::TimedOut`] when some are not known after `timeout`.
    pub fn flush(&self, timeout: Duration) -> Then<(), P> {
        let inner = self.inner.clone();
        let flushed = async move { inner.flush(timeout).await };
        self.connection
            .begin(ChannelKey::CONNECTION, flushed, |_, ()| ())
    }

    /// Waits for all outcomes as [`flush`](Self::flush) does, and ends the publisher. If some are not known in
    /// time, it has not ended: call [`take_unresolved`](Self::take_unresolved) for what has no outcome.
    pub fn close(&self, timeout: Duration) -> Then<(), P> {
        let inner = self.inner.clone();
        let closed = async move { inner.close(timeout).await };
        self.connection
            .begin(ChannelKey::CONNECTION, closed, |_, ()| ())
    }

    /// Ends the publisher, and returns the messages that have no outcome, in order. Their results are
    /// [`Outcome::Lost`]; the broker may have got some of them.
    #[must_use]
    pub fn take_unresolved(&self) -> Vec<Unresolved<P>> {
        self.inner.take_unresolved()
    }

    /// Returns how many messages have no outcome.
    #[must_use]
    pub fn unresolved(&self) -> usize {
        self.inner.unresolved()
    }

    /// Returns the connection.
    #[must_use]
    pub const fn connection(&self) -> &Connection<P> {
        &self.connection
    }
}

impl<P: Protocol> Clone for Publisher<P> {
    fn clone(&self) -> Self {
        let (inner, connection) = (self.inner.clone(), self.connection.clone());
        Self { inner, connection }
    }
}

impl<P: Protocol> fmt::Debug for Publisher<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
