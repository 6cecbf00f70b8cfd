//! Encryption and decryption, without I/O.
//!
//! All that knows how rustls moves bytes is in this file.

use std::fmt;
use std::io::{BufRead, IoSlice, Write};

use bytes::{Buf, BytesMut};
use rustls::Connection;

use super::fault::{self, Context};
use crate::error::{TlsError, TlsErrorKind};

/// How many bytes are encrypted at once, so that they are still in the cache when they are written.
const SEAL_AT_ONCE: usize = 256 << 10;

/// Pieces of a batch that are encrypted together; records are filled across pieces.
const PIECES: usize = 64;

/// One side of a TLS session, the client's or the server's.
pub(crate) struct Session {
    connection: Connection,
    /// What errors have to know.
    context: Context,
    /// Whether anything has been received.
    has_begun: bool,
    /// Whether the peer has said that it sends nothing more.
    has_ended: bool,
    /// Whether nothing more may be sent.
    is_over: bool,
    /// Whether even the protocol itself sends nothing more.
    is_mute: bool,
}

impl Session {
    pub(super) fn new(connection: impl Into<Connection>, context: Context) -> Self {
        let mut connection = connection.into();
        // The water marks of the output bound what is encrypted, and each record is decrypted at once.
        connection.set_buffer_limit(None);
        Self {
            connection,
            context,
            has_begun: false,
            has_ended: false,
            is_over: false,
            is_mute: false,
        }
    }

    /// Whether the peer has not proved its name yet.
    pub(crate) fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// Whether the peer has announced the end of the stream.
    pub(crate) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Decrypts what was received, all of it, to the end of `plain`. What came before an error is
    /// there too.
    pub(crate) fn open(&mut self, mut sealed: &[u8], plain: &mut BytesMut) -> Result<(), TlsError> {
        if !self.has_begun && !sealed.is_empty() {
            self.has_begun = true;
            if let Some(error) = fault::not_tls(sealed) {
                self.is_over = true;
                return Err(error);
            }
        }
        while !sealed.is_empty() && !self.has_ended {
            let taken = self.connection.read_tls(&mut sealed);
            let result = self.connection.process_new_packets();
            self.drain(plain);
            let state = result.map_err(|error| {
                self.is_over = true;
                fault::translate(&error, &self.context)
            })?;
            // It takes nothing where a message has grown too long to be one.
            if !matches!(taken, Ok(1..)) && !state.peer_has_closed() {
                self.is_over = true;
                return Err(TlsError::new(
                    TlsErrorKind::Protocol,
                    "a message is too long",
                ));
            }
            self.has_ended = state.peer_has_closed();
        }
        Ok(())
    }

    fn drain(&mut self, plain: &mut BytesMut) {
        let mut reader = self.connection.reader();
        while let Ok(chunk) = reader.fill_buf() {
            if chunk.is_empty() {
                return;
            }
            plain.extend_from_slice(chunk);
            let count = chunk.len();
            reader.consume(count);
        }
    }

    /// Whether [`seal`](Self::seal) would append something, given that there is something to encrypt
    /// or not.
    pub(crate) fn has_output(&self, has_plain: bool) -> bool {
        (!self.is_mute && self.connection.wants_write()) || (has_plain && self.may_seal())
    }

    fn may_seal(&self) -> bool {
        !self.is_over && !self.is_handshaking()
    }

    /// Encrypts the beginning of `plain` and takes it out, then appends all that is to be sent to
    /// `sealed`. Returns how many bytes were encrypted; none are before the peer has proved its name.
    pub(crate) fn seal(&mut self, plain: &mut impl Buf, sealed: &mut Vec<u8>) -> usize {
        let mut total = 0;
        while self.may_seal() && plain.has_remaining() && total < SEAL_AT_ONCE {
            let mut pieces = [IoSlice::new(&[]); PIECES];
            let count = plain.chunks_vectored(&mut pieces);
            let pieces = pieces.get(..count).unwrap_or_default();
            let mut cut = [IoSlice::new(&[]); PIECES];
            let count = shorten(pieces, SEAL_AT_ONCE - total, &mut cut);
            let pieces = cut.get(..count).unwrap_or_default();
            // It takes everything, as its buffers have no limit.
            let count = self.connection.writer().write_vectored(pieces);
            let Ok(count @ 1..) = count else { break };
            plain.advance(count);
            total += count;
        }
        while self.connection.wants_write() {
            if !matches!(self.connection.write_tls(sealed), Ok(1..)) {
                break;
            }
        }
        total
    }

    /// Says and encrypts nothing more, for a transport that is gone.
    pub(crate) fn abandon(&mut self) {
        self.is_over = true;
        self.is_mute = true;
    }

    /// Announces the end of what is sent. Nothing can be encrypted from here on.
    pub(crate) fn close(&mut self) {
        if !std::mem::replace(&mut self.is_over, true) {
            self.connection.send_close_notify();
        }
    }
}

/// Stores in `cut` the first `most` bytes of `pieces`. Returns the number of slices.
fn shorten<'a>(pieces: &'a [IoSlice<'_>], most: usize, cut: &mut [IoSlice<'a>; PIECES]) -> usize {
    let mut room = most;
    let mut count = 0;
    for (slot, piece) in cut.iter_mut().zip(pieces) {
        let len = piece.len().min(room);
        if len == 0 {
            break;
        }
        *slot = IoSlice::new(piece.get(..len).unwrap_or_default());
        room -= len;
        count += 1;
    }
    count
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("version", &self.connection.protocol_version())
            .finish_non_exhaustive()
    }
}
