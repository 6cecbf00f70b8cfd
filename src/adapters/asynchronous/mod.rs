//! Futures and streams, for any runtime.
//!
//! This is the front end that `pika::tokio` and `pika::futures` share: handles that can be cloned and
//! sent between threads, calls that are futures, consumers that are streams. What differs between
//! runtimes is behind the trait [`Runtime`]: sockets, timers, and how to run a task.
//!
//! ```text
//!  Connection ─┐                       ┌─ Driver ── Runtime::Stream, Runtime::Timer
//!  Channel    ─┼─▶ connection, inboxes ◀─┘
//!  Consumer   ─┘   behind one short lock
//! ```
//!
//! Handles write into the connection's output and read from its inboxes; they never do I/O. The
//! [`Driver`] does, in a task of its own. Nobody holds the lock while he waits, so publishing is a
//! matter of nanoseconds, and what many tasks publish goes out with few system calls.
//!
//! # Waiting and dropping
//!
//! All futures here can be dropped at any time, in `select!` or by a timeout; each says in its
//! documentation what has happened by then. A reply that comes late is never taken for another
//! call's. Dropping handles never blocks, and needs no runtime.
//!
//! # When something is sent
//!
//! | what | is sent |
//! |---|---|
//! | `channel`, `confirming`, `consume`, `get`, every method of the specification | when it is called, in the order of the program's text |
//! | `publish` and its relatives, `cancel`, `close`, `wait_for_confirms` | when its future is polled first |
//! | `ack`, `reject`, `nack`, `try_publish` | when it is called; there is nothing to await |
//!
//! So a `publish` that is kept to be awaited later is overtaken by what is called in between.

mod channel;
pub(super) mod confirming;
mod connector;
mod consumer;
mod delivery;
mod driver;
mod keeping;
mod lane;
pub(super) mod link;
pub(super) mod opening;
mod permission;
mod publish;
mod publisher;
pub(super) mod pump;
pub(super) mod redial;
mod reply;
mod runtime;
pub(super) mod step;
mod subscription;
mod wait;
mod watch;

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

pub use self::channel::Channel;
pub use self::confirming::{Confirm, ConfirmingChannel};
pub use self::connector::Connector;
pub use self::consumer::Consumer;
pub use self::delivery::Delivery;
pub use self::driver::Driver;
pub use self::keeping::StatusChanges;
pub use self::opening::Opening;
pub use self::publisher::{Publisher, PublisherBuilder};
pub use self::reply::Replying;
pub use self::runtime::{Runtime, Spawn, Stream, Timer};
pub use self::subscription::{
    Subscription, SubscriptionBuilder, SubscriptionEvent, SubscriptionHandle,
};
pub use self::watch::{BlockedChanges, FlowChanges};
pub use super::session::{ConsumerEnd, NotAcked, Notice, Unconfirmed};

use self::link::{Link, Owner, State};
use self::reply::Waiting;
use crate::config::{Config, Secret, Tuning};
use crate::error::{Closed, Error, Result};
use crate::method::ConnectionCall;
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::{ReplyCode, ShortStr, Table};

/// A connection to a server, see the [module](self).
///
/// Clones are the same connection. When the last handle is dropped, those of channels, consumers and
/// watches counted, the connection is closed in good order by its driver.
pub struct Connection<R, P: Protocol = Selected> {
    owner: Arc<Owner<P>>,
    runtime: PhantomData<fn() -> R>,
}

impl<R: Spawn + Default> Connection<R> {
    /// Connects to a server and logs in, from a URI or a [`Config`].
    ///
    /// It speaks the version that handles speak by default: 0-9-1 where it is enabled, else 0-8.
    /// For the other one see [`open_as`](Self::open_as).
    ///
    /// # Errors
    /// [`Error::Uri`] for a URI that cannot be used, [`Error::Unreachable`] when no address can be
    /// connected to, [`Error::Closed`] when the server refuses or says nothing; the reason says what to
    /// do.
    ///
    /// # Cancel safety
    /// Dropping it ends the connection.
    pub async fn open<C>(config: C) -> Result<Self>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        Self::open_as(config).await
    }
}

impl<R: Spawn + Default, P: Protocol> Connection<R, P> {
    /// As [`open`](Connection::open), in the version that the type says.
    ///
    /// # Errors
    /// As for [`open`](Connection::open).
    ///
    /// # Cancel safety
    /// Dropping it ends the connection.
    pub async fn open_as<C>(config: C) -> Result<Self>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        Self::open_with(R::default(), config).await
    }

    /// Logs in over a stream that is connected.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses, and when the settings ask for recovery: there is no second
    /// stream.
    ///
    /// # Cancel safety
    /// Dropping it ends the connection.
    pub async fn over(stream: R::Stream, config: Config) -> Result<Self> {
        Self::over_with(R::default(), stream, config).await
    }
}

