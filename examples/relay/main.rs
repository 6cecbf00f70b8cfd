//! Takes messages from a queue of one server and sends each to every target, over N + 1 connections
//! in one loop that are made anew when they end.
//!
//! ```text
//! relay [--exchange NAME] [--app-id NAME] [--prefetch COUNT] [--once] SOURCE_URL QUEUE TARGET_URL…
//! ```
//!
//! - A message is acknowledged at the source when every target has confirmed it. Until then it waits
//!   in here, in order; a target that is down gets it when it is back. No message is lost.
//! - A message can arrive twice: at a target whose confirm was lost with its connection, and at all
//!   targets when the source's connection is lost, since the source sends everything again that was
//!   not acknowledged. Consumers have to bear that: delivery is at least once.
//! - Messages go to the queue of the same name, which is made where it is missing, or with
//!   `--exchange` to that exchange with their own routing key.
//! - Relayed messages have the relay as their `app_id`. Those that a relay with the same one meets
//!   are acknowledged and go no further, so that relays in a ring do not go on for ever.
//! - With `--once` no connection is made twice: the first that ends is the end of the relay.
//!   Otherwise that takes what trying again cannot help, such as a wrong password.
//! - Heartbeats are as the servers propose, or as a URL says: `amqp://localhost?heartbeat=10`.
//!
//! Without arguments it starts three brokers in this process and shows a relay between them, one of
//! whose targets comes late:
//!
//! ```text
//! cargo run --example relay --features callbacks,broker
//! ```

mod demo;
mod link;
mod pending;
mod relay;
mod source;
mod target;

use std::env;
use std::error::Error;

use pika::callbacks::Loop;
use pika::wire::ShortStr;

use self::relay::{Options, Relay};

const USAGE: &str = "usage: relay [--exchange NAME] [--app-id NAME] [--prefetch COUNT] [--once] \
     SOURCE_URL QUEUE TARGET_URL…";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1).peekable();
    if arguments.peek().is_none() {
        return demo::run();
    }
    let (mut options, mut places) = (Options::default(), Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--once" => options.delays = None,
            "--exchange" => options.exchange = Some(ShortStr::new(value(&mut arguments)?)?),
            "--app-id" => options.app_id = ShortStr::new(value(&mut arguments)?)?,
            "--prefetch" => options.prefetch = value(&mut arguments)?.parse()?,
            option if option.starts_with('-') => return Err(USAGE.into()),
            _ => places.push(argument),
        }
    }
    let [source, queue, targets @ ..] = places.as_slice() else {
        return Err(USAGE.into());
    };
    if targets.is_empty() {
        return Err(USAGE.into());
    }
    let events = Loop::new()?;
    let relay = Relay::start(&events, (source, queue), targets, &options)?;
    while !relay.is_over() {
        serve(&events);
    }
    relay.close();
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
