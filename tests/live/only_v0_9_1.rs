//! What RabbitMQ answers in 0-9-1 alone: exchange bindings, confirms, negative acknowledgements,
//! new secrets.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pika::Error;
use pika::blocking::{ConsumerEnd, NotAcked};
use pika::config::Credentials;
use pika::connection::{Outcome, Settled};
use pika::table;
use pika::wire::{ReplyCode, ShortStr};

use super::amqp::{basic, channel, connection, exchange, queue, tx};
use super::suite::{Channel, Desk, connect, connect_with, temporary_exchange};
use crate::support::{self, Refusal, SOON, eventually, is_4, unique};

#[test]
fn an_exchange_passes_on_to_an_exchange_until_unbound() {
    let desk = Desk::new();
    let channel = &desk.channel;
    // Named for this test; the source ends with its binding, the destination with the test.
    let (source, destination) = (unique("source"), temporary_exchange(channel, "fanout"));
    let declare = exchange::Declare::new(&source, "topic");
    channel.exchange_declare(declare).unwrap();
    let bind = queue::Bind::new(&desk.queue, &destination, "");
    channel.queue_bind(bind).unwrap();

    let bind = exchange::Bind::new(&destination, &source, "a.*").arguments([("note", 1)]);
    assert_eq!(
        channel.exchange_bind(bind.clone()).unwrap(),
        exchange::BindOk::new()
    );
    channel.publish(&source, "a.b", "passed on").unwrap();
    channel.publish(&source, "b.a", "not passed on").unwrap();
    desk.settles_at(1, 0);

    let unbind = exchange::Unbind::new(&destination, &source, "a.*").arguments([("note", 1)]);
    let unbound = channel.exchange_unbind(unbind.clone()).unwrap();
    assert_eq!(unbound, exchange::UnbindOk::new());
    channel.publish(&source, "a.b", "not passed on").unwrap();
    desk.publish("straight to the queue");
    desk.settles_at(2, 0);

    channel.no_wait(bind).unwrap();
    channel.publish(&source, "a.b", "passed on").unwrap();
    desk.settles_at(3, 0);
    channel.no_wait(unbind).unwrap();
    channel.publish(&source, "a.b", "not passed on").unwrap();
    desk.publish("straight to the queue");
    desk.settles_at(4, 0);
    channel
        .exchange_delete(exchange::Delete::new(&source))
        .unwrap();
}

#[test]
fn a_delivery_refused_with_nack_comes_again_or_is_dropped() {
    let desk = Desk::new();
    for body in ["one", "two", "three"] {
        desk.publish(body);
    }
    desk.settles_at(3, 0);
    let (_one, two) = (desk.get().unwrap(), desk.get().unwrap());
    two.nack_all(true).unwrap();
    desk.settles_at(3, 0);
    let one = desk.get_soon();
    assert_eq!((one.body(), one.redelivered()), (&b"one"[..], true));
    desk.channel.nack(one.into_token(), false, false).unwrap();
    desk.settles_at(2, 0);

    let two = desk.get_soon();
    let nack = basic::Nack::new(4).requeue(true);
    desk.channel.basic_nack(nack).unwrap();
    let again = desk.get_soon();
    assert_eq!(again.body(), two.body());
    assert!(again.redelivered());
}

#[test]
fn nack_of_what_was_never_delivered_is_406() {
    let channel = connect().channel().unwrap();
    channel.basic_nack(basic::Nack::new(999)).unwrap();
    let flow = channel::Flow::new().active(true);
    let error = channel.channel_flow(flow).unwrap_err();
    let text = "unknown delivery tag 999";
    Refusal::channel(ReplyCode::PRECONDITION_FAILED, (60, 120), text).is(&error);
}

type Confirming = pika::blocking::ConfirmingChannel<pika::v0_9_1::V0_9_1>;

/// A desk, and its channel with confirms.
fn confirming() -> (Desk, Confirming) {
    let desk = Desk::new();
    let confirming = desk.channel.confirming().unwrap();
    (desk, confirming)
}

fn nowhere() -> basic::Publish {
    basic::Publish::new("amq.direct", unique("nowhere")).mandatory(true)
}

fn bare() -> basic::Properties {
    basic::Properties::new()
}

#[test]
fn out_of_many_publishes_all_are_confirmed() {
    let (desk, channel) = confirming();
    for number in 1..=5000_u64 {
        let confirm = channel.publish("", &desk.queue, "confirmed").unwrap();
        assert_eq!(confirm.seq().0, number);
    }
    assert!(channel.wait_for_confirms(SOON).unwrap().is_empty());
    desk.settles_at(5000, 0);
    let none_open = channel.wait_for_confirms(SOON / 1000).unwrap();
    assert!(none_open.is_empty());
}

