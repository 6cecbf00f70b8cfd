//! What is in messages, and where they go.

use pika::bytes::Bytes;
use pika::wire::{ReplyCode, ShortStr, Table, Timestamp};

use super::super::amqp::{Methods as _, basic, queue};
use super::super::last_property;
use super::{Broker, Desk, SOON, Style, message, unique};

in_every_style! {
    bodies_of_all_sizes_arrive_whole
    all_properties_and_a_table_come_back
    a_thousand_messages_arrive_in_order
    a_message_that_reaches_no_queue_comes_back
    a_question_is_answered_over_reply_to
}

/// A body in which nothing repeats within a frame's length unnoticed.
fn body(len: usize) -> Bytes {
    let period: Vec<u8> = (0..251).collect();
    let mut body = period.repeat(len / 251 + 1);
    body.truncate(len);
    body.into()
}

fn bodies_of_all_sizes_arrive_whole<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let payload = desk.connection.tuning().frame_max as usize - 8;
    let sizes = [
        0,
        1,
        payload - 1,
        payload,
        payload + 1,
        2 * payload,
        1 << 20,
        5 << 20,
    ];
    for size in sizes {
        desk.publish(body(size));
    }
    let mut consumer = desk.consume();
    for size in sizes {
        let delivery = consumer.next(SOON).unwrap().unwrap();
        assert!(delivery.body() == body(size), "a body of {size} bytes");
        delivery.ack().unwrap();
    }
    consumer.cancel().unwrap();
    // The same when it is fetched.
    desk.publish(body(payload + 1));
    assert!(desk.fetch().body() == body(payload + 1));
}

fn all_properties_and_a_table_come_back<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let inner = Table::new().with("text", "inside").with("none", ());
    let table = Table::new()
        .with("yes", true)
        .with("number", -5_000_000_000_i64)
        .with("table", inner);
    let all = basic::Properties::new()
        .content_type("text/plain")
        .content_encoding("identity")
        .headers(table)
        .delivery_mode(2)
        .priority(7)
        .correlation_id("correlation")
        .reply_to("reply")
        .expiration("60000")
        .message_id("message")
        .timestamp(Timestamp(1_234_567_890))
        .type_("type")
        .user_id("guest")
        .app_id("application");
    let mut consumer = desk.consume();
    for properties in [last_property(all), basic::Properties::new()] {
        let mut message = desk.message("body");
        message.properties = properties.clone();
        desk.channel.publish(message).unwrap();
        let delivery = consumer.next(SOON).unwrap().unwrap();
        let mut found = delivery.properties().unwrap();
        if let (Some(own), Some(other)) = (&found.headers, &properties.headers) {
            // RabbitMQ 4 sorts them.
            assert!(own.has_same_fields(other), "{own:?}, sent: {other:?}");
            found.headers.clone_from(&properties.headers);
        }
        assert_eq!(found, properties);
    }
}

fn a_thousand_messages_arrive_in_order<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    desk.channel.basic_qos(basic::Qos::new(100)).unwrap();
    let mut consumer = desk.consume();
    for number in 0..1000_u32 {
        desk.publish(number.to_string());
    }
    for number in 0..1000_u32 {
        let delivery = consumer.next(SOON).unwrap().unwrap();
        assert_eq!(delivery.body(), number.to_string().as_bytes());
        delivery.ack().unwrap();
    }
    consumer.cancel().unwrap();
    desk.settles_at(0);
}

fn a_message_that_reaches_no_queue_comes_back<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let nowhere = unique("nowhere");
    let mut lost = message(&"amq.direct".into(), &nowhere, "back");
    lost.publish = lost.publish.mandatory(true);
    lost.properties = lost.properties.message_id("42");
    let properties = lost.properties.clone();
    let mut taken = desk.message("taken");
    taken.publish = taken.publish.mandatory(true);
    desk.channel.publish(taken).unwrap();
    desk.channel
        .publish(message(&"amq.direct".into(), &nowhere, "lost"))
        .unwrap();
    desk.channel.publish(lost).unwrap();
    let back = desk.channel.returned(SOON).unwrap().unwrap();
    assert_eq!(
        (back.code, back.text),
        (ReplyCode::NO_ROUTE, "NO_ROUTE".into())
    );
    assert_eq!(
        (back.exchange, back.routing_key),
        ("amq.direct".into(), nowhere)
    );
    assert_eq!(back.content.properties().unwrap(), properties);
    assert_eq!(back.content.body(), b"back");
    assert_eq!(desk.fetch().body(), b"taken");
}

fn a_question_is_answered_over_reply_to<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let server = desk.connect();
    let asked = server.channel().unwrap();
    let questions = unique("questions");
    let declare = queue::Declare::new(&questions).exclusive(true);
    asked.queue_declare(declare).unwrap();
    let mut calls = asked.consume(basic::Consume::new(&questions)).unwrap();

    let declare = queue::Declare::new("").exclusive(true);
    let own = desk.channel.queue_declare(declare).unwrap().queue;
    let consume = basic::Consume::new(&own).no_ack(true);
    let mut answers = desk.channel.consume(consume).unwrap();
    let mut question = message(&ShortStr::EMPTY, &questions, "6 * 7");
    question.properties = question.properties.reply_to(&own).correlation_id("1");
    desk.channel.publish(question).unwrap();

    let call = calls.next(SOON).unwrap().unwrap();
    let properties = call.properties().unwrap();
    let mut answer = message(&ShortStr::EMPTY, properties.reply_to.unwrap(), "42");
    answer.properties = basic::Properties::new();
    answer.properties.correlation_id = properties.correlation_id;
    asked.publish(answer).unwrap();
    call.ack().unwrap();

    let answer = answers.next(SOON).unwrap().unwrap();
    assert_eq!(answer.body(), b"42");
    assert_eq!(answer.properties().unwrap().correlation_id.unwrap(), "1");
    server.close().unwrap();
}
