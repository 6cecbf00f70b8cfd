use std::fmt;
use std::time::Instant;

use bytes::BytesMut;

use super::input::Input;
use super::sealed::Opener;
use crate::connection::Connection;
use crate::error::TransportEnd;
use crate::protocol::Protocol;

/// The bytes that a transport brings, on their way to a connection.
///
/// Read into [`space`](Self::space), call [`received`](Self::received), and then
/// [`hand_over`](Self::hand_over) with the connection.
pub struct Incoming {
    plain: Input,
    opener: Option<Opener>,
    /// Whether there is something for the connection that it has not seen.
    has_news: bool,
    /// Whether the peer has proved its name since the last time that the connection was there.
    has_opened: bool,
}

impl Incoming {
    pub(super) fn new(opener: Option<Opener>) -> Self {
        Self {
            plain: Input::new(),
            opener,
            has_news: false,
            has_opened: false,
        }
    }

    /// Returns the buffer to read into: append to what is there, up to its capacity. Some of it is
    /// always free.
    pub fn space(&mut self) -> &mut BytesMut {
        match &mut self.opener {
            None => self.plain.space(),
            Some(opener) => opener.input.space(),
        }
    }

    /// Returns how many bytes are worth asking for in one read; [`space`](Self::space) has room for
    /// that many.
    #[must_use]
    pub const fn want(&self) -> usize {
        match &self.opener {
            None => self.plain.want(),
            Some(opener) => opener.input.want(),
        }
    }

    /// Appends bytes that were read elsewhere, and decrypts them. This copies them once more than reading
    /// into [`space`](Self::space) does.
    ///
    /// # Errors
    /// As for [`received`](Self::received).
    pub fn extend(&mut self, bytes: &[u8]) -> Result<(), TransportEnd> {
        let space = self.space();
        let before = space.len();
        space.extend_from_slice(bytes);
        self.received(before)
    }

    /// Takes note of what was appended behind the first `before` bytes of [`space`](Self::space),
    /// and decrypts it.
    ///
    /// # Errors
    /// When the bytes are no TLS, or the peer cannot be trusted. What arrived before the fault can still be
    /// handed over; report the error to [`Connection::transport_ended`] after that.
    pub fn received(&mut self, before: usize) -> Result<(), TransportEnd> {
        let Some(opener) = &mut self.opener else {
            self.plain.filled(before);
            self.has_news = true;
            return Ok(());
        };
        opener.input.filled(before);
        let was_handshaking = opener.is_handshaking;
        let plain = self.plain.space();
        let before = plain.len();
        let result = opener.open(plain);
        self.has_news |= plain.len() > before;
        self.plain.filled(before);
        self.has_opened |= was_handshaking && !opener.is_handshaking;
        result.map_err(TransportEnd::from)
    }

    /// Hands what was received to the connection.
    pub fn hand_over<P: Protocol>(&mut self, connection: &mut Connection<P>, now: Instant) {
        if std::mem::take(&mut self.has_opened) {
            connection.secured();
        }
        if std::mem::take(&mut self.has_news) {
            let buffer = self.plain.buffer();
            connection.receive(buffer, now);
            let missing = connection.bytes_missing(buffer);
            self.plain.missing(missing);
        }
    }

    /// Returns whether the peer has announced the end of its stream. Nothing more need be read then.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.opener.as_ref().is_some_and(|opener| opener.has_ended)
    }
}

impl fmt::Debug for Incoming {
    /// Shows no bytes, since passwords go this way too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("encrypted", &self.opener.is_some())
            .finish_non_exhaustive()
    }
}
