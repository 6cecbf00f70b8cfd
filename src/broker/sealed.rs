//! The server's side of TLS over a socket that blocks.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use bytes::{Buf, BytesMut};
use rustls::ServerConfig;

use crate::tls::{self, Session};

/// Bytes read at once.
const CHUNK: usize = 16 << 10;

/// A session with its socket.
///
/// The locks are taken in the order in which they stand here. The session is not locked while the
/// socket blocks, so that a client which writes before it reads is served.
pub(super) struct Sealed {
    /// Held while records are written, so that they stay in order.
    turn: Mutex<Vec<u8>>,
    state: Mutex<State>,
    socket: TcpStream,
}

struct State {
    session: Session,
    plain: BytesMut,
}

impl Sealed {
    pub(super) fn new(config: Arc<ServerConfig>, socket: TcpStream) -> io::Result<Self> {
        let session = tls::accept(config).map_err(io::Error::other)?;
        let plain = BytesMut::new();
        Ok(Self {
            turn: Mutex::default(),
            state: Mutex::new(State { session, plain }),
            socket,
        })
    }

    pub(super) const fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Reads once; returns 0 at the end of the stream.
    pub(super) fn read(&self, space: &mut [u8]) -> io::Result<usize> {
        let mut chunk = [0; CHUNK];
        loop {
            let mut state = lock(&self.state);
            let State { session, plain } = &mut *state;
            if plain.has_remaining() {
                let count = plain.len().min(space.len());
                plain.copy_to_slice(space.get_mut(..count).unwrap_or_default());
                return Ok(count);
            }
            let (has_ended, answers) = (session.has_ended(), session.has_output(false));
            drop(state);
            if answers {
                self.answer()?;
            }
            if has_ended {
                return Ok(0);
            }
            let count = (&mut &self.socket).read(&mut chunk)?;
            if count == 0 {
                return Ok(0);
            }
            let mut state = lock(&self.state);
            let State { session, plain } = &mut *state;
            let result = session.open(chunk.get(..count).unwrap_or_default(), plain);
            drop(state);
            if let Err(error) = result {
                // The client is to learn of it.
                self.answer()?;
                return Err(io::Error::other(error));
            }
        }
    }

    pub(super) fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        let mut turn = lock(&self.turn);
        self.write(&mut turn, bytes)
    }

    /// Writes what the protocol itself has to say. A thread that writes already does it later.
    fn answer(&self) -> io::Result<()> {
        match self.turn.try_lock() {
            Ok(mut turn) => self.write(&mut turn, &[]),
            Err(TryLockError::Poisoned(poisoned)) => self.write(&mut poisoned.into_inner(), &[]),
            Err(TryLockError::WouldBlock) => Ok(()),
        }
    }

    fn write(&self, records: &mut Vec<u8>, bytes: &[u8]) -> io::Result<()> {
        let mut left = bytes;
        loop {
            records.clear();
            lock(&self.state).session.seal(&mut left, records);
            if records.is_empty() {
                return Ok(());
            }
            (&mut &self.socket).write_all(records)?;
        }
    }

    /// Announces the end of the output.
    pub(super) fn close(&self) {
        lock(&self.state).session.close();
        // A client that is gone does not want to know.
        let _ = self.write_all(&[]);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
