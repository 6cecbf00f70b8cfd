//! Beginnings that fail, and ends.

use std::cell::Cell;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::{Duration, Instant};

use pika::broker::{Ending, Moment, Plan, Refuse, Server};
use pika::config::{Config, Heartbeat};
use pika::error::{Cause, ClosedBy, Error, TimedOut, Waiting};
use pika::wire::{ReplyCode, Scope};

use super::amqp::{basic, queue};
use super::kit::SOON;
use super::{Connection, Delivery, Log, Loop, Scene, ms};

/// Serves one connection until it is over; gives the errors on the way.
fn serve(connection: &Connection) -> Vec<Error> {
    let events = Loop::new().unwrap();
    events.add(connection).unwrap();
    let mut errors = Vec::new();
    while let Err(failures) = events.run() {
        errors.extend(failures);
    }
    errors
}

fn cause(errors: &[Error]) -> &Cause {
    assert_eq!(errors.len(), 1, "{errors:?}");
    &errors[0].closed().unwrap().cause
}

#[test]
fn a_server_that_is_not_there_is_the_reason_of_everything() {
    let config = Config::new().host("127.0.0.1").port(1);
    let connection = Connection::connect_as(config).unwrap();
    let log = Log::new();
    let noting = log.clone();
    connection.on_closed(move |_, reason| noting.note(reason.clone()));
    let opened = Rc::new(Cell::new(None));
    let result = opened.clone();
    let channel = connection.open_channel();
    channel.then(move |channel| result.set(channel.err()));
    assert!(serve(&connection).is_empty(), "a handler heard of it");
    let reason = log.take().remove(0);
    let Cause::Unreachable(why) = &reason.cause else {
        panic!("{reason}")
    };
    assert_eq!(why.tried[0].kind, std::io::ErrorKind::ConnectionRefused);
    let told = opened.take().unwrap();
    assert!(
        matches!(&told, Error::Unreachable(told) if told == why),
        "{told}"
    );
    assert!(reason.is_retriable());
    assert_eq!(connection.closed(), Some(reason));
}

#[test]
fn a_handshake_that_goes_silent_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Config::new().host("127.0.0.1").port(port);
    let connection = Connection::connect_as(config.handshake_timeout(ms(50))).unwrap();
    let begun = Instant::now();
    let late = TimedOut {
        waiting_for: Waiting::Handshake("connection.start"),
        after: ms(50),
    };
    assert_eq!(*cause(&serve(&connection)), Cause::TimedOut(late));
    assert!(begun.elapsed() >= ms(50) && begun.elapsed() < SOON);
}

#[test]
fn a_server_that_refuses_says_why_whatever_the_way() {
    for (way, by) in [
        (
            Refuse::Close(ReplyCode::NOT_ALLOWED, "not you".into()),
            ClosedBy::Server,
        ),
        (Refuse::Eof, ClosedBy::Nobody),
        (Refuse::Reset, ClosedBy::Nobody),
        (Refuse::WrongMethod, ClosedBy::Us),
    ] {
        let server = Server::bind("127.0.0.1:0").unwrap();
        let plan = Plan::new().refuse_at(Moment::Open, way.clone());
        server.with(|broker| {
            broker.faults().on_next(plan);
        });
        let connection = Connection::connect_as(server.url()).unwrap();
        let opened = Rc::new(Cell::new(false));
        let flag = opened.clone();
        connection.on_opened(move |_| flag.set(true));
        let errors = serve(&connection);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].closed().unwrap().by(), by, "{way:?}");
        assert!(!opened.get() && connection.is_finished());
    }
}

#[test]
fn a_connection_may_be_closed_before_it_is_connected() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Config::new().host("127.0.0.1").port(port);
    let connection = Connection::connect_as(config).unwrap();
    let log = Log::new();
    let noting = log.clone();
    connection.close().then(move |closed| noting.note(closed));
    assert!(serve(&connection).is_empty());
    assert!(log.take().remove(0).is_ok());
}

#[test]
fn state_handlers_are_told_the_state_when_they_are_registered() {
    let scene = Scene::new();
    let log = Log::new();
    for name in ["first", "second"] {
        let log = log.clone();
        scene.connection.on_opened(move |_| log.note(name));
    }
    scene.until("both are told", || log.len() == 2);
    let noting = log.clone();
    scene.connection.on_blocked(move |_, reason| {
        assert_eq!(reason, None);
        noting.note("accepts");
    });
    scene.until("it is told", || log.len() == 3);
    assert_eq!(log.take(), ["first", "second", "accepts"]);
    let noting = log.clone();
    scene
        .connection
        .on_closed(move |_, _| noting.note("closed"));
    scene.result(scene.connection.close()).unwrap();
    let noting = log.clone();
    scene.connection.on_closed(move |connection, reason| {
        assert_eq!(connection.closed().as_ref(), Some(reason));
        noting.note("closed already");
    });
    let noting = log.clone();
    scene.connection.on_opened(move |_| noting.note("never"));
    scene
        .connection
        .on_ready(pika::callbacks::Ready::NOTHING)
        .unwrap();
    assert_eq!(log.take(), ["closed", "closed already"]);
    assert_eq!(log.holders(), 1, "no handler is kept");
}

