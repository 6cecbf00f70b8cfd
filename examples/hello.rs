//! The whole life of a message's sender: connect, declare, bind, publish, close.
//!
//! ```text
//! cargo run --example hello
//! AMQP_URL=amqp://localhost sh -c 'cargo run --example hello && cargo run --example receive'
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

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
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, exchange, queue};

        let connection = Connection::<amqp::Version>::open_as(&url)?;
        let channel = connection.channel()?;

        channel.exchange_declare(exchange::Declare::new("test_x", "direct"))?;
        channel.queue_declare(queue::Declare::new("test").durable(true))?;
        channel.queue_bind(queue::Bind::new("test", "test_x", "test"))?;

        channel.basic_publish(
            &basic::Publish::new("test_x", "test"),
            &basic::Properties::new().content_type("text/plain").persistent(),
            "Hello World!",
        )?;

        channel.close()?;
        connection.close()?;
        Ok(())
    })
}
