use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};

/// Bodies from this size on are not copied.
const SHARED_FROM: usize = 4096;

/// Bytes that wait to be written to one client.
///
/// It is a [`Buf`]: whoever writes takes [`chunk`](Buf::chunk)s from it and
/// [`advance`](Buf::advance)s by what was written.
#[derive(Debug, Default)]
pub struct Output {
    /// What may be written.
    ready: VecDeque<Bytes>,
    /// What may be written later.
    delayed: VecDeque<(Instant, Bytes)>,
    /// What is being put together.
    staged: VecDeque<Bytes>,
    tail: BytesMut,
    ready_len: usize,
    waiting_len: usize,
    /// Bytes that were handed to `ready` or `delayed`, since the connection began.
    sealed: u64,
    taken: u64,
    pub(crate) faults: OutputFaults,
}

/// What goes wrong on the way out.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutputFaults {
    pub(crate) stopped: bool,
    pub(crate) delay: Duration,
    /// How many bytes of the stream go out at all.
    pub(crate) cut_at: Option<u64>,
    /// Which byte of the stream is turned over.
    pub(crate) corrupt_at: Option<u64>,
}

impl Output {
    /// Bytes that were made ready since the connection began, written or not.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.sealed
    }

    /// Where frames are written.
    pub(crate) fn tail(&mut self) -> &mut BytesMut {
        &mut self.tail
    }

    /// Appends bytes, large ones without a copy.
    pub(crate) fn push(&mut self, bytes: &Bytes) {
        if bytes.len() < SHARED_FROM {
            self.tail.extend_from_slice(bytes);
            return;
        }
        self.stage();
        self.waiting_len += bytes.len();
        self.staged.push_back(bytes.clone());
    }

    /// Makes what was appended ready to be written, now or when it is due.
    pub(crate) fn seal(&mut self, now: Instant) {
        self.stage();
        while let Some(bytes) = self.staged.pop_front() {
            let bytes = self.corrupted(bytes);
            self.sealed += bytes.len() as u64;
            if self.faults.delay.is_zero() && self.delayed.is_empty() {
                self.release(bytes);
            } else {
                let due = now.checked_add(self.faults.delay).unwrap_or(now);
                self.delayed.push_back((due, bytes));
            }
        }
        while self.due().is_some_and(|due| due <= now) {
            let Some((_, bytes)) = self.delayed.pop_front() else {
                break;
            };
            self.release(bytes);
        }
    }

    /// Bytes that wait, whatever for.
    pub(crate) fn len(&self) -> usize {
        self.ready_len + self.waiting_len + self.tail.len()
    }

    /// When more becomes ready.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.delayed.front().map(|(due, _)| *due)
    }

    /// Whether the stream was cut and everything before the cut is written.
    pub(crate) fn is_cut(&self) -> bool {
        self.faults.cut_at.is_some_and(|at| self.taken >= at)
    }

    /// Gives up everything that waits.
    pub(crate) fn clear(&mut self) {
        let faults = self.faults.clone();
        *self = Self {
            taken: self.taken,
            sealed: self.taken,
            faults,
            ..Self::default()
        };
    }

    fn stage(&mut self) {
        if !self.tail.is_empty() {
            self.waiting_len += self.tail.len();
            self.staged.push_back(self.tail.split().freeze());
        }
    }

    fn release(&mut self, bytes: Bytes) {
        self.waiting_len -= bytes.len();
        self.ready_len += bytes.len();
        self.ready.push_back(bytes);
    }

    fn corrupted(&self, bytes: Bytes) -> Bytes {
        let within = |at: u64| usize::try_from(at.checked_sub(self.sealed)?).ok();
        let Some(at) = self.faults.corrupt_at.and_then(within) else {
            return bytes;
        };
        if at >= bytes.len() {
            return bytes;
        }
        let mut copy = BytesMut::from(bytes.as_ref());
        if let Some(byte) = copy.get_mut(at) {
            *byte = !*byte;
        }
        copy.freeze()
    }
}

impl Buf for Output {
    fn remaining(&self) -> usize {
        if self.faults.stopped {
            return 0;
        }
        let before_cut = |at: u64| usize::try_from(at.saturating_sub(self.taken)).unwrap_or(0);
        self.faults
            .cut_at
            .map_or(self.ready_len, |at| self.ready_len.min(before_cut(at)))
    }

    fn chunk(&self) -> &[u8] {
        let first = self.ready.front().map(Bytes::as_ref).unwrap_or_default();
        first.get(..self.remaining()).unwrap_or(first)
    }

    fn advance(&mut self, mut count: usize) {
        assert!(
            count <= self.remaining(),
            "no more is written than there was"
        );
        self.taken += count as u64;
        self.ready_len -= count;
        while let Some(first) = self.ready.front_mut() {
            let step = count.min(first.len());
            first.advance(step);
            count -= step;
            if !first.is_empty() {
                break;
            }
            self.ready.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_lets_out_what_is_before_it() {
        let mut output = Output::default();
        output.faults.cut_at = Some(3);
        output.tail().extend_from_slice(b"hello");
        output.seal(Instant::now());
        assert_eq!(output.copy_to_bytes(output.remaining()), "hel");
        assert!(output.is_cut());
        assert_eq!(output.remaining(), 0);
    }

    #[test]
    fn a_byte_is_turned_over_wherever_it_falls() {
        let mut output = Output::default();
        output.faults.corrupt_at = Some(4);
        for word in [b"abc", b"def"] {
            output.tail().extend_from_slice(word);
            output.seal(Instant::now());
        }
        assert_eq!(output.copy_to_bytes(6), b"abcd\x9af"[..]);
    }

    #[test]
    fn delayed_bytes_keep_their_order() {
        let start = Instant::now();
        let mut output = Output::default();
        output.faults.delay = Duration::from_secs(2);
        output.tail().extend_from_slice(b"slow");
        output.seal(start);
        output.faults.delay = Duration::ZERO;
        output.tail().extend_from_slice(b"fast");
        output.seal(start);
        assert_eq!(output.remaining(), 0);
        output.seal(start + Duration::from_secs(2));
        assert_eq!(output.copy_to_bytes(8), "slowfast");
        assert_eq!(output.len(), 0);
    }
}
