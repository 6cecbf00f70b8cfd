//! What holds in every version.

mod bodies;
mod calls;
mod connections;
mod consumers;
mod events;
mod handles;
mod messages;
mod pipeline;
mod pressure;
mod refusals;
mod routing;
mod strangers;
mod tables;
mod transports;

use std::time::{Duration, Instant};

use pika::config::Config;
use pika::wire::ShortStr;

use super::{amqp, last_property};
use crate::support::{self, SOON, eventually, unique};
use amqp::{basic, exchange, queue};

pub(super) type Connection = pika::blocking::Connection<amqp::Version>;
pub(super) type Channel = pika::blocking::Channel<amqp::Version>;
pub(super) type Delivery = pika::blocking::Delivery<amqp::Version>;

/// A connection as `guest`.
pub(super) fn connect() -> Connection {
    connect_with(support::config())
}

pub(super) fn connect_with(config: Config) -> Connection {
    Connection::open_as(config).unwrap()
}

/// A connection with a channel and a queue that ends with it.
pub(super) struct Desk {
    pub(super) connection: Connection,
    pub(super) channel: Channel,
    pub(super) queue: ShortStr,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self::on(connect())
    }

    pub(super) fn on(connection: Connection) -> Self {
        let channel = connection.channel().unwrap();
        let queue = temporary_queue(&channel);
        Self {
            connection,
            channel,
            queue,
        }
    }

    /// Publishes to the queue.
    pub(super) fn publish(&self, body: &'static str) {
        self.channel.publish("", &self.queue, body).unwrap();
    }

    /// Fetches a message; it has to be there already.
    pub(super) fn get(&self) -> Option<Delivery> {
        self.channel.get(basic::Get::new(&self.queue)).unwrap()
    }

    /// Fetches a message that is still on its way.
    pub(super) fn get_soon(&self) -> Delivery {
        eventually("a message", || self.get())
    }

    /// Waits until the queue has so many messages and consumers: messages on their way into a queue
    /// are overtaken by questions about it.
    #[track_caller]
    pub(super) fn settles_at(&self, messages: u32, consumers: u32) {
        let mut found = self.count();
        let deadline = Instant::now() + SOON;
        while found != (messages, consumers) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
            found = self.count();
        }
        assert_eq!(found, (messages, consumers));
    }

    /// Waits until all messages of the queue are with its consumer in this program.
    #[track_caller]
    pub(super) fn all_delivered(&self) {
        self.settles_at(0, 1);
        // What the queue sent before it said so has reached the channel, but only now us.
        self.count();
    }

    /// Messages and consumers of the queue.
    pub(super) fn count(&self) -> (u32, u32) {
        let found = look(&self.channel, &self.queue).unwrap();
        (found.message_count, found.consumer_count)
    }
}

/// Declares a queue that this connection alone uses and that ends with it.
pub(super) fn temporary_queue(channel: &Channel) -> ShortStr {
    let name = unique("queue");
    let declare = queue::Declare::new(&name).exclusive(true);
    let declared = channel.queue_declare(declare).unwrap();
    assert_eq!(declared, queue::DeclareOk::new(&name, 0, 0));
    name
}

/// Declares an exchange that ends when its last binding is gone.
pub(super) fn temporary_exchange(channel: &Channel, kind: &'static str) -> ShortStr {
    let name = unique(kind);
    let declare = exchange::Declare::new(&name, kind).auto_delete(true);
    channel.exchange_declare(declare).unwrap();
    name
}

/// Looks whether a queue is there.
pub(super) fn look(channel: &Channel, queue: &ShortStr) -> pika::Result<queue::DeclareOk> {
    channel.queue_declare(queue::Declare::new(queue).passive(true))
}

/// Runs handlers and timers until something is so.
pub(super) fn serve_until(
    events: &pika::blocking::EventLoop<amqp::Version>,
    mut done: impl FnMut() -> bool,
) {
    eventually("an event", || {
        events.process_events(Duration::from_millis(5)).unwrap();
        done().then_some(())
    });
}

/// The next message of a consumer.
pub(super) fn next(consumer: &mut pika::blocking::Consumer<amqp::Version>) -> Delivery {
    consumer.next_within(SOON).unwrap().unwrap()
}
