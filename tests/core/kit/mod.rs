//! A client and a scripted peer that talk, in simulated time.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pika::bytes::{Buf, Bytes, BytesMut};
use pika::config::{Config, Heartbeat};
use pika::connection::{
    Answer, CallId, ChannelKey, ChannelMut, Connection, Delivery, Event, Ticket,
};
use pika::error::{Closed, Error, Forbidden, Misuse, TransportEnd};
use pika::frame::{self, Decoder, Frame, Frames, Limits, ProtocolHeader};
use pika::method::{Args, Call, ChannelMethod, ContentArgs, decode_method};
use pika::protocol::Protocol;
use pika::wire::{ChannelId, Table};

mod peer;

/// A version with what the peer says in every handshake.
pub(crate) trait Version: Protocol {
    fn start(mechanisms: &'static str, server_properties: Table) -> Self::Method;
    fn tune(channel_max: u16, frame_max: u32, heartbeat: u16) -> Self::Method;
    fn open_ok() -> Self::Method;
    fn channel_open_ok() -> Self::Method;
}

macro_rules! versions {
    ($($feature:literal $module:ident $marker:ident)*) => {$(
        #[cfg(feature = $feature)]
        impl Version for pika::$module::$marker {
            fn start(mechanisms: &'static str, server_properties: Table) -> Self::Method {
                use pika::method::Spec;
                pika::$module::connection::Start::new(Self::MAJOR, Self::MINOR, mechanisms, "en_US")
                    .server_properties(server_properties)
                    .into()
            }

            fn tune(channel_max: u16, frame_max: u32, heartbeat: u16) -> Self::Method {
                pika::$module::connection::Tune::new(channel_max, frame_max, heartbeat).into()
            }

            fn open_ok() -> Self::Method {
                pika::$module::connection::OpenOk::new().into()
            }

            fn channel_open_ok() -> Self::Method {
                pika::$module::channel::OpenOk::new().into()
            }
        }
    )*};
}

versions! {
    "amqp0-8" v0_8 V0_8
    "amqp0-9-1" v0_9_1 V0_9_1
}

/// What the peer proposes unless a test says otherwise: channel-max, frame-max, heartbeat.
pub(crate) const TUNE: (u16, u32, u16) = (2047, 131_072, 60);

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A configuration without heartbeats, so that time alone brings none.
pub(crate) fn quiet() -> Config {
    Config::new().heartbeat(Heartbeat::Off)
}

/// A conversation. When it is dropped, everything said and every event must have been looked at.
pub(crate) struct Dialogue<P: Version> {
    pub(crate) client: Connection<P>,
    start: Instant,
    now: Instant,
    /// What the peer sent, as far as the client has left it.
    incoming: BytesMut,
    /// What the client wrote, as far as the peer has not looked at it.
    written: BytesMut,
    /// What happened; each delivery is announced by an event of its own.
    events: VecDeque<Event<P>>,
    deliveries: VecDeque<Delivery<P>>,
    peer_frame_max: u32,
    stalled: bool,
    wakes: Vec<Duration>,
}

/// One frame that the peer heard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard<P: Protocol> {
    ProtocolHeader(ProtocolHeader),
    Method(u16, P::Method),
    /// Channel, class, body size, properties.
    Header(u16, u16, u64, Bytes),
    Body(u16, Bytes),
    Heartbeat,
}

// The client's side.
impl<P: Version> Dialogue<P> {
    /// A client that has just got its transport.
    pub(crate) fn new(config: Config) -> Self {
        let now = Instant::now();
        let client = Connection::new(config, now);
        Self {
            client,
            start: now,
            now,
            incoming: BytesMut::new(),
            written: BytesMut::new(),
            events: VecDeque::new(),
            deliveries: VecDeque::new(),
            peer_frame_max: 131_072,
            stalled: false,
            wakes: Vec::new(),
        }
    }

    /// A client that has said its header.
    pub(crate) fn begun(config: Config) -> Self {
        let mut it = Self::new(config);
        let [.., a, b, c, d] = P::PROTOCOL_HEADER;
        let header = ProtocolHeader::new([a, b, c, d]);
        assert_eq!(it.hears_frame(), Heard::ProtocolHeader(header));
        it
    }

