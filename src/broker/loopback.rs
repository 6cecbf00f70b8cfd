//! Clients and a broker in one thread, joined in memory, with a clock that goes when it is told to.
//!
//! It is for tests of whatever is built on the connection core: no socket, no thread, no sleep, and
//! the same run each time. A heartbeat in an hour or a call that times out takes no longer to test
//! than anything else.
//!
//! ```
//! # #[cfg(all(feature = "client", feature = "amqp0-9-1"))]
//! # fn main() -> Result<(), pika::Error> {
//! use std::time::{Duration, Instant};
//! use pika::broker::Settings;
//! use pika::broker::loopback::Loopback;
//! use pika::config::Config;
//! use pika::connection::{Connection, Event};
//! use pika::v0_9_1::{V0_9_1, basic, queue};
//!
//! let mut world = Loopback::new(Settings::new(), Instant::now());
//! let id = world.connect(Connection::<V0_9_1>::new(Config::new(), world.now()));
//! world.settle();
//! assert!(world.peer(id).is_open());
//!
//! let now = world.now();
//! let (channel, _) = world.peer(id).open_channel(now)?;
//! let mut on = world.peer(id).channel(channel)?;
//! on.call(queue::Declare::new("orders"), now)?;
//! on.publish(&basic::Publish::new("", "orders"), &basic::Properties::new(), "one apple")?;
//! on.consume(basic::Consume::new("orders"), now)?;
//!
//! let arrived = |event| matches!(event, Event::Deliveries { .. }).then_some(());
//! assert!(world.wait(id, Duration::from_secs(1), arrived).is_some());
//! let delivery = world.peer(id).next_delivery().expect("it was announced");
//! assert_eq!(delivery.content().body(), b"one apple");
//! assert_eq!(world.now(), now, "no time has passed");
//!
//! world.peer(id).channel(channel)?.ack(delivery.into_token(), false)?;
//! world.advance(Duration::from_secs(24 * 60 * 60));
//! assert!(world.peer(id).is_open(), "heartbeats went back and forth all day");
//! assert_eq!(world.broker().queue("/", "orders").map(|queue| queue.unacked), Some(0));
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "client", feature = "amqp0-9-1")))]
//! # fn main() {}
//! ```
//!
//! # Time
//!
//! | call | bytes | time |
//! |---|---|---|
//! | [`settle`](Loopback::settle) | move until none is left | stands still |
//! | [`advance`](Loopback::advance) | move whenever there are some | goes on, from deadline to deadline |
//! | [`wait`](Loopback::wait) | move whenever there are some | goes on until the event that is waited for |
//!
//! Calls of a client only put bytes into its output; one of these three has to follow.
//!
//! # Faults
//!
//! What a [`Plan`](super::Plan) says or [`Faults`](super::Faults) does, on
//! [`broker`](Loopback::broker), happens to these clients as to any other. Theirs are the ids that
//! [`connect`](Loopback::connect) gives.
//!
//! ```
//! # #[cfg(all(feature = "client", feature = "amqp0-9-1"))] {
//! # use std::time::{Duration, Instant};
//! # use pika::broker::{Moment, Plan, Refuse, Settings};
//! # use pika::broker::loopback::Loopback;
//! # use pika::config::Config;
//! # use pika::connection::Connection;
//! # use pika::v0_9_1::V0_9_1;
//! let mut world = Loopback::new(Settings::new(), Instant::now());
//! world.broker().faults().on_next(Plan::new().refuse_at(Moment::Open, Refuse::Silence));
//! let config = Config::new().handshake_timeout(Duration::from_secs(10));
//! let id = world.connect(Connection::<V0_9_1>::new(config, world.now()));
//!
//! world.advance(Duration::from_millis(9_999));
//! assert!(world.peer(id).closed().is_none());
//! world.advance(Duration::from_millis(1));
//! assert!(world.peer(id).closed().is_some(), "it has waited long enough");
//! # }
//! ```
//!
//! # Whose clients
//!
//! The broker knows no client, so a client is whatever implements [`Peer`]: the crate's own
//! `Connection` does where the feature `client` is on. Wrap it to have more than a connection in
//! each place, an enum over the versions for example.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::{Buf, BufMut, BytesMut};

