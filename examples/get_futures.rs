//! Fetches the messages of the queue `test`, asking once a second until Ctrl-C; with `--drain` until
//! none is left. On a runtime that speaks `futures-io`; here smol.
//!
//! ```text
//! cargo run --example get_futures --features futures -- --drain
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::error::Error;
use std::time::Duration;

use pika::futures;

fn main() -> Result<(), Box<dyn Error>> {
    smol::block_on(get())
}

async fn get() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = pika_examples::broker()?;
    if embedded.is_some() {
        println!("send to it with AMQP_URL={url} cargo run --example send");
    }
    let drains = pika_examples::flag("--drain");
    let version = pika_examples::version();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue};

        let spawn = |driver| smol::spawn(driver).detach();
        let connection = futures::open_as::<amqp::Version, _>(&url, spawn).await?;
        let channel = connection.channel().await?;
        channel.queue_declare(queue::Declare::new("test").durable(true)).await?;
        loop {
            match channel.get(basic::Get::new("test")).await? {
                Some(delivery) => {
                    let kind = delivery.properties()?.content_type.unwrap_or_default();
                    let text = String::from_utf8_lossy(delivery.body());
                    println!("content type `{kind}`, tag {}: {text}", delivery.token().tag().0);
                    delivery.ack()?;
                }
                None if drains => break,
                None => _ = smol::Timer::after(Duration::from_secs(1)).await,
            }
        }
        connection.close().await?;
        Ok(())
    })
}
