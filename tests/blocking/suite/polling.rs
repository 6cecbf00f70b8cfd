//! Programs that only ever look, without time to wait.

use std::cell::Cell;
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::peer::{consuming, tagged};
use super::*;

/// Looks until it finds, for as long as a test waits at most.
fn poll(mut found: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(2);
    while Instant::now() < end {
        if found() {
            return true;
        }
        sleep(ms(2));
    }
    false
}

#[test]
fn a_consumer_that_is_polled_gets_what_comes() {
    let (connection, peer) = open();
    let (_channel, mut consumer) = consuming(&connection);
    peer.after(ms(20), |peer| peer.delivers("t", 5, b""));
    peer.after(ms(40), |peer| peer.delivers("t", 5, b""));
    let mut count = 0;
    assert!(poll(|| {
        count += usize::from(consumer.next_within(Duration::ZERO).unwrap().is_some());
        count == 10
    }));
}

#[test]
fn an_iterator_that_does_not_wait_gives_what_is_there() {
    let (connection, peer) = open();
    let (_channel, mut consumer) = consuming(&connection);
    assert!(consumer.until_idle(Duration::ZERO).next().is_none());
    peer.delivers("t", 10, b"");
    let mut count = 0;
    assert!(poll(|| {
        count += consumer.until_idle(Duration::ZERO).count();
        count == 10
    }));
}

#[test]
fn handlers_of_a_connection_that_is_polled_get_what_comes() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let count = Rc::new(Cell::new(0));
    let counted = count.clone();
    let handler = move |delivery: pika::blocking::Delivery<V>| {
        counted.set(counted.get() + 1);
        delivery.ack()
    };
    events.consume_with(&channel, tagged("t"), handler).unwrap();
    peer.after(ms(20), |peer| peer.delivers("t", 10, b""));
    assert!(poll(|| {
        events.process_events(Duration::ZERO).unwrap();
        count.get() == 10
    }));
    let acks = peer.heard();
    assert_eq!(acks.iter().filter(|name| **name == "basic.ack").count(), 10);
}

#[test]
fn polling_writes_what_waits() {
    let (connection, peer) = open();
    let channel = connection.channel().unwrap();
    peer.takes(0);
    channel.publish("", "q", "x").unwrap();
    assert!(!peer.has_heard("basic.publish"));
    peer.takes(usize::MAX);
    connection.process_events(Duration::ZERO).unwrap();
    assert!(peer.has_heard("body"));
}

#[test]
fn a_timer_of_a_connection_that_is_polled_runs() {
    let (connection, _peer) = open();
    let events = connection.event_loop();
    let ran = Rc::new(Cell::new(false));
    let flag = ran.clone();
    events.call_later(ms(20), move || flag.set(true));
    assert!(poll(|| {
        events.process_events(Duration::ZERO).unwrap();
        ran.get()
    }));
}

#[test]
fn a_close_is_noticed_by_polling_once_all_is_handed_out() {
    let (connection, peer) = open();
    let (_channel, mut consumer) = consuming(&connection);
    peer.delivers("t", 2, b"");
    peer.hangs_up();
    let mut count = 0;
    assert!(poll(|| {
        let next = consumer.next_within(Duration::ZERO);
        count += usize::from(matches!(next, Ok(Some(_))));
        next.is_err()
    }));
    assert_eq!(count, 2);
}

#[test]
fn polling_tells_that_the_connection_is_closed() {
    let (connection, peer) = open();
    peer.after(ms(10), Peer::hangs_up);
    assert!(poll(|| connection.process_events(Duration::ZERO).is_err()));
    assert!(connection.process_events(Duration::ZERO).is_err());
}

#[test]
fn polling_hands_out_what_came_before_it_tells_of_a_close() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let count = Rc::new(Cell::new(0));
    let counted = count.clone();
    let handler = move |_| {
        counted.set(counted.get() + 1);
        Ok(())
    };
    events.consume_with(&channel, tagged("t"), handler).unwrap();
    peer.after(ms(10), |peer| {
        peer.delivers("t", 100, b"");
        peer.hangs_up();
    });
    assert!(poll(|| events.process_events(Duration::ZERO).is_err()));
    assert_eq!(count.get(), 100);
}
