//! Handlers, timers, and serving the connection.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use pika::Error;

use super::amqp::{basic, queue};
use super::{Desk, connect, next, serve_until, temporary_queue};
use crate::support::{BRIEFLY, eventually};

#[test]
fn a_handler_gets_messages_while_events_are_processed_and_not_before() {
    let desk = Desk::new();
    let events = desk.connection.event_loop();
    for body in ["one", "two", "three"] {
        desk.publish(body);
    }
    desk.settles_at(3, 0);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = seen.clone();
    let consume = basic::Consume::new(&desk.queue).consumer_tag("handled");
    let tag = events.consume_with(&desk.channel, consume, move |delivery| {
        log.borrow_mut().push(delivery.shared_body());
        delivery.ack()
    });
    assert_eq!(tag.unwrap(), "handled");
    desk.all_delivered();
    assert!(seen.borrow().is_empty(), "calls run no handler");
    serve_until(&events, || seen.borrow().len() == 3);
    assert_eq!(*seen.borrow(), ["one", "two", "three"]);
}

#[test]
fn a_handler_may_call_and_consume_and_cancel_itself() {
    let desk = Desk::new();
    let events = desk.connection.event_loop();
    let replies = temporary_queue(&desk.channel);
    let target = replies.clone();
    let consume = basic::Consume::new(&desk.queue).consumer_tag("server");
    events
        .consume_with(&desk.channel, consume, move |delivery| {
            let channel = delivery.channel().clone();
            let own = temporary_queue(&channel);
            channel.publish("", &own, delivery.shared_body())?;
            let mut inner = channel.consume(basic::Consume::new(&own))?;
            let copy = next(&mut inner);
            channel.publish("", &target, copy.shared_body())?;
            copy.ack()?;
            delivery.ack()?;
            channel.basic_cancel(basic::Cancel::new("server")).map(drop)
        })
        .unwrap();
    desk.publish("question");
    // Nothing is left to run once the handler has cancelled itself.
    events.run().unwrap();
    let get = basic::Get::new(&replies);
    let answer = eventually("the answer", || desk.channel.get(get.clone()).unwrap());
    assert_eq!(answer.body(), b"question");
    desk.settles_at(0, 0);
}

#[test]
fn a_handlers_error_reaches_whoever_serves_and_the_rest_goes_on() {
    let desk = Desk::new();
    let events = desk.connection.event_loop();
    for body in ["one", "two", "three"] {
        desk.publish(body);
    }
    desk.settles_at(3, 0);
    let seen = Rc::new(Cell::new(0));
    let count = seen.clone();
    let consume = basic::Consume::new(&desk.queue).no_ack(true);
    events
        .consume_with(&desk.channel, consume, move |delivery| {
            count.set(count.get() + 1);
            // There is nothing to acknowledge.
            delivery.ack()
        })
        .unwrap();
    desk.all_delivered();
    let mut errors = 0;
    while seen.get() < 3 {
        if let Err(failures) = events.process_events(Duration::from_secs(1)) {
            let all = failures.errors().iter();
            errors += all.filter(|it| matches!(it, Error::Misuse(_))).count();
        }
    }
    assert_eq!(errors, 3);
    assert!(desk.channel.is_open());
    events.process_events(BRIEFLY).unwrap();
}

#[test]
fn timers_run_in_order_while_the_connection_is_served() {
    let connection = connect();
    let events = connection.event_loop();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let note = |name: &'static str| {
        let seen = seen.clone();
        move || seen.borrow_mut().push(name)
    };
    events.call_later(Duration::from_millis(60), note("third"));
    events.call_later(Duration::from_millis(20), note("first"));
    events.call_later(Duration::from_millis(40), note("second"));
    let never = events.call_later(Duration::from_millis(30), note("never"));
    assert!(events.cancel_timer(never));
    assert!(!events.cancel_timer(never));
    let began = Instant::now();
    events.run().unwrap();
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert_eq!(*seen.borrow(), ["first", "second", "third"]);
}

#[test]
fn a_timer_may_publish_and_set_the_next_timer() {
    let desk = Desk::new();
    let events = desk.connection.event_loop();
    let (channel, queue) = (desk.channel.clone(), desk.queue.clone());
    let inner = events.clone();
    events.call_later(Duration::ZERO, move || {
        let later = (channel.clone(), queue.clone());
        channel.publish("", &queue, "first").unwrap();
        inner.call_later(Duration::from_millis(10), move || {
            later.0.publish("", &later.1, "second").unwrap();
        });
    });
    events.run().unwrap();
    assert_eq!(desk.get_soon().body(), b"first");
    assert_eq!(desk.get_soon().body(), b"second");
}

#[test]
fn processing_events_lasts_as_long_as_it_was_asked_to() {
    let connection = connect();
    for millis in [0, 1, 50, 200] {
        let time = Duration::from_millis(millis);
        let began = Instant::now();
        connection.process_events(time).unwrap();
        let took = began.elapsed();
        assert!(
            took >= time && took < time + Duration::from_secs(1),
            "{took:?}"
        );
    }
}

#[test]
fn a_handler_whose_queue_is_deleted_is_let_go() {
    let desk = Desk::new();
    let events = desk.connection.event_loop();
    let alive = Rc::new(Cell::new(0));
    let held = alive.clone();
    let consume = basic::Consume::new(&desk.queue);
    events
        .consume_with(&desk.channel, consume, move |_| {
            held.set(held.get() + 1);
            Ok(())
        })
        .unwrap();
    let helper = desk.connection.channel().unwrap();
    helper
        .queue_delete(queue::Delete::new(&desk.queue))
        .unwrap();
    events.run().unwrap();
    assert_eq!(Rc::strong_count(&alive), 1);
    assert_eq!(alive.get(), 0);
}

#[test]
fn two_connections_in_one_thread_talk_to_each_other() {
    let (ping, pong) = (Desk::new(), Desk::new());
    let events = pong.connection.event_loop();
    // Exclusive queues can be published to by everyone.
    let target = ping.queue.clone();
    let answer = move |delivery: super::Delivery| {
        let channel = delivery.channel();
        let body = delivery.shared_body();
        channel.publish("", &target, body).unwrap();
        delivery.ack()
    };
    let consume = basic::Consume::new(&pong.queue);
    events.consume_with(&pong.channel, consume, answer).unwrap();
    let consume = basic::Consume::new(&ping.queue);
    let mut consumer = ping.channel.consume(consume).unwrap();
    for round in 0..50_u32 {
        let ball = round.to_be_bytes();
        ping.channel.publish("", &pong.queue, &ball[..]).unwrap();
        let back = eventually("the ball", || {
            let step = Duration::from_millis(2);
            events.process_events(step).unwrap();
            consumer.next_within(step).unwrap()
        });
        assert_eq!(back.body()[..], ball);
        back.ack().unwrap();
    }
    ping.connection.close().unwrap();
    assert!(pong.connection.is_open());
}
