//! The whole life of a message: connect, declare, bind, publish, receive, close. On tokio.
//!
//! ```text
//! cargo run --example hello_tokio --features tokio
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak. `hello` is its sending half in the blocking style.

use std::env;
use std::error::Error;

use pika::broker::Server;
use pika::tokio::Connection;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    let version = env::var("AMQP_PROTOCOL").ok();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, exchange, queue};

        let connection = Connection::<amqp::Version>::open_as(&url).await?;
        let channel = connection.channel().await?;

        channel.exchange_declare(exchange::Declare::new("test_x", "direct")).await?;
        channel.queue_declare(queue::Declare::new("test").durable(true)).await?;
        channel.queue_bind(queue::Bind::new("test", "test_x", "test")).await?;

        channel.basic_publish(
            &basic::Publish::new("test_x", "test"),
            &basic::Properties::new().content_type("text/plain").persistent(),
            "Hello World!",
        )
        .await?;

        let mut consumer = channel.consume(basic::Consume::new("test")).await?;
        if let Some(delivery) = consumer.next().await? {
            println!("received: {}", String::from_utf8_lossy(delivery.body()));
            delivery.ack()?;
        }

        consumer.cancel().await?;
        channel.close().await?;
        connection.close().await?;
        Ok(())
    })
}
