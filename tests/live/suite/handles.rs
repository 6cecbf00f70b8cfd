//! Handles: what they keep alive, what they refuse, and what is left of them at the end.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use pika::Error;
use pika::blocking::ConsumerEnd;
use pika::connection::Settled;
use pika::error::ClosedBy;
use pika::wire::ReplyCode;

use super::amqp::basic;
use super::{Desk, connect, look, next, serve_until};
use crate::support::{BRIEFLY, Refusal, SOON, ctl, eventually, unique};

#[track_caller]
fn is_stale(result: pika::Result<Settled>) {
    assert_eq!(result.unwrap(), Settled::Stale);
}

#[test]
fn a_delivery_is_settled_on_its_own_channel_whichever_handle_is_used() {
    let (desk, stranger) = (Desk::new(), Desk::new());
    for _ in 0..3 {
        desk.publish("mine");
    }
    desk.settles_at(3, 0);
    let other = desk.connection.channel().unwrap();
    let settled = other.ack(desk.get().unwrap().into_token(), false);
    assert_eq!(settled.unwrap(), Settled::Queued);
    // The channel of the other connection has the same number, and a delivery of the same tag.
    assert_eq!(stranger.channel.id(), desk.channel.id());
    stranger.publish("theirs");
    let theirs = stranger.get_soon();
    is_stale(stranger.channel.ack(desk.get().unwrap().into_token(), true));
    theirs.ack().unwrap();
    assert!(other.is_open() && stranger.channel.is_open());
    // One was settled; the other stays with the channel.
    desk.channel.close().unwrap();
    let look_again = desk.connection.channel().unwrap();
    eventually("the messages", || {
        let found = look(&look_again, &desk.queue).unwrap();
        (found.message_count == 2).then_some(())
    });
}

#[test]
fn a_delivery_of_a_closed_channel_is_stale_and_the_channel_has_the_reason() {
    let desk = Desk::new();
    desk.publish("late");
    let message = desk.get_soon();
    let refused = look(&desk.channel, &unique("missing")).unwrap_err();
    is_stale(message.ack());
    let reason = desk.channel.closed().unwrap();
    assert_eq!(Some(&*reason), refused.closed());
    assert_eq!(reason.code(), Some(ReplyCode::NOT_FOUND));
}

#[test]
fn after_the_close_of_a_connection_everything_on_it_says_so() {
    let desk = Desk::new();
    let mut consumer = desk
        .channel
        .consume(basic::Consume::new(&desk.queue))
        .unwrap();
    desk.publish("unread");
    desk.connection.close().unwrap();
    let ours = |error: Error| {
        let reason = error.closed().unwrap();
        assert_eq!((reason.by(), reason.is_normal()), (ClosedBy::Us, true));
    };
    // What came before the close may still be read.
    assert!(consumer.iter().all(|message| message.is_ok()));
    assert!(matches!(consumer.end(), Some(ConsumerEnd::Closed(why)) if why.is_normal()));
    ours(desk.connection.process_events(BRIEFLY).unwrap_err());
    ours(desk.connection.channel().unwrap_err());
    ours(desk.channel.publish("", "", "late").unwrap_err());
    ours(desk.channel.basic_qos(basic::Qos::new(1)).unwrap_err());
    assert!(desk.channel.try_next_returned().is_none());
    desk.connection.close().unwrap();
}

#[test]
fn a_handler_keeps_its_channel_until_it_is_cancelled() {
    let desk = Desk::new();
    let events = desk.connection.event_loop();
    let channel = desk.connection.channel().unwrap();
    let number = channel.id();
    let seen = Rc::new(Cell::new(0));
    let count = seen.clone();
    let consume = basic::Consume::new(&desk.queue);
    events
        .consume_with(&channel, consume, move |delivery| {
            count.set(count.get() + 1);
            let last = delivery.body() == b"last";
            let channel = delivery.channel().clone();
            delivery.ack()?;
            if last {
                channel
                    .basic_cancel(basic::Cancel::new("ctag0"))
                    .map(drop)?;
            }
            Ok(())
        })
        .unwrap();
    drop(channel);
    for body in ["one", "two"] {
        desk.publish(body);
    }
    serve_until(&events, || seen.get() == 2);
    assert_ne!(desk.connection.channel().unwrap().id(), number);
    desk.publish("last");
    events.run().unwrap();
    assert_eq!((seen.get(), Rc::strong_count(&seen)), (3, 1));
    desk.settles_at(0, 0);
    let next = eventually("the number", || {
        let next = desk.connection.channel().unwrap();
        (next.id() == number).then_some(next)
    });
    next.close().unwrap();
}

