//! Calls and their completions.

use std::cell::Cell;
use std::rc::Rc;

use pika::Error;
use pika::callbacks::{Loop, Ready};
use pika::wire::{ReplyCode, ShortStr};

use super::amqp::{basic, exchange, queue, tx};
use super::kit::Then;
use super::{Channel, Delivery, Log, Scene, unique};

/// Notes under a name that a call has come to a good end.
fn noted<R: 'static>(log: &Log<&'static str>, name: &'static str, then: Then<R>) {
    let log = log.clone();
    then.then(move |result| {
        result?;
        log.note(name);
        Ok(())
    });
}

#[test]
fn r10_every_call_takes_a_completion() {
    let scene = Scene::new();
    let channel = scene.channel();
    let (exchange, queue) = (unique("x"), unique("q"));
    let log = Log::new();
    let declare = exchange::Declare::new(&exchange, "direct").auto_delete(true);
    noted(&log, "exchange", channel.exchange_declare(declare));
    let declare = queue::Declare::new(&queue).exclusive(true);
    noted(&log, "queue", channel.queue_declare(declare));
    let bind = queue::Bind::new(&queue, &exchange, "key");
    noted(&log, "bind", channel.queue_bind(bind));
    noted(&log, "qos", channel.basic_qos(basic::Qos::new(10)));
    noted(&log, "select", channel.tx_select(tx::Select::new()));
    channel.try_publish(&exchange, "key", "one").unwrap();
    channel.try_publish(&exchange, "key", "two").unwrap();
    // RabbitMQ takes nothing else while it commits.
    noted(&log, "commit", channel.tx_commit(tx::Commit::new()));
    scene.until("it is committed", || log.len() == 6);
    noted(&log, "rollback", channel.tx_rollback(tx::Rollback::new()));
    scene.until("it is rolled back", || log.len() == 7);
    noted(
        &log,
        "get",
        channel.get(basic::Get::new(&queue).no_ack(true)),
    );
    let consume = basic::Consume::new(&queue).consumer_tag("tag").no_ack(true);
    let noting = log.clone();
    let handler = move |_| noting.note("delivery");
    noted(&log, "consume", channel.consume(consume, handler));
    scene.until("the message came", || log.len() == 10);
    noted(
        &log,
        "cancel",
        channel.basic_cancel(basic::Cancel::new("tag")),
    );
    // The queue itself answers, and in RabbitMQ not when it is deleted meanwhile.
    scene.until("it is cancelled", || log.len() == 11);
    noted(
        &log,
        "purge",
        channel.queue_purge(queue::Purge::new(&queue)),
    );
    noted(
        &log,
        "delete",
        channel.queue_delete(queue::Delete::new(&queue)),
    );
    noted(&log, "close", channel.close());
    scene.until("the channel is closed", || log.len() == 14);
    noted(&log, "end", scene.connection.close());
    scene.until("the connection is closed", || log.len() == 15);
    let expected = [
        "exchange", "queue", "bind", "qos", "select", "commit", "rollback", "get", "consume",
        "delivery", "cancel", "purge", "delete", "close", "end",
    ];
    assert_eq!(log.take(), expected, "in the order in which they were made");
}

#[test]
fn channels_may_be_asked_for_before_the_connection_is_open() {
    let scene = Scene::new();
    let connection = scene.connect();
    assert!(!connection.is_open());
    let channel = scene.result(connection.open_channel()).unwrap();
    assert_eq!(channel.id().0, 1);
    assert!(channel.is_open() && connection.is_open());
}

#[test]
fn several_calls_of_one_kind_each_get_their_own_reply() {
    let scene = Scene::new();
    let channel = scene.channel();
    let names: Vec<_> = (0..20).map(|_| unique("own")).collect();
    let log = Log::new();
    for name in &names {
        let log = log.clone();
        let declare = queue::Declare::new(name).exclusive(true);
        channel.queue_declare(declare).then(move |ok| {
            log.note(ok?.queue);
            Ok(())
        });
    }
    scene.until("all are declared", || log.len() == names.len());
    assert_eq!(log.take(), names);
}

