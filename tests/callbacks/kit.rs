//! A connection in a loop, and what tests ask for again and again.

#![allow(dead_code, reason = "not every test program needs all of it")]

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use pika::broker::{ConnectionId, Faults, Server};
use pika::config::Config;
use pika::method::Spec as _;
use pika::wire::ShortStr;

use super::amqp::{Version, queue};

pub(super) type Connection = pika::callbacks::Connection<Version>;
pub(super) type Channel = pika::callbacks::Channel<Version>;
pub(super) type Delivery = pika::callbacks::Delivery<Version>;
pub(super) type Then<R> = pika::callbacks::Then<R, Version>;
pub(super) use pika::callbacks::Loop;

/// How long to wait for what comes in milliseconds when all is well.
pub(super) const SOON: Duration = Duration::from_secs(10);

pub(super) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What handlers noted, in order.
pub(super) struct Log<T>(Rc<RefCell<Vec<T>>>);

impl<T> Log<T> {
    pub(super) fn new() -> Self {
        Self(Rc::default())
    }

    pub(super) fn note(&self, what: T) {
        self.0.borrow_mut().push(what);
    }

    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    pub(super) fn take(&self) -> Vec<T> {
        self.0.take()
    }

    /// How many hold this log.
    pub(super) fn holders(&self) -> usize {
        Rc::strong_count(&self.0)
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A broker, a loop, and an open connection in it.
pub(super) struct Scene {
    pub(super) connection: Connection,
    pub(super) events: Loop,
    pub(super) url: String,
    server: Option<Server>,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::with(|config| config)
    }

    pub(super) fn with(change: impl FnOnce(Config) -> Config) -> Self {
        let (url, server) = crate::broker();
        let config = change(Config::from_uri(&url).unwrap());
        let connection = Connection::connect_as(config).unwrap();
        let events = Loop::new().unwrap();
        events.add(&connection).unwrap();
        let scene = Self {
            connection,
            events,
            url,
            server,
        };
        scene.until("the connection is open", || scene.connection.is_open());
        scene
    }

    /// Another connection in the same loop.
    pub(super) fn connect(&self) -> Connection {
        let connection = Connection::connect_as(&self.url).unwrap();
        self.events.add(&connection).unwrap();
        connection
    }

    /// Serves everything until `done`. Nothing may go wrong.
    pub(super) fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        let deadline = Instant::now() + SOON;
        while !done() {
            assert!(Instant::now() < deadline, "waited in vain: {what}");
            self.events.step(ms(20)).unwrap();
        }
    }

    /// Serves everything for a while. Nothing may go wrong.
    pub(super) fn for_a_while(&self) {
        let end = Instant::now() + ms(50);
        while Instant::now() < end {
            self.events.step(ms(10)).unwrap();
        }
    }

    /// Serves everything until something goes wrong.
    pub(super) fn until_failures(&self) -> Vec<pika::Error> {
        let deadline = Instant::now() + SOON;
        loop {
            assert!(Instant::now() < deadline, "nothing went wrong");
            if let Err(failures) = self.events.step(ms(20)) {
                return failures.into_iter().collect();
            }
        }
    }

    /// Serves everything until the result is there.
    pub(super) fn result<R: 'static>(&self, then: Then<R>) -> pika::Result<R> {
        let log = Log::new();
        let noting = log.clone();
        then.then(move |result| noting.note(result));
        self.until("a result", || log.len() == 1);
        log.take().remove(0)
    }

    pub(super) fn channel(&self) -> Channel {
        self.result(self.connection.open_channel()).unwrap()
    }

    /// A channel and a queue that goes with the connection.
    pub(super) fn channel_and_queue(&self) -> (Channel, ShortStr) {
        let channel = self.channel();
        let queue = self.queue(&channel);
        (channel, queue)
    }

    pub(super) fn queue(&self, channel: &Channel) -> ShortStr {
        let declare = queue::Declare::new("").exclusive(true);
        self.result(channel.queue_declare(declare)).unwrap().queue
    }

    /// Messages that wait in a queue.
    pub(super) fn count(&self, queue: &ShortStr) -> u32 {
        let channel = self.channel();
        let declare = queue::Declare::new(queue).passive(true);
        self.result(channel.queue_declare(declare))
            .unwrap()
            .message_count
    }

    pub(super) fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    /// Lets the broker misbehave on the first connection.
    pub(super) fn faults(&self, act: impl FnOnce(&mut Faults<'_>, ConnectionId)) {
        self.server().with(|broker| {
            let id = broker.connections().next().unwrap();
            act(&mut broker.faults(), id);
        });
    }
}

/// A name that no other test uses, in this program or another one that runs at the same time.
pub(super) fn unique(what: &str) -> ShortStr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (version, process) = (Version::NAME, std::process::id());
    ShortStr::new(format!("pika-{version}-{what}-{process}-{number}")).unwrap()
}
