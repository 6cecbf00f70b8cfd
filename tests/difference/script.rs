use std::env;
use std::fmt::{Debug, Write as _};
use std::thread;
use std::time::Duration;

use pika::broker::Server;
use pika::connection::DeliveryToken;
use pika::error::Result;
use pika::method::Spec as _;
use pika::table;
use pika::wire::{ShortStr, Table};

use super::amqp::{self, basic, exchange, queue, tx};
use crate::Dice;

type Connection = pika::blocking::Connection<amqp::Version>;
type Channel = pika::blocking::Channel<amqp::Version>;

const STEPS: usize = 400;
const SEEDS: [u64; 2] = [1, 20];
const KINDS: [&str; 4] = ["direct", "fanout", "topic", "headers"];
const KEYS: [&str; 7] = ["", "a", "a.b", "a.b.c", "b", "a.*", "#.c"];
/// Messages that a consumer is sure to get come within this time.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn the_same_program_sees_the_same() {
    let url = env::var("AMQP_URL").unwrap_or_else(|_| {
        panic!("AMQP_URL is not set; tests/run sets it, after starting RabbitMQ")
    });
    let seeds = match env::var("PIKA_TEST_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => SEEDS.to_vec(),
    };
    for seed in seeds {
        let server = Server::bind("127.0.0.1:0").unwrap();
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        // What one channel of RabbitMQ leaves to do may come late for the next. That is another
        // thing each time; a difference between the brokers is the same each time.
        for _ in 0..3 {
            theirs = Script::run(&url, seed);
            ours = Script::run(&server.url(), seed);
            if theirs == ours {
                break;
            }
        }
        for (line, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
            assert_eq!(
                ours, theirs,
                "left is the embedded broker, at line {line} of seed {seed}"
            );
        }
        assert_eq!(theirs.len(), ours.len());
    }
}

/// A program on its way.
struct Script {
    connection: Connection,
    channel: Channel,
    prefix: String,
    dice: Dice,
    /// What it holds and has not settled.
    held: Vec<DeliveryToken>,
    log: Vec<String>,
    step: usize,
}

impl Script {
    fn run(url: &str, seed: u64) -> Vec<String> {
        let connection = Connection::open_as(url).unwrap();
        let mut script = Self {
            channel: connection.channel().unwrap(),
            connection,
            prefix: format!("{}-{}-{seed}", amqp::Version::NAME, std::process::id()),
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            held: Vec::new(),
            log: Vec::new(),
            step: 0,
        };
        while script.step < STEPS {
            script.one_step();
            script.step += 1;
        }
        script.tidy_up();
        script.log
    }

    fn one_step(&mut self) {
        match self.dice.below(20) {
            0 => self.declare_exchange(),
            1 => self.delete_exchange(),
            2 | 3 => self.declare_queue(),
            4 => self.delete_queue(),
            5 | 6 => self.bind(true),
            7 => self.bind(false),
            8..=12 => self.publish(),
            13 | 14 => self.fetch(),
            15 | 16 => self.settle(),
            17 => self.consume(),
            18 => self.transact(),
            _ => self.count(),
        }
    }

    /// Notes what came of a step. If the channel is gone with it, there is a new one.
    fn note<T: Debug>(&mut self, what: &str, outcome: Result<T>) -> Option<T> {
        let mut line = format!("{what}: ");
        let value = match outcome {
            Ok(value) => {
                let _ = write!(line, "{value:?}");
                Some(value)
            }
            Err(error) => {
                match error.closed() {
                    Some(reason) => {
                        let code = reason.code();
                        let _ = write!(line, "{code:?} {:?} {:?}", reason.text(), reason.method());
                    }
                    None => {
                        let _ = write!(line, "{error}");
                    }
                }
                None
            }
        };
        self.log.push(line);
        if !self.channel.is_open() {
            self.held.clear();
            if !self.connection.is_open() {
                panic!(
                    "the connection is gone at step {}: {:?}",
                    self.step,
                    self.log.last()
                );
            }
            // RabbitMQ puts back what the channel held while it goes on.
            thread::sleep(Duration::from_millis(50));
            self.channel = self.connection.channel().unwrap();
        }
        value
    }

