//! Drives a connection on the threads that use it, without a thread of its own.
//!
//! A thread that waits for something reads, writes and keeps the deadlines meanwhile; where several
//! wait, one of them reads, as [`line`] decides. A thread that sends something writes it itself, and
//! leaves to those that wait what the transport does not take within [`SENDING_AT_MOST`].
//!
//! Locks are taken in this order: reader, writer, connection, line. The first two are only ever
//! tried, so no thread waits for another one that does I/O.

mod halves;
mod line;
mod sync;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Waker};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub(super) use self::line::Signal;

use self::halves::{Limit, Reader, Writer};
use self::line::{Line, Token, Turn, Wait, Write, try_lock, write};
use super::wait::Waiter;
use crate::adapters::asynchronous::link::{Host, Link, Waited};
use crate::adapters::sockets::Halves;
use crate::client::{Incoming, Outgoing};
use crate::connection::later;
use crate::error::TransportEnd;
use crate::protocol::Protocol;

/// How long a write waits for room, and how long a thread goes on with what others add, before reading
/// gets its turn: a server that cannot deliver what it has for us may stop reading, and then only
/// reading helps.
const WRITE_STEP: Duration = Duration::from_millis(20);

/// How long a write waits where its caller does not wait for anything.
const BRIEFLY: Duration = Duration::from_millis(1);

/// How long a thread that sends goes on writing.
const SENDING_AT_MOST: Duration = Duration::from_millis(100);

/// How often a thread that does not wait looks for what has arrived.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How many reads such a look makes at most: a mebibyte with the largest ones.
const READS_AT_A_LOOK: usize = 4;

/// How long one read may take. Other threads cannot interrupt it, so this also bounds how long output
/// that another thread left, and a change that no byte brings, wait to be noticed.
const READ_STEP: Duration = Duration::from_millis(1024);

/// After how long at least a wait is given up because nothing may be read. Those who wait all the same
/// begin anew each time.
const STUCK_AT_LEAST: Duration = Duration::from_millis(10);

/// How long a thread trusts the one that reads to handle a deadline that is due.
const TRUST: Duration = Duration::from_millis(5);

/// The transport of a connection, and the threads that wait on it.
pub(super) struct Callers {
    line: Line<Reader>,
    writer: Mutex<Writer>,
    shut_down: Box<dyn Fn() + Send + Sync>,
    began: Instant,
    /// When the last look was, in milliseconds from the beginning.
    looked: AtomicU64,
    /// When the thread that reads is back at the latest, in microseconds from the beginning. Changes
    /// under the lock of the connection.
    reading_until: AtomicU64,
    /// How many bytes may wait for more.
    hold: AtomicUsize,
    /// Whether output was left when the transport was written to last.
    behind: AtomicBool,
    /// Why writing has failed.
    failed: OnceLock<io::ErrorKind>,
}

impl Callers {
    pub(super) fn new(halves: Halves, (incoming, outgoing): (Incoming, Outgoing)) -> Self {
        Self {
            line: Line::new(Reader::new(halves.reader, incoming)),
            writer: Mutex::new(Writer::new(halves.writer, outgoing)),
            shut_down: halves.shut_down,
            began: Instant::now(),
            looked: AtomicU64::new(0),
            reading_until: AtomicU64::new(0),
            hold: AtomicUsize::new(0),
            behind: AtomicBool::new(false),
            failed: OnceLock::new(),
        }
    }

    /// Writes, and parks the link for when there is more to do.
    fn tend<P: Protocol>(&self, link: &Arc<Link<P>>, wait: Duration) -> Tended {
        let mut tending = Tending {
            host: self,
            link,
            wait,
            limit: Limit::new(WRITE_STEP, &self.behind),
            tended: Tended::Taken,
            waker: None,
        };
        write(&self.writer, &mut tending);
        tending.tended
    }

