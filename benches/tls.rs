//! What TLS costs: pika on tokio against the same bytes pumped by rustls alone, and without TLS.
//!
//! ```text
//! cargo bench --bench tls --features tls,broker,tokio
//! ```
//!
//! Each row is done by pika without TLS, by pika with TLS, and by a bare program that has all frames
//! encoded before it begins, and hands them to rustls 256 KiB at a time. The other end is a thread that
//! counts. Rounds take turns, and the medians are printed, in messages a second.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench may panic"
)]

#[path = "../tests/kit/authority.rs"]
mod authority;

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use pika::broker::{Broker, Settings};
use pika::bytes::{Buf, Bytes, BytesMut};
use pika::config::{Config, Tls};
use pika::frame;
use pika::tls::rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use pika::tls::rustls::{ClientConnection, Connection as Session, ServerConfig, ServerConnection};
use pika::tokio::Connection;
use pika::v0_9_1::basic;
use pika::wire::ChannelId;

use authority::Authority;

const ROUNDS: usize = 5;

/// Bytes that go through rustls at once.
const BLOCK: usize = 256 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Publish,
    Consume,
}

/// A row: the way of the messages, how many, and the size of their bodies.
const ROWS: [(Way, usize, usize); 4] = [
    (Way::Publish, 1_000_000, 100),
    (Way::Publish, 8_000, 64 << 10),
    (Way::Consume, 1_000_000, 100),
    (Way::Consume, 8_000, 64 << 10),
];

fn main() {
    let bench = Bench::new();
    println!("messages a second     plain        TLS  rustls alone  TLS/plain  TLS/rustls");
    for (way, count, size) in ROWS {
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            times[0].push(bench.pika(way, count, size, false));
            times[1].push(bench.pika(way, count, size, true));
            times[2].push(bench.bare(way, count, size));
        }
        let [plain, tls, bare] = times.map(|mut times| {
            times.sort();
            count as f64 / times[ROUNDS / 2].as_secs_f64()
        });
        let name = match way {
            Way::Publish => "publish",
            Way::Consume => "consume",
        };
        println!(
            "{name} {size:>6} B  {plain:>11.0} {tls:>10.0} {bare:>13.0} {:>9.0}% {:>9.0}%",
            100.0 * tls / plain,
            100.0 * tls / bare
        );
    }
}

struct Bench {
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
    ca: String,
}

impl Bench {
    fn new() -> Self {
        let authority = Authority::new();
        let mut roots = RootCertStore::empty();
        roots.add(authority.der()).unwrap();
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            server: Arc::new(authority.local().server_config()),
            client: Arc::new(client),
            ca: authority.pem(),
        }
    }

    fn pika(&self, way: Way, count: usize, size: usize, is_encrypted: bool) -> Duration {
        let (address, done) = self.peer(way, count, size, is_encrypted, true);
        let config = Config::new().host("localhost").addresses([address]);
        let config = match is_encrypted {
            true => config.tls(Tls::new().ca_pem(self.ca.as_str())),
            false => config,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let connection = Connection::open(config).await.unwrap();
            let channel = connection.channel().await.unwrap();
            match way {
                Way::Publish => {
                    let body = Bytes::from(vec![7; size]);
                    let begun = Instant::now();
                    for _ in 0..count {
                        channel.publish("", "q", body.clone()).await.unwrap();
                    }
                    // The driver goes on until the other end has it all.
                    while done.try_recv().is_err() {
                        tokio::task::yield_now().await;
                    }
                    begun.elapsed()
                }
                Way::Consume => {
                    let consume = basic::Consume::new("q").consumer_tag("c").no_ack(true);
                    let mut consumer = channel.consume(consume).await.unwrap();
                    let begun = Instant::now();
                    for _ in 0..count {
                        consumer.next().await.unwrap().unwrap();
                    }
                    begun.elapsed()
                }
            }
        })
    }

    /// The same bytes without AMQP: no core, no handles.
    fn bare(&self, way: Way, count: usize, size: usize) -> Duration {
        let (address, done) = self.peer(way, count, size, true, false);
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut session = ClientConnection::new(self.client.clone(), name).unwrap();
        session.set_buffer_limit(None);
        let mut session = Session::from(session);
        while session.is_handshaking() {
            session.complete_io(&mut stream).unwrap();
        }
        let begun = Instant::now();
        match way {
            Way::Publish => {
                write(&mut stream, Some(&mut session), &publishes(size), count);
                done.recv().unwrap();
            }
            Way::Consume => {
                stream.write_all(&[]).unwrap();
                read(
                    &mut stream,
                    Some(&mut session),
                    count * delivery(size).len(),
                );
            }
        }
        begun.elapsed()
    }

    /// A server for one connection. With `logs_in` it speaks AMQP until the messages begin.
    fn peer(
        &self,
        way: Way,
        count: usize,
        size: usize,
        is_encrypted: bool,
        logs_in: bool,
    ) -> (std::net::SocketAddr, Receiver<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = self.server.clone();
        let (tell, done) = mpsc::channel();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            let mut session = is_encrypted.then(|| {
                let mut session = ServerConnection::new(server).unwrap();
                session.set_buffer_limit(None);
                let mut session = Session::from(session);
                while session.is_handshaking() {
                    session.complete_io(&mut stream).unwrap();
                }
                session
            });
            let mut early = 0;
            if logs_in {
                early = log_in(&mut stream, session.as_mut(), way);
            }
            match way {
                Way::Publish => {
                    let all = count * publishes(size).len();
                    read(&mut stream, session.as_mut(), all - early);
                    tell.send(()).unwrap();
                }
                Way::Consume => write(&mut stream, session.as_mut(), &delivery(size), count),
            }
            // Until the client is gone.
            let _ = stream.read(&mut [0; 1024]);
        });
        (address, done)
    }
}

