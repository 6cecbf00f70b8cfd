//! A first program as a new user writes it, with names made at run time: it compiles as it stands in
//! both styles, and does what it says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pika::broker::Server;

mod in_blocking_style {
    use pika::amqp::{basic, queue};
    use pika::blocking::Connection;
    use pika::config::Config;

    pub(super) fn run(url: &str, name: String, key: &str) -> pika::Result<()> {
        let config: Config = url.parse()?;
        let connection = Connection::open(&config)?;
        let channel = connection.channel()?;
        channel.queue_declare(queue::Declare::new(&name).durable(true))?;
        channel.publish("", &name, "plain")?;
        let mut consumer = channel.consume(basic::Consume::new(&name))?;
        if let Some(delivery) = consumer.next()? {
            delivery.ack()?;
        }
        channel.queue_bind(queue::Bind::new(&name, "amq.topic", key))?;
        connection.close()
    }
}

mod on_tokio {
    use pika::amqp::{basic, queue};
    use pika::config::Config;
    use pika::tokio::Connection;

    pub(super) async fn run(url: &str, name: String, key: &str) -> pika::Result<()> {
        let config: Config = url.parse()?;
        let connection = Connection::open(&config).await?;
        let channel = connection.channel().await?;
        channel
            .queue_declare(queue::Declare::new(&name).durable(true))
            .await?;
        channel.publish("", &name, "plain").await?;
        let mut consumer = channel.consume(basic::Consume::new(&name)).await?;
        if let Some(delivery) = consumer.next().await? {
            delivery.ack()?;
        }
        channel
            .queue_bind(queue::Bind::new(&name, "amq.topic", key))
            .await?;
        connection.close().await
    }
}

/// What is left of the program: an empty queue that was bound once more.
fn check(server: &Server, name: &str) {
    let queue = server.with(|broker| broker.queue("/", name)).unwrap();
    assert_eq!((queue.ready, queue.unacked, queue.consumers), (0, 0, 0));
}

#[test]
fn it_runs_in_blocking_style() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    in_blocking_style::run(&server.url(), "of 1".to_owned(), "a.b").unwrap();
    check(&server, "of 1");
}

#[tokio::test]
async fn it_runs_on_tokio() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let name = format!("of {}", 2);
    on_tokio::run(&server.url(), name, "a.b").await.unwrap();
    check(&server, "of 2");
}
