//! Timers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::peer::{consuming, declare, tagged};
use super::*;

#[test]
fn timers_run_in_the_order_of_their_times() {
    let (connection, _peer) = open();
    let events = connection.event_loop();
    let log = Rc::new(RefCell::new(Vec::new()));
    for delay in [30, 10, 20] {
        let log = log.clone();
        events.call_later(ms(delay), move || log.borrow_mut().push(delay));
    }
    let begun = Instant::now();
    events.run().unwrap();
    assert_eq!(*log.borrow(), [10, 20, 30]);
    assert!(begun.elapsed() >= ms(30), "none runs early");
}

#[test]
fn r08_timers_run_while_a_long_wait_goes_on() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let ran = Rc::new(Cell::new(false));
    let flag = ran.clone();
    events.call_later(ms(20), move || flag.set(true));
    peer.after(ms(50), Peer::hangs_up);
    events.process_events(Duration::MAX).unwrap_err();
    assert!(ran.get());
}

#[test]
fn a_timer_that_is_cancelled_does_not_run() {
    let (connection, _peer) = open();
    let events = connection.event_loop();
    let timer = events.call_later(Duration::ZERO, || -> () { panic!("it was cancelled") });
    assert!(events.cancel_timer(timer));
    assert!(!events.cancel_timer(timer));
    events.process_events(ms(5)).unwrap();
    events.run().unwrap();
}

#[test]
fn a_cancelled_timer_lets_go_of_the_consumer_that_it_holds() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let (channel, consumer) = consuming(&connection);
    let timer = events.call_later(ms(60_000), move || drop(consumer));
    peer.heard();
    assert!(events.cancel_timer(timer));
    assert_eq!(peer.heard(), ["basic.cancel"]);
    channel.queue_declare(declare()).unwrap();
}

#[test]
fn a_timer_may_use_the_connection_and_set_another() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let inner = events.clone();
    events.call_later(ms(5), move || {
        let again = channel.clone();
        channel.queue_declare(declare()).unwrap();
        inner.call_later(ms(5), move || {
            again.publish("", "q", "x").unwrap();
        });
    });
    events.run().unwrap();
    assert!(peer.has_heard("queue.declare") && peer.has_heard("basic.publish"));
}

#[test]
fn a_timer_that_is_always_due_again_keeps_no_message_from_its_handler() {
    for is_endless in [false, true] {
        let (connection, peer) = open();
        let events = connection.event_loop();
        let channel = connection.channel().unwrap();
        let (rounds, got) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        again(&events, &rounds, &got);
        let count = got.clone();
        let seen = move |_: pika::blocking::Delivery<V>| count.set(count.get() + 1);
        events.consume_with(&channel, tagged("a"), seen).unwrap();
        peer.delivers("a", 3, b"");
        match is_endless {
            false => events.process_events(ms(200)).unwrap(),
            true => {
                peer.after(ms(200), Peer::hangs_up);
                events.run().unwrap_err();
            }
        }
        assert_eq!(got.get(), 3, "after {} rounds", rounds.get());
    }
}

/// Sets a timer that sets itself again, until the messages are there or it has done so very often.
fn again(events: &pika::blocking::EventLoop<V>, rounds: &Rc<Cell<u32>>, got: &Rc<Cell<u32>>) {
    let (inner, rounds, got) = (events.clone(), rounds.clone(), got.clone());
    events.call_later(Duration::ZERO, move || {
        rounds.set(rounds.get() + 1);
        if got.get() < 3 && rounds.get() < 300_000 {
            again(&inner, &rounds, &got);
        }
    });
}
