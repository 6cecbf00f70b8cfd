//! Publisher confirms: every publish is resolved exactly once.

use pika::connection::{ChannelKey, Event, Outcome, PublishSeq};
use pika::error::{Cause, ClosedBy, Misuse, ProtocolError};
use pika::method::NoWait;
use pika::v0_9_1::confirm;
use pika::wire::{DeliveryTag, ReplyCode};

use super::{V, basic, channel, connection};
use crate::kit::{Dialogue, misuse, quiet};

/// A channel in confirm mode with `count` publishes, the bodies of which are their numbers.
fn confirming(count: u64) -> (Dialogue<V>, ChannelKey) {
    let (mut it, key) = Dialogue::<V>::with_channel();
    let call = it.calls(key, confirm::Select::new());
    for number in 1..=count {
        assert_eq!(
            publish(&mut it, key, &number.to_string()),
            Some(PublishSeq(number))
        );
    }
    it.says(1, confirm::SelectOk::new());
    it.replies(call);
    (it, key)
}

fn publish(it: &mut Dialogue<V>, key: ChannelKey, body: &str) -> Option<PublishSeq> {
    let method = basic::Publish::new("", "q").mandatory(true);
    let seq = it
        .on(key)
        .publish(&method, &basic::Properties::new(), body)
        .unwrap();
    assert_eq!(it.hears_content(key.id().0, &method), body.as_bytes());
    seq
}

/// The server returns a message.
fn returns(it: &mut Dialogue<V>, body: &str) {
    let back = basic::Return::new(312, "NO_ROUTE", "", "q");
    it.says_content(1, (&back, &basic::Properties::new()), body.as_bytes());
}

/// The server returns a message that is none of those that are open.
fn returns_another(it: &mut Dialogue<V>, body: &str) {
    returns(it, body);
    let Event::Returned { message, .. } = it.event() else {
        panic!()
    };
    assert_eq!(message.content.body(), body.as_bytes());
}

/// The next event resolves this publish as returned, with its body.
fn resolved_as_returned(it: &mut Dialogue<V>, number: u64) {
    let Outcome::Returned(message) = resolved(it, (number, number)) else {
        panic!()
    };
    assert_eq!(message.content.body(), number.to_string().as_bytes());
    assert_eq!(message.code, ReplyCode::NO_ROUTE);
}

/// The next event resolves exactly these publishes.
fn resolved(it: &mut Dialogue<V>, numbers: (u64, u64)) -> Outcome<V> {
    let event = it.event();
    let Event::Confirmed {
        first,
        last,
        outcome,
        ..
    } = event
    else {
        panic!("expected a confirm, found {event:?}")
    };
    assert_eq!((first.0, last.0), numbers);
    outcome
}

fn ack(tag: u64) -> basic::Ack {
    basic::Ack::new(tag)
}

#[test]
fn publishes_are_numbered_from_the_call_on() {
    let (mut it, key) = Dialogue::<V>::with_channel();
    assert_eq!(publish(&mut it, key, "before"), None);
    assert!(!it.on(key).is_confirming());
    it.on(key).no_wait(confirm::Select::new()).unwrap();
    let mut select = confirm::Select::new();
    select.set_no_wait(true);
    it.hears(1, select);
    assert!(it.on(key).is_confirming() && it.on(key).is_settled());
    assert_eq!(it.on(key).next_publish(), Some(PublishSeq(1)));
    assert_eq!(publish(&mut it, key, "one"), Some(PublishSeq(1)));
    assert_eq!(it.on(key).unconfirmed_from(), Some(PublishSeq(1)));
    it.says(1, ack(1));
    assert!(resolved(&mut it, (1, 1)).is_acked());
    assert!(it.on(key).is_settled());
    assert_eq!(it.on(key).unconfirmed_from(), Some(PublishSeq(2)));
}

#[test]
fn selecting_twice_keeps_the_numbers() {
    let (mut it, key) = confirming(2);
    let call = it.calls(key, confirm::Select::new());
    it.says(1, confirm::SelectOk::new());
    it.replies(call);
    assert_eq!(publish(&mut it, key, "3"), Some(PublishSeq(3)));
    it.says(1, ack(3).multiple(true));
    assert!(resolved(&mut it, (1, 3)).is_acked());
}

