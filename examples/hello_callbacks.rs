//! The whole life of a message, with a loop, completions and a handler.
//!
//! ```text
//! cargo run --features callbacks --example hello_callbacks
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
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue};

        let events = Loop::new()?;
        let connection = Connection::<amqp::Version>::connect_as(&url)?;
        events.add(&connection)?;
        connection.open_channel().then(|channel| {
            let channel = channel?;
            // Calls are answered in order, and what goes wrong makes `run` below fail.
            channel.queue_declare(queue::Declare::new("hello").durable(true));
            channel.publish("", "hello", "Hello World!")?;
            channel.consume(basic::Consume::new("hello"), |delivery| {
                println!("{}", String::from_utf8_lossy(delivery.body()));
                let connection = delivery.channel().connection().clone();
                delivery.ack()?;
                connection.close();
                Ok(())
            });
            Ok(())
        });
        events.run()?;
        Ok(())
    })
}
