use std::collections::VecDeque;
use std::fmt;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

use crate::frame;
use crate::method::{Args, ContentArgs, MethodSet};
use crate::wire::ChannelId;

/// Bodies from this size on are queued as they are, smaller ones are copied.
///
/// A copy of 16 KiB costs about as much as the bookkeeping of one more piece in a vectored write.
const SHARE_FROM: usize = 16 * 1024;

/// Written bytes in front are given up once there are so many of them.
const COMPACT_FROM: usize = 64 * 1024;

/// Buffers kept for reuse.
const SPARES: usize = 4;

/// Bytes that wait to be written, as a [`Buf`].
///
/// Frames are appended whole, so whatever is taken from here in order keeps frames apart. Large
/// bodies lie in pieces of their own and are not copied; [`chunks_vectored`](Buf::chunks_vectored)
/// hands all pieces to one vectored write.
#[derive(Default)]
pub struct Output {
    /// Pieces before the tail, oldest first.
    pieces: VecDeque<Piece>,
    /// Where frames are appended.
    tail: Vec<u8>,
    /// Bytes of the first piece, or of the tail where there are no pieces, that are written.
    start: usize,
    len: usize,
    taken: u64,
    /// At most so many of the bytes that wait are answers to the peer.
    owed: usize,
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

/// The body of a message to be published.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// Bytes that are copied into the output.
    Borrowed(&'a [u8]),
    /// Bytes that may be queued without a copy.
    Shared(Bytes),
}

impl Body<'_> {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl<'a> From<&'a [u8]> for Body<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Borrowed(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Body<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Borrowed(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Body<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Borrowed(bytes)
    }
}

impl<'a> From<&'a str> for Body<'a> {
    fn from(text: &'a str) -> Self {
        Self::Borrowed(text.as_bytes())
    }
}

impl<'a> From<&'a String> for Body<'a> {
    fn from(text: &'a String) -> Self {
        Self::Borrowed(text.as_bytes())
    }
}

impl From<Vec<u8>> for Body<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Shared(bytes.into())
    }
}

impl From<String> for Body<'_> {
    fn from(text: String) -> Self {
        Self::Shared(text.into())
    }
}

impl From<Bytes> for Body<'_> {
    fn from(bytes: Bytes) -> Self {
        Self::Shared(bytes)
    }
}

impl From<&Bytes> for Body<'_> {
    fn from(bytes: &Bytes) -> Self {
        Self::Shared(bytes.clone())
    }
}

impl Output {
    /// Bytes waiting to be written.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing waits to be written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes taken out so far.
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.taken
    }

    /// Gives up everything that waits.
    pub(super) fn clear(&mut self) {
        *self = Self {
            taken: self.taken,
            ..Self::default()
        };
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.append(|tail| tail.extend_from_slice(bytes));
    }

    #[inline]
    pub(super) fn method<M: Args>(&mut self, channel: ChannelId, method: &M) {
        self.append(|tail| frame::put_method(tail, channel, method));
    }

    pub(super) fn any_method<M: MethodSet>(&mut self, channel: ChannelId, method: &M) {
        self.append(|tail| frame::put_any_method(tail, channel, method));
    }

    /// Appends what the peer made us say. A peer that makes us say much and reads none of it would
    /// make this grow for ever; [`owed`](Self::owed) tells.
    pub(super) fn answer<M: MethodSet>(&mut self, channel: ChannelId, method: &M) {
        let before = self.len;
        self.any_method(channel, method);
        self.owed += self.len - before;
    }

    pub(super) const fn owed(&self) -> usize {
        self.owed
    }

    pub(super) fn heartbeat(&mut self) {
        self.append(frame::put_heartbeat);
    }

    /// Appends a whole message, so that nothing can come between its frames.
    #[inline]
    pub(super) fn content<M: ContentArgs>(
        &mut self,
        channel: ChannelId,
        (method, properties): (&M, &M::Properties),
        body: Body<'_>,
        frame_max: u32,
    ) {
        let bytes = match body {
            Body::Shared(body) if body.len() >= SHARE_FROM => {
                self.append(|tail| {
                    frame::put_method(tail, channel, method);
                    frame::put_header(tail, channel, body.len() as u64, properties);
                });
                return self.shared_body(channel, body, frame_max);
            }
            Body::Shared(ref body) => body,
            Body::Borrowed(bytes) => bytes,
        };
        self.append(|tail| {
            frame::put_content(tail, channel, (method, properties, bytes), frame_max);
        });
    }

    fn shared_body(&mut self, channel: ChannelId, mut body: Bytes, frame_max: u32) {
        let room = frame_max as usize - frame::OVERHEAD;
        while !body.is_empty() {
            let piece = body.split_to(body.len().min(room));
            self.append(|tail| frame::put_body_head(tail, channel, piece.len()));
            self.share(piece);
            self.append(|tail| tail.push(frame::END));
        }
    }

    #[inline]
    fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.tail.len();
        write(&mut self.tail);
        self.len += self.tail.len() - before;
    }

    fn share(&mut self, piece: Bytes) {
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
}