use super::{Broker, ConnectionId, Ending, Settings};

/// A client as the network sees it: bytes and time go in, bytes and events come out.
pub trait Peer {
    /// What happens to it, as far as somebody is to be told.
    type Event;

    /// The next thing that happened.
    fn poll_event(&mut self) -> Option<Self::Event>;

    /// Takes what arrived off the front of `input`; what is left there comes again, with more
    /// behind it.
    fn receive(&mut self, input: &mut BytesMut, now: Instant);

    /// Appends to `wire` all that is to be sent now.
    ///
    /// It is not called while the broker reads nothing from this client.
    fn send(&mut self, wire: &mut BytesMut, now: Instant);

    /// When [`handle_timeout`](Self::handle_timeout) is to be called next, if nothing else happens.
    fn poll_timeout(&self) -> Option<Instant>;

    /// Does what is due.
    fn handle_timeout(&mut self, now: Instant);

    /// The broker has ended the transport. Nothing is received or sent any more.
    fn transport_ended(&mut self, ending: Ending, now: Instant);

    /// Whether the client is done with the transport, which is then ended in good order.
    fn is_finished(&self) -> bool;
}

/// A broker and its clients, see the [module](self).
#[derive(Debug)]
pub struct Loopback<C> {
    broker: Broker,
    links: BTreeMap<ConnectionId, Link<C>>,
    now: Instant,
}

/// A client and what is on its way to and from it.
#[derive(Debug)]
struct Link<C> {
    client: C,
    /// Whether the transport is there.
    is_up: bool,
    to_broker: BytesMut,
    to_client: BytesMut,
    /// The broker has left frames unread.
    is_held: bool,
}

/// What no clock can tell is taken for a time that never comes.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

impl<C: Peer> Loopback<C> {
    /// A broker without clients, and a clock that stands at `start`.
    #[must_use]
    pub fn new(settings: Settings, start: Instant) -> Self {
        Self {
            broker: Broker::new(settings),
            links: BTreeMap::new(),
            now: start,
        }
    }

    /// What the clock shows. It is to be given to all calls of clients that want to know the time.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// The broker, to look into or to make misbehave.
    pub const fn broker(&mut self) -> &mut Broker {
        &mut self.broker
    }

    /// Gives a client a transport to the broker. The number is the broker's own.
    pub fn connect(&mut self, client: C) -> ConnectionId {
        let id = self.broker.accept(self.now);
        let link = Link {
            client,
            is_up: true,
            to_broker: BytesMut::new(),
            to_client: BytesMut::new(),
            is_held: false,
        };
        self.links.insert(id, link);
        id
    }

    /// A client, also after its transport has ended.
    ///
    /// # Panics
    /// When this world has no such client, or has it no more.
    pub fn peer(&mut self, id: ConnectionId) -> &mut C {
        let link = self.links.get_mut(&id);
        &mut link.expect("a client that was connected here").client
    }

    /// Takes a client out of this world, as if its machine were gone: what it has not sent is lost,
    /// and the broker sees the end of its transport. The client is told nothing.
    pub fn disconnect(&mut self, id: ConnectionId) -> Option<C> {
        let link = self.links.remove(&id)?;
        if link.is_up {
            self.broker.transport_ended(id, self.now);
        }
        Some(link.client)
    }

    /// Moves bytes, and lets everybody do what is due by now, until nothing moves.
    pub fn settle(&mut self) {
        while self.moves() {}
    }

    /// Lets time go on, with stops at every deadline of the broker and of the clients in their
    /// order. At each of them bytes move as in [`settle`](Self::settle).
    ///
    /// A program that has something to do in between advances from stop to stop, which
    /// [`poll_timeout`](Self::poll_timeout) tells, or [waits](Self::wait).
    pub fn advance(&mut self, time: Duration) {
        let until = self.after(time);
        self.settle();
        while self.now < until {
            self.step(until);
            self.settle();
        }
    }

