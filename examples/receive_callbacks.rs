//! Receives one message of a queue, `test` by default, and shows it and what the server says of itself. With a loop and completions.
//!
//! ```text
//! cargo run --example receive_callbacks --features callbacks -- test
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::error::Error;

use pika::callbacks::{Connection, Delivery, Loop};

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = pika_examples::broker()?;
    if embedded.is_some() {
        println!("send to it with AMQP_URL={url} cargo run --example send");
    }
    let queue = pika_examples::argument("test");
    let version = pika_examples::version();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue};

        let events = Loop::new()?;
        let connection = Connection::<amqp::Version>::connect_as(&url)?;
        events.add(&connection)?;
        connection.on_opened(|own| pika_examples::show_server(&own.server_properties()));
        connection.on_closed(|_, reason| println!("{reason}"));
        connection.open_channel().then(move |channel| {
            let channel = channel?;
            drop(channel.queue_declare(queue::Declare::new(&queue).durable(true)));
            // No second message comes before the first is acknowledged.
            drop(channel.basic_qos(basic::Qos::new(1)));
            let consume = basic::Consume::new(&queue).consumer_tag("one");
            let begun = channel.consume(consume, |delivery: Delivery<amqp::Version>| {
                pika_examples::show(&delivery)?;
                let channel = delivery.channel().clone();
                channel.basic_cancel(basic::Cancel::new("one")).then(move |cancelled| {
                    cancelled?;
                    delivery.ack()?;
                    channel.connection().close().then(|closed| closed);
                    Ok(())
                });
                Ok(())
            });
            begun.then(|tag| tag.map(drop));
            Ok(())
        });
        events.run()?;
        Ok(())
    })
}