/// Lets the embedded broker answer until the channel is open, or the consumer has begun. Returns how
/// many bytes of messages have come with that.
fn log_in(stream: &mut TcpStream, mut session: Option<&mut Session>, way: Way) -> usize {
    let mut broker = Broker::new(Settings::new().trace(true));
    let id = broker.accept(Instant::now());
    let last = match way {
        Way::Publish => "channel.open-ok",
        Way::Consume => "basic.consume-ok",
    };
    let mut input = BytesMut::new();
    loop {
        let mut plain = Vec::new();
        receive(stream, session.as_deref_mut(), &mut plain);
        if way == Way::Consume && plain.windows(4).any(|it| it == [0, 60, 0, 20]) {
            // There is no such queue, which would be an error.
            let mut ok = BytesMut::new();
            frame::put_method(&mut ok, ChannelId(1), &basic::ConsumeOk::new("c"));
            send(stream, session, &ok);
            return 0;
        }
        input.extend_from_slice(&plain);
        broker.receive(id, &mut input, Instant::now());
        let output = broker.outgoing(id).unwrap();
        let answer = output.copy_to_bytes(output.remaining());
        send(stream, session.as_deref_mut(), &answer);
        while let Some(trace) = broker.poll_trace() {
            if trace.method == last {
                return 0;
            }
        }
    }
}

thread_local! {
    /// Memory that is used again, so that the bare program does not pay for it.
    static CHUNK: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Reads once, and decrypts.
fn receive(
    stream: &mut TcpStream,
    mut session: Option<&mut Session>,
    plain: &mut Vec<u8>,
) -> usize {
    // Some may have come with the end of the handshake.
    if let Some(session) = &mut session {
        let _not_ended = session.reader().read_to_end(plain);
        if !plain.is_empty() {
            return plain.len();
        }
    }
    CHUNK.with_borrow_mut(|chunk| {
        chunk.resize(BLOCK, 0);
        let count = stream.read(chunk).unwrap();
        let Some(session) = session else {
            plain.extend_from_slice(&chunk[..count]);
            return count;
        };
        let mut left = &chunk[..count];
        while !left.is_empty() {
            session.read_tls(&mut left).unwrap();
            session.process_new_packets().unwrap();
            let _not_ended = session.reader().read_to_end(plain);
        }
        plain.len()
    })
}

fn send(stream: &mut TcpStream, session: Option<&mut Session>, bytes: &[u8]) {
    let Some(session) = session else {
        return stream.write_all(bytes).unwrap();
    };
    session.writer().write_all(bytes).unwrap();
    CHUNK.with_borrow_mut(|sealed| {
        sealed.clear();
        while session.wants_write() {
            session.write_tls(sealed).unwrap();
        }
        stream.write_all(sealed).unwrap();
    });
}

/// Reads so many bytes of plaintext.
fn read(stream: &mut TcpStream, mut session: Option<&mut Session>, count: usize) {
    let (mut seen, mut plain) = (0, Vec::new());
    while seen < count {
        plain.clear();
        receive(stream, session.as_deref_mut(), &mut plain);
        seen += plain.len();
    }
}

/// Writes a message so many times.
fn write(stream: &mut TcpStream, mut session: Option<&mut Session>, message: &[u8], count: usize) {
    let at_once = (BLOCK / message.len()).max(1);
    let block = message.repeat(at_once);
    let mut left = count;
    while left > 0 {
        let now = left.min(at_once);
        send(
            stream,
            session.as_deref_mut(),
            &block[..now * message.len()],
        );
        left -= now;
    }
}

/// The bytes of a message that is published.
fn publishes(size: usize) -> Vec<u8> {
    content(&basic::Publish::new("", "q"), size)
}

/// The bytes of a message that is delivered.
fn delivery(size: usize) -> Vec<u8> {
    let deliver = basic::Deliver::default().consumer_tag("c").routing_key("q");
    content(&deliver, size)
}

fn content<M>(method: &M, size: usize) -> Vec<u8>
where
    M: pika::method::ContentArgs<Properties = basic::Properties>,
{
    let mut out = Vec::new();
    let (properties, body) = (basic::Properties::new(), vec![7; size]);
    let content = (method, &properties, &body[..]);
    frame::put_content(&mut out, ChannelId(1), content, 131_072);
    out
}
