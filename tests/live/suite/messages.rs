//! Messages: published, fetched, consumed, settled, recovered, returned.

use pika::error::Misuse;
use pika::wire::ReplyCode;
use pika::{Error, bytes::Bytes};

use super::amqp::{Methods as _, basic};
use super::{Desk, connect, next};
use crate::support::{BRIEFLY, SOON, eventually, unique};

#[test]
fn fetching_gives_a_message_or_says_that_there_is_none() {
    let desk = Desk::new();
    for _ in 0..2 {
        assert!(desk.get().is_none());
        assert!(desk.get().is_none(), "asking twice gives two answers");
        desk.publish("first");
        desk.publish("second");
        desk.settles_at(2, 0);
        let first = desk.get().unwrap();
        assert_eq!(first.body(), "first");
        assert_eq!(first.message_count(), Some(1));
        assert_eq!(
            (first.exchange().len(), first.routing_key()),
            (0, desk.queue.clone())
        );
        assert!(!first.redelivered());
        first.ack().unwrap();
        let get = basic::Get::new(&desk.queue).no_ack(true);
        let second = desk.channel.basic_get(get).unwrap().unwrap();
        assert_eq!(second.body(), "second");
        let twice = second.ack().unwrap_err();
        assert!(matches!(twice, Error::Misuse(Misuse::NothingToSettle)));
    }
}

#[test]
fn a_consumer_gets_messages_in_order_and_acknowledges_them() {
    let desk = Desk::new();
    let consume = basic::Consume::new(&desk.queue).consumer_tag("mine");
    let consumer = desk.channel.basic_consume(consume).unwrap();
    assert_eq!(consumer.tag().unwrap(), "mine");
    desk.settles_at(0, 1);
    for body in ["one", "two", "three"] {
        desk.publish(body);
    }
    let one = next(&consumer);
    assert_eq!(
        (one.body(), one.redelivered()),
        (&Bytes::from("one"), false)
    );
    let two = next(&consumer);
    next(&consumer).ack_all().unwrap();
    let stale = two.ack().unwrap_err();
    assert!(matches!(stale, Error::Misuse(Misuse::StaleDelivery)));
    assert!(consumer.next_within(BRIEFLY).unwrap().is_none());
    assert!(consumer.end().is_none(), "it is only idle");

    let cancel = basic::Cancel::new("mine");
    let cancelled = desk.channel.basic_cancel(cancel).unwrap();
    assert_eq!(cancelled, basic::CancelOk::new("mine"));
    desk.settles_at(0, 0);
}

#[test]
fn a_consumer_without_acknowledgement_owes_nothing() {
    let desk = Desk::new();
    let consume = basic::Consume::new(&desk.queue).no_ack(true);
    let consumer = desk.channel.consume(consume).unwrap();
    desk.publish("free");
    let message = next(&consumer);
    let error = message.reject(true).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::NothingToSettle)));
    consumer.cancel().unwrap();
    desk.settles_at(0, 0);
}

#[test]
fn a_consumer_cancelled_quietly_is_gone_and_its_messages_stay() {
    let desk = Desk::new();
    let consume = basic::Consume::new(&desk.queue).consumer_tag("quiet");
    let consumer = desk.channel.consume(consume).unwrap();
    desk.channel.no_wait(basic::Cancel::new("quiet")).unwrap();
    desk.settles_at(0, 0);
    desk.publish("stays");
    assert!(consumer.next_within(BRIEFLY).unwrap().is_none());
    assert_eq!(desk.get_soon().body(), "stays");
}

#[test]
fn a_prefetch_of_two_hands_out_two() {
    let desk = Desk::new();
    desk.channel.basic_qos(basic::Qos::new(2)).unwrap();
    for body in ["one", "two", "three"] {
        desk.publish(body);
    }
    let consume = basic::Consume::new(&desk.queue);
    let consumer = desk.channel.consume(consume).unwrap();
    let (one, _two) = (next(&consumer), next(&consumer));
    assert!(consumer.next_within(BRIEFLY).unwrap().is_none());
    one.ack().unwrap();
    assert_eq!(next(&consumer).body(), "three");
}

