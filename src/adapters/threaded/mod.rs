//! Blocking calls on handles that threads share, over one thread for each connection.
//!
//! The thread of a connection moves its bytes, sends heartbeats and keeps deadlines, and it alone.
//! So a program may compute for hours between two calls, and its threads may use one connection
//! together: all handles are `Send` and `Sync`, and clones of them are cheap.
//!
//! ```no_run
//! use pika::amqp::{basic, queue};
//! use pika::threaded::Connection;
//!
//! let connection = Connection::open("amqp://guest:guest@localhost:5672/%2f")?;
//! let channel = connection.channel()?;
//! channel.queue_declare(queue::Declare::new("hello"))?;
//!
//! let publisher = channel.clone();
//! let thread = std::thread::spawn(move || publisher.publish("", "hello", "Hello World!"));
//!
//! let mut consumer = channel.consume(basic::Consume::new("hello"))?;
//! for delivery in &mut consumer {
//!     let delivery = delivery?;
//!     println!("{}", String::from_utf8_lossy(delivery.body()));
//!     delivery.ack()?;
//!     break;
//! }
//! # let _ = thread.join();
//! connection.close()?;
//! # Ok::<_, pika::Error>(())
//! ```
//!
//! Names and results are those of `pika::blocking`, which needs no thread and answers
//! faster when one thread does everything. What differs: a consumer is used through `&mut`, since two
//! threads at one consumer would take each other's messages; there are no handlers and timers, since
//! a thread of the program's own is the place for them; and what a program waits for has a variant
//! that ends in time.
//!
//! # What happens when
//!
//! - **A handle is dropped**: nothing waits. The last one of a connection closes it in good order, and
//!   its thread ends by itself. [`Connection::close`] waits for both.
//! - **The process ends**: threads end with it, wherever they are. A message that was published a
//!   moment ago may not be written yet; close the connection first, or wait for the confirm.
//! - **A thread of the program panics**: its handles are dropped, and all others go on.
//! - **The process forks**: the child has no thread for the connections of its parent, so calls in it
//!   would wait in vain. Open connections after the fork.
//! - **A call waits**: its thread is parked. `std::thread::park` may return early afterwards, which it
//!   is free to do anyway.

mod channel;
mod confirming;
mod consumer;
mod publish;
mod thread;
mod wait;
mod watch;

use std::fmt;
use std::net::TcpStream;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use self::channel::{Channel, Delivery};
pub use self::confirming::{Confirm, ConfirmingChannel};
pub use self::consumer::{Consumer, Deliveries};
pub use self::watch::{BlockedChanges, FlowChanges};
pub use super::session::{ConsumerEnd, NotAcked, Notice, Unconfirmed};

use self::thread::{Socket, Threads};
use self::wait::{block_on, block_until, now};
use super::asynchronous;
use super::connect::connect;
use crate::config::{Config, Tuning};
use crate::connection::later;
use crate::error::{Closed, Error, Result};
use crate::method::ConnectionCall;
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::{ReplyCode, ShortStr, Table};

/// A connection to a server, see the [module](self).
///
/// Clones are the same connection. When the last handle is dropped, those of channels and consumers
/// counted, the connection is closed in good order by its thread.
pub struct Connection<P: Protocol = Selected> {
    inner: asynchronous::Connection<Threads, P>,
}

impl Connection {
    /// Connects to a server and logs in, from a URI or a [`Config`].
    ///
    /// It speaks the version that handles speak by default: 0-9-1 where it is enabled, else 0-8.
    /// For the other one see [`open_as`](Self::open_as).
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
        let config = config.try_into()?;
        let stream = connect(&config)?;
        Self::over_tcp(stream, config)
    }

    /// Logs in over a TCP stream that is connected.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses.
    pub fn over_tcp(stream: TcpStream, config: Config) -> Result<Self> {
        stream.set_nonblocking(true)?;
        Self::over(mio::net::TcpStream::from_std(stream), config)
    }

    /// Logs in over a local socket that is connected.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses.
    #[cfg(unix)]
    pub fn over_unix(stream: std::os::unix::net::UnixStream, config: Config) -> Result<Self> {
        stream.set_nonblocking(true)?;
        Self::over(mio::net::UnixStream::from_std(stream), config)
    }

    fn over(socket: impl Socket + 'static, config: Config) -> Result<Self> {
        let (opening, thread) = thread::start(socket, config)?;
        let inner = block_on(opening)?;
        let connection = Self { inner };
        *connection.thread() = Some(thread);
        Ok(connection)
    }

    /// The thread, for whoever closes the connection.
    fn thread(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        let thread = self.inner.thread().lock();
        thread.unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a channel.
    ///
    /// # Errors
    /// When the connection is closed or all channel numbers are in use.
    pub fn channel(&self) -> Result<Channel<P>> {
        block_on(self.inner.channel()).map(Channel::new)
    }

    /// Makes a call on the connection itself, such as `connection.update-secret`.
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn call<M: ConnectionCall<Spec = P>>(&self, method: M) -> Result<M::Reply> {
        block_on(self.inner.call(method))
    }

    /// Closes the connection in good order, with code 200, and waits for its thread to end.
    ///
    /// Closing one that the program has closed does nothing; one that something else closed gives
    /// that reason. All messages that were published are with the server when this returns without
    /// an error.
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
        let result = block_on(self.inner.close_with(code, text));
        let ending = self.thread().take();
        // Should it have panicked, the connection has told why it is over.
        let _ended = ending.map(JoinHandle::join);
        result
    }

    /// Waits until the connection is closed, and gives the reason.
    #[must_use]
    pub fn wait_closed(&self) -> Arc<Closed> {
        block_on(self.inner.wait_closed())
    }

    /// Whether the connection can be used, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.inner.is_open()
    }

    /// Why the connection is closed, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<Arc<Closed>> {
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
        self.inner.blocked()
    }

    /// Whether the server accepts messages, now and whenever that changes.
    #[must_use]
    pub fn blocked_changes(&self) -> BlockedChanges<P> {
        BlockedChanges::new(self.inner.blocked_changes())
    }

    /// The next thing that happened to the connection as a whole, if something did.
    #[must_use]
    pub fn try_next_notice(&self) -> Option<Notice> {
        now(self.inner.next_notice()).flatten()
    }

    /// The next thing that happens to the connection as a whole, waiting for it no longer than
    /// `timeout`; none also once the connection is closed.
    ///
    /// Where several threads wait each thing goes to one of them.
    #[must_use]
    pub fn next_notice_within(&self, timeout: Duration) -> Option<Notice> {
        within(self.inner.next_notice(), timeout).flatten()
    }

    /// Bytes received and bytes sent so far.
    #[must_use]
    pub fn traffic(&self) -> (u64, u64) {
        self.inner.traffic()
    }
}

/// Waits for a future no longer than this.
fn within<F: Future>(future: F, timeout: Duration) -> Option<F::Output> {
    block_until(future, later(Instant::now(), timeout))
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
