//! Declares an exchange and a queue, binds them, and sends a message; `receive` with the queue's name
//! gets it. A thread of its own drives the connection.
//!
//! ```text
//! cargo run --example hello_threaded --features background
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::error::Error;

use pika::blocking::background;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = pika_examples::broker()?;
    let version = pika_examples::version();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{exchange, queue};

        let connection = background::open_as::<amqp::Version, _>(&url)?;
        let channel = connection.channel()?;
        channel.exchange_declare(exchange::Declare::new("test_x", "fanout"))?;
        channel.queue_declare(queue::Declare::new("test_q").durable(true))?;
        channel.queue_bind(queue::Bind::new("test_q", "test_x", ""))?;
        println!("exchange `test_x` and queue `test_q` are bound");
        channel.publish("test_x", "", "Hello World!")?;
        println!("sent to `test_x`: Hello World!");
        connection.close()?;
        Ok(())
    })
}
