//! A relay between brokers in this process.

use std::error::Error;
use std::time::{Duration, Instant};

use pika::amqp::{basic, queue, tx};
use pika::broker::Server;
use pika::callbacks::{Connection, Loop};

use super::relay::{Options, Relay};

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
    publish(&events, &source.url())?;
    let delays = Duration::from_millis(20)..Duration::from_millis(200);
    let options = Options {
        delays: Some((delays.start, delays.end)),
        ..Options::default()
    };
    let relay = Relay::start(&events, (&source.url(), QUEUE), &targets, &options)?;
    until(&events, || waiting(&first) == COUNT)?;
    println!("target 1 has {COUNT} messages");
    println!("the source keeps {}, not acknowledged", held(&source));

    let second = Server::bind(address)?;
    until(&events, || waiting(&second) == COUNT && held(&source) == 0)?;
    println!("target 2 has {COUNT} messages");
    let (taken, passed) = relay.counts();
    println!("the source keeps none; {taken} were relayed, {passed} passed over");
    relay.close();
    events.run()?;
    Ok(())
}

/// Sends the messages to the source.
fn publish(events: &Loop, url: &str) -> Result<(), Box<dyn Error>> {
    let connection = Connection::connect(url)?;
    events.add(&connection)?;
    connection.open_channel().then(|channel| {
        let channel = channel?;
        let declare = queue::Declare::new(QUEUE).durable(true);
        channel.queue_declare(declare).then(|queue| queue.map(drop));
        let select = tx::Select::new();
        channel
            .tx_select(select)
            .then(|selected| selected.map(drop));
        let persistent = basic::Properties::new().persistent();
        for number in 1..=COUNT {
            let message = (&persistent, format!("order {number}"));
            channel.publish("", QUEUE, message)?.then(|sent| sent);
        }
        channel.tx_commit(tx::Commit::new()).then(move |committed| {
            committed?;
            channel.connection().close().then(|closed| closed);
            Ok(())
        });
        Ok(())
    });
    drop(connection);
    Ok(events.run()?)
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

/// Messages in the queue of a server and on their way from it.
fn held(server: &Server) -> usize {
    server.with(|broker| {
        let queue = broker.queue("/", QUEUE);
        queue.map_or(0, |queue| queue.ready + queue.unacked)
    })
}
