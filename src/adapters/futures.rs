//! Futures and streams on every runtime that speaks `futures-io`: smol and its relatives, or an
//! executor of your own.
//!
//! ```no_run
//! use pika::amqp::{basic, queue};
//!
//! # async fn program() -> pika::Result<()> {
//! let url = "amqp://guest:guest@localhost:5672/%2f";
//! let connection = pika::futures::open(url, |driver| smol::spawn(driver).detach()).await?;
//! let channel = connection.channel().await?;
//! channel.queue_declare(queue::Declare::new("hello").durable(true)).await?;
//! channel.publish("", "hello", "Hello World!").await?;
//!
//! let mut consumer = channel.consume(basic::Consume::new("hello")).await?;
//! while let Some(delivery) = consumer.next().await? {
//!     println!("{}", String::from_utf8_lossy(delivery.body()));
//!     delivery.ack()?;
//! }
//! connection.close().await
//! # }
//! ```
//!
//! [`asynchronous`](crate::asynchronous) describes the handles, which are the same for all runtimes.
//! There is no executor that everybody has, so [`open`] is told how to run the [`Driver`], a future
//! that ends with the connection. Sockets and timers are those of `async-io`, which work on any
//! executor; it waits for them in a thread of its own, or in smol's threads.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::thread;
use std::time::Instant;

use async_io::Async;
use bytes::{Buf, BytesMut};
use futures_io::{AsyncRead, AsyncWrite};

use super::asynchronous::{self, Connector, Runtime, Stream, Timer};
use super::connect::look_up;
use super::scratch::Scratch;
use super::tcp;
use crate::config::Config;
use crate::connection::Batch;
use crate::error::{Error, Result};
use crate::protocol::Protocol;
use crate::versions::Selected;

pub use super::asynchronous::{
    BlockedChanges, Channel, Confirm, ConfirmingChannel, Consumer, ConsumerEnd, Delivery,
    FlowChanges, NotAcked, Notice, Publisher, PublisherBuilder, Replying, StatusChanges,
    Subscription, SubscriptionBuilder, SubscriptionEvent, SubscriptionHandle, Unconfirmed,
};

/// A connection over streams of `futures-io`.
pub type Connection<P = Selected> = asynchronous::Connection<FuturesIo, P>;

/// The driver of a connection, to be run by an executor.
pub type Driver<P = Selected> = asynchronous::Driver<FuturesIo, P>;

/// Connects to a server and logs in, from a URI or a [`Config`]; `spawn` has to run the driver.
///
/// It speaks the version that handles speak by default: 0-9-1 where it is enabled, else 0-8. For
/// the other one see [`open_as`].
///
/// # Errors
/// [`Error::Uri`] for a URI that cannot be used, [`Error::Unreachable`] when no address can be
/// connected to, [`Error::Closed`] when the server refuses or says nothing; the reason says what to
/// do.
///
/// # Cancel safety
/// Dropping it ends the connection.
pub async fn open<C>(config: C, spawn: impl FnOnce(Driver)) -> Result<Connection>
where
    C: TryInto<Config>,
    Error: From<C::Error>,
{
    open_as(config, spawn).await
}

/// As [`open`], in the version that the type says: `open_as::<V0_8, _>(url, spawn)`.
///
/// # Errors
/// As for [`open`].
///
/// # Cancel safety
/// Dropping it ends the connection.
pub async fn open_as<P, C>(config: C, spawn: impl FnOnce(Driver<P>)) -> Result<Connection<P>>
where
    P: Protocol,
    C: TryInto<Config>,
    Error: From<C::Error>,
{
    let (opening, driver) = Connection::<P>::connect(config).await?;
    spawn(driver);
    opening.await
}

/// Logs in over a stream that is connected; `spawn` has to run the driver.
///
/// # Errors
/// [`Error::Closed`] when the server refuses.
///
/// # Cancel safety
/// Dropping it ends the connection.
pub async fn over<P: Protocol>(
    stream: impl Into<Io>,
    config: Config,
    spawn: impl FnOnce(Driver<P>),
) -> Result<Connection<P>> {
    let (opening, driver) = Connection::<P>::start(stream.into(), config);
    spawn(driver);
    opening.await
}

/// Any runtime, with the sockets and timers of `async-io`.
#[derive(Clone, Debug, Default)]
pub struct FuturesIo {
    connector: Option<Connector<Io>>,
}

