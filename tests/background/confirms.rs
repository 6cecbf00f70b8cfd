use std::thread;
use std::time::Duration;

use pika::Error;
use pika::broker::Plan;
use pika::connection::Outcome;
use pika::error::Waiting;

use super::amqp::{Version, basic, queue};
use super::way;
use crate::stage::{Stage, soon};

const PATIENCE: Duration = Duration::from_secs(20);
const BRIEFLY: Duration = Duration::from_millis(30);

#[test]
fn each_publish_is_confirmed_to_the_thread_that_asks() {
    let stage = Stage::new();
    let connection = way::open_as::<Version, _>(stage.url()).unwrap();
    let channel = connection.channel().unwrap();
    let publish = basic::Publish::new("", "q").mandatory(true);
    let properties = basic::Properties::new();
    channel.queue_declare(queue::Declare::new("q")).unwrap();
    let channel = channel.confirming().unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let confirms: Vec<_> = (0..200)
                    .map(|_| channel.basic_publish(&publish, &properties, "x").unwrap())
                    .collect();
                for confirm in confirms {
                    assert!(matches!(confirm.wait().unwrap(), Outcome::Acked));
                }
                let outcome = channel
                    .basic_publish_confirmed(&publish, &properties, "y")
                    .unwrap();
                assert!(matches!(outcome, Outcome::Acked));
            });
        }
    });
    assert!(channel.wait_for_confirms(PATIENCE).unwrap().is_empty());

    let nowhere = basic::Publish::new("", "nowhere").mandatory(true);
    let back = channel
        .basic_publish(&nowhere, &properties, "back")
        .unwrap();
    let Outcome::Returned(message) = back.wait().unwrap() else {
        panic!("no queue takes it")
    };
    assert_eq!(message.content.body(), b"back");
    let plain = channel.channel();
    plain.basic_publish(&nowhere, &properties, "back").unwrap();
    assert_eq!(channel.wait_for_confirms(PATIENCE).unwrap().len(), 1);
    connection.close().unwrap();
}

#[test]
fn a_confirm_that_does_not_come_is_waited_for_as_long_as_was_told() {
    let stage = Stage::new();
    let connection = way::open_as::<Version, _>(stage.url()).unwrap();
    let channel = connection.channel().unwrap();
    channel.queue_declare(queue::Declare::new("q")).unwrap();
    let channel = channel.confirming().unwrap();
    let id = stage.first();
    stage.with(|broker| {
        broker.faults().on(id, Plan::new().withhold("basic.ack"));
    });
    let publish = basic::Publish::new("", "q");
    let properties = basic::Properties::new();
    let mut confirm = channel.basic_publish(&publish, &properties, "x").unwrap();
    assert!(confirm.wait_timeout(BRIEFLY).unwrap().is_none());
    let late = channel.wait_for_confirms(BRIEFLY).unwrap_err();
    assert!(
        matches!(&late, Error::TimedOut(late) if late.waiting_for == Waiting::Confirms),
        "{late:?}"
    );
    // It is lost when the connection goes, and says so.
    connection.close().unwrap();
    assert!(matches!(
        confirm.wait_timeout(PATIENCE).unwrap(),
        Some(Outcome::Lost(_))
    ));
}

#[test]
fn a_server_short_of_memory_is_noticed_and_waited_for() {
    let stage = Stage::new();
    let connection = way::open_as::<Version, _>(stage.url()).unwrap();
    let channel = connection.channel().unwrap();
    channel.queue_declare(queue::Declare::new("q")).unwrap();
    let mut changes = connection.blocked_changes();
    assert_eq!(changes.next().unwrap(), None);
    let id = stage.first();
    stage.with(|broker| {
        broker.faults().blocked(id, "low on memory");
    });
    let reason = changes.next_within(PATIENCE).unwrap().flatten().unwrap();
    assert_eq!(reason, "low on memory");
    assert_eq!(connection.blocked(), Some(reason));
    let publisher = channel.clone();
    let publishing = thread::spawn(move || publisher.publish("", "q", "when you can"));
    stage.with(|broker| {
        broker.faults().unblocked(id);
    });
    assert_eq!(changes.next().unwrap(), None);
    publishing.join().unwrap().unwrap();
    let arrived = || stage.with(|broker| broker.queue("/", "q").unwrap().ready);
    assert!(soon(|| arrived() == 1));
    connection.close().unwrap();
}
