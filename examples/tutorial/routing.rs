//! Routing: a receiver names the keys that it wants, and gets the messages with one of them.
//!
//! ```text
//! cargo run --example routing --features tokio                           # sends, two receivers
//! cargo run --example routing --features tokio -- receive warning error
//! cargo run --example routing --features tokio -- send error "the disk is full"
//! ```
//!
//! A `direct` exchange gives a message to the queues that are bound with its routing key. What
//! nobody wants comes back, because it is sent as mandatory.

use std::env;
use std::error::Error;
use std::time::Duration;

use pika::amqp::{basic, exchange, queue};
use pika::broker::Server;
use pika::connection::{Message, Outcome};
use pika::tokio::{Channel, ConfirmingChannel, Connection, Consumer};
use tokio::time::timeout;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = Server::unless_given("AMQP_URL")?;
    let connection = Connection::open(&url).await?;
    let channel = connection.channel().await?;
    let logs = exchange::Declare::new("logs", "direct");
    channel.exchange_declare(logs).await?;
    let channel = channel.confirming().await?;

    let (a_second, a_minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(|it| &**it).collect::<Vec<_>>()[..] {
        ["send", key, text] => send(&channel, key, text).await?,
        ["receive", ref keys @ ..] => print("log", bind(&channel, keys).await?, a_minute).await?,
        _ => {
            let all = bind(&channel, &["info", "error"]).await?;
            let errors = bind(&channel, &["error"]).await?;
            send(&channel, "info", "all is well").await?;
            send(&channel, "error", "the disk is full").await?;
            send(&channel, "debug", "x is 7").await?;
            let errors = print("errors", errors, a_second);
            tokio::try_join!(errors, print("all", all, a_second))?;
        }
    }
    Ok(connection.close().await?)
}

async fn send(channel: &ConfirmingChannel, key: &str, text: &str) -> pika::Result<()> {
    let message = Message::new(text).mandatory();
    match channel.publish_confirmed("logs", key, message).await? {
        Outcome::Returned(_) => println!("nobody wants {key}: {text}"),
        outcome => println!("{key}: {text} is {outcome:?}"),
    }
    Ok(())
}

async fn bind(channel: &Channel, keys: &[&str]) -> pika::Result<Consumer> {
    let own = queue::Declare::new("").exclusive(true);
    let own = channel.queue_declare(own).await?.queue;
    for key in keys {
        let bind = queue::Bind::new(&own, "logs", *key);
        channel.queue_bind(bind).await?;
    }
    let consume = basic::Consume::new(&own).no_ack(true);
    channel.consume(consume).await
}

/// Prints messages until none comes for a while.
async fn print(name: &str, mut messages: Consumer, patience: Duration) -> pika::Result<()> {
    while let Ok(next) = timeout(patience, messages.next()).await {
        let Some(delivery) = next? else { break };
        let text = String::from_utf8_lossy(delivery.body());
        println!("{name} got {}: {text}", delivery.routing_key());
    }
    messages.cancel().await
}