impl fmt::Debug for Output {
    /// Shows how much there is and not what, since passwords go this way too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("len", &self.len)
            .field("taken", &self.taken)
            .finish()
    }
}

impl Buf for Output {
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
        self.taken += count as u64;
        self.owed = self.owed.min(self.len);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(output: &mut Output, step: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while output.has_remaining() {
            let n = output.chunk().len().min(step);
            all.extend_from_slice(output.chunk().get(..n).unwrap());
            output.advance(n);
        }
        all
    }

    fn filled() -> (Output, Vec<u8>) {
        let mut output = Output::default();
        let mut expected = Vec::new();
        for round in 0..20u8 {
            output.bytes(&[round; 300]);
            expected.extend_from_slice(&[round; 300]);
            let body = Bytes::from(vec![round ^ 0xff; 100_000]);
            output.shared_body(ChannelId(1), body.clone(), 65_536);
            for piece in body.chunks(65_536 - 8) {
                frame::put_body(&mut expected, ChannelId(1), piece);
            }
        }
        (output, expected)
    }

    #[test]
    fn bytes_come_out_in_order_whatever_the_steps() {
        for step in [1, 7, 299, 4096, usize::MAX] {
            let (mut output, expected) = filled();
            assert_eq!(output.len(), expected.len());
            assert!(drained(&mut output, step) == expected, "step {step}");
            assert_eq!(output.taken(), expected.len() as u64);
        }
    }

    #[test]
    fn vectored_chunks_are_the_same_bytes() {
        let (mut output, expected) = filled();
        output.advance(150);
        let mut slices = [IoSlice::new(&[]); 256];
        let count = output.chunks_vectored(&mut slices);
        let all: Vec<u8> = slices[..count]
            .iter()
            .flat_map(|s| s.iter().copied())
            .collect();
        assert!(all == expected[150..]);
    }

    #[test]
    fn a_tail_that_is_never_empty_does_not_grow_for_ever() {
        let mut output = Output::default();
        output.bytes(&[0; 1000]);
        for _ in 0..10_000 {
            output.bytes(&[0; 1000]);
            output.advance(1000);
        }
        assert_eq!(output.len(), 1000);
        assert!(
            output.tail.capacity() < 8 * COMPACT_FROM,
            "{}",
            output.tail.capacity()
        );
    }

    #[test]
    fn large_bodies_are_not_copied() {
        let mut output = Output::default();
        let body = Bytes::from(vec![1; SHARE_FROM]);
        output.shared_body(ChannelId(1), body.clone(), 131_072);
        let shared = output
            .pieces
            .iter()
            .any(|piece| piece.bytes().as_ptr() == body.as_ptr());
        assert!(shared);
    }
}