    /// A connection that is open, without heartbeats.
    pub(crate) fn open() -> Self {
        Self::open_with(quiet(), TUNE)
    }

    /// A connection that is open.
    pub(crate) fn open_with(
        config: Config,
        (channels, frame_max, heartbeat): (u16, u32, u16),
    ) -> Self {
        let mut it = Self::begun(config);
        it.says(0, P::start("PLAIN AMQPLAIN", Table::new()));
        it.hears_frame();
        it.says(0, P::tune(channels, frame_max, heartbeat));
        it.hears_frame();
        it.hears_frame();
        it.says(0, P::open_ok());
        it.peer_frame_max = it.client.tuning().frame_max;
        assert!(matches!(it.event(), Event::Opened(_)));
        assert!(it.client.is_open());
        it
    }

    /// An open connection with channel 1.
    pub(crate) fn with_channel() -> (Self, ChannelKey) {
        let mut it = Self::open();
        let channel = it.channel();
        (it, channel)
    }

    /// Opens a channel.
    pub(crate) fn channel(&mut self) -> ChannelKey {
        let (channel, call) = self.client.open_channel(self.now).unwrap();
        let number = channel.id().0;
        self.hears(number, P::channel_open().into_method());
        self.says(number, P::channel_open_ok());
        self.replies(call);
        channel
    }

    /// An open channel, to send on.
    pub(crate) fn on(&mut self, channel: ChannelKey) -> ChannelMut<'_, P> {
        self.client.channel(channel).unwrap()
    }

    /// Makes a call, which the peer hears.
    pub(crate) fn calls<M>(&mut self, channel: ChannelKey, method: M) -> CallId
    where
        M: Call<Spec = P> + ChannelMethod,
    {
        let now = self.now;
        let call = self.on(channel).call(method.clone(), now).unwrap();
        self.hears(channel.id().0, method.into_method());
        call
    }

    /// The next event.
    pub(crate) fn event(&mut self) -> Event<P> {
        self.turn();
        self.events.pop_front().expect("nothing happened")
    }

    /// The next event, if there is one.
    pub(crate) fn next_event(&mut self) -> Option<Event<P>> {
        self.turn();
        self.events.pop_front()
    }

    /// The tickets whose holders should ask again, of all events so far.
    pub(crate) fn ready(&mut self) -> Vec<Ticket> {
        self.turn();
        let mut ready = Vec::new();
        self.events.retain(|event| match event {
            Event::TicketReady { ticket } => {
                ready.push(*ticket);
                false
            }
            _ => true,
        });
        ready
    }

    /// No event is left.
    pub(crate) fn no_event(&mut self) {
        self.turn();
        assert!(self.events.is_empty(), "{:?}", self.events);
    }

    /// The next event is the reply to `call`.
    pub(crate) fn replies(&mut self, call: CallId) -> P::Method {
        match self.answer(call).unwrap() {
            Answer::Method(method) => method,
            other => panic!("expected a method, found {other:?}"),
        }
    }

    /// The next event says that `call` failed.
    pub(crate) fn fails(&mut self, call: CallId) -> Error {
        self.answer(call).unwrap_err()
    }

    /// The next event is the end of `call`.
    pub(crate) fn answer(&mut self, call: CallId) -> Result<Answer<P>, Error> {
        let event = self.event();
        let Event::Reply { call: found } = event else {
            panic!("expected a reply, found {event:?}")
        };
        assert_eq!(found, call);
        let answer = self.client.take_reply(call);
        answer.expect("the answer is kept until it is taken")
    }

    /// The next event is a delivery to a consumer.
    pub(crate) fn delivery(&mut self) -> Delivery<P> {
        let event = self.event();
        let Event::Deliveries { .. } = event else {
            panic!("expected a delivery, found {event:?}")
        };
        self.delivered()
    }

    /// The delivery that the last event announced.
    pub(crate) fn delivered(&mut self) -> Delivery<P> {
        self.deliveries
            .pop_front()
            .expect("a delivery was announced")
    }

    /// The next event says that the channel closed.
    pub(crate) fn channel_closed(&mut self, channel: ChannelKey) -> Arc<Closed> {
        let event = self.event();
        let Event::ChannelClosed {
            channel: found,
            reason,
        } = event
        else {
            panic!("expected a closed channel, found {event:?}")
        };
        assert_eq!(found, channel);
        reason
    }

    /// The last event says that the connection closed.
    pub(crate) fn closed(&mut self) -> Arc<Closed> {
        let event = self.event();
        let Event::Closed(reason) = event else {
            panic!("expected the end, found {event:?}")
        };
        self.no_event();
        assert_eq!(self.client.closed(), Some(&reason));
        reason
    }
}

