//! The whole life of a message between two threads that share a connection.
//!
//! ```text
//! cargo run --features background --example hello_threaded
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::env;
use std::error::Error;
use std::thread;

use pika::blocking::background;
use pika::broker::Server;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    let version = env::var("AMQP_PROTOCOL").ok();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue};

        let connection = background::open_as::<amqp::Version, _>(&url)?;
        let channel = connection.channel()?;
        channel.queue_declare(queue::Declare::new("hello").durable(true))?;

        let publisher = channel.clone();
        let publishing = thread::spawn(move || publisher.publish("", "hello", "Hello World!"));

        let mut consumer = channel.consume(basic::Consume::new("hello"))?;
        if let Some(delivery) = consumer.next()? {
            println!("{}", String::from_utf8_lossy(delivery.body()));
            delivery.ack()?;
        }
        publishing.join().map_err(|_| "the publisher panicked")??;
        connection.close()?;
        Ok(())
    })
}
