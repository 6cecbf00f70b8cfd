//! The client under attack, and what has to hold of it after everything that happens.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::convert::Infallible;
use std::time::{Duration, Instant};

use pika::broker::Ending;
use pika::broker::loopback::Peer;
use pika::bytes::{BufMut, BytesMut};
use pika::config::{Config, Heartbeat};
use pika::connection::{
    Answer, CallId, ChannelKey, Connection, ConsumerId, DeliveryToken, Event, PublishSeq,
};
use pika::frame::Limits;

use super::Measure;
use super::version::Version;

/// The frame-max that is agreed on: the smallest there is.
pub(crate) const FRAME_MAX: usize = 4096;
/// The largest message that the client takes.
pub(crate) const MESSAGE_MAX: usize = 8192;
/// What the client may take for any input beside what the limits allow.
const SLACK: u64 = 4096;
/// Output that waits before the client says that it is full.
const HIGH_WATER: usize = 4096;
/// The most that one message of the client, and what is sent beyond the mark, takes.
const BEYOND: usize = 12 * 1024;
/// Answers that a peer who does not read can make wait.
const OWED_MAX: usize = 1 << 20;

const RPC: Duration = Duration::from_secs(5);
/// How much longer a call lasts where the peer blocks the connection.
const BLOCKED: Duration = Duration::from_secs(7);
pub(crate) const CLOSE: Duration = Duration::from_secs(2);
const HANDSHAKE: Duration = Duration::from_secs(10);

pub(crate) fn config() -> Config {
    Config::new()
        .heartbeat(Heartbeat::AtMost(Duration::from_secs(4)))
        .handshake_timeout(HANDSHAKE)
        .rpc_timeout(RPC)
        .blocked_timeout(BLOCKED)
        .close_timeout(CLOSE)
        .output_water(HIGH_WATER / 2, HIGH_WATER)
        .max_message_size(MESSAGE_MAX as u64)
        .frame_max(FRAME_MAX as u32)
}

/// A connection whose every step is watched.
pub(crate) struct Client<V: Version> {
    pub(crate) core: Connection<V>,
    measure: Measure,
    /// How many bytes are handed over at once.
    pub(crate) piece: usize,
    buffer: BytesMut,
    begun: Instant,
    closed: bool,
    was_blocked: bool,
    /// Calls that wait, and until when.
    pub(crate) calls: HashMap<CallId, Instant>,
    consuming: HashMap<CallId, ConsumerId>,
    abandoned: HashSet<CallId>,
    pub(crate) channels: Vec<ChannelKey>,
    pub(crate) consumers: HashMap<ConsumerId, ChannelKey>,
    /// Consumers that nobody looks at any more, of whose end may still be heard.
    dropped: HashSet<ConsumerId>,
    pub(crate) publishes: BTreeSet<(ChannelKey, PublishSeq)>,
    pub(crate) tokens: Vec<DeliveryToken>,
}

impl<V: Version> Client<V> {
    pub(crate) fn new(measure: Measure, piece: usize, now: Instant) -> Self {
        Self {
            core: Connection::new(config(), now),
            measure,
            piece,
            buffer: BytesMut::new(),
            begun: now,
            closed: false,
            was_blocked: false,
            calls: HashMap::new(),
            consuming: HashMap::new(),
            abandoned: HashSet::new(),
            channels: Vec::new(),
            consumers: HashMap::new(),
            dropped: HashSet::new(),
            publishes: BTreeSet::new(),
            tokens: Vec::new(),
        }
    }

    /// A call was made.
    pub(crate) fn waits(&mut self, call: CallId, now: Instant) {
        let due = now + RPC;
        assert!(self.calls.insert(call, due).is_none(), "{call:?} twice");
    }

    pub(crate) fn consumes(&mut self, consumer: ConsumerId, call: Option<CallId>, on: ChannelKey) {
        self.consumers.insert(consumer, on);
        if let Some(call) = call {
            self.consuming.insert(call, consumer);
        }
    }

