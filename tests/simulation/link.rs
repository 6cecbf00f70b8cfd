//! The network between a client and the broker: two streams of bytes that arrive late and in
//! pieces, or stop arriving.

use std::collections::VecDeque;

use crate::rng::Rng;

/// Bytes under way in one direction are no more than this, as with a socket's buffers.
const CAPACITY: usize = 200_000;

#[derive(Debug, Default)]
pub(crate) struct Pipe {
    bytes: VecDeque<u8>,
    /// Nothing arrives any more, and nobody is told.
    pub(crate) silent: bool,
}

impl Pipe {
    #[cfg(feature = "asynchronous")]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn room(&self) -> usize {
        CAPACITY.saturating_sub(self.bytes.len())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// What arrives now: often little, sometimes all.
    pub(crate) fn take(&mut self, rng: &mut Rng) -> Vec<u8> {
        if self.silent || self.bytes.is_empty() {
            return Vec::new();
        }
        let most = match rng.below(8) {
            0 => 1,
            1 => 1 + rng.below(40),
            2 | 3 => 1 + rng.below(5000),
            _ => self.bytes.len(),
        };
        self.bytes.drain(..most.min(self.bytes.len())).collect()
    }

    /// All that is under way is lost.
    pub(crate) fn lose(&mut self) {
        self.bytes.clear();
    }
}
