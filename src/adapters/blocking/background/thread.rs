//! The thread that runs the driver of one connection.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use mio::event::{Event, Source};
use mio::{Events, Interest, Token};

use crate::adapters::asynchronous::{Runtime, Stream, Timer};
use crate::adapters::scratch::Scratch;
use crate::connection::Batch;

/// A socket that can be waited for, to read and to write.
pub(super) trait Socket: io::Read + io::Write + Source + Send {}

impl<S: io::Read + io::Write + Source + Send> Socket for S {}

const SOCKET: Token = Token(0);
const SIGNAL: Token = Token(1);

/// The readiness of a socket, and the time that its driver waits for.
#[derive(Debug)]
pub(super) struct Turn {
    readable: AtomicBool,
    writable: AtomicBool,
    /// Whether the server has ended its side, which the system reports once.
    ended: AtomicBool,
    deadline: Mutex<Option<Instant>>,
}

/// A thread that is about to run, with its socket registered.
pub(super) struct Prepared {
    poll: mio::Poll,
    signal: Arc<Signal>,
    turn: Arc<Turn>,
}

/// Registers a socket that does not block.
pub(super) fn prepare(mut socket: impl Socket + 'static) -> io::Result<(Io, Prepared)> {
    let poll = mio::Poll::new()?;
    let both = Interest::READABLE | Interest::WRITABLE;
    poll.registry().register(&mut socket, SOCKET, both)?;
    let signal = Arc::new(Signal {
        state: AtomicU8::new(AWAKE),
        waker: mio::Waker::new(poll.registry(), SIGNAL)?,
    });
    // Until something else is known: the system reports changes only.
    let turn = Arc::new(Turn {
        readable: AtomicBool::new(true),
        writable: AtomicBool::new(true),
        ended: AtomicBool::new(false),
        deadline: Mutex::default(),
    });
    let io = Io {
        socket: Box::new(socket),
        scratch: Scratch::default(),
        turn: turn.clone(),
    };
    Ok((io, Prepared { poll, signal, turn }))
}

impl Prepared {
    /// The runtime of the driver.
    pub(super) fn runtime(&self) -> Thread {
        Thread(self.turn.clone())
    }

