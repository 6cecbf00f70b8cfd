//! Streams and timers for a connection that is polled by its program.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use mio::event::Source;
use mio::{Interest, Registry, Token};

use super::Transport;
use super::interest::Ready;
use super::stream::{Socket, Stream};
use crate::adapters::asynchronous;
use crate::adapters::connect::look_up;
use crate::adapters::scratch::Scratch;
use crate::adapters::tcp;
use crate::config::Config;
use crate::connection::Batch;

/// Pieces handed to one vectored write.
const PIECES: usize = 64;

/// What the program has said of the transport, and what its driver waits for.
///
/// The driver is never woken by these: whoever polls the connection polls it.
#[derive(Clone, Debug, Default)]
pub(super) struct Polled(Arc<Turn>);

#[derive(Debug, Default)]
struct Turn {
    /// Told to be ready and not found not to be.
    readable: AtomicBool,
    writable: AtomicBool,
    /// Nothing is read until the program says so.
    is_paused: AtomicBool,
    /// When the driver wants to be polled again.
    deadline: Mutex<Option<Instant>>,
    dialled: Mutex<Dialled>,
}

/// The socket of the attempt to connect that is under way, and where sockets are registered.
#[derive(Debug, Default)]
struct Dialled {
    socket: Option<Arc<mio::net::TcpStream>>,
    registration: Option<Registration>,
}

#[derive(Debug)]
pub(super) struct Registration {
    pub(super) registry: Registry,
    pub(super) token: Token,
    pub(super) interests: Interest,
}

impl Polled {
    /// The program says what the transport is ready for.
    pub(super) fn tell(&self, ready: Ready) {
        self.0.readable.fetch_or(ready.readable, Relaxed);
        self.0.writable.fetch_or(ready.writable, Relaxed);
    }

    /// The program reads nothing for now, or goes on.
    pub(super) fn pause(&self, paused: bool) {
        self.0.is_paused.store(paused, Relaxed);
    }

    /// What reading and writing are still worth trying for.
    pub(super) fn ready(&self) -> Ready {
        Ready {
            readable: self.0.readable.load(Relaxed),
            writable: self.0.writable.load(Relaxed),
        }
    }

    /// When the driver wants to be polled again, as of its last turn.
    pub(super) fn deadline(&self) -> Option<Instant> {
        *lock(&self.0.deadline)
    }

    /// A turn begins.
    pub(super) fn begin_turn(&self) {
        *lock(&self.0.deadline) = None;
    }

    /// The socket of the attempt to connect that is under way.
    pub(super) fn dialled(&self) -> Option<Socket> {
        let dialled = lock(&self.0.dialled);
        dialled.socket.clone().map(Socket::tcp)
    }

    /// Registers the socket of the attempt that is under way, and those of later ones.
    pub(super) fn register_dialled(&self, registration: Registration) -> io::Result<()> {
        let dialled = &mut *lock(&self.0.dialled);
        let socket = dialled.socket.as_mut();
        let socket = socket.ok_or(io::ErrorKind::NotConnected)?;
        registration.register(super::stream::unshared(socket)?)?;
        dialled.registration = Some(registration);
        Ok(())
    }

    /// Registers the sockets of this attempt and later ones nowhere.
    pub(super) fn deregister_dialled(&self, registry: &Registry) -> io::Result<()> {
        let dialled = &mut *lock(&self.0.dialled);
        dialled.registration = None;
        let socket = dialled.socket.as_mut();
        let socket = socket.ok_or(io::ErrorKind::NotConnected)?;
        super::stream::unshared(socket)?.deregister(registry)
    }

    /// Remembers where the socket is registered, or that it is not.
    pub(super) fn set_registration(&self, registration: Option<Registration>) {
        lock(&self.0.dialled).registration = registration;
    }

    /// Drops the socket of an attempt that is not waited for any more, and takes it off the poll where it
    /// is registered.
    pub(super) fn drop_dialled(&self) {
        let dialled = &mut *lock(&self.0.dialled);
        let (Some(mut socket), registration) = (dialled.socket.take(), &dialled.registration)
        else {
            return;
        };
        if let (Some(registration), Ok(source)) =
            (registration, super::stream::unshared(&mut socket))
        {
            let _not_registered = source.deregister(&registration.registry);
        }
    }

    /// Whether the socket is registered somewhere.
    pub(super) fn is_registered(&self) -> bool {
        lock(&self.0.dialled).registration.is_some()
    }

    pub(super) fn take_registration(&self) -> Option<Registration> {
        lock(&self.0.dialled).registration.take()
    }

