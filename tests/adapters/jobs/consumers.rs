//! Consumers, and what becomes of what they get.

use std::time::Duration;

use super::super::amqp::{Methods as _, basic, queue};
use super::{Broker, Desk, SOON, Style, look, settles_at};

in_every_style! {
    what_is_acknowledged_is_gone_and_what_is_rejected_comes_again
    a_prefetch_count_holds_messages_back
    a_cancelled_consumer_leaves_the_rest_to_others
    a_consumer_ends_with_its_queue
    a_consumer_that_ended_with_messages_at_hand_can_be_cancelled
}

fn what_is_acknowledged_is_gone_and_what_is_rejected_comes_again<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let mut consumer = desk.consume();
    for body in ["one", "two", "three", "four"] {
        desk.publish(body);
    }
    let mut next = || consumer.next(SOON).unwrap().unwrap();
    let (one, two, three, four) = (next(), next(), next(), next());
    two.ack_all().unwrap();
    assert!(
        one.ack().unwrap().is_stale(),
        "it was settled with the second"
    );
    three.reject(true).unwrap();
    let again = next();
    assert_eq!((again.body(), again.redelivered()), (&b"three"[..], true));
    again.reject(false).unwrap();
    assert!(!four.redelivered());
    four.ack().unwrap();
    desk.channel.close().unwrap();
    let other = desk.connection.channel().unwrap();
    settles_at(&other, &desk.queue, 0);
}

fn a_prefetch_count_holds_messages_back<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    desk.channel.basic_qos(basic::Qos::new(2)).unwrap();
    for body in ["one", "two", "three"] {
        desk.publish(body);
    }
    let mut consumer = desk.consume();
    let one = consumer.next(SOON).unwrap().unwrap();
    let _two = consumer.next(SOON).unwrap().unwrap();
    assert!(consumer.next(Duration::from_millis(20)).unwrap().is_none());
    desk.settles_at(1);
    one.ack().unwrap();
    let three = consumer.next(SOON).unwrap().unwrap();
    assert_eq!(three.body(), b"three");
}

fn a_cancelled_consumer_leaves_the_rest_to_others<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    for body in ["one", "two", "three"] {
        desk.publish(body);
    }
    let mut consumer = desk.consume();
    consumer.next(SOON).unwrap().unwrap().ack().unwrap();
    desk.settles_at(0);
    consumer.cancel().unwrap();
    desk.publish("four");
    assert_eq!(look(&desk.channel, &desk.queue).unwrap().consumer_count, 0);
    desk.channel.close().unwrap();

    let other = desk.connection.channel().unwrap();
    settles_at(&other, &desk.queue, 3);
    let consume = basic::Consume::new(&desk.queue).no_ack(true);
    let mut consumer = other.consume(consume).unwrap();
    for (body, redelivered) in [("two", true), ("three", true), ("four", false)] {
        let delivery = consumer.next(SOON).unwrap().unwrap();
        let found = (delivery.body(), delivery.redelivered());
        assert_eq!(found, (body.as_bytes(), redelivered));
    }
}

fn a_consumer_ends_with_its_queue<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let mut consumer = desk.consume();
    let other = desk.connection.channel().unwrap();
    other.queue_delete(queue::Delete::new(&desk.queue)).unwrap();
    assert!(consumer.next(SOON).unwrap().is_none());
    assert!(consumer.is_cancelled());
    consumer.cancel().unwrap();
    assert!(desk.channel.closed().is_none());
    desk.channel.basic_qos(basic::Qos::new(1)).unwrap();
}

fn a_consumer_that_ended_with_messages_at_hand_can_be_cancelled<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    for body in ["one", "two", "three"] {
        desk.publish(body);
    }
    let mut consumer = desk.consume();
    consumer.next(SOON).unwrap().unwrap().ack().unwrap();
    let other = desk.connection.channel().unwrap();
    other.queue_delete(queue::Delete::new(&desk.queue)).unwrap();
    // Calls bring in what the server said before them: its cancel, and the answer to ours.
    for _ in 0..3 {
        desk.channel.basic_qos(basic::Qos::new(1)).unwrap();
    }
    consumer.cancel().unwrap();
    desk.channel.basic_qos(basic::Qos::new(1)).unwrap();
}