#[test]
fn s40_handlers_have_keys_and_can_be_removed() {
    let scene = Scene::new();
    let channel = scene.channel();
    let log = Log::new();
    let note = |name: &'static str| {
        let log = log.clone();
        move || log.note(name)
    };
    let (first, removed, last) = (note("first"), note("removed"), note("last"));
    channel.on_flow(move |_, _| first());
    let second = channel.on_flow(move |_, _| removed());
    // Removed before its turn: it is not told the state either.
    let never = note("never");
    let early = channel.on_flow(move |_, _| never());
    assert!(scene.connection.remove_handler(early));
    channel.on_flow(move |_, _| last());
    scene.until("the state is told", || log.len() == 3);
    assert_eq!(log.take(), ["first", "removed", "last"]);
    assert!(channel.remove_handler(second));
    assert!(!channel.remove_handler(second), "it is gone");
    scene.faults(|faults, id| {
        faults.flow(id, channel.id(), false);
    });
    scene.until("the change is told", || log.len() == 2);
    assert_eq!(log.take(), ["first", "last"]);

    let (closed, blocked) = (note("closed"), note("blocked"));
    let of_connection = [
        scene.connection.on_closed(move |_, _| closed()),
        scene.connection.on_blocked(move |_, _| blocked()),
    ];
    scene.until("it is told", || log.len() == 1);
    for handler in of_connection {
        assert!(scene.connection.remove_handler(handler));
    }
    // One that removes another while both are told.
    let (cell, connection) = (Rc::new(Cell::new(None)), scene.connection.clone());
    let other = cell.clone();
    channel.on_flow(move |_, active| {
        if active {
            other.take().map(|id| connection.remove_handler(id));
        }
    });
    let gone = note("gone");
    cell.set(Some(channel.on_flow(move |_, _| gone())));
    scene.until("the state is told", || log.len() == 2);
    log.take();
    scene.faults(|faults, id| {
        faults.flow(id, channel.id(), true);
    });
    scene.until("the change is told", || log.len() == 2);
    scene.result(scene.connection.close()).unwrap();
    assert_eq!(log.take(), ["first", "last"]);
}

#[test]
fn a_loop_tells_what_is_asked_of_a_connection_that_has_ended() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    scene.result(scene.connection.close()).unwrap();
    scene.events.run().unwrap();
    for _ in 0..2 {
        assert!(scene.events.is_done());
        let log = Log::new();
        let (called, closed, told) = (log.clone(), log.clone(), log.clone());
        let call = channel.queue_declare(queue::Declare::new(&queue));
        call.then(move |result| called.note(("call", result.is_ok())));
        let close = scene.connection.close();
        close.then(move |result| closed.note(("close", result.is_ok())));
        let noting = move |_: &Connection, _: &std::sync::Arc<_>| told.note(("end", true));
        scene.connection.on_closed(noting);
        assert!(!scene.events.is_done());
        scene.events.run().unwrap();
        assert_eq!(
            log.take(),
            [("call", false), ("close", true), ("end", true)]
        );
    }
}

#[test]
fn a_server_that_goes_silent_is_noticed_by_its_heartbeats() {
    let second = Heartbeat::AtMost(Duration::from_secs(1));
    let scene = Scene::with(|config| config.heartbeat(second));
    scene.faults(|faults, id| {
        faults.on(id, Plan::new().stop_writing());
    });
    let begun = Instant::now();
    let errors = scene.until_failures();
    let heartbeat = Duration::from_secs(1);
    assert_eq!(*cause(&errors), Cause::Silence { heartbeat });
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert!(scene.connection.is_finished());
}

#[test]
fn silence_is_not_held_against_a_server_that_nobody_listens_to() {
    let second = Heartbeat::AtMost(Duration::from_secs(1));
    let scene = Scene::with(|config| config.heartbeat(second));
    scene.connection.pause_reading(true);
    let begun = Instant::now();
    while begun.elapsed() < ms(2500) {
        scene.events.step(ms(200)).unwrap();
    }
    scene.connection.pause_reading(false);
    scene.channel();
}

