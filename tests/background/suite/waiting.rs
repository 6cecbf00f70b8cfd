use std::thread;
use std::time::{Duration, Instant};

use pika::Error;
use pika::blocking::ConsumerEnd;
use pika::broker::Plan;
use pika::error::{Cause, TimedOut, Waiting};

use super::*;

#[test]
fn a_consumer_waits_no_longer_than_it_was_told() {
    let stage = Stage::new();
    let connection = open(&stage);
    let (channel, queue) = channel_and_queue(&connection);
    let mut consumer = consume(&channel, &queue);
    let began = Instant::now();
    assert!(consumer.next_within(BRIEFLY).unwrap().is_none());
    assert!(consumer.until_idle(BRIEFLY).next().is_none());
    assert!(began.elapsed() >= 2 * BRIEFLY);
    assert!(consumer.end().is_none());
    assert!(consumer.next_within(Duration::ZERO).unwrap().is_none());

    // It goes on afterwards.
    channel.publish("", &queue, "late").unwrap();
    let late = consumer.next_within(PATIENCE).unwrap().unwrap();
    late.ack().unwrap();
    consumer.cancel().unwrap();
    connection.close().unwrap();
}

#[test]
fn a_message_wakes_the_thread_that_waits() {
    let stage = Stage::new();
    let connection = open(&stage);
    let (channel, queue) = channel_and_queue(&connection);
    let mut consumer = consume(&channel, &queue);
    let waiting = thread::spawn(move || consumer.next().unwrap().unwrap().shared_body());
    thread::sleep(BRIEFLY);
    channel.publish("", &queue, "wake up").unwrap();
    assert_eq!(waiting.join().unwrap(), "wake up");
}

#[test]
fn a_cancel_by_the_server_ends_the_loop() {
    let stage = Stage::new();
    let connection = open(&stage);
    let (channel, queue) = channel_and_queue(&connection);
    let mut consumer = consume(&channel, &queue);
    let tag = consumer.tag().unwrap();
    let looping = thread::spawn(move || {
        assert_eq!((&mut consumer).into_iter().count(), 0);
        consumer.end()
    });
    let (id, number) = (stage.first(), channel.id());
    stage.with(|broker| {
        broker.faults().cancel(id, number, tag);
    });
    let end = looping.join().unwrap();
    assert!(
        matches!(end, Some(ConsumerEnd::CancelledByServer)),
        "{end:?}"
    );
    connection.close().unwrap();
}

#[test]
fn a_reply_that_does_not_come_ends_the_call_in_time() {
    let stage = Stage::new();
    let connection: Connection = way::open_as(config(&stage).rpc_timeout(BRIEFLY)).unwrap();
    let channel = connection.channel().unwrap();
    let id = stage.first();
    let plan = Plan::new().withhold("queue.declare-ok");
    stage.with(|broker| {
        broker.faults().on(id, plan);
    });
    let began = Instant::now();
    let error = channel.queue_declare(queue::Declare::new("q")).unwrap_err();
    assert!(began.elapsed() < PATIENCE);
    let expected = TimedOut {
        waiting_for: Waiting::Reply("queue.declare"),
        after: BRIEFLY,
    };
    assert!(
        matches!(error, Error::TimedOut(found) if found == expected),
        "{error:?}"
    );
    assert!(connection.is_open());
    connection.close().unwrap();
}

#[test]
fn a_server_that_says_nothing_ends_the_opening_in_time() {
    let stage = Stage::new();
    stage.with(|broker| {
        broker.faults().on_next(Plan::new().stop_writing());
    });
    let config = config(&stage).handshake_timeout(BRIEFLY);
    let began = Instant::now();
    let opened: Result<Connection, _> = way::open_as(config);
    assert!(began.elapsed() < PATIENCE);
    let error = opened.unwrap_err();
    let cause = error.closed().map(|reason| &reason.cause);
    assert!(matches!(cause, Some(Cause::TimedOut(_))), "{error:?}");
}

#[test]
fn what_comes_back_is_waited_for() {
    let stage = Stage::new();
    let connection = open(&stage);
    let channel = connection.channel().unwrap();
    assert!(channel.try_next_returned().is_none());
    assert!(channel.next_returned_within(BRIEFLY).unwrap().is_none());
    let publish = basic::Publish::new("", "nowhere").mandatory(true);
    for body in ["one", "other"] {
        let properties = basic::Properties::new();
        channel.basic_publish(&publish, &properties, body).unwrap();
    }
    let one = channel.next_returned_within(PATIENCE).unwrap().unwrap();
    assert_eq!(one.content.body(), b"one");
    assert!(soon(|| channel.try_next_returned().is_some()));
    connection.close().unwrap();
    assert!(channel.try_next_returned().is_none());
    assert!(channel.next_returned_within(PATIENCE).is_err());
}
