//! Blocking calls, on handles that threads share.
//!
//! There is no thread behind this unless it is asked for. A call that waits drives the whole
//! connection meanwhile: it sends heartbeats, takes in messages for all consumers and notices when
//! the server closes.
//!
//! ```no_run
//! use pika::amqp::{basic, queue};
//! use pika::blocking::Connection;
//!
//! let connection = Connection::open("amqp://guest:guest@localhost:5672/%2f")?;
//! let channel = connection.channel()?;
//! channel.queue_declare(queue::Declare::new("hello").durable(true))?;
//! channel.publish("", "hello", "Hello World!")?;
//!
//! let mut consumer = channel.consume(basic::Consume::new("hello"))?;
//! for delivery in &mut consumer {
//!     let delivery = delivery?;
//!     println!("{}", String::from_utf8_lossy(delivery.body()));
//!     delivery.ack()?;
//!     break;
//! }
//! connection.close()?;
//! # Ok::<_, pika::Error>(())
//! ```
//!
//! # Two ways to drive a connection
//!
//! | | by the threads that call | by a thread of its own |
//! |---|---|---|
//! | opened with | [`Connection::open`] | `background::open`, with the feature `background` |
//! | reads and writes | a thread that waits, or that sends | the thread of the connection |
//! | a round trip | two system calls | two more, and two switches of threads |
//! | publishing | a system call each, or one for many with [`Connection::hold_back`] | one for many |
//! | while no thread calls | nothing is read and no heartbeat is sent | everything goes on |
//!
//! The first way suits a program of one or a few threads that mostly wait for the server. A program
//! that computes for longer than the heartbeat between two calls has to let the connection live with
//! [`Connection::process_events`], or the server takes it for dead; such a program, and one with eight
//! busy threads or more, is better off with the second way. The handles are the same for both.
//!
//! In the first way a thread that reads cannot be interrupted. So what changes without a byte from
//! the server, such as a handle that another thread drops, is noticed within about a second.
//!
//! # What happens when
//!
//! - **A handle is dropped**: nothing waits. The last one of a connection writes what the transport
//!   takes at once and ends the connection; [`Connection::close`] waits.
//! - **The process ends**: dropping the last handle, as when `main` returns, sends what was published
//!   before, as far as the transport takes it at once. After `std::process::exit`, which drops
//!   nothing, it may be lost; close the connection first, or wait for the confirm.
//! - **A thread panics**: its handles are dropped, and all others go on.
//! - **The process forks**: the child must not use connections of its parent, and opens its own. Dropping
//!   a handle in the child neither sends nor ends anything.
//! - **A call waits**: its thread reads or is parked. `std::thread::park` may return early afterwards,
//!   which it is free to do anyway.

#[cfg(feature = "background")]
pub mod background;
mod callers;
mod channel;
mod confirming;
mod consumer;
mod event_loop;
mod keeping;
mod publish;
mod publisher;
mod subscription;
mod wait;
mod watch;

use std::fmt;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use self::channel::{Channel, Delivery};
pub use self::confirming::{Confirm, ConfirmingChannel};
pub use self::consumer::{Consumer, Deliveries};
pub use self::event_loop::EventLoop;
pub use self::keeping::StatusChanges;
pub use self::publisher::{Publisher, PublisherBuilder};
pub use self::subscription::{Subscription, SubscriptionBuilder, SubscriptionEvent};
pub use self::watch::{BlockedChanges, FlowChanges};
pub use super::asynchronous::SubscriptionHandle;
pub use super::outcome::IntoResult;
pub use super::session::{ConsumerEnd, NotAcked, Notice, Unconfirmed};
pub use super::timers::TimerId;
pub use super::transport::Transport;
pub use crate::error::Failures;

use self::callers::Callers;
use self::wait::{block_on, look, now, patiently, patiently_within};
use super::asynchronous::{self, link::Host, opening};
use super::connect::connect;
use super::sockets::{Halves, Untimed};
use crate::client;
use crate::config::{Config, Secret, Tuning};
use crate::error::{Closed, Error, Result};
use crate::method::ConnectionCall;
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::{ReplyCode, ShortStr, Table};

/// A connection to a server, see the [module](self).
///
/// Clones are the same connection, and several threads may use it at once. When the last handle is
/// dropped, those of channels, consumers and watches counted, the connection ends without waiting.
pub struct Connection<P: Protocol = Selected> {
    inner: asynchronous::Connection<Calls, P>,
}

/// Marks the connections whose calls block.
enum Calls {}