#[test]
fn a_close_by_the_server_reaches_every_channel_and_every_call() {
    let scene = Scene::new();
    let log = Log::new();
    for _ in 0..3 {
        let channel = scene.channel();
        let noting = log.clone();
        channel.on_closed(move |_, reason| noting.note(("channel", reason.scope)));
        scene.faults(|faults, id| {
            faults.on(id, Plan::new().ignore("queue.declare"));
        });
        let noting = log.clone();
        let declare = queue::Declare::new("never answered");
        channel.queue_declare(declare).then(move |result| {
            noting.note(("call", result.unwrap_err().closed().unwrap().scope));
        });
    }
    let noting = log.clone();
    let on_connection = move |_: &Connection, reason: &std::sync::Arc<pika::error::Closed>| {
        noting.note(("connection", reason.scope));
    };
    scene.connection.on_closed(on_connection);
    scene.for_a_while();
    let code = ReplyCode::CONNECTION_FORCED;
    scene.faults(|faults, id| {
        faults.close(id, code, "good night");
    });
    scene.until("all are told", || log.len() == 7);
    let mut told = log.take();
    assert_eq!(told.pop(), Some(("connection", Scope::Connection)), "last");
    assert!(told.iter().all(|(_, scope)| *scope == Scope::Connection));
    assert_eq!(told.iter().filter(|(who, _)| *who == "call").count(), 3);
    scene.events.run().unwrap();
}

#[test]
fn what_came_before_a_reset_is_handed_out_first() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::new();
    let noting = log.clone();
    let consume = basic::Consume::new(&queue).no_ack(true);
    let begun = channel.consume(consume, move |_: Delivery| noting.note("delivery"));
    scene.result(begun).unwrap();
    let noting = log.clone();
    scene
        .connection
        .on_closed(move |_, _| noting.note("closed"));
    scene.for_a_while();
    for _ in 0..5 {
        channel.try_publish("", &queue, "x").unwrap();
    }
    scene.events.step(ms(0)).unwrap();
    std::thread::sleep(ms(50));
    scene.faults(|faults, id| {
        faults.end(id, Ending::Close);
    });
    std::thread::sleep(ms(50));
    scene.until("the end is told", || log.len() == 6);
    let mut expected = vec!["delivery"; 5];
    expected.push("closed");
    assert_eq!(log.take(), expected);
}

#[test]
fn a_close_that_is_not_confirmed_is_an_error_of_its_completion() {
    let scene = Scene::with(|config| config.close_timeout(ms(50)));
    let plan = Plan::new().withhold("connection.close-ok");
    scene.faults(|faults, id| {
        faults.on(id, plan);
    });
    let error = scene.result(scene.connection.close()).unwrap_err();
    let late = TimedOut {
        waiting_for: Waiting::CloseOk,
        after: ms(50),
    };
    assert_eq!(error.closed().unwrap().cause, Cause::TimedOut(late));
    assert!(scene.connection.is_finished());
}

#[test]
fn a_reply_that_does_not_come_closes_the_channel_in_time() {
    let scene = Scene::with(|config| config.rpc_timeout(ms(50)));
    let channel = scene.channel();
    channel.on_closed(|_, _| ());
    let plan = Plan::new().withhold("queue.declare-ok");
    scene.faults(|faults, id| {
        faults.on(id, plan);
    });
    let result = scene.result(channel.queue_declare(queue::Declare::new("late")));
    let late = TimedOut {
        waiting_for: Waiting::Reply("queue.declare"),
        after: ms(50),
    };
    assert!(matches!(result, Err(Error::TimedOut(found)) if found == late));
    scene.until("the channel is closed", || channel.closed().is_some());
    assert!(scene.connection.is_open());
}

#[test]
fn a_dropped_connection_says_good_bye() {
    let scene = Scene::new();
    let url = scene.url.clone();
    let connection = Connection::connect_as(&url).unwrap();
    let begun = Instant::now();
    while !connection.is_open() {
        assert!(begun.elapsed() < SOON);
        connection.on_ready(pika::callbacks::Ready::BOTH).unwrap();
        std::thread::sleep(ms(1));
    }
    let count = || scene.server().with(|broker| broker.connections().count());
    assert_eq!(count(), 2);
    drop(connection);
    scene.until("it is gone", || count() == 1);
}

#[test]
fn handlers_do_not_keep_a_connection_that_is_closed() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::<()>::new();
    let held = (log.clone(), scene.connection.clone(), channel.clone());
    let consume = basic::Consume::new(&queue);
    drop(channel.consume(consume, move |_| {
        let _held = &held;
    }));
    let held = (log.clone(), channel.clone());
    channel.on_flow(move |_, _| {
        let _held = &held;
    });
    let held = (log.clone(), scene.connection.clone());
    scene.connection.on_blocked(move |_, _| {
        let _held = &held;
    });
    scene.for_a_while();
    assert_eq!(log.holders(), 4);
    drop(scene.connection.close());
    scene.events.run().unwrap();
    assert_eq!(log.holders(), 1);
}

#[test]
fn a_registration_that_waits_does_not_keep_its_connection() {
    let scene = Scene::new();
    let connection = Connection::connect_as(&scene.url).unwrap();
    let log = Log::<()>::new();
    let held = log.clone();
    connection.on_closed(move |_, _| held.note(()));
    drop(connection);
    assert_eq!(log.holders(), 1);
}