#[test]
fn of_many_mandatory_publishes_exactly_those_without_a_queue_are_returned() {
    let (desk, channel) = confirming();
    let routed = basic::Publish::new("", &desk.queue).mandatory(true);
    let (mut expected, lost) = (Vec::new(), nowhere());
    for number in 0..300 {
        let publish = if number % 7 == 3 { &lost } else { &routed };
        let body = format!("message {number}").into_bytes();
        desk.channel
            .basic_publish(publish, &bare(), &body[..])
            .unwrap();
        if number % 7 == 3 {
            expected.push(number + 1);
        }
    }
    let unconfirmed = channel.wait_for_confirms(SOON).unwrap();
    let mut found = Vec::new();
    for group in unconfirmed {
        assert!(matches!(group.reason, NotAcked::Returned), "{group:?}");
        found.extend(group.first.0..=group.last.0);
    }
    found.sort_unstable();
    assert_eq!(found, expected);
    for number in &expected {
        let back = desk.channel.try_next_returned().unwrap();
        let body = format!("message {}", number - 1);
        assert_eq!(back.content.body(), body.as_bytes());
    }
    assert!(desk.channel.try_next_returned().is_none());
}

#[test]
fn a_publish_waited_for_tells_its_own_fate() {
    let (desk, channel) = confirming();
    let routed = basic::Publish::new("", &desk.queue).mandatory(true);
    let taken = channel
        .basic_publish_confirmed(&routed, &bare(), "taken")
        .unwrap();
    assert!(taken.is_acked());
    let back = channel
        .basic_publish_confirmed(&nowhere(), &bare(), "back")
        .unwrap();
    let Outcome::Returned(message) = back else {
        panic!("not returned but {back:?}")
    };
    assert_eq!(message.code, ReplyCode::NO_ROUTE);
    assert_eq!(message.content.body(), b"back");
    let taken = channel
        .basic_publish_confirmed(&routed, &bare(), "taken")
        .unwrap();
    assert!(taken.is_acked());
}

#[test]
fn confirms_can_be_asked_for_again() {
    let (desk, channel) = confirming();
    let first = channel.publish("", &desk.queue, "first").unwrap();
    let again = desk.channel.confirming().unwrap();
    let second = again.publish("", &desk.queue, "second").unwrap();
    assert_eq!((first.seq().0, second.seq().0), (1, 2));
    assert!(first.wait().unwrap().is_acked() && second.wait().unwrap().is_acked());
    assert!(again.wait_for_confirms(SOON).unwrap().is_empty());
}

#[test]
fn confirms_and_transactions_exclude_each_other() {
    let refused = |channel: &Channel, error: &Error, method| {
        Refusal::channel(ReplyCode::PRECONDITION_FAILED, method, "cannot switch").is(error);
        assert!(channel.connection().is_open());
    };
    let channel = connect().channel().unwrap();
    channel.tx_select(tx::Select::new()).unwrap();
    let error = channel.confirming().unwrap_err();
    refused(&channel, &error, (85, 10));
    let channel = connect().channel().unwrap();
    channel.confirming().unwrap();
    let error = channel.tx_select(tx::Select::new()).unwrap_err();
    refused(&channel, &error, (90, 10));
}

#[test]
fn a_new_secret_is_taken() {
    let connection = connect();
    let update = connection::UpdateSecret::new("guest", "a test");
    let updated = connection.call(update).unwrap();
    assert_eq!(updated, connection::UpdateSecretOk::new());
    connection.channel().unwrap();
}

#[test]
fn a_secret_that_expires_is_replaced_while_the_connection_is_used() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = asked.clone();
    let config = support::config().credentials_provider(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let credentials = Credentials::new("guest", "guest");
        Ok(credentials.expires_in(Duration::from_secs(1)))
    });
    let connection = connect_with(config);
    let channel = connection.channel().unwrap();
    eventually("the secret is replaced twice", || {
        channel.basic_qos(basic::Qos::new(1)).unwrap();
        (asked.load(Ordering::Relaxed) > 2).then_some(())
    });
    channel.basic_qos(basic::Qos::new(2)).unwrap();
    connection.close().unwrap();
}

