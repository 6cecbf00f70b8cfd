//! Receives one message, acknowledges it, and shows what the server says of itself. On tokio.
//!
//! ```text
//! cargo run --example receive_tokio --features tokio -- test
//! ```

use std::env;
use std::error::Error;
use std::time::Duration;

use pika::tokio::Connection;
use tokio::time::timeout;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("AMQP_URL").unwrap_or_else(|_| "amqp://localhost".into());
    let version = env::var("AMQP_PROTOCOL").ok();
    let queue = env::args().nth(1).unwrap_or_else(|| "test".into());
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::basic;
        use pika::wire::ShortStr;

        let connection = Connection::<amqp::Version>::open_as(&url).await?;
        println!("server: {:?}", connection.server_properties());

        let channel = connection.channel().await?;
        let mut consumer = channel.consume(basic::Consume::new(ShortStr::new(&queue)?)).await?;
        match timeout(Duration::from_secs(10), consumer.next()).await.ok().transpose()?.flatten() {
            Some(delivery) => {
                println!("received: {}", String::from_utf8_lossy(delivery.body()));
                delivery.ack()?;
            }
            None => println!("nothing in `{queue}` for 10 seconds"),
        }

        consumer.cancel().await?;
        connection.close().await?;
        if let Some(reason) = connection.closed() {
            println!("{reason}");
        }
        Ok(())
    })
}
