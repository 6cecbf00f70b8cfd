use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};

use super::ids::ConnectionId;
use super::meter::Meter;
use super::plan::{Ending, Plan};
use super::session::{Output, Session, State};
use super::store::Vhost;
use super::{Settings, Trace};
use crate::wire::{ShortStr, Timestamp};

/// An AMQP broker in memory, without sockets, clocks or threads of its own.
///
/// One broker serves any number of connections. Whoever owns the transports tells it what happens
/// on them; see the [module](super) for the contract.
#[derive(Debug)]
pub struct Broker {
    pub(crate) settings: Settings,
    pub(crate) sessions: BTreeMap<ConnectionId, Session>,
    pub(crate) virtual_hosts: BTreeMap<ShortStr, Vhost>,
    pub(crate) meter: Arc<Meter>,
    /// Queues whose messages may have to be handed out.
    pub(crate) stirred: BTreeSet<(ShortStr, ShortStr)>,
    pub(crate) plans: VecDeque<Plan>,
    /// Something was done from outside that nobody has looked after yet.
    pub(crate) is_disturbed: bool,
    traces: VecDeque<Trace>,
    next_connection: u64,
    pub(crate) next_queue: u64,
    names: u64,
    start: Option<Instant>,
    pub(crate) now: Option<Instant>,
}

