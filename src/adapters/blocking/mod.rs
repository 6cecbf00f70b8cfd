//! Blocking calls: the thread that calls does the I/O.
//!
//! There is no thread behind this. Every call serves the whole connection while it waits: it sends
//! heartbeats, takes in messages for all consumers and notices when the server closes. A program
//! that computes for long without a call has to let the connection live now and then with
//! [`Connection::process_events`], or turn heartbeats off.
//!
//! ```no_run
//! use pika::amqp::{basic, queue};
//! use pika::blocking::Connection;
//!
//! let connection = Connection::open("amqp://guest:guest@localhost:5672/%2f")?;
//! let channel = connection.channel()?;
//! channel.queue_declare(queue::Declare::new("hello"))?;
//! channel.publish("", "hello", "Hello World!")?;
//!
//! let mut consumer = channel.consume(basic::Consume::new("hello"))?;
//! for delivery in &mut consumer {
//!     let delivery = delivery?;
//!     println!("{}", String::from_utf8_lossy(delivery.body()));
//!     delivery.ack()?;
//!     break;
//! }
//! connection.close()?;
//! # Ok::<_, pika::Error>(())
//! ```
//!
//! Handles belong to the thread that opened the connection; another thread opens its own. They can
//! be cloned freely, and the last one to be dropped ends what it stands for without waiting.

mod channel;
mod confirming;
mod consumer;
mod delivery;
mod events;
mod handlers;
mod inner;
mod publish;

use std::cell::RefCell;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

pub use self::channel::Channel;
pub use self::confirming::{Confirm, ConfirmingChannel};
pub use self::consumer::{Consumer, Deliveries};
pub use self::delivery::Delivery;
pub use super::outcome::IntoResult;
pub use super::session::{ConsumerEnd, NotAcked, Notice, Unconfirmed};
pub use super::timers::TimerId;
pub use super::transport::Transport;

use self::inner::Inner;
use super::connect::connect;
use super::sockets::{Timed, Untimed};
use crate::config::{Config, Tuning};
use crate::connection::Connection as Core;
use crate::error::{Closed, Error, Misuse, Result};
use crate::method::ConnectionCall;
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::{ReplyCode, ShortStr, Table};

/// A connection to a server, see the [module](self).
pub struct Connection<P: Protocol = Selected> {
    shared: Rc<Shared<P>>,
}

/// What all handles of a connection share.
struct Shared<P: Protocol> {
    inner: RefCell<Inner<P>>,
}

impl Connection {
    /// Connects to a server and logs in, from a URI or a [`Config`].
    ///
    /// It speaks the version that handles speak by default: 0-9-1 where it is enabled, else 0-8.
    /// For the other one see [`open_as`](Self::open_as).
    ///
    /// ```no_run
    /// use pika::blocking::Connection;
    /// use pika::config::Config;
    ///
    /// let connection = Connection::open("amqp://guest:guest@localhost:5672/%2f")?;
    /// let other = Connection::open(Config::new().host("localhost").vhost("/"))?;
    /// # Ok::<_, pika::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Uri`] for a URI that cannot be used, [`Error::Unreachable`] when no address can be
    /// connected to, [`Error::Closed`] when the server refuses or says nothing; the reason says what to
    /// do.
    pub fn open<C>(config: C) -> Result<Self>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        Self::open_as(config)
    }
}

