//! Publishes whose outcome is not known.

use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;
use std::time::{Duration, Instant};

use pika::blocking::NotAcked;
use pika::broker::Server;
use pika::config::Config;
use pika::connection::{Event, Outcome};
use pika::error::{Cause, Error};

use super::amqp::Version;
use super::suite::Dialogue;
use super::suite::closing::{is_reason, time_out, unanswered};
use super::suite::desk::{Desk, SHORT, message, ms, patient, queue_of};
use super::{basic, channel, confirm, queue};
use crate::kit::{SECOND, TUNE, quiet};
use crate::runner::fault;
use crate::styles::Style;

/// Well before the close-ok is overdue.
const AT_ONCE: Duration = Duration::from_millis(1500);

in_styles!(a_publish_on_a_closing_channel_fails_with_its_reason);
in_styles!(a_publish_after_an_overdue_close_ok_fails_with_the_reason);
in_styles!(a_publish_after_a_late_confirm_select_fails_with_the_reason);

/// Right today.
#[test]
fn open_publishes_are_lost_when_a_channel_begins_to_close() {
    fault(|| {
        let mut it = Dialogue::open_with(quiet().rpc_timeout(SECOND * 3), TUNE);
        let key = it.channel();
        let call = it.calls(key, confirm::Select::new());
        it.says(1, confirm::SelectOk::new());
        it.replies(call);
        let publish = basic::Publish::new("", "q");
        let properties = basic::Properties::new();
        it.on(key).publish(&publish, &properties, b"body").unwrap();
        it.hears_content(1, &publish);
        let late = it.calls(key, queue::Declare::new("q"));
        it.wait(SECOND * 3);
        it.hears_any::<channel::Close>(1);
        let mut outcomes = Vec::new();
        for _ in 0..2 {
            match it.event() {
                Event::Reply { call } => {
                    assert_eq!(call, late);
                    let result = it.client.take_reply(call).unwrap();
                    assert!(matches!(result, Err(Error::TimedOut(_))), "{result:?}");
                }
                Event::Confirmed { outcome, .. } => outcomes.push(outcome),
                other => panic!("expected a reply or an outcome, found {other:?}"),
            }
        }
        assert!(
            matches!(&outcomes[..], [one] if is_lost(one)),
            "{outcomes:?}"
        );
        it.says(1, channel::CloseOk::new());
        it.channel_closed(key);
    });
}

fn is_lost(outcome: &Outcome<Version>) -> bool {
    matches!(outcome, Outcome::Lost(why) if matches!(why.cause, Cause::TimedOut(_)))
}

fn is_late_reason(reason: &NotAcked) -> bool {
    matches!(reason, NotAcked::Lost(why) if matches!(why.cause, Cause::TimedOut(_)))
}

/// Right today.
fn a_publish_on_a_closing_channel_fails_with_its_reason<S: Style>() {
    let desk = Desk::<S>::with(|config| config.rpc_timeout(SHORT));
    let channel = desk.channel.confirming().unwrap();
    time_out(&desk);
    is_reason("publish_confirmed", channel.publish_confirmed(message("q")));
}

/// Right today.
fn a_publish_after_an_overdue_close_ok_fails_with_the_reason<S: Style>() {
    let desk = Desk::<S>::with(|config| config.rpc_timeout(SHORT).close_timeout(ms(100)));
    let channel = desk.channel.confirming().unwrap();
    time_out(&desk);
    desk.connection.idle(ms(200));
    is_reason("publish_confirmed", channel.publish_confirmed(message("q")));
}

/// Right today.
fn a_publish_after_a_late_confirm_select_fails_with_the_reason<S: Style>() {
    let desk = Desk::<S>::with(|config| config.rpc_timeout(SHORT));
    desk.plan(unanswered().ignore("confirm.select"));
    is_late(desk.channel.confirming().map(drop));
    is_reason("publish", desk.channel.publish(message("q")));
    is_reason("confirming", desk.channel.confirming().map(drop));
}

