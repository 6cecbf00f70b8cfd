//! Fetches the messages of the queue `test`, asking once a second until Ctrl-C; with `--drain` until
//! none is left. With a loop and completions.
//!
//! ```text
//! cargo run --example get_callbacks --features callbacks -- --drain
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.
//! `AMQP_PROTOCOL` says which version to speak.

use std::error::Error;
use std::time::Duration;

use pika::callbacks::{Channel, Connection, Delivery, Loop};
use pika::protocol::Protocol;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = pika_examples::broker()?;
    if embedded.is_some() {
        println!("send to it with AMQP_URL={url} cargo run --example send");
    }
    let version = pika_examples::version();
    pika::with_version!(version.as_deref(), amqp => {
        use amqp::{basic, queue};

        let show = |delivery: &Delivery<amqp::Version>| {
            let kind = delivery.properties()?.content_type.unwrap_or_default();
            let text = String::from_utf8_lossy(delivery.body());
            println!("content type `{kind}`, tag {}: {text}", delivery.token().tag().0);
            Ok(())
        };
        let events = Loop::new()?;
        let connection = Connection::<amqp::Version>::connect_as(&url)?;
        events.add(&connection)?;
        let again = events.clone();
        connection.open_channel().then(move |channel| {
            let channel = channel?;
            drop(channel.queue_declare(queue::Declare::new("test").durable(true)));
            let (get, drains) = (basic::Get::new("test"), pika_examples::flag("--drain"));
            let fetching = Fetching { events: again, channel, get, show, drains };
            fetching.next();
            Ok(())
        });
        events.run()?;
        Ok(())
    })
}

/// What is fetched, and what is done with it.
struct Fetching<P: Protocol> {
    events: Loop,
    channel: Channel<P>,
    get: P::Get,
    show: fn(&Delivery<P>) -> pika::Result<()>,
    drains: bool,
}

impl<P: Protocol> Fetching<P> {
    /// Fetches one message and then the next one.
    fn next(self) {
        let fetched = self.channel.get(self.get.clone());
        fetched.then(move |delivery| {
            match delivery? {
                Some(delivery) => {
                    (self.show)(&delivery)?;
                    delivery.ack()?;
                    self.next();
                }
                None if self.drains => self.channel.connection().close().then(|closed| closed),
                None => {
                    let events = self.events.clone();
                    events.call_later(Duration::from_secs(1), move || self.next());
                }
            }
            Ok(())
        });
    }
}
