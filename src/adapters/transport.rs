use std::fmt::Debug;
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::error::{Error, TimedOut, Waiting};

/// A stream of bytes in both directions on which waiting can be limited.
///
/// TCP and, on Unix, local sockets are such streams. For anything else that is `Read + Write` there
/// is [`Connection::over`](crate::blocking::Connection::over).
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

    fn keeps_time(&self) -> bool {
        (**self).keeps_time()
    }

    fn shut_down(&mut self) {
        (**self).shut_down();
    }
}

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
        (Some(set), Some(wanted)) => set <= wanted && set >= wanted / 2,
        _ => false,
    }
}

/// Sockets take a timeout of zero for none.
fn at_least_one(wait: Option<Duration>) -> Option<Duration> {
    wait.map(|wait| wait.max(Duration::from_millis(1)))
}

impl<S: Socket> Transport for Timed<S> {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        self.set_nonblocking(wait == Some(Duration::ZERO))?;
        if !self.nonblocking && !serves(self.read_timeout, wait) {
            self.read_timeout = at_least_one(wait);
            self.socket.set_read_timeout(self.read_timeout)?;
        }
        self.socket.read(space)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize> {
        self.set_nonblocking(wait == Some(Duration::ZERO))?;
        if !self.nonblocking && !serves(self.write_timeout, wait) {
            self.write_timeout = at_least_one(wait);
            self.socket.set_write_timeout(self.write_timeout)?;
        }
        self.socket.write_vectored(pieces)
    }

    fn shut_down(&mut self) {
        self.socket.shut_down();
    }
}

/// Any stream; reading and writing wait as long as it pleases.
pub(super) struct Untimed<S>(pub(super) S);

impl<S> Debug for Untimed<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Untimed")
    }
}

impl<S: Read + Write> Transport for Untimed<S> {
    fn read(&mut self, space: &mut [u8], _wait: Option<Duration>) -> io::Result<usize> {
        self.0.read(space)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], _wait: Option<Duration>) -> io::Result<usize> {
        let written = self.0.write_vectored(pieces)?;
        self.0.flush()?;
        Ok(written)
    }

    fn keeps_time(&self) -> bool {
        false
    }

    fn shut_down(&mut self) {}
}

/// Connects to the server, trying all its addresses in turn.
pub(super) fn connect(config: &Config) -> Result<TcpStream, Error> {
    let deadline = Instant::now() + config.connect_timeout;
    let mut last = None;
    for address in (config.host.as_str(), config.port).to_socket_addrs()? {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = Some((address, error)),
        }
    }
    Err(match last {
        Some((address, error)) if error.kind() != io::ErrorKind::TimedOut => io::Error::new(
            error.kind(),
            format!("could not connect to {address}: {error}"),
        )
        .into(),
        None if deadline > Instant::now() => {
            let text = format!("`{}` has no address", config.host);
            io::Error::new(io::ErrorKind::NotFound, text).into()
        }
        _ => TimedOut {
            waiting_for: Waiting::Connect,
            after: config.connect_timeout,
        }
        .into(),
    })
}
