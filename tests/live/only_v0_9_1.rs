//! What RabbitMQ answers in 0-9-1 alone: exchange bindings, confirms, negative acknowledgements,
//! new secrets.

use pika::Error;
use pika::connection::Outcome;
use pika::error::Misuse;
use pika::wire::ReplyCode;

use super::amqp::{Methods as _, basic, channel, confirm, connection, exchange, queue, tx};
use super::suite::{Channel, Desk, connect, temporary_exchange};
use crate::support::{Refusal, SOON, unique};

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

/// A desk whose channel confirms.
fn confirming() -> Desk {
    let desk = Desk::new();
    let selected = desk.channel.confirm_select(confirm::Select::new());
    assert_eq!(selected.unwrap(), confirm::SelectOk::new());
    desk
}

fn nowhere() -> basic::Publish {
    basic::Publish::new("amq.direct", unique("nowhere")).mandatory(true)
}

fn bare() -> basic::Properties {
    basic::Properties::new()
}

#[test]
fn out_of_many_publishes_all_are_confirmed() {
    let desk = confirming();
    for number in 1..=5000_u64 {
        let seq = desk.channel.publish("", &desk.queue, "confirmed").unwrap();
        assert_eq!(seq.unwrap().0, number);
    }
    assert!(desk.channel.wait_for_confirms(SOON).unwrap().is_empty());
    desk.settles_at(5000, 0);
    let none_open = desk.channel.wait_for_confirms(SOON / 1000).unwrap();
    assert!(none_open.is_empty());
}

#[test]
fn of_many_mandatory_publishes_exactly_those_without_a_queue_are_returned() {
    let desk = confirming();
    let routed = basic::Publish::new("", &desk.queue).mandatory(true);
    let (mut expected, lost) = (Vec::new(), nowhere());
    for number in 0..300 {
        let publish = if number % 7 == 3 { &lost } else { &routed };
        let body = format!("message {number}").into_bytes();
        let seq = desk
            .channel
            .basic_publish(publish, &bare(), &body[..])
            .unwrap();
        if number % 7 == 3 {
            expected.push(seq.unwrap());
        }
    }
    let unconfirmed = desk.channel.wait_for_confirms(SOON).unwrap();
    let mut found = Vec::new();
    for group in unconfirmed {
        assert!(matches!(group.outcome, Outcome::Returned), "{group:?}");
        found.extend(group.first.0..=group.last.0);
    }
    found.sort_unstable();
    let expected: Vec<u64> = expected.into_iter().map(|seq| seq.0).collect();
    assert_eq!(found, expected);
    for number in &expected {
        let back = desk.channel.next_returned().unwrap();
        assert_eq!(back.publish.unwrap().0, *number);
        let body = format!("message {}", number - 1);
        assert_eq!(back.content.body(), body.as_bytes());
    }
    assert!(desk.channel.next_returned().is_none());
}

#[test]
fn a_publish_waited_for_tells_its_own_fate() {
    let desk = confirming();
    let routed = basic::Publish::new("", &desk.queue).mandatory(true);
    let taken = desk
        .channel
        .publish_confirmed(&routed, &bare(), "taken")
        .unwrap();
    assert!(taken.is_acked());
    let back = desk
        .channel
        .publish_confirmed(&nowhere(), &bare(), "back")
        .unwrap();
    assert!(matches!(back, Outcome::Returned), "{back:?}");
    let taken = desk
        .channel
        .publish_confirmed(&routed, &bare(), "taken")
        .unwrap();
    assert!(taken.is_acked());
}

#[test]
fn confirms_are_turned_on_without_waiting_too() {
    let desk = Desk::new();
    let error = desk.channel.wait_for_confirms(SOON).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::NotConfirming)));
    desk.channel.no_wait(confirm::Select::new()).unwrap();
    let seq = desk.channel.publish("", &desk.queue, "first").unwrap();
    assert_eq!(seq.unwrap().0, 1);
    assert!(desk.channel.wait_for_confirms(SOON).unwrap().is_empty());
}

#[test]
fn confirms_and_transactions_exclude_each_other() {
    let refused = |channel: &Channel, error: &Error, method| {
        Refusal::channel(ReplyCode::PRECONDITION_FAILED, method, "cannot switch").is(error);
        assert!(channel.connection().is_open());
    };
    let channel = connect().channel().unwrap();
    channel.tx_select(tx::Select::new()).unwrap();
    let error = channel.confirm_select(confirm::Select::new()).unwrap_err();
    refused(&channel, &error, (85, 10));
    let channel = connect().channel().unwrap();
    channel.confirm_select(confirm::Select::new()).unwrap();
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
fn a_consumer_with_a_higher_priority_comes_first() {
    let desk = Desk::new();
    let low = desk
        .channel
        .consume(basic::Consume::new(&desk.queue))
        .unwrap();
    let consume = basic::Consume::new(&desk.queue).arguments([("x-priority", 10)]);
    let high = desk.channel.consume(consume).unwrap();
    for _ in 0..10 {
        desk.publish("urgent");
    }
    for _ in 0..10 {
        high.next_within(SOON).unwrap().unwrap().ack().unwrap();
    }
    assert!(low.next_within(SOON / 100).unwrap().is_none());
}
