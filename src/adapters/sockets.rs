//! Sockets that block, and streams of which nothing is known.

use std::fmt::Debug;
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::transport::Transport;

/// The sockets of the standard library have the same methods without a common trait.
pub(super) trait Socket: Read + Write + Debug {
    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()>;
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;
    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;
    fn shut_down(&self);
}

macro_rules! socket {
    ($type:ty) => {
        impl Socket for $type {
            fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
                <$type>::set_nonblocking(self, nonblocking)
            }

            fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
                <$type>::set_read_timeout(self, timeout)
            }

            fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
                <$type>::set_write_timeout(self, timeout)
            }

            fn shut_down(&self) {
                let _already_gone = self.shutdown(Shutdown::Both);
            }
        }
    };
}

socket!(TcpStream);
#[cfg(unix)]
socket!(std::os::unix::net::UnixStream);

/// A socket and what its options are set to, so that they are set only when they change.
#[derive(Debug)]
pub(super) struct Timed<S> {
    socket: S,
    nonblocking: bool,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
}

impl<S: Socket> Timed<S> {
    pub(super) fn new(socket: S) -> io::Result<Self> {
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(None)?;
        socket.set_write_timeout(None)?;
        Ok(Self {
            socket,
            nonblocking: false,
            read_timeout: None,
            write_timeout: None,
        })
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> io::Result<()> {
        if self.nonblocking != nonblocking {
            self.socket.set_nonblocking(nonblocking)?;
            self.nonblocking = nonblocking;
        }
        Ok(())
    }
}

/// Whether a timeout that is set serves a wait. A shorter one only wakes early, so a socket's
/// option is left as it is while it is not far off.
fn serves(set: Option<Duration>, wanted: Option<Duration>) -> bool {
    match (set, wanted) {
        (None, None) => true,
        (Some(set), Some(wanted)) => set <= wanted && set >= wanted / 4,
        _ => false,
    }
}

/// The timeout to set for a wait: the power of two of milliseconds below it, so that waits that
/// grow shorter bit by bit are served by one setting for long. Zero would mean none to a socket.
fn rounded(wait: Option<Duration>) -> Option<Duration> {
    let millis = u64::try_from(wait?.as_millis()).unwrap_or(u64::MAX).max(1);
    Some(Duration::from_millis(1 << millis.ilog2()))
}

impl<S: Socket> Transport for Timed<S> {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        self.set_nonblocking(wait == Some(Duration::ZERO))?;
        if !self.nonblocking && !serves(self.read_timeout, wait) {
            self.read_timeout = rounded(wait);
            self.socket.set_read_timeout(self.read_timeout)?;
        }
        self.socket.read(space)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize> {
        self.set_nonblocking(wait == Some(Duration::ZERO))?;
        if !self.nonblocking && !serves(self.write_timeout, wait) {
            self.write_timeout = rounded(wait);
            self.socket.set_write_timeout(self.write_timeout)?;
        }
        self.socket.write_vectored(pieces)
    }

    fn shut_down(&mut self) {
        self.socket.shut_down();
    }
}

/// Any stream; reading and writing wait as long as it pleases.
pub(super) struct Untimed<S> {
    stream: S,
    /// Whether what was written still has to be flushed.
    unflushed: bool,
}

impl<S: Write> Untimed<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self {
            stream,
            unflushed: false,
        }
    }

    /// Flushes what was written. It is done apart from writing: were it the flush that fails, the
    /// bytes would be taken for unwritten.
    fn flush(&mut self) -> io::Result<()> {
        if self.unflushed {
            self.stream.flush()?;
            self.unflushed = false;
        }
        Ok(())
    }
}

impl<S> Debug for Untimed<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Untimed")
    }
}

impl<S: Read + Write> Transport for Untimed<S> {
    fn read(&mut self, space: &mut [u8], _wait: Option<Duration>) -> io::Result<usize> {
        self.flush()?;
        self.stream.read(space)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], _wait: Option<Duration>) -> io::Result<usize> {
        self.flush()?;
        let written = self.stream.write_vectored(pieces)?;
        self.unflushed = true;
        // If it fails now it is tried again with the next read or write, which tells.
        let _flushed = self.flush();
        Ok(written)
    }

    fn keeps_time(&self) -> bool {
        false
    }

    fn shut_down(&mut self) {}
}
