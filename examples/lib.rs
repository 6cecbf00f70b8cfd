//! What the examples share: where the broker is, and how things are printed.
//!
//! The examples are the other files of this folder; `tutorial/README.md` leads through them.

use std::env;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use pika::broker::Server;
use pika::wire::{Table, ValueRef};

/// The URL in `AMQP_URL` or, where there is none, that of a broker in this process, which lives as
/// long as it is held. The latter is said.
///
/// # Errors
/// When no local address can be listened on.
pub fn broker() -> io::Result<(String, Option<Embedded>)> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    Ok((url, embedded.map(Embedded)))
}

/// A broker in this process. Dropping it ends it, once the programs that talk to it have closed their
/// connections, and after a second in any case.
#[derive(Debug)]
pub struct Embedded(Server);

impl Drop for Embedded {
    fn drop(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(1);
        while Instant::now() < deadline && self.0.with(|broker| broker.connections().count()) > 0 {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The protocol version in `AMQP_PROTOCOL`, if there is one.
#[must_use]
pub fn version() -> Option<String> {
    env::var("AMQP_PROTOCOL").ok()
}

/// The first argument that is no flag, or `otherwise`.
#[must_use]
pub fn argument(otherwise: &str) -> String {
    let mut arguments = env::args().skip(1).filter(|it| !it.starts_with("--"));
    arguments.next().unwrap_or_else(|| otherwise.to_owned())
}

/// Whether a flag is given, such as `--drain`.
#[must_use]
pub fn flag(name: &str) -> bool {
    env::args().skip(1).any(|it| it == name)
}

/// Prints what a server says of itself, one property a line.
pub fn show_server(properties: &Table) {
    show_table("server ", properties);
}

fn show_table(before: &str, table: &Table) {
    for (name, value) in table.iter() {
        match value.as_table() {
            Some(inner) => show_table(&format!("{before}{name}."), &inner),
            None => println!("{before}{name}: {}", text(value)),
        }
    }
}

fn text(value: ValueRef<'_>) -> String {
    let number = || value.as_i64().map(|number| number.to_string());
    let truth = || value.as_bool().map(|truth| truth.to_string());
    let known = value
        .as_str()
        .map(str::to_owned)
        .or_else(number)
        .or_else(truth);
    known.unwrap_or_else(|| format!("{value:?}"))
}

#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub use self::messages::show;

/// What takes a style.
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
mod messages {
    use pika::delivery::{Delivery, Settle};

    /// Prints the method, the header and the body of a message that a consumer got.
    ///
    /// # Errors
    /// When its header cannot be read.
    pub fn show<C: Settle>(delivery: &Delivery<C>) -> pika::Result<()> {
        println!(
            "method: tag {}, exchange `{}`, routing key `{}`, redelivered {}",
            delivery.token().tag().0,
            delivery.exchange(),
            delivery.routing_key(),
            delivery.redelivered()
        );
        println!("header: {:?}", delivery.properties()?);
        println!("body: {}", String::from_utf8_lossy(delivery.body()));
        Ok(())
    }
}
