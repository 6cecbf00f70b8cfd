//! Handlers and completions run in the order of the frames, whatever those are and however they come.
//!
//! A script at random is written down twice: as frames, and as what a program has to be told. The
//! frames are read in pieces at random, and what was told is compared.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::time::Duration;

use pika::bytes::{Buf, BytesMut};
use pika::callbacks::{self, Channel, Connection, Ready, Transport};
use pika::config::{Config, Heartbeat};
use pika::frame;
use pika::method::Args;
use pika::v0_9_1::{V0_9_1, basic, channel, confirm, connection, queue};
use pika::wire::{ChannelId, ReplyCode};

use super::kit::Log;

type Confirming = callbacks::ConfirmingChannel<V0_9_1>;

/// What a program was told: by whom, and a number.
type Told = (&'static str, u64);

/// A generator of numbers that looks random enough and is the same in each run.
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// What the server says and was not read, and how much comes with a read.
#[derive(Clone)]
struct Wire(Rc<RefCell<(BytesMut, Dice)>>);

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl Transport for Wire {
    fn read(&mut self, space: &mut [u8], _: Option<Duration>) -> io::Result<usize> {
        let (said, dice) = &mut *self.0.borrow_mut();
        if said.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let piece = [1, 7, 40, 400, 4000][dice.roll(5) as usize];
        let count = said.len().min(space.len()).min(piece);
        said.copy_to_slice(&mut space[..count]);
        Ok(count)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], _: Option<Duration>) -> io::Result<usize> {
        Ok(pieces.iter().map(|piece| piece.len()).sum())
    }

    fn shut_down(&mut self) {}
}

impl Wire {
    fn says<M: Args>(&self, channel: ChannelId, method: &M) {
        frame::put_method(&mut self.0.borrow_mut().0, channel, method);
    }
}

const PLAIN: ChannelId = ChannelId(1);
const SECOND: ChannelId = ChannelId(2);

/// A connection, its two channels, and three consumers; what is expected and what was told.
struct World {
    wire: Wire,
    dice: Dice,
    connection: Connection<V0_9_1>,
    plain: Channel<V0_9_1>,
    second: Confirming,
    told: Log<Told>,
    expected: Vec<Told>,
    /// Consumers that were not cancelled.
    live: BTreeSet<usize>,
    /// Calls that were not answered, by channel.
    calls: [VecDeque<u64>; 2],
    /// Publishes that were not confirmed.
    open: BTreeSet<u64>,
    /// Numbers of what is told, and of deliveries on each channel.
    next: u64,
    tags: [u64; 2],
    flow: bool,
}

/// Its name, its tag, and its channel.
const CONSUMERS: [(&str, &str, ChannelId); 3] = [
    ("first", "a", PLAIN),
    ("second", "b", PLAIN),
    ("third", "c", SECOND),
];

impl World {
    fn new(seed: u64) -> Self {
        let dice = Dice(seed * 2 + 1);
        let wire = Wire(Rc::new(RefCell::new((BytesMut::new(), dice.clone()))));
        let config = Config::new().heartbeat(Heartbeat::Off);
        let connection = Connection::over_transport(wire.clone(), config);
        let place = ChannelId::CONNECTION;
        wire.says(place, &connection::Start::new(0, 9, "PLAIN", "en_US"));
        wire.says(place, &connection::Tune::new(2047, 131_072, 0));
        wire.says(place, &connection::OpenOk::new());
        serve(&connection);
        let opened = Log::new();
        for number in [PLAIN, SECOND] {
            let noting = opened.clone();
            let then = connection.open_channel();
            then.then(move |channel: pika::Result<_>| noting.note(channel.unwrap()));
            wire.says(number, &channel::OpenOk::new());
        }
        serve(&connection);
        let [plain, second]: [Channel<V0_9_1>; 2] = opened.take().try_into().unwrap();
        let confirming = Log::new();
        let noting = confirming.clone();
        let then = second.confirming();
        then.then(move |channel: pika::Result<Confirming>| noting.note(channel.unwrap()));
        wire.says(SECOND, &confirm::SelectOk::new());
        serve(&connection);
        let mut world = Self {
            wire,
            dice,
            connection,
            plain,
            second: confirming.take().remove(0),
            told: Log::new(),
            expected: Vec::new(),
            live: (0..3).collect(),
            calls: Default::default(),
            open: BTreeSet::new(),
            next: 0,
            tags: [0; 2],
            flow: true,
        };
        world.listen();
        serve(&world.connection);
        assert_eq!(world.told.take(), [("flow", 1)], "as it is at first");
        world
    }

    fn channel(&self, id: ChannelId) -> &Channel<V0_9_1> {
        match id == PLAIN {
            true => &self.plain,
            false => self.second.channel(),
        }
    }

    fn listen(&mut self) {
        for (name, tag, id) in CONSUMERS {
            let told = self.told.clone();
            let consume = basic::Consume::new("q").consumer_tag(tag);
            drop(self.channel(id).consume(consume, move |delivery| {
                told.note((name, number(delivery.body())));
                delivery.ack()
            }));
            self.wire.says(id, &basic::ConsumeOk::new(tag));
        }
        for channel in [&self.plain, self.second.channel()] {
            let told = self.told.clone();
            channel.on_returned(move |_, message| {
                told.note(("returned", number(message.content.body())));
            });
            let told = self.told.clone();
            channel.on_cancelled(move |_, tag| {
                told.note(("cancelled", u64::from(tag.as_bytes()[0])));
            });
        }
        let told = self.told.clone();
        self.plain
            .on_flow(move |_, active| told.note(("flow", active.into())));
        let told = self.told.clone();
        self.second.on_confirmed(move |_, confirmed| {
            for seq in confirmed.publishes() {
                told.note(("on_confirmed", seq.0));
            }
        });
    }

