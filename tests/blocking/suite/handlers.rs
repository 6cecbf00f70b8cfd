//! Handlers of consumers.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::{Duration, Instant};

use pika::blocking::{ConsumerEnd, Notice};
use pika::error::{Error, Misuse};

use super::peer::{declare, misuse, tagged};
use super::*;

type Delivery = pika::blocking::Delivery<V>;
type Log = Rc<RefCell<Vec<&'static str>>>;

/// A handler that notes that it ran.
fn noting(log: &Log, name: &'static str) -> impl FnMut(Delivery) -> pika::Result<()> + use<> {
    let log = log.clone();
    move |_| {
        log.borrow_mut().push(name);
        Ok(())
    }
}

fn sorted(log: &Log) -> Vec<&'static str> {
    let mut names = log.borrow().clone();
    names.sort_unstable();
    names
}

#[test]
fn the_error_of_a_handler_is_returned_and_all_others_run() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let log = Log::default();
    let failing = {
        let log = log.clone();
        move |_| {
            log.borrow_mut().push("failing");
            Err::<(), _>(Misuse::NotOpen.into())
        }
    };
    events
        .consume_with(&channel, tagged("a"), noting(&log, "a"))
        .unwrap();
    events.consume_with(&channel, tagged("b"), failing).unwrap();
    events
        .consume_with(&channel, tagged("c"), noting(&log, "c"))
        .unwrap();
    for tag in ["a", "b", "c"] {
        peer.delivers(tag, 2, b"");
    }
    let failures = events.process_events(ms(20)).unwrap_err();
    let both = failures
        .errors()
        .iter()
        .map(|it| misuse(Err::<(), _>(it.clone())));
    assert_eq!(both.collect::<Vec<_>>(), [Misuse::NotOpen, Misuse::NotOpen]);
    let all = ["a", "a", "c", "c", "failing", "failing"];
    assert_eq!(sorted(&log), all);

    peer.delivers("b", 1, b"");
    events.process_events(ms(20)).unwrap_err();
    events.process_events(ms(1)).unwrap();
    assert_eq!(log.borrow().len(), 7, "an error does not end a handler");
}

#[test]
fn a_handler_that_panics_is_removed_and_its_consumer_cancelled() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let log = Log::default();
    let panicking = |_| -> () { panic!("on purpose") };
    events
        .consume_with(&channel, tagged("bad"), panicking)
        .unwrap();
    events
        .consume_with(&channel, tagged("good"), noting(&log, "good"))
        .unwrap();
    peer.heard();
    peer.delivers("bad", 2, b"");
    let caught = catch_unwind(AssertUnwindSafe(|| events.process_events(ms(20))));
    assert!(caught.is_err());
    events.process_events(ms(1)).unwrap();
    assert!(peer.heard().contains(&"basic.cancel"));
    peer.delivers("good", 2, b"");
    events.process_events(ms(20)).unwrap();
    assert_eq!(sorted(&log), ["good", "good"]);
    channel.queue_declare(declare()).unwrap();
}

#[test]
fn a_handler_may_use_the_connection() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let seen = Rc::new(Cell::new(0));
    let count = seen.clone();
    let handler = move |delivery: Delivery| {
        let channel = delivery.channel().clone();
        channel.queue_declare(declare())?;
        let other = channel.connection().channel()?;
        other.publish("", "q", delivery.body())?;
        other.close()?;
        count.set(count.get() + 1);
        delivery.ack()
    };
    events.consume_with(&channel, tagged("t"), handler).unwrap();
    peer.delivers("t", 3, b"x");
    events.process_events(ms(20)).unwrap();
    assert_eq!(seen.get(), 3);
}

#[test]
fn run_in_a_handler_is_a_misuse() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let inner = events.clone();
    let handler = move |_| inner.run().map_err(Error::from);
    events.consume_with(&channel, tagged("t"), handler).unwrap();
    peer.delivers("t", 1, b"");
    let served = events.process_events(ms(20)).map_err(Error::from);
    assert_eq!(misuse(served), Misuse::InHandler("run"));
}

#[test]
fn a_handler_that_closes_its_connection_ends_run_well() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let handler = |delivery: Delivery| {
        let connection = delivery.channel().connection();
        delivery.ack()?;
        connection.close()
    };
    events.consume_with(&channel, tagged("t"), handler).unwrap();
    events.call_later(ms(60_000), || ());
    peer.delivers("t", 1, b"");
    events.run().unwrap();
    assert!(connection.closed().unwrap().is_normal());
    let again = events.process_events(ms(0)).map_err(Error::from);
    assert!(matches!(again, Err(Error::Closed(why)) if why.is_normal()));
}

#[test]
fn run_ends_with_the_reason_when_the_server_is_gone() {
    for with_timer in [false, true] {
        let (connection, peer) = open();
        let events = connection.event_loop();
        let channel = connection.channel().unwrap();
        let log = Log::default();
        let noted = noting(&log, "t");
        events.consume_with(&channel, tagged("t"), noted).unwrap();
        if with_timer {
            events.call_later(ms(60_000), || ());
        }
        peer.delivers("t", 2, b"");
        peer.hangs_up();
        let failures = events.run().unwrap_err();
        let [Error::Closed(reason)] = failures.errors() else {
            panic!("{failures}");
        };
        assert!(!reason.is_normal() && log.borrow().len() == 2);
    }
}