#[test]
fn a_handler_that_panics_does_not_stop_the_others() {
    let desk = Desk::new();
    let events = desk.connection.event_loop();
    let other = super::temporary_queue(&desk.channel);
    let consume = basic::Consume::new(&desk.queue).no_ack(true);
    events
        .consume_with(&desk.channel, consume, |_| -> () {
            panic!("a panic that this test wants")
        })
        .unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = seen.clone();
    let consume = basic::Consume::new(&other).no_ack(true);
    events
        .consume_with(&desk.channel, consume, move |delivery| {
            log.borrow_mut().push(delivery.shared_body());
            Ok(())
        })
        .unwrap();
    desk.publish("bad");
    let panicked = catch_unwind(AssertUnwindSafe(|| events.process_events(SOON)));
    assert!(panicked.is_err());
    desk.channel.publish("", &other, "good").unwrap();
    serve_until(&events, || !seen.borrow().is_empty());
    // The handler is gone, and its consumer with it.
    desk.settles_at(0, 0);
}

#[test]
fn serving_ends_with_the_reason_when_the_server_closes() {
    let name = unique("served");
    let config = crate::support::config().connection_name(name.to_string());
    let desk = Desk::on(super::connect_with(config));
    let events = desk.connection.event_loop();
    let consume = basic::Consume::new(&desk.queue);
    events
        .consume_with(&desk.channel, consume, |_| Ok(()))
        .unwrap();
    let list = ctl(&["list_connections", "pid", "client_properties"]);
    let line = list
        .lines()
        .find(|line| line.contains(name.as_str().unwrap()));
    let pid = line.unwrap().split('\t').next().unwrap().to_owned();
    let closer = std::thread::spawn(move || ctl(&["close_connection", &pid, "enough"]));
    let failures = events.run().unwrap_err();
    let refusal = Refusal::connection(ReplyCode::CONNECTION_FORCED, (0, 0), "enough");
    assert_eq!(failures.errors().len(), 1, "{failures}");
    refusal.of_no_method().is(&failures.errors()[0]);
    closer.join().unwrap();
}

#[test]
fn clones_are_the_same_channel() {
    let desk = Desk::new();
    let clone = desk.channel.clone();
    desk.publish("once");
    let message = desk.get_soon();
    clone.ack(message.into_token(), false).unwrap();
    clone.close().unwrap();
    assert!(!desk.channel.is_open());
}

#[test]
fn a_consumer_asked_without_patience_gives_what_is_there() {
    let desk = Desk::new();
    for body in ["one", "two"] {
        desk.publish(body);
    }
    desk.settles_at(2, 0);
    let consume = basic::Consume::new(&desk.queue).no_ack(true);
    let mut consumer = desk.channel.consume(consume).unwrap();
    desk.all_delivered();
    for body in ["one", "two"] {
        let found = consumer.next_within(Duration::ZERO).unwrap().unwrap();
        assert_eq!(found.body(), body.as_bytes());
    }
    assert!(consumer.next_within(Duration::ZERO).unwrap().is_none());
    desk.publish("three");
    assert_eq!(next(&mut consumer).body(), b"three");
}

#[test]
fn each_thread_has_its_own_connection() {
    let desk = Desk::new();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let queue = desk.queue.clone();
            std::thread::spawn(move || {
                let channel = connect().channel().unwrap();
                for _ in 0..100 {
                    channel.publish("", &queue, "from a thread").unwrap();
                }
                channel.connection().close().unwrap();
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    desk.settles_at(400, 0);
}