    fn name(&mut self, kind: &str, most: usize) -> ShortStr {
        let number = self.dice.below(most);
        ShortStr::new(format!("{}-{kind}{number}", self.prefix)).unwrap()
    }

    fn any_exchange(&mut self) -> ShortStr {
        match self.dice.below(8) {
            0 => "".into(),
            _ => self.name("x", 3),
        }
    }

    fn declare_exchange(&mut self) {
        let name = self.name("x", 3);
        let kind = *self.dice.one(&KINDS);
        let declare = exchange::Declare::new(name, kind)
            .durable(self.dice.chance(6))
            .passive(self.dice.chance(6));
        let outcome = self.channel.exchange_declare(declare);
        self.note("declare exchange", outcome);
    }

    fn delete_exchange(&mut self) {
        let name = match self.dice.chance(8) {
            true => "amq.topic".into(),
            false => self.any_exchange(),
        };
        let delete = exchange::Delete::new(name).if_unused(self.dice.chance(2));
        let outcome = self.channel.exchange_delete(delete);
        self.note("delete exchange", outcome);
    }

    fn declare_queue(&mut self) {
        let number = self.dice.below(4);
        let name = ShortStr::new(format!("{}-q{number}", self.prefix)).unwrap();
        let usual = match number {
            1 => table! { "x-max-length" => 3 },
            2 => table! { "x-max-priority" => 4 },
            _ => Table::new(),
        };
        let odd = [
            table! { "x-max-length" => 4 },
            table! { "x-message-ttl" => "text" },
            table! { "x-overflow" => "none" },
        ];
        let arguments = match self.dice.chance(8) {
            true => self.dice.one(&odd).clone(),
            false => usual,
        };
        let declare = queue::Declare::new(name)
            .passive(self.dice.chance(6))
            .durable(self.dice.chance(10))
            .arguments(arguments);
        let outcome = self.channel.queue_declare(declare);
        self.note("declare queue", outcome);
    }

    fn delete_queue(&mut self) {
        let delete = queue::Delete::new(self.name("q", 4))
            .if_empty(self.dice.chance(2))
            .if_unused(self.dice.chance(2));
        let outcome = self.channel.queue_delete(delete);
        self.note("delete queue", outcome);
    }

    fn bind(&mut self, make: bool) {
        let (queue, source) = (self.name("q", 4), self.any_exchange());
        let key = *self.dice.one(&KEYS);
        let headers = table! { "x-match" => "any", "number" => self.dice.below(3) as i64 };
        if make {
            let bind = queue::Bind::new(queue, source, key).arguments(headers);
            let outcome = self.channel.queue_bind(bind);
            self.note("bind", outcome);
        } else {
            let unbind = queue::Unbind::new(queue, source, key).arguments(headers);
            let outcome = self.channel.queue_unbind(unbind);
            self.note("unbind", outcome);
        }
    }

    fn publish(&mut self) {
        let (exchange, key) = match self.dice.chance(2) {
            true => ("".into(), self.name("q", 4)),
            false => (self.any_exchange(), (*self.dice.one(&KEYS)).into()),
        };
        let publish = basic::Publish::new(exchange, key).mandatory(self.dice.chance(2));
        let mut properties = basic::Properties::new()
            .headers(table! { "number" => self.dice.below(3) as i64 })
            .priority(self.dice.below(6) as u8);
        if self.dice.chance(20) {
            properties = properties.expiration("soon");
        }
        let body = format!("message {}", self.step);
        let sent = self
            .channel
            .basic_publish(&publish, &properties, body.as_bytes());
        self.note("publish", sent.map(|_| ()));
        self.returns();
    }

    /// What came back of all that was published.
    fn returns(&mut self) {
        let flow = amqp::channel::Flow::new().active(true);
        let outcome = self.channel.channel_flow(flow);
        self.note("flow", outcome);
        while let Some(back) = self.channel.try_next_returned() {
            self.note::<()>("returned", Ok(()));
            let (code, text) = (back.code, &back.text);
            let (exchange, key) = (&back.exchange, &back.routing_key);
            let line = format!("{code} {text} {exchange} {key} {:?}", back.content);
            self.log.push(line);
        }
    }

