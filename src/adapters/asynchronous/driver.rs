use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Buf;

use super::link::{Link, Plan};
use super::runtime::{Runtime, Stream, Timer};
use crate::adapters::input::Input;
use crate::connection::{Batch, later};
use crate::error::TransportEnd;
use crate::protocol::Protocol;

/// Streams that copy read no more than this at once.
const SCRATCH: usize = crate::adapters::input::SCRATCH;

/// How often a driver that reads nothing looks whether the peer is still there.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How many times a driver reads or writes before other tasks get their turn.
const ROUNDS: usize = 16;

/// Moves the bytes of a connection, as a future that ends with it.
///
/// It has to be polled for anything to happen: it writes what handles say, reads what the server
/// says, sends heartbeats and keeps the deadlines. [`Connection::open`](super::Connection::open)
/// spawns it; those who begin a connection with [`Connection::start`](super::Connection::start) run
/// it as they like, on any executor or by hand.
///
/// Dropping it writes what the stream takes at once and ends the connection, for all that wait on it.
#[must_use = "nothing happens on a connection whose driver is not run"]
pub struct Driver<R: Runtime, P: Protocol> {
    runtime: R,
    link: Arc<Link<P>>,
    stream: R::Stream,
    timer: R::Timer,
    input: Input,
    batch: Batch,
    /// Bytes written of which the connection does not know yet.
    written: usize,
    /// Whether what was written still has to be flushed.
    unflushed: bool,
    /// How long the last flush of a connection that is over may take.
    linger: Option<Instant>,
}

/// What a read came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    /// Nothing has come; the task is woken when something does.
    Nothing,
    /// As much as there was room for, or the end.
    Full,
    /// Less than there was room for, so there may be no more.
    Short,
    /// Something that is told before anything more is read.
    News,
}

impl<R: Runtime, P: Protocol> Driver<R, P> {
    pub(in crate::adapters) fn new(runtime: R, link: Arc<Link<P>>, stream: R::Stream) -> Self {
        Self {
            timer: runtime.timer(),
            runtime,
            link,
            stream,
            input: Input::new(),
            batch: Batch::new(),
            written: 0,
            unflushed: false,
            linger: None,
        }
    }

    pub(in crate::adapters) const fn stream(&self) -> &R::Stream {
        &self.stream
    }

    pub(in crate::adapters) const fn stream_mut(&mut self) -> &mut R::Stream {
        &mut self.stream
    }

    /// Whether some of the output is here that the stream has not taken.
    pub(in crate::adapters) fn wants_write(&self) -> bool {
        !self.batch.is_empty() || self.unflushed
    }

    /// Reads what has arrived before it looks at the time, if something is due.
    fn read_what_is_late(&mut self, cx: &mut Context<'_>) {
        let now = self.link.now();
        for _ in 0..ROUNDS {
            if !self.link.with(|state| state.is_late(now)) || self.read(cx) == Read::Nothing {
                break;
            }
        }
    }

    /// Tells the connection what was done, and asks what is to be done.
    fn plan(&mut self) -> Plan {
        let now = self.link.now();
        let written = std::mem::take(&mut self.written);
        let (batch, linger) = (&mut self.batch, &mut self.linger);
        self.link.with(|state| {
            state.attention = false;
            if written > 0 {
                state.core.written(written, now);
            }
            let mut plan = state.plan(now);
            if batch.is_empty() {
                state.core.lend(batch);
                plan.finished = state.core.is_finished();
            }
            if !plan.read {
                let look = later(now, LOOK_EVERY);
                plan.deadline = Some(plan.deadline.map_or(look, |at| at.min(look)));
            }
            if plan.finished {
                let timeout = state.core.config().close_timeout;
                let linger = *linger.get_or_insert_with(|| later(now, timeout));
                plan.deadline = plan.deadline.into_iter().chain([linger]).min();
            }
            plan
        })
    }

    /// Writes once; gives whether something happened.
    fn write(&mut self, cx: &mut Context<'_>) -> bool {
        match self.stream.poll_write(cx, &self.batch) {
            Poll::Pending => return false,
            Poll::Ready(Ok(0)) => self.ended(TransportEnd::Failed(io::ErrorKind::WriteZero)),
            Poll::Ready(Ok(count)) => {
                let count = count.min(self.batch.len());
                self.batch.advance(count);
                self.written += count;
                self.unflushed = true;
            }
            Poll::Ready(Err(error)) => {
                // A server that refuses says why before it resets the connection.
                while self.read(cx) != Read::Nothing && !self.is_closed() {}
                self.ended(TransportEnd::Failed(error.kind()));
            }
        }
        true
    }

    /// Writes what the stream takes without waiting, for a connection that is dropped. That a runtime
    /// ends or `main` returns does not lose what was published before, as far as this reaches.
    pub(in crate::adapters) fn write_at_once(&mut self) {
        self.link.with(|state| state.core.say_farewell());
        self.write_ready();
    }

