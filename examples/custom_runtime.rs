//! Futures and streams in an environment of its own: one thread, one socket, `poll(2)`.
//!
//! ```text
//! cargo run --example custom_runtime --features asynchronous
//! ```
//!
//! `docs/adapters.md` says what a runtime has to promise.

use std::error::Error;
use std::future::Future;
use std::io::{self, IoSlice, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use pika::amqp::{basic, queue};
use pika::asynchronous::{Connection, Runtime, Stream, Timer};
use pika::broker::Server;
use pika::bytes::{Buf, BufMut, BytesMut};
use pika::connection::Batch;
use rustix::event::{PollFd, PollFlags, poll};

fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = Server::unless_given("AMQP_URL")?;
    let mine = Mine::default();
    let connecting = Connection::<Mine>::connect_with(mine.clone(), url);
    let (opening, driver) = mine.run(pin!(std::future::pending()), connecting)?;
    // The driver moves all bytes; the program waits for what it brings.
    mine.run(pin!(driver), async {
        let connection = opening.await?;
        let channel = connection.channel().await?;
        channel
            .queue_declare(queue::Declare::new("custom_runtime").durable(true))
            .await?;
        channel
            .publish("", "custom_runtime", "Hello World!")
            .await?;
        let mut consumer = channel
            .consume(basic::Consume::new("custom_runtime"))
            .await?;
        if let Some(delivery) = consumer.next().await? {
            println!("{}", String::from_utf8_lossy(delivery.body()));
            delivery.ack()?;
        }
        Ok(connection.close().await?)
    })
}

/// The environment of one connection: what its stream and timer wait for.
#[derive(Clone, Debug, Default)]
struct Mine(Arc<Mutex<Waits>>);

#[derive(Debug, Default)]
struct Waits {
    socket: Option<Arc<TcpStream>>,
    reads: bool,
    writes: bool,
    until: Option<Instant>,
}

impl Mine {
    /// Polls the driver and the program in turn until the program is done, and sleeps in between.
    fn run<T>(
        &self,
        mut driver: Pin<&mut dyn Future<Output = ()>>,
        program: impl Future<Output = T>,
    ) -> T {
        let bell = Arc::<Bell>::default();
        let waker = Waker::from(bell.clone());
        let (mut cx, mut program) = (Context::from_waker(&waker), pin!(program));
        let mut runs = true;
        loop {
            runs = runs && driver.as_mut().poll(&mut cx).is_pending();
            if let Poll::Ready(result) = program.as_mut().poll(&mut cx) {
                return result;
            }
            if !bell.0.swap(false, Ordering::Relaxed) {
                self.sleep();
            }
        }
    }

    /// Waits for what is wanted, but not past the deadline. Whoever was polled is polled again then.
    fn sleep(&self) {
        let waits = &mut *self.waits();
        let (reads, writes) = (
            std::mem::take(&mut waits.reads),
            std::mem::take(&mut waits.writes),
        );
        let left = waits
            .until
            .take()
            .map(|at| at.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| left.try_into().ok());
        let mut wanted = PollFlags::empty();
        wanted.set(PollFlags::IN, reads);
        wanted.set(PollFlags::OUT, writes);
        let socket = waits.socket.as_deref();
        let socket = socket.map(|socket| PollFd::new(socket, wanted));
        let mut sockets: Vec<_> = socket.into_iter().collect();
        // An error is found by reading.
        _ = poll(&mut sockets, left.as_ref());
    }

    fn waits(&self) -> std::sync::MutexGuard<'_, Waits> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether something was woken since it was asked last.
#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Runtime for Mine {
    type Stream = Io;
    type Timer = Alarm;

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn timer(&self) -> Alarm {
        Alarm(self.clone())
    }

    /// Nothing else runs here that could not wait.
    async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok((host, port).to_socket_addrs()?.collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Io> {
        let socket = TcpStream::connect(address)?;
        socket.set_nonblocking(true)?;
        socket.set_nodelay(true)?;
        let (socket, space) = (Arc::new(socket), vec![0; 64 * 1024].into());
        self.waits().socket = Some(socket.clone());
        Ok(Io {
            mine: self.clone(),
            socket,
            space,
        })
    }
}

#[derive(Clone, Debug)]
struct Alarm(Mine);

impl Timer for Alarm {
    fn poll_until(&mut self, _: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        if deadline <= Instant::now() {
            return Poll::Ready(());
        }
        let mut waits = self.0.waits();
        waits.until = waits.until.into_iter().chain([deadline]).min();
        Poll::Pending
    }
}

#[derive(Debug)]
struct Io {
    mine: Mine,
    socket: Arc<TcpStream>,
    space: Box<[u8]>,
}

impl Stream for Io {
    fn poll_read(&mut self, _: &mut Context<'_>, buffer: &mut BytesMut) -> Poll<io::Result<usize>> {
        let free = (buffer.capacity() - buffer.len()).min(self.space.len());
        match (&*self.socket).read(self.space.split_at_mut(free).0) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.mine.waits().reads = true;
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error)),
            Ok(count) => {
                buffer.put_slice(self.space.split_at(count).0);
                Poll::Ready(Ok(count))
            }
        }
    }

    fn poll_write(&mut self, _: &mut Context<'_>, batch: &Batch) -> Poll<io::Result<usize>> {
        let mut pieces = [IoSlice::new(&[]); 64];
        let count = batch.chunks_vectored(&mut pieces);
        match (&*self.socket).write_vectored(pieces.split_at(count).0) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.mine.waits().writes = true;
                Poll::Pending
            }
            moved => Poll::Ready(moved),
        }
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