impl FuturesIo {
    /// Returns the runtime with a function that opens the streams of connections: through a proxy or a tunnel, or in
    /// memory. It gets the name of a host and its port. With recovery it is called for each attempt. Pass the
    /// runtime to [`asynchronous::Connection::connect_with`].
    #[must_use]
    pub fn with_connector<F>(connect: impl Fn(String, u16) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Io>> + Send + 'static,
    {
        let connector = Some(Connector::new(connect));
        Self { connector }
    }
}

impl Runtime for FuturesIo {
    type Stream = Io;
    type Timer = Alarm;

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn timer(&self) -> Alarm {
        Alarm::default()
    }

    fn connector(&self) -> Option<Connector<Io>> {
        self.connector.clone()
    }

    async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        look_up_elsewhere(host.to_owned(), port).await
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Io> {
        let stream = Async::<TcpStream>::connect(address).await?;
        stream.get_ref().set_nodelay(true)?;
        Ok(stream.into())
    }
}

/// The addresses of the server. Asking the system for them would stop all tasks of this thread, so
/// another one does it.
async fn look_up_elsewhere(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    let found = Arc::new(Mutex::new((None, Waker::noop().clone())));
    let finder = found.clone();
    thread::Builder::new()
        .name("pika look-up".into())
        .spawn(move || {
            let result = look_up((&host, port));
            let mut found = finder.lock().unwrap_or_else(PoisonError::into_inner);
            found.0 = Some(result);
            let waker = found.1.clone();
            drop(found);
            waker.wake();
        })?;
    poll_fn(|cx| {
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.1.clone_from(cx.waker());
        found.0.take().map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

/// A stream that a connection can run over.
pub struct Io {
    kind: Kind,
    scratch: Scratch,
}

enum Kind {
    Tcp(Async<TcpStream>),
    Other(Box<dyn ReadWrite>),
}

impl Kind {
    fn pin(&mut self) -> Pin<&mut dyn ReadWrite> {
        match self {
            Self::Tcp(stream) => Pin::new(stream),
            Self::Other(stream) => Pin::new(&mut **stream),
        }
    }
}

trait ReadWrite: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> ReadWrite for S {}

impl Io {
    /// Any stream. It is flushed whenever something was written.
    pub fn new(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self::of(Kind::Other(Box::new(stream)))
    }

    fn of(kind: Kind) -> Self {
        let scratch = Scratch::default();
        Self { kind, scratch }
    }
}

impl From<Async<TcpStream>> for Io {
    fn from(stream: Async<TcpStream>) -> Self {
        Self::of(Kind::Tcp(stream))
    }
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io").finish_non_exhaustive()
    }
}

impl Stream for Io {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut BytesMut,
    ) -> Poll<io::Result<usize>> {
        let stream = self.kind.pin();
        let mut pending = false;
        let result = self.scratch.read(buffer, |space| {
            let read = stream.poll_read(cx, space);
            pending = read.is_pending();
            match read {
                Poll::Ready(result) => result,
                Poll::Pending => Ok(0),
            }
        });
        match pending {
            true => Poll::Pending,
            false => Poll::Ready(result),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, batch: &Batch) -> Poll<io::Result<usize>> {
        let mut pieces = [io::IoSlice::new(&[]); 64];
        let count = batch.chunks_vectored(&mut pieces);
        let pieces = pieces.get(..count).unwrap_or_default();
        self.kind.pin().poll_write_vectored(cx, pieces)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.kind.pin().poll_flush(cx)
    }

    fn tune(&self, config: &Config) {
        if let Kind::Tcp(stream) = &self.kind {
            tcp::tune(stream, config);
        }
    }
}

/// A timer of `async-io`.
#[derive(Debug, Default)]
pub struct Alarm {
    timer: Option<async_io::Timer>,
    /// What it is set to.
    deadline: Option<Instant>,
}

impl Timer for Alarm {
    fn poll_until(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(async_io::Timer::never);
        if self.deadline != Some(deadline) {
            timer.set_at(deadline);
            self.deadline = Some(deadline);
        }
        ready!(Pin::new(timer).poll(cx));
        // One that has rung does not ring again.
        self.deadline = None;
        Poll::Ready(())
    }
}
