//! A program on tokio in paused time, with the embedded broker at the other end of a stream in memory.
//! To copy `serve` is all it takes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pika::amqp::{basic, queue};
use pika::broker::{Broker, Plan, Settings};
use pika::bytes::{Buf, BytesMut};
use pika::config::{Config, Heartbeat};
use pika::error::Cause;
use pika::tokio::{Connection, Io};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// A broker, and what wakes those who serve its connections: what one client sends makes work for others.
#[derive(Clone)]
struct Hosted(Arc<(Mutex<Broker>, Notify)>);

impl Hosted {
    fn new() -> Self {
        Self(Arc::new((
            Mutex::new(Broker::new(Settings::new())),
            Notify::new(),
        )))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Broker, std::time::Instant) -> T) -> T {
        let result = act(&mut self.0.0.lock().unwrap(), Instant::now().into_std());
        self.0.1.notify_waiters();
        result
    }

    /// One more connection.
    fn stream(&self) -> Io {
        let (near, far) = duplex(1 << 20);
        tokio::spawn(self.clone().serve(far));
        Io::new(near)
    }

    async fn serve(self, mut stream: DuplexStream) {
        let id = self.with(Broker::accept);
        let mut input = BytesMut::new();
        loop {
            let news = self.0.1.notified();
            let (output, reads, due) = {
                let mut broker = self.0.0.lock().unwrap();
                let output = broker
                    .outgoing(id)
                    .map(|output| output.copy_to_bytes(output.remaining()));
                if broker.is_finished(id) {
                    break;
                }
                (
                    output.unwrap_or_default(),
                    broker.reads(id),
                    broker.poll_timeout(),
                )
            };
            if stream.write_all(&output).await.is_err() {
                break;
            }
            let due = due.map_or_else(|| Instant::now() + HOUR, Instant::from_std);
            tokio::select! {
                read = stream.read_buf(&mut input), if reads => match read {
                    Ok(0) | Err(_) => break,
                    Ok(_) => self.with(|broker, now| broker.receive(id, &mut input, now)),
                },
                () = sleep_until(due) => self.with(Broker::handle_timeout),
                () = news => {}
            }
        }
        self.with(|broker, now| broker.transport_ended(id, now));
    }
}

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn an_hour_of_heartbeats_takes_no_time() {
    let (hosted, began) = (Hosted::new(), std::time::Instant::now());
    let connection = <Connection>::over(hosted.stream(), Config::new())
        .await
        .unwrap();
    let channel = connection.channel().await.unwrap();
    channel
        .queue_declare(queue::Declare::new("q"))
        .await
        .unwrap();
    let mut consumer = channel.consume(basic::Consume::new("q")).await.unwrap();
    assert!(consumer.next_within(HOUR).await.unwrap().is_none());
    assert!(connection.is_open());

    let other = <Connection>::over(hosted.stream(), Config::new())
        .await
        .unwrap();
    let sender = other.channel().await.unwrap();
    sender.publish("", "q", "late").await.unwrap();
    let delivery = consumer.next().await.unwrap().unwrap();
    assert_eq!(delivery.body(), b"late");
    delivery.ack().unwrap();
    other.close().await.unwrap();
    connection.close().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_noticed_by_the_clock_of_the_test() {
    let hosted = Hosted::new();
    let config = Config::new().heartbeat(Heartbeat::AtMost(Duration::from_secs(10)));
    let connection = <Connection>::over(hosted.stream(), config).await.unwrap();
    let began = Instant::now();
    hosted.with(|broker, _| {
        let id = broker.connections().next().unwrap();
        broker.faults().on(id, Plan::new().withhold("heartbeat"));
    });
    let reason = connection.wait_closed().await;
    assert!(matches!(reason.cause, Cause::Silence { .. }), "{reason}");
    assert!(began.elapsed() >= Duration::from_secs(20));
}