#[test]
fn confirms_come_in_any_order() {
    let (mut it, key) = confirming(5);
    it.says(1, ack(3));
    assert!(resolved(&mut it, (3, 3)).is_acked());
    assert_eq!(it.on(key).unconfirmed_from(), Some(PublishSeq(1)));
    it.says(1, ack(4).multiple(true));
    assert!(resolved(&mut it, (1, 2)).is_acked());
    assert!(resolved(&mut it, (4, 4)).is_acked());
    it.says(1, basic::Nack::new(5));
    assert!(matches!(resolved(&mut it, (5, 5)), Outcome::Nacked));
    assert!(it.on(key).is_settled());
}

#[test]
fn a_refusal_may_be_of_several() {
    let (mut it, _) = confirming(3);
    it.says(1, basic::Nack::new(2).multiple(true));
    assert!(matches!(resolved(&mut it, (1, 2)), Outcome::Nacked));
    it.says(1, ack(0).multiple(true));
    assert!(resolved(&mut it, (3, 3)).is_acked());
}

#[test]
fn a_returned_message_resolves_its_own_publish() {
    let (mut it, _) = confirming(4);
    returns(&mut it, "2");
    it.no_event();
    returns_another(&mut it, "unknown");
    it.says(1, ack(1));
    assert!(resolved(&mut it, (1, 1)).is_acked());
    it.says(1, ack(4).multiple(true));
    resolved_as_returned(&mut it, 2);
    assert!(resolved(&mut it, (3, 4)).is_acked());
    // It was confirmed before.
    returns_another(&mut it, "4");
}

/// RabbitMQ returns what came, properties and all; here only they distinguish the messages.
#[test]
fn of_messages_with_the_same_route_and_body_the_one_with_its_properties_came_back() {
    use pika::table;
    let named = |name: &str| basic::Properties::new().message_id(name);
    let to = |place: &str| table! { "to" => place, "count" => 7u16 };
    // RabbitMQ 4 sorts headers and writes other tags.
    let sorted = |place: &str| table! { "count" => 7i64, "to" => place };
    for [first, second, back] in [
        [named("A"), named("B"), named("B")],
        [
            named("A"),
            basic::Properties::new(),
            basic::Properties::new(),
        ],
        [to("here"), to("nowhere"), sorted("nowhere")]
            .map(|headers| basic::Properties::new().headers(headers)),
        // What no message has: of those that are alike otherwise the older one is taken.
        [named("B"), named("A"), named("C")],
    ] {
        let (mut it, key) = confirming(0);
        let publish = basic::Publish::new("headers", "").mandatory(true);
        for properties in [&first, &second] {
            it.on(key).publish(&publish, properties, "ping").unwrap();
        }
        it.hears_bytes();
        let returned = basic::Return::new(312, "NO_ROUTE", "headers", "");
        it.says_content(1, (&returned, &back), b"ping");
        let (came_back, arrived) = if back == named("C") { (1, 2) } else { (2, 1) };
        it.says(1, basic::Ack::new(came_back));
        assert!(matches!(
            resolved(&mut it, (came_back, came_back)),
            Outcome::Returned(_)
        ));
        it.says(1, basic::Ack::new(arrived));
        assert!(resolved(&mut it, (arrived, arrived)).is_acked());
    }
}

#[test]
fn publishes_that_are_open_when_the_channel_closes_are_lost_once() {
    let (mut it, key) = confirming(4);
    it.says(1, ack(2));
    assert!(resolved(&mut it, (2, 2)).is_acked());
    returns(&mut it, "3");
    it.says(
        1,
        channel::Close::new(404, "NOT_FOUND - no exchange", 60, 40),
    );
    it.hears(1, channel::CloseOk::new());
    let Outcome::Lost(why) = resolved(&mut it, (1, 1)) else {
        panic!()
    };
    assert_eq!(why.code(), Some(ReplyCode::NOT_FOUND));
    resolved_as_returned(&mut it, 3);
    assert!(matches!(resolved(&mut it, (4, 4)), Outcome::Lost(_)));
    it.channel_closed(key);
    it.hangs_up();
    it.closed();
}

#[test]
fn publishes_that_are_open_when_the_transport_ends_are_lost_once() {
    let (mut it, key) = confirming(3);
    it.hangs_up();
    let Outcome::Lost(why) = resolved(&mut it, (1, 3)) else {
        panic!()
    };
    assert_eq!(why.by(), ClosedBy::Nobody);
    it.channel_closed(key);
    it.closed();
}

#[test]
fn publishes_that_are_open_when_the_connection_closes_are_lost_once() {
    let (mut it, key) = confirming(3);
    let now = it.now();
    it.client.close(ReplyCode::REPLY_SUCCESS, "".into(), now);
    it.hears_any::<connection::Close>(0);
    let Outcome::Lost(why) = resolved(&mut it, (1, 3)) else {
        panic!()
    };
    assert!(why.is_normal());
    it.channel_closed(key);
    it.says(1, ack(1));
    it.says(0, connection::CloseOk::new());
    it.closed();
}

