use std::collections::VecDeque;
use std::fmt;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// Written bytes in front are given up once there are so many of them.
pub(super) const COMPACT_FROM: usize = 64 * 1024;

/// Buffers kept for reuse.
const SPARES: usize = 4;

/// Bytes to be written, in pieces, as a [`Buf`].
///
/// Frames are appended whole, so whatever is taken from here in order keeps frames apart. Large
/// bodies lie in pieces of their own and are not copied; [`chunks_vectored`](Buf::chunks_vectored)
/// hands all pieces to one vectored write.
///
/// A new one is empty. [`Connection::lend`](super::Connection::lend) fills it.
#[derive(Default)]
pub struct Batch {
    /// Pieces before the tail, oldest first.
    pieces: VecDeque<Piece>,
    /// Where frames are appended.
    tail: Vec<u8>,
    /// Bytes of the first piece, or of the tail where there are no pieces, that are written.
    start: usize,
    len: usize,
    spares: Vec<Vec<u8>>,
}

enum Piece {
    Owned(Vec<u8>),
    Shared(Bytes),
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Drops everything in it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    #[inline]
    pub(crate) fn append<T>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let before = self.tail.len();
        let result = write(&mut self.tail);
        self.len += self.tail.len() - before;
        result
    }

    /// Appends bytes that stay where they are.
    pub(super) fn share(&mut self, piece: Bytes) {
        self.len += piece.len();
        let next = self.spares.pop().unwrap_or_default();
        let tail = std::mem::replace(&mut self.tail, next);
        self.pieces.push_back(Piece::Owned(tail));
        self.pieces.push_back(Piece::Shared(piece));
    }

    /// Puts a buffer aside for reuse.
    fn recycle(&mut self, mut buffer: Vec<u8>) {
        if self.spares.len() < SPARES && buffer.capacity() <= COMPACT_FROM {
            buffer.clear();
            self.spares.push(buffer);
        }
    }

    fn advance_tail(&mut self, count: usize) {
        self.start += count;
        if self.start >= self.tail.len() {
            self.tail.clear();
            self.start = 0;
        } else if self.start >= COMPACT_FROM && self.start * 2 >= self.tail.len() {
            self.tail.drain(..self.start);
            self.start = 0;
        }
    }

    fn unwritten(bytes: &[u8], start: usize) -> &[u8] {
        bytes.get(start..).unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn tail_capacity(&self) -> usize {
        self.tail.capacity()
    }

    #[cfg(test)]
    pub(super) fn holds(&self, bytes: &Bytes) -> bool {
        let place = bytes.as_ptr();
        self.pieces
            .iter()
            .any(|piece| piece.bytes().as_ptr() == place)
    }
}

impl fmt::Debug for Batch {
    /// Shows how much there is and not what, since passwords go this way too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("len", &self.len).finish()
    }
}

impl Buf for Batch {
    fn remaining(&self) -> usize {
        self.len
    }

    fn chunk(&self) -> &[u8] {
        let mut start = self.start;
        for piece in &self.pieces {
            let bytes = Self::unwritten(piece.bytes(), start);
            if !bytes.is_empty() {
                return bytes;
            }
            start = 0;
        }
        Self::unwritten(&self.tail, start)
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let pieces = self
            .pieces
            .iter()
            .map(Piece::bytes)
            .chain([self.tail.as_slice()]);
        let mut start = self.start;
        let unwritten = pieces.map(|bytes| Self::unwritten(bytes, std::mem::take(&mut start)));
        let mut filled = 0;
        for (slot, bytes) in slices
            .iter_mut()
            .zip(unwritten.filter(|bytes| !bytes.is_empty()))
        {
            *slot = IoSlice::new(bytes);
            filled += 1;
        }
        filled
    }

    fn advance(&mut self, count: usize) {
        assert!(count <= self.len, "more bytes taken than there are");
        self.len -= count;
        let mut count = count;
        while let Some(piece) = self.pieces.front() {
            let left = piece.bytes().len() - self.start;
            if count < left {
                self.start += count;
                return;
            }
            count -= left;
            self.start = 0;
            if let Some(Piece::Owned(buffer)) = self.pieces.pop_front() {
                self.recycle(buffer);
            }
        }
        self.advance_tail(count);
    }
}
