use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
#[cfg(feature = "blocking")]
use std::{net::TcpStream, time::Instant};

#[cfg(feature = "blocking")]
use super::tcp::tune;
#[cfg(feature = "blocking")]
use crate::{
    client,
    config::Config,
    dial::{Dial, Step},
    error::Error,
};

/// The addresses that the system knows for a host; it looks them up for as long as it pleases.
pub(super) fn look_up(host: (&str, u16)) -> io::Result<Vec<SocketAddr>> {
    Ok(host.to_socket_addrs()?.collect())
}

/// Connects to a server, whose name it sets in the configuration.
#[cfg(feature = "blocking")]
pub(super) fn connect(config: &mut Config) -> Result<TcpStream, Error> {
    client::check(config)?;
    let mut dial = Dial::new(config, Instant::now(), false);
    loop {
        let now = Instant::now();
        match dial.next(now)? {
            Step::LookUp { .. } => dial.found(match &config.resolver {
                Some(resolver) => resolver.look_up(dial.host().0, dial.host().1),
                None => look_up(dial.host()),
            }),
            Step::Connect { address, until } => {
                let limit = until.saturating_duration_since(now);
                match TcpStream::connect_timeout(&address, limit) {
                    Ok(stream) => {
                        stream.set_nodelay(true)?;
                        tune(&stream, config);
                        dial.reached(config);
                        return Ok(stream);
                    }
                    Err(error) => dial.failed(address, &error, Instant::now()),
                }
            }
            // Only one attempt is under way at a time, and its end is reported.
            Step::Wait { .. } => {}
        }
    }
}
