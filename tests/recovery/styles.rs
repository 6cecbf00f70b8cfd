//! The same job in each style that recovers, over real sockets and real time.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pika::asynchronous;
use pika::blocking::{self, background};
use pika::broker::Server;
use pika::config::Config;
use pika::connection::Settled;
use pika::recovery::{Recovery, Status, Topology};
use pika::v0_9_1::{basic, queue};

pub(crate) const MESSAGES: u64 = 200;

/// How many messages there are between two restarts of the broker.
pub(crate) const EACH: u64 = 50;

pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn server() -> (Server, Config) {
    let server = Server::bind("127.0.0.1:0").expect("a local address");
    let recovery = Recovery::new().delays(Duration::from_millis(20), Duration::from_millis(100));
    let config = Config::from_uri(&server.url()).unwrap().recovery(recovery);
    (server, config)
}

pub(crate) fn topology() -> Topology {
    Topology::new().with(queue::Declare::new("work").durable(true))
}

pub(crate) fn restart(server: &Server) {
    server.with(|broker| broker.restart(Instant::now()));
}

pub(crate) fn message(number: u64) -> pika::connection::Message<'static, pika::v0_9_1::V0_9_1> {
    let properties = basic::Properties::new().persistent();
    properties.body(number.to_be_bytes().to_vec())
}

pub(crate) fn number(body: &[u8]) -> u64 {
    u64::from_be_bytes(body.try_into().expect("eight bytes"))
}

async fn job<R>(connection: asynchronous::Connection<R>, server: &Server) {
    connection.keep(topology()).await.unwrap();
    let publisher = connection.publisher().window(20).open().await.unwrap();
    let subscription = connection.subscribe(basic::Consume::new("work"));
    let mut subscription = subscription.prefetch(10).open().await.unwrap();
    let mut received = BTreeSet::new();
    let mut confirms = Vec::new();
    for at in 1..=MESSAGES {
        confirms.push(publisher.publish("", "work", message(at)).await.unwrap());
        if at % EACH == 0 {
            restart(server);
        }
        while let Some(delivery) = subscription.try_next() {
            received.insert(number(delivery.body()));
            assert!(matches!(
                delivery.ack().unwrap(),
                Settled::Queued | Settled::Stale
            ));
        }
    }
    for confirm in confirms {
        let outcome = confirm.await;
        assert!(outcome.is_acked(), "{outcome:?}");
    }
    while received.len() < MESSAGES as usize {
        let delivery = subscription.next().await.unwrap().unwrap();
        received.insert(number(delivery.body()));
        let _settled = delivery.ack().unwrap();
    }
    assert!(connection.status().is_open());
    connection.close().await.unwrap();
    assert!(matches!(connection.status(), Status::Stopped(_)));
}

#[test]
fn tokio_recovers() {
    let (server, config) = server();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let run = async {
            let connection = pika::tokio::Connection::open(config).await.unwrap();
            job(connection, &server).await;
        };
        tokio::time::timeout(LONG, run)
            .await
            .expect("it comes to its end");
    });
}

#[test]
fn futures_recover() {
    let (server, config) = server();
    smol::block_on(async {
        let spawn = |driver| smol::spawn(driver).detach();
        let connection = pika::futures::open(config, spawn).await.unwrap();
        job(connection, &server).await;
    });
}

#[test]
fn blocking_calls_recover_in_the_background() {
    let (server, config) = server();
    let connection = background::open(config).unwrap();
    connection.keep(topology()).unwrap();
    let publisher = connection.publisher().window(20).open().unwrap();
    let subscription = connection.subscribe(basic::Consume::new("work"));
    let subscription = subscription.prefetch(10).open().unwrap();
    std::thread::scope(|scope| {
        let consuming = scope.spawn(move || consume(subscription));
        let mut confirms = Vec::new();
        for at in 1..=MESSAGES {
            confirms.push(publisher.publish("", "work", message(at)).unwrap());
            if at % EACH == 0 {
                restart(&server);
            }
        }
        for confirm in confirms {
            assert!(confirm.wait().unwrap().is_acked());
        }
        consuming.join().unwrap();
    });
    publisher.flush(LONG).unwrap();
    assert_eq!(connection.status(), Status::Open);
    connection.close().unwrap();
    assert!(connection.status().is_stopped());
}

fn consume(mut subscription: blocking::Subscription) {
    let (mut received, mut gaps) = (BTreeSet::new(), 0);
    let until = Instant::now() + LONG;
    while received.len() < MESSAGES as usize {
        assert!(
            Instant::now() < until,
            "{} after {gaps} gaps",
            received.len()
        );
        match subscription.next_event_within(LONG).unwrap() {
            Some(blocking::SubscriptionEvent::Delivery(delivery)) => {
                received.insert(number(delivery.body()));
                let settled = delivery.ack().unwrap();
                assert!(matches!(settled, Settled::Queued | Settled::Stale));
            }
            Some(blocking::SubscriptionEvent::Gap { .. }) => gaps += 1,
            other => panic!("{other:?}"),
        }
    }
    let stop = subscription.handle();
    stop.stop();
    assert!(subscription.next().unwrap().is_none());
}

#[test]
fn a_background_connection_closes_at_once_while_it_is_away() {
    let (server, config) = server();
    let connection = background::open(config).unwrap();
    let publisher = connection.publisher().open().unwrap();
    drop(server);
    let mut changes = connection.status_changes();
    let until = Instant::now() + LONG;
    while !matches!(changes.next_within(LONG), Some(Status::Away { .. })) {
        assert!(Instant::now() < until, "it does not notice");
    }
    let confirm = publisher.publish("", "work", "body").unwrap();
    let start = Instant::now();
    connection.close().unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    assert!(!confirm.wait().unwrap().is_acked());
}

#[test]
fn threads_that_drive_a_connection_themselves_cannot_recover() {
    let (_server, config) = server();
    let error = blocking::Connection::open(config).expect_err("it cannot");
    assert!(error.to_string().contains("background"), "{error}");
}
