use std::fmt;

use bytes::Buf;

use super::sealed::Sealer;
use crate::connection::{Batch, Connection};
use crate::protocol::Protocol;

/// The output of a connection, on its way to a transport.
///
/// Take output with [`lend`](Self::lend) while the connection is there, write [`pending`](Self::pending),
/// report what the transport took to [`wrote`](Self::wrote), and its result to
/// [`Connection::written`]. Bytes of the connection count as written when the bytes they were
/// encrypted into have been.
pub struct Outgoing {
    batch: Batch,
    sealer: Option<Sealer>,
}

impl Outgoing {
    pub(super) fn new(sealer: Option<Sealer>) -> Self {
        Self {
            batch: Batch::new(),
            sealer,
        }
    }

    /// Takes over what the connection has to send, if all that was taken before is encrypted or
    /// written.
    #[inline]
    pub fn lend<P: Protocol>(&mut self, connection: &mut Connection<P>) {
        if self.batch.is_empty() {
            connection.lend(&mut self.batch);
        }
    }

    /// Returns whether nothing is left that was taken over, and TLS has nothing to say.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty() && self.sealer.as_ref().is_none_or(Sealer::is_empty)
    }

    /// Returns whether the transport can write something now. Until the peer has proved its name, only
    /// the handshake itself can be written.
    #[inline]
    #[must_use]
    pub fn is_ready(&self) -> bool {
        match &self.sealer {
            None => !self.batch.is_empty(),
            Some(sealer) => sealer.is_ready(!self.batch.is_empty()),
        }
    }

    /// Returns what to write next, encrypted if necessary. It is empty unless
    /// [`is_ready`](Self::is_ready).
    #[inline]
    pub fn pending(&mut self) -> &Batch {
        match &mut self.sealer {
            None => &self.batch,
            Some(sealer) => sealer.seal(&mut self.batch),
        }
    }

    /// Takes note that the transport has taken so many bytes of [`pending`](Self::pending). Returns for how
    /// many bytes of the connection nothing is left to write.
    #[inline]
    pub fn wrote(&mut self, count: usize) -> usize {
        match &mut self.sealer {
            None => {
                let count = count.min(self.batch.len());
                self.batch.advance(count);
                count
            }
            Some(sealer) => sealer.wrote(count),
        }
    }

    /// Drops what was taken over and not encrypted, for a connection that has given up its output.
    pub fn clear(&mut self) {
        self.batch.clear();
    }

    /// Drops everything, for a transport that cannot be written to any more.
    pub fn abandon(&mut self) {
        self.batch.clear();
        if let Some(sealer) = &mut self.sealer {
            sealer.abandon();
        }
    }

    /// Announces the end of the output to the peer, where the transport has a way to say so: TLS has.
    /// It has to be written still. What was not encrypted is dropped.
    pub fn close(&mut self) {
        if let Some(sealer) = &mut self.sealer {
            self.batch.clear();
            sealer.close();
        }
    }
}

impl fmt::Debug for Outgoing {
    /// Shows no bytes, since passwords go this way too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("encrypted", &self.sealer.is_some())
            .field("batch", &self.batch)
            .finish()
    }
}