    /// Ends a transport that could not be written to. A server that refuses says why before it resets
    /// the connection, so what has arrived is read, here or by the thread that reads.
    fn read_to_the_end<P: Protocol>(&self, link: &Link<P>, why: io::ErrorKind) {
        let why = *self.failed.get_or_init(|| why);
        (self.shut_down)();
        if let Some(mut token) = self.line.try_read() {
            if let Some(reader) = token.reader().filter(|reader| reader.keeps_time()) {
                while self.read(link, reader, Duration::ZERO) {}
            }
            let end = TransportEnd::Failed(why);
            link.with(|state| state.core.transport_ended(end, Instant::now()));
        }
    }

    /// Reads once, and hands the connection what arrived or that the transport ended. Returns whether
    /// bytes arrived.
    fn read<P: Protocol>(&self, link: &Link<P>, reader: &mut Reader, wait: Duration) -> bool {
        let end = match reader.read(link, wait) {
            Ok(arrived) => return arrived,
            Err(end) => end,
        };
        let end = self
            .failed
            .get()
            .map_or(end, |why| TransportEnd::Failed(*why));
        link.with(|state| state.core.transport_ended(end, Instant::now()));
        false
    }

    /// Writes what is left, and reads meanwhile, but not for long.
    fn push<P: Protocol>(&self, link: &Arc<Link<P>>) {
        let end = Instant::now() + SENDING_AT_MOST;
        loop {
            match self.tend(link, WRITE_STEP) {
                Tended::Done => return,
                Tended::Taken if !self.behind.load(Ordering::Relaxed) => return,
                // The thread that writes may leave before it comes to what this one has added.
                Tended::Taken => sleep(BRIEFLY),
                Tended::Left => {}
            }
            if Instant::now() >= end {
                return;
            }
            self.look_at(link, Instant::now());
        }
    }

    /// How much output is no reason to write.
    fn quiet(&self) -> usize {
        if self.behind.load(Ordering::Relaxed) || self.failed.get().is_some() {
            return usize::MAX;
        }
        self.hold.load(Ordering::Relaxed).saturating_sub(1)
    }

    fn look_if_due<P: Protocol>(&self, link: &Arc<Link<P>>) {
        let now = Instant::now();
        let due = self.looked.load(Ordering::Relaxed) + LOOK_EVERY.as_millis() as u64;
        if self.millis(now) >= due {
            self.look_at(link, now);
        }
    }

    /// Handles what has arrived and what is due, unless a thread reads.
    fn look_at<P: Protocol>(&self, link: &Arc<Link<P>>, now: Instant) {
        let Some(mut token) = self.line.try_read() else {
            return;
        };
        self.looked.store(self.millis(now), Ordering::Relaxed);
        self.read_what_is_there(link, &mut token);
        // Only now: what has arrived may be the sign of life that is waited for.
        let finished = link.with(|state| state.plan(Instant::now()).finished);
        if finished {
            self.end();
        }
    }

    fn read_what_is_there<P: Protocol>(&self, link: &Link<P>, token: &mut Token<'_, Reader>) {
        let Some(reader) = token.reader() else { return };
        if !reader.keeps_time() {
            return link.with(|state| state.core.reading_paused(Instant::now()));
        }
        for _ in 0..READS_AT_A_LOOK {
            let may_read = link.with(|state| !state.session.is_full() && !state.core.is_finished());
            if !may_read || !self.read(link, reader, Duration::ZERO) {
                break;
            }
        }
    }

    /// Ends a transport that is not needed any more.
    fn end(&self) {
        if let Some(mut writer) = try_lock(&self.writer) {
            writer.close(BRIEFLY);
        }
        (self.shut_down)();
    }

    fn millis(&self, at: Instant) -> u64 {
        at.saturating_duration_since(self.began).as_millis() as u64
    }

    fn micros(&self, at: Instant) -> u64 {
        at.saturating_duration_since(self.began).as_micros() as u64
    }
}

