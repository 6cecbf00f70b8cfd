//! Sockets that block, and streams of which nothing is known, each as two halves.

use std::fmt::{self, Debug};
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use super::transport::Transport;

/// A transport that one thread reads from while another one writes to it.
pub(super) struct Halves {
    pub(super) reader: Box<dyn Transport + Send>,
    pub(super) writer: Box<dyn Transport + Send>,
    /// Ends the transport in both directions, without waiting.
    pub(super) shut_down: Box<dyn Fn() + Send + Sync>,
}

/// The sockets of the standard library have the same methods without a common trait.
pub(super) trait Socket: Debug + Send + Sync + 'static {
    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()>;
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;
    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;
    fn receive(&self, space: &mut [u8]) -> io::Result<usize>;
    fn send(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize>;
    /// Whether the socket has failed. An end in good order behind what was not read is not known.
    fn has_ended(&self) -> bool;
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

            fn receive(mut self: &Self, space: &mut [u8]) -> io::Result<usize> {
                self.read(space)
            }

            fn send(mut self: &Self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
                self.write_vectored(pieces)
            }

            fn has_ended(&self) -> bool {
                !matches!(self.take_error(), Ok(None))
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

/// One half of a socket, and its timeout, so that the option is set only when it changes.
#[derive(Debug)]
struct Half<S> {
    socket: Arc<S>,
    timeout: Option<Duration>,
}

impl Halves {
    /// The halves of a socket.
    pub(super) fn of_socket<S: Socket>(socket: S) -> io::Result<Self> {
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(None)?;
        socket.set_write_timeout(None)?;
        let socket = Arc::new(socket);
        let half = || Half {
            socket: socket.clone(),
            timeout: None,
        };
        Ok(Self {
            reader: Box::new(half()),
            writer: Box::new(half()),
            shut_down: Box::new(move || socket.shut_down()),
        })
    }

    /// The halves of a transport that cannot be split: one of them is used at a time.
    pub(super) fn of<T: Transport + Send + 'static>(transport: T) -> Self {
        let transport = Arc::new(Mutex::new(transport));
        let joined = || Joined(transport.clone());
        let end = joined();
        Self {
            reader: Box::new(joined()),
            writer: Box::new(joined()),
            shut_down: Box::new(move || end.try_shut_down()),
        }
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

impl<S: Socket> Transport for Half<S> {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        if wait == Some(Duration::ZERO) {
            // The other half shares this flag, so it is put back at once. Writing that meets it ends
            // early, as if its time had passed.
            self.socket.set_nonblocking(true)?;
            let result = self.socket.receive(space);
            self.socket.set_nonblocking(false)?;
            return result;
        }
        if !serves(self.timeout, wait) {
            self.timeout = rounded(wait);
            self.socket.set_read_timeout(self.timeout)?;
        }
        self.socket.receive(space)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize> {
        if !serves(self.timeout, wait) {
            self.timeout = rounded(wait);
            self.socket.set_write_timeout(self.timeout)?;
        }
        self.socket.send(pieces)
    }

    fn has_ended(&mut self) -> bool {
        self.socket.has_ended()
    }

    fn shut_down(&mut self) {
        self.socket.shut_down();
    }
}

/// How long a half that reads keeps the other one from writing.
const READ_STEP: Duration = Duration::from_millis(20);

/// How often a half that writes asks whether the other one is done.
const ASK_EVERY: Duration = Duration::from_millis(1);

/// One half of a transport that cannot be split.
#[derive(Debug)]
struct Joined<T>(Arc<Mutex<T>>);

impl<T: Transport> Joined<T> {
    fn try_with<R>(&self, act: impl FnOnce(&mut T) -> R) -> Option<R> {
        match self.0.try_lock() {
            Ok(mut transport) => Some(act(&mut transport)),
            Err(TryLockError::Poisoned(poisoned)) => Some(act(&mut poisoned.into_inner())),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn try_shut_down(&self) {
        let _used = self.try_with(Transport::shut_down);
    }
}

impl<T: Transport> Transport for Joined<T> {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        let wait = wait.map_or(READ_STEP, |wait| wait.min(READ_STEP));
        let mut transport = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        transport.read(space, Some(wait))
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize> {
        let end = wait.map(|wait| Instant::now() + wait);
        loop {
            if let Some(result) = self.try_with(|transport| transport.write(pieces, wait)) {
                return result;
            }
            if end.is_some_and(|end| end <= Instant::now()) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            thread::sleep(ASK_EVERY);
        }
    }

    fn has_ended(&mut self) -> bool {
        self.try_with(Transport::has_ended).unwrap_or(false)
    }

    fn keeps_time(&self) -> bool {
        let transport = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        transport.keeps_time()
    }

    fn shut_down(&mut self) {
        self.try_shut_down();
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Untimed")
    }
}

impl<S: Read + Write + Send> Transport for Untimed<S> {
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
