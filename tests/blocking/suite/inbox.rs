//! Messages that a program does not take.

use std::time::{Duration, Instant};

use pika::config::Config;
use pika::error::{Error, Waiting};

use super::peer::{consuming, declare};
use super::*;

/// Messages in the inbox of a consumer that may keep a few and is over the bound in bytes.
fn overfull() -> (Connection, Peer, Channel, Consumer) {
    let (connection, peer) = open_with(impatient().incoming(4, 1000));
    let (channel, consumer) = consuming(&connection);
    peer.delivers("t", 10, &[0; 200]);
    connection.process_events(ms(5)).unwrap();
    (connection, peer, channel, consumer)
}

/// How long nothing may be read while a call waits.
const STALLED: Duration = ms(60);

fn impatient() -> Config {
    patient().blocked_timeout(STALLED)
}

/// Fails after [`STALLED`], and says why.
fn fails_in_time<T: std::fmt::Debug>(call: impl FnOnce() -> pika::Result<T>) {
    let begun = Instant::now();
    let Err(Error::TimedOut(late)) = call() else {
        panic!("what was waited for cannot have been read")
    };
    assert_eq!((late.waiting_for, late.after), (Waiting::Inbox, STALLED));
    let passed = begun.elapsed();
    assert!(STALLED <= passed && passed < ms(1000), "{passed:?}");
}

fn take_all(consumer: &mut Consumer) -> usize {
    consumer.until_idle(ms(10)).map(Result::unwrap).count()
}

#[test]
fn a_reply_is_found_behind_more_messages_than_may_wait() {
    let (connection, peer) = open();
    let (channel, mut consumer) = consuming(&connection);
    peer.delivers("t", 5000, b"x");
    connection.process_events(ms(20)).unwrap();
    channel.queue_declare(declare()).unwrap();
    let second = connection.channel().unwrap();
    assert!(second.get(basic::Get::new("q")).unwrap().is_none());
    assert_eq!(take_all(&mut consumer), 5000);
    assert!(connection.is_open());
}

#[test]
fn no_more_messages_than_may_wait_are_read_in_passing() {
    let (connection, peer) = open_with(patient().incoming(4, 1 << 20));
    let (_channel, mut consumer) = consuming(&connection);
    peer.delivers("t", 4, b"x");
    connection.process_events(ms(20)).unwrap();
    let (before, _) = connection.traffic();
    peer.delivers("t", 4, b"x");
    for _ in 0..5 {
        connection.process_events(Duration::ZERO).unwrap();
        std::thread::sleep(ms(6));
    }
    assert_eq!(connection.traffic().0, before);
    assert_eq!(take_all(&mut consumer), 8);
}

#[test]
fn calls_fail_in_time_above_the_bound_in_bytes() {
    let (connection, _peer, channel, mut consumer) = overfull();
    fails_in_time(|| channel.queue_declare(declare()));
    fails_in_time(|| connection.channel());
    fails_in_time(|| channel.get(basic::Get::new("q")));
    fails_in_time(|| channel.consume(basic::Consume::new("q")));
    assert!(connection.is_open() && channel.is_open());
    assert_eq!(take_all(&mut consumer), 10);
}

#[test]
fn a_call_fails_in_time_when_messages_before_its_reply_reach_the_bound() {
    let (connection, peer) = open_with(impatient().incoming(4, 100_000));
    let (channel, mut consumer) = consuming(&connection);
    peer.delivers("t", 1000, &[0; 1000]);
    fails_in_time(|| channel.queue_declare(declare()));
    assert!(connection.traffic().0 < 500_000, "the rest was not read");
    assert_eq!(take_all(&mut consumer), 1000);
    channel.queue_declare(declare()).unwrap();
}

