use std::io;
use std::io::IoSlice;
use std::time::{Duration, Instant};

use bytes::Buf;

use super::input::Input;
use super::transport::Transport;
use crate::connection::Connection;
use crate::error::TransportEnd;
use crate::protocol::Protocol;

/// Pieces handed to one vectored write.
const PIECES: usize = 64;

/// Moves bytes between a connection and a transport that can block.
#[derive(Debug)]
pub(super) struct Driver<T> {
    transport: T,
    input: Input,
}

/// What moving bytes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// Bytes were moved.
    Some,
    /// The transport was not ready within the time.
    Nothing,
    /// The transport is no more. The connection was told.
    End,
}

impl<T: Transport> Driver<T> {
    pub(super) fn new(transport: T) -> Self {
        Self {
            transport,
            input: Input::new(),
        }
    }

    #[cfg(feature = "callbacks")]
    pub(super) const fn transport(&self) -> &T {
        &self.transport
    }

    #[cfg(feature = "callbacks")]
    pub(super) const fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    /// Whether reading and writing keep to the time they are given.
    pub(super) fn keeps_time(&self) -> bool {
        self.transport.keeps_time()
    }

    /// Writes once, waiting no longer than `wait`.
    pub(super) fn write<P: Protocol>(
        &mut self,
        connection: &mut Connection<P>,
        wait: Option<Duration>,
    ) -> Moved {
        let output = connection.outgoing(Instant::now());
        let mut pieces = [IoSlice::new(&[]); PIECES];
        let count = output.chunks_vectored(&mut pieces);
        let pieces = pieces.get(..count).unwrap_or_default();
        match self.transport.write(pieces, wait) {
            Ok(0) => self.ended(connection, TransportEnd::Failed(io::ErrorKind::WriteZero)),
            Ok(written) => {
                output.advance(written.min(output.remaining()));
                Moved::Some
            }
            Err(error) if is_not_ready(&error) => Moved::Nothing,
            Err(error) => {
                // A server that refuses says why before it resets the connection.
                while self.keeps_time()
                    && self.read(connection, Some(Duration::ZERO)) == Moved::Some
                {}
                self.ended(connection, TransportEnd::Failed(error.kind()))
            }
        }
    }

    /// Reads once, waiting no longer than `wait`, and lets the connection handle what came.
    pub(super) fn read<P: Protocol>(
        &mut self,
        connection: &mut Connection<P>,
        wait: Option<Duration>,
    ) -> Moved {
        let want = self.input.want();
        let buffer = self.input.space();
        let before = buffer.len();
        buffer.resize(before + want, 0);
        let space = buffer.get_mut(before..).unwrap_or_default();
        let result = self.transport.read(space, wait);
        let count = result.as_ref().map_or(0, |count| (*count).min(want));
        buffer.truncate(before + count);
        match result {
            Ok(0) => self.ended(connection, TransportEnd::Eof),
            Ok(_) => {
                let buffer = self.input.filled(before);
                connection.receive(buffer, Instant::now());
                let missing = connection.bytes_missing(buffer);
                self.input.missing(missing);
                Moved::Some
            }
            Err(error) if is_not_ready(&error) => Moved::Nothing,
            Err(error) => self.ended(connection, TransportEnd::Failed(error.kind())),
        }
    }

    /// Gives the transport up.
    pub(super) fn shut_down(&mut self) {
        self.transport.shut_down();
    }

    fn ended<P: Protocol>(&self, connection: &mut Connection<P>, end: TransportEnd) -> Moved {
        connection.transport_ended(end, Instant::now());
        Moved::End
    }
}

fn is_not_ready(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
}