    /// A message with a number as its body.
    fn send<M: pika::method::ContentArgs<Properties = basic::Properties>>(
        &mut self,
        channel: ChannelId,
        method: &M,
    ) -> u64 {
        self.next += 1;
        let body = self.next.to_string();
        let properties = basic::Properties::new();
        let content = (method, &properties, body.as_bytes());
        frame::put_content(&mut self.wire.0.borrow_mut().0, channel, content, 131_072);
        self.next
    }

    /// Something happens.
    fn act(&mut self) {
        match self.dice.roll(8) {
            0 | 1 => self.deliver(),
            2 => self.call(),
            3 => self.answer(),
            4 => self.publish(),
            5 => self.confirm(),
            6 => {
                let back = basic::Return::new(ReplyCode::NO_ROUTE, "no", "", "q");
                let number = self.send(PLAIN, &back);
                self.expected.push(("returned", number));
            }
            _ => self.rare(),
        }
        if self.dice.roll(6) == 0 {
            self.turn();
        }
    }

    /// One turn, so that what is read next meets what was left.
    fn turn(&self) {
        self.connection.on_ready(Ready::BOTH).unwrap();
    }

    fn deliver(&mut self) {
        let which = self.dice.roll(3) as usize;
        let (name, tag, channel) = CONSUMERS[which];
        if !self.live.contains(&which) {
            return;
        }
        for _ in 0..=self.dice.roll(4) {
            let tags = &mut self.tags[usize::from(channel.0) - 1];
            *tags += 1;
            let deliver = basic::Deliver::new(tag, *tags, "", "q");
            let number = self.send(channel, &deliver);
            self.expected.push((name, number));
        }
    }

    fn call(&mut self) {
        self.next += 1;
        let (number, at) = (self.next, self.dice.roll(2) as usize);
        let told = self.told.clone();
        let channel = self.channel(ChannelId(at as u16 + 1));
        let then = channel.queue_declare(queue::Declare::new("q").passive(true));
        then.then(move |declared| {
            assert_eq!(u64::from(declared.unwrap().message_count), number);
            told.note(("reply", number));
        });
        self.calls[at].push_back(number);
    }

    fn answer(&mut self) {
        let at = self.dice.roll(2) as usize;
        if let Some(number) = self.calls[at].pop_front() {
            let declared = queue::DeclareOk::new("q", number as u32, 0);
            self.wire.says(ChannelId(at as u16 + 1), &declared);
            self.expected.push(("reply", number));
        }
    }

    fn publish(&mut self) {
        let seq = self.second.next_publish().unwrap().0;
        let told = self.told.clone();
        let then = self.second.publish("", "q", "body").unwrap();
        then.then(move |outcome| {
            assert!(outcome.unwrap().is_acked());
            told.note(("confirm", seq));
        });
        self.open.insert(seq);
    }

    /// The server confirms one, or all up to one.
    fn confirm(&mut self) {
        let all: Vec<_> = self.open.iter().copied().collect();
        if all.is_empty() {
            return;
        }
        let last = all[self.dice.roll(all.len() as u64) as usize];
        let multiple = self.dice.roll(2) == 0;
        self.wire
            .says(SECOND, &basic::Ack::new(last).multiple(multiple));
        let first = if multiple { 0 } else { last };
        let confirmed: Vec<_> = self.open.range(first..=last).copied().collect();
        // Neighbours are told of together: each to whom it belongs, then all to the handler.
        for run in confirmed.chunk_by(|one, next| one + 1 == *next) {
            self.expected
                .extend(run.iter().map(|seq| ("confirm", *seq)));
            self.expected
                .extend(run.iter().map(|seq| ("on_confirmed", *seq)));
        }
        self.open.retain(|seq| !confirmed.contains(seq));
    }

    fn rare(&mut self) {
        match self.dice.roll(4) {
            0 => {
                let which = self.dice.roll(3) as usize;
                let (_, tag, channel) = CONSUMERS[which];
                if self.live.remove(&which) {
                    self.wire.says(channel, &basic::Cancel::new(tag));
                    self.expected.push(("cancelled", tag.as_bytes()[0].into()));
                }
            }
            _ => {
                self.flow = !self.flow;
                self.wire
                    .says(PLAIN, &channel::Flow::new().active(self.flow));
                self.expected.push(("flow", self.flow.into()));
            }
        }
    }
}

fn number(body: &[u8]) -> u64 {
    std::str::from_utf8(body).unwrap().parse().unwrap()
}

/// Serves a connection until it wants nothing now.
fn serve(connection: &Connection<V0_9_1>) {
    loop {
        connection.on_ready(Ready::BOTH).unwrap();
        let due = connection.deadline();
        if due.is_none_or(|at| at > std::time::Instant::now()) {
            return;
        }
    }
}

#[test]
fn handlers_and_completions_run_in_the_order_of_the_frames() {
    let mut seen = 0;
    for seed in 1..=300 {
        let mut world = World::new(seed);
        for _ in 0..100 {
            world.act();
        }
        serve(&world.connection);
        let told = world.told.take();
        let same = told.iter().zip(&world.expected);
        let at = same.take_while(|(told, expected)| told == expected).count();
        assert_eq!(
            told.get(at..),
            world.expected.get(at..),
            "seed {seed}: they differ from number {at} on"
        );
        seen += told.len();
    }
    assert!(seen > 15_000, "{seen} events");
}