    pub(crate) fn drops(&mut self, consumer: ConsumerId) {
        self.consumers.remove(&consumer);
        self.dropped.insert(consumer);
    }

    /// Nobody waits for this call any more, nor for its consumer.
    pub(crate) fn abandons(&mut self, call: CallId, now: Instant) {
        let failed = self.core.abandon(call, now);
        assert!(failed.is_none(), "it was waited for: {failed:?}");
        self.calls.remove(&call);
        self.abandoned.insert(call);
        if let Some(consumer) = self.consuming.remove(&call) {
            self.drops(consumer);
        }
    }

    /// What the peer may make the client hold of a frame, in bytes: 8192 before frame-max is agreed
    /// on; then frame-max for bodies, and what RabbitMQ relays for methods and headers.
    fn limits(&self) -> Limits {
        if self.core.tuning().frame_max as usize == FRAME_MAX {
            Limits::agreed(FRAME_MAX as u32)
        } else {
            Limits::HANDSHAKE
        }
    }

    /// Hands over some bytes and looks at what they cost.
    fn receives(&mut self, piece: &[u8], now: Instant) {
        self.buffer.extend_from_slice(piece);
        let (before, limit) = (self.buffer.len(), self.limits().other);
        let waiting = self.waiting();
        let Self { core, buffer, .. } = self;
        let cost = (self.measure)(&mut || core.receive(buffer, now));
        let (left, limit) = (self.buffer.len(), limit.max(self.limits().other));
        // What was agreed on: nothing takes more than the limit and some.
        let total = cost + left as u64;
        assert!(
            total <= u64::from(limit) + SLACK,
            "{cost} bytes and {left} of input held, where {limit} are the limit"
        );
        // More closely: a frame that is not whole costs nothing but itself.
        if left == before && self.core.closed().is_none() {
            assert_eq!(cost, 0, "{left} bytes of a frame were looked at");
        }
        // A frame makes one event at most, beside those that the client's own doings wait for. A
        // list of events, and the output, may double, and then the old one is there too. A message
        // takes its size.
        let events = piece.len() / 8 + 2 + waiting;
        let doubling = 3 * (events * size_of::<Event<V>>() + self.core.outgoing_len());
        let most = SLACK + doubling as u64 + MESSAGE_MAX as u64;
        assert!(
            cost <= most,
            "{cost} bytes for {} of input and {events} events, expected at most {most}",
            piece.len()
        );
        self.check_held();
        self.hear(now);
    }

    /// What can end at any time, each with an event.
    fn waiting(&self) -> usize {
        self.calls.len() + self.publishes.len() + self.consumers.len() + self.channels.len()
    }

    /// What is held of the next frame is no more than such a frame may have.
    fn check_held(&self) {
        let Some(kind) = self.buffer.first().filter(|_| self.core.closed().is_none()) else {
            return;
        };
        let limits = self.limits();
        let limit = if *kind == 3 {
            limits.body
        } else {
            limits.other
        };
        let whole = self.buffer.len() + self.core.bytes_missing(&self.buffer);
        assert!(
            whole <= limit as usize,
            "waits for a frame of {whole} bytes"
        );
    }

    /// Takes all events, each of which has to be expected.
    pub(crate) fn hear(&mut self, now: Instant) {
        while let Some(event) = self.core.poll_event() {
            assert!(!self.closed, "after the last event comes {event:?}");
            self.event(event);
        }
        let waiting = self.core.outgoing_len();
        assert!(
            waiting <= HIGH_WATER + BEYOND + OWED_MAX,
            "{waiting} bytes of output wait"
        );
        if self.core.is_finished() {
            assert_eq!(self.core.poll_timeout(), None, "a clock ticks at the end");
        }
        let done = self.core.is_open() || self.core.closed().is_some();
        assert!(done || now < self.begun + HANDSHAKE, "the handshake lasts");
    }

