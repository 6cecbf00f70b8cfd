//! Programs that end right after they published, without closing anything; and programs that fork.
//!
//! This program starts itself once for each run: a child publishes a few messages and returns from
//! `main`. The parent has the embedded broker, and counts what arrives.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

use std::env;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pika::amqp::queue;
use pika::broker::Server;

const RUNS: u32 = 20;
const MESSAGES: u32 = 10;

/// A way of programming, and how many of all messages have to arrive. What the socket does not take at
/// once may be lost, which it always takes on a machine that is idle.
const STYLES: [(&str, u32); 4] = [
    ("blocking", 200),
    ("background", 190),
    ("tokio", 195),
    ("tokio-one-thread", 195),
];

/// The child finds the style and the server here.
const STYLE: &str = "PIKA_EXIT_STYLE";
const URL: &str = "PIKA_EXIT_URL";

fn main() {
    match (env::var(STYLE), env::var(URL)) {
        (Ok(style), Ok(url)) => publish(&style, &url).unwrap(),
        _ => {
            STYLES.into_iter().for_each(most_arrive);
            #[cfg(unix)]
            ["blocking", "background"]
                .into_iter()
                .for_each(forks::a_child_leaves_its_parents_connection_alone);
        }
    }
}

#[cfg(unix)]
mod forks {
    use std::process::exit;

    use fork::Fork;
    use pika::amqp::{basic, queue};
    use pika::blocking::{Connection, background};
    use pika::broker::Server;

    /// What a child drops is its copy: the parent's connection, channels and consumers go on.
    pub(crate) fn a_child_leaves_its_parents_connection_alone(style: &str) {
        let server = Server::bind("127.0.0.1:0").unwrap();
        let url = server.url();
        let opened = match style {
            "background" => background::open(url),
            _ => Connection::open(url),
        };
        let connection = opened.unwrap();
        let channel = connection.channel().unwrap();
        channel.queue_declare(queue::Declare::new("q")).unwrap();
        let other = connection.channel().unwrap();
        let mut consumer = channel.consume(basic::Consume::new("q")).unwrap();
        match fork::fork().unwrap() {
            Fork::Child => {
                // In this order: a consumer, a channel, and the last handle of the connection.
                drop(consumer);
                drop((other, channel));
                drop(connection);
                exit(0);
            }
            Fork::Parent(child) => assert_eq!(fork::waitpid(child).unwrap(), 0, "{style}"),
        }
        for body in ["one", "two", "three"] {
            other.publish("", "q", body).unwrap();
            let delivery = consumer.next().unwrap().unwrap();
            assert_eq!(delivery.body(), body.as_bytes(), "{style}");
            delivery.ack().unwrap();
        }
        connection.close().unwrap();
        println!("{style}: a child leaves the connection of its parent alone");
    }
}

fn publish(style: &str, url: &str) -> pika::Result<()> {
    match style {
        "tokio" => by_tokio(&tokio::runtime::Runtime::new()?, url),
        "tokio-one-thread" => {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            by_tokio(&builder.enable_all().build()?, url)
        }
        "background" => by_call(&pika::blocking::background::open(url)?),
        _ => by_call(&pika::blocking::Connection::open(url)?),
    }
}

fn by_call(connection: &pika::blocking::Connection) -> pika::Result<()> {
    let channel = connection.channel()?;
    for _ in 0..MESSAGES {
        channel.publish("", "q", "the last words")?;
    }
    Ok(())
}

fn by_tokio(runtime: &tokio::runtime::Runtime, url: &str) -> pika::Result<()> {
    runtime.block_on(async {
        let connection = pika::tokio::Connection::open(url).await?;
        let channel = connection.channel().await?;
        for _ in 0..MESSAGES {
            channel.publish("", "q", "the last words").await?;
        }
        Ok(())
    })
}

fn most_arrive((style, at_least): (&str, u32)) {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let connection = pika::blocking::Connection::open(server.url()).unwrap();
    let channel = connection.channel().unwrap();
    channel.queue_declare(queue::Declare::new("q")).unwrap();
    let mut arrived = 0;
    for _ in 0..RUNS {
        let child = Command::new(env::current_exe().unwrap())
            .env(STYLE, style)
            .env(URL, server.url())
            .status();
        assert!(child.unwrap().success(), "{style}");
        // The server sees the end of the child's transport behind its messages.
        let end = Instant::now() + Duration::from_secs(10);
        while server.with(|broker| broker.connections().count()) > 1 && Instant::now() < end {
            sleep(Duration::from_millis(1));
        }
        let purged = channel.queue_purge(queue::Purge::new("q")).unwrap();
        arrived += purged.message_count;
    }
    let all = RUNS * MESSAGES;
    println!("{style}: {arrived} of {all} messages arrived");
    assert!(arrived >= at_least, "{style}: {arrived} of {all}");
}
