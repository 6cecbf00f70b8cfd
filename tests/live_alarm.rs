//! What a memory alarm of the broker does to publishers.
//!
//! An alarm is felt by every connection of the node, so this is a program of its own: cargo runs
//! test programs one after the other.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

#[path = "live/support.rs"]
mod support;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use support::{ctl, own_node};

/// A memory alarm. It is over when this is dropped, also when a test fails.
struct Alarm(#[allow(dead_code, reason = "it is held, not used")] MutexGuard<'static, ()>);

impl Alarm {
    /// Raises the alarm; no other test does at the same time.
    fn raise() -> Self {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let turn = ONE_AT_A_TIME.lock();
        own_node();
        let alarm = Self(turn.unwrap_or_else(PoisonError::into_inner));
        ctl(&[
            "eval",
            "rabbit_alarm:set_alarm({{resource_limit, memory, node()}, []}).",
        ]);
        alarm
    }

    /// Ends the alarm in a while, from another thread.
    fn ends_after(time: Duration) {
        std::thread::spawn(move || {
            std::thread::sleep(time);
            end();
        });
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        end();
    }
}

/// Ends the alarm; nothing happens when there is none.
fn end() {
    ctl(&[
        "eval",
        "rabbit_alarm:clear_alarm({resource_limit, memory, node()}).",
    ]);
}

#[cfg(feature = "amqp0-9-1")]
mod v0_9_1 {
    use std::time::{Duration, Instant};

    use pika::Error;
    use pika::blocking::{Channel, Connection, Notice};
    use pika::config::Config;
    use pika::error::{Forbidden, TimedOut, Waiting};
    use pika::v0_9_1::{V0_9_1, basic, queue};
    use pika::wire::ShortStr;

    use crate::Alarm;
    use crate::support::{SOON, config, eventually, unique};

    /// A channel and a queue that is the connection's own.
    fn desk(config: Config) -> (Channel<V0_9_1>, ShortStr) {
        let connection = Connection::<V0_9_1>::open_as(config).unwrap();
        let channel = connection.channel().unwrap();
        let declare = queue::Declare::new(unique("alarm")).exclusive(true);
        let queue = channel.queue_declare(declare).unwrap().queue;
        (channel, queue)
    }

    /// Publishes once, which RabbitMQ answers by blocking the connection, and waits for that.
    fn get_blocked(channel: &Channel<V0_9_1>, queue: &ShortStr) {
        channel.publish("", queue, "during the alarm").unwrap();
        serve_until(channel, || channel.connection().blocked().is_some());
    }

    fn serve_until(channel: &Channel<V0_9_1>, mut done: impl FnMut() -> bool) {
        let step = Duration::from_millis(5);
        eventually("a notice", || {
            channel.connection().process_events(step).unwrap();
            done().then_some(())
        });
    }

    #[test]
    fn a_blocked_publisher_is_told_waits_its_time_and_goes_on_after() {
        let patience = Duration::from_millis(300);
        let (channel, queue) = desk(config().blocked_timeout(patience));
        let connection = channel.connection().clone();
        let alarm = Alarm::raise();
        get_blocked(&channel, &queue);
        assert_eq!(connection.blocked().unwrap(), "low on memory");
        assert_eq!(channel.forbidden(), Some(Forbidden::Blocked));
        let notice = connection.try_next_notice();
        assert!(matches!(notice, Some(Notice::Blocked(why)) if why == "low on memory"));

        let (publish, plain) = (basic::Publish::new("", &queue), basic::Properties::new());
        let at_once = channel.try_basic_publish(&publish, &plain, "no");
        let at_once = at_once.unwrap_err();
        assert_eq!(at_once.message, "no");
        assert!(matches!(
            at_once.error,
            Error::ContentForbidden(Forbidden::Blocked)
        ));
        let began = Instant::now();
        let error = channel.publish("", &queue, "in vain").unwrap_err();
        let expected = TimedOut {
            waiting_for: Waiting::Permission(Forbidden::Blocked),
            after: patience,
        };
        assert!(
            matches!(&error, Error::TimedOut(found) if *found == expected),
            "{error}"
        );
        assert!(began.elapsed() >= patience);
        assert!(connection.is_open() && channel.is_open());

        drop(alarm);
        serve_until(&channel, || connection.blocked().is_none());
        assert!(matches!(
            connection.try_next_notice(),
            Some(Notice::Unblocked)
        ));
        assert!(connection.try_next_notice().is_none());
        channel.publish("", &queue, "after").unwrap();
        let get = basic::Get::new(&queue).no_ack(true);
        for body in ["during the alarm", "after"] {
            let found = eventually("the message", || channel.get(get.clone()).unwrap());
            assert_eq!(found.body(), body.as_bytes());
        }
        assert!(
            channel.get(get).unwrap().is_none(),
            "what failed was not sent"
        );
    }

    #[test]
    fn a_publish_that_waits_is_sent_once_the_alarm_is_over() {
        let (channel, queue) = desk(config().blocked_timeout(SOON));
        let _alarm = Alarm::raise();
        get_blocked(&channel, &queue);
        Alarm::ends_after(Duration::from_millis(300));
        let began = Instant::now();
        channel.publish("", &queue, "patient").unwrap();
        assert!(began.elapsed() >= Duration::from_millis(300));
        assert!(channel.connection().blocked().is_none());
        channel.connection().close().unwrap();
    }

    #[test]
    fn a_call_on_a_blocked_connection_outlasts_an_alarm_that_is_longer_than_its_timeout() {
        let timeout = Duration::from_millis(200);
        let (channel, queue) = desk(config().rpc_timeout(timeout).blocked_timeout(SOON));
        let _alarm = Alarm::raise();
        get_blocked(&channel, &queue);
        Alarm::ends_after(timeout * 4);
        let began = Instant::now();
        let declare = queue::Declare::new(&queue).passive(true);
        channel.queue_declare(declare).unwrap();
        assert!(began.elapsed() >= timeout * 4);
        channel.connection().close().unwrap();
    }

    #[test]
    fn a_connection_that_only_consumes_is_not_blocked() {
        let (channel, queue) = desk(config());
        let _alarm = Alarm::raise();
        let mut consumer = channel.consume(basic::Consume::new(&queue)).unwrap();
        assert!(
            consumer
                .next_within(Duration::from_millis(50))
                .unwrap()
                .is_none()
        );
        let declare = queue::Declare::new(&queue).passive(true);
        let found = channel.queue_declare(declare).unwrap();
        assert_eq!(found.consumer_count, 1);
        assert!(channel.connection().blocked().is_none());
    }
}

#[cfg(feature = "amqp0-8")]
mod v0_8 {
    use std::time::{Duration, Instant};

    use pika::blocking::Connection;
    use pika::v0_8::{V0_8, queue};

    use crate::Alarm;
    use crate::support::{config, unique};

    #[test]
    fn a_publisher_that_cannot_be_told_waits_for_replies_until_the_alarm_is_over() {
        let connection = Connection::<V0_8>::open_as(config()).unwrap();
        let channel = connection.channel().unwrap();
        let declare = queue::Declare::new(unique("alarm")).exclusive(true);
        let queue = channel.queue_declare(declare).unwrap().queue;
        let _alarm = Alarm::raise();
        channel
            .publish("", &queue, "stops the server reading")
            .unwrap();
        connection
            .process_events(Duration::from_millis(300))
            .unwrap();
        assert!(connection.blocked().is_none() && connection.try_next_notice().is_none());

        Alarm::ends_after(Duration::from_millis(300));
        let began = Instant::now();
        let purged = channel.queue_purge(queue::Purge::new(&queue)).unwrap();
        assert_eq!(purged.message_count, 1);
        assert!(began.elapsed() >= Duration::from_millis(300));
        assert!(connection.is_open() && connection.try_next_notice().is_none());
        connection.close().unwrap();
    }
}