#[test]
fn a_call_whose_then_is_dropped_is_sent_all_the_same() {
    let scene = Scene::new();
    let channel = scene.channel();
    let name = unique("dropped");
    drop(channel.queue_declare(queue::Declare::new(&name).exclusive(true)));
    let again = queue::Declare::new(&name).passive(true);
    let found = scene.result(channel.queue_declare(again)).unwrap();
    assert_eq!(found.queue, name, "the queue is there");
}

#[test]
fn a_result_may_be_asked_for_after_it_came() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let early = channel.queue_declare(queue::Declare::new(&queue).passive(true));
    let later = channel.queue_declare(queue::Declare::new(&queue).passive(true));
    scene.result(later).unwrap();
    assert_eq!(scene.result(early).unwrap().queue, queue);
}

#[test]
fn what_is_known_at_once_completes_later_and_not_inside_the_call() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    scene.result(channel.close()).unwrap();
    let log = Log::new();
    let noting = log.clone();
    let again = channel.clone();
    let declare = queue::Declare::new(&queue);
    channel.queue_declare(declare.clone()).then(move |first| {
        noting.note(("first begins", first.is_err()));
        let inner = noting.clone();
        again
            .queue_declare(declare)
            .then(move |second| inner.note(("second", second.is_err())));
        noting.note(("first ends", true));
    });
    assert_eq!(log.len(), 0);
    scene.until("both are completed", || log.len() == 3);
    let expected = [
        ("first begins", true),
        ("first ends", true),
        ("second", true),
    ];
    assert_eq!(log.take(), expected);
}

#[test]
fn a_refused_call_and_those_behind_it_complete_with_the_reason() {
    let scene = Scene::new();
    let channel = scene.channel();
    let log = Log::new();
    let missing = queue::Declare::new(unique("missing")).passive(true);
    for _ in 0..3 {
        let log = log.clone();
        channel
            .queue_declare(missing.clone())
            .then(move |result| log.note(result.unwrap_err()));
    }
    let closed = Log::new();
    let noting = closed.clone();
    channel.on_closed(move |_, reason| noting.note(reason.code()));
    scene.until("all are refused", || log.len() == 3 && closed.len() == 1);
    let errors = log.take();
    let is_refusal = |error: &Error| error.closed().unwrap().code() == Some(ReplyCode::NOT_FOUND);
    assert!(errors.iter().all(is_refusal), "{errors:?}");
    assert_eq!(closed.take(), [Some(ReplyCode::NOT_FOUND)]);
    let later = scene.result(channel.queue_declare(missing));
    assert!(is_refusal(&later.unwrap_err()), "it keeps telling why");
}

#[test]
fn a_close_that_no_handler_hears_of_is_an_error_for_whoever_serves() {
    let scene = Scene::new();
    let channel = scene.channel();
    drop(channel.queue_declare(queue::Declare::new(unique("missing")).passive(true)));
    let failures = scene.until_failures();
    assert_eq!(failures.len(), 1);
    let closed = failures[0].closed().unwrap();
    assert_eq!(closed.code(), Some(ReplyCode::NOT_FOUND));
    scene.for_a_while();
    assert!(scene.connection.is_open(), "once, and everything goes on");
}

#[test]
fn a_close_that_a_completion_is_told_of_is_no_other_error() {
    let scene = Scene::new();
    let channel = scene.channel();
    let missing = queue::Declare::new(unique("missing")).passive(true);
    assert!(scene.result(channel.queue_declare(missing)).is_err());
    scene.for_a_while();
    assert!(channel.closed().is_some());
}

