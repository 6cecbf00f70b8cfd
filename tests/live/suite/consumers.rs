//! How consumers end, and what is left when handles are dropped.

use std::time::Instant;

use pika::Error;
use pika::blocking::ConsumerEnd;
use pika::error::Misuse;
use pika::wire::ReplyCode;

use super::amqp::{basic, queue};
use super::{Desk, look, next};
use crate::support::{SOON, unique};

#[test]
fn deleting_the_queue_ends_the_consumer_and_says_who_did() {
    let desk = Desk::new();
    let consume = basic::Consume::new(&desk.queue);
    let mut consumer = desk.channel.consume(consume).unwrap();
    desk.publish("last");
    let delete = queue::Delete::new(&desk.queue);
    let helper = desk.connection.channel().unwrap();
    let last = next(&mut consumer);
    helper.queue_delete(delete).unwrap();

    let began = Instant::now();
    assert!(consumer.next().unwrap().is_none());
    assert!(began.elapsed() < SOON);
    assert!(matches!(
        consumer.end(),
        Some(ConsumerEnd::CancelledByServer)
    ));
    assert!(consumer.next().unwrap().is_none(), "it stays ended");
    assert!(consumer.tag().is_none());
    last.ack().unwrap();
    consumer.cancel().unwrap();
    assert!(desk.channel.is_open());
    super::temporary_queue(&desk.channel);
}

#[test]
fn messages_received_before_the_end_are_still_handed_out() {
    let desk = Desk::new();
    let consume = basic::Consume::new(&desk.queue).no_ack(true);
    for body in ["one", "two"] {
        desk.publish(body);
    }
    desk.settles_at(2, 0);
    let mut consumer = desk.channel.consume(consume).unwrap();
    desk.all_delivered();
    let delete = queue::Delete::new(&desk.queue);
    desk.channel.queue_delete(delete).unwrap();
    let bodies: Vec<_> = consumer
        .iter()
        .map(|got| got.unwrap().shared_body())
        .collect();
    assert_eq!(bodies, ["one", "two"]);
}

#[test]
fn a_consumer_of_a_channel_that_closes_fails_with_the_reason() {
    let desk = Desk::new();
    let consume = basic::Consume::new(&desk.queue);
    let mut consumer = desk.channel.consume(consume).unwrap();
    look(&desk.channel, &unique("missing")).unwrap_err();
    let error = consumer.next().unwrap_err();
    assert_eq!(error.closed().unwrap().code(), Some(ReplyCode::NOT_FOUND));
    assert!(matches!(consumer.end(), Some(ConsumerEnd::Closed(_))));
    assert_eq!(
        consumer.iter().count(),
        1,
        "the iterator fails once and ends"
    );
}

#[test]
fn a_tag_can_be_used_once_at_a_time() {
    let desk = Desk::new();
    let consume = basic::Consume::new(&desk.queue).consumer_tag("tag");
    let consumer = desk.channel.consume(consume.clone()).unwrap();
    let error = desk.channel.consume(consume.clone()).unwrap_err();
    assert!(matches!(
        error,
        Error::Misuse(Misuse::DuplicateConsumerTag(_))
    ));
    consumer.cancel().unwrap();
    let again = desk.channel.consume(consume).unwrap();
    assert_eq!(again.tag().unwrap(), "tag");
    // The tag is the channel's own.
    let error = desk.channel.basic_cancel(basic::Cancel::new("nobody"));
    let error = error.unwrap_err();
    assert!(matches!(
        error,
        Error::Misuse(Misuse::UnknownConsumerTag(_))
    ));
}

#[test]
fn an_exclusive_consumer_keeps_others_out() {
    let desk = Desk::new();
    let consume = basic::Consume::new(&desk.queue).exclusive(true);
    let _consumer = desk.channel.consume(consume.clone()).unwrap();
    let other = desk.connection.channel().unwrap();
    let error = other.consume(consume).unwrap_err();
    let code = error.closed().unwrap().code();
    assert_eq!(code, Some(ReplyCode::ACCESS_REFUSED));
    assert!(desk.channel.is_open());
}

#[test]
fn cancelling_gives_back_what_was_not_handed_out() {
    let desk = Desk::new();
    for body in ["taken", "left", "left too"] {
        desk.publish(body);
    }
    desk.settles_at(3, 0);
    let mut consumer = desk
        .channel
        .consume(basic::Consume::new(&desk.queue))
        .unwrap();
    let taken = next(&mut consumer);
    desk.all_delivered();
    consumer.cancel().unwrap();
    taken.ack().unwrap();
    desk.settles_at(2, 0);
    assert!(desk.get_soon().redelivered());
}

#[test]
fn a_dropped_consumer_is_gone_from_the_server_with_its_messages_back() {
    let desk = Desk::new();
    desk.publish("back");
    let consumer = desk
        .channel
        .consume(basic::Consume::new(&desk.queue))
        .unwrap();
    desk.settles_at(0, 1);
    drop(consumer);
    desk.settles_at(1, 0);
    assert_eq!(desk.get_soon().body(), b"back");
}

#[test]
fn a_dropped_channel_is_gone_from_the_server_with_its_messages_back() {
    let desk = Desk::new();
    desk.publish("back");
    let channel = desk.connection.channel().unwrap();
    let mut consumer = channel.consume(basic::Consume::new(&desk.queue)).unwrap();
    let message = next(&mut consumer);
    desk.settles_at(0, 1);
    let number = channel.id();
    drop((consumer, channel));
    // The message holds its channel.
    desk.settles_at(0, 0);
    drop(message);
    assert!(desk.get_soon().redelivered());
    let next = desk.connection.channel().unwrap();
    assert_eq!(next.id(), number);
}
