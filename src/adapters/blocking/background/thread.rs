//! The thread that runs the driver of one connection.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use mio::event::{Event, Source};
use mio::net::TcpStream;
use mio::{Events, Interest, Token};

use crate::adapters::asynchronous::{Runtime, Stream, Timer};
use crate::adapters::connect::look_up;
use crate::adapters::scratch::Scratch;
#[cfg(unix)]
use crate::adapters::tcp::tune;
use crate::config::Config;
use crate::connection::Batch;

/// A socket that can be waited for, to read and to write.
pub(super) trait Socket: io::Read + io::Write + Source + Send {
    /// Whether it is connected; not yet is [`io::ErrorKind::NotConnected`].
    fn check_connected(&self) -> io::Result<()> {
        Ok(())
    }

    /// Sets the options of a socket that was just connected.
    fn tune(&self, _config: &Config) {}
}

impl Socket for TcpStream {
    fn check_connected(&self) -> io::Result<()> {
        if let Some(error) = self.take_error()? {
            return Err(error);
        }
        self.peer_addr()?;
        self.set_nodelay(true)
    }

    #[cfg(unix)]
    fn tune(&self, config: &Config) {
        tune(self, config);
    }
}

#[cfg(unix)]
impl Socket for mio::net::UnixStream {}

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

/// A thread that is about to run.
pub(super) struct Prepared {
    poll: mio::Poll,
    signal: Arc<Signal>,
    runtime: Thread,
}

/// Prepares a thread.
pub(super) fn prepare() -> io::Result<Prepared> {
    let poll = mio::Poll::new()?;
    let signal = Arc::new(Signal {
        state: AtomicU8::new(AWAKE),
        waker: mio::Waker::new(poll.registry(), SIGNAL)?,
    });
    let runtime = Thread {
        registry: Arc::new(poll.registry().try_clone()?),
        turn: Arc::new(Turn {
            readable: AtomicBool::new(false),
            writable: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            deadline: Mutex::default(),
        }),
    };
    Ok(Prepared {
        poll,
        signal,
        runtime,
    })
}

impl Prepared {
    /// The runtime of the driver.
    pub(super) fn runtime(&self) -> Thread {
        self.runtime.clone()
    }

    /// Runs a driver to its end, or until the system fails.
    pub(super) fn serve<D: Future<Output = ()> + Unpin>(mut self, driver: &Mutex<D>) {
        let waker = Waker::from(self.signal.clone());
        let mut cx = Context::from_waker(&waker);
        let mut events = Events::with_capacity(8);
        let mut in_a_row = false;
        let turn = self.runtime.turn.clone();
        loop {
            *lock(&turn.deadline) = None;
            self.signal.wake_up();
            let mut driver = lock(driver);
            // Under the lock, since another thread may use the socket.
            events.iter().for_each(|event| turn.note(event));
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
                true => turn.time_left(),
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

/// A runtime that is one thread, with one socket at a time.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    registry: Arc<mio::Registry>,
    turn: Arc<Turn>,
}

impl Thread {
    /// Registers a socket that does not block. `is_ready` says whether it can be read and written for all
    /// that is known: the system reports changes only.
    pub(super) fn register(
        &self,
        mut socket: impl Socket + 'static,
        is_ready: bool,
    ) -> io::Result<Io> {
        let turn = &self.turn;
        for (flag, value) in [
            (&turn.readable, is_ready),
            (&turn.writable, is_ready),
            (&turn.ended, false),
        ] {
            flag.store(value, Ordering::Relaxed);
        }
        let both = Interest::READABLE | Interest::WRITABLE;
        self.registry.register(&mut socket, SOCKET, both)?;
        Ok(Io {
            socket: Box::new(socket),
            scratch: Scratch::default(),
            turn: turn.clone(),
        })
    }
}

impl Runtime for Thread {
    type Stream = Io;
    type Timer = Alarm;

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn timer(&self) -> Alarm {
        Alarm(self.turn.clone())
    }

    /// The system's look-up blocks this thread, which has nothing else to do meanwhile.
    async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        look_up((host, port))
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Io> {
        let mut io = self.register(TcpStream::connect(address)?, false)?;
        poll_fn(|_| io.poll_connected()).await?;
        Ok(io)
    }

    /// The readiness of one socket is known only.
    fn races(&self) -> bool {
        false
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

impl Io {
    /// Ready once the socket is connected.
    fn poll_connected(&mut self) -> Poll<io::Result<()>> {
        if !self.turn.writable.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        match self.socket.check_connected() {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                self.turn.writable.store(false, Ordering::Relaxed);
                Poll::Pending
            }
            result => {
                // Whether something has come already is not known.
                self.turn.readable.store(true, Ordering::Relaxed);
                Poll::Ready(result)
            }
        }
    }
}

impl Stream for Io {
    fn tune(&self, config: &Config) {
        self.socket.tune(config);
    }

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
        let mut known = lock(&self.0.deadline);
        *known = known.into_iter().chain([deadline]).min();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::net::{Shutdown, TcpListener, TcpStream as StdStream};
    use std::sync::mpsc;
    use std::thread;

    /// Runs a task over one end of a connection, with the other end, on a thread as a driver has it.
    fn run<F>(task: impl FnOnce(Io, Alarm, StdStream) -> F + Send + 'static)
    where
        F: Future<Output = ()>,
    {
        let (done, ended) = mpsc::channel();
        thread::spawn(move || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let ours = StdStream::connect(listener.local_addr().unwrap()).unwrap();
            ours.set_nonblocking(true).unwrap();
            let (theirs, _) = listener.accept().unwrap();
            let prepared = prepare().unwrap();
            let ours = mio::net::TcpStream::from_std(ours);
            let io = prepared.runtime().register(ours, true).unwrap();
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