#[test]
fn the_connection_goes_on_once_messages_are_taken() {
    let (connection, _peer, channel, mut consumer) = overfull();
    fails_in_time(|| channel.queue_declare(declare()));
    assert_eq!(take_all(&mut consumer), 10);
    channel.queue_declare(declare()).unwrap();
    consumer.cancel().unwrap();
    channel.close().unwrap();
    connection.close().unwrap();
}

#[test]
fn a_consumer_that_finds_nothing_of_its_own_is_told_whose_inbox_is_full() {
    let (connection, peer, channel, mut consumer) = overfull();
    drop(channel);
    assert_eq!(take_all(&mut consumer), 10);
    let other = connection.channel().unwrap();
    let mut waiting = other.consume(peer::tagged("other")).unwrap();
    peer.delivers("t", 10, &[0; 200]);
    fails_in_time(|| waiting.next_within(ms(1000)));
    assert!(waiting.end().is_none());
}

#[test]
fn what_a_failed_call_would_have_begun_is_ended_when_its_answer_comes() {
    let (connection, peer, channel, mut consumer) = overfull();
    fails_in_time(|| connection.channel());
    fails_in_time(|| channel.consume(basic::Consume::new("q")));
    take_all(&mut consumer);
    connection.process_events(ms(10)).unwrap();
    let heard = peer.heard();
    assert!(heard.contains(&"channel.close"), "{heard:?}");
    assert!(heard.contains(&"basic.cancel"), "{heard:?}");
    connection.close().unwrap();
}

#[test]
fn a_consumer_that_is_dropped_makes_room() {
    let (connection, peer, channel, consumer) = overfull();
    fails_in_time(|| channel.queue_declare(declare()));
    peer.heard();
    drop(consumer);
    let heard = peer.heard();
    assert!(heard.contains(&"basic.cancel") && heard.contains(&"basic.reject"));
    channel.queue_declare(declare()).unwrap();
    connection.close().unwrap();
}

#[test]
fn a_close_is_confirmed_behind_a_full_inbox() {
    let (connection, _peer, _channel, _consumer) = overfull();
    connection.close().unwrap();
}

#[test]
fn what_was_taken_counts_no_longer_though_it_came_with_what_waits() {
    let (connection, peer) = open_with(patient().incoming(4096, 1 << 20));
    let (channel, mut consumer) = consuming(&connection);
    // The second is read with the end of the first.
    peer.delivers("t", 1, &[0; 2 << 20]);
    peer.delivers("t", 1, b"x");
    let large = consumer.next_within(ms(1000)).unwrap().unwrap();
    assert_eq!(large.body().len(), 2 << 20);
    channel.queue_declare(declare()).unwrap();
    assert_eq!(take_all(&mut consumer), 1);
}

#[test]
fn all_consumers_together_have_a_bound() {
    let config = impatient().incoming(100_000, 64 << 20);
    let (connection, peer) = open_with(config.incoming_total(100_000));
    let channel = connection.channel().unwrap();
    let tags = ["a", "b", "c", "d"];
    let mut consumers = tags.map(|tag| channel.consume(peer::tagged(tag)).unwrap());
    // What waits for a consumer that has ended does not stop the others.
    peer.delivers("a", 90, &[0; 1000]);
    peer.says(1, basic::Cancel::new("a"));
    for _ in 0..250 {
        for tag in &tags[1..] {
            peer.delivers(tag, 1, &[0; 1000]);
        }
    }
    connection.process_events(ms(20)).unwrap();
    let read = connection.traffic().0;
    assert!(read < 500_000, "{read} bytes were read");
    fails_in_time(|| channel.queue_declare(declare()));

    let mut taken = [0; 4];
    while taken[1..] != [250; 3] {
        for (count, consumer) in taken.iter_mut().zip(&mut consumers).skip(1) {
            *count += consumer.until_idle(ms(1)).map(Result::unwrap).count();
        }
    }
    assert_eq!(take_all(&mut consumers[0]), 90);
    channel.queue_declare(declare()).unwrap();
}
