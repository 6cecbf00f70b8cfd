use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use mio::event::Source;
use mio::{Interest, Registry, Token};

use super::Transport;

/// The socket of a connection, to be waited on.
///
/// Reading from it or writing to it is the connection's alone. It stays open while this is held, even
/// when the connection has let go of it or has gone on to another one.
#[derive(Clone)]
pub struct Socket(Kind);

#[derive(Clone)]
enum Kind {
    Tcp(Arc<mio::net::TcpStream>),
    #[cfg(unix)]
    Unix(Arc<mio::net::UnixStream>),
}

impl Socket {
    pub(super) const fn tcp(socket: Arc<mio::net::TcpStream>) -> Self {
        Self(Kind::Tcp(socket))
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Tcp(socket) => socket.fmt(f),
            #[cfg(unix)]
            Kind::Unix(socket) => socket.fmt(f),
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

    use super::{Kind, Socket};

    impl AsFd for Socket {
        fn as_fd(&self) -> BorrowedFd<'_> {
            match &self.0 {
                Kind::Tcp(socket) => socket.as_fd(),
                Kind::Unix(socket) => socket.as_fd(),
            }
        }
    }

    impl AsRawFd for Socket {
        fn as_raw_fd(&self) -> RawFd {
            self.as_fd().as_raw_fd()
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, RawSocket};

    use super::{Kind, Socket};

    impl AsSocket for Socket {
        fn as_socket(&self) -> BorrowedSocket<'_> {
            let Kind::Tcp(socket) = &self.0;
            socket.as_socket()
        }
    }

    impl AsRawSocket for Socket {
        fn as_raw_socket(&self) -> RawSocket {
            let Kind::Tcp(socket) = &self.0;
            socket.as_raw_socket()
        }
    }
}

/// What a connection reads from and writes to.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(Arc<mio::net::TcpStream>),
    #[cfg(unix)]
    Unix(Arc<mio::net::UnixStream>),
    Other(Box<dyn Transport>),
}

impl Stream {
    /// The socket, where there is one.
    pub(super) fn socket(&self) -> Option<Socket> {
        match self {
            Self::Tcp(socket) => Some(Socket(Kind::Tcp(socket.clone()))),
            #[cfg(unix)]
            Self::Unix(socket) => Some(Socket(Kind::Unix(socket.clone()))),
            Self::Other(_) => None,
        }
    }

    /// The socket as something that can be registered, while nobody holds a [`Socket`].
    fn source(&mut self) -> io::Result<&mut dyn Source> {
        let source: Option<&mut dyn Source> = match self {
            Self::Tcp(socket) => Arc::get_mut(socket).map(|socket| socket as _),
            #[cfg(unix)]
            Self::Unix(socket) => Arc::get_mut(socket).map(|socket| socket as _),
            Self::Other(_) => {
                let text = "the connection has no socket that can be waited on";
                return Err(io::Error::new(io::ErrorKind::Unsupported, text));
            }
        };
        source.ok_or_else(is_held)
    }
}

/// A socket as something that can be registered, while nobody holds a [`Socket`].
pub(super) fn unshared(socket: &mut Arc<mio::net::TcpStream>) -> io::Result<&mut dyn Source> {
    let source = Arc::get_mut(socket).map(|socket| socket as _);
    source.ok_or_else(is_held)
}

fn is_held() -> io::Error {
    let text = "the program holds the socket of the connection; drop it first";
    io::Error::new(io::ErrorKind::ResourceBusy, text)
}

impl Source for Stream {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.source()?.register(registry, token, interests)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.source()?.reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.source()?.deregister(registry)
    }
}

impl Transport for Stream {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => (&**socket).read(space),
            #[cfg(unix)]
            Self::Unix(socket) => (&**socket).read(space),
            Self::Other(transport) => transport.read(space, wait),
        }
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize> {
        match self {
            Self::Tcp(socket) => (&**socket).write_vectored(pieces),
            #[cfg(unix)]
            Self::Unix(socket) => (&**socket).write_vectored(pieces),
            Self::Other(transport) => transport.write(pieces, wait),
        }
    }

    fn has_ended(&mut self) -> bool {
        match self {
            // An error may lie behind bytes that were not read.
            Self::Tcp(socket) => match socket.peek(&mut [0]) {
                Ok(0) => true,
                Ok(_) => !matches!(socket.take_error(), Ok(None)),
                Err(error) => error.kind() != io::ErrorKind::WouldBlock,
            },
            #[cfg(unix)]
            Self::Unix(_) => false,
            Self::Other(transport) => transport.has_ended(),
        }
    }

    fn shut_down(&mut self) {
        let _already_gone = match self {
            Self::Tcp(socket) => socket.shutdown(Shutdown::Both),
            #[cfg(unix)]
            Self::Unix(socket) => socket.shutdown(Shutdown::Both),
            Self::Other(transport) => {
                transport.shut_down();
                Ok(())
            }
        };
    }
}
