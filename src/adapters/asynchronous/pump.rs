use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use super::link::{Link, Plan};
use super::runtime::{Runtime, Stream, Timer};
use crate::client::{self, Incoming, Outgoing, SCRATCH};
use crate::connection::later;
use crate::error::TransportEnd;
use crate::protocol::Protocol;

/// How often a driver that reads nothing looks whether the peer is still there.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How many times a driver reads or writes before other tasks get their turn.
const ROUNDS: usize = 16;

/// Moves the bytes of one transport, as a future that ends with it.
///
/// Dropping it writes what the stream takes at once and ends the transport, for all that wait on it.
#[must_use = "nothing happens on a transport whose pump is not run"]
pub(in crate::adapters) struct Pump<R: Runtime, P: Protocol> {
    runtime: R,
    link: Arc<Link<P>>,
    stream: R::Stream,
    timer: R::Timer,
    incoming: Incoming,
    outgoing: Outgoing,
    /// Bytes written of which the connection does not know yet.
    written: usize,
    /// Whether what was written still has to be flushed.
    unflushed: bool,
    /// Whether more may have arrived than was read last.
    is_behind: bool,
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

impl<R: Runtime, P: Protocol> Pump<R, P> {
    pub(in crate::adapters) fn new(runtime: R, link: Arc<Link<P>>, stream: R::Stream) -> Self {
        let now = link.now();
        let (incoming, outgoing) = link.with(|state| client::transport(&mut state.core, now));
        Self {
            timer: runtime.timer(),
            runtime,
            link,
            stream,
            incoming,
            outgoing,
            written: 0,
            unflushed: false,
            is_behind: false,
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
        self.outgoing.is_ready() || self.unflushed
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
        let is_behind = self.is_behind;
        let (outgoing, linger) = (&mut self.outgoing, &mut self.linger);
        self.link.with(|state| {
            state.attention = false;
            if let Some(steps) = &mut state.steps {
                steps.is_behind = is_behind;
            }
            if written > 0 {
                state.core.written(written, now);
            }
            let mut plan = state.plan(now);
            // A connection that has given up its output does not want it written. That of one that is open
            // keeps its memory for what comes next.
            if !state.core.wants_write() && !state.core.is_open() {
                outgoing.clear();
            }
            outgoing.lend(&mut state.core);
            plan.finished = state.core.is_finished();
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
        match self.write_some(cx) {
            Poll::Pending => return false,
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => {
                // A server that refuses says why before it resets the connection.
                while self.read(cx) != Read::Nothing && !self.is_closed() {}
                self.ended(error.into());
            }
        }
        true
    }

    /// Hands the stream some of the output.
    fn write_some(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(self.stream.poll_write(cx, self.outgoing.pending())) {
            Ok(0) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Ok(count) => {
                self.written += self.outgoing.wrote(count);
                self.unflushed = true;
                Poll::Ready(Ok(()))
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// Writes what the stream takes without waiting, for a connection that is dropped. That a runtime
    /// ends or `main` returns does not lose what was published before, as far as this reaches.
    pub(in crate::adapters) fn write_at_once(&mut self) {
        self.link.with(|state| state.core.say_farewell());
        self.write_ready();
        self.announce_end();
    }

    /// Writes what the stream takes without waiting, and looks at nothing else.
    pub(in crate::adapters) fn write_ready(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            let (now, outgoing) = (self.link.now(), &mut self.outgoing);
            let written = std::mem::take(&mut self.written);
            self.link.with(|state| {
                state.core.written(written, now);
                outgoing.lend(&mut state.core);
            });
            if !self.outgoing.is_ready() || !matches!(self.write_some(&mut cx), Poll::Ready(Ok(())))
            {
                break;
            }
        }
        self.flush_at_once(&mut cx);
    }

    fn flush_at_once(&mut self, cx: &mut Context<'_>) {
        if self.unflushed {
            let flushed = self.stream.poll_flush(cx);
            self.unflushed = flushed.is_pending();
        }
    }

    /// Announces the end of the output, where the transport has a way to.
    pub(in crate::adapters) fn announce_end(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        self.outgoing.close();
        while self.outgoing.is_ready() {
            if !matches!(self.write_some(&mut cx), Poll::Ready(Ok(()))) {
                break;
            }
        }
        self.flush_at_once(&mut cx);
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
                self.ended(error.into());
                true
            }
        }
    }

    /// Reads once.
    fn read(&mut self, cx: &mut Context<'_>) -> Read {
        let buffer = self.incoming.space();
        let before = buffer.len();
        let most = (buffer.capacity() - before).min(SCRATCH);
        match self.stream.poll_read(cx, buffer) {
            Poll::Pending => {
                self.is_behind = false;
                return Read::Nothing;
            }
            Poll::Ready(Ok(0)) => self.ended(TransportEnd::Eof),
            Poll::Ready(Ok(_)) => {
                let is_full = buffer.len() - before >= most;
                self.is_behind = is_full;
                let result = self.incoming.received(before);
                let (now, incoming) = (self.link.now(), &mut self.incoming);
                let is_news = self.link.with(|state| {
                    incoming.hand_over(&mut state.core, now);
                    state.has_news()
                });
                match result {
                    Err(end) => self.failed(end),
                    Ok(()) if self.incoming.has_ended() => self.ended(TransportEnd::Eof),
                    Ok(()) => {
                        return match is_news {
                            true => Read::News,
                            false if is_full => Read::Full,
                            false => Read::Short,
                        };
                    }
                }
            }
            Poll::Ready(Err(error)) => self.ended(error.into()),
        }
        Read::Full
    }

    fn is_closed(&self) -> bool {
        self.link.with(|state| state.core.closed().is_some())
    }

    /// The transport has ended: nothing more can be written.
    fn ended(&mut self, end: TransportEnd) {
        self.outgoing.abandon();
        self.tell_end(end);
    }

    /// The peer cannot be talked with. What TLS says about that is still written.
    fn failed(&mut self, end: TransportEnd) {
        self.outgoing.clear();
        self.tell_end(end);
    }

    fn tell_end(&mut self, end: TransportEnd) {
        let now = self.link.now();
        self.link.with(|state| state.core.transport_ended(end, now));
    }
}

impl<R: Runtime, P: Protocol> Future for Pump<R, P> {
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
                me.outgoing.close();
                if !me.wants_write() || late {
                    return Poll::Ready(());
                }
            }
            if me.outgoing.is_ready() {
                moved |= me.write(cx);
            } else if me.unflushed {
                moved |= me.flush(cx);
            }
            if plan.finished && !me.wants_write() {
                return Poll::Ready(());
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
            let quiet = if me.outgoing.is_empty() {
                0
            } else {
                usize::MAX
            };
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

impl<R: Runtime, P: Protocol> Drop for Pump<R, P> {
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

impl<R: Runtime, P: Protocol> fmt::Debug for Pump<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pump")
            .field("stream", &self.stream)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}
