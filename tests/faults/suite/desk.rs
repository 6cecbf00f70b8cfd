//! What the tests through the adapters begin with.

use std::rc::Rc;
use std::time::{Duration, Instant};

use pika::broker::{ConnectionId, Plan, QueueState, Server};
use pika::bytes::Bytes;
use pika::config::{Config, Heartbeat};
use pika::wire::ShortStr;

use super::amqp::{Methods as _, Version};
use super::{basic, queue};
use crate::styles::{self, Message, Style};

/// A broker, and a connection with a channel and the queue `q`.
pub(crate) struct Desk<S: Style> {
    pub(crate) channel: styles::Channel<S, Version>,
    pub(crate) connection: styles::Connection<S, Version>,
    pub(crate) server: Server,
}

impl<S: Style> Desk<S> {
    pub(crate) fn new() -> Self {
        Self::with(|config| config)
    }

    pub(crate) fn with(change: impl FnOnce(Config) -> Config) -> Self {
        let server = Server::bind("127.0.0.1:0").unwrap();
        let config = change(patient(&server));
        let style = Rc::new(S::new());
        let connection = styles::Connection::open(&style, config).unwrap();
        let channel = connection.channel().unwrap();
        let desk = Self {
            channel,
            connection,
            server,
        };
        desk.declare("q");
        desk
    }

    pub(crate) fn declare(&self, name: &'static str) {
        self.channel
            .queue_declare(queue::Declare::new(name))
            .unwrap();
    }

    pub(crate) fn publish(&self, queue: &'static str, count: usize) {
        for _ in 0..count {
            self.channel.publish(message(queue)).unwrap();
        }
    }

    pub(crate) fn queue(&self, name: &str) -> QueueState {
        queue_of(&self.server, name).expect("the queue exists")
    }

    /// Serves the connection until a queue is as it should be.
    #[track_caller]
    pub(crate) fn until(&self, queue: &str, is_right: impl Fn(&QueueState) -> bool) {
        let end = Instant::now() + Duration::from_secs(2);
        while !is_right(&self.queue(queue)) {
            assert!(Instant::now() < end, "found {:?}", self.queue(queue));
            self.connection.idle(ms(1));
        }
    }

    /// Lets the broker misbehave on the connection from now on.
    pub(crate) fn plan(&self, plan: Plan) {
        self.server.with(|broker| {
            let id = first(broker);
            broker.faults().on(id, plan);
        });
    }
}

/// The deadline of calls in tests that let one time out.
pub(crate) const SHORT: Duration = ms(300);

/// No heartbeats, and deadlines that a test never meets by chance.
pub(crate) fn patient(server: &Server) -> Config {
    let long = Duration::from_secs(10);
    Config::from_uri(&server.url())
        .unwrap()
        .heartbeat(Heartbeat::Off)
        .rpc_timeout(long)
        .close_timeout(long)
        .blocked_timeout(long)
}

pub(crate) fn first(broker: &pika::broker::Broker) -> ConnectionId {
    broker.connections().next().unwrap()
}

pub(crate) fn queue_of(server: &Server, name: &str) -> Option<QueueState> {
    server.with(|broker| broker.queue("/", name))
}

pub(crate) fn message(queue: &'static str) -> Message<Version> {
    Message {
        publish: basic::Publish::new("", queue),
        properties: basic::Properties::new(),
        body: Bytes::from_static(b"body"),
    }
}

pub(crate) fn tagged(queue: &'static str, tag: impl Into<ShortStr>) -> basic::Consume {
    basic::Consume::new(queue).consumer_tag(tag)
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
