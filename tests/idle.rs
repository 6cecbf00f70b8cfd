//! What a connection holds while nothing happens on it: there may be thousands in one process.
//!
//! It is a test of its own because the crate that counts allocations replaces the allocator. It counts
//! those of one thread, so the broker, which has its own, is not counted.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

#[cfg(feature = "tls")]
#[path = "kit/authority.rs"]
mod authority;

use allocation_counter::measure;
use pika::broker::{Server, Settings};
use pika::config::Config;
use pika::v0_9_1::{basic, queue};

/// What a connection with a channel may hold. After bursts it is more: memory for the next one is kept.
const CONNECTION: i64 = 10 * 1024;

/// What a consumer may add.
const CONSUMER: i64 = 1536;

fn server() -> (Server, Config) {
    let server = Server::bind_with("127.0.0.1:0", Settings::new()).unwrap();
    let config = server.url().parse().unwrap();
    (server, config)
}

/// What is held after `act`, whose result is kept.
fn held<T>(act: impl FnOnce() -> T) -> (i64, T) {
    let (mut act, mut kept) = (Some(act), None);
    let counted = measure(|| kept = act.take().map(|act| act()));
    (counted.bytes_current, kept.unwrap())
}

#[track_caller]
fn is_small(connection: i64, consumer: i64) {
    println!("an idle connection holds {connection} bytes, a consumer {consumer} more");
    assert!((1..=CONNECTION).contains(&connection), "{connection} bytes");
    assert!(consumer <= CONSUMER, "{consumer} bytes");
}

#[test]
fn a_blocking_connection_that_is_idle_is_small() {
    let (_server, config) = server();
    let (bytes, (_connection, channel)) = held(|| {
        let connection = pika::blocking::Connection::open(&config).unwrap();
        let channel = connection.channel().unwrap();
        channel.queue_declare(queue::Declare::new("idle")).unwrap();
        channel.publish("", "idle", "some message").unwrap();
        channel.queue_purge(queue::Purge::new("idle")).unwrap();
        (connection, channel)
    });
    let (more, _consumer) = held(|| {
        let mut consumer = channel.consume(basic::Consume::new("idle")).unwrap();
        for _ in 0..100 {
            channel.publish("", "idle", "some message").unwrap();
            consumer.next().unwrap().unwrap().ack().unwrap();
        }
        consumer
    });
    is_small(bytes, more);
}

#[test]
fn a_connection_of_tokio_that_is_idle_is_small() {
    let (_server, config) = server();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // What the runtime needs for its first socket and timer is not the connection's.
    let _first = runtime.block_on(open(&config, "first"));
    let (bytes, (_connection, channel)) = held(|| runtime.block_on(open(&config, "idle")));
    let (more, _consumer) = held(|| {
        runtime.block_on(async {
            let mut consumer = channel.consume(basic::Consume::new("idle")).await.unwrap();
            for _ in 0..100 {
                channel.publish("", "idle", "some message").await.unwrap();
                let delivery = consumer.next().await.unwrap().unwrap();
                delivery.ack().unwrap();
            }
            consumer
        })
    });
    is_small(bytes, more);
}

async fn open(
    config: &Config,
    queue: &str,
) -> (pika::tokio::Connection, pika::asynchronous::Channel) {
    let connection = pika::tokio::Connection::open(config).await.unwrap();
    let channel = connection.channel().await.unwrap();
    let declare = queue::Declare::new(queue);
    channel.queue_declare(declare).await.unwrap();
    channel.publish("", queue, "some message").await.unwrap();
    channel.queue_purge(queue::Purge::new(queue)).await.unwrap();
    (connection, channel)
}

/// What a connection over TLS may hold, with a channel. What all connections of a configuration share
/// is not counted.
#[cfg(feature = "tls")]
const ENCRYPTED: i64 = 45 * 1024;

#[cfg(feature = "tls")]
#[test]
fn a_connection_over_tls_that_is_idle_is_small() {
    let (server, ca) = authority::serve();
    let config: Config = server.url().parse().unwrap();
    let config = config.tls(pika::config::Tls::new().ca_pem(ca));
    let open = || {
        let connection = pika::blocking::Connection::open(&config).unwrap();
        let channel = connection.channel().unwrap();
        channel.queue_declare(queue::Declare::new("idle")).unwrap();
        channel.publish("", "idle", "some message").unwrap();
        channel.queue_purge(queue::Purge::new("idle")).unwrap();
        (connection, channel)
    };
    let _first = open();
    let (blocking, _kept) = held(open);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _first = runtime.block_on(self::open(&config, "first"));
    let (tokio, _kept) = held(|| runtime.block_on(self::open(&config, "second")));
    println!("over TLS an idle connection holds {blocking} bytes, one of tokio {tokio}");
    for bytes in [blocking, tokio] {
        assert!((CONNECTION..=ENCRYPTED).contains(&bytes), "{bytes} bytes");
    }
}

/// A record of TLS is a vector in rustls, which has a hundred messages of 100 bytes in it. Nothing else is
/// allocated while messages go out.
#[cfg(feature = "tls")]
#[test]
fn messages_over_tls_allocate_by_the_record_and_not_each() {
    const COUNT: usize = 20_000;
    let (server, ca) = authority::serve();
    let config: Config = server.url().parse().unwrap();
    let config = config.tls(pika::config::Tls::new().ca_pem(ca));
    let connection = pika::blocking::Connection::open(&config).unwrap();
    let channel = connection.channel().unwrap();
    connection.hold_back(64 << 10);
    let body = [7; 100];
    let publish = || {
        for _ in 0..COUNT {
            channel.publish("", "nowhere", &body[..]).unwrap();
        }
        connection.flush().unwrap();
    };
    // Buffers grow to what they need.
    publish();
    let counted = measure(publish);
    let each = counted.count_total as f64 / COUNT as f64;
    println!("{each:.4} allocations a message");
    assert!(each < 0.05, "{each} allocations a message");
}
