//! Where messages go, and what tables have to do with it.

use pika::wire::{ReplyCode, Table};

use super::amqp::{basic, exchange, queue};
use super::{Desk, connect, temporary_exchange, temporary_queue};
use crate::support::{Refusal, eventually, is_4, unique};

#[test]
fn a_headers_exchange_compares_the_tables_of_binding_and_message() {
    let desk = Desk::new();
    let Desk { channel, queue, .. } = &desk;
    let exchange = temporary_exchange(channel, "headers");
    let wanted = Table::new()
        .with("x-match", "all")
        .with("colour", "red")
        .with("size", 7_i64);
    let bind = queue::Bind::new(queue, &exchange, "").arguments(wanted);
    channel.queue_bind(bind).unwrap();
    let publish = basic::Publish::new(&exchange, "");
    for (size, body) in [(7_i64, "fits"), (8, "does not"), (7, "fits too")] {
        let headers = Table::new().with("size", size).with("colour", "red");
        let properties = basic::Properties::new().headers(headers);
        channel.basic_publish(&publish, &properties, body).unwrap();
    }
    for body in ["fits", "fits too"] {
        assert_eq!(desk.get_soon().body(), body.as_bytes());
    }
    desk.settles_at(0, 0);
}

#[test]
fn a_dead_letter_tells_its_story_in_a_table() {
    let desk = Desk::new();
    let arguments = Table::new().with("x-dead-letter-exchange", "").with(
        "x-dead-letter-routing-key",
        desk.queue.as_str().unwrap().to_owned(),
    );
    let declare = queue::Declare::new("").exclusive(true).arguments(arguments);
    let source = desk.channel.queue_declare(declare).unwrap().queue;
    let publish = basic::Publish::new("", &source);
    let properties = basic::Properties::new().headers([("own", "kept")]);
    desk.channel
        .basic_publish(&publish, &properties, "mortal")
        .unwrap();
    let get = basic::Get::new(&source);
    let mortal = eventually("the message", || desk.channel.get(get.clone()).unwrap());
    mortal.reject(false).unwrap();

    let dead = desk.get_soon();
    let headers = dead.properties().unwrap().headers.unwrap();
    assert_eq!(headers.get("own").unwrap().as_str(), Some("kept"));
    let deaths = headers.get("x-death").unwrap().as_array().unwrap();
    let death = deaths.get(0).unwrap().as_table().unwrap();
    assert_eq!(death.get("reason").unwrap().as_str(), Some("rejected"));
    assert_eq!(death.get("count").unwrap().as_i64(), Some(1));
    let queue = death.get("queue").unwrap();
    assert_eq!(queue.as_bytes(), Some(source.as_bytes()));
}

#[test]
fn a_request_finds_its_way_back_by_the_name_in_reply_to() {
    let (client, server) = (Desk::new(), Desk::new());
    // A queue that RabbitMQ makes up for this channel alone.
    let direct = "amq.rabbitmq.reply-to";
    let consume = basic::Consume::new(direct).no_ack(true);
    let mut answers = client.channel.consume(consume).unwrap();
    let publish = basic::Publish::new("", &server.queue);
    let properties = basic::Properties::new()
        .reply_to(direct)
        .correlation_id("1");
    client
        .channel
        .basic_publish(&publish, &properties, "6 * 7")
        .unwrap();

    let request = server.get_soon();
    let asked = request.properties().unwrap();
    let back = basic::Publish::new("", asked.reply_to.unwrap());
    let mut properties = basic::Properties::new();
    properties.correlation_id = asked.correlation_id;
    server
        .channel
        .basic_publish(&back, &properties, "42")
        .unwrap();
    let answer = super::next(&mut answers);
    assert_eq!(answer.body(), b"42");
    let correlation = answer.properties().unwrap().correlation_id;
    assert_eq!(correlation.unwrap(), "1");
}

#[test]
fn a_message_past_its_time_is_dropped() {
    let desk = Desk::new();
    let publish = basic::Publish::new("", &desk.queue);
    let properties = basic::Properties::new().expiration("0");
    desk.channel
        .basic_publish(&publish, &properties, "too late")
        .unwrap();
    desk.publish("in time");
    assert_eq!(desk.get_soon().body(), b"in time");
    assert!(desk.get().is_none());
}

#[test]
fn exchanges_that_are_missing_in_use_or_otherwise_are_refused() {
    let connection = connect();
    let channel = || connection.channel().unwrap();
    let missing = exchange::Declare::new(unique("missing"), "direct").passive(true);
    let error = channel().exchange_declare(missing).unwrap_err();
    Refusal::channel(ReplyCode::NOT_FOUND, (40, 10), "no exchange").is(&error);

    let helper = channel();
    let name = temporary_exchange(&helper, "direct");
    let bind = queue::Bind::new(temporary_queue(&helper), &name, "key");
    helper.queue_bind(bind).unwrap();
    let delete = exchange::Delete::new(&name).if_unused(true);
    let error = channel().exchange_delete(delete).unwrap_err();
    Refusal::channel(ReplyCode::PRECONDITION_FAILED, (40, 20), "in use").is(&error);
    let other = exchange::Declare::new(&name, "fanout").auto_delete(true);
    let error = channel().exchange_declare(other).unwrap_err();
    let refusal = Refusal::channel(
        ReplyCode::PRECONDITION_FAILED,
        (40, 10),
        "inequivalent arg 'type'",
    );
    refusal.is(&error);

    let reserved = exchange::Declare::new("amq.not-for-us", "direct");
    let error = channel().exchange_declare(reserved).unwrap_err();
    Refusal::channel(ReplyCode::ACCESS_REFUSED, (40, 10), "reserved prefix").is(&error);
    let internal = unique("internal");
    let declare = exchange::Declare::new(&internal, "fanout").internal(true);
    helper.exchange_declare(declare).unwrap();
    let direct = channel();
    direct.publish(&internal, "", "not from outside").unwrap();
    let error = eventually("the close", || direct.basic_qos(basic::Qos::new(1)).err());
    Refusal::channel(ReplyCode::ACCESS_REFUSED, (60, 40), "internal exchange").is(&error);
    helper
        .exchange_delete(exchange::Delete::new(&internal))
        .unwrap();
}

#[test]
fn properties_that_break_rabbitmqs_rules_close_the_channel() {
    let desk = Desk::new();
    let publish = basic::Publish::new("", &desk.queue);
    let plain = basic::Properties::new;
    for (properties, text) in [
        (plain().delivery_mode(3), "delivery_mode"),
        (plain().expiration("soon"), "expiration"),
        (plain().user_id("somebody else"), "user_id property set to"),
    ] {
        if text == "delivery_mode" && is_4() {
            // It takes every number.
            continue;
        }
        let channel = desk.connection.channel().unwrap();
        channel.basic_publish(&publish, &properties, "").unwrap();
        let error = eventually("the close", || channel.basic_qos(basic::Qos::new(1)).err());
        Refusal::channel(ReplyCode::PRECONDITION_FAILED, (60, 40), text).is(&error);
    }
}
