use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
#[cfg(any(feature = "blocking", feature = "threaded"))]
use std::{net::TcpStream, time::Instant};

#[cfg(any(feature = "blocking", feature = "threaded"))]
use crate::{
    config::Config,
    connection::later,
    error::{Error, TimedOut, Waiting},
};

/// The addresses of the server, which the system looks up as long as it pleases; one at least.
pub(super) fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let found = (host, port).to_socket_addrs().map_err(|error| {
        let text = format!("could not find `{host}`: {error}");
        io::Error::new(error.kind(), text)
    })?;
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        let text = format!("`{host}` has no address");
        return Err(io::Error::new(io::ErrorKind::NotFound, text));
    }
    Ok(found)
}

/// What to say when an address was tried in vain.
pub(super) fn failed(address: SocketAddr, error: &io::Error) -> io::Error {
    let text = format!("could not connect to {address}: {error}");
    io::Error::new(error.kind(), text)
}

/// Connects to the server, trying all its addresses in turn.
#[cfg(any(feature = "blocking", feature = "threaded"))]
pub(super) fn connect(config: &Config) -> Result<TcpStream, Error> {
    let deadline = later(Instant::now(), config.connect_timeout);
    let mut last = None;
    for address in addresses(&config.host, config.port)? {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = Some((address, error)),
        }
    }
    Err(match last {
        Some((address, error)) if error.kind() != io::ErrorKind::TimedOut => {
            failed(address, &error).into()
        }
        _ => TimedOut {
            waiting_for: Waiting::Connect,
            after: config.connect_timeout,
        }
        .into(),
    })
}
