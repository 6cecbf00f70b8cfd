//! Bodies of every size, and properties.

use std::time::Duration;

use pika::bytes::Bytes;
use pika::config::Config;
use pika::wire::{ReplyCode, Table, Timestamp};

use super::amqp::basic;
use super::{Desk, connect_with, last_property, look, next};
use crate::support::{self, SOON, checksum, eventually, noise};

/// Sends bodies of these sizes out and back, through get and through a consumer.
#[track_caller]
fn echo(config: Config, sizes: &[usize]) {
    let desk = Desk::on(connect_with(config));
    let bodies: Vec<Bytes> = sizes.iter().map(|size| noise(*size).into()).collect();
    for body in &bodies {
        desk.channel.publish("", &desk.queue, &body[..]).unwrap();
        let found = desk.get_soon();
        assert_same(body, found.body());
        found.reject(true).unwrap();
        let again = desk.get_soon();
        assert_same(body, again.body());
        again.ack().unwrap();
    }
    for body in &bodies {
        desk.channel.publish("", &desk.queue, body.clone()).unwrap();
    }
    let consume = basic::Consume::new(&desk.queue).no_ack(true);
    let mut consumer = desk.channel.consume(consume).unwrap();
    for body in &bodies {
        assert_same(body, next(&mut consumer).body());
    }
}

/// Two bodies are one; a failure does not print megabytes.
#[track_caller]
fn assert_same(sent: &[u8], found: &[u8]) {
    assert_eq!(sent.len(), found.len());
    assert_eq!(checksum(sent), checksum(found), "{} bytes", sent.len());
    assert!(sent == found);
}

#[test]
fn bodies_around_the_smallest_frame_size_arrive_whole() {
    let smallest = support::smallest_frame();
    let payload = smallest as usize - 8;
    let sizes = [
        0,
        1,
        payload - 1,
        payload,
        payload + 1,
        2 * payload,
        2 * payload + 1,
    ];
    echo(support::config().frame_max(smallest), &sizes);
}

#[test]
fn a_mebibyte_arrives_whole_in_frames_of_either_size() {
    for frame_max in [support::smallest_frame(), 131_072] {
        echo(support::config().frame_max(frame_max), &[1 << 20]);
    }
}

#[test]
fn sixteen_mebibytes_arrive_whole() {
    let desk = Desk::new();
    let body = Bytes::from(noise(16 << 20));
    desk.channel.publish("", &desk.queue, body.clone()).unwrap();
    assert_same(&body, desk.get_soon().body());
}

#[test]
fn sixteen_mebibytes_arrive_whole_in_the_smallest_frames() {
    let smallest = support::smallest_frame();
    let desk = Desk::on(connect_with(support::config().frame_max(smallest)));
    let body = Bytes::from(noise(16 << 20));
    desk.channel.publish("", &desk.queue, body.clone()).unwrap();
    assert_same(&body, desk.get_soon().body());
}

#[test]
fn a_message_above_the_limit_closes_its_channel_at_its_header() {
    let desk = Desk::on(connect_with(support::config().max_message_size(1000)));
    let fits = Bytes::from(noise(1000));
    desk.channel.publish("", &desk.queue, fits.clone()).unwrap();
    let found = desk.get_soon();
    assert_same(&fits, found.body());
    found.ack().unwrap();
    desk.channel
        .publish("", &desk.queue, &noise(1001)[..])
        .unwrap();
    let error = eventually("the message", || {
        desk.channel.get(basic::Get::new(&desk.queue)).err()
    });
    assert!(matches!(error, pika::Error::Protocol(_)), "{error}");
    let reason = error.closed().unwrap();
    assert_eq!(reason.code(), Some(ReplyCode::CONTENT_TOO_LARGE));
    assert!(error.to_string().contains("1001"), "{error}");

    // It is in the queue again, whose connection goes on.
    let other = desk.connection.channel().unwrap();
    eventually("the message in its queue", || {
        let found = look(&other, &desk.queue).unwrap();
        (found.message_count == 1).then_some(())
    });
}

#[test]
fn frames_of_the_smallest_size_are_what_was_agreed_on() {
    let smallest = support::smallest_frame();
    let config = support::config().frame_max(smallest).channel_max(10);
    let connection = connect_with(config);
    let tuning = connection.tuning();
    assert_eq!((tuning.frame_max, tuning.channel_max), (smallest, 10));
    assert_eq!(tuning.heartbeat, Some(Duration::from_secs(60)));
}

/// All fourteen of them.
fn properties() -> basic::Properties {
    let properties = basic::Properties::new()
        .content_type("text/plain")
        .content_encoding("identity")
        .headers(Table::new().with("key", "value"))
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
    last_property(properties)
}

#[test]
fn each_property_comes_back_alone() {
    let desk = Desk::new();
    let (publish, all) = (basic::Publish::new("", &desk.queue), properties());
    let one = |pick: fn(basic::Properties, &basic::Properties) -> basic::Properties| {
        let sent = pick(basic::Properties::new(), &all);
        desk.channel.basic_publish(&publish, &sent, "body").unwrap();
        let found = desk.get_soon();
        assert_eq!(found.properties().unwrap(), sent);
        assert_ne!(sent, basic::Properties::new());
        found.ack().unwrap();
    };
    macro_rules! each {
        ($($name:ident)*) => {$(one(|mut new, all| {
            new.$name = all.$name.clone();
            new
        });)*};
    }
    each!(content_type content_encoding headers delivery_mode priority correlation_id reply_to
        expiration message_id timestamp type_ user_id app_id);
    one(|new, _| last_property(new));
    desk.channel
        .basic_publish(&publish, &basic::Properties::new(), "body")
        .unwrap();
    let none = desk.get_soon().properties().unwrap();
    assert_eq!(none, basic::Properties::new());
}

/// Properties that came back are those that were sent. RabbitMQ 4 sorts the headers.
fn assert_same_properties(mut found: basic::Properties, sent: &basic::Properties) {
    if let (Some(own), Some(other)) = (&found.headers, &sent.headers) {
        assert!(own.has_same_fields(other), "{own:?}, sent: {other:?}");
        found.headers.clone_from(&sent.headers);
    }
    assert_eq!(found, *sent);
}

#[test]
fn bytes_that_are_no_text_pass_through_key_and_properties() {
    let desk = Desk::new();
    let key = pika::wire::ShortStr::new([0xff, 0x00, 0xc0, 0x80]).unwrap();
    let longest = pika::wire::ShortStr::new([b'x'; 255]).unwrap();
    let publish = basic::Publish::new("", &desk.queue).mandatory(true);
    let sent = basic::Properties::new()
        .message_id(&key)
        .app_id(&longest)
        .headers(Table::new().with(&key, 1).with(&longest, 2).with("", 3));
    desk.channel.basic_publish(&publish, &sent, "").unwrap();
    assert_same_properties(desk.get_soon().properties().unwrap(), &sent);
    let nowhere = basic::Publish::new("amq.direct", &key).mandatory(true);
    desk.channel.basic_publish(&nowhere, &sent, "").unwrap();
    desk.connection.process_events(SOON / 50).unwrap();
    let back = desk.channel.try_next_returned().unwrap();
    assert_eq!(back.routing_key, key);
}