#[test]
fn a_consumer_with_a_higher_priority_comes_first() {
    let desk = Desk::new();
    let mut low = desk
        .channel
        .consume(basic::Consume::new(&desk.queue))
        .unwrap();
    let consume = basic::Consume::new(&desk.queue).arguments([("x-priority", 10)]);
    let mut high = desk.channel.consume(consume).unwrap();
    for _ in 0..10 {
        desk.publish("urgent");
    }
    for _ in 0..10 {
        high.next_within(SOON).unwrap().unwrap().ack().unwrap();
    }
    assert!(low.next_within(SOON / 100).unwrap().is_none());
}

#[test]
fn of_messages_that_differ_in_headers_alone_the_right_one_comes_back() {
    let (desk, channel) = confirming();
    let exchange = temporary_exchange(&desk.channel, "headers");
    let bind = queue::Bind::new(&desk.queue, &exchange, "").arguments(table! { "to" => "here" });
    desk.channel.queue_bind(bind).unwrap();
    let message = |to: &'static str| {
        let headers =
            table! { "to" => to, "count" => 7u16, "all" => table! { "b" => 1u8, "a" => 2 } };
        basic::Properties::new()
            .headers(headers)
            .body("ping")
            .mandatory()
    };
    for pair in 0..50 {
        let publish = |to| channel.publish(&exchange, "", message(to)).unwrap();
        let [here, nowhere] = ["here", "nowhere"].map(publish);
        let (here, nowhere) = (here.wait().unwrap(), nowhere.wait().unwrap());
        assert!(here.is_acked(), "pair {pair}: {here:?}");
        assert!(
            matches!(nowhere, Outcome::Returned(_)),
            "pair {pair}: {nowhere:?}"
        );
    }
}

/// A quorum queue whose consumers have a second to acknowledge, with three messages.
fn impatient(channel: &Channel, single: bool) -> ShortStr {
    let name = unique("slow");
    let arguments = table! {
        "x-queue-type" => "quorum",
        "x-consumer-timeout" => 1000_i64,
        "x-single-active-consumer" => single,
    };
    let declare = queue::Declare::new(&name).durable(true);
    channel.queue_declare(declare.arguments(arguments)).unwrap();
    for body in ["one", "two", "three"] {
        channel.publish("", &name, body).unwrap();
    }
    channel.basic_qos(basic::Qos::new(1)).unwrap();
    name
}

/// RabbitMQ 4.3 cancels a consumer of a quorum queue that acknowledges too late, and revives it with the
/// late acknowledgement. RabbitMQ 3 does not know the argument.
#[test]
fn a_consumer_that_acknowledges_too_late_ends_and_everything_else_goes_on() {
    for single in [false, true] {
        let connection = connect();
        let channel = connection.channel().unwrap();
        let name = impatient(&channel, single);
        let consume = || basic::Consume::new(&name).consumer_tag("slow");
        let mut consumer = channel.consume(consume()).unwrap();
        let late = consumer.next_within(SOON).unwrap().unwrap();
        if is_4() {
            assert!(consumer.next_within(SOON).unwrap().is_none());
            let end = consumer.end();
            assert!(matches!(end, Some(ConsumerEnd::CancelledByServer)));
        } else {
            let next = consumer.next_within(Duration::from_secs(3));
            assert!(next.unwrap().is_none() && consumer.end().is_none());
        }
        late.ack().unwrap();
        drop(consumer);
        // The tag can be used again, and the connection and its channel go on.
        let mut consumer = channel.consume(consume()).unwrap();
        let mut bodies = Vec::new();
        while let Some(delivery) = consumer.next_within(Duration::from_secs(1)).unwrap() {
            bodies.push(delivery.owned_body());
            delivery.ack().unwrap();
        }
        bodies.sort();
        bodies.retain(|body| body != "one");
        assert_eq!(bodies, ["three", "two"]);
        eventually("an empty queue", || {
            let declare = queue::Declare::new(&name).passive(true);
            let found = channel.queue_declare(declare).unwrap();
            (found.message_count == 0).then_some(())
        });
        channel.queue_delete(queue::Delete::new(&name)).unwrap();
        connection.close().unwrap();
    }
}