impl<P: Protocol> Host<P> for Callers {
    fn wait(
        &self,
        link: &Arc<Link<P>>,
        poll: &mut dyn FnMut(&mut Context<'_>) -> bool,
        until: Option<Instant>,
    ) -> Waited {
        let waiter = Waiter::of_this_thread();
        let mut waiting = Waiting {
            host: self,
            link,
            waker: waiter.waker(),
            poll,
            until,
            began: None,
            is_stuck: false,
        };
        self.line.wait(waiter.signal(), &mut waiting)
    }

    fn attend(&self, link: &Arc<Link<P>>) {
        self.tend(link, BRIEFLY);
        self.look_if_due(link);
    }

    fn look(&self, link: &Arc<Link<P>>) {
        self.look_if_due(link);
    }

    fn sent(&self, link: &Arc<Link<P>>) {
        if self.behind.load(Ordering::Relaxed) {
            self.push(link);
        }
    }

    fn hold_back(&self, link: &Arc<Link<P>>, bytes: usize) {
        self.hold.store(bytes, Ordering::Relaxed);
        self.flush(link);
    }

    fn flush(&self, link: &Arc<Link<P>>) {
        // A thread that writes already goes on until all is written.
        link.with(|state| state.attention = true);
        self.push(link);
        self.look_at(link, Instant::now());
    }

    fn hang_up(&self, link: &Arc<Link<P>>) {
        if link.is_forked() {
            return;
        }
        if let Some(mut writer) = try_lock(&self.writer) {
            let limit = &mut Limit::new(WRITE_STEP, &self.behind);
            let _written = writer.write(link, (BRIEFLY, limit), |state| {
                state.core.say_farewell();
                true
            });
            writer.close(BRIEFLY);
        }
        (self.shut_down)();
        link.with(|state| {
            state
                .core
                .transport_ended(TransportEnd::Eof, Instant::now())
        });
    }

    fn finish(&self, link: &Arc<Link<P>>) {
        self.hang_up(link);
    }
}

/// A thread that writes.
struct Tending<'a, P: Protocol> {
    host: &'a Callers,
    link: &'a Arc<Link<P>>,
    wait: Duration,
    /// When it leaves the rest to others.
    limit: Limit<'a>,
    tended: Tended,
    waker: Option<Waker>,
}

/// What a thread that wanted to write found.
#[derive(Clone, Copy)]
enum Tended {
    /// Nothing is left.
    Done,
    /// Output is left.
    Left,
    /// Another thread writes.
    Taken,
}

impl Tended {
    const fn leaving(is_left: bool) -> Self {
        if is_left { Self::Left } else { Self::Done }
    }
}

impl<P: Protocol> Write<Writer> for Tending<'_, P> {
    fn write(&mut self, writer: &mut Writer) -> bool {
        let (host, link) = (self.host, self.link);
        let (mut resumed, mut forked, mut closed) = (false, false, false);
        let written = writer.write(link, (self.wait, &mut self.limit), |state| {
            state.attention = false;
            closed = state.core.closed().is_some();
            resumed = state.stalled.is_some() && state.may_read();
            state.stalled.take_if(|_| resumed);
            forked = std::mem::take(&mut state.dropped) && link.is_forked();
            !forked
        });
        if forked {
            self.tended = Tended::Done;
            return false;
        }
        if resumed {
            host.line.wake_all();
        }
        let is_left = written == Ok(false) || self.limit.is_announced();
        host.behind.store(is_left, Ordering::Relaxed);
        self.tended = Tended::leaving(is_left);
        if let Err(why) = written {
            host.read_to_the_end(link, why);
        } else if closed && link.with(|state| state.core.is_finished()) {
            writer.close(BRIEFLY);
            (host.shut_down)();
        }
        true
    }

    fn is_done(&mut self) -> bool {
        let (host, link) = (self.host, self.link);
        let waker = self.waker.get_or_insert_with(|| link.clone().into());
        if !self.limit.is_announced() {
            return link.park(waker, || host.quiet()) || !self.limit.lends(Instant::now());
        }
        let left = link.leave(waker, |is_left| {
            host.behind.store(is_left, Ordering::Relaxed);
            host.quiet()
        });
        self.tended = Tended::leaving(left != Some(false));
        left.is_some()
    }
}