/// A broker that confirms nothing, and what a client needs to meet it.
fn server() -> (Server, Config) {
    let server = Server::bind("127.0.0.1:0").unwrap();
    server.with(|broker| {
        broker.faults().on_next(unanswered());
    });
    let config = patient(&server).rpc_timeout(SHORT);
    (server, config)
}

#[track_caller]
fn is_late<T: Debug>(result: pika::Result<T>) {
    assert!(matches!(result, Err(Error::TimedOut(_))), "{result:?}");
}

fn late() -> queue::Declare {
    queue::Declare::new("late")
}

fn publish() -> basic::Publish {
    basic::Publish::new("", "q")
}

/// Right today.
#[test]
fn an_open_publish_is_lost_at_once_in_blocking_style() {
    fault(|| {
        let (_server, config) = server();
        let connection = pika::blocking::Connection::<Version>::open_as(config).unwrap();
        let channel = connection.channel().unwrap();
        let channel = channel.confirming().unwrap();
        channel.channel().publish("", "q", "body").unwrap();
        is_late(channel.queue_declare(late()));
        let failed = channel.wait_for_confirms(AT_ONCE).unwrap();
        assert!(
            matches!(&failed[..], [one] if is_late_reason(&one.reason)),
            "{failed:?}"
        );
    });
}

/// Right today.
#[test]
fn an_open_publish_is_lost_at_once_on_threads() {
    fault(|| {
        let (_server, config) = server();
        let connection = pika::blocking::background::open_as::<Version, _>(config).unwrap();
        let channel = connection.channel().unwrap();
        let channel = channel.confirming().unwrap();
        let properties = basic::Properties::new();
        let mut open = channel
            .basic_publish(&publish(), &properties, "body")
            .unwrap();
        is_late(channel.queue_declare(late()));
        is_reason(
            "basic_publish",
            channel
                .basic_publish(&publish(), &properties, "body")
                .map(drop),
        );
        let outcome = open.wait_timeout(AT_ONCE).unwrap();
        let outcome = outcome.expect("an outcome at once");
        assert!(is_lost(&outcome), "{outcome:?}");
    });
}

/// Right today.
#[test]
fn an_open_publish_is_lost_at_once_on_tokio() {
    fault(|| {
        let (_server, config) = server();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let connection = pika::tokio::Connection::<Version>::open_as(config)
                .await
                .unwrap();
            let channel = connection.channel().await.unwrap();
            let channel = channel.confirming().await.unwrap();
            let properties = basic::Properties::new();
            let open = channel
                .basic_publish(&publish(), &properties, "body")
                .await
                .unwrap();
            is_late(channel.queue_declare(late()).await);
            let again = channel.basic_publish(&publish(), &properties, "body").await;
            is_reason("basic_publish", again.map(drop));
            let outcome = tokio::time::timeout(AT_ONCE, open)
                .await
                .expect("an outcome at once");
            assert!(is_lost(&outcome), "{outcome:?}");
        });
    });
}

/// Right today.
#[test]
fn an_open_publish_is_lost_at_once_in_a_loop() {
    fault(|| {
        let (_server, config) = server();
        let events = pika::callbacks::Loop::new().unwrap();
        let connection = pika::callbacks::Connection::<Version>::connect_as(config).unwrap();
        events.add(&connection).unwrap();
        let found = Rc::new(RefCell::new(None));
        let end = Instant::now() + AT_ONCE;
        let step = || {
            assert!(Instant::now() < end, "no outcome at once");
            let _ = events.step(ms(10));
        };
        let opened = found.clone();
        connection.open_channel().then(move |channel| {
            let channel = channel?;
            channel.on_closed(|_, _| ());
            let confirming = channel.confirming();
            confirming.then(move |channel| *opened.borrow_mut() = channel.ok());
            Ok(())
        });
        while found.borrow().is_none() {
            step();
        }
        let channel = found.borrow_mut().take().unwrap();
        channel.queue_declare(late()).then(drop);
        // The deadline of the confirm is later than that of the call.
        let pause = Instant::now() + ms(50);
        while Instant::now() < pause {
            step();
        }
        let (outcomes, outcome) = std::sync::mpsc::channel();
        let properties = basic::Properties::new();
        let open = channel.basic_publish(&publish(), &properties, "body");
        open.unwrap()
            .then(move |outcome| drop(outcomes.send(outcome)));
        let outcome = loop {
            step();
            if let Ok(outcome) = outcome.try_recv() {
                break outcome;
            }
        };
        let outcome = outcome.unwrap();
        assert!(is_lost(&outcome), "{outcome:?}");
    });
}

