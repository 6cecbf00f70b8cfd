//! Fetches messages one by one until the queue is empty. On tokio.
//!
//! ```text
//! cargo run --example get_tokio --features tokio -- durable
//! ```

use std::env;
use std::error::Error;

use pika::tokio::Connection;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("AMQP_URL").unwrap_or_else(|_| "amqp://localhost".into());
    let version = env::var("AMQP_PROTOCOL").ok();
    let queue = env::args().nth(1).unwrap_or_else(|| "durable".into());
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::basic;
        use pika::wire::ShortStr;

        let connection = Connection::<amqp::Version>::open_as(&url).await?;
        let channel = connection.channel().await?;
        let get = basic::Get::new(ShortStr::new(&queue)?);
        while let Some(delivery) = channel.get(get.clone()).await? {
            println!("{}", String::from_utf8_lossy(delivery.body()));
            delivery.ack()?;
        }
        connection.close().await?;
        Ok(())
    })
}
