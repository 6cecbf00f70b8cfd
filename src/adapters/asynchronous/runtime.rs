use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::BytesMut;

use super::connector::Connector;
use crate::config::Config;
use crate::connection::Batch;

/// What an asynchronous runtime has to offer: streams, timers and a clock.
///
/// pika has one for tokio and one for everything that speaks `futures-io`. Others are written in
/// about a hundred lines; nothing in here knows AMQP. An instance belongs to one connection, with its
/// clones; it may hold a clock, a resolver, or the address of a proxy.
pub trait Runtime: Clone + Send + Sync + Unpin + 'static {
    /// A stream of bytes in both directions.
    type Stream: Stream;
    /// Wakes a task at some time.
    type Timer: Timer;

    /// The time, by the clock of the timers.
    fn now(&self) -> Instant;

    /// A timer.
    fn timer(&self) -> Self::Timer;

    /// Looks up the addresses of a host, the preferred ones first.
    ///
    /// The system's `getaddrinfo` blocks, so it has to run on a thread that may wait.
    fn look_up(
        &self,
        host: &str,
        port: u16,
    ) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;

    /// Opens streams in place of [`look_up`](Self::look_up) and [`connect`](Self::connect). Default: none.
    fn connector(&self) -> Option<Connector<Self::Stream>> {
        None
    }

    /// Connects to an address.
    ///
    /// Which address is tried when, and for how long, is up to the caller, which drops the
    /// future to give up.
    fn connect(&self, address: SocketAddr)
    -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Returns whether several calls of [`connect`](Self::connect) may be under way at once. Then the
    /// addresses of a host are raced as RFC 8305 describes, 250 ms apart. Default: yes.
    fn races(&self) -> bool {
        true
    }

    /// Wakes the task of `cx` once other tasks had their turn.
    ///
    /// A driver that has read as much as it could asks for this, so that messages are consumed before more are read. By
    /// default it wakes the task at once, which suits runtimes that run tasks in the order in which
    /// they were woken.
    fn yield_now(&self, cx: &mut Context<'_>) {
        cx.waker().wake_by_ref();
    }
}

/// A runtime that can spawn tasks, which threads may share.
pub trait Spawn: Runtime<Stream: Send> {
    /// Runs a task in the background.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);
}

/// A stream of bytes in both directions.
pub trait Stream: fmt::Debug + Unpin + 'static {
    /// Reads once, into what is free in `buffer`, which is something; gives how many bytes came, 0
    /// at the end of the stream.
    ///
    /// # Errors
    /// Anything that means the end.
    fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut BytesMut)
    -> Poll<io::Result<usize>>;

    /// Writes once from `batch`, which is not empty; gives how many bytes went. They are not to be
    /// taken out of it.
    ///
    /// # Errors
    /// Anything that means the end.
    fn poll_write(&mut self, cx: &mut Context<'_>, batch: &Batch) -> Poll<io::Result<usize>>;

    /// Sets the options of a socket that was just connected:
    /// [`keep_alive`](Config::keep_alive) and [`user_timeout`](Config::user_timeout), as far as there
    /// are such. By default nothing is done.
    fn tune(&self, _config: &Config) {}

    /// Whether the peer has ended the stream, as far as that is known without reading. Asked now and then
    /// while nothing is read, since a consumer does not take its messages. By default it is not known.
    fn has_ended(&mut self) -> bool {
        false
    }

    /// Sees to it that what was written is sent.
    ///
    /// # Errors
    /// Anything that means the end.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// Wakes a task at some time.
pub trait Timer: fmt::Debug + Send + Unpin + 'static {
    /// Ready at `deadline`. Until then the task is woken at that time, unless this is called with
    /// another deadline before.
    fn poll_until(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()>;
}
