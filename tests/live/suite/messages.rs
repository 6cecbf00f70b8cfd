//! Messages: published, fetched, consumed, settled, recovered, returned.

use pika::connection::Settled;
use pika::error::Misuse;
use pika::{Error, bytes::Bytes};

use super::amqp::basic;
use super::{Desk, connect, next};
use crate::support::{BRIEFLY, SOON, unique};

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
        assert_eq!(first.body(), b"first");
        assert_eq!(first.message_count(), Some(1));
        assert_eq!(
            (first.exchange().len(), first.routing_key()),
            (0, desk.queue.clone())
        );
        assert!(!first.redelivered());
        first.ack().unwrap();
        let get = basic::Get::new(&desk.queue).no_ack(true);
        let second = desk.channel.basic_get(get).unwrap().unwrap();
        assert_eq!(second.body(), b"second");
        let twice = second.ack().unwrap_err();
        assert!(matches!(twice, Error::Misuse(Misuse::NothingToSettle)));
    }
}

#[test]
fn a_consumer_gets_messages_in_order_and_acknowledges_them() {
    let desk = Desk::new();
    let consume = basic::Consume::new(&desk.queue).consumer_tag("mine");
    let mut consumer = desk.channel.basic_consume(consume).unwrap();
    assert_eq!(consumer.tag().unwrap(), "mine");
    desk.settles_at(0, 1);
    for body in ["one", "two", "three"] {
        desk.publish(body);
    }
    let one = next(&mut consumer);
    assert_eq!((one.body(), one.redelivered()), (&b"one"[..], false));
    let two = next(&mut consumer);
    next(&mut consumer).ack_all().unwrap();
    assert_eq!(two.ack().unwrap(), Settled::Stale);
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
    let mut consumer = desk.channel.consume(consume).unwrap();
    desk.publish("free");
    let message = next(&mut consumer);
    let error = message.reject(true).unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::NothingToSettle)));
    consumer.cancel().unwrap();
    desk.settles_at(0, 0);
}

#[test]
fn a_consumer_cancelled_quietly_is_gone_and_its_messages_stay() {
    let desk = Desk::new();
    let consume = basic::Consume::new(&desk.queue).consumer_tag("quiet");
    let mut consumer = desk.channel.consume(consume).unwrap();
    desk.channel.no_wait(basic::Cancel::new("quiet")).unwrap();
    desk.settles_at(0, 0);
    desk.publish("stays");
    assert!(consumer.next_within(BRIEFLY).unwrap().is_none());
    assert_eq!(desk.get_soon().body(), b"stays");
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
    assert_eq!(desk.get_soon().body(), b"two");
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
fn a_message_that_is_not_mandatory_does_not_come_back() {
    let desk = Desk::new();
    desk.channel.publish("", unique("nowhere"), "lost").unwrap();
    desk.settles_at(0, 0);
    assert!(desk.channel.try_next_returned().is_none());
}

#[test]
fn what_another_connection_publishes_arrives() {
    let (desk, other) = (Desk::new(), connect());
    let consume = basic::Consume::new(&desk.queue);
    let mut consumer = desk.channel.consume(consume).unwrap();
    let channel = other.channel().unwrap();
    for number in 0..100_u32 {
        let body = Bytes::from(number.to_string());
        channel.publish("", &desk.queue, body).unwrap();
        let answer = next(&mut consumer);
        assert_eq!(answer.body(), number.to_string().as_bytes());
        answer.ack().unwrap();
    }
    assert!(consumer.until_idle(BRIEFLY).next().is_none());
    assert!(consumer.next_within(SOON / 100).unwrap().is_none());
}
