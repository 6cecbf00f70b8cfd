use bytes::BytesMut;

/// Bytes asked for in one read when little is coming. A connection that is idle holds twice as many.
const READ_MIN: usize = 2 * 1024;

/// Bytes asked for in one read when much is coming. Many messages arrive with one system call then,
/// and all of them are still in the processor's cache when they are looked at.
pub(crate) const READ_MAX: usize = 256 * 1024;

/// Bytes that a stream reads at once at most that copies them. They stay in a near cache until then.
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub(crate) const SCRATCH: usize = 64 * 1024;

/// The memory that is read into.
///
/// Received messages are slices of it, so it is free again when they are dropped. Memory that was
/// used before is warm, while fresh memory costs more than the reading itself; so some buffers are
/// kept while much is coming, and the first that is free is used again.
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

    /// Bytes to ask for in the next read; [`space`](Self::space) has so much.
    pub(super) const fn want(&self) -> usize {
        self.want
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

    /// What was received and not taken.
    pub(super) const fn buffer(&mut self) -> &mut BytesMut {
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
        // What was received and not taken moves along.
        let size = size + self.buffer.len();
        let free = self
            .used
            .iter_mut()
            .position(|buffer| buffer.try_reclaim(size));
        let mut next = match free {
            Some(at) => self.used.swap_remove(at),
            None => BytesMut::with_capacity(size),
        };
        next.extend_from_slice(&self.buffer);
        let mut last = std::mem::replace(&mut self.buffer, next);
        last.clear();

        if self.want == READ_MIN {
            // Little is coming: fresh memory costs less than what is kept would hold.
            self.used.clear();
            return;
        }
        if self.used.len() == KEPT {
            self.used.remove(0);
        }
        self.used.push(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    /// Reads numbers in pieces of many sizes, takes them out in chunks and drops the chunks late.
    fn read(sizes: &[usize], kept: usize) {
        let mut input = Input::new();
        let (mut written, mut expected) = (0u32, 0u32);
        let mut chunks = Vec::<Bytes>::new();
        for size in sizes.iter().cycle().take(150) {
            let space = input.space();
            let before = space.len();
            let room = (space.capacity() - before).min(size * 4) / 4;
            assert!(room > 0, "there is space to read into");
            for _ in 0..room {
                space.extend_from_slice(&written.to_be_bytes());
                written += 1;
            }
            let buffer = input.filled(before);
            // What is incomplete stays.
            let whole = buffer.len().saturating_sub(size % 7 * 4);
            let chunk = buffer.split_to(whole / 4 * 4).freeze();
            for number in chunk.chunks(4) {
                assert_eq!(number, expected.to_be_bytes());
                expected += 1;
            }
            chunks.push(chunk);
            if chunks.len() > kept {
                chunks.remove(0);
            }
        }
        assert!(expected > 100);
    }

    #[test]
    fn bytes_come_out_in_order_however_they_are_read_and_kept() {
        for kept in [0, 1, 3, 20] {
            read(&[1, 2, 3, 1000, 9_000, 7], kept);
            read(&[8 * 1024], kept);
            read(&[1], kept);
        }
    }

    #[test]
    fn there_is_space_behind_a_frame_that_is_still_incomplete() {
        for pieces in 1..=8 {
            let mut input = Input::new();
            input.missing(READ_MAX / 4);
            for _ in 0..pieces {
                let space = input.space();
                let before = space.len();
                let room = space.capacity() - before;
                assert!(room >= READ_MAX / 4, "{room} bytes behind {before}");
                space.resize(before + READ_MAX / 4, 0);
                input.filled(before);
            }
        }
    }

    #[test]
    fn memory_that_is_free_again_is_used_again_and_holds_nothing_old() {
        let mut input = Input::new();
        let mut places = Vec::new();
        let mut last = Bytes::new();
        for round in 0..20 {
            let space = input.space();
            assert_eq!(space.len(), if round == 0 { 0 } else { 10 });
            places.push(space.as_ptr());
            space.resize(space.capacity(), round);
            let buffer = input.filled(0);
            // The chunk keeps this buffer busy until after the next one was needed.
            last = buffer.split_to(buffer.len() - 10).freeze();
            assert_eq!(buffer[..], [round; 10]);
        }
        drop(last);
        places.sort_unstable();
        places.dedup();
        assert!(places.len() < 12, "{} places", places.len());
    }
}
