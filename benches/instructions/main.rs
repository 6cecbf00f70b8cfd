//! One job of the connection core, or of a face over it, many times over, for counting instructions.
//!
//! `benches/instructions/check` runs it under callgrind with two counts and divides the difference,
//! so that what happens once does not count.
//!
//! ```text
//! cargo bench --bench instructions -- publish 1000
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench may panic, and its helpers with it"
)]

mod callbacks;

use std::hint::black_box;
use std::time::Instant;

use pika::bytes::{Buf, BytesMut};
use pika::config::{Config, Heartbeat};
use pika::connection::{ChannelKey, Connection, ConsumerId, Event};
use pika::frame;
use pika::method::{Args, ContentArgs};
use pika::v0_9_1::{V0_9_1, basic, channel, confirm, connection};
use pika::wire::ChannelId;

/// Messages that come with one read, or are written with one write.
const BATCH: u64 = 500;

const JOBS: [&str; 7] = [
    "publish",
    "deliver",
    "ack",
    "confirm",
    "callbacks-consume",
    "callbacks-ack",
    "callbacks-call",
];

const BODY: [u8; 100] = [b'x'; 100];

struct World {
    client: Connection<V0_9_1>,
    channel: ChannelKey,
    /// What the server says next.
    said: BytesMut,
    now: Instant,
}

fn main() {
    // Cargo adds `--bench`.
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let [job, count, ..] = words[..] else {
        // All benches are run together: then this one only shows that it works.
        for job in JOBS {
            run(job, BATCH);
        }
        return;
    };
    run(job, count.parse().unwrap_or(BATCH));
}

fn run(job: &str, count: u64) {
    if job.starts_with("callbacks") {
        return callbacks::run(job, count);
    }
    let mut world = World::open();
    let batches = count.div_ceil(BATCH);
    match job {
        "publish" => (0..batches).for_each(|_| world.publish()),
        "deliver" => {
            let (consumer, messages) = (world.consume(true), messages());
            (0..batches).for_each(|_| world.deliver(consumer, &messages));
        }
        "ack" => {
            let (consumer, messages) = (world.consume(false), messages());
            (0..batches).for_each(|_| world.deliver(consumer, &messages));
        }
        "confirm" => {
            world.select();
            (0..batches).for_each(|batch| world.confirm(batch));
        }
        other => eprintln!("expected one of {}, found {other}", JOBS.join(", ")),
    }
}

/// A batch of deliveries, as the server sends them.
fn messages() -> BytesMut {
    let mut messages = BytesMut::new();
    let properties = <basic::Publish as ContentArgs>::Properties::new();
    for number in 1..=BATCH {
        let deliver = basic::Deliver::new("tag", number, "", "queue");
        let content = (&deliver, &properties, &BODY[..]);
        frame::put_content(&mut messages, ChannelId(1), content, 131_072);
    }
    messages
}

impl World {
    /// A connection with one channel, both open.
    fn open() -> Self {
        let now = Instant::now();
        let config = Config::new().heartbeat(Heartbeat::Off);
        let mut client = Connection::new(config, now);
        client.set_identity(1);
        let mut said = BytesMut::new();
        let start = connection::Start::new(0, 9, "PLAIN", "en_US");
        frame::put_method(&mut said, ChannelId::CONNECTION, &start);
        let tune = connection::Tune::new(2047, 131_072, 0);
        frame::put_method(&mut said, ChannelId::CONNECTION, &tune);
        let opened = connection::OpenOk::new();
        frame::put_method(&mut said, ChannelId::CONNECTION, &opened);
        client.receive(&mut said, now);
        let (channel, _) = client.open_channel(now).unwrap();
        let mut world = Self {
            client,
            channel,
            said,
            now,
        };
        world.says(&channel::OpenOk::new());
        world.turn();
        world
    }

    fn says<M: Args>(&mut self, method: &M) {
        frame::put_method(&mut self.said, ChannelId(1), method);
    }

    /// Everything is read, heard and written.
    fn turn(&mut self) {
        self.client.receive(&mut self.said, self.now);
        while let Some(event) = self.client.poll_event() {
            if let Event::ChannelClosed { reason, .. } = &event {
                panic!("{reason}");
            }
            black_box(&event);
        }
        let output = self.client.outgoing(self.now);
        let len = output.remaining();
        black_box(output.chunk());
        output.advance(len);
    }

    fn publish(&mut self) {
        let publish = basic::Publish::new("", "queue");
        let properties = <basic::Publish as ContentArgs>::Properties::new();
        let mut channel = self.client.channel(self.channel).unwrap();
        for _ in 0..BATCH {
            channel.publish(&publish, &properties, &BODY).unwrap();
        }
        self.turn();
    }

    fn select(&mut self) {
        let mut channel = self.client.channel(self.channel).unwrap();
        channel.call(confirm::Select::new(), self.now).unwrap();
        self.says(&confirm::SelectOk::new());
        self.turn();
    }

    fn confirm(&mut self, batch: u64) {
        self.publish();
        for number in 1..=BATCH {
            self.says(&basic::Ack::new(batch * BATCH + number));
        }
        self.turn();
    }

    /// Begins a consumer; gives whether its messages have to be acknowledged.
    fn consume(&mut self, no_ack: bool) -> (ConsumerId, bool) {
        let mut channel = self.client.channel(self.channel).unwrap();
        let consume = basic::Consume::new("queue")
            .consumer_tag("tag")
            .no_ack(no_ack);
        let (consumer, _) = channel.consume(consume, self.now).unwrap();
        self.says(&basic::ConsumeOk::new("tag"));
        self.turn();
        (consumer, !no_ack)
    }

    fn deliver(&mut self, (consumer, acks): (ConsumerId, bool), messages: &[u8]) {
        self.said.extend_from_slice(messages);
        self.client.receive(&mut self.said, self.now);
        while let Some(event) = self.client.poll_event() {
            let Event::Deliveries { consumer: to, .. } = event else {
                continue;
            };
            assert!(to == consumer, "it is for the only consumer");
            while let Some(delivery) = self.client.next_delivery() {
                black_box(delivery.content().body());
                if acks {
                    let mut channel = self.client.channel(self.channel).unwrap();
                    channel.ack(delivery.into_token(), false).unwrap();
                }
            }
        }
        self.turn();
    }
}