impl Connection {
    /// Connects to a server and logs in, from a URI or a [`Config`].
    ///
    /// It speaks the version that handles speak by default: 0-9-1 where it is enabled, else 0-8.
    /// For the other one see [`open_as`](Self::open_as).
    ///
    /// ```no_run
    /// use pika::blocking::Connection;
    /// use pika::config::Config;
    ///
    /// let connection = Connection::open("amqp://guest:guest@localhost:5672/%2f")?;
    /// let other = Connection::open(Config::new().host("localhost").vhost("/"))?;
    /// # Ok::<_, pika::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Uri`] for a URI that cannot be used, [`Error::Unreachable`] when no address can be
    /// connected to, [`Error::Closed`] when the server refuses or says nothing; the reason says what to
    /// do.
    pub fn open<C>(config: C) -> Result<Self>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        Self::open_as(config)
    }
}

impl<P: Protocol> Connection<P> {
    /// As [`open`](Connection::open), in the version that the type says.
    ///
    /// The name of the host is resolved by the system, which limits the time by itself; connecting
    /// and logging in are limited by [`Config::connect_timeout`] and [`Config::handshake_timeout`].
    ///
    /// # Errors
    /// As for [`open`](Connection::open).
    pub fn open_as<C>(config: C) -> Result<Self>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        let mut config = config.try_into()?;
        let stream = connect(&mut config)?;
        Self::over_tcp(stream, config)
    }

    /// Logs in over a TCP stream that is connected.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses.
    pub fn over_tcp(stream: TcpStream, config: Config) -> Result<Self> {
        Self::over_halves(Halves::of_socket(stream)?, config)
    }

    /// Logs in over a local socket that is connected.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses.
    #[cfg(unix)]
    pub fn over_unix(stream: std::os::unix::net::UnixStream, config: Config) -> Result<Self> {
        Self::over_halves(Halves::of_socket(stream)?, config)
    }

    /// Logs in over any stream.
    ///
    /// How long such a stream waits is not known, so deadlines are only kept when it returns: let it
    /// end its reads now and then with [`TimedOut`](std::io::ErrorKind::TimedOut), or implement
    /// [`Transport`]. While one thread reads from it no other one can write, and what arrives is read
    /// only by calls that wait for something.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses.
    pub fn over<S: Read + Write + Send + 'static>(stream: S, config: Config) -> Result<Self> {
        Self::over_transport(Untimed::new(stream), config)
    }

    /// Logs in over a transport that keeps to deadlines.
    ///
    /// It reads in steps of 20 ms, since only one thread can use such a transport at a time.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses.
    pub fn over_transport<T: Transport + Send + 'static>(
        transport: T,
        config: Config,
    ) -> Result<Self> {
        Self::over_halves(Halves::of(transport), config)
    }

    fn over_halves(halves: Halves, config: Config) -> Result<Self> {
        let (opening, link) = opening::begin(config, Box::new(Instant::now), |core| {
            let transport = client::transport(core, Instant::now());
            let host: Box<dyn Host<P>> = Box::new(Callers::new(halves, transport));
            Some(host)
        });
        let inner = block_on(&link, opening)?;
        Ok(Self { inner })
    }

    /// Opens a channel.
    ///
    /// # Errors
    /// When the connection is closed or all channel numbers are in use.
    pub fn channel(&self) -> Result<Channel<P>> {
        self.block_on(self.inner.channel()).map(Channel::new)
    }

    /// Makes a call on the connection itself, such as `connection.update-secret`.
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn call<M: ConnectionCall<Spec = P>>(&self, method: M) -> Result<M::Reply> {
        self.block_on(self.inner.call(method))
    }

    /// Replaces the secret that the connection was opened with, before it expires: a token, mostly. RabbitMQ
    /// 3.8 and later know this; it closes the connection where the new secret is not accepted. `reason` is
    /// for its log.
    ///
    /// # Errors
    /// When the connection is closed, or does not answer in time.
    pub fn update_secret(
        &self,
        secret: impl Into<Secret>,
        reason: impl Into<ShortStr>,
    ) -> Result<()>
    where
        P: Confirming,
    {
        self.block_on(self.inner.update_secret(secret, reason))
    }

    /// Closes the connection in good order, with code 200.
    ///
    /// Closing one that the program has closed does nothing; for one that something else closed this
    /// returns the reason. All messages that were published are with the server when this returns
    /// without an error.
    ///
    /// # Errors
    /// When something else ended the connection first; the error is that reason. When the server
    /// does not confirm the close in time or ends the transport instead; what was sent last may
    /// then not have arrived.
    pub fn close(&self) -> Result<()> {
        self.close_with(
            ReplyCode::REPLY_SUCCESS,
            ShortStr::from_static("Normal shutdown"),
        )
    }

    /// Closes the connection with a code and a text for the server's log.
    ///
    /// # Errors
    /// As for [`close`](Self::close).
    pub fn close_with(&self, code: ReplyCode, text: ShortStr) -> Result<()> {
        let result = self.block_on(self.inner.close_with(code, text));
        let link = self.inner.link();
        if let Some(host) = link.host() {
            host.finish(link);
        }
        result
    }

    /// Waits until the connection is closed, and returns the reason.
    #[must_use]
    pub fn wait_closed(&self) -> Arc<Closed> {
        patiently(self.inner.link(), self.inner.wait_closed())
    }

    /// Serves the connection for this long: reads what arrives, sends heartbeats, keeps deadlines.
    ///
    /// For programs that make no call for longer than the heartbeat. Handlers and timers have an
    /// [`EventLoop`].
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn process_events(&self, timeout: Duration) -> Result<()> {
        match patiently_within(self.inner.link(), self.inner.wait_closed(), timeout) {
            None => Ok(()),
            Some(reason) => Err(reason.into()),
        }
    }

    /// An event loop for handlers of messages and for timers, on this thread.
    #[must_use]
    pub fn event_loop(&self) -> EventLoop<P> {
        EventLoop::new(self.clone())
    }

    /// Lets up to this many bytes of messages and acknowledgements wait before they are sent, in the
    /// first way of [driving](self). Default: 0.
    ///
    /// By default each is sent by the call that makes it, with a system call of its own, which is most
    /// of what publishing costs. With 64 KiB hundreds of messages share one: publishing messages of 100
    /// bytes becomes twenty to sixty times as fast, while little changes for a program that waits for
    /// the confirm of each. They wait until that many have come together, until a call waits for the
    /// server or for a message, until [`flush`](Self::flush), [`process_events`](Self::process_events)
    /// or [`close`](Self::close). A program that publishes and then does something else for long has
    /// to call `flush`.
    ///
    /// A connection with a thread of its own needs none of this.
    pub fn hold_back(&self, bytes: usize) {
        let link = self.inner.link();
        if let Some(host) = link.host() {
            host.hold_back(link, bytes);
        }
    }

    /// Sends what is held back.
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn flush(&self) -> Result<()> {
        let link = self.inner.link();
        if let Some(host) = link.host() {
            host.flush(link);
        }
        match self.closed() {
            Some(reason) => Err(reason.into()),
            None => Ok(()),
        }
    }

    /// Whether the connection can be used, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.look();
        self.inner.is_open()
    }

    /// Why the connection is closed, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<Arc<Closed>> {
        self.look();
        self.inner.closed()
    }

    /// What was agreed on in the handshake.
    #[must_use]
    pub fn tuning(&self) -> Tuning {
        self.inner.tuning()
    }

    /// What the server says of itself: product, version, capabilities.
    #[must_use]
    pub fn server_properties(&self) -> Table {
        self.inner.server_properties()
    }

    /// Why the server accepts no messages, while it does not.
    #[must_use]
    pub fn blocked(&self) -> Option<ShortStr> {
        self.look();
        self.inner.blocked()
    }

    /// Whether the server accepts messages, now and whenever that changes.
    #[must_use]
    pub fn blocked_changes(&self) -> BlockedChanges<P> {
        BlockedChanges::new(self.inner.blocked_changes(), self.inner.link())
    }

    /// The next thing that happened to the connection as a whole, if something did.
    #[must_use]
    pub fn try_next_notice(&self) -> Option<Notice> {
        now(self.inner.link(), self.inner.next_notice()).flatten()
    }

    /// The next thing that happens to the connection as a whole, waiting for it no longer than
    /// `timeout`; none also once the connection is closed.
    ///
    /// Where several threads wait each notice goes to one of them.
    #[must_use]
    pub fn next_notice_within(&self, timeout: Duration) -> Option<Notice> {
        patiently_within(self.inner.link(), self.inner.next_notice(), timeout).flatten()
    }

    /// Bytes received and bytes sent so far.
    #[must_use]
    pub fn traffic(&self) -> (u64, u64) {
        self.inner.traffic()
    }

    /// Serves the connection, unless that was done lately.
    fn look(&self) {
        look(self.inner.link());
    }

    fn block_on<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        block_on(self.inner.link(), future)
    }
}

impl<P: Protocol> Clone for Connection<P> {
    fn clone(&self) -> Self {
        let inner = self.inner.clone();
        Self { inner }
    }
}

impl<P: Protocol> fmt::Debug for Connection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
