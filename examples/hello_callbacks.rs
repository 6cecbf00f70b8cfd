//! Declares an exchange and a queue, binds them, and sends a message; `receive` with the queue's name
//! gets it. With a loop and completions.
//!
//! ```text
//! cargo run --example hello_callbacks --features callbacks
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::error::Error;

use pika::callbacks::{Connection, Loop};

fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = pika_examples::broker()?;
    let version = pika_examples::version();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{exchange, queue};

        let events = Loop::new()?;
        let connection = Connection::<amqp::Version>::connect_as(&url)?;
        events.add(&connection)?;
        connection.open_channel().then(|channel| {
            let channel = channel?;
            // Calls are answered in order, and what goes wrong makes `run` below fail.
            drop(channel.exchange_declare(exchange::Declare::new("test_x", "fanout")));
            drop(channel.queue_declare(queue::Declare::new("test_q").durable(true)));
            channel.queue_bind(queue::Bind::new("test_q", "test_x", "")).then(move |bound| {
                bound?;
                println!("exchange `test_x` and queue `test_q` are bound");
                channel.publish("test_x", "", "Hello World!")?;
                println!("sent to `test_x`: Hello World!");
                channel.connection().close().then(|closed| closed);
                Ok(())
            });
            Ok(())
        });
        events.run()?;
        Ok(())
    })
}
