//! As `send`, with a loop and completions: sends a persistent message to a durable queue, and closes
//! when the server has it.
//!
//! ```text
//! cargo run --example send_callbacks --features callbacks -- "a message"
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::env;
use std::error::Error;

use pika::broker::Server;
use pika::callbacks::{Connection, Loop};

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    let version = env::var("AMQP_PROTOCOL").ok();
    let text = env::args().nth(1).unwrap_or_else(|| "a message".into());
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue, tx};

        let events = Loop::new()?;
        let connection = Connection::<amqp::Version>::connect_as(&url)?;
        events.add(&connection)?;
        connection.open_channel().then(move |channel| {
            let channel = channel?;
            // What goes wrong on the way closes the channel, which the last reply tells.
            drop(channel.queue_declare(queue::Declare::new("durable").durable(true)));
            // Transactions are what both versions have; see `confirming` for confirms.
            drop(channel.tx_select(tx::Select::new()));
            let persistent = basic::Properties::new().content_type("text/plain").persistent();
            drop(channel.publish("", "durable", persistent.body(&text))?);
            channel.tx_commit(tx::Commit::new()).then(move |committed| {
                committed?;
                println!("sent: {text}");
                channel.connection().close().then(|closed| closed);
                Ok(())
            });
            Ok(())
        });
        events.run()?;
        Ok(())
    })
}
