//! Streams that are no sockets, and streams that say more than the client does.

use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pika::blocking::Transport;

use crate::support::own_node;

/// A stream that can read and write and nothing else; it gives up waiting after 10 milliseconds.
#[derive(Debug)]
pub(crate) struct Plain(TcpStream);

impl Plain {
    pub(crate) fn connect() -> Self {
        let stream = TcpStream::connect(own_node()).unwrap();
        let patience = Duration::from_millis(10);
        stream.set_read_timeout(Some(patience)).unwrap();
        Self(stream)
    }
}

impl Read for Plain {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.0.read(space)
    }
}

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A stream that moves no more than a few bytes at a time.
#[derive(Debug)]
pub(crate) struct Trickle(pub(crate) Plain);

impl Read for Trickle {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let few = space.len().min(3);
        self.0.read(&mut space[..few])
    }
}

impl Write for Trickle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let few = bytes.len().min(5);
        self.0.write(&bytes[..few])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Puts bytes between two frames of a connection, so that a test can say what the client never
/// would.
#[derive(Clone, Debug, Default)]
pub(crate) struct Injector {
    bytes: Arc<Mutex<Vec<u8>>>,
    deaf: Arc<AtomicBool>,
}

impl Injector {
    /// These bytes go out before the next frame of the client.
    pub(crate) fn inject(&self, bytes: &[u8]) {
        self.bytes.lock().unwrap().extend_from_slice(bytes);
    }

    /// Nothing that the server says is heard from now on.
    pub(crate) fn deafen(&self) {
        self.deaf.store(true, Ordering::Relaxed);
    }

    /// A stream to the broker with this injector in it.
    pub(crate) fn connect(&self) -> Injected {
        Injected {
            stream: TcpStream::connect(own_node()).unwrap(),
            injector: self.clone(),
        }
    }
}

/// A stream with an [`Injector`].
#[derive(Debug)]
pub(crate) struct Injected {
    stream: TcpStream,
    injector: Injector,
}

impl Transport for Injected {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        // A timeout of zero would be none at all.
        let wait = wait.map(|wait| wait.max(Duration::from_millis(1)));
        if self.injector.deaf.load(Ordering::Relaxed) {
            std::thread::sleep(wait.unwrap());
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(wait)?;
        self.stream.read(space)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], _wait: Option<Duration>) -> io::Result<usize> {
        // The client's frames are small here, so that each write takes all there is.
        let mut bytes = std::mem::take(&mut *self.injector.bytes.lock().unwrap());
        let before = bytes.len();
        pieces
            .iter()
            .for_each(|piece| bytes.extend_from_slice(piece));
        self.stream.write_all(&bytes)?;
        Ok(bytes.len() - before)
    }

    fn shut_down(&mut self) {
        let _already_gone = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

/// One frame.
pub(crate) fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&channel.to_be_bytes());
    bytes.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes.push(0xce);
    bytes
}
