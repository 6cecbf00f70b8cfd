//! As `receive`, with a loop and handlers: receives one message, acknowledges it, and shows what the
//! server says of itself.
//!
//! ```text
//! cargo run --example receive_callbacks --features callbacks -- test
//! ```

use std::env;
use std::error::Error;
use std::time::Duration;

use pika::callbacks::{Connection, Delivery, Loop};

fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("AMQP_URL").unwrap_or_else(|_| "amqp://localhost".into());
    let version = env::var("AMQP_PROTOCOL").ok();
    let queue = env::args().nth(1).unwrap_or_else(|| "test".into());
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic};
        use pika::wire::ShortStr;

        let events = Loop::new()?;
        let connection = Connection::<amqp::Version>::connect_as(&url)?;
        events.add(&connection)?;
        connection.on_opened(|connection| println!("server: {:?}", connection.server_properties()));

        let consume = basic::Consume::new(ShortStr::new(&queue)?).consumer_tag("one");
        connection.open_channel().then(move |channel| {
            let channel = channel?;
            // No second message comes before the first is acknowledged.
            drop(channel.basic_qos(basic::Qos::new(1)));
            let begun = channel.consume(consume, |delivery: Delivery<amqp::Version>| {
                println!("received: {}", String::from_utf8_lossy(delivery.body()));
                let channel = delivery.channel().clone();
                channel.basic_cancel(basic::Cancel::new("one")).then(move |cancelled| {
                    cancelled?;
                    delivery.ack()?;
                    channel.connection().close().then(|closed| closed);
                    Ok(())
                });
            });
            begun.then(|tag| tag.map(drop));
            Ok(())
        });

        let patience = connection.clone();
        events.call_later(Duration::from_secs(10), move || {
            if patience.closed().is_none() {
                println!("nothing in `{queue}` for 10 seconds");
                patience.close().then(|closed| closed);
            }
        });
        let stopping = events.clone();
        connection.on_closed(move |_, reason| {
            println!("{reason}");
            stopping.stop();
        });
        events.run()?;
        Ok(())
    })
}
