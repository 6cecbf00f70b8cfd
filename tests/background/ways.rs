//! The two ways of driving a connection, under the same names.

use pika::blocking::{Connection, background as by_thread};
use pika::config::Config;
use pika::error::{Error, Result};
use pika::protocol::Protocol;

/// By the threads that call.
pub(crate) mod callers {
    use super::*;

    /// Threads that a connection has of its own.
    pub(crate) const THREADS: usize = 0;

    pub(crate) fn open_as<P: Protocol, C>(config: C) -> Result<Connection<P>>
    where
        C: TryInto<Config>,
        Error: From<C::Error>,
    {
        Connection::open_as(config)
    }

    #[cfg(unix)]
    pub(crate) fn over_unix<P: Protocol>(
        stream: std::os::unix::net::UnixStream,
        config: Config,
    ) -> Result<Connection<P>> {
        Connection::over_unix(stream, config)
    }
}

/// By a thread of its own.
pub(crate) mod background {
    pub(crate) use super::by_thread::{open_as, over_unix};

    pub(crate) const THREADS: usize = 1;
}
