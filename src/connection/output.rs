use std::fmt;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

use super::batch::Batch;
use super::body::Body;
use crate::frame;
use crate::method::{Args, ContentArgs, MethodSet};
use crate::wire::ChannelId;

/// A method or a content header takes a frame of this length, which is more than was agreed on.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooLarge {
    pub(super) len: usize,
}

/// From how many bytes on no more may be added, and down to how many before more may be added
/// again.
#[derive(Clone, Copy, Debug)]
pub(super) struct WaterMarks {
    high: usize,
    low: usize,
}

impl WaterMarks {
    pub(super) fn new(high: usize, low: usize) -> Self {
        let high = high.max(1);
        let low = low.min(high - 1);
        Self { high, low }
    }
}

/// Bytes that wait to be written, as a [`Buf`].
///
/// Frames are appended whole, so whatever is taken from here in order keeps frames apart. What is
/// lent to a [`Batch`] still counts as waiting, but is written from there.
pub struct Output {
    queued: Batch,
    marks: WaterMarks,
    /// Whether the high-water mark was reached, and the low one not since.
    full: bool,
    /// Whether the low-water mark was reached and not reported.
    drained: bool,
    /// Bytes that are being written from a batch.
    lent: usize,
    taken: u64,
    /// At most so many of the bytes that wait are answers to the peer.
    owed: usize,
}

impl Output {
    pub(super) fn new(marks: WaterMarks) -> Self {
        Self {
            queued: Batch::default(),
            marks,
            full: false,
            drained: false,
            lent: 0,
            taken: 0,
            owed: 0,
        }
    }

    /// Whether as much waits as may: from when the high-water mark is reached until the low one is.
    #[inline]
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    /// Whether the low-water mark was reached since this was asked last.
    #[inline]
    pub(super) fn take_drained(&mut self) -> bool {
        self.drained && std::mem::take(&mut self.drained)
    }

    /// Whether [`take_drained`](Self::take_drained) has something to say.
    #[inline]
    pub(super) const fn is_drained(&self) -> bool {
        self.drained
    }

    #[inline]
    fn append<T>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let result = self.queued.append(write);
        self.full |= self.len() >= self.marks.high;
        result
    }

    /// Bytes waiting to be written, lent ones too.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.queued.len() + self.lent
    }

    /// Whether nothing waits to be written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
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
            drained: self.full || self.drained,
            ..Self::new(self.marks)
        };
    }

    /// Hands everything that waits over to `batch`, which is empty.
    pub(super) fn lend(&mut self, batch: &mut Batch) {
        debug_assert!(batch.is_empty(), "what was lent before is written first");
        self.lent += self.queued.len();
        std::mem::swap(&mut self.queued, batch);
    }

    /// Bytes of what was lent are written.
    pub(super) fn written(&mut self, count: usize) {
        // After a clear nothing counts as lent any more.
        let count = count.min(self.lent);
        self.lent -= count;
        self.took(count);
    }

    fn took(&mut self, count: usize) {
        self.taken += count as u64;
        self.owed = self.owed.min(self.len());
        if self.full && self.len() <= self.marks.low {
            (self.full, self.drained) = (false, true);
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.append(|tail| tail.extend_from_slice(bytes));
    }

    #[inline]
    pub(super) fn method<M: Args>(&mut self, channel: ChannelId, method: &M) {
        self.append(|tail| frame::append_method(tail, channel, method));
    }

    pub(super) fn any_method<M: MethodSet>(&mut self, channel: ChannelId, method: &M) {
        self.append(|tail| frame::put_any_method(tail, channel, method));
    }

    /// Appends what the peer made us say. A peer that makes us say much and reads none of it would
    /// make this grow for ever; [`owed`](Self::owed) tells.
    pub(super) fn answer<M: MethodSet>(&mut self, channel: ChannelId, method: &M) {
        let before = self.len();
        self.any_method(channel, method);
        self.owed += self.len() - before;
    }

    pub(super) const fn owed(&self) -> usize {
        self.owed
    }

    pub(super) fn heartbeat(&mut self) {
        self.append(frame::put_heartbeat);
    }

    /// Appends a whole message, so that nothing can come between its frames; or nothing, where one
    /// of them would exceed `frame_max`.
    #[inline]
    pub(super) fn content<M: ContentArgs>(
        &mut self,
        channel: ChannelId,
        content: (&M, &M::Properties),
        body: Body<'_>,
        frame_max: u32,
    ) -> Result<(), TooLarge> {
        let size = body.as_bytes().len() as u64;
        let uncopied = body.uncopied();
        self.append(|tail| {
            frame::put_before_body(tail, channel, content, size, frame_max)
                .map_err(|len| TooLarge { len })?;
            if size > 0 && uncopied.is_none() {
                for piece in body.as_bytes().chunks(frame::body_room(frame_max)) {
                    frame::put_body(tail, channel, piece);
                }
            }
            Ok(())
        })?;
        if let Some(bytes) = uncopied {
            self.shared_body(channel, bytes.clone(), frame_max);
        }
        Ok(())
    }

    fn shared_body(&mut self, channel: ChannelId, mut body: Bytes, frame_max: u32) {
        let room = frame::body_room(frame_max);
        while !body.is_empty() {
            let piece = body.split_to(body.len().min(room));
            self.append(|tail| frame::put_body_head(tail, channel, piece.len()));
            self.queued.share(piece);
            self.full |= self.len() >= self.marks.high;
            self.append(|tail| tail.push(frame::END));
        }
    }
}

impl fmt::Debug for Output {
    /// Shows how much there is and not what, since passwords go this way too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("len", &self.len())
            .field("taken", &self.taken)
            .finish()
    }
}

impl Buf for Output {
    fn remaining(&self) -> usize {
        self.queued.len()
    }

    fn chunk(&self) -> &[u8] {
        self.queued.chunk()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.queued.chunks_vectored(slices)
    }

    fn advance(&mut self, count: usize) {
        self.queued.advance(count);
        self.took(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::batch::COMPACT_FROM;

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
        let mut output = Output::new(WaterMarks::new(usize::MAX, 0));
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
        let mut output = Output::new(WaterMarks::new(usize::MAX, 0));
        output.bytes(&[0; 1000]);
        for _ in 0..10_000 {
            output.bytes(&[0; 1000]);
            output.advance(1000);
        }
        assert_eq!(output.len(), 1000);
        let capacity = output.queued.tail_capacity();
        assert!(capacity < 8 * COMPACT_FROM, "{capacity}");
    }

    #[test]
    fn large_bodies_are_not_copied() {
        let mut output = Output::new(WaterMarks::new(usize::MAX, 0));
        let body = Bytes::from(vec![1; crate::connection::body::SHARE_FROM]);
        output.shared_body(ChannelId(1), body.clone(), 131_072);
        assert!(output.queued.holds(&body));
    }

    #[test]
    fn what_is_lent_still_waits_until_it_is_written() {
        let mut output = Output::new(WaterMarks::new(usize::MAX, 0));
        let mut batch = Batch::new();
        output.bytes(&[1; 10]);
        output.lend(&mut batch);
        output.bytes(&[2; 5]);
        assert_eq!((batch.chunk(), output.chunk()), (&[1; 10][..], &[2; 5][..]));
        assert_eq!(
            (output.len(), output.remaining(), output.taken()),
            (15, 5, 0)
        );
        output.written(10);
        assert_eq!((output.len(), output.taken()), (5, 10));
        output.clear();
        output.written(10);
        assert_eq!((output.len(), output.taken()), (0, 10));
    }
}
