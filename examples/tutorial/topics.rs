//! Topics: routing keys are words with dots between, and a receiver names patterns.
//!
//! ```text
//! cargo run --example topics --features tokio                            # sends, two receivers
//! cargo run --example topics --features tokio -- receive "kern.#" "*.critical"
//! cargo run --example topics --features tokio -- send kern.critical "it panics"
//! ```
//!
//! In a pattern `*` stands for one word and `#` for any number of them, none too. A `topic` exchange
//! gives a message to a queue once, even where several of its patterns fit.

use std::env;
use std::error::Error;
use std::time::Duration;

use pika::amqp::{basic, exchange, queue};
use pika::broker::Server;
use pika::tokio::{Channel, Connection, Consumer};
use pika::wire::ShortStr;
use tokio::time::timeout;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = Server::unless_given("AMQP_URL")?;
    let connection = Connection::open(&url).await?;
    let channel = connection.channel().await?;
    let logs = exchange::Declare::new("topic_logs", "topic");
    channel.exchange_declare(logs).await?;

    let (a_second, a_minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(|it| &**it).collect::<Vec<_>>()[..] {
        ["send", key, text] => send(&channel, key, text).await?,
        ["receive", ref keys @ ..] => print("log", bind(&channel, keys).await?, a_minute).await?,
        _ => {
            let kernel = bind(&channel, &["kern.#"]).await?;
            let critical = bind(&channel, &["#.critical", "kern.critical"]).await?;
            send(&channel, "kern.critical", "it panics").await?;
            send(&channel, "kern.usb.info", "a mouse").await?;
            send(&channel, "mail.info", "one letter").await?;
            let kernel = print("kernel", kernel, a_second);
            tokio::try_join!(kernel, print("critical", critical, a_second))?;
        }
    }
    Ok(connection.close().await?)
}

/// The server drops what no pattern fits; the tutorial on routing shows how to hear of that.
async fn send(channel: &Channel, key: &str, text: &str) -> pika::Result<()> {
    channel.publish("topic_logs", key, text).await?;
    Ok(())
}

async fn bind(channel: &Channel, patterns: &[&str]) -> pika::Result<Consumer> {
    let own = queue::Declare::new("").exclusive(true);
    let own = channel.queue_declare(own).await?.queue;
    for pattern in patterns {
        let bind = queue::Bind::new(&own, "topic_logs", ShortStr::new(pattern)?);
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
