//! The jobs. `amqp` is the version that they are compiled for.

mod channels;
mod consumers;
mod messages;
mod opening;
mod queues;

use std::process;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use pika::bytes::Bytes;
use pika::config::Config;
use pika::delivery::Delivery;
use pika::method::Spec as _;
use pika::wire::ShortStr;

use super::amqp::{Methods as _, Version, basic, queue};
use crate::brokers::Broker;
use crate::styles::{self, SOON, Style};

pub(super) type Connection<S> = styles::Connection<S, Version>;
pub(super) type Channel<S> = styles::Channel<S, Version>;
type Consumer<S> = styles::Consumer<S, Version>;
pub(super) type Message = styles::Message<Version>;

/// A connection with a channel and a queue that ends with it.
pub(super) struct Desk<S: Style> {
    pub(super) queue: ShortStr,
    pub(super) channel: Channel<S>,
    pub(super) connection: Connection<S>,
    style: Rc<S>,
    config: Config,
}

impl<S: Style> Desk<S> {
    pub(super) fn new(broker: &Broker) -> Self {
        Self::with(broker.config())
    }

    fn with(config: Config) -> Self {
        let style = Rc::new(S::new());
        let connection = Connection::open(&style, config.clone()).unwrap();
        let channel = connection.channel().unwrap();
        let queue = unique("queue");
        let declare = queue::Declare::new(&queue).exclusive(true);
        channel.queue_declare(declare).unwrap();
        Self {
            queue,
            channel,
            connection,
            style,
            config,
        }
    }

    /// Another connection beside this one.
    fn connect(&self) -> Connection<S> {
        Connection::open(&self.style, self.config.clone()).unwrap()
    }

    /// A message to the queue.
    pub(super) fn message(&self, body: impl Into<Bytes>) -> Message {
        message(&ShortStr::EMPTY, &self.queue, body)
    }

    /// Publishes to the queue.
    pub(super) fn publish(&self, body: impl Into<Bytes>) {
        self.channel.publish(self.message(body)).unwrap();
    }

    /// Fetches a message that is still on its way.
    fn fetch(&self) -> Delivery<S::Settling<Version>> {
        eventually("a message", || {
            self.channel.get(basic::Get::new(&self.queue)).unwrap()
        })
    }

    /// Consumes from the queue.
    pub(super) fn consume(&self) -> Consumer<S> {
        let consume = basic::Consume::new(&self.queue);
        self.channel.consume(consume).unwrap()
    }

    /// Waits until so many messages are ready in the queue.
    #[track_caller]
    pub(super) fn settles_at(&self, messages: u32) {
        settles_at(&self.channel, &self.queue, messages);
    }
}

/// A message without properties.
pub(super) fn message(
    exchange: &ShortStr,
    key: impl Into<ShortStr>,
    body: impl Into<Bytes>,
) -> Message {
    Message {
        publish: basic::Publish::new(exchange, key),
        properties: basic::Properties::new(),
        body: body.into(),
    }
}

/// A name that no other test uses, in this program or another one that runs at the same time.
pub(super) fn unique(what: &str) -> ShortStr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (version, process) = (Version::NAME, process::id());
    ShortStr::new(format!("pika-{version}-{what}-{process}-{number}")).unwrap()
}

/// Looks whether a queue is there.
fn look<S: Style>(channel: &Channel<S>, queue: &ShortStr) -> pika::Result<queue::DeclareOk> {
    channel.queue_declare(queue::Declare::new(queue).passive(true))
}

/// Waits until so many messages are ready in a queue: messages on their way into it are overtaken
/// by questions about it.
#[track_caller]
pub(super) fn settles_at<S: Style>(channel: &Channel<S>, queue: &ShortStr, messages: u32) {
    let deadline = Instant::now() + SOON;
    loop {
        let found = look(channel, queue).unwrap().message_count;
        if found == messages {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{found} messages, not {messages}"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Asks again and again until there is an answer.
#[track_caller]
fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + SOON;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
