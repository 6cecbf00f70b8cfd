use std::fmt;
use std::io;

use bytes::{BufMut, BytesMut};

use crate::client::SCRATCH as SIZE;

/// Memory to read into for streams that fill slices, to be copied from into a buffer.
///
/// Such a stream wants memory that was written before. To fill the free part of a buffer with zeros
/// would cost by its size for each read, however little comes; the copy costs by what came.
#[derive(Default)]
pub(super) struct Scratch(Box<[u8]>);

impl Scratch {
    /// Reads once, into what is free in `buffer`.
    pub(super) fn read(
        &mut self,
        buffer: &mut BytesMut,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        if self.0.is_empty() {
            self.0 = vec![0; SIZE].into();
        }
        let free = (buffer.capacity() - buffer.len()).min(SIZE);
        let space = self.0.get_mut(..free).unwrap_or_default();
        let count = read(space)?.min(free);
        buffer.put_slice(space.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scratch")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_appended_and_no_more_is_asked_for_than_there_is_room() {
        let mut scratch = Scratch::default();
        let mut buffer = BytesMut::with_capacity(8);
        buffer.put_slice(b"abc");
        let room = buffer.capacity() - buffer.len();
        let count = scratch.read(&mut buffer, |space| {
            assert_eq!(space.len(), room);
            space[..2].copy_from_slice(b"de");
            Ok(2)
        });
        assert_eq!(count.unwrap(), 2);
        assert_eq!(buffer, "abcde");

        let place = buffer.as_ptr();
        let count = scratch.read(&mut buffer, |space| {
            space.fill(b'x');
            Ok(space.len())
        });
        assert_eq!((count.unwrap(), buffer.as_ptr()), (room - 2, place));
        assert_eq!(buffer.len(), buffer.capacity());
    }

    #[test]
    fn a_failed_read_leaves_the_buffer_alone() {
        let mut buffer = BytesMut::with_capacity(8);
        let failed = Scratch::default().read(&mut buffer, |space| {
            space.fill(1);
            Err(io::ErrorKind::WouldBlock.into())
        });
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert!(buffer.is_empty());
    }
}