    fn fetch(&mut self) {
        let get = basic::Get::new(self.name("q", 4)).no_ack(self.dice.chance(3));
        let no_ack = get.no_ack;
        let outcome = self.channel.get(get);
        let shown = outcome.map(|message| {
            let told = message.as_ref().map(|it| {
                let left = it.message_count();
                let (exchange, key) = (it.exchange(), it.routing_key());
                let content = format!("{:?}", it.content());
                (exchange, key, it.redelivered(), left, content)
            });
            let token = message.filter(|_| !no_ack).map(|it| it.into_token());
            self.held.extend(token);
            told
        });
        self.note("get", shown);
    }

    fn settle(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let at = self.dice.below(self.held.len());
        let token = self.held.remove(at);
        let outcome = match self.dice.below(4) {
            0 => {
                let outcome = self.channel.ack(token, true);
                self.held.drain(..at);
                outcome
            }
            1 => self.channel.ack(token, false),
            2 => self.channel.reject(token, true),
            _ => self.channel.reject(token, false),
        };
        self.note("settle", outcome);
    }

    /// Consumes what is there, and puts some of it back.
    fn consume(&mut self) {
        let name = self.name("q", 4);
        let look = queue::Declare::new(&name).passive(true);
        let outcome = self.channel.queue_declare(look);
        let Some(found) = self.note("look", outcome) else {
            return;
        };
        let count = found.message_count as usize;
        let outcome = self.channel.consume(basic::Consume::new(&name));
        let mut consumer = match outcome {
            Ok(consumer) => consumer,
            Err(error) => {
                self.note::<()>("consume", Err(error));
                return;
            }
        };
        let mut lines = Vec::new();
        for _ in 0..count {
            let message = consumer.next_within(SOON).unwrap().unwrap();
            let again = message.redelivered();
            lines.push(format!(
                "{again} {} {:?}",
                message.routing_key(),
                message.content()
            ));
            match self.dice.below(3) {
                0 => _ = message.reject(false).unwrap(),
                1 => self.held.push(message.into_token()),
                _ => _ = message.ack().unwrap(),
            }
        }
        let outcome = consumer.cancel();
        self.note("cancel", outcome);
        self.log.extend(lines);
    }

    /// Publishes on a channel of its own, and counts there what became of it.
    fn transact(&mut self) {
        let name = self.name("q", 4);
        let key = self.name("q", 4);
        let commits = self.dice.chance(2);
        let channel = self.connection.channel().unwrap();
        let outcome = (|| {
            channel.tx_select(tx::Select::new())?;
            channel.publish("", &key, "in a transaction")?;
            let look = || channel.queue_declare(queue::Declare::new(&name).passive(true));
            let before = look()?.message_count;
            match commits {
                true => channel.tx_commit(tx::Commit::new()).map(|_| ())?,
                false => channel.tx_rollback(tx::Rollback::new()).map(|_| ())?,
            }
            Ok((before, look()?.message_count))
        })();
        self.note("transaction", outcome);
        let _closed_already = channel.close();
        // The message is in its queue before anything else is asked on the other channel.
        thread::sleep(Duration::from_millis(20));
    }

    fn count(&mut self) {
        if self.dice.chance(4) {
            let purge = queue::Purge::new(self.name("q", 4));
            let outcome = self.channel.queue_purge(purge);
            self.note("purge", outcome);
            return;
        }
        let look = queue::Declare::new(self.name("q", 4)).passive(true);
        let outcome = self.channel.queue_declare(look);
        self.note("count", outcome);
    }

    fn tidy_up(&mut self) {
        let channel = self.connection.channel().unwrap();
        for number in 0..4 {
            let queue = ShortStr::new(format!("{}-q{number}", self.prefix)).unwrap();
            channel.queue_delete(queue::Delete::new(queue)).unwrap();
        }
        for number in 0..3 {
            let exchange = ShortStr::new(format!("{}-x{number}", self.prefix)).unwrap();
            let delete = exchange::Delete::new(exchange);
            channel.exchange_delete(delete).unwrap();
        }
        self.connection.close().unwrap();
    }
}
