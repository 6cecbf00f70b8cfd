use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Buf;

use super::link::{Link, State};
use super::runtime::{Runtime, Stream, Timer};
use crate::adapters::input::Input;
use crate::connection::{Batch, later};
use crate::error::TransportEnd;
use crate::protocol::Protocol;

/// Streams that copy read no more than this at once.
const SCRATCH: usize = crate::adapters::input::SCRATCH;

/// How many times a driver reads or writes before other tasks get their turn.
const ROUNDS: usize = 16;

/// Moves the bytes of a connection, as a future that ends with it.
///
/// It has to be polled for anything to happen: it writes what handles say, reads what the server
/// says, sends heartbeats and keeps the deadlines. [`Connection::open`](super::Connection::open)
/// spawns it; those who begin a connection with [`Connection::start`](super::Connection::start) run
/// it as they like, on any executor or by hand.
///
/// Dropping it ends the transport at once: everybody who waits on the connection is told so.
#[must_use = "nothing happens on a connection whose driver is not run"]
pub struct Driver<R: Runtime, P: Protocol> {
    link: Arc<Link<P>>,
    stream: R::Stream,
    timer: R::Timer,
    input: Input,
    batch: Batch,
    /// Bytes written of which the connection does not know yet.
    written: usize,
    /// Whether nothing is being read, because of a slow consumer.
    paused: bool,
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
}

/// What is to be done next.
struct Plan {
    finished: bool,
    read: bool,
    deadline: Option<Instant>,
}

impl<R: Runtime, P: Protocol> Driver<R, P> {
    pub(super) fn new(link: Arc<Link<P>>, stream: R::Stream) -> Self {
        Self {
            link,
            stream,
            timer: R::timer(),
            input: Input::new(),
            batch: Batch::new(),
            written: 0,
            paused: false,
            unflushed: false,
            linger: None,
        }
    }

    /// Reads what has come before time is told, if something is due: a driver that was not polled
    /// for long finds replies and signs of life that are older than their deadlines.
    fn read_what_is_late(&mut self, cx: &mut Context<'_>) {
        let now = self.link.now();
        let is_late = |state: &mut State<P>| {
            let due = state.core.poll_timeout().is_some_and(|at| at <= now);
            due && state.may_read() && !state.core.is_finished()
        };
        for _ in 0..ROUNDS {
            if !self.link.with(is_late) || self.read(cx) == Read::Nothing {
                break;
            }
        }
    }

    /// Tells the connection what was done, and asks what is to be done.
    fn plan(&mut self) -> Plan {
        let now = self.link.now();
        let written = std::mem::take(&mut self.written);
        let (batch, linger, paused) = (&mut self.batch, &mut self.linger, &mut self.paused);
        self.link.with(|state| {
            state.attention = false;
            if written > 0 {
                state.core.written(written, now);
            }
            if *paused {
                // What was not read until now cannot be missed.
                state.core.reading_paused(now);
            }
            state.core.handle_timeout(now);
            state.wake_waiting(now);
            if batch.is_empty() {
                state.core.lend(batch);
            }
            let read = state.may_read();
            *paused = !read;
            let finished = state.core.is_finished();
            if finished {
                let timeout = state.core.config().close_timeout;
                linger.get_or_insert_with(|| later(now, timeout));
            }
            let deadlines = [
                state.core.poll_timeout(),
                state.session.expecting.deadline(),
                *linger,
            ];
            Plan {
                finished,
                read: read && !finished,
                deadline: deadlines.into_iter().flatten().min(),
            }
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
                let missing = self.link.with(|state| {
                    state.core.receive(buffer, now);
                    state.core.bytes_missing(buffer)
                });
                self.input.missing(missing);
                return if is_full { Read::Full } else { Read::Short };
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
                    Read::Nothing => {}
                }
            }
            let writing = !me.batch.is_empty();
            if !moved && me.link.park(cx.waker(), writing) {
                return Poll::Pending;
            }
        }
        R::yield_now(cx);
        Poll::Pending
    }
}

impl<R: Runtime, P: Protocol> Drop for Driver<R, P> {
    /// Whoever waits learns that nobody moves bytes any more.
    fn drop(&mut self) {
        let end = TransportEnd::Failed(io::ErrorKind::ConnectionAborted);
        let now = self.link.now();
        self.link.with(|state| state.core.transport_ended(end, now));
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

impl<P: Protocol> State<P> {
    /// Whether more may be taken in. What a task waits for may stand behind the messages of a
    /// consumer that is slow, so then it goes on for longer.
    pub(super) fn may_read(&self) -> bool {
        let session = &self.session;
        let awaits = || session.awaits_news() || self.core.awaits_reply();
        !session.is_full() || (awaits() && !session.is_overfull())
    }

    /// Wakes the tasks that have waited long enough.
    fn wake_waiting(&mut self, now: Instant) {
        let session = &mut self.session;
        session.expecting.wake_due(now, &mut session.woken);
    }
}
