//! One thread, one clock, one broker, some clients, and a network between them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use pika::broker::{Broker, ConnectionId, Settings};
use pika::bytes::{Buf, BytesMut};
use pika::config::{Config, Heartbeat};
use pika::connection::{ChannelKey, Connection, ConsumerId, Event};
use pika::error::TransportEnd;
use pika::wire::ChannelId;

use crate::link::{Break, Pipe};
use crate::model::{Arrived, Broken, Ledger, Model};
use crate::rng::Rng;
use crate::version::Version;

/// Queues that messages go to; the last one has consumers that need not acknowledge.
pub(crate) const QUEUES: [&str; 4] = ["q0", "q1", "q2", "q3"];

pub(crate) struct Client<V: Version> {
    pub(crate) core: Connection<V>,
    pub(crate) link: ConnectionId,
    pub(crate) up: Pipe,
    pub(crate) down: Pipe,
    received: BytesMut,
    at_broker: BytesMut,
    /// Whether the transport is there, as the client and as the broker see it.
    pub(crate) connected: (bool, bool),
    pub(crate) channels: Vec<ChannelKey>,
    /// Numbers of channels that the broker closed at will.
    pub(crate) closed_by_broker: Vec<ChannelId>,
    pub(crate) arrived: Vec<Arrived>,
    events: usize,
}

pub(crate) struct World<V: Version> {
    pub(crate) rng: Rng,
    pub(crate) now: Instant,
    pub(crate) broker: Broker,
    pub(crate) clients: Vec<Client<V>>,
    pub(crate) model: Model,
    /// What happened, for a run that is looked at.
    pub(crate) trace: Option<Vec<String>>,
    pub(crate) start: Instant,
}

/// Output that waits stays below the high-water mark and one message.
const OUTPUT_HIGH: usize = 64 * 1024;
const LARGEST: usize = 140_000;

pub(crate) const HEARTBEAT: Duration = Duration::from_secs(4);
/// Sooner than the broker loses patience.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(5);

fn config() -> Config {
    Config::new()
        .heartbeat(Heartbeat::AtMost(HEARTBEAT))
        .handshake_timeout(HANDSHAKE)
        .rpc_timeout(Duration::from_secs(5))
        .blocked_timeout(Duration::from_secs(8))
        .close_timeout(Duration::from_secs(2))
        .output_water(16 * 1024, OUTPUT_HIGH)
        .frame_max(8192)
}

impl<V: Version> World<V> {
    pub(crate) fn new(seed: u64, clients: usize, traced: bool) -> Self {
        let start = Instant::now();
        let mut world = Self {
            rng: Rng::new(seed),
            now: start,
            broker: Broker::new(Settings::new().seed(seed)),
            clients: Vec::new(),
            model: Model::default(),
            trace: traced.then(Vec::new),
            start,
        };
        for _ in 0..clients {
            world.connect();
        }
        world
    }

    /// A new client, which begins its handshake.
    pub(crate) fn connect(&mut self) {
        let mut core = Connection::new(config(), self.now);
        core.set_identity(self.clients.len() as u64 + 1);
        self.clients.push(Client {
            core,
            link: self.broker.accept(self.now),
            up: Pipe::default(),
            down: Pipe::default(),
            received: BytesMut::new(),
            at_broker: BytesMut::new(),
            connected: (true, true),
            channels: Vec::new(),
            closed_by_broker: Vec::new(),
            arrived: Vec::new(),
            events: 0,
        });
        self.model.ledgers.push(Ledger::default());
    }

