use std::fmt::Debug;
use std::io::{self, IoSlice};
use std::time::Duration;

/// A stream of bytes in both directions on which waiting can be limited.
///
/// TCP and, on Unix, local sockets are such streams. For anything else that is `Read + Write` there
/// is `blocking::Connection::over`.
pub trait Transport: Debug {
    /// Reads what is there; waits for it no longer than `wait`, and not at all where that is zero.
    ///
    /// # Errors
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) or [`TimedOut`](io::ErrorKind::TimedOut) when
    /// nothing came in time; anything else means the end.
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize>;

    /// Writes what can be taken; waits for room no longer than `wait`, and not at all where that is
    /// zero.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize>;

    /// Whether the peer has ended the stream, as far as that is known without reading. Asked about once a
    /// second while nothing is read, since a consumer does not take its messages.
    fn has_ended(&mut self) -> bool {
        false
    }

    /// Whether reading and writing keep to the time they are given.
    fn keeps_time(&self) -> bool {
        true
    }

    /// Ends the stream in both directions, as far as that can be done without waiting.
    fn shut_down(&mut self);
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        (**self).read(space, wait)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize> {
        (**self).write(pieces, wait)
    }

    fn has_ended(&mut self) -> bool {
        (**self).has_ended()
    }

    fn keeps_time(&self) -> bool {
        (**self).keeps_time()
    }

    fn shut_down(&mut self) {
        (**self).shut_down();
    }
}
