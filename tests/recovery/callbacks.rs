//! Recovery in the style of callbacks, over real sockets and real time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use pika::broker::Server;
use pika::callbacks::{Connection, Delivery, Loop, Publisher};
use pika::config::Config;
use pika::connection::{Outcome, Settled};
use pika::error::{Forbidden, Misuse};
use pika::recovery::Status;
use pika::v0_9_1::basic;
use pika::{Error, Result};

use crate::styles::{EACH, LONG, MESSAGES, message, number, restart, server, topology};

/// Makes steps until something holds.
fn run_until(events: &Loop, is_done: impl Fn() -> bool) {
    let until = Instant::now() + LONG;
    while !is_done() {
        assert!(Instant::now() < until, "it does not come to its end");
        events.step(Duration::from_millis(20)).unwrap();
    }
}

fn open(config: Config) -> (Loop, Connection) {
    let events = Loop::new().unwrap();
    let connection = Connection::connect(config).unwrap();
    events.add(&connection).unwrap();
    (events, connection)
}

/// Runs until a result has come.
fn get<R: 'static>(events: &Loop, result: pika::callbacks::Then<R>) -> Result<R> {
    let slot = Rc::new(RefCell::new(None));
    let into = slot.clone();
    result.then(move |result| drop(into.replace(Some(result))));
    run_until(events, || slot.borrow().is_some());
    slot.take().expect("it has come")
}

fn settle(delivery: Delivery) -> Result<u64> {
    let number = number(delivery.body());
    let settled = delivery.ack()?;
    assert!(matches!(settled, Settled::Queued | Settled::Stale));
    Ok(number)
}

/// Publishes a message, and counts it when it is acknowledged. Returns whether it was accepted.
fn publish(publisher: &Publisher, at: u64, acked: &Rc<Cell<u64>>) -> bool {
    let acked = acked.clone();
    match publisher.publish("", "work", message(at)) {
        Ok(outcome) => {
            outcome.then(move |outcome| {
                let outcome = outcome?;
                assert!(outcome.is_acked(), "{outcome:?}");
                acked.set(acked.get() + 1);
                Ok(())
            });
            true
        }
        Err(refused) => {
            let full = Error::ContentForbidden(Forbidden::WindowFull);
            assert_eq!(refused.error.to_string(), full.to_string());
            false
        }
    }
}

#[test]
fn callbacks_recover() {
    let (server, config) = server();
    let (events, connection) = open(config);
    let statuses = Rc::new(RefCell::new(Vec::new()));
    let seen = statuses.clone();
    connection.on_status(move |_, status| seen.borrow_mut().push(status.clone()));
    get(&events, connection.keep(topology())).unwrap();
    let publisher = get(&events, connection.publisher().window(20).open()).unwrap();
    let (received, gaps) = (
        Rc::new(RefCell::new(BTreeSet::new())),
        Rc::new(Cell::new(0)),
    );
    let (into, counted) = (received.clone(), gaps.clone());
    let subscription = connection
        .subscribe(basic::Consume::new("work"))
        .prefetch(10)
        .on_gap(move |_, _| counted.set(counted.get() + 1))
        .open(move |delivery| {
            into.borrow_mut().insert(settle(delivery)?);
            Ok(())
        });
    let subscription = get(&events, subscription).unwrap();
    let acked = Rc::new(Cell::new(0));
    for at in 1..=MESSAGES {
        while !publish(&publisher, at, &acked) {
            get(&events, publisher.room(8)).unwrap();
        }
        if at % EACH == 0 {
            events.step(Duration::ZERO).unwrap();
            restart(&server);
        }
    }
    get(&events, publisher.flush(LONG)).unwrap();
    run_until(&events, || acked.get() == MESSAGES);
    run_until(&events, || received.borrow().len() == MESSAGES as usize);
    assert!(gaps.get() > 0);
    assert!(connection.status().is_open());

    subscription.stop();
    let shut_down = connection.shutdown(LONG);
    get(&events, shut_down).unwrap();
    drop((publisher, subscription));
    events.run().unwrap();
    let statuses = statuses.borrow();
    let was_away = statuses.iter().any(|it| matches!(it, Status::Away { .. }));
    assert!(was_away, "{statuses:?}");
    assert!(
        statuses.last().is_some_and(Status::is_stopped),
        "{statuses:?}"
    );
}

