//! Sends a persistent message to the durable queue `test`, and waits until the server has it. With a loop and completions.
//!
//! ```text
//! cargo run --example send_callbacks --features callbacks -- "a message"
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::error::Error;

use pika::callbacks::{Connection, Loop};

fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = pika_examples::broker()?;
    let text = pika_examples::argument("Hello World!");
    let version = pika_examples::version();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue, tx};

        let events = Loop::new()?;
        let connection = Connection::<amqp::Version>::connect_as(&url)?;
        events.add(&connection)?;
        connection.open_channel().then(move |channel| {
            let channel = channel?;
            // What goes wrong on the way closes the channel, which the last reply tells.
            drop(channel.queue_declare(queue::Declare::new("test").durable(true)));
            // Transactions are what both versions have; see `confirming` for confirms.
            drop(channel.tx_select(tx::Select::new()));
            let persistent = basic::Properties::new().content_type("text/plain").persistent();
            drop(channel.publish("", "test", persistent.body(&text))?);
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
