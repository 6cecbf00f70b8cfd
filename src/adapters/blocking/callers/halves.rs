//! Moves bytes between a connection and the two halves of its transport.

use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use bytes::Buf;

use crate::adapters::asynchronous::link::{Link, State};
use crate::adapters::input::Input;
use crate::adapters::transport::Transport;
use crate::connection::Batch;
use crate::error::TransportEnd;
use crate::protocol::Protocol;

/// Pieces handed to one vectored write.
const PIECES: usize = 64;

/// Reads from a transport.
pub(super) struct Reader {
    transport: Box<dyn Transport + Send>,
    input: Input,
}

impl Reader {
    pub(super) fn new(transport: Box<dyn Transport + Send>) -> Self {
        let input = Input::new();
        Self { transport, input }
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
        let want = self.input.want();
        let buffer = self.input.space();
        let before = buffer.len();
        buffer.resize(before + want, 0);
        let space = buffer.get_mut(before..).unwrap_or_default();
        let result = self.transport.read(space, Some(wait));
        let count = result.as_ref().map_or(0, |count| (*count).min(want));
        buffer.truncate(before + count);
        match result {
            Ok(0) => Err(TransportEnd::Eof),
            Ok(_) => {
                let (buffer, now) = (self.input.filled(before), Instant::now());
                let missing = link.with(|state| {
                    state.core.receive(buffer, now);
                    state.core.bytes_missing(buffer)
                });
                self.input.missing(missing);
                Ok(true)
            }
            Err(error) if is_not_ready(&error) => Ok(false),
            Err(error) => Err(TransportEnd::Failed(error.kind())),
        }
    }
}

/// Writes to a transport.
pub(super) struct Writer {
    transport: Box<dyn Transport + Send>,
    batch: Batch,
    /// Why writing has failed.
    failed: Option<io::ErrorKind>,
}

impl Writer {
    pub(super) fn new(transport: Box<dyn Transport + Send>) -> Self {
        Self {
            transport,
            batch: Batch::new(),
            failed: None,
        }
    }

    /// Writes until nothing is left, if `begin` allows it; waits for room no longer than `wait` each
    /// time. Returns `false` if something is left.
    pub(super) fn write<P: Protocol>(
        &mut self,
        link: &Link<P>,
        wait: Duration,
        begin: impl FnOnce(&mut State<P>) -> bool,
    ) -> Result<bool, io::ErrorKind> {
        let (batch, transport) = (&mut self.batch, &mut self.transport);
        let failed = self.failed;
        let may_write = link.with(|state| {
            if !begin(state) || failed.is_some() {
                return false;
            }
            // A connection that gave up its output does not want it written.
            if !state.core.wants_write() {
                batch.clear();
            }
            if batch.is_empty() {
                state.core.lend(batch);
            }
            true
        });
        if !may_write {
            return failed.map_or(Ok(false), Err);
        }
        while !batch.is_empty() {
            let mut pieces = [IoSlice::new(&[]); PIECES];
            let count = batch.chunks_vectored(&mut pieces);
            let pieces = pieces.get(..count).unwrap_or_default();
            let failed = match transport.write(pieces, Some(wait)) {
                Ok(0) => io::ErrorKind::WriteZero,
                Ok(count) => {
                    batch.advance(count.min(batch.len()));
                    let now = Instant::now();
                    link.with(|state| {
                        state.core.written(count, now);
                        if batch.is_empty() {
                            state.core.lend(batch);
                        }
                    });
                    continue;
                }
                Err(error) if is_not_ready(&error) => return Ok(false),
                Err(error) => error.kind(),
            };
            batch.clear();
            self.failed = Some(failed);
            return Err(failed);
        }
        Ok(true)
    }
}

fn is_not_ready(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
}