    pub(crate) fn note(&mut self, text: impl FnOnce() -> String) {
        let at = self.now - self.start;
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>9.3} s  {}", at.as_secs_f64(), text()));
        }
    }

    /// Lets some bytes of client `who` move.
    pub(crate) fn network(&mut self, who: usize) -> Result<(), Broken> {
        let (now, client) = (self.now, &mut self.clients[who]);
        if client.connected.0 {
            let output = client.core.outgoing(now);
            while output.has_remaining() && client.up.room() > 0 {
                let n = output.chunk().len().min(client.up.room());
                client.up.put(&output.chunk()[..n]);
                output.advance(n);
            }
        }
        if client.connected.1 && self.broker.reads(client.link) {
            let bytes = client.up.take(&mut self.rng);
            client.at_broker.extend_from_slice(&bytes);
            self.broker.receive(client.link, &mut client.at_broker, now);
        }
        let broken = client.up.broken();
        if broken == Some(Break::Reset) {
            return self.cut(who);
        }
        if client.connected.1 {
            if let Some(output) = self.broker.outgoing(client.link) {
                while output.has_remaining() && client.down.room() > 0 {
                    let n = output.chunk().len().min(client.down.room());
                    client.down.put(&output.chunk()[..n]);
                    output.advance(n);
                }
            }
        }
        if client.connected.0 {
            let bytes = client.down.take(&mut self.rng);
            if !bytes.is_empty() {
                client.received.extend_from_slice(&bytes);
                client.core.receive(&mut client.received, now);
            }
        }
        if broken == Some(Break::Eof) && std::mem::take(&mut client.connected.1) {
            self.broker.transport_ended(client.link, now);
        }
        match client.down.broken() {
            Some(Break::Reset) => return self.cut(who),
            Some(Break::Eof) if std::mem::take(&mut client.connected.0) => {
                client.core.transport_ended(TransportEnd::Eof, now);
            }
            _ => {}
        }
        self.ends(who);
        self.check(who)
    }

    /// Moves all bytes of client `who` that can move, and leaves its events alone.
    pub(crate) fn shovel(&mut self, who: usize) {
        let (now, client) = (self.now, &mut self.clients[who]);
        let output = client.core.outgoing(now);
        while output.has_remaining() {
            let n = output.chunk().len();
            client.at_broker.extend_from_slice(output.chunk());
            output.advance(n);
        }
        self.broker.receive(client.link, &mut client.at_broker, now);
        if let Some(output) = self.broker.outgoing(client.link) {
            while output.has_remaining() {
                let n = output.chunk().len();
                client.received.extend_from_slice(output.chunk());
                output.advance(n);
            }
        }
        client.core.receive(&mut client.received, now);
    }

    /// Ends transports whose one side is done with them.
    fn ends(&mut self, who: usize) {
        let (now, client) = (self.now, &mut self.clients[who]);
        if client.connected.1 && self.broker.is_finished(client.link) {
            client.connected.1 = false;
            self.broker.transport_ended(client.link, now);
        }
        if client.connected.0 && client.core.is_finished() {
            client.connected.0 = false;
        }
        if client.connected == (true, false) && client.down.is_empty() && !client.down.silent {
            client.connected.0 = false;
            client.core.transport_ended(TransportEnd::Eof, now);
        }
        if client.connected == (false, true) && client.up.is_empty() && !client.up.silent {
            client.connected.1 = false;
            self.broker.transport_ended(client.link, now);
        }
    }

    /// Cuts the link at once: what is under way is lost.
    pub(crate) fn cut(&mut self, who: usize) -> Result<(), Broken> {
        let (now, client) = (self.now, &mut self.clients[who]);
        client.up.lose();
        client.down.lose();
        if std::mem::take(&mut client.connected.0) {
            let end = TransportEnd::Failed(std::io::ErrorKind::ConnectionReset);
            client.core.transport_ended(end, now);
        }
        if std::mem::take(&mut client.connected.1) {
            self.broker.transport_ended(client.link, now);
        }
        self.check(who)
    }

    /// Lets time pass, to the next deadline of anybody at the most.
    pub(crate) fn pass(&mut self, most: Duration) -> Result<(), Broken> {
        let deadlines = self
            .clients
            .iter()
            .filter_map(|client| client.core.poll_timeout());
        let next = deadlines.chain(self.broker.poll_timeout()).min();
        let until = self.now + most;
        self.now = next.map_or(until, |next| next.max(self.now).min(until));
        let now = self.now;
        self.broker.handle_timeout(now);
        for who in 0..self.clients.len() {
            self.clients[who].core.handle_timeout(now);
            self.check(who)?;
        }
        Ok(())
    }

    /// Takes the deliveries that a core has announced, in one of the two ways.
    fn deliveries(
        &mut self,
        who: usize,
        to: (ChannelKey, ConsumerId),
        count: usize,
    ) -> Result<(), Broken> {
        let core = &mut self.clients[who].core;
        let mut deliveries = VecDeque::new();
        match count % 2 {
            0 => core.drain_deliveries(&mut deliveries),
            _ => deliveries.extend(std::iter::from_fn(|| core.next_delivery())),
        }
        if deliveries.len() != count {
            return Err(format!("{} of {count} deliveries", deliveries.len()));
        }
        for delivery in deliveries {
            let arrived = self.model.delivered(who, to, delivery)?;
            self.clients[who].arrived.push(arrived);
        }
        Ok(())
    }

    /// Hears what a core has to say, and checks its bounds.
    pub(crate) fn check(&mut self, who: usize) -> Result<(), Broken> {
        while let Some(event) = self.clients[who].core.poll_event() {
            self.note(|| {
                format!("client {who} hears {event:?}")
                    .chars()
                    .take(300)
                    .collect()
            });
            self.clients[who].events += 1;
            match event {
                Event::Reply { call } => {
                    let Some(result) = self.clients[who].core.take_reply(call) else {
                        return Err(format!("there is no reply to {call:?}"));
                    };
                    let arrived = self.model.replied(who, call, result)?;
                    self.clients[who].arrived.extend(arrived);
                }
                Event::Deliveries {
                    channel,
                    consumer,
                    count,
                } => self.deliveries(who, (channel, consumer), count)?,
                event => self.model.take(who, event)?,
            }
        }
        let core = &self.clients[who].core;
        if core.outgoing_len() > OUTPUT_HIGH + LARGEST + 64 * 1024 {
            return Err(format!("{} bytes of output wait", core.outgoing_len()));
        }
        if core.is_finished() && core.poll_timeout().is_some() {
            return Err("a clock ticks after the close".into());
        }
        Ok(())
    }
}
