//! Consumers, and what handlers may do.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pika::error::Misuse;
use pika::wire::ShortStr;

use super::amqp::{basic, queue};
use super::{Channel, Delivery, Log, Scene, ms};

/// Publishes numbered messages.
fn publish(channel: &Channel, queue: &ShortStr, count: usize) {
    for n in 0..count {
        channel.try_publish("", queue, n.to_string()).unwrap();
    }
}

#[test]
fn a_consumer_lives_on_when_all_handles_of_its_channel_are_dropped() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::new();
    let noting = log.clone();
    let handler = move |delivery: Delivery| {
        noting.note(());
        delivery.ack()
    };
    drop(channel.consume(basic::Consume::new(&queue), handler));
    publish(&channel, &queue, 1);
    drop(channel);
    let other = scene.channel();
    publish(&other, &queue, 2);
    scene.until("all came", || log.len() == 3);
    assert_eq!(other.id().0, 2);
}

#[test]
fn a_consumer_may_cancel_itself_and_then_its_channel_is_closed() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::new();
    let noting = log.clone();
    let handler = move |delivery: Delivery| {
        let channel = delivery.channel().clone();
        delivery.ack()?;
        drop(channel.basic_cancel(basic::Cancel::new("me")));
        noting.note(());
        Ok(())
    };
    let consume = basic::Consume::new(&queue).consumer_tag("me");
    drop(channel.consume(consume, handler));
    publish(&channel, &queue, 1);
    drop(channel);
    scene.until("it came", || log.len() == 1);
    scene.until("the handler is gone", || log.holders() == 1);
    scene.until("the number is free", || scene.channel().id().0 == 1);
}

#[test]
fn a_consumer_that_is_refused_completes_with_the_reason_and_is_forgotten() {
    let scene = Scene::new();
    let channel = scene.channel();
    channel.on_closed(|_, _| ());
    let log = Log::<()>::new();
    let held = log.clone();
    let missing = basic::Consume::new(super::unique("missing"));
    let refused = scene.result(channel.consume(missing, move |_| held.note(())));
    assert!(refused.is_err());
    assert_eq!(log.holders(), 1);
}

#[test]
fn a_tag_that_is_in_use_is_refused_and_nothing_is_sent() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let consume = basic::Consume::new(&queue).consumer_tag("twice");
    let first = scene.result(channel.consume(consume.clone(), |_| ()));
    assert_eq!(first.unwrap(), "twice");
    let second = scene.result(channel.consume(consume, |_| ()));
    let misuse = Misuse::DuplicateConsumerTag("twice".into());
    assert!(matches!(second, Err(pika::Error::Misuse(found)) if found == misuse));
    assert!(channel.is_open());
}

#[test]
fn a_handler_hears_that_the_server_cancelled_a_consumer() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::new();
    let (noting, held) = (log.clone(), log.clone());
    channel.on_cancelled(move |_, tag| noting.note(tag.clone()));
    let consume = basic::Consume::new(&queue).consumer_tag("tag");
    let begun = channel.consume(consume, move |_| held.note("message".into()));
    scene.result(begun).unwrap();
    let other = scene.channel();
    scene
        .result(other.queue_delete(queue::Delete::new(&queue)))
        .unwrap();
    scene.until("it is cancelled", || log.len() == 1);
    assert_eq!(log.take(), ["tag"]);
    assert_eq!(log.holders(), 2, "the consumer's handler is gone");
    assert!(channel.is_open());
}

#[test]
fn r16_handlers_may_call_the_connection_as_they_like() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::new();
    let noting = log.clone();
    let handler = move |delivery: Delivery| {
        let log = noting.clone();
        log.note("delivery begins");
        let connection = delivery.channel().connection().clone();
        // Served from inside: bytes move, but nothing runs inside of this.
        connection.on_ready(pika::callbacks::Ready::BOTH)?;
        let inner = log.clone();
        connection.open_channel().then(move |channel| {
            inner.note("channel");
            let channel = channel?;
            let (first, second) = (inner.clone(), inner);
            channel.on_flow(move |channel, _| {
                first.note("flow");
                drop(channel.close());
            });
            channel.on_closed(move |_, _| second.note("closed"));
            Ok(())
        });
        delivery.ack()?;
        log.note("delivery ends");
        Ok(())
    };
    drop(channel.consume(basic::Consume::new(&queue), handler));
    publish(&channel, &queue, 1);
    scene.until("all is done", || log.len() == 5);
    let expected = [
        "delivery begins",
        "delivery ends",
        "channel",
        "flow",
        "closed",
    ];
    assert_eq!(log.take(), expected);
}

#[test]
fn the_error_of_a_handler_is_returned_and_all_others_run() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::new();
    let noting = log.clone();
    let consume = basic::Consume::new(&queue).no_ack(true);
    let begun = channel.consume(consume, move |delivery: Delivery| {
        noting.note(());
        match delivery.body() == b"1" {
            true => Err(Misuse::NotOpen.into()),
            false => Ok(()),
        }
    });
    scene.result(begun).unwrap();
    publish(&channel, &queue, 3);
    let failures = scene.until_failures();
    assert_eq!(failures.len(), 1);
    assert!(matches!(failures[0], pika::Error::Misuse(Misuse::NotOpen)));
    scene.until("all came", || log.len() == 3);
    publish(&channel, &queue, 1);
    scene.until("an error does not end a consumer", || log.len() == 4);
}

#[test]
fn a_handler_that_panics_is_removed_and_everything_else_goes_on() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::new();
    let (bad, good) = (log.clone(), log.clone());
    let consume = basic::Consume::new(&queue).consumer_tag("bad");
    let panicking = move |_: Delivery| -> () {
        bad.note("bad");
        panic!("on purpose")
    };
    scene.result(channel.consume(consume, panicking)).unwrap();
    publish(&channel, &queue, 1);
    let caught = catch_unwind(AssertUnwindSafe(|| scene.until_failures()));
    assert!(caught.is_err());
    assert_eq!(log.holders(), 2, "it is gone");
    let consume = basic::Consume::new(&queue).no_ack(true);
    let handler = move |_: Delivery| good.note("good");
    scene.connection.open_channel().then(move |channel| {
        drop(channel?.consume(consume, handler));
        Ok(())
    });
    publish(&channel, &queue, 1);
    scene.until("the other one gets what comes", || log.len() == 2);
    assert_eq!(log.take(), ["bad", "good"]);
    assert!(channel.is_open());
}

#[test]
fn nothing_is_read_while_reading_is_paused() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::new();
    let noting = log.clone();
    let consume = basic::Consume::new(&queue).no_ack(true);
    let begun = channel.consume(consume, move |_| noting.note(()));
    scene.result(begun).unwrap();
    scene.connection.pause_reading(true);
    assert!(!scene.connection.interest().readable);
    publish(&channel, &queue, 5);
    let (received, sent) = scene.connection.traffic();
    scene.for_a_while();
    assert_eq!(scene.connection.traffic().0, received);
    assert!(scene.connection.traffic().1 > sent, "writing goes on");
    assert_eq!(log.len(), 0);
    scene.connection.pause_reading(false);
    scene.until("all came", || log.len() == 5);
    scene.events.step(ms(1)).unwrap();
}