    /// Nobody waits longer than the deadline.
    pub(crate) fn check_deadlines(&self, now: Instant) {
        let more = if self.was_blocked {
            BLOCKED
        } else {
            Duration::ZERO
        };
        for (call, due) in &self.calls {
            assert!(now < *due + more, "{call:?} is overdue by {:?}", now - *due);
        }
    }

    fn event(&mut self, event: Event<V>) {
        match event {
            Event::Blocked { .. } => self.was_blocked = true,
            Event::Reply { call } => {
                let result = self.core.take_reply(call).expect("a reply is kept");
                let waits = self.calls.remove(&call).is_some();
                assert!(waits, "a reply to {call:?}, which nobody waits for");
                let consumer = self.consuming.remove(&call);
                match result {
                    Ok(Answer::Message(delivery)) => self.keep(delivery.into_token()),
                    Ok(Answer::Method(_)) => {}
                    Err(_) => {
                        consumer.map(|consumer| self.consumers.remove(&consumer));
                    }
                }
            }
            Event::Deliveries {
                channel,
                consumer,
                count,
            } => {
                let on = self.consumers.get(&consumer);
                assert_eq!(on, Some(&channel), "a delivery to {consumer:?}");
                for _ in 0..count {
                    let delivery = self.core.next_delivery().expect("it was announced");
                    assert!(delivery.content().body().len() <= MESSAGE_MAX);
                    self.keep(delivery.into_token());
                }
                assert!(self.core.next_delivery().is_none(), "more than announced");
            }
            Event::Confirmed {
                channel,
                first,
                last,
                ..
            } => {
                for n in first.0..=last.0 {
                    let open = self.publishes.remove(&(channel, PublishSeq(n)));
                    assert!(open, "publish {n} on {channel} is not open");
                }
            }
            Event::ConsumerCancelled { consumer, .. } => {
                let begun = self.consumers.remove(&consumer).is_some();
                let begun = begun || self.dropped.remove(&consumer);
                assert!(begun, "{consumer:?} ends twice");
            }
            Event::ChannelClosed { channel, .. } => self.channel_closed(channel),
            Event::Closed(_) => {
                assert!(self.calls.is_empty(), "left waiting: {:?}", self.calls);
                assert!(self.publishes.is_empty(), "open: {:?}", self.publishes);
                self.closed = true;
            }
            _ => {}
        }
    }

    fn channel_closed(&mut self, channel: ChannelKey) {
        let left = self.calls.keys().find(|call| call.channel() == channel);
        assert_eq!(left, None, "left waiting on {channel}");
        let open = self.publishes.iter().find(|(on, _)| *on == channel);
        assert_eq!(open, None, "open on {channel}");
        self.channels.retain(|key| *key != channel);
        self.consumers.retain(|_, on| *on != channel);
        self.consuming.retain(|call, _| call.channel() != channel);
    }

    fn keep(&mut self, token: DeliveryToken) {
        if self.tokens.len() < 16 {
            self.tokens.push(token);
        }
    }
}

impl<V: Version> Peer for Client<V> {
    type Event = Infallible;

    fn poll_event(&mut self) -> Option<Infallible> {
        None
    }

    fn receive(&mut self, input: &mut BytesMut, now: Instant) {
        while !input.is_empty() {
            let piece = input.split_to(self.piece.min(input.len()));
            self.receives(&piece, now);
        }
    }

    fn send(&mut self, wire: &mut BytesMut, now: Instant) {
        wire.put(self.core.outgoing(now));
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.core.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.core.handle_timeout(now);
        self.hear(now);
        self.check_deadlines(now);
    }

    fn transport_ended(&mut self, ending: Ending, now: Instant) {
        Peer::transport_ended(&mut self.core, ending, now);
        self.hear(now);
        assert!(self.core.is_finished(), "it goes on without a transport");
    }

    fn is_finished(&self) -> bool {
        self.core.is_finished()
    }
}