#[test]
fn what_fails_stops_nothing_and_run_returns_it_all() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let failing = |_: Delivery| Err::<(), _>(Misuse::NotOpen.into());
    events.consume_with(&channel, tagged("a"), failing).unwrap();
    events.call_later(ms(1), || Err::<(), _>(Misuse::ConsumerEnded.into()));
    let last = events.clone();
    events.call_later(ms(10), move || last.connection().close());
    peer.delivers("a", 2, b"");
    let failures = events.run().unwrap_err();
    let all = failures.into_iter().map(|it| misuse(Err::<(), _>(it)));
    let mut all: Vec<_> = all.map(|it| it.to_string()).collect();
    all.sort();
    let expected = [Misuse::ConsumerEnded, Misuse::NotOpen, Misuse::NotOpen];
    let mut expected = expected.map(|it| it.to_string());
    expected.sort();
    assert_eq!(all, expected);
}

#[test]
fn a_handler_of_failures_hears_of_them_and_nothing_is_returned() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let failing = |_: Delivery| Err::<(), _>(Misuse::NotOpen.into());
    events.consume_with(&channel, tagged("a"), failing).unwrap();
    peer.delivers("a", 3, b"");
    let log = Log::default();
    let heard = log.clone();
    events.on_failure(move |_| heard.borrow_mut().push("failure"));
    events.process_events(ms(20)).unwrap();
    assert_eq!(*log.borrow(), ["failure"; 3]);
}

#[test]
fn serving_the_connection_in_a_handler_runs_no_handler() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let (depth, log) = (Rc::new(Cell::new(0)), Log::default());
    let nested = {
        let depth = depth.clone();
        move |delivery: Delivery| {
            depth.set(depth.get() + 1);
            assert_eq!(depth.get(), 1, "a handler runs in a handler");
            for time in [Duration::ZERO, ms(10)] {
                delivery.channel().connection().process_events(time)?;
            }
            depth.set(depth.get() - 1);
            Ok(())
        }
    };
    events.consume_with(&channel, tagged("a"), nested).unwrap();
    let other = {
        let (depth, log) = (depth.clone(), log.clone());
        move |_| {
            assert_eq!(depth.get(), 0, "a handler runs in a handler");
            log.borrow_mut().push("other");
            Ok(())
        }
    };
    events.consume_with(&channel, tagged("b"), other).unwrap();
    events.call_later(ms(5), {
        let depth = depth.clone();
        move || assert_eq!(depth.get(), 0, "a timer runs in a handler")
    });
    for tag in ["a", "b", "a", "b"] {
        peer.delivers(tag, 1, b"");
    }
    events.process_events(ms(60)).unwrap();
    assert_eq!(sorted(&log), ["other", "other"]);
}

#[test]
fn a_close_that_a_handler_notices_takes_nothing_from_the_others() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let log = Log::default();
    for tag in ["a", "b"] {
        let mut noted = noting(&log, tag);
        let serving = move |delivery: Delivery| {
            let served = delivery.channel().connection().process_events(ms(5));
            assert!(served.is_err());
            noted(delivery)
        };
        events.consume_with(&channel, tagged(tag), serving).unwrap();
        peer.delivers(tag, 2, b"");
    }
    peer.hangs_up();
    events.process_events(ms(50)).unwrap_err();
    assert_eq!(sorted(&log), ["a", "a", "b", "b"]);
}

#[test]
fn run_returns_when_no_handler_is_left() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let handler = |delivery: Delivery| {
        let channel = delivery.channel().clone();
        delivery.ack()?;
        channel.basic_cancel(basic::Cancel::new("t")).map(drop)
    };
    events.consume_with(&channel, tagged("t"), handler).unwrap();
    peer.delivers("t", 1, b"");
    let began = Instant::now();
    events.run().unwrap();
    assert!(began.elapsed() < ms(500), "it waits for nothing else");
    assert!(peer.heard().contains(&"basic.cancel"));
}

#[test]
fn a_channel_of_handlers_that_the_server_closes_is_reported_once() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let log = Log::default();
    events
        .consume_with(&channel, tagged("t"), noting(&log, "t"))
        .unwrap();
    peer.delivers("t", 2, b"");
    peer.closes_channel();
    let failures = events.process_events(ms(20)).unwrap_err();
    let [Error::Closed(closed)] = failures.errors() else {
        panic!("{failures}");
    };
    assert_eq!(closed.code().unwrap().0, 404);
    assert_eq!(log.borrow().len(), 2, "what came before was handed out");
    events.process_events(ms(5)).unwrap();
    let notice = connection.try_next_notice();
    assert!(
        matches!(
            notice,
            Some(Notice::HandlerEnded {
                end: ConsumerEnd::Closed(_),
                ..
            })
        ),
        "{notice:?}"
    );
    events.run().unwrap();
}

#[test]
fn a_channel_that_only_handlers_hold_stays_open() {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let log = Log::default();
    let channel = connection.channel().unwrap();
    events
        .consume_with(&channel, tagged("t"), noting(&log, "t"))
        .unwrap();
    drop(channel);
    peer.delivers("t", 1, b"");
    events.process_events(ms(10)).unwrap();
    assert_eq!(sorted(&log), ["t"]);
    assert!(!peer.has_heard("channel.close"));
}
