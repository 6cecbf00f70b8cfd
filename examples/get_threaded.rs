//! Fetches the messages of the queue `test`, asking once a second until Ctrl-C; with `--drain` until
//! none is left. A thread of its own drives the connection.
//!
//! ```text
//! cargo run --example get_threaded --features background -- --drain
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::error::Error;
use std::time::Duration;

use pika::blocking::background;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = pika_examples::broker()?;
    if embedded.is_some() {
        println!("send to it with AMQP_URL={url} cargo run --example send");
    }
    let drains = pika_examples::flag("--drain");
    let version = pika_examples::version();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue};

        let connection = background::open_as::<amqp::Version, _>(&url)?;
        let channel = connection.channel()?;
        channel.queue_declare(queue::Declare::new("test").durable(true))?;
        loop {
            match channel.get(basic::Get::new("test"))? {
                Some(delivery) => {
                    let kind = delivery.properties()?.content_type.unwrap_or_default();
                    let text = String::from_utf8_lossy(delivery.body());
                    println!("content type `{kind}`, tag {}: {text}", delivery.token().tag().0);
                    delivery.ack()?;
                }
                None if drains => break,
                None => std::thread::sleep(Duration::from_secs(1)),
            }
        }
        connection.close()?;
        Ok(())
    })
}