// Time, and the contract with the core.
impl<P: Version> Dialogue<P> {
    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    /// How long after the start it is.
    pub(crate) fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// Lets time pass; the client is woken when it wants to be.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.turn();
        let end = self.now + time;
        while let Some(at) = self.client.poll_timeout().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.wakes.push(self.elapsed());
            self.client.handle_timeout(self.now);
            self.turn();
            let next = self.client.poll_timeout();
            assert!(
                next.is_none_or(|next| next > self.now),
                "it asks to be woken for ever"
            );
        }
        self.now = end;
        self.client.handle_timeout(end);
        self.turn();
    }

    /// When the client was woken since this was last asked, counted from the start.
    pub(crate) fn wakes(&mut self) -> Vec<Duration> {
        std::mem::take(&mut self.wakes)
    }

    /// When the client wants to be woken, counted from the start.
    pub(crate) fn due(&self) -> Option<Duration> {
        let due = self.client.poll_timeout();
        assert_eq!(due, self.client.poll_timeout(), "asking changes nothing");
        due.map(|at| at - self.start)
    }

    /// What is to be done after every call: drain the events, write what is outgoing.
    fn turn(&mut self) {
        while let Some(event) = self.client.poll_event() {
            let Event::Deliveries {
                channel,
                consumer,
                count,
            } = event
            else {
                self.events.push_back(event);
                continue;
            };
            let before = self.deliveries.len();
            self.client.drain_deliveries(&mut self.deliveries);
            assert_eq!(self.deliveries.len(), before + count);
            let one = || Event::Deliveries {
                channel,
                consumer,
                count: 1,
            };
            self.events.extend((0..count).map(|_| one()));
        }
        if self.stalled {
            return;
        }
        let out = self.client.outgoing(self.now);
        while out.has_remaining() {
            let chunk = out.chunk();
            self.written.extend_from_slice(chunk);
            out.advance(chunk.len());
        }
    }
}

impl<P: Version> Drop for Dialogue<P> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.no_event();
            self.hears_nothing();
        }
    }
}

/// A method frame.
pub(crate) fn method_frame<P: Protocol>(channel: u16, method: impl Into<P::Method>) -> BytesMut {
    let mut bytes = BytesMut::new();
    frame::put_any_method(&mut bytes, ChannelId(channel), &method.into());
    bytes
}

/// What was done wrong.
pub(crate) fn misuse<T: Debug>(result: Result<T, Error>) -> Misuse {
    match result.unwrap_err() {
        Error::Misuse(misuse) => misuse,
        other => panic!("expected a misuse, found {other:?}"),
    }
}

/// Why content may not be sent.
pub(crate) fn forbidden<T: Debug>(result: Result<T, Error>) -> Forbidden {
    match result.unwrap_err() {
        Error::ContentForbidden(forbidden) => forbidden,
        other => panic!("expected a prohibition, found {other:?}"),
    }
}

/// Why the channel or connection is closed.
pub(crate) fn reason<T: Debug>(result: Result<T, Error>) -> Closed {
    match result.unwrap_err() {
        Error::Closed(closed) | Error::Protocol(closed) => (*closed).clone(),
        other => panic!("expected a closed channel or connection, found {other:?}"),
    }
}
