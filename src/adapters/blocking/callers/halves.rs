//! Moves bytes between a connection and the two halves of its transport.

use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Buf as _;

use crate::adapters::asynchronous::link::{Link, State};
use crate::adapters::transport::Transport;
use crate::client::{Incoming, Outgoing};
use crate::connection::later;
use crate::error::TransportEnd;
use crate::protocol::Protocol;

/// Pieces handed to one vectored write.
const PIECES: usize = 64;

/// Reads from a transport.
pub(super) struct Reader {
    transport: Box<dyn Transport + Send>,
    incoming: Incoming,
}

impl Reader {
    pub(super) fn new(transport: Box<dyn Transport + Send>, incoming: Incoming) -> Self {
        Self {
            transport,
            incoming,
        }
    }

    /// Whether reading keeps to the time that it is given.
    pub(super) fn keeps_time(&self) -> bool {
        self.transport.keeps_time()
    }

    /// Whether the peer is known to be gone, without reading.
    pub(super) fn has_ended(&mut self) -> bool {
        self.transport.has_ended()
    }

    /// Reads once, and hands the connection what arrived. Returns `false` if nothing did in time.
    pub(super) fn read<P: Protocol>(
        &mut self,
        link: &Link<P>,
        wait: Duration,
    ) -> Result<bool, TransportEnd> {
        let want = self.incoming.want();
        let buffer = self.incoming.space();
        let before = buffer.len();
        buffer.resize(before + want, 0);
        let space = buffer.get_mut(before..).unwrap_or_default();
        let result = self.transport.read(space, Some(wait));
        let count = result.as_ref().map_or(0, |count| (*count).min(want));
        buffer.truncate(before + count);
        match result {
            Ok(0) => Err(TransportEnd::Eof),
            Ok(_) => {
                let result = self.incoming.received(before);
                let (incoming, now) = (&mut self.incoming, Instant::now());
                link.with(|state| incoming.hand_over(&mut state.core, now));
                result?;
                match self.incoming.has_ended() {
                    true => Err(TransportEnd::Eof),
                    false => Ok(true),
                }
            }
            Err(error) if is_not_ready(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// How long a thread goes on with what others add. Whoever adds something after it was announced that
/// the time is over sees to its own output, so nothing is left behind.
pub(super) struct Limit<'a> {
    time: Duration,
    /// When the time is over. The clock is read only where others add something.
    until: Option<Instant>,
    /// Tells others that output may be left for them.
    behind: &'a AtomicBool,
    is_announced: bool,
}

impl<'a> Limit<'a> {
    pub(super) const fn new(time: Duration, behind: &'a AtomicBool) -> Self {
        Self {
            time,
            until: None,
            behind,
            is_announced: false,
        }
    }

    /// Whether one more batch may be lent. The last one is what was there when the end was announced.
    pub(super) fn lends(&mut self, now: Instant) -> bool {
        if now < *self.until.get_or_insert_with(|| later(now, self.time)) {
            return true;
        }
        let is_last = !self.is_announced;
        self.is_announced = true;
        self.behind.store(true, Ordering::Relaxed);
        is_last
    }

    pub(super) const fn is_announced(&self) -> bool {
        self.is_announced
    }

    /// Whether even a batch that is begun is left, since the transport takes it too slowly.
    fn gives_up(&mut self, now: Instant) -> bool {
        let until = *self.until.get_or_insert_with(|| later(now, self.time));
        now >= later(until, self.time)
    }
}

/// Writes to a transport.
pub(super) struct Writer {
    transport: Box<dyn Transport + Send>,
    outgoing: Outgoing,
    /// Why writing has failed.
    failed: Option<io::ErrorKind>,
}

impl Writer {
    pub(super) fn new(transport: Box<dyn Transport + Send>, outgoing: Outgoing) -> Self {
        Self {
            transport,
            outgoing,
            failed: None,
        }
    }

    /// Writes until nothing is left, if `begin` allows it; waits for room no longer than `wait` each
    /// time. Others may add output as fast as it is written, so `limit` ends it. Returns `false` if
    /// something is left.
    pub(super) fn write<P: Protocol>(
        &mut self,
        link: &Link<P>,
        (wait, limit): (Duration, &mut Limit<'_>),
        begin: impl FnOnce(&mut State<P>) -> bool,
    ) -> Result<bool, io::ErrorKind> {
        let (outgoing, failed) = (&mut self.outgoing, self.failed);
        let may_write = link.with(|state| {
            if !begin(state) || failed.is_some() {
                return false;
            }
            // A connection that gave up its output does not want it written.
            if !state.core.wants_write() {
                outgoing.clear();
            }
            outgoing.lend(&mut state.core);
            true
        });
        if !may_write {
            return failed.map_or(Ok(false), Err);
        }
        while self.outgoing.is_ready() {
            let Some(written) = self.write_once(wait)? else {
                return Ok(false);
            };
            let (outgoing, now) = (&mut self.outgoing, Instant::now());
            link.with(|state| {
                state.core.written(written, now);
                if !outgoing.is_ready() && state.core.wants_write() && limit.lends(now) {
                    outgoing.lend(&mut state.core);
                }
            });
            if outgoing.is_ready() && limit.gives_up(now) {
                return Ok(false);
            }
        }
        Ok(self.outgoing.is_empty())
    }

    /// Writes once. Returns how many bytes of the connection are written with that, or nothing if
    /// there was no room in time.
    fn write_once(&mut self, wait: Duration) -> Result<Option<usize>, io::ErrorKind> {
        let mut pieces = [IoSlice::new(&[]); PIECES];
        let count = self.outgoing.pending().chunks_vectored(&mut pieces);
        let pieces = pieces.get(..count).unwrap_or_default();
        let failed = match self.transport.write(pieces, Some(wait)) {
            Ok(0) => io::ErrorKind::WriteZero,
            Ok(count) => return Ok(Some(self.outgoing.wrote(count))),
            Err(error) if is_not_ready(&error) => return Ok(None),
            Err(error) => error.kind(),
        };
        self.outgoing.abandon();
        self.failed = Some(failed);
        Err(failed)
    }

    /// Announces the end of the output, where the transport has a way to, as far as that can be
    /// written within `wait`.
    pub(super) fn close(&mut self, wait: Duration) {
        self.outgoing.close();
        while self.failed.is_none() && self.outgoing.is_ready() {
            if !matches!(self.write_once(wait), Ok(Some(_))) {
                return;
            }
        }
    }
}

fn is_not_ready(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
}
