//! The embedded broker at the other end of transports in memory.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use pika::asynchronous::{Runtime, Timer};
use pika::broker::{Broker, ConnectionId, Ending, Faults, Plan, QueueState, Settings, Side};
use pika::bytes::{Buf, Bytes, BytesMut};
use pika::frame::{Decoder, Frame, Frames, Limits};

use crate::flavour::{Flavour, now};
use crate::wire::{Line, Remote, Wire};

/// A broker in memory, as the test holds it.
#[derive(Clone)]
pub(crate) struct Hosted(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    clock: fn() -> Instant,
}

struct State {
    broker: Broker,
    lines: BTreeMap<ConnectionId, Line>,
    last: Option<ConnectionId>,
    /// Names of the methods that came from clients.
    heard: Vec<&'static str>,
    /// All bytes that came from clients.
    log: BytesMut,
    /// Tests that wait for something to happen here.
    waiting: Vec<Waker>,
}

impl Hosted {
    pub(crate) fn new<F: Flavour>() -> Self {
        Self::with_settings::<F>(Settings::new())
    }

    pub(crate) fn with_settings<F: Flavour>(settings: Settings) -> Self {
        let state = State {
            broker: Broker::new(settings.trace(true)),
            lines: BTreeMap::new(),
            last: None,
            heard: Vec::new(),
            log: BytesMut::new(),
            waiting: Vec::new(),
        };
        let hosted = Self(Arc::new(Shared {
            state: Mutex::new(state),
            clock: now::<F>,
        }));
        F::spawn(keep_time::<F>(Arc::downgrade(&hosted.0)));
        hosted
    }

    /// What goes wrong on the next connection.
    pub(crate) fn plan(&self, plan: Plan) {
        self.with(|broker| {
            broker.faults().on_next(plan);
        });
    }

    /// A transport to the broker.
    pub(crate) fn wire(&self) -> Wire {
        let now = (self.0.clock)();
        let id = self.act(|state| {
            let id = state.broker.accept(now);
            state.lines.insert(id, Line::new());
            state.last = Some(id);
            id
        });
        let shared = self.0.clone();
        Wire(Arc::new(End { shared, id }))
    }

    /// Makes the broker misbehave on the connection that was made last.
    pub(crate) fn faults(&self, act: impl FnOnce(&mut Faults<'_>, ConnectionId)) {
        self.act(|state| act(&mut state.broker.faults(), state.last.unwrap()));
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Broker) -> T) -> T {
        self.act(|state| act(&mut state.broker))
    }

    /// What goes wrong from now on on the connection that was made last.
    pub(crate) fn now(&self, plan: Plan) {
        self.faults(|faults, id| {
            faults.on(id, plan);
        });
    }

    /// Takes only so many bytes more on the connection that was made last.
    pub(crate) fn takes(&self, bytes: usize) {
        self.act(|state| {
            let line = state.last.and_then(|last| state.lines.get_mut(&last));
            line.unwrap().room = bytes;
        });
    }

    pub(crate) fn queue(&self, name: &str) -> QueueState {
        self.lock().broker.queue("/", name).unwrap()
    }

    /// How often the broker has heard a method.
    pub(crate) fn heard(&self, name: &str) -> usize {
        let state = self.lock();
        state.heard.iter().filter(|heard| **heard == name).count()
    }

    /// Waits until the broker has heard a method so often.
    pub(crate) async fn hears(&self, name: &str, times: usize) {
        self.until(|hosted| hosted.heard(name) >= times).await;
    }

    /// Bytes that clients have not read yet.
    pub(crate) fn unread(&self) -> usize {
        self.lock().lines.values().map(|line| line.said.len()).sum()
    }

    /// Bytes that clients have written since [`frames`](Self::frames) was asked last.
    pub(crate) fn taken(&self) -> usize {
        self.lock().log.len()
    }

    /// How many transports clients have not ended.
    pub(crate) fn open_transports(&self) -> usize {
        let state = self.lock();
        state.lines.values().filter(|line| !line.hung_up).count()
    }

