//! The two directions of a connection to the server, with or without TLS.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

#[cfg(feature = "rustls")]
use super::sealed::Sealed;

/// One thread reads from it while another one writes to it.
pub(super) enum Wire {
    Plain(TcpStream),
    #[cfg(feature = "rustls")]
    Sealed(Box<Sealed>),
}

/// How connections begin.
#[derive(Clone, Default)]
pub(super) enum Guise {
    #[default]
    Plain,
    #[cfg(feature = "rustls")]
    Sealed(std::sync::Arc<rustls::ServerConfig>),
}

impl Guise {
    /// Begins a connection over a socket.
    pub(super) fn begin(&self, socket: TcpStream) -> io::Result<Wire> {
        socket.set_nodelay(true)?;
        Ok(match self {
            Self::Plain => Wire::Plain(socket),
            #[cfg(feature = "rustls")]
            Self::Sealed(config) => Wire::Sealed(Box::new(Sealed::new(config.clone(), socket)?)),
        })
    }

    /// The scheme of URLs.
    pub(super) const fn scheme(&self) -> &'static str {
        match self {
            Self::Plain => "amqp",
            #[cfg(feature = "rustls")]
            Self::Sealed(_) => "amqps",
        }
    }
}

impl Wire {
    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            #[cfg(feature = "rustls")]
            Self::Sealed(sealed) => sealed.socket(),
        }
    }

    /// Reads once; returns 0 at the end of the stream.
    pub(super) fn read(&self, space: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => (&mut &*socket).read(space),
            #[cfg(feature = "rustls")]
            Self::Sealed(sealed) => sealed.read(space),
        }
    }

    pub(super) fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(socket) => (&mut &*socket).write_all(bytes),
            #[cfg(feature = "rustls")]
            Self::Sealed(sealed) => sealed.write_all(bytes),
        }
    }

    /// Ends the output and waits a moment for the client to end its own: a socket that is closed with
    /// input unread is reset, and the last bytes written are lost.
    pub(super) fn linger(&self) {
        #[cfg(feature = "rustls")]
        if let Self::Sealed(sealed) = self {
            sealed.close();
        }
        let socket = self.socket();
        let _ = socket.shutdown(Shutdown::Write);
        let _ = socket.set_read_timeout(Some(Duration::from_millis(200)));
        let mut rest = [0; 1024];
        while (&mut &*socket).read(&mut rest).is_ok_and(|count| count > 0) {}
    }

    /// Ends both directions; it may have ended by itself.
    pub(super) fn shut_down(&self) {
        let _ = self.socket().shutdown(Shutdown::Both);
    }
}