#[test]
fn a_handler_that_acknowledges_too_late_ends_and_everything_else_goes_on() {
    let connection = connect();
    let channel = connection.channel().unwrap();
    let name = impatient(&channel, false);
    let events = connection.event_loop();
    let (kept, bodies) = (Rc::new(RefCell::new(Vec::new())), Rc::default());
    let late = kept.clone();
    events
        .consume_with(&channel, basic::Consume::new(&name), move |delivery| {
            late.borrow_mut().push(delivery);
            Ok(())
        })
        .unwrap();
    events.process_events(Duration::from_secs(4)).unwrap();
    for delivery in kept.take() {
        delivery.ack().unwrap();
    }
    let all: Rc<RefCell<Vec<_>>> = Rc::clone(&bodies);
    events
        .consume_with(&channel, basic::Consume::new(&name), move |delivery| {
            all.borrow_mut().push(delivery.owned_body());
            delivery.ack().map(drop)
        })
        .unwrap();
    events.process_events(Duration::from_secs(4)).unwrap();
    for delivery in kept.take() {
        delivery.ack().unwrap();
    }
    let mut left = bodies.take();
    left.sort();
    assert!(connection.is_open() && channel.is_open(), "{left:?}");
    if is_4() {
        left.retain(|body| body != "one");
        assert_eq!(left, ["three", "two"]);
    }
    channel.queue_delete(queue::Delete::new(&name)).unwrap();
    connection.close().unwrap();
}

/// No consumer could be cancelled for it, so RabbitMQ 4.3 closes the channel.
#[test]
fn a_message_that_was_fetched_and_is_acknowledged_too_late_ends_no_more_than_its_channel() {
    let connection = connect();
    let channel = connection.channel().unwrap();
    let name = impatient(&channel, false);
    let late = channel.get(basic::Get::new(&name)).unwrap().unwrap();
    connection.process_events(Duration::from_secs(3)).unwrap();
    if is_4() {
        let reason = channel.wait_closed();
        assert_eq!(reason.code(), Some(ReplyCode::PRECONDITION_FAILED));
        assert!(reason.is_retriable(), "{reason}");
        assert_eq!(late.ack().unwrap(), Settled::Stale);
    } else {
        assert_eq!(late.ack().unwrap(), Settled::Queued);
    }
    let other = connection.channel().unwrap();
    let next = other.get(basic::Get::new(&name)).unwrap().unwrap();
    next.ack().unwrap();
    other.queue_delete(queue::Delete::new(&name)).unwrap();
    connection.close().unwrap();
}

#[test]
fn frames_below_8192_bytes_are_refused_since_4_1_which_does_not_help_to_try_again() {
    let config = crate::support::config().frame_max(4096);
    let opened = pika::blocking::Connection::<pika::v0_9_1::V0_9_1>::open_as(config);
    let Err(error) = opened else {
        return assert!(!is_4(), "RabbitMQ 4 took them");
    };
    assert!(is_4() && !error.is_retriable(), "{error}");
    assert!(error.to_string().contains("below 8192"), "{error}");
}

/// RabbitMQ loses the last acknowledgements of quorum queues where a close follows at once, but not
/// where the consumer has ended.
#[test]
fn acknowledgements_right_before_a_close_count() {
    const MESSAGES: u32 = 1500;
    for closes_connection in [false, true] {
        let desk = Desk::new();
        let name = unique("quorum");
        let declare = queue::Declare::new(&name).durable(true);
        let declare = declare.arguments(table! { "x-queue-type" => "quorum" });
        desk.channel.queue_declare(declare).unwrap();
        let confirming = desk.channel.confirming().unwrap();
        for _ in 0..MESSAGES {
            confirming.publish("", &name, "x").unwrap().forget();
        }
        assert!(confirming.wait_for_confirms(SOON).unwrap().is_empty());

        let connection = connect();
        connection.hold_back(1 << 20);
        let channel = connection.channel().unwrap();
        let mut consumer = channel.consume(basic::Consume::new(&name)).unwrap();
        let received: Vec<_> = (0..MESSAGES)
            .map(|_| consumer.next_within(SOON).unwrap().unwrap())
            .collect();
        for delivery in received {
            delivery.ack().unwrap();
        }
        match closes_connection {
            true => connection.close().unwrap(),
            false => channel.close().unwrap(),
        }
        let passive = || queue::Declare::new(&name).durable(true).passive(true);
        eventually("the end of the consumer", || {
            let found = desk.channel.queue_declare(passive()).unwrap();
            (found.consumer_count == 0).then_some(())
        });
        std::thread::sleep(Duration::from_millis(300));
        let left = desk.channel.queue_declare(passive()).unwrap();
        assert_eq!(left.message_count, 0, "of {MESSAGES} came back");
        let delete = queue::Delete::new(&name);
        desk.channel.queue_delete(delete).unwrap();
    }
}