    /// Waits until an attempt to connect has come to its end, good or bad.
    pub(super) async fn connected(&self, socket: mio::net::TcpStream) -> io::Result<Io> {
        self.begin(socket)?;
        std::future::poll_fn(|_| {
            let mut dialled = lock(&self.0.dialled);
            let Some(socket) = &dialled.socket else {
                return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
            };
            match self.0.writable.load(Relaxed).then(|| is_connected(socket)) {
                Some(Ok(true)) => {}
                Some(Err(error)) => return Poll::Ready(Err(error)),
                Some(Ok(false)) | None => {
                    self.0.writable.store(false, Relaxed);
                    return Poll::Pending;
                }
            }
            let socket = dialled.socket.take().map(Stream::Tcp);
            let io = socket.map(|stream| Io::new(stream, self.clone()));
            Poll::Ready(io.ok_or_else(|| io::ErrorKind::NotConnected.into()))
        })
        .await
    }

    /// Takes the socket of a new attempt, and registers it where the one before was.
    fn begin(&self, socket: mio::net::TcpStream) -> io::Result<()> {
        let dialled = &mut *lock(&self.0.dialled);
        let mut socket = Arc::new(socket);
        if let Some(registration) = &dialled.registration {
            registration.register(super::stream::unshared(&mut socket)?)?;
        }
        dialled.socket = Some(socket);
        self.0.writable.store(false, Relaxed);
        Ok(())
    }
}

impl Registration {
    fn register(&self, source: &mut dyn Source) -> io::Result<()> {
        source.register(&self.registry, self.token, self.interests)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether an attempt has come to its good end; the error is its bad one.
fn is_connected(socket: &mio::net::TcpStream) -> io::Result<bool> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Ok(_) => {
            // Without it small messages wait for the acknowledgement of those before.
            socket.set_nodelay(true)?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}

impl asynchronous::Runtime for Polled {
    type Stream = Io;
    type Timer = Self;

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn timer(&self) -> Self {
        self.clone()
    }

    /// Blocks, as the documentation of `connect` says.
    async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        look_up((host, port))
    }

    /// There is one socket at a time that the program waits for.
    fn races(&self) -> bool {
        false
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Io> {
        self.connected(mio::net::TcpStream::connect(address)?).await
    }
}

impl asynchronous::Timer for Polled {
    fn poll_until(&mut self, _: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        if deadline <= Instant::now() {
            return Poll::Ready(());
        }
        let known = &mut *lock(&self.0.deadline);
        *known = Some(known.map_or(deadline, |known| known.min(deadline)));
        Poll::Pending
    }
}

/// A transport as a stream.
#[derive(Debug)]
pub(super) struct Io {
    stream: Stream,
    polled: Polled,
    scratch: Scratch,
}

impl Io {
    pub(super) fn new(stream: Stream, polled: Polled) -> Self {
        let scratch = Scratch::default();
        Self {
            stream,
            polled,
            scratch,
        }
    }

    pub(super) const fn stream(&self) -> &Stream {
        &self.stream
    }

    pub(super) const fn stream_mut(&mut self) -> &mut Stream {
        &mut self.stream
    }
}

impl asynchronous::Stream for Io {
    fn poll_read(&mut self, _: &mut Context<'_>, buffer: &mut BytesMut) -> Poll<io::Result<usize>> {
        let Self {
            stream,
            polled,
            scratch,
        } = self;
        attempt(&polled.0.readable, || {
            scratch.read(buffer, |space| stream.read(space, Some(Duration::ZERO)))
        })
    }

    fn poll_write(&mut self, _: &mut Context<'_>, batch: &Batch) -> Poll<io::Result<usize>> {
        let mut pieces = [io::IoSlice::new(&[]); PIECES];
        let count = batch.chunks_vectored(&mut pieces);
        let pieces = pieces.get(..count).unwrap_or_default();
        let stream = &mut self.stream;
        attempt(&self.polled.0.writable, || {
            stream.write(pieces, Some(Duration::ZERO))
        })
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn tune(&self, config: &Config) {
        if let Stream::Tcp(socket) = &self.stream {
            tcp::tune(&**socket, config);
        }
    }

    fn has_ended(&mut self) -> bool {
        // While what was read is told, the next read is not far.
        self.polled.0.is_paused.load(Relaxed) && self.stream.has_ended()
    }
}

/// Tries what the transport was told to be ready for, and remembers when it is not.
fn attempt(
    is_ready: &AtomicBool,
    act: impl FnOnce() -> io::Result<usize>,
) -> Poll<io::Result<usize>> {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    if !is_ready.load(Relaxed) {
        return Poll::Pending;
    }
    match act() {
        Err(error) if matches!(error.kind(), WouldBlock | TimedOut | Interrupted) => {
            is_ready.store(false, Relaxed);
            Poll::Pending
        }
        result => Poll::Ready(result),
    }
}
