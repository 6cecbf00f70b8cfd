//! The whole life of a message, on a runtime that speaks `futures-io`; here smol.
//!
//! ```text
//! cargo run --features futures --example hello_futures
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::env;
use std::error::Error;

use pika::broker::Server;
use pika::futures;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    smol::block_on(hello(&url))
}

async fn hello(url: &str) -> Result<(), Box<dyn Error>> {
    let version = env::var("AMQP_PROTOCOL").ok();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue};

        let spawn = |driver| smol::spawn(driver).detach();
        let connection = futures::open_as::<amqp::Version, _>(url, spawn).await?;
        let channel = connection.channel().await?;
        channel.queue_declare(queue::Declare::new("hello").durable(true)).await?;
        channel.publish("", "hello", "Hello World!").await?;

        let mut consumer = channel.consume(basic::Consume::new("hello")).await?;
        if let Some(delivery) = consumer.next().await? {
            println!("{}", String::from_utf8_lossy(delivery.body()));
            delivery.ack()?;
        }
        connection.close().await?;
        Ok(())
    })
}
