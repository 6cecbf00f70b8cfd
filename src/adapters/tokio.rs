//! Futures and streams on tokio.
//!
//! ```no_run
//! use pika::amqp::{basic, queue};
//! use pika::tokio::Connection;
//!
//! # async fn program() -> pika::Result<()> {
//! let connection = Connection::open("amqp://guest:guest@localhost:5672/%2f").await?;
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
//! The driver of a connection is a tokio task, spawned by [`Connection::open`]; it ends with the
//! connection. All flavours of tokio's runtime will do, if I/O and time are enabled.
//!
//! Let tasks of their own publish and consume, started with `tokio::spawn`: on a runtime of several
//! threads the future of `block_on`, which is also `main` under `#[tokio::main]`, runs on a thread that
//! is no worker, and each message crosses to it. With RabbitMQ a client needs 1.4 us of CPU a message in
//! a task instead of 1.8 to consume, 2.4 instead of 3.5 with an acknowledgement each, and 1.4 instead of
//! 2.2 for a confirmed publish.
//!
//! When a runtime is dropped, as when `main` returns, the drivers of its connections write what the
//! sockets take at once. What was published before is lost beyond that, and altogether after
//! `std::process::exit`; [`Connection::close`](crate::asynchronous::Connection::close) waits for the
//! server.
//!
//! Under tokio's paused time a connection over a socket fails at once: the clock jumps to the next
//! deadline whenever no task can go on, and tokio does not count a socket as something that can. Run such
//! tests with the [embedded broker](crate::broker) at the other end of a stream in memory, as
//! `tests/paused_time.rs` does in sixty lines: an hour of heartbeats takes no time there.
//!
//! [`Consumer::next_within`] is all there is of calls with a timeout, since
//! `tokio::time::timeout(limit, call)` is one around any call, and loses nothing. Import what this module has and not the module, whose name is that of the runtime.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use ::tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, Interest};
use ::tokio::net::TcpStream;
use ::tokio::runtime::{Handle, RuntimeFlavor};
use ::tokio::time::Sleep;
use bytes::{Buf, BytesMut};

use super::asynchronous::{self, Connector, Runtime, Spawn, Stream, Timer};
use super::tcp;
use crate::config::Config;
use crate::connection::Batch;
use crate::versions::Selected;

pub use super::asynchronous::{
    BlockedChanges, Channel, Confirm, ConfirmingChannel, Consumer, ConsumerEnd, Delivery,
    FlowChanges, NotAcked, Notice, Publisher, PublisherBuilder, Replying, StatusChanges,
    Subscription, SubscriptionBuilder, SubscriptionEvent, SubscriptionHandle, Unconfirmed,
};

/// A connection whose driver is a task of tokio.
///
/// What it can do is described at [`asynchronous::Connection`](crate::asynchronous::Connection).
pub type Connection<P = Selected> = asynchronous::Connection<Tokio, P>;

/// The driver of a connection, for those who spawn it themselves.
pub type Driver<P = Selected> = asynchronous::Driver<Tokio, P>;

/// The runtime tokio.
#[derive(Clone, Debug, Default)]
pub struct Tokio {
    connector: Option<Connector<Io>>,
}

impl Tokio {
    /// Returns the runtime with a function that opens the streams of connections: through a proxy or a tunnel, or in
    /// memory. It gets the name of a host and its port. With recovery it is called for each attempt.
    ///
    /// ```
    /// use pika::config::{Config, Recovery};
    /// use pika::tokio::{Connection, Io, Tokio};
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// use tokio::net::TcpStream;
    ///
    /// # async fn program() -> pika::Result<()> {
    /// let runtime = Tokio::with_connector(|host, port| async move {
    ///     let mut stream = TcpStream::connect("proxy.example:3128").await?;
    ///     let request = format!("CONNECT {host}:{port} HTTP/1.1\r\n\r\n");
    ///     stream.write_all(request.as_bytes()).await?;
    ///     // A real program reads the answer to its end.
    ///     stream.read_u8().await?;
    ///     Ok(Io::from(stream))
    /// });
    /// let config = Config::new().host("broker.example").recovery(Recovery::new());
    /// let connection: Connection = Connection::open_with(runtime, config).await?;
    /// # connection.close().await
    /// # }
    /// ```
    #[must_use]
    pub fn with_connector<F>(connect: impl Fn(String, u16) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Io>> + Send + 'static,
    {
        let connector = Some(Connector::new(connect));
        Self { connector }
    }
}

impl Runtime for Tokio {
    type Stream = Io;
    type Timer = Alarm;