    /// Lets bytes move and time go on until `pick` takes an event of this client, for `most` at the
    /// longest. Events that it does not take are gone.
    ///
    /// No time passes while there are bytes to move or events to look at.
    ///
    /// ```
    /// # #[cfg(all(feature = "client", feature = "amqp0-9-1"))] {
    /// # use std::time::{Duration, Instant};
    /// # use pika::broker::{Settings, loopback::Loopback};
    /// # use pika::{config::Config, connection::{Connection, Event}, v0_9_1::V0_9_1};
    /// # let mut world = Loopback::new(Settings::new(), Instant::now());
    /// # let id = world.connect(Connection::<V0_9_1>::new(Config::new(), world.now()));
    /// let first = world.wait(id, Duration::from_secs(10), Some);
    /// assert!(matches!(first, Some(Event::Opened(_))));
    /// # }
    /// ```
    ///
    /// # Panics
    /// As [`peer`](Self::peer) does.
    pub fn wait<T>(
        &mut self,
        id: ConnectionId,
        most: Duration,
        mut pick: impl FnMut(C::Event) -> Option<T>,
    ) -> Option<T> {
        let until = self.after(most);
        loop {
            self.settle();
            while let Some(event) = self.peer(id).poll_event() {
                if let Some(found) = pick(event) {
                    return Some(found);
                }
            }
            if self.now >= until {
                return None;
            }
            self.step(until);
        }
    }

    /// The next deadline of anybody, after now.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let clients = self.links.values().map(|link| link.client.poll_timeout());
        let all = clients.chain([self.broker.poll_timeout()]).flatten();
        all.filter(|at| *at > self.now).min()
    }

    /// Sets the clock to the next deadline, or to `until` if that comes first.
    fn step(&mut self, until: Instant) {
        let next = self.poll_timeout();
        self.now = next.map_or(until, |next| next.min(until));
    }

    fn after(&self, time: Duration) -> Instant {
        let until = self.now.checked_add(time);
        until.unwrap_or_else(|| self.now + NEVER)
    }

    /// Moves what there is, once; gives whether there was anything.
    fn moves(&mut self) -> bool {
        let now = self.now;
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if is_due(self.broker.poll_timeout()) {
            self.broker.handle_timeout(now);
        }
        let mut moved = false;
        for (id, link) in &mut self.links {
            if is_due(link.client.poll_timeout()) {
                link.client.handle_timeout(now);
            }
            if link.is_up {
                moved |= link.moves(*id, &mut self.broker, now);
            }
        }
        moved
    }
}

impl<C: Peer> Link<C> {
    fn moves(&mut self, id: ConnectionId, broker: &mut Broker, now: Instant) -> bool {
        let sent = self.goes_up(id, broker, now);
        let received = self.comes_down(id, broker, now);
        self.ends(id, broker, now) || sent || received
    }

    /// A connection that is not read keeps its bytes to itself, so that its client sees them pile up.
    fn goes_up(&mut self, id: ConnectionId, broker: &mut Broker, now: Instant) -> bool {
        if !broker.reads(id) {
            return false;
        }
        let before = self.to_broker.len();
        self.client.send(&mut self.to_broker, now);
        if self.to_broker.len() == before && !self.is_held {
            return false;
        }
        broker.receive(id, &mut self.to_broker, now);
        self.is_held = !broker.reads(id);
        true
    }

    fn comes_down(&mut self, id: ConnectionId, broker: &mut Broker, now: Instant) -> bool {
        let Some(output) = broker.outgoing(id).filter(|output| output.has_remaining()) else {
            return false;
        };
        self.to_client.put(output);
        self.client.receive(&mut self.to_client, now);
        true
    }

    fn ends(&mut self, id: ConnectionId, broker: &mut Broker, now: Instant) -> bool {
        if broker.is_finished(id) {
            let ending = broker.ending(id);
            self.client.transport_ended(ending, now);
        } else if !self.client.is_finished() {
            return false;
        }
        self.is_up = false;
        broker.transport_ended(id, now);
        true
    }
}
