use bytes::BytesMut;

/// Bytes asked for in one read when little is coming.
const READ_MIN: usize = 4 * 1024;

/// Bytes asked for in one read when much is coming. Many messages arrive with one system call then,
/// and all of them are still in the processor's cache when they are looked at.
const READ_MAX: usize = 256 * 1024;

/// The memory that is read into.
///
/// Received messages are slices of it, so it is free again when they are dropped. Memory that was
/// used before is warm, while fresh memory costs more than the reading itself; so some buffers are
/// kept, and the first that is free is used again.
#[derive(Debug)]
pub(super) struct Input {
    buffer: BytesMut,
    /// Buffers whose messages may still be around.
    used: Vec<BytesMut>,
    /// Bytes to ask for in the next read.
    want: usize,
}

/// Buffers kept for reuse.
const KEPT: usize = 4;

impl Input {
    pub(super) fn new() -> Self {
        Self {
            buffer: BytesMut::new(),
            used: Vec::new(),
            want: READ_MIN,
        }
    }

    /// What was received and not taken, with free space behind it to read into.
    pub(super) fn space(&mut self) -> &mut BytesMut {
        if self.buffer.capacity() - self.buffer.len() < self.want {
            self.make_space();
        }
        &mut self.buffer
    }

    /// Something was read behind the first `before` bytes.
    pub(super) fn filled(&mut self, before: usize) -> &mut BytesMut {
        let count = self.buffer.len() - before;
        if count >= self.want {
            self.want = (self.want * 2).min(READ_MAX);
        } else if count < self.want / 4 {
            self.want = (self.want / 2).max(READ_MIN);
        }
        &mut self.buffer
    }

    /// The frame in front lacks so many bytes.
    pub(super) fn missing(&mut self, bytes: usize) {
        self.want = self.want.max(bytes.min(READ_MAX));
    }

    #[cold]
    fn make_space(&mut self) {
        let size = (self.want * 2).min(READ_MAX);
        if self.buffer.try_reclaim(size) {
            return;
        }
        let free = self
            .used
            .iter_mut()
            .position(|buffer| buffer.try_reclaim(size + 1));
        let mut next = match free {
            Some(at) => self.used.swap_remove(at),
            None => BytesMut::with_capacity(size),
        };
        next.extend_from_slice(&self.buffer);
        let last = std::mem::replace(&mut self.buffer, next);
        if self.used.len() == KEPT {
            self.used.remove(0);
        }
        self.used.push(last);
    }
}
