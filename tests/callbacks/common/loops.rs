//! The loop that comes with it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use pika::config::{Config, Heartbeat};
use pika::error::Misuse;

use super::amqp::{basic, queue};
use super::{Connection, Delivery, Log, Loop, Scene, ms, unique};

#[test]
fn r07_one_loop_serves_many_connections() {
    const COUNT: usize = 20;
    let scene = Scene::new();
    let log = Log::new();
    // Each hands what it gets to the next; the last one closes the ring.
    let names: Vec<_> = (0..COUNT).map(|_| unique("ring")).collect();
    let mut connections = Vec::new();
    for at in 0..COUNT {
        let connection = scene.connect();
        let (own, next) = (names[at].clone(), names[(at + 1) % COUNT].clone());
        let log = log.clone();
        connection.open_channel().then(move |channel| {
            let channel = channel?;
            drop(channel.queue_declare(queue::Declare::new(&own).auto_delete(true)));
            let consume = basic::Consume::new(&own).no_ack(true);
            let begun = channel.consume(consume, move |delivery: Delivery| {
                log.note(at);
                let body = delivery.shared_body();
                delivery.channel().try_publish("", &next, body)?;
                Ok(())
            });
            begun.then(|tag| tag.map(drop));
            Ok(())
        });
        connections.push(connection);
    }
    let ticks = Rc::new(Cell::new(0));
    tick(&scene.events, &ticks);
    scene.until("all queues are there", || {
        connections.iter().all(|connection| connection.is_open()) && ticks.get() > 20
    });
    let channel = scene.channel();
    channel.try_publish("", &names[0], "round").unwrap();
    scene.until("three rounds", || log.len() >= 3 * COUNT);
    let order = log.take();
    assert!(
        order
            .windows(2)
            .all(|pair| pair[1] == (pair[0] + 1) % COUNT)
    );
    for connection in connections {
        scene.result(connection.close()).unwrap();
    }
    assert!(ticks.get() > 20, "timers run beside them");
}

/// Counts up every few milliseconds.
fn tick(events: &Loop, ticks: &Rc<Cell<u32>>) {
    ticks.set(ticks.get() + 1);
    if ticks.get() > 10_000 {
        return;
    }
    let (again, count) = (events.clone(), ticks.clone());
    events.call_later(ms(5), move || tick(&again, &count));
}

#[test]
fn a_loop_runs_until_nothing_is_left_to_do() {
    let events = Loop::new().unwrap();
    events.run().unwrap();
    let scene = Scene::new();
    let log = Log::new();
    let inner = log.clone();
    let connection = scene.connection.clone();
    scene.events.call_later(ms(20), move || {
        inner.note("timer");
        connection.close().then(move |closed| {
            closed?;
            inner.note("closed");
            Ok(())
        });
    });
    scene.events.run().unwrap();
    assert!(scene.events.is_done());
    assert!(scene.connection.is_finished());
    assert_eq!(log.take(), ["timer", "closed"]);
}

#[test]
fn an_idle_loop_sleeps_until_something_is_due() {
    let scene = Scene::with(|config| config.heartbeat(Heartbeat::Off));
    scene.for_a_while();
    let ran = Rc::new(Cell::new(false));
    let flag = ran.clone();
    scene.events.call_later(ms(200), move || flag.set(true));
    let begun = Instant::now();
    scene.events.run_steps(1).unwrap();
    assert!(begun.elapsed() >= ms(200), "nothing else wakes it up");
    assert!(ran.get());
}

#[test]
fn timers_run_in_order_and_not_when_cancelled() {
    let events = Loop::new().unwrap();
    let log = Log::new();
    for delay in [30, 10, 20] {
        let log = log.clone();
        events.call_later(ms(delay), move || log.note(delay));
    }
    let noting = log.clone();
    let cancelled = events.call_later(ms(15), move || noting.note(15));
    assert!(events.cancel_timer(cancelled));
    assert!(!events.cancel_timer(cancelled));
    let begun = Instant::now();
    events.run().unwrap();
    assert_eq!(log.take(), [10, 20, 30]);
    assert!(begun.elapsed() >= ms(30), "none runs early");
}

