use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the messages that exist and what they take, so that memory can be limited.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    messages: AtomicUsize,
    bytes: AtomicUsize,
}

/// A message's share of a [`Meter`], given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    meter: Arc<Meter>,
    bytes: usize,
}

impl Meter {
    /// Counts a message.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Share {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        Share {
            meter: Arc::clone(self),
            bytes,
        }
    }

    /// Messages and bytes.
    pub(crate) fn read(&self) -> (usize, usize) {
        (
            self.messages.load(Ordering::Relaxed),
            self.bytes.load(Ordering::Relaxed),
        )
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.meter.messages.fetch_sub(1, Ordering::Relaxed);
        self.meter.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
