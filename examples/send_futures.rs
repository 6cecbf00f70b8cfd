//! Sends a persistent message to the durable queue `test`, and waits until the server has it. On a runtime that speaks `futures-io`; here smol.
//!
//! ```text
//! cargo run --example send_futures --features futures -- "a message"
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::error::Error;

use pika::futures;

fn main() -> Result<(), Box<dyn Error>> {
    smol::block_on(send())
}

async fn send() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = pika_examples::broker()?;
    let text = pika_examples::argument("Hello World!");
    let version = pika_examples::version();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue, tx};

        let spawn = |driver| smol::spawn(driver).detach();
        let connection = futures::open_as::<amqp::Version, _>(&url, spawn).await?;
        let channel = connection.channel().await?;
        channel.queue_declare(queue::Declare::new("test").durable(true)).await?;
        // Transactions are what both versions have; see `Channel::confirming` for confirms.
        channel.tx_select(tx::Select::new()).await?;
        let persistent = basic::Properties::new().content_type("text/plain").persistent();
        channel.publish("", "test", persistent.body(&text)).await?;
        channel.tx_commit(tx::Commit::new()).await?;
        println!("sent: {text}");
        connection.close().await?;
        Ok(())
    })
}
