//! Deliveries that something else settled.

use super::amqp::Methods as _;
use super::basic;
use super::desk::{Desk, ms, tagged};
use crate::styles::{SOON, Style};

in_styles!(a_stale_acknowledgement_is_no_error);
in_styles!(an_acknowledgement_after_recover_is_no_error);
in_styles!(messages_that_another_consumer_settled_are_not_handed_out: blocking Blocking background Background tokio TokioCurrentThread);
in_styles!(messages_from_before_a_recover_are_not_handed_out: blocking Blocking background Background tokio TokioCurrentThread);

/// Right today.
fn a_stale_acknowledgement_is_no_error<S: Style>() {
    let desk = Desk::<S>::new();
    desk.publish("q", 2);
    let mut consumer = desk.channel.consume(basic::Consume::new("q")).unwrap();
    let first = consumer.next(SOON).unwrap().unwrap();
    let second = consumer.next(SOON).unwrap().unwrap();
    second.ack_all().unwrap();
    first.ack().unwrap();
    desk.channel.basic_qos(basic::Qos::new(0)).unwrap();
    desk.until("q", |it| it.ready + it.unacked == 0);
}

/// Right today.
fn an_acknowledgement_after_recover_is_no_error<S: Style>() {
    let desk = Desk::<S>::new();
    desk.publish("q", 1);
    let mut consumer = desk.channel.consume(basic::Consume::new("q")).unwrap();
    let first = consumer.next(SOON).unwrap().unwrap();
    desk.channel
        .basic_recover(basic::Recover::new().requeue(true))
        .unwrap();
    first.ack().unwrap();
    let again = consumer.next(SOON).unwrap().unwrap();
    assert!(again.redelivered());
    assert_eq!(
        desk.queue("q").unacked,
        1,
        "a stale acknowledgement settles nothing"
    );
    again.ack().unwrap();
    desk.until("q", |it| it.ready + it.unacked == 0);
}

/// Messages in an inbox that `ack_all` of another consumer settled are dropped.
fn messages_that_another_consumer_settled_are_not_handed_out<S: Style>() {
    let desk = Desk::<S>::new();
    desk.declare("other");
    let mut waiting = desk.channel.consume(tagged("q", "waiting")).unwrap();
    let mut other = desk.channel.consume(tagged("other", "other")).unwrap();
    desk.publish("q", 3);
    desk.until("q", |it| it.unacked == 3);
    desk.publish("other", 1);
    other.next(SOON).unwrap().unwrap().ack_all().unwrap();
    let handed_out = waiting.next(ms(100)).unwrap();
    assert!(handed_out.is_none(), "a settled message was handed out");
}

/// Messages in an inbox that `basic.recover` has made void are dropped.
fn messages_from_before_a_recover_are_not_handed_out<S: Style>() {
    let desk = Desk::<S>::new();
    desk.publish("q", 3);
    let mut consumer = desk.channel.consume(basic::Consume::new("q")).unwrap();
    desk.until("q", |it| it.unacked == 3);
    desk.channel.basic_qos(basic::Qos::new(0)).unwrap();
    desk.channel
        .basic_recover(basic::Recover::new().requeue(true))
        .unwrap();
    let mut redelivered = Vec::new();
    while let Some(delivery) = consumer.next(ms(100)).unwrap() {
        redelivered.push(delivery.redelivered());
    }
    assert_eq!(redelivered, [true; 3]);
}
