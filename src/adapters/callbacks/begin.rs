use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::time::Instant;

use super::inner::Inner;
use super::link::Link;
use super::stream::Stream;
use super::{Connection, Shared, Transport};
use crate::config::Config;
use crate::connection::Connection as Core;
use crate::dial::Dial;
use crate::error::{Error, Result};
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
    /// The system looks the name of the host up, and that is the one thing that blocks; where it must
    /// not, name an address, or several with [`Config::addresses`]. They are tried in turn, all of
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
        let now = Instant::now();
        let link = Link::connecting(Dial::new(&config, now), now)?;
        Ok(Self::begin(link, config))
    }

    /// Begins a connection over a socket of [`mio`], which may still be connecting.
    #[must_use]
    pub fn over(stream: mio::net::TcpStream, config: Config) -> Self {
        let stream = Stream::Tcp(Rc::new(stream));
        let link = Link::connecting_over(stream, config.connect_timeout, Instant::now());
        Self::begin(link, config)
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
        Ok(Self::begin(
            Link::live(Stream::Unix(Rc::new(stream))),
            config,
        ))
    }

    /// Begins a connection over any transport that does not block.
    ///
    /// It is always asked with a wait of zero. There is no [`socket`](Self::socket) then, and a
    /// [`Loop`](super::Loop) cannot serve the connection: call [`on_ready`](Self::on_ready) when the transport is
    /// ready.
    #[must_use]
    pub fn over_transport<T: Transport + 'static>(transport: T, config: Config) -> Self {
        Self::begin(Link::live(Stream::Other(Box::new(transport))), config)
    }

    fn begin(link: Link, config: Config) -> Self {
        let mut core = Core::new(config, Instant::now());
        // Keys of a hash map are random, which is all that telling connections apart takes.
        core.set_identity(RandomState::new().hash_one(()));
        let inner = RefCell::new(Inner::new(core, link));
        Self {
            shared: Rc::new(Shared { inner }),
        }
    }
}