/// A thread that waits.
struct Waiting<'a, P: Protocol> {
    host: &'a Callers,
    link: &'a Arc<Link<P>>,
    waker: &'a Waker,
    poll: &'a mut dyn FnMut(&mut Context<'_>) -> bool,
    until: Option<Instant>,
    /// When it had to wait first.
    began: Option<Instant>,
    /// Whether nothing was read for too long.
    is_stuck: bool,
}

impl<P: Protocol> Waiting<'_, P> {
    /// When the wait is given up, if nothing may be read before.
    fn stuck_at(&self, stalled: Option<Instant>, now: Instant) -> Option<Instant> {
        let since = stalled?.max(self.began.unwrap_or(now));
        let timeout = self
            .link
            .with(|state| state.core.config().blocked_timeout)?;
        Some(later(since, timeout.max(STUCK_AT_LEAST)))
    }
}

impl<P: Protocol> Wait<Reader> for Waiting<'_, P> {
    type End = Waited;

    fn poll(&mut self) -> Option<Waited> {
        if (self.poll)(&mut Context::from_waker(self.waker)) {
            return Some(Waited::Ready);
        }
        // Also a wait without time serves the connection once.
        if self.began.is_some() && self.until.is_some_and(|until| until <= Instant::now()) {
            return Some(Waited::Late);
        }
        self.is_stuck.then_some(Waited::Stalled)
    }

    fn write(&mut self) {
        self.host.tend(self.link, WRITE_STEP);
    }

    fn plan(&mut self, reader: &mut Reader) -> Turn {
        let (host, link) = (self.host, self.link);
        let now = Instant::now();
        self.began.get_or_insert(now);
        for _ in 0..READS_AT_A_LOOK {
            let is_late = reader.keeps_time() && link.with(|state| state.is_late(now));
            if !is_late || !host.read(link, reader, Duration::ZERO) {
                break;
            }
        }
        let step = later(now, READ_STEP);
        let (plan, stalled, bound) = link.with(|state| {
            let plan = state.plan(now);
            let mut bound = plan
                .deadline
                .into_iter()
                .chain(self.until)
                .fold(step, Instant::min);
            if state.core.wants_write() {
                bound = bound.min(later(now, WRITE_STEP));
            }
            let until = host.micros(bound);
            host.reading_until.store(until, Ordering::Relaxed);
            (plan, state.stalled, bound)
        });
        if plan.finished {
            host.end();
        }
        if plan.read {
            return Turn::Read(bound);
        }
        if !plan.finished && reader.has_ended() {
            let end = TransportEnd::Failed(io::ErrorKind::ConnectionReset);
            link.with(|state| state.core.transport_ended(end, now));
            return Turn::Pause(now);
        }
        let stuck_at = self.stuck_at(stalled, now);
        self.is_stuck = stuck_at.is_some_and(|at| at <= now);
        Turn::Pause(stuck_at.map_or(bound, |at| at.min(bound)))
    }

    fn read(&mut self, reader: &mut Reader, until: Instant) {
        let (host, now) = (self.host, Instant::now());
        let wait = until.saturating_duration_since(now).max(BRIEFLY);
        if host.read(self.link, reader, wait) {
            host.looked.store(host.millis(now), Ordering::Relaxed);
        }
    }

    fn follow(&mut self) -> Option<Instant> {
        let (host, now) = (self.host, Instant::now());
        self.began.get_or_insert(now);
        let (bound, stalled, behind) = self.link.with(|state| {
            let theirs = host.reading_until.load(Ordering::Relaxed);
            let is_back = theirs <= host.micros(now);
            let bound = match state.deadline() {
                // The thread that reads is about to look at the time.
                Some(_) if is_back => Some(later(now, TRUST)),
                Some(at) if at <= now => {
                    state.plan(now);
                    Some(now)
                }
                at => at.filter(|at| host.micros(*at) < theirs),
            };
            (bound, state.stalled, state.core.wants_write())
        });
        let stuck_at = self.stuck_at(stalled, now);
        self.is_stuck = stuck_at.is_some_and(|at| at <= now);
        let write = behind.then(|| later(now, WRITE_STEP));
        [bound, stuck_at, write, self.until]
            .into_iter()
            .flatten()
            .min()
    }
}
