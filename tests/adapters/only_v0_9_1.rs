//! Confirms and negative acknowledgements, which only 0-9-1 has.

use pika::connection::Outcome;
use pika::wire::{ReplyCode, ShortStr, Value};

use super::amqp::{Methods as _, queue};
use super::jobs::{Desk, Message, message, settles_at, unique};
use crate::brokers::Broker;
use crate::styles::{SOON, Style};

in_every_style! {
    each_publish_is_confirmed
    what_was_returned_is_not_taken_for_confirmed
    what_a_full_queue_refuses_is_nacked
    what_the_channel_closes_upon_is_lost
    all_before_what_is_nacked_come_again
}

/// A message that reaches no queue and comes back.
fn unroutable() -> Message {
    let mut message = message(&ShortStr::EMPTY, unique("nowhere"), "back");
    message.publish = message.publish.mandatory(true);
    message
}

fn each_publish_is_confirmed<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let channel = desk.channel.confirming().unwrap();
    let outcome = channel.publish_confirmed(desk.message("alone"));
    assert!(matches!(outcome, Ok(Outcome::Acked)), "{outcome:?}");
    let many = (0..100).map(|number| desk.message(format!("{number}")));
    let outcomes = channel.publish_all(many.collect()).unwrap();
    assert_eq!(outcomes.len(), 100);
    let are_acked = outcomes
        .iter()
        .all(|outcome| matches!(outcome, Outcome::Acked));
    assert!(are_acked, "{outcomes:?}");
    desk.settles_at(101);
}

fn what_was_returned_is_not_taken_for_confirmed<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let channel = desk.channel.confirming().unwrap();
    let outcome = channel.publish_confirmed(unroutable());
    let Ok(Outcome::Returned(back)) = outcome else {
        panic!("not returned but {outcome:?}");
    };
    assert_eq!(back.code, ReplyCode::NO_ROUTE);
    assert_eq!(back.content.body(), b"back");

    let three = vec![desk.message("one"), unroutable(), desk.message("three")];
    let outcomes = channel.publish_all(three).unwrap();
    let [Outcome::Acked, Outcome::Returned(back), Outcome::Acked] = &outcomes[..] else {
        panic!("{outcomes:?}");
    };
    assert_eq!(back.content.body(), b"back");
    desk.settles_at(2);
}

fn what_a_full_queue_refuses_is_nacked<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let small = unique("small");
    let declare = queue::Declare::new(&small).exclusive(true).arguments([
        ("x-max-length", Value::from(1)),
        ("x-overflow", Value::from("reject-publish")),
    ]);
    desk.channel.queue_declare(declare).unwrap();
    let two = ["fits", "does not"].map(|body| message(&ShortStr::EMPTY, &small, body));
    let channel = desk.channel.confirming().unwrap();
    let outcomes = channel.publish_all(two.into()).unwrap();
    assert!(
        matches!(&outcomes[..], [Outcome::Acked, Outcome::Nacked]),
        "{outcomes:?}"
    );
}

fn what_the_channel_closes_upon_is_lost<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let nowhere = message(&unique("missing"), "", "lost");
    let channel = desk.channel.confirming().unwrap();
    let outcome = channel.publish_confirmed(nowhere).unwrap();
    let Outcome::Lost(reason) = outcome else {
        panic!("not lost but {outcome:?}");
    };
    assert_eq!(reason.code(), Some(ReplyCode::NOT_FOUND));
    assert_eq!(desk.channel.closed(), Some(reason));
}

fn all_before_what_is_nacked_come_again<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let mut consumer = desk.consume();
    for body in ["one", "two", "three"] {
        desk.publish(body);
    }
    let mut next = || consumer.next(SOON).unwrap().unwrap();
    let (_one, two, three) = (next(), next(), next());
    two.nack_all(true).unwrap();
    let (one, two) = (next(), next());
    assert_eq!((one.body(), two.body()), (&b"one"[..], &b"two"[..]));
    assert!(one.redelivered() && two.redelivered() && !three.redelivered());
    two.nack_all(false).unwrap();
    desk.channel.close().unwrap();
    let other = desk.connection.channel().unwrap();
    settles_at(&other, &desk.queue, 0);
}
