use std::collections::BTreeSet;
use std::thread;

use pika::blocking::{Confirm, Delivery};

use super::*;

/// Messages of each thread.
const EACH: usize = 300;

/// Publishes messages and consumes them from a queue of its own, with acknowledgements.
fn work(connection: &Connection) {
    let (channel, queue) = channel_and_queue(connection);
    channel.basic_qos(basic::Qos::new(20)).unwrap();
    let mut consumer = consume(&channel, &queue);
    for number in 0..EACH {
        let body = number.to_string();
        channel.publish("", &queue, body.as_bytes()).unwrap();
    }
    for number in 0..EACH {
        let delivery = consumer.next().unwrap().unwrap();
        assert_eq!(delivery.body(), number.to_string().as_bytes());
        delivery.ack().unwrap();
    }
    assert!(consumer.try_next().is_none());
    consumer.cancel().unwrap();
    channel.close().unwrap();
}

#[test]
fn r17_sharing_is_safe() {
    fn is_shared<T: Send + Sync + Clone>() {}
    fn is_sent<T: Send + Sync>() {}
    is_shared::<Connection>();
    is_shared::<Channel>();
    is_sent::<Consumer>();
    is_sent::<Delivery<Version>>();
    is_sent::<Confirm<pika::v0_9_1::V0_9_1>>();

    let stage = Stage::new();
    let connection = open(&stage);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| work(&connection));
        }
    });

    // One channel for all of them, too; each message arrives whole and once.
    let (channel, queue) = channel_and_queue(&connection);
    thread::scope(|scope| {
        for number in 0..8 {
            let (channel, queue) = (channel.clone(), &queue);
            scope.spawn(move || {
                for at in number * EACH..(number + 1) * EACH {
                    let body = format!("{at}").repeat(1 + at % 7);
                    channel.publish("", queue, body.as_bytes()).unwrap();
                }
            });
        }
    });
    let mut missing: BTreeSet<_> = (0..8 * EACH)
        .map(|at| format!("{at}").repeat(1 + at % 7))
        .collect();
    let mut consumer = consume(&channel, &queue);
    thread::scope(|scope| {
        for delivery in (&mut consumer).into_iter().take(8 * EACH) {
            let delivery = delivery.unwrap();
            let body = std::str::from_utf8(delivery.body()).unwrap();
            missing.remove(body);
            // Any thread may settle it.
            if missing.len() % 100 == 0 {
                scope.spawn(|| delivery.ack().unwrap());
            } else {
                delivery.ack().unwrap();
            }
        }
    });
    assert!(missing.is_empty());
    connection.close().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn r18_one_connection_per_thread_is_cheap() {
    let stage = Stage::alone();
    let barrier = std::sync::Barrier::new(9);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let connection = open(&stage);
                work(&connection);
                barrier.wait();
                barrier.wait();
                connection.close().unwrap();
                barrier.wait();
            });
        }
        barrier.wait();
        // One small thread each, and no other.
        assert_eq!(driver_threads(), 8 * way::THREADS);
        barrier.wait();
        barrier.wait();
        assert!(soon(|| driver_threads() == 0));
    });
}
