//! Relays the messages of an exchange at one server to the exchange of that name at every target, over
//! N + 1 connections in one loop that recover by themselves.
//!
//! ```text
//! relay --source [ID=]URL --target [ID=]URL [--target …] [--exchange NAME] [--type TYPE] [--key KEY]
//!       [--queue NAME] [--transient] [--prefetch COUNT] [--once]
//! ```
//!
//! - At the source it declares the exchange (`relay`, of type `fanout`) and a queue of its own (`relay`),
//!   and binds it with the key (an empty one). It consumes from that queue alone, so it takes away no
//!   message that another waits for. With `--transient` the queue goes with the connection, else it is
//!   durable and keeps what comes while the relay is away.
//! - At a target it declares the exchange and publishes with the key that a message has. What no queue is
//!   bound for there is dropped there, as with any publisher. With several sources each is relayed to
//!   all targets.
//! - A message is acknowledged at the source when every target has confirmed it. Until then it waits
//!   in here, in order; a target that is down gets it when it is back. No message is lost.
//! - A message can arrive twice: at a target whose confirm was lost with its connection, and at all
//!   targets when the source's connection is lost, since the source sends everything again that was
//!   not acknowledged. Consumers have to bear that: delivery is at least once.
//! - A relayed message has the header `x-pika-relay`. One that has it, from whatever relay, goes no
//!   further, so that relays in a ring do not go on for ever. All else of it stays as it was, `app_id`
//!   included; but `user_id`, which servers take of nobody but the user who is logged in.
//! - With `--once` no connection is made twice: the first that ends is the end of the relay.
//!   Otherwise that takes what trying again cannot help, such as a password that is wrong from the beginning.
//! - Heartbeats are as the servers propose, or as a URL says: `amqp://localhost?heartbeat=10`.
//!
//! Without arguments it starts three brokers in this process and shows a relay between them, one of
//! whose targets comes late:
//!
//! ```text
//! cargo run --example relay --features callbacks,broker
//! ```

mod demo;
mod relay;
mod source;
mod target;

use std::env;
use std::error::Error;

use pika::callbacks::Loop;
use pika::wire::ShortStr;

use self::relay::{Options, Place, Relay};

const USAGE: &str = "usage: relay --source [ID=]URL --target [ID=]URL [--target ...] [--exchange NAME] \
     [--type TYPE] [--key KEY] [--queue NAME] [--transient] [--prefetch COUNT] [--once]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1).peekable();
    if arguments.peek().is_none() {
        return demo::run();
    }
    let (mut options, mut sources, mut targets) = (Options::default(), Vec::new(), Vec::new());
    while let Some(argument) = arguments.next() {
        let mut name = || ShortStr::new(value(&mut arguments)?).map_err(Box::<dyn Error>::from);
        match argument.as_str() {
            "--once" => options.delays = None,
            "--transient" => options.is_durable = false,
            "--exchange" => options.exchange = name()?,
            "--type" => options.kind = name()?,
            "--key" => options.key = name()?,
            "--queue" => options.queue = name()?,
            "--prefetch" => options.prefetch = value(&mut arguments)?.parse()?,
            "--source" => {
                let otherwise = format!("source {}", sources.len() + 1);
                sources.push(Place::new(&value(&mut arguments)?, &otherwise));
            }
            "--target" => {
                let otherwise = format!("target {}", targets.len() + 1);
                targets.push(Place::new(&value(&mut arguments)?, &otherwise));
            }
            _ => return Err(USAGE.into()),
        }
    }
    if sources.is_empty() || targets.is_empty() {
        return Err(USAGE.into());
    }
    let events = Loop::new()?;
    let mut relays = Vec::new();
    for source in &sources {
        relays.push(Relay::start(&events, source, &targets, &options)?);
    }
    while !relays.iter().any(Relay::is_over) {
        serve(&events);
    }
    relays.iter().for_each(Relay::close);
    while !events.is_done() {
        serve(&events);
    }
    Err("a connection has ended for good".into())
}

fn value(arguments: &mut impl Iterator<Item = String>) -> Result<String, &'static str> {
    arguments.next().ok_or(USAGE)
}

/// Serves everything once. What goes wrong with one connection is no reason to leave the others.
fn serve(events: &Loop) {
    if let Err(failures) = events.step(None) {
        println!("relay: {failures}");
    }
}