/// The channel is closing over a call that timed out, and its close-ok is overdue.
#[test]
fn a_wait_for_confirms_after_an_overdue_close_ok_fails_with_the_reason_in_blocking_style() {
    fault(|| {
        let (_server, config) = server();
        let config = config.close_timeout(ms(100));
        let connection = pika::blocking::Connection::<Version>::open_as(config).unwrap();
        let channel = connection.channel().unwrap();
        let channel = channel.confirming().unwrap();
        is_late(channel.queue_declare(late()));
        connection.process_events(ms(200)).unwrap();
        is_reason("wait_for_confirms", channel.wait_for_confirms(AT_ONCE));
    });
}

/// The channel is closing over a call that timed out, and its close-ok is overdue.
#[test]
fn a_wait_for_confirms_after_an_overdue_close_ok_fails_with_the_reason_on_threads() {
    fault(|| {
        let (_server, config) = server();
        let config = config.close_timeout(ms(100));
        let connection = pika::blocking::background::open_as::<Version, _>(config).unwrap();
        let channel = connection.channel().unwrap();
        let channel = channel.confirming().unwrap();
        is_late(channel.queue_declare(late()));
        std::thread::sleep(ms(200));
        is_reason("wait_for_confirms", channel.wait_for_confirms(AT_ONCE));
    });
}

/// The channel is closing over a call that timed out, and its close-ok is overdue.
#[test]
fn a_wait_for_confirms_after_an_overdue_close_ok_fails_with_the_reason_on_tokio() {
    fault(|| {
        let (_server, config) = server();
        let config = config.close_timeout(ms(100));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let connection = pika::tokio::Connection::<Version>::open_as(config)
                .await
                .unwrap();
            let channel = connection.channel().await.unwrap();
            let channel = channel.confirming().await.unwrap();
            is_late(channel.queue_declare(late()).await);
            tokio::time::sleep(ms(200)).await;
            is_reason(
                "wait_for_confirms",
                channel.wait_for_confirms(AT_ONCE).await,
            );
        });
    });
}

/// A misuse promises that nothing was sent.
#[test]
fn a_confirmed_publish_that_is_a_misuse_was_not_sent() {
    const COUNT: usize = 20;
    fault(|| {
        let server = Server::bind("127.0.0.1:0").unwrap();
        let config = patient(&server).incoming(4, 10_000).blocked_timeout(ms(50));
        let connection = pika::blocking::Connection::<Version>::open_as(config).unwrap();
        let channel = connection.channel().unwrap();
        channel.queue_declare(queue::Declare::new("full")).unwrap();
        channel.queue_declare(queue::Declare::new("q")).unwrap();
        for _ in 0..50 {
            channel.publish("", "full", vec![0; 1000]).unwrap();
        }
        let confirming = channel.confirming().unwrap();
        let mut full = channel.consume(basic::Consume::new("full")).unwrap();
        connection.process_events(ms(50)).unwrap();
        let mut misuses = 0;
        for _ in 0..COUNT {
            let outcome =
                confirming.basic_publish_confirmed(&publish(), &basic::Properties::new(), "body");
            misuses += usize::from(matches!(outcome, Err(Error::Misuse(_))));
        }
        full.until_idle(ms(50)).for_each(drop);
        let arrived = queue_of(&server, "q").unwrap().ready;
        assert!(
            arrived + misuses <= COUNT,
            "{misuses} of {COUNT} misuses, {arrived} arrived"
        );
    });
}
