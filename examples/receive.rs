//! Receives one message, acknowledges it, and shows what the server says of itself.
//!
//! ```text
//! cargo run --example receive -- test
//! ```

use std::env;
use std::error::Error;
use std::time::Duration;

use pika::blocking::Connection;

fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("AMQP_URL").unwrap_or_else(|_| "amqp://localhost".into());
    let version = env::var("AMQP_PROTOCOL").ok();
    let queue = env::args().nth(1).unwrap_or_else(|| "test".into());
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::basic;
        use pika::wire::ShortStr;

        let connection = Connection::<amqp::Version>::open_as(&url)?;
        println!("server: {:?}", connection.server_properties());

        let channel = connection.channel()?;
        let mut consumer = channel.consume(basic::Consume::new(ShortStr::new(&queue)?))?;
        match consumer.next_within(Duration::from_secs(10))? {
            Some(delivery) => {
                println!("received: {}", String::from_utf8_lossy(delivery.body()));
                delivery.ack()?;
            }
            None => println!("nothing in `{queue}` for 10 seconds"),
        }

        consumer.cancel()?;
        connection.close()?;
        if let Some(reason) = connection.closed() {
            println!("{reason}");
        }
        Ok(())
    })
}
