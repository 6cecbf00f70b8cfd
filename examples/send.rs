//! Sends a persistent message to a durable queue, and waits until the server has it.
//!
//! ```text
//! cargo run --example send -- "a message"
//! ```
//!
//! In 0-9-1 a publisher confirm says that the server has the message, in 0-8 a transaction does.

use std::env;
use std::error::Error;

use pika::blocking::Connection;
use pika::broker::Server;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    let version = env::var("AMQP_PROTOCOL").ok();
    let text = env::args().nth(1).unwrap_or_else(|| "a message".into());
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue, tx};

        let connection = Connection::<amqp::Version>::open_as(&url)?;
        let channel = connection.channel()?;
        channel.queue_declare(queue::Declare::new("durable").durable(true))?;

        // Transactions are what both versions have; see `Channel::publish_confirmed` for confirms.
        channel.tx_select(tx::Select::new())?;
        channel.basic_publish(
            &basic::Publish::new("", "durable"),
            &basic::Properties::new().content_type("text/plain").persistent(),
            &text,
        )?;
        channel.tx_commit(tx::Commit::new())?;
        println!("sent: {text}");
        connection.close()?;
        Ok(())
    })
}
