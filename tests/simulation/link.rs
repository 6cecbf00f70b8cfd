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
    /// Bytes that have arrived.
    pub(crate) arrived: usize,
    /// How many bytes arrive at the most, and what happens then.
    pub(crate) breaks: Option<(usize, Break)>,
    /// How many bytes arrive at once, if it is not left to chance.
    pub(crate) pace: Option<usize>,
}

/// How a direction of a link breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Break {
    /// The stream is at its end.
    Eof,
    /// Both directions are gone at once, with all that is under way.
    Reset,
    /// Nothing arrives any more, and nobody is told.
    Silence,
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
        let most = self.pace.unwrap_or_else(|| match rng.below(8) {
            0 => 1,
            1 => 1 + rng.below(40),
            2 | 3 => 1 + rng.below(5000),
            _ => self.bytes.len(),
        });
        let left = self.breaks.map_or(usize::MAX, |(at, _)| at - self.arrived);
        let count = most.min(left).min(self.bytes.len());
        self.arrived += count;
        self.bytes.drain(..count).collect()
    }

    /// What happens to the link, if this direction has come to its end.
    pub(crate) fn broken(&mut self) -> Option<Break> {
        let arrived = self.arrived;
        let (_, how) = self.breaks.take_if(|(at, _)| *at <= arrived)?;
        self.silent = true;
        Some(how)
    }

    /// All that is under way is lost.
    pub(crate) fn lose(&mut self) {
        self.bytes.clear();
    }
}
