//! One embedded broker behind streams in memory, in tokio's paused time. Streams are cut, fall silent or are
//! refused, as a seed decides.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::sealed::Sealed;
use pika::asynchronous::{Runtime, Spawn};
use pika::broker::{Broker, Ending, Settings};
use pika::bytes::{Buf, BytesMut};
use pika::tokio::{Io, Tokio};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::Notify;
use tokio::time::sleep_until;

/// What lies between clients and the broker, and the broker.
#[derive(Clone)]
pub(crate) struct World(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    news: Notify,
}

pub(crate) struct State {
    pub(crate) broker: Broker,
    pub(crate) rng: Rng,
    /// Whether connecting is refused.
    pub(crate) is_down: bool,
    /// How many bytes the next transports carry before they are cut, for each direction.
    pub(crate) cuts: Vec<(usize, usize)>,
    /// Counts up to make transports cut or silent that exist.
    pub(crate) epoch: u64,
    pub(crate) is_silent: bool,
    /// Whether new transports are encrypted.
    pub(crate) is_encrypted: bool,
    /// Whether connecting takes for ever.
    pub(crate) hangs: bool,
    /// Attempts to connect that are under way.
    pub(crate) connecting: usize,
    /// When connecting was tried.
    pub(crate) attempts: Vec<Instant>,
    /// The ports that were tried.
    pub(crate) ports: Vec<u16>,
    /// Ports where nothing listens.
    pub(crate) closed_ports: Vec<u16>,
    /// Ports whose transports end before anything is said.
    pub(crate) mute_ports: Vec<u16>,
    /// Transports that exist.
    pub(crate) transports: usize,
}

/// Numbers that a seed decides about: a xorshift.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            rng.next();
        }
        rng
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 8
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let state = State {
            broker: Broker::new(Settings::new().seed(seed)),
            rng: Rng::new(seed),
            is_down: false,
            cuts: Vec::new(),
            epoch: 0,
            is_silent: false,
            is_encrypted: false,
            hangs: false,
            connecting: 0,
            attempts: Vec::new(),
            ports: Vec::new(),
            closed_ports: Vec::new(),
            mute_ports: Vec::new(),
            transports: 0,
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            news: Notify::new(),
        }))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State, Instant) -> T) -> T {
        let result = act(&mut self.lock(), now());
        self.0.news.notify_waiters();
        result
    }

    pub(crate) fn below(&self, limit: u64) -> u64 {
        self.lock().rng.below(limit)
    }

    /// Ends all transports at once.
    pub(crate) fn cut(&self) {
        self.with(|state, _| state.epoch += 1);
    }

    pub(crate) fn restart(&self) {
        self.with(|state, now| state.broker.restart(now));
    }

    async fn serve(self, mut stream: DuplexStream, cut: Option<(usize, usize)>) {
        let (id, epoch, mut sealed) = self.with(|state, now| {
            state.transports += 1;
            let sealed = state.is_encrypted.then(Sealed::new);
            (state.broker.accept(now), state.epoch, sealed)
        });
        let (mut input, mut left) = (BytesMut::new(), cut.unwrap_or((usize::MAX, usize::MAX)));
        loop {
            let news = self.0.news.notified();
            let is_dead = {
                let state = self.lock();
                state.is_silent && state.epoch == epoch
            };
            if is_dead {
                // Nothing moves, and neither end hears of the other's.
                news.await;
                continue;
            }
            let (output, reads, due) = {
                let mut state = self.lock();
                let broker = &mut state.broker;
                let output = broker.outgoing(id);
                let output = output.map(|it| it.copy_to_bytes(it.remaining()));
                let is_finished = broker.is_finished(id);
                let is_reset = is_finished && broker.ending(id) == Ending::Reset;
                if is_reset || state.epoch != epoch {
                    break;
                }
                let broker = &state.broker;
                if is_finished && output.as_ref().is_none_or(|output| output.is_empty()) {
                    break;
                }
                let reads = broker.reads(id);
                (output.unwrap_or_default(), reads, broker.poll_timeout())
            };
            let output = match &mut sealed {
                None => output,
                Some(sealed) => {
                    assert!(output.is_empty() || sealed.seal(&output), "too early");
                    sealed.take(usize::MAX).0.into()
                }
            };
            let part = output.len().min(left.1);
            if stream.write_all(&output[..part]).await.is_err() || part < output.len() {
                break;
            }
            left.1 -= part;
            let due = due.map_or_else(far, tokio::time::Instant::from_std);
            tokio::select! {
                biased;
                read = stream.read_buf(&mut input), if reads => match read {
                    Ok(0) | Err(_) => break,
                    Ok(count) => {
                        let cut = count.saturating_sub(left.0);
                        input.truncate(input.len() - cut);
                        left.0 -= count - cut;
                        if let Some(sealed) = &mut sealed {
                            input = BytesMut::from(&*sealed.open(&input));
                        }
                        self.with(|state, now| state.broker.receive(id, &mut input, now));
                        if cut > 0 {
                            break;
                        }
                    }
                },
                () = sleep_until(due) => self.with(|state, now| state.broker.handle_timeout(now)),
                () = news => {}
            }
        }
        self.with(|state, now| {
            state.transports -= 1;
            state.broker.transport_ended(id, now);
        });
    }
}

pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

fn far() -> tokio::time::Instant {
    tokio::time::Instant::now() + Duration::from_secs(3600)
}

impl Runtime for World {
    type Stream = Io;
    type Timer = <Tokio as Runtime>::Timer;

    fn now(&self) -> Instant {
        now()
    }

    fn timer(&self) -> Self::Timer {
        Tokio::default().timer()
    }

    async fn look_up(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(vec![([127, 0, 0, 1], port).into()])
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Io> {
        let (is_down, hangs, cut) = self.with(|state, now| {
            let port = address.port();
            state.attempts.push(now);
            state.ports.push(port);
            let cut = match state.mute_ports.contains(&port) {
                true => Some((0, 0)),
                false => state.cuts.pop(),
            };
            let is_down = state.is_down || state.closed_ports.contains(&port);
            (is_down, state.hangs, cut)
        });
        if hangs {
            let _connecting = Connecting::new(self.clone());
            std::future::pending::<()>().await;
        }
        if is_down {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (near, far) = duplex(1 << 16);
        tokio::spawn(self.clone().serve(far, cut));
        Ok(Io::new(near))
    }
}

impl Spawn for World {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }
}

/// An attempt that is under way, until it is dropped.
struct Connecting(World);

impl Connecting {
    fn new(world: World) -> Self {
        world.lock().connecting += 1;
        Self(world)
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        self.0.lock().connecting -= 1;
    }
}