impl Broker {
    /// A broker without connections.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let virtual_hosts = settings
            .virtual_hosts
            .iter()
            .map(|name| (name.clone(), Vhost::new()))
            .collect();
        Self {
            names: settings.seed,
            settings,
            sessions: BTreeMap::new(),
            virtual_hosts,
            meter: Arc::new(Meter::default()),
            stirred: BTreeSet::new(),
            plans: VecDeque::new(),
            is_disturbed: false,
            traces: VecDeque::new(),
            next_connection: 1,
            next_queue: 0,
            start: None,
            now: None,
        }
    }

    /// Takes a connection that a client has made.
    pub fn accept(&mut self, now: Instant) -> ConnectionId {
        self.advance(now);
        let id = ConnectionId(self.next_connection);
        self.next_connection += 1;
        let plan = self.plans.pop_front().unwrap_or_default();
        let Settings {
            handshake, trace, ..
        } = self.settings;
        let session = Session::new(plan, handshake, trace, now);
        self.sessions.insert(id, session);
        id
    }

    /// Takes what was read from a connection off the front of `input`; an incomplete frame stays.
    ///
    /// While [`reads`](Self::reads) is false nothing is taken.
    pub fn receive(&mut self, id: ConnectionId, input: &mut BytesMut, now: Instant) {
        self.advance(now);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.heard(input.len(), now);
        }
        while let Some(frame) = self.next_frame(id, input) {
            self.frame(id, &frame);
            self.hand_out();
        }
        if let Some(session) = self.sessions.get_mut(&id) {
            session.unread = input.len();
        }
        self.settle_down();
    }

    /// Whether bytes from this connection would be taken now. If not, leave them unread: that is
    /// how the broker keeps a publisher from filling its memory.
    #[must_use]
    pub fn reads(&self, id: ConnectionId) -> bool {
        self.sessions.get(&id).is_some_and(Session::reads)
    }

    /// What is to be written to a connection.
    ///
    /// For a connection that the broker does not know it is empty.
    pub fn outgoing(&mut self, id: ConnectionId) -> Option<&mut Output> {
        Some(&mut self.sessions.get_mut(&id)?.output)
    }

    /// The transport of a connection has ended; the broker forgets the connection.
    pub fn transport_ended(&mut self, id: ConnectionId, now: Instant) {
        self.advance(now);
        self.leave(id);
        self.sessions.remove(&id);
        self.settle_down();
    }

    /// Whether the broker is done with a connection: the transport is to be ended as
    /// [`ending`](Self::ending) says, and [`transport_ended`](Self::transport_ended) called.
    #[must_use]
    pub fn is_finished(&self, id: ConnectionId) -> bool {
        self.sessions.get(&id).is_none_or(Session::is_finished)
    }

    /// How to end the transport of a connection that is finished.
    #[must_use]
    pub fn ending(&self, id: ConnectionId) -> Ending {
        let session = self.sessions.get(&id);
        session
            .and_then(|session| session.plan.output_ending.or(session.ending))
            .unwrap_or(Ending::Reset)
    }

    /// When [`handle_timeout`](Self::handle_timeout) is to be called next, if nothing else happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let room = |session: &Session| session.is_starved && self.has_room(session);
        if self.is_disturbed || self.sessions.values().any(room) {
            return self.now;
        }
        let sessions = self.sessions.values().filter_map(Session::due);
        let queues = self
            .virtual_hosts
            .values()
            .flat_map(|vhost| vhost.queues.values())
            .flat_map(|queue| [queue.next_expiry(), queue.idle_until()])
            .flatten();
        sessions.chain(queues).min()
    }

    /// Does what is due: heartbeats, deadlines, messages that expire.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        self.is_disturbed = false;
        let mut over = Vec::new();
        for (id, session) in &mut self.sessions {
            let before = session.state;
            session.handle_timeout(now);
            if session.state == State::Ended && before != State::Ended {
                over.push(*id);
            }
        }
        for id in over {
            self.leave(id);
        }
        self.feed_the_starved();
        self.expire();
        self.settle_down();
    }

    /// Takes the oldest note of a method, when [`Settings::trace`] asked for notes.
    pub fn poll_trace(&mut self) -> Option<Trace> {
        self.traces.pop_front()
    }

    /// The connections that the broker knows, oldest first.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionId> + '_ {
        self.sessions.keys().copied()
    }

    /// Messages that wait in a queue, and the queue's consumers.
    #[must_use]
    pub fn queue(&self, virtual_host: &str, name: &str) -> Option<QueueState> {
        let host = ShortStr::new(virtual_host).ok()?;
        let queue = self
            .virtual_hosts
            .get(&host)?
            .queues
            .get(&ShortStr::new(name).ok()?)?;
        Some(QueueState {
            ready: queue.len(),
            unacked: queue.unacked(),
            consumers: queue.consumers.len(),
        })
    }

    /// Messages that the broker holds anywhere, each counted once, and what they count for.
    #[must_use]
    pub fn held(&self) -> (usize, usize) {
        self.meter.read()
    }

    fn next_frame(&mut self, id: ConnectionId, input: &mut BytesMut) -> Option<Bytes> {
        let session = self.sessions.get_mut(&id)?;
        if !session.reads() {
            return None;
        }
        let deaf = matches!(session.state, State::Closed | State::Doomed);
        if deaf || session.decoder_failed {
            input.clear();
            return None;
        }
        match session.next_frame(input) {
            Ok(frame) if frame.is_empty() => None,
            Ok(frame) => {
                let received = session.received;
                let cut = session.plan.input_cut.filter(|(at, _)| received >= *at);
                if let Some((_, ending)) = cut {
                    session.end(ending);
                    self.leave(id);
                    return None;
                }
                Some(frame)
            }
            Err(error) => {
                let bytes = std::mem::take(input);
                self.bad_frame(id, &error, &bytes);
                None
            }
        }
    }

    /// Ends a turn: answers that were put off, traces, and bytes made ready.
    pub(crate) fn settle_down(&mut self) {
        self.hand_out();
        self.release_blocked();
        self.hand_out();
        let Some(now) = self.now else { return };
        for (id, session) in &mut self.sessions {
            session.confirm();
            session.seal(now);
            for step in session.steps.iter_mut().flat_map(|steps| steps.drain(..)) {
                self.traces.push_back(step.on(*id));
            }
        }
    }

    pub(super) fn advance(&mut self, now: Instant) {
        self.start.get_or_insert(now);
        let now = self.now.map_or(now, |before| before.max(now));
        self.now = Some(now);
    }

    /// The date, as far as it is known.
    pub(crate) fn date(&self) -> Timestamp {
        let passed = self.now.zip(self.start).map(|(now, start)| now - start);
        Timestamp(self.settings.started.0 + passed.unwrap_or_default().as_secs())
    }

    /// A name that nothing else has.
    pub(crate) fn name(&mut self, prefix: &str) -> ShortStr {
        self.names = self.names.wrapping_add(1);
        // A fixed permutation, so that names look unlike each other and never repeat.
        let mixed = self
            .names
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ShortStr::new(format!("{prefix}{mixed:016x}")).unwrap_or_default()
    }

    /// Whether a connection can be sent more messages.
    pub(crate) fn has_room(&self, session: &Session) -> bool {
        session.output.len() < self.settings.output
    }
}

/// What there is in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueState {
    /// Messages that wait for someone to take them.
    pub ready: usize,
    /// Messages that were taken and not acknowledged yet.
    pub unacked: usize,
    /// Consumers.
    pub consumers: usize,
}
