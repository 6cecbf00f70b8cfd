use std::cell::Cell;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use mio::event::{Event, Source};
use mio::{Events, Interest, Token};

use crate::adapters::asynchronous::{Connection, Opening, Runtime, Stream, Timer};
use crate::adapters::scratch::Scratch;
use crate::config::Config;
use crate::connection::Batch;
use crate::protocol::Protocol;

/// A runtime of threads that serve one connection each.
pub(super) struct Threads;

/// The thread of a connection, and the connection that is logging in there.
pub(super) type Started<P> = (Opening<Threads, P>, JoinHandle<()>);

/// Something that can be waited for, to read and to write.
pub(super) trait Socket: io::Read + io::Write + Source + Send {}

impl<S: io::Read + io::Write + Source + Send> Socket for S {}

const SOCKET: Token = Token(0);
const SIGNAL: Token = Token(1);

thread_local! {
    /// What this thread serves; streams and timers are polled on their thread alone.
    static TURN: Turn = const { Turn::new() };
}

/// What the socket of a thread can do, and what its timer waits for.
struct Turn {
    readable: Cell<bool>,
    writable: Cell<bool>,
    /// Whether the server has ended its side, of which no more will be told.
    ended: Cell<bool>,
    deadline: Cell<Option<Instant>>,
}

/// Starts the thread of a connection over a socket that does not block.
pub(super) fn start<P: Protocol>(
    socket: impl Socket + 'static,
    config: Config,
) -> io::Result<Started<P>> {
    let (io, poll, signal) = prepare(socket)?;
    let (opening, driver) = Connection::<Threads, P>::start(io, config);
    let thread = thread::Builder::new()
        .name("pika".into())
        .spawn(move || serve(driver, poll, &signal))?;
    Ok((opening, thread))
}

fn prepare(mut socket: impl Socket + 'static) -> io::Result<(Io, mio::Poll, Arc<Signal>)> {
    let poll = mio::Poll::new()?;
    let both = Interest::READABLE | Interest::WRITABLE;
    poll.registry().register(&mut socket, SOCKET, both)?;
    let signal = Arc::new(Signal {
        state: AtomicU8::new(AWAKE),
        waker: mio::Waker::new(poll.registry(), SIGNAL)?,
    });
    let io = Io {
        socket: Box::new(socket),
        scratch: Scratch::default(),
    };
    Ok((io, poll, signal))
}

