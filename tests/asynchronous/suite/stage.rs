//! What tests begin with.

use std::sync::Arc;
use std::time::Duration;

use pika::Error;
use pika::asynchronous;
use pika::config::{Config, Heartbeat};
use pika::error::Closed;
use pika::wire::{ChannelId, ShortStr};

use super::amqp::{Version, basic, queue};
use crate::flavour::{Flavour, sleep, within};
use crate::hosted::Hosted;

pub(crate) type Connection<F> = asynchronous::Connection<<F as Flavour>::Runtime, Version>;
pub(crate) type Channel = asynchronous::Channel<Version>;
pub(crate) type Consumer = asynchronous::Consumer<Version>;
pub(crate) type Delivery = asynchronous::Delivery<Version>;

/// No heartbeats, and deadlines that are never met by chance.
pub(crate) fn patient() -> Config {
    let long = Duration::from_secs(20);
    Config::new()
        .heartbeat(Heartbeat::Off)
        .handshake_timeout(long)
        .rpc_timeout(long)
        .close_timeout(long)
        .blocked_timeout(long)
}

/// A broker, a connection to it, and two channels: number 1 for the test to play with, and number 2
/// to look after things with.
pub(crate) struct Stage<F: Flavour> {
    pub(crate) hosted: Hosted,
    pub(crate) connection: Connection<F>,
    pub(crate) channel: Channel,
    pub(crate) side: Channel,
}

impl<F: Flavour> Stage<F> {
    pub(crate) async fn new() -> Self {
        Self::with(patient()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self::on(Hosted::new::<F>(), config).await
    }

    pub(crate) async fn on(hosted: Hosted, config: Config) -> Self {
        let connection = F::over(hosted.wire(), config).await.unwrap();
        Self::play(hosted, connection).await
    }

    pub(crate) async fn play(hosted: Hosted, connection: Connection<F>) -> Self {
        let channel = connection.channel().await.unwrap();
        let side = connection.channel().await.unwrap();
        channel
            .queue_declare(queue::Declare::new("q"))
            .await
            .unwrap();
        Self {
            hosted,
            connection,
            channel,
            side,
        }
    }

    /// Waits until the client has dealt with everything that the broker has said so far: a reply to
    /// a new call comes behind it.
    pub(crate) async fn settled(&self) {
        self.side.basic_qos(basic::Qos::new(0)).await.unwrap();
    }

    /// Publishes numbered messages to the queue `q`, and waits until they are there.
    pub(crate) async fn fill(&self, count: usize) {
        let before = self.hosted.queue("q");
        for number in 0..count {
            let body = number.to_string();
            self.side.publish("", "q", body.as_bytes()).await.unwrap();
        }
        let all = before.ready + before.unacked + count;
        let full = |hosted: &Hosted| {
            let queue = hosted.queue("q");
            queue.ready + queue.unacked >= all
        };
        self.hosted.until(full).await;
    }

    /// Waits until the queue `q` has so many messages for takers, taken ones, and consumers.
    pub(crate) async fn settles_at(&self, ready: usize, unacked: usize, consumers: usize) {
        let found = || queue_of(&self.hosted);
        let expected = (ready, unacked, consumers);
        let settled = self.hosted.until(|hosted| queue_of(hosted) == expected);
        if soon::<F, _>(settled).await.is_none() {
            panic!("expected {expected:?}, found {:?}", found());
        }
    }

    /// Stops content on the first channel or lets it go on; waits until the client knows.
    pub(crate) async fn flow(&self, active: bool) {
        let before = self.hosted.heard("channel.flow-ok");
        self.hosted.faults(|faults, id| {
            faults.flow(id, ChannelId(1), active);
        });
        self.hosted.hears("channel.flow-ok", before + 1).await;
        self.settled().await;
    }
}

/// Messages for takers, taken ones, and consumers of the queue `q`.
pub(crate) fn queue_of(hosted: &Hosted) -> (usize, usize, usize) {
    let queue = hosted.queue("q");
    (queue.ready, queue.unacked, queue.consumers)
}

/// What a future gives, if it does so in a few seconds.
pub(crate) async fn soon<F: Flavour, T>(future: impl Future<Output = T>) -> Option<T> {
    within::<F, _>(Duration::from_secs(10), future).await
}

/// A consumer of the queue `q`.
pub(crate) fn consume() -> basic::Consume {
    basic::Consume::new("q")
}

pub(crate) fn get() -> basic::Get {
    basic::Get::new("q")
}

/// A call that the broker answers at once.
pub(crate) fn declare() -> queue::Declare {
    queue::Declare::new("q")
}

pub(crate) fn text(body: &Delivery) -> ShortStr {
    ShortStr::new(std::str::from_utf8(body.body()).unwrap()).unwrap()
}

/// Why something is closed.
#[track_caller]
pub(crate) fn reason<T>(result: pika::Result<T>) -> Arc<Closed> {
    match result {
        Err(Error::Closed(closed) | Error::Protocol(closed)) => closed,
        Err(other) => panic!("expected a reason, found {other:?}"),
        Ok(_) => panic!("expected a reason, found none"),
    }
}

/// A message of the queue `q` that is still on its way.
pub(crate) async fn get_soon<F: Flavour>(channel: &Channel) -> Delivery {
    for _ in 0..1_000 {
        if let Some(fetched) = channel.get(get()).await.unwrap() {
            return fetched;
        }
        sleep::<F>(Duration::from_millis(1)).await;
    }
    panic!("no message came");
}