impl<R: Spawn, P: Protocol> Connection<R, P> {
    /// As [`open_as`](Self::open_as), in a runtime that has something of its own, such as a proxy.
    ///
    /// # Errors
    /// As for [`open`](Connection::open).
    ///
    /// # Cancel safety
    /// Dropping it ends the connection.
    pub async fn open_with<C>(runtime: R, config: C) -> Result<Self>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        let (opening, driver) = Self::connect_with(runtime.clone(), config).await?;
        runtime.spawn(driver);
        opening.await
    }

    /// As [`over`](Self::over), in a runtime that has something of its own.
    ///
    /// # Errors
    /// As for [`over`](Self::over).
    ///
    /// # Cancel safety
    /// Dropping it ends the connection.
    pub async fn over_with(runtime: R, stream: R::Stream, config: Config) -> Result<Self> {
        let (opening, driver) = Self::start_with(runtime.clone(), stream, config);
        runtime.spawn(driver);
        opening.await
    }
}

impl<R: Runtime + Default, P: Protocol> Connection<R, P> {
    /// Connects to a server, and leaves it to the caller to run the driver: a future that moves all
    /// bytes and ends with the connection. It has to be run for the first future to get anywhere.
    ///
    /// With [`Config::recovery`] the driver connects, for the first time too.
    ///
    /// # Errors
    /// [`Error::Uri`] for a URI that cannot be used, [`Error::Unreachable`] when no address can be
    /// connected to.
    pub async fn connect<C>(config: C) -> Result<(Opening<R, P>, Driver<R, P>)>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        Self::connect_with(R::default(), config).await
    }

    /// As [`connect`](Self::connect), over a stream that is connected.
    pub fn start(stream: R::Stream, config: Config) -> (Opening<R, P>, Driver<R, P>) {
        Self::start_with(R::default(), stream, config)
    }
}

impl<R: Runtime, P: Protocol> Connection<R, P> {
    /// As [`connect`](Self::connect), in a runtime that has something of its own.
    ///
    /// # Errors
    /// As for [`connect`](Self::connect).
    pub async fn connect_with<C>(runtime: R, config: C) -> Result<(Opening<R, P>, Driver<R, P>)>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        let mut config = config.try_into()?;
        if let Some(recovery) = config.recovery.clone() {
            let clock = opening::clock(&runtime);
            let (opening, link) = opening::begin_away(config, recovery, (clock, None));
            return Ok((opening, Driver::away(runtime, link)));
        }
        let stream = opening::connect(&runtime, &mut config).await?;
        Ok(Self::start_with(runtime, stream, config))
    }

    /// As [`start`](Self::start), in a runtime that has something of its own.
    pub fn start_with(
        runtime: R,
        stream: R::Stream,
        config: Config,
    ) -> (Opening<R, P>, Driver<R, P>) {
        let clock = opening::clock(&runtime);
        let (opening, link) = opening::begin(config, clock, |_| None);
        (opening, Driver::connected(runtime, link, stream))
    }
}

impl<R, P: Protocol> Connection<R, P> {
    fn new(owner: Arc<Owner<P>>) -> Self {
        let runtime = PhantomData;
        Self { owner, runtime }
    }

    /// Opens a channel.
    ///
    /// # Errors
    /// When the connection is closed or all channel numbers are in use.
    ///
    /// # Cancel safety
    /// The channel is asked for at once; dropping the future closes it again.
    pub fn channel(&self) -> impl Future<Output = Result<Channel<P>>> + Send + use<R, P> {
        channel::open(&self.owner)
    }

    /// Makes a call on the connection itself, such as `connection.update-secret`.
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn call<M: ConnectionCall<Spec = P>>(&self, method: M) -> Replying<M::Reply, P> {
        let (place, mut method) = ((self.link(), None), Some(method));
        Replying::new(Waiting::begin(place, M::NAME, move |state, now| {
            let method = method.take().ok_or_else(|| reply::over(M::NAME))?;
            Ok((state.core.call(method, now)?, ()))
        }))
    }