    fn now(&self) -> Instant {
        ::tokio::time::Instant::now().into_std()
    }

    fn timer(&self) -> Alarm {
        Alarm(None)
    }

    fn connector(&self) -> Option<Connector<Io>> {
        self.connector.clone()
    }

    async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(::tokio::net::lookup_host((host, port)).await?.collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Io> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream.into())
    }

    /// In the runtime of one thread a task that is woken at once is run dozens of times before the
    /// future of `block_on` is; one that yields comes after it. Where there are more threads it
    /// would wait for this one, which may be busy with something else for long.
    fn yield_now(&self, cx: &mut Context<'_>) {
        let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
        if matches!(flavor, Ok(RuntimeFlavor::CurrentThread)) {
            let _pending = pin!(::tokio::task::yield_now()).poll(cx);
        } else {
            cx.waker().wake_by_ref();
        }
    }
}

impl Spawn for Tokio {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        ::tokio::spawn(task);
    }
}

/// A stream that a connection can run over: TCP, or any other that tokio has.
#[derive(Debug)]
pub struct Io(Kind);

enum Kind {
    Tcp(TcpStream),
    Other(Box<dyn ReadWrite>),
}

trait ReadWrite: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> ReadWrite for S {}

impl Io {
    /// Any stream. It is flushed whenever something was written.
    pub fn new(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self(Kind::Other(Box::new(stream)))
    }
}

impl From<TcpStream> for Io {
    fn from(stream: TcpStream) -> Self {
        Self(Kind::Tcp(stream))
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(stream) => stream.fmt(f),
            Self::Other(_) => f.write_str("a stream"),
        }
    }
}

impl Stream for Io {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut BytesMut,
    ) -> Poll<io::Result<usize>> {
        // The future has no state of its own. Where the system polls by edges, a read that fills
        // less than it could tells tokio that there is no more; trying would be a system call for nothing.
        match &mut self.0 {
            Kind::Tcp(stream) => pin!(stream.read_buf(buffer)).poll(cx),
            Kind::Other(stream) => pin!(stream.read_buf(buffer)).poll(cx),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, batch: &Batch) -> Poll<io::Result<usize>> {
        let mut pieces = [io::IoSlice::new(&[]); 64];
        let count = batch.chunks_vectored(&mut pieces);
        let pieces = pieces.get(..count).unwrap_or_default();
        match &mut self.0 {
            Kind::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
            Kind::Other(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
        }
    }

    fn tune(&self, config: &Config) {
        if let Kind::Tcp(stream) = &self.0 {
            tcp::tune(stream, config);
        }
    }

    fn has_ended(&mut self) -> bool {
        let Kind::Tcp(stream) = &self.0 else {
            return false;
        };
        // What is known now of the socket, which may have something to read besides.
        let mut cx = Context::from_waker(Waker::noop());
        match pin!(stream.ready(Interest::READABLE)).poll(&mut cx) {
            Poll::Ready(Ok(ready)) => ready.is_read_closed(),
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            // Nothing waits inside a socket's handle.
            Kind::Tcp(_) => Poll::Ready(Ok(())),
            Kind::Other(stream) => Pin::new(stream).poll_flush(cx),
        }
    }
}

/// A timer of tokio.
#[derive(Debug)]
pub struct Alarm(Option<Pin<Box<Sleep>>>);

impl Timer for Alarm {
    fn poll_until(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let deadline = deadline.into();
        let sleep = self
            .0
            .get_or_insert_with(|| Box::pin(::tokio::time::sleep_until(deadline)));
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(cx)
    }
}