    /// The bodies that clients sent, and kinds of other frames, in order; forgets them.
    pub(crate) fn frames(&self) -> Vec<(u16, Seen)> {
        let mut decoder = Decoder::new();
        decoder.set_limits(Limits::agreed(131_072));
        let mut log = std::mem::take(&mut self.lock().log);
        let mut seen = Vec::new();
        while let Ok(chunk) = decoder.split_one(&mut log) {
            let Some(frame) = Frames::new(&chunk).next() else {
                break;
            };
            seen.push(match frame.unwrap() {
                Frame::ProtocolHeader(_) => (0, Seen::Method),
                Frame::Method { channel, .. } => (channel.0, Seen::Method),
                Frame::Header { channel, .. } => (channel.0, Seen::Header),
                Frame::Body { channel, payload } => (channel.0, Seen::Body(payload.to_bytes())),
                Frame::Heartbeat => (0, Seen::Heartbeat),
            });
        }
        seen
    }

    /// Waits until something is so.
    pub(crate) fn until(&self, is_so: impl Fn(&Self) -> bool) -> impl Future<Output = ()> {
        poll_fn(move |cx| {
            self.lock().waiting.push(cx.waker().clone());
            match is_so(self) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
    }

    fn act<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        self.0.act(act)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }
}

/// Does what is due, for as long as the broker is there.
async fn keep_time<F: Flavour>(shared: Weak<Shared>) {
    let mut timer = F::Runtime::default().timer();
    poll_fn(|cx| {
        let Some(shared) = shared.upgrade() else {
            return Poll::Ready(());
        };
        shared
            .state
            .lock()
            .unwrap()
            .waiting
            .push(cx.waker().clone());
        loop {
            let due = shared.state.lock().unwrap().broker.poll_timeout();
            match due {
                Some(due) if timer.poll_until(cx, due).is_ready() => shared.act(|_| ()),
                _ => return Poll::Pending,
            }
        }
    })
    .await;
}

/// What a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Method,
    Header,
    Body(Bytes),
    Heartbeat,
}

impl Shared {
    fn act<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let now = (self.clock)();
        let mut state = self.state.lock().unwrap();
        let result = act(&mut state);
        state.settle(now);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
        result
    }
}

impl State {
    /// Does what is due, and moves bytes until nothing is left to do.
    fn settle(&mut self, now: Instant) {
        for (id, line) in &mut self.lines {
            if !line.taken.is_empty() {
                self.broker.receive(*id, &mut line.taken, now);
            }
        }
        while self.broker.poll_timeout().is_some_and(|due| due <= now) {
            self.broker.handle_timeout(now);
        }
        for (id, line) in &mut self.lines {
            if let Some(output) = self.broker.outgoing(*id) {
                while output.has_remaining() {
                    let count = output.chunk().len();
                    line.said.extend_from_slice(output.chunk());
                    output.advance(count);
                }
            }
            if self.broker.is_finished(*id) && line.end.is_none() {
                let reset = self.broker.ending(*id) == Ending::Reset;
                line.end = Some(match reset {
                    true => Err(io::ErrorKind::ConnectionReset),
                    false => Ok(()),
                });
                if reset {
                    line.said.clear();
                }
                self.broker.transport_ended(*id, now);
            }
            line.wake();
        }
        while let Some(trace) = self.broker.poll_trace() {
            if trace.side == Side::Received {
                self.heard.push(trace.method);
            }
        }
    }
}

/// The broker's end of one transport.
struct End {
    shared: Arc<Shared>,
    id: ConnectionId,
}

impl Remote for End {
    fn poll_read(&self, cx: &mut Context<'_>, space: &mut [u8]) -> Poll<io::Result<usize>> {
        self.shared
            .act(|state| state.lines.get_mut(&self.id).unwrap().poll_read(cx, space))
    }

    fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.shared.act(|state| {
            let line = state.lines.get_mut(&self.id).unwrap();
            let result = line.poll_write(cx, bytes);
            if let Poll::Ready(Ok(count)) = result {
                state.log.extend_from_slice(&bytes[..count]);
            }
            result
        })
    }

    fn hung_up(&self) {
        let now = (self.shared.clock)();
        self.shared.act(|state| {
            state.lines.get_mut(&self.id).unwrap().hung_up = true;
            state.broker.transport_ended(self.id, now);
        });
    }
}
