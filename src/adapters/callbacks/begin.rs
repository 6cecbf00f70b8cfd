use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use super::Transport;
use super::handles::{Connection, Shared};
use super::host::Host;
use super::polled::Polled;
use super::stream::Stream;
use super::tasks::{Bell, Tasks};
use crate::adapters::asynchronous;
use crate::client;
use crate::config::Config;
use crate::error::{Cause, Error, Result};
use crate::protocol::Protocol;

impl Connection {
    /// Begins to connect to a server, from a URI or a [`Config`].
    ///
    /// It speaks the version that handles speak by default: 0-9-1 where it is enabled, else 0-8.
    /// For the other one see [`connect_as`](Self::connect_as).
    ///
    /// # Errors
    /// [`Error::Uri`] for a URI that cannot be used, [`Error::Unreachable`] when there is no address
    /// to try. When none can be connected to, the connection is closed for that reason.
    pub fn connect<C>(config: C) -> Result<Self>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        Self::connect_as(config)
    }
}

impl<P: Protocol> Connection<P> {
    /// As [`connect`](Connection::connect), in the version that the type says.
    ///
    /// The system looks the name of the host up, and that is the one thing that blocks. Of several
    /// [hosts](Config::hosts) each is looked up when its turn comes, in [`on_ready`](Self::on_ready) or in a
    /// [`Loop`](super::Loop), and so is a [resolver](Config::resolver) of the program called. Where that
    /// must not be, name an address, or several with [`Config::addresses`]. They are tried in turn, all of
    /// them within [`Config::connect_timeout`].
    ///
    /// # Errors
    /// As for [`connect`](Connection::connect).
    pub fn connect_as<C>(config: C) -> Result<Self>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        let config = config.try_into()?;
        client::check(&config)?;
        let connection = match config.recovery.clone() {
            Some(recovery) => {
                let front = Front::stepwise_away(config, recovery);
                Self::with_host(front, |front| Host::away(front.link()))
            }
            None => {
                let front = Front::stepwise(config.clone());
                Self::with_host(front, |_| Host::dial(config))
            }
        };
        // The name is looked up now, and the first attempt begins.
        connection.drive();
        match connection.shared.front.closed() {
            Some(reason) => match &reason.cause {
                Cause::Unreachable(why) => Err(Error::Unreachable(why.clone())),
                _ => Err(reason.into()),
            },
            None => Ok(connection),
        }
    }

    /// Begins a connection over a socket of [`mio`], which may still be connecting.
    #[must_use]
    pub fn over(stream: mio::net::TcpStream, config: Config) -> Self {
        let front = Front::stepwise(config.clone());
        let connection = Self::with_host(front, |_| Host::dialled(stream, &config));
        connection.drive();
        connection
    }

    /// Begins a connection over a TCP stream that is connected.
    ///
    /// # Errors
    /// When the stream cannot be told not to block.
    pub fn over_tcp(stream: std::net::TcpStream, config: Config) -> Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self::over(mio::net::TcpStream::from_std(stream), config))
    }

    /// Begins a connection over a local socket that is connected.
    ///
    /// # Errors
    /// When the socket cannot be told not to block.
    #[cfg(unix)]
    pub fn over_unix(stream: std::os::unix::net::UnixStream, config: Config) -> Result<Self> {
        stream.set_nonblocking(true)?;
        let stream = mio::net::UnixStream::from_std(stream);
        Ok(Self::over_stream(Stream::Unix(Arc::new(stream)), config))
    }

    /// Begins a connection over any transport that does not block.
    ///
    /// It is always asked with a wait of zero. There is no [`socket`](Self::socket) then, and a
    /// [`Loop`](super::Loop) cannot serve the connection: call [`on_ready`](Self::on_ready) when the
    /// transport is ready.
    #[must_use]
    pub fn over_transport<T: Transport + 'static>(transport: T, config: Config) -> Self {
        Self::over_stream(Stream::Other(Box::new(transport)), config)
    }

    fn over_stream(stream: Stream, config: Config) -> Self {
        let front = Front::stepwise(config);
        Self::with_host(front, |front| Host::live(stream, front.link()))
    }

    fn with_host(front: Front<P>, host: impl FnOnce(&Front<P>) -> Host<P>) -> Self {
        let bell = Arc::<Bell>::default();
        let host = host(&front);
        let shared = Shared {
            polled: host.polled().clone(),
            host: RefCell::new(host),
            front,
            waker: Waker::from(bell.clone()),
            bell,
            tasks: Tasks::default(),
            next: RefCell::default(),
            failures: RefCell::default(),
            calls: RefCell::default(),
            unclaimed: RefCell::default(),
            consumers: RefCell::default(),
            channels: RefCell::default(),
            handlers: RefCell::default(),
            handing_out: RefCell::default(),
            registered: Cell::new(0),
            joining: RefCell::default(),
            blocked: RefCell::default(),
            held_bytes: Rc::default(),
            is_busy: Cell::new(false),
            is_over: Cell::new(false),
            is_told: Cell::new(false),
            past: Instant::now(),
        };
        Self {
            shared: Rc::new(shared),
        }
    }
}

type Front<P> = asynchronous::Connection<Polled, P>;