    /// Replaces the secret that the connection was opened with, before it expires: a token, mostly. RabbitMQ
    /// 3.8 and later know this; it closes the connection where the new secret is not accepted. `reason` is
    /// for its log.
    ///
    /// # Errors
    /// When the connection is closed, or does not answer in time.
    pub fn update_secret<S, T>(
        &self,
        secret: S,
        reason: T,
    ) -> impl Future<Output = Result<()>> + Send + use<R, P, S, T>
    where
        P: Confirming,
        S: Into<Secret>,
        T: Into<ShortStr>,
    {
        let secret = secret.into();
        let method = P::update_secret(secret.clone().into_long_str(), reason.into());
        let (call, owner) = (self.call(method), self.owner.clone());
        async move {
            call.await?;
            owner.0.with(|state| {
                if let Some(keeper) = &mut state.keeper {
                    keeper.set_secret(secret);
                }
            });
            Ok(())
        }
    }

    /// Closes the connection in good order, with code 200.
    ///
    /// Closing one that the program has closed does nothing; one that something else closed gives
    /// that reason. All messages that were published are with the server when this returns without
    /// an error.
    ///
    /// # Errors
    /// When something else ended the connection first; the error is that reason. When the server
    /// does not confirm the close in time or ends the transport instead; what was sent last may
    /// then not have arrived.
    ///
    /// # Cancel safety
    /// The close is on its way as soon as this was polled; dropping the future does not stop it.
    pub async fn close(&self) -> Result<()> {
        let text = ShortStr::from_static("Normal shutdown");
        self.close_with(ReplyCode::REPLY_SUCCESS, text).await
    }

    /// Closes the connection with a code and a text for the server's log.
    ///
    /// # Errors
    /// As for [`close`](Self::close).
    ///
    /// # Cancel safety
    /// As for [`close`](Self::close).
    pub async fn close_with(&self, code: ReplyCode, text: ShortStr) -> Result<()> {
        let now = self.link().now();
        self.link().with(|state| {
            state.close(code, text, now);
        });
        let reason = self.wait_closed().await;
        let failure = self
            .link()
            .with(|state| state.core.close_failure().cloned());
        match failure {
            Some(cause) => {
                let scope = reason.scope;
                Err(Arc::new(Closed::new(scope, cause)).into())
            }
            None if reason.is_normal() => Ok(()),
            None => Err(reason.into()),
        }
    }

    /// Waits until the connection is closed, and gives the reason.
    ///
    /// # Cancel safety
    /// Dropping it does nothing else.
    pub async fn wait_closed(&self) -> Arc<Closed> {
        wait::change(self.link(), wait::For::End, |state| {
            let reason = state.closed();
            reason.filter(|_| state.session.is_over()).cloned()
        })
        .await
    }

    /// Whether the connection can be used, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.link().with(|state| state.core.is_open())
    }

    /// Why the connection is closed, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<Arc<Closed>> {
        self.link().with(|state| state.closed().cloned())
    }

    /// What was agreed on in the handshake.
    #[must_use]
    pub fn tuning(&self) -> Tuning {
        self.link().with(|state| *state.core.tuning())
    }

    /// What the server says of itself: product, version, capabilities.
    #[must_use]
    pub fn server_properties(&self) -> Table {
        self.link()
            .with(|state| state.core.server_properties().clone())
    }

    /// Why the server accepts no messages, while it does not.
    #[must_use]
    pub fn blocked(&self) -> Option<ShortStr> {
        self.link().with(|state| state.core.blocked().cloned())
    }

    /// Whether the server accepts messages, now and whenever that changes.
    #[must_use]
    pub fn blocked_changes(&self) -> BlockedChanges<P> {
        BlockedChanges::new(&self.owner)
    }

    /// Waits for the next thing that happens to the connection as a whole; none once it is closed.
    ///
    /// Where several tasks wait each thing goes to one of them.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn next_notice(&self) -> Option<Notice> {
        let next = |state: &mut State<P>| match state.session.next_notice() {
            Some(notice) => Some(Some(notice)),
            None => state.session.is_over().then_some(None),
        };
        wait::change(self.link(), wait::For::News, next).await
    }

    /// Bytes received and bytes sent so far.
    #[must_use]
    pub fn traffic(&self) -> (u64, u64) {
        self.link()
            .with(|state| (state.core.bytes_received(), state.core.bytes_sent()))
    }

    pub(in crate::adapters) fn link(&self) -> &Arc<Link<P>> {
        &self.owner.0
    }
}

impl<R, P: Protocol> Clone for Connection<R, P> {
    fn clone(&self) -> Self {
        Self::new(self.owner.clone())
    }
}

impl<R, P: Protocol> fmt::Debug for Connection<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.link().fmt(f)
    }
}