#[test]
fn confirms_still_come_while_the_channel_closes() {
    let (mut it, key) = confirming(3);
    let now = it.now();
    let call = it
        .on(key)
        .close(ReplyCode::REPLY_SUCCESS, "".into(), now)
        .unwrap();
    it.hears_any::<channel::Close>(1);
    it.says(1, ack(2).multiple(true));
    assert!(resolved(&mut it, (1, 2)).is_acked());
    it.says(1, channel::CloseOk::new());
    it.replies(call);
    assert!(matches!(resolved(&mut it, (3, 3)), Outcome::Lost(_)));
    it.channel_closed(key);
}

#[test]
fn a_confirm_of_what_is_not_open_is_a_protocol_error() {
    for (tag, multiple) in [
        (1, false),
        (1, true),
        (4, false),
        (4, true),
        (0, false),
        (u64::MAX, true),
    ] {
        let (mut it, key) = confirming(3);
        it.says(1, ack(1));
        assert!(resolved(&mut it, (1, 1)).is_acked());
        it.says(1, ack(tag).multiple(multiple));
        let close = it.hears_any::<connection::Close>(0);
        assert_eq!(close.reply_code, ReplyCode::PRECONDITION_FAILED);
        assert!(matches!(resolved(&mut it, (2, 3)), Outcome::Lost(_)));
        it.channel_closed(key);
        let expected = ProtocolError::UnknownConfirm(DeliveryTag(tag));
        assert_eq!(it.closed().cause, Cause::Protocol(expected));
    }
}

#[test]
fn a_confirm_without_confirm_mode_is_a_protocol_error() {
    let (mut it, key) = Dialogue::<V>::with_channel();
    it.says(1, ack(1));
    it.hears_any::<connection::Close>(0);
    it.channel_closed(key);
    let expected = ProtocolError::UnknownConfirm(DeliveryTag(1));
    assert_eq!(it.closed().cause, Cause::Protocol(expected));
}

#[test]
fn a_refused_publish_takes_no_number() {
    let mut it = Dialogue::<V>::open_with(quiet().output_water(0, 1), (10, 4096, 0));
    let key = it.channel();
    it.on(key).no_wait(confirm::Select::new()).unwrap();
    it.hears_any::<confirm::Select>(1);
    let large = pika::wire::Table::new().with("x", pika::wire::LongStr::from(vec![0; 5000]));
    let properties = basic::Properties::new().headers(large);
    let method = basic::Publish::new("", "q");
    let refused = it.on(key).publish(&method, &properties, b"x");
    assert!(matches!(misuse(refused), Misuse::FrameTooLarge { .. }));
    it.says(1, channel::Flow::new().active(false));
    assert!(
        it.on(key)
            .publish(&method, &basic::Properties::new(), b"x")
            .is_err()
    );
    it.says(1, channel::Flow::new().active(true));
    it.ignores();
    assert_eq!(publish(&mut it, key, "one"), Some(PublishSeq(1)));
}

#[test]
fn select_with_the_no_wait_bit_is_no_call_and_turns_nothing_on() {
    let (mut it, key) = Dialogue::<V>::with_channel();
    let mut select = confirm::Select::new();
    select.set_no_wait(true);
    let now = it.now();
    let refused = it.on(key).call(select, now);
    assert_eq!(misuse(refused), Misuse::NoWaitInCall("confirm.select"));
    it.hears_nothing();
    assert!(!it.on(key).is_confirming());
}

#[test]
fn a_ticket_is_ready_when_all_publishes_before_are_resolved() {
    let (mut it, key) = confirming(4);
    let (mut ticket, mut last) = (None, None);
    assert!(it.client.wait_for_confirms(key, PublishSeq(4), &mut ticket));
    assert!(it.client.wait_for_confirms(key, PublishSeq(5), &mut last));
    it.says(1, ack(3));
    it.says(1, ack(1));
    assert_eq!(it.ready(), []);
    it.says(1, basic::Nack::new(2));
    assert_eq!(it.ready(), [ticket.unwrap()]);
    assert!(!it.client.wait_for_confirms(key, PublishSeq(4), &mut ticket));
    assert_eq!(ticket, None, "it was given back");
    it.says(1, channel::Close::new(406, "", 0, 0));
    assert_eq!(it.ready(), [last.unwrap()]);
    it.ignores();
    assert!(!it.client.wait_for_confirms(key, PublishSeq(5), &mut last));
}
