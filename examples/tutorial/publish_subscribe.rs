//! Publish/subscribe: every subscriber gets every message.
//!
//! ```text
//! cargo run --example publish_subscribe --features tokio                 # two subscribers too
//! cargo run --example publish_subscribe --features tokio -- subscribe    # one of many
//! cargo run --example publish_subscribe --features tokio -- publish "it rains"
//! ```
//!
//! A `fanout` exchange gives each message to all queues bound to it. A subscriber's queue is named
//! by the server and exclusive: it goes with its connection, so that one hears only what is said
//! while one listens.

use std::env;
use std::error::Error;
use std::time::Duration;

use pika::amqp::{basic, exchange, queue};
use pika::broker::Server;
use pika::tokio::{Channel, Connection, Consumer};
use tokio::time::timeout;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = Server::unless_given("AMQP_URL")?;
    let connection = Connection::open(&url).await?;
    let channel = connection.channel().await?;
    // Whoever comes first makes the exchange.
    let news = exchange::Declare::new("news", "fanout");
    channel.exchange_declare(news).await?;

    let (a_second, a_minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some("publish") => publish(&channel, &arguments.collect::<Vec<_>>()).await?,
        Some("subscribe") => print("this", subscribe(&channel).await?, a_minute).await?,
        _ => {
            let one = print("one", subscribe(&channel).await?, a_second);
            let other = print("the other", subscribe(&channel).await?, a_second);
            publish(&channel, &["it rains".into(), "it shines".into()]).await?;
            tokio::try_join!(one, other)?;
        }
    }
    Ok(connection.close().await?)
}

async fn publish(channel: &Channel, texts: &[String]) -> pika::Result<()> {
    let publish = basic::Publish::new("news", "");
    let properties = basic::Properties::new().content_type("text/plain");
    for text in texts {
        channel.basic_publish(&publish, &properties, text).await?;
    }
    Ok(())
}

async fn subscribe(channel: &Channel) -> pika::Result<Consumer> {
    let own = queue::Declare::new("").exclusive(true);
    let own = channel.queue_declare(own).await?.queue;
    let bind = queue::Bind::new(&own, "news", "");
    channel.queue_bind(bind).await?;
    // Nobody else can get what this one loses, so nothing is acknowledged.
    let consume = basic::Consume::new(&own).no_ack(true);
    channel.consume(consume).await
}

/// Prints news until none comes for a while.
async fn print(name: &str, mut news: Consumer, patience: Duration) -> pika::Result<()> {
    while let Ok(next) = timeout(patience, news.next()).await {
        let Some(delivery) = next? else { break };
        let text = String::from_utf8_lossy(delivery.body());
        println!("{name} subscriber heard: {text}");
    }
    news.cancel().await
}