#[test]
fn failures_of_all_are_collected_and_stop_none() {
    let events = Loop::new().unwrap();
    let log = Log::new();
    for n in 0..4 {
        let log = log.clone();
        events.call_later(Duration::ZERO, move || {
            log.note(n);
            match n % 2 {
                0 => Err(Misuse::NotOpen.into()),
                _ => Ok(()),
            }
        });
    }
    let failures = events.run().unwrap_err();
    assert_eq!(failures.errors().len(), 2);
    assert!(failures.to_string().contains("; "));
    assert_eq!(log.take(), [0, 1, 2, 3]);
    events.run().unwrap();
}

#[test]
fn run_goes_on_when_something_fails_and_returns_it_all() {
    let events = Loop::new().unwrap();
    let log = Log::new();
    for n in 0..3 {
        let log = log.clone();
        events.call_later(ms(n * 10), move || -> pika::Result<()> {
            log.note(n);
            Err(Misuse::NotOpen.into())
        });
    }
    let failures = events.run().unwrap_err();
    assert_eq!((failures.errors().len(), log.len()), (3, 3));
    assert!(events.is_done());
}

#[test]
fn a_handler_of_failures_hears_of_them_and_nothing_is_returned() {
    let events = Loop::new().unwrap();
    let log = Log::new();
    let noting = log.clone();
    // It may use the loop.
    let inner = events.clone();
    events.on_failure(move |error| {
        noting.note(error.to_string());
        if noting.len() == 1 {
            inner.call_later(ms(1), || -> pika::Result<()> {
                Err(Misuse::NotOpen.into())
            });
        }
    });
    events.call_later(ms(1), || -> pika::Result<()> {
        Err(Misuse::NotOpen.into())
    });
    events.run().unwrap();
    assert_eq!(log.len(), 2);
    // It holds its own loop.
    events.on_failure(|_| ());
}

#[test]
fn steps_are_counted() {
    let events = Loop::new().unwrap();
    let ticks = Rc::new(Cell::new(0));
    tick(&events, &ticks);
    events.run_steps(3).unwrap();
    assert_eq!(ticks.get(), 4, "one timer is due in each step");
    events.step(Duration::ZERO).unwrap();
    assert_eq!(ticks.get(), 4, "a step waits no longer than it may");
}

#[test]
fn a_handler_cannot_run_the_loop_but_may_stop_it() {
    let scene = Scene::new();
    let inner = scene.events.clone();
    let log = Log::new();
    let noting = log.clone();
    scene.events.call_later(ms(1), move || {
        noting.note(inner.run().unwrap_err().errors().len());
        inner.stop();
    });
    scene.events.run().unwrap();
    assert_eq!(log.take(), [1]);
    assert!(
        scene.connection.is_open(),
        "what is left goes on when the loop runs again"
    );
    scene.for_a_while();
}

#[test]
fn one_end_of_a_connection_does_not_stop_the_loop() {
    let scene = Scene::new();
    // Nobody listens on the first port.
    let refused = Connection::connect_as(Config::new().host("127.0.0.1").port(1)).unwrap();
    scene.events.add(&refused).unwrap();
    let failures = scene.until_failures();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].is_retriable(), "{failures:?}");
    assert!(refused.is_finished());
    scene.channel();
    assert_eq!(
        refused.closed().unwrap().to_string(),
        failures[0].to_string()
    );
}

#[test]
fn a_connection_that_nobody_holds_and_nothing_can_come_of_is_closed() {
    let scene = Scene::new();
    let connection = scene.connect();
    scene.until("it is open", || connection.is_open());
    let log = Log::new();
    let noting = log.clone();
    connection.open_channel().then(move |channel| {
        channel?.try_publish("", "nowhere", "x")?;
        noting.note(());
        Ok(())
    });
    drop(connection);
    scene.until("what was asked for is done", || log.len() == 1);
    drop(scene.connection.close());
    scene.events.run().unwrap();
}