    /// Runs a driver to its end, or until the system fails.
    pub(super) fn serve<D: Future<Output = ()> + Unpin>(mut self, driver: &Mutex<D>) {
        let waker = Waker::from(self.signal.clone());
        let mut cx = Context::from_waker(&waker);
        let mut events = Events::with_capacity(8);
        let mut in_a_row = false;
        loop {
            *lock(&self.turn.deadline) = None;
            self.signal.wake_up();
            let mut driver = lock(driver);
            // Under the lock, since another thread may use the socket.
            events.iter().for_each(|event| self.turn.note(event));
            let polled = Pin::new(&mut *driver).poll(&mut cx);
            drop(driver);
            if polled.is_ready() {
                return;
            }
            events.clear();
            let asleep = self.signal.fall_asleep();
            // Most of the time the socket is still known to be ready, or will be waited for next.
            if !asleep && !std::mem::replace(&mut in_a_row, true) {
                continue;
            }
            in_a_row = false;
            let timeout = match asleep {
                true => self.turn.time_left(),
                false => Some(Duration::ZERO),
            };
            match self.poll.poll(&mut events, timeout) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turn {
    fn time_left(&self) -> Option<Duration> {
        let deadline = (*lock(&self.deadline))?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    fn note(&self, event: &Event) {
        if event.token() != SOCKET {
            return;
        }
        let (ended, failed) = (event.is_read_closed(), event.is_error());
        if ended || failed {
            self.ended.store(true, Ordering::Relaxed);
        }
        if event.is_readable() || ended || failed {
            self.readable.store(true, Ordering::Relaxed);
        }
        if event.is_writable() || event.is_write_closed() || failed {
            self.writable.store(true, Ordering::Relaxed);
        }
    }
}

/// The thread polls its driver.
const AWAKE: u8 = 0;
/// The thread waits for the system.
const ASLEEP: u8 = 1;
/// The driver is to be polled again.
const CALLED: u8 = 2;

/// Wakes the thread of a connection.
struct Signal {
    state: AtomicU8,
    waker: mio::Waker,
}

impl Signal {
    /// Calls from now on poll the driver once more.
    fn wake_up(&self) {
        self.state.swap(AWAKE, Ordering::AcqRel);
    }

    /// Returns `false` if there is something to do after all.
    fn fall_asleep(&self) -> bool {
        let order = Ordering::AcqRel;
        self.state
            .compare_exchange(AWAKE, ASLEEP, order, Ordering::Acquire)
            .is_ok()
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(CALLED, Ordering::AcqRel) == ASLEEP {
            // Fails only for want of a thread that waits.
            let _woken = self.waker.wake();
        }
    }
}

/// A runtime that is one thread.
#[derive(Clone, Debug)]
pub(super) struct Thread(Arc<Turn>);

impl Runtime for Thread {
    type Stream = Io;
    type Timer = Alarm;

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn timer(&self) -> Alarm {
        Alarm(self.0.clone())
    }

    /// Sockets are connected by the thread that opens a connection, before this one begins.
    async fn look_up(&self, _: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    async fn connect(&self, _: SocketAddr) -> io::Result<Io> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The socket of a thread.
pub(super) struct Io {
    socket: Box<dyn Socket>,
    scratch: Scratch,
    turn: Arc<Turn>,
}

/// Whether a read or write that moved less than it could have means that more would block, so that
/// it need not be tried. epoll(7) says so.
const SHORT_MEANS_BLOCKED: bool = cfg!(any(target_os = "linux", target_os = "android"));

impl Stream for Io {
    fn poll_read(&mut self, _: &mut Context<'_>, buffer: &mut BytesMut) -> Poll<io::Result<usize>> {
        let Self {
            socket,
            scratch,
            turn,
        } = self;
        while turn.readable.load(Ordering::Relaxed) {
            let mut space_len = 0;
            let result = scratch.read(buffer, |space| {
                space_len = space.len();
                socket.read(space)
            });
            if let Some(result) = moved(&turn.readable, result, space_len) {
                // No more is reported of a stream that has ended.
                if turn.ended.load(Ordering::Relaxed) {
                    turn.readable.store(true, Ordering::Relaxed);
                }
                return Poll::Ready(result);
            }
        }
        Poll::Pending
    }

    fn poll_write(&mut self, _: &mut Context<'_>, batch: &Batch) -> Poll<io::Result<usize>> {
        let mut pieces = [IoSlice::new(&[]); 64];
        let count = batch.chunks_vectored(&mut pieces);
        let pieces = pieces.get(..count).unwrap_or_default();
        let len = pieces.iter().map(|piece| piece.len()).sum();
        while self.turn.writable.load(Ordering::Relaxed) {
            let result = self.socket.write_vectored(pieces);
            if let Some(result) = moved(&self.turn.writable, result, len) {
                return Poll::Ready(result);
            }
        }
        Poll::Pending
    }

    fn has_ended(&mut self) -> bool {
        self.turn.ended.load(Ordering::Relaxed)
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Nothing waits inside a socket's handle.
        Poll::Ready(Ok(()))
    }
}

/// The result of moving at most `len` bytes, if there is one, and what it says of being ready.
fn moved(ready: &AtomicBool, result: io::Result<usize>, len: usize) -> Option<io::Result<usize>> {
    match &result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            ready.store(false, Ordering::Relaxed);
            return None;
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => return None,
        Ok(count) if *count < len && SHORT_MEANS_BLOCKED => ready.store(false, Ordering::Relaxed),
        Ok(_) | Err(_) => {}
    }
    Some(result)
}

impl std::fmt::Debug for Io {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Io")
    }
}

/// The timer of a thread.
#[derive(Debug)]
pub(super) struct Alarm(Arc<Turn>);

impl Timer for Alarm {
    fn poll_until(&mut self, _: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        if Instant::now() >= deadline {
            return Poll::Ready(());
        }
        *lock(&self.0.deadline) = Some(deadline);
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::io::Write as _;
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::sync::mpsc;
    use std::thread;

    /// Runs a task over one end of a connection, with the other end, on a thread as a driver has it.
    fn run<F>(task: impl FnOnce(Io, Alarm, TcpStream) -> F + Send + 'static)
    where
        F: Future<Output = ()>,
    {
        let (done, ended) = mpsc::channel();
        thread::spawn(move || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            ours.set_nonblocking(true).unwrap();
            let (theirs, _) = listener.accept().unwrap();
            let (io, prepared) = prepare(mio::net::TcpStream::from_std(ours)).unwrap();
            let timer = prepared.runtime().timer();
            prepared.serve(&Mutex::new(Box::pin(task(io, timer, theirs))));
            done.send(()).unwrap();
        });
        ended
            .recv_timeout(Duration::from_secs(20))
            .expect("the task comes to its end");
    }

    #[test]
    fn an_end_that_comes_with_the_last_bytes_is_seen() {
        run(|mut io, _, mut theirs| {
            let mut buffer = BytesMut::with_capacity(100);
            let mut said = false;
            poll_fn(move |cx| {
                loop {
                    match io.poll_read(cx, &mut buffer) {
                        Poll::Ready(Ok(0)) => return Poll::Ready(()),
                        Poll::Ready(read) => assert_eq!(read.unwrap(), 4),
                        Poll::Pending => break,
                    }
                }
                // Only now, so that the system tells of both at once.
                if !std::mem::replace(&mut said, true) {
                    theirs.write_all(b"last").unwrap();
                    theirs.shutdown(Shutdown::Write).unwrap();
                }
                Poll::Pending
            })
        });
    }

    #[test]
    fn a_timer_rings_again_and_again() {
        run(|_, mut timer, _| {
            let mut deadlines = Vec::from([1, 5, 3].map(Duration::from_millis));
            let mut at = Instant::now();
            poll_fn(move |cx| {
                while timer.poll_until(cx, at).is_ready() {
                    match deadlines.pop() {
                        Some(next) => at = Instant::now() + next,
                        None => return Poll::Ready(()),
                    }
                }
                Poll::Pending
            })
        });
    }

    #[test]
    fn a_task_is_polled_for_each_call_from_elsewhere_and_from_itself() {
        run(|_, _, _| {
            let mut polls = 0;
            poll_fn(move |cx| {
                polls += 1;
                let waker = cx.waker().clone();
                match polls {
                    200 => return Poll::Ready(()),
                    odd if odd % 2 == 1 => waker.wake(),
                    _ => drop(thread::spawn(move || waker.wake())),
                }
                Poll::Pending
            })
        });
    }
}
