//! A relay between brokers in this process.

use std::error::Error;
use std::time::{Duration, Instant};

use pika::amqp::{basic, queue};
use pika::blocking::Connection;
use pika::broker::Server;
use pika::callbacks::Loop;

use super::relay::{Options, Place, Relay};

const QUEUE: &str = "orders";
const COUNT: usize = 20;

/// How long the demonstration may take; it needs less than one second.
const PATIENCE: Duration = Duration::from_secs(30);

/// Relays messages to two targets, the second of which is not there yet.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let (source, first) = (Server::bind("127.0.0.1:0")?, Server::bind("127.0.0.1:0")?);
    let late = Server::bind("127.0.0.1:0")?;
    let (address, targets) = (late.local_addr(), [first.url(), late.url()]);
    drop(late);

    let events = Loop::new()?;
    let delays = Duration::from_millis(20)..Duration::from_millis(200);
    let options = Options {
        delays: Some((delays.start, delays.end)),
        ..Options::default()
    };
    read_at(&first.url(), &options)?;
    publish(&source.url(), &options)?;
    let place = Place::new(&source.url(), "source");
    let targets = [(1, &targets[0]), (2, &targets[1])];
    let targets = targets.map(|(at, url)| Place::new(url, &format!("target {at}")));
    let relay = Relay::start(&events, &place, &targets, &options)?;
    until(&events, || waiting(&first) == COUNT)?;
    println!("target 1 has {COUNT} messages");
    println!("the source keeps {}, not acknowledged", held(&source));

    let second = Server::bind(address)?;
    read_at(&second.url(), &options)?;
    until(&events, || waiting(&second) == COUNT && held(&source) == 0)?;
    println!("target 2 has {COUNT} messages");
    let (taken, passed) = relay.counts();
    println!("the source keeps none; {taken} were relayed, {passed} passed over");
    relay.close();
    events.run()?;
    Ok(())
}

/// A reader at a target: a queue that is bound to the exchange.
fn read_at(url: &str, options: &Options) -> pika::Result<()> {
    let connection = Connection::open(url)?;
    let channel = connection.channel()?;
    channel.exchange_declare(options.exchange())?;
    channel.queue_declare(queue::Declare::new(QUEUE).durable(true))?;
    channel.queue_bind(queue::Bind::new(QUEUE, &options.exchange, ""))?;
    connection.close()
}

/// Sends messages at the source, where the relay's queue waits for it.
fn publish(url: &str, options: &Options) -> pika::Result<()> {
    let connection = Connection::open(url)?;
    let channel = connection.channel()?;
    channel.exchange_declare(options.exchange())?;
    channel.queue_declare(options.queue())?;
    channel.queue_bind(options.bind())?;
    let persistent = basic::Properties::new().persistent();
    for number in 1..=COUNT {
        let message = (&persistent, format!("order {number}"));
        channel.publish(&options.exchange, "", message)?;
    }
    connection.close()
}

fn until(events: &Loop, mut done: impl FnMut() -> bool) -> Result<(), Box<dyn Error>> {
    let end = Instant::now() + PATIENCE;
    while !done() {
        if Instant::now() > end {
            return Err("the relay does not get on".into());
        }
        events.step(Duration::from_millis(20))?;
    }
    Ok(())
}

/// Messages that wait in the queue of a server.
fn waiting(server: &Server) -> usize {
    server.with(|broker| broker.queue("/", QUEUE).map_or(0, |queue| queue.ready))
}

/// Messages in the relay's queue and on their way from it.
fn held(server: &Server) -> usize {
    server.with(|broker| {
        let queue = broker.queue("/", "relay");
        queue.map_or(0, |queue| queue.ready + queue.unacked)
    })
}
