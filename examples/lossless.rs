//! Publishes 10,000 messages and loses none, also when the broker restarts in the middle.
//!
//! ```text
//! cargo run --example lossless --features tokio,broker
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.

use std::collections::{HashMap, VecDeque};
use std::error::Error;
use std::time::Duration;

use pika::amqp::{basic, queue};
use pika::broker::Server;
use pika::connection::Outcome;
use pika::tokio::Connection;
use tokio::time::sleep;

/// How many publishes may be unconfirmed at once.
const WINDOW: usize = 500;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = Server::unless_given("AMQP_URL")?;
    let connections = publish_all(&url, 10_000).await?;
    println!("all confirmed, over {connections} connections or attempts");
    let seen = consume_all(&url).await?;
    let missing = (0..10_000).filter(|id| !seen.contains_key(id)).count();
    let twice = seen.values().filter(|times| **times > 1).count();
    println!(
        "{} ids seen, {missing} missing, {twice} more than once",
        seen.len()
    );
    Ok(())
}

/// Publishes the ids below `count`. Returns how many connections it took.
pub(crate) async fn publish_all(url: &str, count: u32) -> pika::Result<u32> {
    let mut todo: VecDeque<u32> = (0..count).collect();
    let mut connections = 0;
    while !todo.is_empty() {
        connections += 1;
        match publish(url, &mut todo).await {
            Ok(()) => {}
            Err(error) if error.is_retriable() => {
                eprintln!("{error}; {} to do", todo.len());
                sleep(Duration::from_secs(1)).await;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(connections)
}

/// Publishes over one connection. An id leaves `todo` for good when the broker acknowledges it.
async fn publish(url: &str, todo: &mut VecDeque<u32>) -> pika::Result<()> {
    let connection = Connection::open(url).await?;
    let channel = connection.channel().await?;
    let ledger = queue::Declare::new("ledger").durable(true);
    channel.queue_declare(ledger).await?;
    let channel = channel.confirming().await?;
    let persistent = basic::Properties::new().persistent();
    let (mut open, mut result) = (VecDeque::new(), Ok(()));
    loop {
        let has_room = result.is_ok() && open.len() < WINDOW;
        if let Some(id) = has_room.then(|| todo.pop_front()).flatten() {
            let message = persistent.clone().body(id.to_string()).mandatory();
            match channel.publish("", "ledger", message).await {
                Ok(confirm) => open.push_back((id, confirm)),
                Err(error) => {
                    todo.push_back(id);
                    result = Err(error);
                }
            }
            // Slows it down, so that the broker can be stopped in the middle.
            sleep(Duration::from_micros(500)).await;
        } else if let Some((id, confirm)) = open.pop_front() {
            match confirm.await {
                Outcome::Acked => continue,
                Outcome::Lost(_) => {}
                other => eprintln!("{id}: {other:?}"),
            }
            todo.push_back(id);
        } else {
            break;
        }
    }
    result?;
    connection.close().await
}

/// Consumes all messages. Returns how often each id was received.
pub(crate) async fn consume_all(url: &str) -> Result<HashMap<u32, u32>, Box<dyn Error>> {
    let connection = Connection::open(url).await?;
    let channel = connection.channel().await?;
    channel.basic_qos(basic::Qos::new(500)).await?;
    let mut ledger = channel.consume(basic::Consume::new("ledger")).await?;
    let mut seen = HashMap::new();
    while let Some(delivery) = ledger.next_within(Duration::from_secs(2)).await? {
        let id = std::str::from_utf8(delivery.body())?.parse()?;
        *seen.entry(id).or_default() += 1;
        delivery.ack()?;
    }
    connection.close().await?;
    Ok(seen)
}