impl<P: Protocol> Connection<P> {
    /// As [`open`](Connection::open), in the version that the type says.
    ///
    /// The name of the host is resolved by the system, which limits the time by itself; connecting
    /// and logging in are limited by [`Config::connect_timeout`] and [`Config::handshake_timeout`].
    ///
    /// # Errors
    /// As for [`open`](Connection::open).
    pub fn open_as<C>(config: C) -> Result<Self>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        let config = config.try_into()?;
        let stream = connect(&config)?;
        Self::over_tcp(stream, config)
    }

    /// Logs in over a TCP stream that is connected.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses.
    pub fn over_tcp(stream: TcpStream, config: Config) -> Result<Self> {
        Self::over_transport(Timed::new(stream)?, config)
    }

    /// Logs in over a local socket that is connected.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses.
    #[cfg(unix)]
    pub fn over_unix(stream: std::os::unix::net::UnixStream, config: Config) -> Result<Self> {
        Self::over_transport(Timed::new(stream)?, config)
    }

    /// Logs in over any stream.
    ///
    /// Nothing can be said about how long such a stream waits, so deadlines are only looked at when
    /// it returns: let it give up by itself now and then with
    /// [`TimedOut`](std::io::ErrorKind::TimedOut), or implement [`Transport`]. What arrives is read
    /// only by calls that wait for something.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses.
    pub fn over<S: Read + Write + 'static>(stream: S, config: Config) -> Result<Self> {
        Self::over_transport(Untimed::new(stream), config)
    }

    /// Logs in over a transport that keeps to deadlines.
    ///
    /// # Errors
    /// [`Error::Closed`] when the server refuses.
    pub fn over_transport<T: Transport + 'static>(transport: T, config: Config) -> Result<Self> {
        let mut core = Core::new(config, Instant::now());
        // Keys of a hash map are random, which is all that telling connections apart takes.
        core.set_identity(RandomState::new().hash_one(()));
        let mut inner = Inner::new(core, Box::new(transport));
        inner
            .wait(None, |inner| inner.session.is_opened().then_some(Ok(())))
            .unwrap_or_else(|| Err(Misuse::NotOpen.into()))?;
        Ok(Self {
            shared: Rc::new(Shared {
                inner: RefCell::new(inner),
            }),
        })
    }

    /// Opens a channel.
    ///
    /// # Errors
    /// When the connection is closed or all channel numbers are in use.
    pub fn channel(&self) -> Result<Channel<P>> {
        let mut inner = self.shared.inner.borrow_mut();
        let (key, call) = inner.core.open_channel(Instant::now())?;
        inner.session.add_channel(key);
        match inner.reply(call) {
            Ok(_) => {
                drop(inner);
                Ok(Channel::attach(self, key))
            }
            Err(error) => {
                inner.session.remove_channel(key);
                inner.core.drop_channel(key, Instant::now());
                Err(error)
            }
        }
    }

    /// Makes a call on the connection itself, such as `connection.update-secret`.
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn call<M: ConnectionCall<Spec = P>>(&self, method: M) -> Result<M::Reply> {
        let mut inner = self.shared.inner.borrow_mut();
        let call = inner.core.call(method, Instant::now())?;
        let answer = inner.reply(call)?;
        answer
            .into_reply()
            .ok_or_else(|| Misuse::Finished(M::NAME).into())
    }

    /// Closes the connection in good order, with code 200.
    ///
    /// Closing one that the program has closed does nothing; one that something else closed gives
    /// that reason. All messages that were published are with the server when this returns without
    /// an error.
    ///
    /// # Errors
    /// When something else ended the connection first; the error is that reason. When the server
    /// does not confirm the close in time or ends the transport instead; what was sent last may
    /// then not have arrived.
    pub fn close(&self) -> Result<()> {
        self.close_with(
            ReplyCode::REPLY_SUCCESS,
            ShortStr::from_static("Normal shutdown"),
        )
    }

    /// Closes the connection with a code and a text for the server's log.
    ///
    /// # Errors
    /// As for [`close`](Self::close).
    pub fn close_with(&self, code: ReplyCode, text: ShortStr) -> Result<()> {
        let mut inner = self.shared.inner.borrow_mut();
        inner.core.close(code, text, Instant::now());
        let done = |inner: &mut Inner<P>| {
            let reason = inner.core.closed().filter(|_| inner.session.is_over());
            reason.cloned().map(Ok)
        };
        let reason = inner
            .wait(None, done)
            .unwrap_or_else(|| Err(Misuse::NotOpen.into()))?;
        inner.hang_up();
        let failure = inner.core.close_failure().cloned();
        let kept = inner.let_go();
        drop(inner);
        drop(kept);
        match failure {
            Some(cause) => {
                let scope = reason.scope;
                Err(Arc::new(Closed::new(scope, cause)).into())
            }
            None if reason.is_normal() => Ok(()),
            None => Err(reason.into()),
        }
    }

    /// Lets up to so many bytes of messages and acknowledgements wait before they are sent.
    ///
    /// By default, 0, each is sent when it is given, with a system call of its own, which is most of
    /// what publishing costs. With 64 KiB hundreds of messages share one: publishing messages of 100
    /// bytes becomes twenty to sixty times as fast, while little changes for a program that waits for
    /// the confirm of each. They wait until so many have come together, until a call waits for the
    /// server or for a message, until [`flush`](Self::flush), [`process_events`](Self::process_events)
    /// or [`close`](Self::close). There is no thread here that could send them by itself: a program
    /// that publishes and then does something else for long has to call `flush`.
    pub fn hold_back(&self, bytes: usize) {
        let mut inner = self.shared.inner.borrow_mut();
        inner.hold = bytes;
        inner.service();
    }

    /// Sends what is held back.
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn flush(&self) -> Result<()> {
        let mut inner = self.shared.inner.borrow_mut();
        inner.write_and_look();
        match inner.core.closed() {
            Some(reason) => Err(reason.clone().into()),
            None => Ok(()),
        }
    }

    /// Whether the connection can be used, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.inner.borrow().core.is_open()
    }

    /// Why the connection is closed, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<Arc<Closed>> {
        self.shared.inner.borrow().core.closed().cloned()
    }

    /// What was agreed on in the handshake.
    #[must_use]
    pub fn tuning(&self) -> Tuning {
        *self.shared.inner.borrow().core.tuning()
    }

    /// What the server says of itself: product, version, capabilities.
    #[must_use]
    pub fn server_properties(&self) -> Table {
        self.shared.inner.borrow().core.server_properties().clone()
    }

    /// Why the server accepts no messages, while it does not.
    #[must_use]
    pub fn blocked(&self) -> Option<ShortStr> {
        let mut inner = self.shared.inner.borrow_mut();
        inner.catch_up();
        inner.core.blocked().cloned()
    }

    /// The next thing that happened to the connection as a whole, if something did.
    #[must_use]
    pub fn try_next_notice(&self) -> Option<Notice> {
        let mut inner = self.shared.inner.borrow_mut();
        inner.catch_up();
        inner.session.next_notice()
    }

    /// Bytes received and bytes sent so far.
    #[must_use]
    pub fn traffic(&self) -> (u64, u64) {
        let inner = self.shared.inner.borrow();
        (inner.core.bytes_received(), inner.core.bytes_sent())
    }
}

impl<P: Protocol> Clone for Connection<P> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<P: Protocol> fmt::Debug for Connection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Connection");
        if let Ok(inner) = self.shared.inner.try_borrow() {
            debug
                .field("config", inner.core.config())
                .field("closed", &inner.core.closed());
        }
        debug.finish_non_exhaustive()
    }
}

impl<P: Protocol> Drop for Shared<P> {
    /// Says good-bye if that can be done at once.
    fn drop(&mut self) {
        let inner = self.inner.get_mut();
        let text = ShortStr::from_static("connection dropped");
        inner
            .core
            .close(ReplyCode::REPLY_SUCCESS, text, Instant::now());
        inner.hang_up();
    }
}