/// Runs a driver to its end. If the system fails it is dropped, which tells everybody.
fn serve(driver: impl Future<Output = ()>, mut poll: mio::Poll, signal: &Arc<Signal>) {
    let waker = Waker::from(signal.clone());
    let (mut driver, mut cx) = (pin!(driver), Context::from_waker(&waker));
    let mut events = Events::with_capacity(8);
    let mut in_a_row = false;
    loop {
        TURN.with(|turn| turn.deadline.set(None));
        signal.wake_up();
        if driver.as_mut().poll(&mut cx).is_ready() {
            return;
        }
        let asleep = signal.fall_asleep();
        // Most of the time the socket is still known to be ready, or will be waited for next.
        if !asleep && !std::mem::replace(&mut in_a_row, true) {
            continue;
        }
        in_a_row = false;
        let timeout = match asleep {
            true => TURN.with(Turn::time_left),
            false => Some(Duration::ZERO),
        };
        match poll.poll(&mut events, timeout) {
            Ok(()) => TURN.with(|turn| events.iter().for_each(|event| turn.note(event))),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

impl Turn {
    const fn new() -> Self {
        Self {
            // As far as is known: the system tells of changes only.
            readable: Cell::new(true),
            writable: Cell::new(true),
            ended: Cell::new(false),
            deadline: Cell::new(None),
        }
    }

    fn time_left(&self) -> Option<Duration> {
        let deadline = self.deadline.get()?;
        Some(deadline.saturating_duration_since(Instant::now()))
    }

    fn note(&self, event: &Event) {
        if event.token() != SOCKET {
            return;
        }
        let (ended, failed) = (event.is_read_closed(), event.is_error());
        if ended {
            self.ended.set(true);
        }
        if event.is_readable() || ended || failed {
            self.readable.set(true);
        }
        if event.is_writable() || event.is_write_closed() || failed {
            self.writable.set(true);
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
    /// Whoever calls from now on wants the driver to be polled once more.
    fn wake_up(&self) {
        self.state.swap(AWAKE, Ordering::AcqRel);
    }

    /// Gives `false` if there is something to do after all.
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

impl Runtime for Threads {
    type Stream = Io;
    type Timer = Alarm;

    fn now() -> Instant {
        Instant::now()
    }

    fn timer() -> Alarm {
        Alarm
    }

    /// Sockets are connected by the thread that opens a connection, before this one begins.
    async fn look_up(_: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    async fn connect(_: SocketAddr) -> io::Result<Io> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The socket of a thread.
pub(super) struct Io {
    socket: Box<dyn Socket>,
    scratch: Scratch,
}

/// Whether a read or write that moved less than it could have means that more would block, so that
/// it need not be tried. epoll(7) says so.
const SHORT_MEANS_BLOCKED: bool = cfg!(any(target_os = "linux", target_os = "android"));

impl Stream for Io {
    fn poll_read(&mut self, _: &mut Context<'_>, buffer: &mut BytesMut) -> Poll<io::Result<usize>> {
        let Self { socket, scratch } = self;
        TURN.with(|turn| {
            while turn.readable.get() {
                let mut space_len = 0;
                let result = scratch.read(buffer, |space| {
                    space_len = space.len();
                    socket.read(space)
                });
                if let Some(result) = moved(&turn.readable, result, space_len) {
                    // No more will be told of a stream that has ended.
                    turn.readable.set(turn.readable.get() || turn.ended.get());
                    return Poll::Ready(result);
                }
            }
            Poll::Pending
        })
    }

    fn poll_write(&mut self, _: &mut Context<'_>, batch: &Batch) -> Poll<io::Result<usize>> {
        let mut pieces = [IoSlice::new(&[]); 64];
        let count = batch.chunks_vectored(&mut pieces);
        let pieces = pieces.get(..count).unwrap_or_default();
        let len = pieces.iter().map(|piece| piece.len()).sum();
        TURN.with(|turn| {
            while turn.writable.get() {
                let result = self.socket.write_vectored(pieces);
                if let Some(result) = moved(&turn.writable, result, len) {
                    return Poll::Ready(result);
                }
            }
            Poll::Pending
        })
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Nothing waits inside a socket's handle.
        Poll::Ready(Ok(()))
    }
}

/// The result of moving at most `len` bytes, if there is one, and what it says of being ready.
fn moved(ready: &Cell<bool>, result: io::Result<usize>, len: usize) -> Option<io::Result<usize>> {
    match &result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            ready.set(false);
            return None;
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => return None,
        Ok(count) if *count < len && SHORT_MEANS_BLOCKED => ready.set(false),
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
pub(super) struct Alarm;

impl Timer for Alarm {
    fn poll_until(&mut self, _: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        if Instant::now() >= deadline {
            return Poll::Ready(());
        }
        TURN.with(|turn| turn.deadline.set(Some(deadline)));
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

    /// Runs a task over one end of a connection, with the other end, on a thread as a driver has it.
    fn run<F>(task: impl FnOnce(Io, TcpStream) -> F + Send + 'static)
    where
        F: Future<Output = ()>,
    {
        let (done, ended) = mpsc::channel();
        thread::spawn(move || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            ours.set_nonblocking(true).unwrap();
            let (theirs, _) = listener.accept().unwrap();
            let (io, poll, signal) = prepare(mio::net::TcpStream::from_std(ours)).unwrap();
            serve(task(io, theirs), poll, &signal);
            done.send(()).unwrap();
        });
        ended
            .recv_timeout(Duration::from_secs(20))
            .expect("the task comes to its end");
    }

    #[test]
    fn an_end_that_comes_with_the_last_bytes_is_seen() {
        run(|mut io, mut theirs| {
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
        run(|_, _| {
            let mut deadlines = Vec::from([1, 5, 3].map(Duration::from_millis));
            let mut at = Instant::now();
            poll_fn(move |cx| {
                while Alarm.poll_until(cx, at).is_ready() {
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
        run(|_, _| {
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