    /// Writes what the stream takes without waiting, and looks at nothing else.
    pub(in crate::adapters) fn write_ready(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            let (now, batch) = (self.link.now(), &mut self.batch);
            let written = std::mem::take(&mut self.written);
            self.link.with(|state| {
                state.core.written(written, now);
                if batch.is_empty() {
                    state.core.lend(batch);
                }
            });
            if self.batch.is_empty() {
                break;
            }
            match self.stream.poll_write(&mut cx, &self.batch) {
                Poll::Ready(Ok(count)) if count > 0 => {
                    let count = count.min(self.batch.len());
                    self.batch.advance(count);
                    self.written += count;
                    self.unflushed = true;
                }
                _ => break,
            }
        }
        if self.unflushed {
            let flushed = self.stream.poll_flush(&mut cx);
            self.unflushed = flushed.is_pending();
        }
    }

    /// Sees to it that what was written is sent; gives whether that failed.
    fn flush(&mut self, cx: &mut Context<'_>) -> bool {
        match self.stream.poll_flush(cx) {
            Poll::Pending => false,
            Poll::Ready(Ok(())) => {
                self.unflushed = false;
                false
            }
            Poll::Ready(Err(error)) => {
                self.unflushed = false;
                self.ended(TransportEnd::Failed(error.kind()));
                true
            }
        }
    }

    /// Reads once.
    fn read(&mut self, cx: &mut Context<'_>) -> Read {
        let buffer = self.input.space();
        let before = buffer.len();
        let most = (buffer.capacity() - before).min(SCRATCH);
        match self.stream.poll_read(cx, buffer) {
            Poll::Pending => return Read::Nothing,
            Poll::Ready(Ok(0)) => self.ended(TransportEnd::Eof),
            Poll::Ready(Ok(_)) => {
                let is_full = buffer.len() - before >= most;
                let now = self.link.now();
                let buffer = self.input.filled(before);
                let (missing, is_news) = self.link.with(|state| {
                    state.core.receive(buffer, now);
                    (state.core.bytes_missing(buffer), state.has_news())
                });
                self.input.missing(missing);
                return match is_news {
                    true => Read::News,
                    false if is_full => Read::Full,
                    false => Read::Short,
                };
            }
            Poll::Ready(Err(error)) => self.ended(TransportEnd::Failed(error.kind())),
        }
        Read::Full
    }

    fn is_closed(&self) -> bool {
        self.link.with(|state| state.core.closed().is_some())
    }

    fn ended(&mut self, end: TransportEnd) {
        let now = self.link.now();
        self.batch.clear();
        self.link.with(|state| state.core.transport_ended(end, now));
    }
}

impl<R: Runtime, P: Protocol> Future for Driver<R, P> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let me = &mut *self;
        me.read_what_is_late(cx);
        for _ in 0..ROUNDS {
            let plan = me.plan();
            let mut moved = false;
            if let Some(deadline) = plan.deadline {
                moved |= me.timer.poll_until(cx, deadline).is_ready();
            }
            if plan.finished {
                let late = std::mem::take(&mut moved);
                if me.unflushed && !late {
                    moved = me.flush(cx);
                }
                if !me.unflushed || late {
                    return Poll::Ready(());
                }
            }
            if !me.batch.is_empty() {
                moved |= me.write(cx);
            } else if me.unflushed {
                moved |= me.flush(cx);
            }
            if plan.read {
                match me.read(cx) {
                    // Who got something has it in the cache now.
                    Read::Full => break,
                    // The next look costs no system call where streams know this too.
                    Read::Short => moved = true,
                    // Who takes the steps comes back when they are taken.
                    Read::News => return Poll::Pending,
                    Read::Nothing => {}
                }
            } else if !plan.finished && me.stream.has_ended() {
                me.ended(TransportEnd::Eof);
                moved = true;
            }
            // While it waits for room to write, more output is nothing new.
            let quiet = if me.batch.is_empty() { 0 } else { usize::MAX };
            if !moved && me.link.park(cx.waker(), || quiet) {
                return Poll::Pending;
            }
        }
        mutant!(
            "a driver that has read does not come back",
            me.runtime.yield_now(cx),
            ()
        );
        Poll::Pending
    }
}

impl<R: Runtime, P: Protocol> Drop for Driver<R, P> {
    /// Writes what the stream takes at once, and ends the connection.
    fn drop(&mut self) {
        if !self.link.is_forked() {
            self.write_at_once();
        }
        let now = self.link.now();
        self.link
            .with(|state| state.core.transport_ended(TransportEnd::Undriven, now));
    }
}

impl<R: Runtime, P: Protocol> fmt::Debug for Driver<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("stream", &self.stream)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}
