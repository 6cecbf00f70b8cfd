//! Declares an exchange and a queue, binds them, and sends a message; `receive` with the queue's name
//! gets it. On a runtime that speaks `futures-io`; here smol.
//!
//! ```text
//! cargo run --example hello_futures --features futures
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::error::Error;

use pika::futures;

fn main() -> Result<(), Box<dyn Error>> {
    smol::block_on(hello())
}

async fn hello() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = pika_examples::broker()?;
    let version = pika_examples::version();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{exchange, queue};

        let spawn = |driver| smol::spawn(driver).detach();
        let connection = futures::open_as::<amqp::Version, _>(&url, spawn).await?;
        let channel = connection.channel().await?;
        channel.exchange_declare(exchange::Declare::new("test_x", "fanout")).await?;
        channel.queue_declare(queue::Declare::new("test_q").durable(true)).await?;
        channel.queue_bind(queue::Bind::new("test_q", "test_x", "")).await?;
        println!("exchange `test_x` and queue `test_q` are bound");
        channel.publish("test_x", "", "Hello World!").await?;
        println!("sent to `test_x`: Hello World!");
        connection.close().await?;
        Ok(())
    })
}
