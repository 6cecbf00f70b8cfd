use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use bytes::{Buf, BytesMut};

use super::wire::{Guise, Wire};
use super::{Broker, ConnectionId, Ending, Settings, Trace};

/// Bytes read or written at once.
const CHUNK: usize = 64 << 10;

/// How long to wait when nothing is due.
const IDLE: Duration = Duration::from_secs(3600);

/// A [`Broker`] behind a TCP port, with threads of the standard library: one that accepts, one for
/// the time, and two for each connection.
///
/// Dropping it ends every connection and waits for the threads.
///
/// ```no_run
/// use pika::broker::Server;
///
/// let server = Server::bind("127.0.0.1:0")?;
/// println!("{}", server.url());
/// # Ok::<_, std::io::Error>(())
/// ```
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    threads: Vec<JoinHandle<()>>,
}

/// What all threads see.
struct Shared {
    state: Mutex<State>,
    /// Something changed: output, time, permission to read.
    changed: Condvar,
    guise: Guise,
    log: Option<fn(&Trace)>,
}

struct State {
    broker: Broker,
    wires: BTreeMap<ConnectionId, Arc<Wire>>,
    workers: Vec<JoinHandle<()>>,
    is_over: bool,
    /// How often something changed, so that nobody sleeps through a change.
    turn: u64,
}

