//! As `get`, with a loop and completions: fetches messages one by one until the queue is empty.
//!
//! ```text
//! cargo run --example get_callbacks --features callbacks -- durable
//! ```

use std::env;
use std::error::Error;

use pika::callbacks::{Channel, Connection, Loop};
use pika::protocol::Protocol;

fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("AMQP_URL").unwrap_or_else(|_| "amqp://localhost".into());
    let version = env::var("AMQP_PROTOCOL").ok();
    let queue = env::args().nth(1).unwrap_or_else(|| "durable".into());
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::basic;
        use pika::wire::ShortStr;

        let events = Loop::new()?;
        let connection = Connection::<amqp::Version>::connect_as(&url)?;
        events.add(&connection)?;
        let get = basic::Get::new(ShortStr::new(&queue)?);
        connection.open_channel().then(move |channel| {
            fetch(channel?, get);
            Ok(())
        });
        events.run()?;
        Ok(())
    })
}

/// Fetches one message and then the next one.
fn fetch<P: Protocol>(channel: Channel<P>, get: P::Get) {
    channel.clone().get(get.clone()).then(move |delivery| {
        match delivery? {
            Some(delivery) => {
                println!("{}", String::from_utf8_lossy(delivery.body()));
                delivery.ack()?;
                fetch(channel, get);
            }
            None => channel.connection().close().then(|closed| closed),
        }
        Ok(())
    });
}