#[test]
fn a_connection_of_callbacks_closes_at_once_while_it_is_away() {
    let (server, config) = server();
    let (events, connection) = open(config);
    let publisher = get(&events, connection.publisher().open()).unwrap();
    drop(server);
    run_until(&events, || {
        matches!(connection.status(), Status::Away { .. })
    });
    let outcome = publisher.publish("", "work", "body").unwrap();
    let lost = Rc::new(Cell::new(false));
    let into = lost.clone();
    outcome.then(move |outcome| into.set(matches!(outcome, Ok(Outcome::Lost(_)))));
    connection.close().then(|closed| closed);
    drop((publisher, connection));
    let start = Instant::now();
    events.run().unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    assert!(lost.get());
}

#[test]
fn callbacks_may_begin_before_the_broker() {
    let (server, config) = server();
    let address = server.local_addr();
    drop(server);
    let recovery = config.recovery.clone().expect("it recovers");
    let config = config.recovery(recovery.including_first());
    let (events, connection) = open(config);
    let kept = Rc::new(Cell::new(false));
    let into = kept.clone();
    connection.keep(topology()).then(move |result| {
        into.set(result.is_ok());
        result
    });
    let until = Instant::now() + Duration::from_millis(300);
    while Instant::now() < until {
        events.step(Duration::from_millis(20)).unwrap();
    }
    assert!(!kept.get());
    let _server = Server::bind(address).expect("the port is free again");
    run_until(&events, || kept.get());
    assert!(connection.status().is_open());
}

#[test]
fn the_last_attempt_of_callbacks_ends_the_connection_with_its_reason() {
    let (server, config) = server();
    let recovery = config.recovery.clone().expect("it recovers");
    let config = config.recovery(recovery.attempts(2));
    let (events, connection) = open(config);
    get(&events, connection.keep(topology())).unwrap();
    drop(server);
    let failures = events.run().expect_err("nobody else is told of the reason");
    let text = failures.to_string();
    assert!(text.contains("could not connect"), "{text}");
    assert!(connection.status().is_stopped());
    let kept = connection.keep(topology());
    let error = get(&events, kept).expect_err("it has ended");
    assert!(error.to_string().contains("could not connect"), "{error}");
}

#[test]
fn a_subscription_whose_handler_panics_gives_back_what_it_has_not_seen() {
    let (server, config) = server();
    let (events, connection) = open(config);
    get(&events, connection.keep(topology())).unwrap();
    let publisher = get(&events, connection.publisher().open()).unwrap();
    let acked = Rc::new(Cell::new(0));
    for at in 1..=10 {
        assert!(publish(&publisher, at, &acked));
    }
    run_until(&events, || acked.get() == 10);
    let subscription =
        connection
            .subscribe(basic::Consume::new("work"))
            .open(|delivery| -> Result<()> {
                settle(delivery)?;
                panic!("as the test wants")
            });
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _subscription = get(&events, subscription);
        run_until(&events, || false);
    }));
    assert!(panicked.is_err());
    let left = || {
        let queue = server.with(|broker| broker.queue("/", "work"));
        queue.map(|queue| queue.ready)
    };
    run_until(&events, || left() == Some(9));
    assert!(connection.status().is_open());
}

#[test]
fn callbacks_say_where_recovery_is_missing() {
    let (server, _) = server();
    let config = Config::from_uri(&server.url()).unwrap();
    let (events, connection) = open(config);
    let error = get(&events, connection.keep(topology())).expect_err("there is none");
    assert!(
        matches!(error, Error::Misuse(Misuse::NoRecovery)),
        "{error}"
    );
    let replies = get(&events, connection.declare(&topology())).unwrap();
    assert_eq!(replies.len(), 1, "declaring needs none");
}
