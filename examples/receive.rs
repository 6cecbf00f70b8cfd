//! Receives one message of a queue, `test` by default, and shows it and what the server says of itself.
//!
//! ```text
//! cargo run --example receive -- test
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::error::Error;

use pika::blocking::Connection;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = pika_examples::broker()?;
    if embedded.is_some() {
        println!("send to it with AMQP_URL={url} cargo run --example send");
    }
    let queue = pika_examples::argument("test");
    let version = pika_examples::version();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue};

        let connection = Connection::<amqp::Version>::open_as(&url)?;
        pika_examples::show_server(&connection.server_properties());
        let channel = connection.channel()?;
        channel.queue_declare(queue::Declare::new(&queue).durable(true))?;
        channel.basic_qos(basic::Qos::new(1))?;
        let mut consumer = channel.consume(basic::Consume::new(&queue))?;
        if let Some(delivery) = consumer.next()? {
            pika_examples::show(&delivery)?;
            delivery.ack()?;
        }
        consumer.cancel()?;
        connection.close()?;
        if let Some(reason) = connection.closed() {
            println!("{reason}");
        }
        Ok(())
    })
}