impl Server {
    /// Serves on an address with the default settings; port 0 takes any free one.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        Self::bind_with(address, Settings::new())
    }

    /// The URL in an environment variable or, where there is none, that of a server started here,
    /// which serves until it is dropped. For programs that should also run where no broker is.
    ///
    /// # Errors
    /// When no local address can be listened on.
    pub fn unless_given(variable: &str) -> io::Result<(String, Option<Self>)> {
        match std::env::var(variable) {
            Ok(url) => Ok((url, None)),
            Err(_) => {
                let server = Self::bind("127.0.0.1:0")?;
                Ok((server.url(), Some(server)))
            }
        }
    }

    /// Serves on an address.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub fn bind_with(address: impl ToSocketAddrs, settings: Settings) -> io::Result<Self> {
        Self::start(TcpListener::bind(address)?, settings, Guise::Plain)
    }

    /// Serves on an address with TLS.
    ///
    /// The certificate in `config` has to be valid for the address that clients connect to, and its
    /// authority trusted by them.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    #[cfg(feature = "rustls")]
    pub fn bind_tls(
        address: impl ToSocketAddrs,
        settings: Settings,
        config: Arc<rustls::ServerConfig>,
    ) -> io::Result<Self> {
        let guise = Guise::Sealed(config);
        Self::start(TcpListener::bind(address)?, settings, guise)
    }

    /// The address that is listened on.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What a client takes to connect: `amqp://guest:guest@127.0.0.1:40321`, or `amqps://…` for a server
    /// that [serves TLS](Self::bind_tls); append `?cacertfile=` and the file of its authority then.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = self.shared.guise.scheme();
        format!("{scheme}://guest:guest@{}", reachable(self.address))
    }

    /// Does something with the broker, for example reaches its
    /// [faults](Broker::faults); what that leads to is written at once.
    pub fn with<T>(&self, act: impl FnOnce(&mut Broker) -> T) -> T {
        let mut state = self.shared.lock();
        let result = act(&mut state.broker);
        self.shared.turn(&mut state);
        result
    }

    fn start(listener: TcpListener, settings: Settings, guise: Guise) -> io::Result<Self> {
        let log = settings.log;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                broker: Broker::new(settings.started(SystemTime::now().into())),
                wires: BTreeMap::new(),
                workers: Vec::new(),
                is_over: false,
                turn: 0,
            }),
            changed: Condvar::new(),
            guise,
            log,
        });
        let accepting = Arc::clone(&shared);
        let keeping_time = Arc::clone(&shared);
        let threads = vec![
            thread::Builder::new()
                .name("broker-accept".into())
                .spawn(move || accepting.accept(&listener))?,
            thread::Builder::new()
                .name("broker-time".into())
                .spawn(move || keeping_time.keep_time())?,
        ];
        Ok(Self {
            shared,
            address,
            threads,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let workers = {
            let mut state = self.shared.lock();
            state.is_over = true;
            for wire in state.wires.values() {
                wire.shut_down();
            }
            self.shared.turn(&mut state);
            std::mem::take(&mut state.workers)
        };
        // The thread that accepts sleeps in the system; a connection wakes it.
        let _ = TcpStream::connect_timeout(&reachable(self.address), Duration::from_secs(1));
        for thread in self.threads.drain(..).chain(workers) {
            // A thread that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everyone that something changed.
    fn turn(&self, state: &mut State) {
        state.turn += 1;
        while let Some(trace) = state.broker.poll_trace() {
            if let Some(log) = self.log {
                log(&trace);
            }
        }
        self.changed.notify_all();
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.lock().is_over {
                return;
            }
            // A client that went away before it was accepted is no loss.
            let Ok(stream) = stream else { continue };
            if self.serve(stream).is_err() {
                thread::sleep(Duration::from_millis(10));
            }
        }
    }

    /// Starts the two threads of a connection.
    fn serve(self: &Arc<Self>, stream: TcpStream) -> io::Result<()> {
        let wire = Arc::new(self.guise.begin(stream)?);
        let (input, output) = (wire.clone(), wire.clone());
        let mut state = self.lock();
        if state.is_over {
            return Ok(());
        }
        let id = state.broker.accept(Instant::now());
        state.wires.insert(id, wire);
        state.workers.retain(|worker| !worker.is_finished());
        let (reader, writer) = (Arc::clone(self), Arc::clone(self));
        let reads = thread::Builder::new().spawn(move || reader.read(id, &input))?;
        let writes = thread::Builder::new().spawn(move || writer.write(id, &output))?;
        state.workers.extend([reads, writes]);
        self.turn(&mut state);
        Ok(())
    }

    fn read(&self, id: ConnectionId, wire: &Wire) {
        let mut buffer = BytesMut::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            let mut state = self.lock();
            while !state.is_over && !state.broker.reads(id) && !state.broker.is_finished(id) {
                state = self.wait(state);
            }
            if state.is_over || state.broker.is_finished(id) {
                break;
            }
            if !buffer.is_empty() {
                state.broker.receive(id, &mut buffer, Instant::now());
                self.turn(&mut state);
            }
            let goes_on = state.broker.reads(id);
            drop(state);
            if !goes_on {
                continue;
            }
            match wire.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => buffer.extend_from_slice(chunk.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let mut state = self.lock();
        state.broker.transport_ended(id, Instant::now());
        state.wires.remove(&id);
        self.turn(&mut state);
    }

    fn write(&self, id: ConnectionId, wire: &Wire) {
        let mut state = self.lock();
        loop {
            let is_over = state.is_over;
            let output = state.broker.outgoing(id).filter(|_| !is_over);
            let Some(output) = output else { break };
            let count = output.remaining().min(CHUNK);
            if count > 0 {
                let bytes = output.copy_to_bytes(count);
                drop(state);
                if wire.write_all(&bytes).is_err() {
                    break;
                }
                state = self.lock();
                // There is room now for what was held back.
                self.changed.notify_all();
            } else if state.broker.is_finished(id) {
                if state.broker.ending(id) == Ending::Close {
                    drop(state);
                    wire.linger();
                }
                break;
            } else {
                state = self.wait(state);
            }
        }
        // The reader wakes up and takes the connection off the list.
        wire.shut_down();
    }

    fn keep_time(&self) {
        let mut state = self.lock();
        while !state.is_over {
            let now = Instant::now();
            let due = state.broker.poll_timeout();
            if due.is_some_and(|due| due <= now) {
                state.broker.handle_timeout(now);
                self.turn(&mut state);
                continue;
            }
            let time = due.map_or(IDLE, |due| due - now);
            let waited = self.changed.wait_timeout(state, time);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// An address to connect to, for one that is listened on.
fn reachable(address: SocketAddr) -> SocketAddr {
    let mut address = address;
    match address.ip() {
        std::net::IpAddr::V4(ip) if ip.is_unspecified() => {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        std::net::IpAddr::V6(ip) if ip.is_unspecified() => {
            address.set_ip(Ipv6Addr::LOCALHOST.into());
        }
        _ => {}
    }
    address
}
