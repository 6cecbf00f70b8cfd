//! Handlers that panic, in programs that catch it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Instant;

use pika::broker::Server;

use super::amqp::Version;
use super::desk::{ms, patient, queue_of};
use super::{basic, queue};
use crate::runner::fault;

const COUNT: usize = 5;

/// Runs `step` for a while, and checks that each message is handed out or back in its queue.
fn none_is_lost(server: &Server, handled: &Cell<usize>, mut step: impl FnMut()) {
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let end = Instant::now() + ms(2000);
        while Instant::now() < end {
            step();
        }
    }));
    assert!(panicked.is_err(), "the handler was called");
    let end = Instant::now() + ms(1000);
    loop {
        step();
        let ready = queue_of(server, "q").unwrap().ready;
        if handled.get() + ready >= COUNT {
            return;
        }
        let handled = handled.get();
        assert!(
            Instant::now() < end,
            "of {COUNT}, {handled} handled and {ready} back in the queue"
        );
    }
}

/// Counts a message, and panics at the first.
fn count(handled: &Cell<usize>) {
    handled.set(handled.get() + 1);
    assert!(handled.get() > 1, "the first message, on purpose");
}

/// The messages that wait for a handler that panics go back to their queue.
#[test]
fn messages_behind_a_panic_are_not_lost_in_blocking_style() {
    fault(|| {
        let server = Server::bind("127.0.0.1:0").unwrap();
        let connection = pika::blocking::Connection::<Version>::open_as(patient(&server)).unwrap();
        let channel = connection.channel().unwrap();
        channel.queue_declare(queue::Declare::new("q")).unwrap();
        for _ in 0..COUNT {
            channel.publish("", "q", "body").unwrap();
        }
        let handled = Rc::new(Cell::new(0));
        let counted = handled.clone();
        let handler = move |delivery: pika::blocking::Delivery<Version>| {
            count(&counted);
            delivery.ack()
        };
        let events = connection.event_loop();
        events
            .consume_with(&channel, basic::Consume::new("q"), handler)
            .unwrap();
        none_is_lost(&server, &handled, || {
            // The error of a handler that has panicked is no failure of the test.
            let _ = events.process_events(ms(10));
        });
    });
}

/// The messages that wait for a handler that panics go back to their queue.
#[test]
fn messages_behind_a_panic_are_not_lost_in_a_loop() {
    fault(|| {
        let server = Server::bind("127.0.0.1:0").unwrap();
        let filler = pika::blocking::Connection::<Version>::open_as(patient(&server)).unwrap();
        let channel = filler.channel().unwrap();
        channel.queue_declare(queue::Declare::new("q")).unwrap();
        for _ in 0..COUNT {
            channel.publish("", "q", "body").unwrap();
        }
        filler.close().unwrap();

        let events = pika::callbacks::Loop::new().unwrap();
        let connection =
            pika::callbacks::Connection::<Version>::connect_as(patient(&server)).unwrap();
        events.add(&connection).unwrap();
        let handled = Rc::new(Cell::new(0));
        let counted = handled.clone();
        connection.open_channel().then(move |channel| {
            let handler = move |delivery: pika::callbacks::Delivery<Version>| {
                count(&counted);
                delivery.ack()
            };
            channel?
                .consume(basic::Consume::new("q"), handler)
                .then(drop);
            Ok(())
        });
        none_is_lost(&server, &handled, || {
            // The error of a handler that has panicked is no failure of the test.
            let _ = events.step(ms(10));
        });
    });
}
