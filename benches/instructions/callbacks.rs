//! The same jobs with completions and handlers, over a transport in memory.

use std::cell::RefCell;
use std::hint::black_box;
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::time::Duration;

use pika::bytes::{Buf, BytesMut};
use pika::callbacks::{Channel, Connection, Ready, Transport};
use pika::config::{Config, Heartbeat};
use pika::frame;
use pika::method::Args;
use pika::v0_9_1::{basic, channel, connection, queue};
use pika::wire::ChannelId;

use super::{BATCH, messages};

/// What the server says, to be read; what is written goes nowhere.
#[derive(Clone, Debug, Default)]
struct Wire(Rc<RefCell<BytesMut>>);

impl Transport for Wire {
    fn read(&mut self, space: &mut [u8], _wait: Option<Duration>) -> io::Result<usize> {
        let mut said = self.0.borrow_mut();
        let count = said.len().min(space.len());
        if count == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        said.copy_to_slice(space.get_mut(..count).unwrap_or_default());
        Ok(count)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], _wait: Option<Duration>) -> io::Result<usize> {
        Ok(black_box(pieces).iter().map(|piece| piece.len()).sum())
    }

    fn shut_down(&mut self) {}
}

impl Wire {
    fn says<M: Args>(&self, channel: ChannelId, method: &M) {
        frame::put_method(&mut *self.0.borrow_mut(), channel, method);
    }
}

struct World {
    wire: Wire,
    connection: Connection,
    channel: Channel,
}

pub(super) fn run(job: &str, count: u64) {
    let world = World::open();
    match job {
        "callbacks-consume" => world.consume(count, false),
        "callbacks-ack" => world.consume(count, true),
        _ => (0..count).for_each(|_| world.call()),
    }
}

impl World {
    fn open() -> Self {
        let wire = Wire::default();
        let config = Config::new().heartbeat(Heartbeat::Off);
        let connection = Connection::over_transport(wire.clone(), config);
        let place = ChannelId::CONNECTION;
        wire.says(place, &connection::Start::new(0, 9, "PLAIN", "en_US"));
        wire.says(place, &connection::Tune::new(2047, 131_072, 0));
        wire.says(place, &connection::OpenOk::new());
        let opened = Rc::new(RefCell::new(None));
        let place = opened.clone();
        connection.open_channel().then(move |channel| {
            *place.borrow_mut() = Some(channel.unwrap());
        });
        turn(&connection);
        wire.says(ChannelId(1), &channel::OpenOk::new());
        turn(&connection);
        let channel = opened.take().unwrap();
        Self {
            wire,
            connection,
            channel,
        }
    }

    /// A batch of messages with each read, every one of them for one handler.
    fn consume(&self, count: u64, acks: bool) {
        let consume = basic::Consume::new("queue").consumer_tag("tag");
        let consume = consume.no_ack(!acks);
        drop(self.channel.consume(consume, move |delivery| {
            black_box(delivery.body());
            if acks {
                delivery.ack().unwrap();
            }
        }));
        self.wire.says(ChannelId(1), &basic::ConsumeOk::new("tag"));
        let messages = messages();
        for _ in 0..count.div_ceil(BATCH) {
            self.wire.0.borrow_mut().extend_from_slice(&messages);
            turn(&self.connection);
        }
    }

    /// One call, its reply and its completion.
    fn call(&self) {
        let declare = queue::Declare::new("queue").passive(true);
        self.channel.queue_declare(declare).then(|declared| {
            black_box(declared.unwrap());
        });
        turn(&self.connection);
        let declared = queue::DeclareOk::new("queue", 1, 2);
        self.wire.says(ChannelId(1), &declared);
        turn(&self.connection);
    }
}

fn turn(connection: &Connection) {
    connection.on_ready(Ready::BOTH).unwrap();
}
