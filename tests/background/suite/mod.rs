//! What holds in both versions.

use std::time::Duration;

use pika::config::Config;

use super::amqp::{Version, basic, queue};
use super::way;
#[cfg(target_os = "linux")]
use crate::stage::driver_threads;
use crate::stage::{Stage, soon};

mod closing;
mod flow;
mod sharing;
mod waiting;

type Connection = pika::blocking::Connection<Version>;
type Channel = pika::blocking::Channel<Version>;
type Consumer = pika::blocking::Consumer<Version>;

/// Long enough for what has to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Long enough for what comes in time but not at once.
const BRIEFLY: Duration = Duration::from_millis(30);

fn open<G>(stage: &Stage<G>) -> Connection {
    way::open_as(stage.url()).unwrap()
}

fn config<G>(stage: &Stage<G>) -> Config {
    stage.url().as_str().try_into().unwrap()
}

/// A channel, and a queue that goes with the connection.
fn channel_and_queue(connection: &Connection) -> (Channel, pika::wire::ShortStr) {
    let channel = connection.channel().unwrap();
    let declare = queue::Declare::new("").exclusive(true);
    let queue = channel.queue_declare(declare).unwrap().queue;
    (channel, queue)
}

fn consume(channel: &Channel, queue: &pika::wire::ShortStr) -> Consumer {
    channel.consume(basic::Consume::new(queue.clone())).unwrap()
}
