use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
#[cfg(feature = "blocking")]
use std::{net::TcpStream, time::Instant};

#[cfg(feature = "blocking")]
use crate::{
    config::Config,
    dial::{Dial, Step},
    error::Error,
};

/// The addresses that the system knows for a host; it looks them up for as long as it pleases.
pub(super) fn look_up(host: (&str, u16)) -> io::Result<Vec<SocketAddr>> {
    Ok(host.to_socket_addrs()?.collect())
}

/// Connects to the server.
#[cfg(feature = "blocking")]
pub(super) fn connect(config: &Config) -> Result<TcpStream, Error> {
    let mut dial = Dial::new(config, Instant::now());
    loop {
        let now = Instant::now();
        match dial.next(now)? {
            Step::LookUp { .. } => dial.found(look_up(dial.host())),
            Step::Connect { address, until } => {
                let limit = until.saturating_duration_since(now);
                match TcpStream::connect_timeout(&address, limit) {
                    Ok(stream) => {
                        stream.set_nodelay(true)?;
                        return Ok(stream);
                    }
                    Err(error) => dial.failed(&error, Instant::now()),
                }
            }
        }
    }
}
