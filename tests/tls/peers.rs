//! Servers for one connection each, and what stands between a client and a server.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use pika::broker::Server;
use pika::config::{Config, Tls};
use pika::tls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Long enough for everything that happens at once.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A server that does what a script says, and the bytes that its client sent.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    seen: Receiver<Vec<u8>>,
}

impl Peer {
    /// Accepts one connection, and runs the script with it. Afterwards it reads what is left.
    pub(crate) fn scripted(script: impl FnOnce(&mut TcpStream) + Send + 'static) -> Self {
        Self::with_hello(|_, stream| script(stream))
    }

    /// As [`scripted`](Self::scripted), with the hello of the client.
    pub(crate) fn with_hello(script: impl FnOnce(&[u8], &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, seen) = mpsc::channel();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(SOON)).unwrap();
            let mut bytes = first_flight(&mut stream);
            script(&bytes, &mut stream);
            // The client may have reset the connection.
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read_to_end(&mut bytes);
            let _ = tell.send(bytes);
        });
        Self { address, seen }
    }

    /// Waits until the client is gone. Returns all that it sent.
    pub(crate) fn seen(self) -> Vec<u8> {
        self.seen.recv_timeout(SOON).unwrap()
    }
}

/// Reads the first record of a client: its hello.
fn first_flight(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).unwrap();
    let len = usize::from(u16::from_be_bytes([head[3], head[4]]));
    let mut record = head.to_vec();
    record.resize(5 + len, 0);
    stream.read_exact(&mut record[5..]).unwrap();
    record
}

/// Bytes of an alert of TLS 1.3: level, description, its type, and the tag.
const ENCRYPTED_ALERT: usize = 2 + 1 + 16;

/// Checks that a client sent the beginning of a handshake and alerts, and no more: a login would be
/// in records of type 23, application data. Encrypted alerts are of that type too, and so long that
/// nothing else of AMQP would fit in.
#[track_caller]
pub(crate) fn nothing_but_handshake(seen: &[u8]) {
    let mut rest = seen;
    while let [kind, _, _, high, low, after @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        let is_alert = *kind == 23 && len == ENCRYPTED_ALERT;
        assert!(
            matches!(kind, 20..=22) || is_alert,
            "a record of type {kind} with {len} bytes was sent"
        );
        rest = after.get(len..).unwrap_or_default();
    }
}

/// Passes the bytes of one connection on in both directions, as `pass` says: it is called with the
/// direction and the bytes, and returns `false` to end the connection.
pub(crate) fn between(
    server: SocketAddr,
    pass: impl Fn(Direction, &[u8], &mut TcpStream) -> bool + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let pass = Arc::new(pass);
        while let Ok((client, _)) = listener.accept() {
            let server = TcpStream::connect(server).unwrap();
            for stream in [&client, &server] {
                stream.set_nodelay(true).unwrap();
            }
            let copies = (client.try_clone().unwrap(), server.try_clone().unwrap());
            for (from, to, direction) in [
                (client, server, Direction::ToServer),
                (copies.1, copies.0, Direction::ToClient),
            ] {
                let pass = pass.clone();
                thread::spawn(move || copy(from, to, |bytes, to| pass(direction, bytes, to)));
            }
        }
    });
    address
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToServer,
    ToClient,
}

fn copy(mut from: TcpStream, mut to: TcpStream, pass: impl Fn(&[u8], &mut TcpStream) -> bool) {
    let mut bytes = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if !pass(&bytes[..count], &mut to) {
            let _ = from.shutdown(Shutdown::Both);
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Ends TLS in front of an embedded broker without it, as a load balancer does.
pub(crate) struct Terminator {
    pub(crate) address: SocketAddr,
    pub(crate) broker: Arc<Server>,
}

impl Terminator {
    /// `between` is called after each read from the broker, with the session.
    pub(crate) fn new(
        config: ServerConfig,
        between: impl Fn(&mut ServerConnection) + Send + Sync + 'static,
        announces_end: bool,
    ) -> Self {
        let broker = Arc::new(Server::bind("127.0.0.1:0").unwrap());
        let behind = broker.local_addr();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (config, between) = (Arc::new(config), Arc::new(between));
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let session = ServerConnection::new(config.clone()).unwrap();
                let between = between.clone();
                let server = TcpStream::connect(behind).unwrap();
                thread::spawn(move || {
                    let stream = StreamOwned::new(session, client);
                    // The client may end it in any way.
                    let _ = terminate(stream, server, &*between, announces_end);
                });
            }
        });
        Self { address, broker }
    }
}

fn terminate(
    mut stream: StreamOwned<ServerConnection, TcpStream>,
    mut server: TcpStream,
    between: &dyn Fn(&mut ServerConnection),
    announces_end: bool,
) -> io::Result<()> {
    let moment = Some(Duration::from_millis(1));
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    stream.sock.set_read_timeout(moment)?;
    server.set_read_timeout(moment)?;
    let mut bytes = [0; 16 << 10];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(count) => server.write_all(&bytes[..count])?,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        match server.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => {
                stream.write_all(&bytes[..count])?;
                between(&mut stream.conn);
                stream.flush()?;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    if announces_end {
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    stream.sock.shutdown(Shutdown::Write)
}

/// How to reach a server that shows a certificate of an authority.
pub(crate) fn config(address: SocketAddr, ca: &str) -> Config {
    Config::new()
        .host("localhost")
        .addresses([address])
        .login("guest", "guest")
        .tls(Tls::new().ca_pem(ca))
        .port(address.port())
}