#[test]
fn a_rejected_message_comes_again_or_is_dropped() {
    let desk = Desk::new();
    desk.publish("bounces");
    desk.get_soon().reject(true).unwrap();
    let again = desk.get_soon();
    assert!(again.redelivered());
    again.reject(false).unwrap();
    assert!(desk.get().is_none());
    desk.settles_at(0, 0);
}

#[test]
fn ack_and_reject_by_number_reach_the_server() {
    let desk = Desk::new();
    desk.publish("one");
    desk.publish("two");
    desk.settles_at(2, 0);
    let (_one, _two) = (desk.get().unwrap(), desk.get().unwrap());
    desk.channel.basic_ack(basic::Ack::new(1)).unwrap();
    let reject = basic::Reject::new(2).requeue(true);
    desk.channel.basic_reject(reject).unwrap();
    assert_eq!(desk.get_soon().body(), "two");
}

#[test]
fn recover_brings_unacknowledged_messages_back_and_voids_their_tokens() {
    let desk = Desk::new();
    desk.publish("again");
    let first = desk.get_soon();
    let recover = basic::Recover::new().requeue(true);
    let recovered = desk.channel.basic_recover(recover).unwrap();
    assert_eq!(recovered, basic::RecoverOk::new());
    let stale = first.ack().unwrap_err();
    assert!(matches!(stale, Error::Misuse(Misuse::StaleDelivery)));
    let again = desk.get_soon();
    assert!(again.redelivered());
    again.ack().unwrap();
    desk.settles_at(0, 0);
}

#[test]
fn recover_without_an_answer_brings_messages_back_too() {
    let desk = Desk::new();
    desk.publish("again");
    let first = desk.get_soon();
    let recover = basic::RecoverAsync::new().requeue(true);
    desk.channel.basic_recover_async(recover).unwrap();
    let again = desk.get_soon();
    assert_eq!((again.body(), again.redelivered()), (first.body(), true));
    again.ack().unwrap();
    desk.settles_at(0, 0);
}

#[test]
fn a_mandatory_message_without_a_queue_comes_back_whole() {
    let desk = Desk::new();
    let publish = basic::Publish::new("amq.direct", "nowhere").mandatory(true);
    let properties = basic::Properties::new().message_id("m-1");
    let body = "nobody wants this";
    desk.channel
        .basic_publish(&publish, &properties, body)
        .unwrap();
    // A message that is taken does not come back.
    let publish = basic::Publish::new("", &desk.queue).mandatory(true);
    desk.channel
        .basic_publish(&publish, &properties, "taken")
        .unwrap();
    assert_eq!(desk.get_soon().body(), "taken");

    let back = eventually("the message", || desk.channel.next_returned());
    assert_eq!(
        (back.code, &back.text),
        (ReplyCode::NO_ROUTE, &"NO_ROUTE".into())
    );
    assert_eq!(back.exchange, "amq.direct");
    assert_eq!(back.routing_key, "nowhere");
    assert_eq!(back.content.properties().unwrap(), properties);
    assert_eq!(back.content.body(), body);
    assert!(desk.channel.next_returned().is_none());
}

#[test]
fn a_message_that_is_not_mandatory_does_not_come_back() {
    let desk = Desk::new();
    desk.channel.publish("", unique("nowhere"), "lost").unwrap();
    desk.settles_at(0, 0);
    assert!(desk.channel.next_returned().is_none());
}

#[test]
fn what_another_connection_publishes_arrives() {
    let (desk, other) = (Desk::new(), connect());
    let consume = basic::Consume::new(&desk.queue);
    let consumer = desk.channel.consume(consume).unwrap();
    let channel = other.channel().unwrap();
    for number in 0..100_u32 {
        let body = Bytes::from(number.to_string());
        channel.publish("", &desk.queue, body).unwrap();
        let answer = next(&consumer);
        assert_eq!(answer.body(), number.to_string().as_bytes());
        answer.ack().unwrap();
    }
    assert!(consumer.until_idle(BRIEFLY).next().is_none());
    assert!(consumer.next_within(SOON / 100).unwrap().is_none());
}