#[test]
fn an_error_that_no_completion_takes_is_for_whoever_serves() {
    let scene = Scene::new();
    let channel = scene.channel();
    scene.result(channel.close()).unwrap();
    drop(channel.queue_declare(queue::Declare::new("late")));
    let failures = scene.until_failures();
    assert_eq!(failures.len(), 1);
    assert!(failures[0].closed().unwrap().is_normal());
    let channel = scene.channel();
    drop(channel.consume(basic::Consume::new(unique("missing")), |_| ()));
    let failures = scene.until_failures();
    assert_eq!(failures.len(), 1, "{failures:?}");
    let code = failures[0].closed().unwrap().code();
    assert_eq!(code, Some(ReplyCode::NOT_FOUND));
}

/// Publishes a message and waits until it lies in the queue.
fn fill(scene: &Scene, channel: &Channel, queue: &ShortStr) {
    channel.try_publish("", queue, "message").unwrap();
    scene.until("the message is there", || scene.count(queue) == 1);
}

#[test]
fn a_message_that_was_fetched_for_nobody_goes_back() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    fill(&scene, &channel, &queue);
    let get = basic::Get::new(&queue);
    drop(channel.get(get.clone()));
    scene.until("it is back", || scene.count(&queue) == 1);
    let unseen = channel.get(get.clone());
    let behind = channel.queue_declare(queue::Declare::new(&queue).passive(true));
    assert_eq!(scene.result(behind).unwrap().message_count, 0);
    drop(unseen);
    scene.until("it is back again", || scene.count(&queue) == 1);
    let delivery: Option<Delivery> = scene.result(channel.get(get)).unwrap();
    delivery.unwrap().ack().unwrap();
}

#[test]
fn two_gets_each_get_their_message_or_none() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    fill(&scene, &channel, &queue);
    let get = basic::Get::new(&queue).no_ack(true);
    let (first, second) = (channel.get(get.clone()), channel.get(get));
    let first = scene.result(first).unwrap().unwrap();
    assert_eq!(
        (first.body(), first.message_count()),
        (&b"message"[..], Some(0))
    );
    assert!(scene.result(second).unwrap().is_none());
}

#[test]
fn a_channel_that_was_opened_for_nobody_is_closed() {
    let scene = Scene::new();
    drop(scene.connection.open_channel());
    let waiting = scene.connect();
    drop(waiting.open_channel());
    scene.for_a_while();
    scene.until("it is open", || waiting.is_open());
    assert_eq!(scene.channel().id().0, 1, "its number is free");
    let channel = scene.result(waiting.open_channel()).unwrap();
    assert_eq!(channel.id().0, 1);
}

#[test]
fn a_dropped_channel_is_closed_when_its_calls_are_answered() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    fill(&scene, &channel, &queue);
    let acked = Rc::new(Cell::new(false));
    let flag = acked.clone();
    channel.get(basic::Get::new(&queue)).then(move |delivery| {
        delivery?.unwrap().ack()?;
        flag.set(true);
        Ok(())
    });
    drop(channel);
    scene.until("it is acknowledged", || acked.get());
    scene.until("the number is free", || scene.channel().id().0 == 1);
    assert_eq!(scene.count(&queue), 0, "the acknowledgement was sent first");
}

#[test]
fn whoever_serves_gets_all_errors_of_a_turn() {
    let scene = Scene::new();
    let channel = scene.channel();
    scene.result(channel.close()).unwrap();
    for name in ["one", "other"] {
        channel
            .queue_declare(queue::Declare::new(name))
            .then(|result| result.map(drop));
    }
    let failures = scene.connection.on_ready(Ready::NOTHING).unwrap_err();
    assert_eq!(failures.errors().len(), 2, "{failures}");
}

#[test]
fn a_connection_is_registered_with_one_poll_at_a_time() {
    let scene = Scene::new();
    let other = Loop::new().unwrap();
    let error = other.add(&scene.connection).unwrap_err();
    assert!(error.to_string().contains("already"), "{error}");
    scene.channel();
}
