//! Opens connections that are driven by a thread of their own.
//!
//! The thread of a connection moves its bytes, sends heartbeats and keeps deadlines, and it alone.
//! So a program may compute for hours between two calls, and what many threads publish shares system
//! calls. The module [`blocking`](super) compares this with connections that the callers drive.
//!
//! ```no_run
//! use pika::amqp::queue;
//! use pika::blocking::background;
//!
//! let connection = background::open("amqp://guest:guest@localhost:5672/%2f")?;
//! let channel = connection.channel()?;
//! channel.queue_declare(queue::Declare::new("hello").durable(true))?;
//!
//! let publisher = channel.clone();
//! let thread = std::thread::spawn(move || publisher.publish("", "hello", "Hello World!"));
//! # let _ = thread.join();
//! connection.close()?;
//! # Ok::<_, pika::Error>(())
//! ```

mod thread;

use std::net::TcpStream;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::task::Context;
use std::thread::JoinHandle;
use std::time::Instant;

use self::thread::{Prepared, Socket, Thread, lock, prepare};
use super::wait::{block_on, park};
use super::{Calls, Connection};
use crate::adapters::asynchronous::link::{Host, Link, Waited};
use crate::adapters::asynchronous::{Driver, Opening, opening};
use crate::adapters::connect::connect;
use crate::client;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::protocol::Protocol;

/// Connects to a server and logs in, from a URI or a [`Config`]; see [`Connection::open`]. With
/// [`Config::recovery`] the thread also opens the next transport when one is lost.
///
/// # Errors
/// As for [`Connection::open`], or when the system refuses a thread.
pub fn open<C>(config: C) -> Result<Connection>
where
    C: TryInto<Config>,
    Error: From<C::Error>,
{
    open_as(config)
}

/// As [`open`], in the version that the type says: `open_as::<V0_8, _>(url)`.
///
/// # Errors
/// As for [`open`].
pub fn open_as<P, C>(config: C) -> Result<Connection<P>>
where
    P: Protocol,
    C: TryInto<Config>,
    Error: From<C::Error>,
{
    let mut config = config.try_into()?;
    if let Some(recovery) = config.recovery.clone() {
        client::check(&config)?;
        let prepared = prepare()?;
        let (background, host) = Background::pair();
        let clock = Box::new(Instant::now);
        let (opening, link) = opening::begin_away(config, recovery, (clock, Some(host)));
        let driver = Driver::away(prepared.runtime(), link.clone());
        return run(&background, prepared, driver, (opening, &link));
    }
    let stream = connect(&mut config)?;
    over_tcp(stream, config)
}

/// Logs in over a TCP stream that is connected.
///
/// # Errors
/// [`Error::Closed`] when the server refuses.
pub fn over_tcp<P: Protocol>(stream: TcpStream, config: Config) -> Result<Connection<P>> {
    stream.set_nonblocking(true)?;
    over(mio::net::TcpStream::from_std(stream), config)
}

/// Logs in over a local socket that is connected.
///
/// # Errors
/// [`Error::Closed`] when the server refuses.
#[cfg(unix)]
pub fn over_unix<P: Protocol>(
    stream: std::os::unix::net::UnixStream,
    config: Config,
) -> Result<Connection<P>> {
    stream.set_nonblocking(true)?;
    over(mio::net::UnixStream::from_std(stream), config)
}

fn over<P: Protocol>(socket: impl Socket + 'static, config: Config) -> Result<Connection<P>> {
    let prepared = prepare()?;
    let io = prepared.runtime().register(socket, true)?;
    let (background, host) = Background::pair();
    let (opening, link) = opening::begin(config, Box::new(Instant::now), |_| Some(host));
    let driver = Driver::connected(prepared.runtime(), link.clone(), io);
    run(&background, prepared, driver, (opening, &link))
}

/// Runs the driver of a connection on a thread, and waits until it is open.
fn run<P: Protocol>(
    background: &Background<P>,
    prepared: Prepared,
    driver: Driver<Thread, P>,
    (opening, link): (Opening<Calls, P>, &Arc<Link<P>>),
) -> Result<Connection<P>> {
    let driver = Arc::new(Mutex::new(driver));
    _ = background.0.driver.set(Arc::downgrade(&driver));
    let thread = std::thread::Builder::new()
        .name("pika".into())
        .spawn(move || prepared.serve(&driver))?;
    *lock(&background.0.thread) = Some(thread);
    let inner = block_on(link, opening)?;
    Ok(Connection { inner })
}

/// Parks the threads that wait for a connection with a thread of its own.
struct Background<P: Protocol>(Arc<Parts<P>>);

struct Parts<P: Protocol> {
    /// The thread has the only strong reference, so that it ends with the thread.
    driver: OnceLock<Weak<Mutex<Driver<Thread, P>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<P: Protocol> Default for Parts<P> {
    fn default() -> Self {
        Self {
            driver: OnceLock::new(),
            thread: Mutex::default(),
        }
    }
}

impl<P: Protocol> Background<P> {
    /// A host, and what knows its parts.
    fn pair() -> (Self, Box<dyn Host<P>>) {
        let background = Self(Arc::default());
        let host = Box::new(Self(background.0.clone()));
        (background, host)
    }
}

impl<P: Protocol> Host<P> for Background<P> {
    fn wait(
        &self,
        _link: &Arc<Link<P>>,
        poll: &mut dyn FnMut(&mut Context<'_>) -> bool,
        until: Option<Instant>,
    ) -> Waited {
        park(poll, until)
    }

    /// The thread may not get to it: if this is the end of `main` it ends with the process.
    fn hang_up(&self, link: &Arc<Link<P>>) {
        if link.is_forked() {
            return;
        }
        if let Some(driver) = self.0.driver.get().and_then(Weak::upgrade) {
            lock(&driver).write_at_once();
        }
    }

    fn finish(&self, _link: &Arc<Link<P>>) {
        let thread = lock(&self.0.thread).take();
        // Had it panicked, the connection would have reported why it is over.
        let _ended = thread.map(JoinHandle::join);
    }
}
