//! Settling deliveries: a stale acknowledgement writes nothing. Fetching messages one by one.

use pika::connection::{Answer, CallId, ChannelKey, Delivery, DeliveryToken, Settled};
use pika::error::{Cause, Expected, Misuse, ProtocolError};
use pika::wire::ReplyCode;

use super::*;
use crate::kit::misuse;

/// A channel with a consumer that got the deliveries 1 to `count`.
fn delivered(it: &mut Dialogue, key: ChannelKey, count: u64) -> Vec<DeliveryToken> {
    it.on(key)
        .no_wait(basic::Consume::new("q").consumer_tag("t"))
        .unwrap();
    it.hears_any::<basic::Consume>(key.id().0);
    (1..=count).map(|tag| deliver(it, key, tag)).collect()
}

fn deliver(it: &mut Dialogue, key: ChannelKey, tag: u64) -> DeliveryToken {
    let message = basic::Deliver::new("t", tag, "", "q");
    it.says_content(key.id().0, (&message, &basic::Properties::new()), b"x");
    it.delivery().into_token()
}

/// The token can settle nothing, in any way, and nothing is written.
fn is_stale(it: &mut Dialogue, key: ChannelKey, token: DeliveryToken) {
    assert_eq!(it.on(key).ack(token, false).unwrap(), Settled::Stale);
    it.hears_nothing();
}

fn message(it: &mut Dialogue, call: CallId) -> Delivery<V> {
    match it.answer(call).unwrap() {
        Answer::Message(delivery) => *delivery,
        other => panic!("expected a message, found {other:?}"),
    }
}

#[test]
fn deliveries_are_settled_in_any_order() {
    let (mut it, key) = Dialogue::with_channel();
    let tokens: [_; 4] = delivered(&mut it, key, 4).try_into().unwrap();
    let [one, two, three, four] = tokens;
    assert_eq!(it.on(key).ack(three, false).unwrap(), Settled::Queued);
    it.hears(1, basic::Ack::new(3));
    it.on(key).reject(one, true).unwrap();
    it.hears(1, basic::Reject::new(1).requeue(true));
    it.on(key).reject(two, false).unwrap();
    it.hears(1, basic::Reject::new(2));
    it.on(key).ack(four, true).unwrap();
    it.hears(1, basic::Ack::new(4).multiple(true));
}

#[test]
fn an_acknowledgement_of_several_settles_those_before_and_no_later_one() {
    let (mut it, key) = Dialogue::with_channel();
    let tokens: [_; 4] = delivered(&mut it, key, 4).try_into().unwrap();
    let [one, two, three, four] = tokens;
    it.on(key).ack(three, true).unwrap();
    it.hears(1, basic::Ack::new(3).multiple(true));
    is_stale(&mut it, key, one);
    assert_eq!(it.on(key).reject(two, true).unwrap(), Settled::Stale);
    it.on(key).ack(four, false).unwrap();
    it.hears(1, basic::Ack::new(4));
}

#[test]
fn recover_makes_all_deliveries_before_it_void() {
    let (mut it, key) = Dialogue::with_channel();
    let tokens: [_; 2] = delivered(&mut it, key, 2).try_into().unwrap();
    let [one, two] = tokens;
    let call = it.calls(key, basic::Recover::new().requeue(true));
    is_stale(&mut it, key, one);
    let three = deliver(&mut it, key, 3);
    it.says(1, basic::RecoverOk::new());
    it.replies(call);
    is_stale(&mut it, key, two);
    is_stale(&mut it, key, three);
    let four = deliver(&mut it, key, 4);
    it.on(key).ack(four, false).unwrap();
    it.hears(1, basic::Ack::new(4));
}

#[test]
fn recover_makes_fetched_messages_void_too() {
    let (mut it, key) = Dialogue::with_channel();
    let get = it.calls(key, basic::Get::new("q"));
    let got = basic::GetOk::new(1, "", "q", 0);
    it.says_content(1, (&got, &basic::Properties::new()), b"x");
    let fetched = message(&mut it, get).into_token();
    let recover = it.calls(key, basic::Recover::new().requeue(true));
    it.says(1, basic::RecoverOk::new());
    it.replies(recover);
    is_stale(&mut it, key, fetched);
}

#[test]
fn recover_makes_messages_in_many_frames_void_too() {
    let (mut it, key) = Dialogue::with_channel();
    delivered(&mut it, key, 0);
    let message = basic::Deliver::new("t", 1, "", "q");
    it.says_content(1, (&message, &basic::Properties::new()), &[1; 200_000]);
    let token = it.delivery().into_token();
    let recover = it.calls(key, basic::Recover::new().requeue(true));
    it.says(1, basic::RecoverOk::new());
    it.replies(recover);
    is_stale(&mut it, key, token);
}

#[test]
fn recover_without_an_answer_makes_them_void_at_once() {
    let (mut it, key) = Dialogue::with_channel();
    let [one] = <[_; 1]>::try_from(delivered(&mut it, key, 1)).unwrap();
    it.on(key)
        .send(basic::RecoverAsync::new().requeue(true))
        .unwrap();
    it.hears_any::<basic::RecoverAsync>(1);
    is_stale(&mut it, key, one);
    let two = deliver(&mut it, key, 2);
    it.on(key).ack(two, false).unwrap();
    it.hears(1, basic::Ack::new(2));
}

#[test]
fn the_next_channel_of_a_number_does_not_settle_for_the_one_before() {
    let (mut it, old) = Dialogue::with_channel();
    let [old_one] = <[_; 1]>::try_from(delivered(&mut it, old, 1)).unwrap();
    it.says(1, channel::Close::new(406, "", 0, 0));
    it.hears(1, channel::CloseOk::new());
    it.channel_closed(old);
    let new = it.channel();
    assert_eq!(new.id(), old.id());
    let [new_one] = <[_; 1]>::try_from(delivered(&mut it, new, 1)).unwrap();
    assert_eq!(old_one.tag(), new_one.tag());
    is_stale(&mut it, new, old_one);
    it.on(new).ack(new_one, false).unwrap();
    it.hears(1, basic::Ack::new(1));
}

#[test]
fn another_channel_does_not_settle() {
    let (mut it, one) = Dialogue::with_channel();
    let two = it.channel();
    let [token] = <[_; 1]>::try_from(delivered(&mut it, one, 1)).unwrap();
    delivered(&mut it, two, 1);
    is_stale(&mut it, two, token);
}

#[test]
fn another_connection_does_not_settle() {
    let (mut it, key) = Dialogue::with_channel();
    let [token] = <[_; 1]>::try_from(delivered(&mut it, key, 1)).unwrap();
    let (mut other, same) = Dialogue::with_channel();
    other.client.set_identity(1);
    assert_eq!(key, same);
    delivered(&mut other, same, 1);
    is_stale(&mut other, same, token);
}

#[test]
fn a_closed_channel_settles_nothing() {
    let (mut it, key) = Dialogue::with_channel();
    let [token] = <[_; 1]>::try_from(delivered(&mut it, key, 1)).unwrap();
    let now = it.now();
    let call = it
        .on(key)
        .close(ReplyCode::REPLY_SUCCESS, "bye".into(), now)
        .unwrap();
    it.hears_any::<basic::Cancel>(1);
    it.hears_any::<channel::Close>(1);
    let closed = it.client.channel(key).map(drop);
    assert!(closed.is_ok(), "the server can still answer");
    is_stale(&mut it, key, token);
    it.says(1, channel::CloseOk::new());
    it.replies(call);
    it.channel_closed(key);
}

#[test]
fn a_delivery_without_acknowledgement_has_nothing_to_settle() {
    let (mut it, key) = Dialogue::with_channel();
    let consume = basic::Consume::new("q").consumer_tag("t").no_ack(true);
    it.on(key).no_wait(consume).unwrap();
    it.hears_any::<basic::Consume>(1);
    let token = deliver(&mut it, key, 1);
    assert_eq!(
        misuse(it.on(key).ack(token, false)),
        Misuse::NothingToSettle
    );
    let call = it.calls(key, basic::Get::new("q").no_ack(true));
    let got = basic::GetOk::new(2, "", "q", 0);
    it.says_content(1, (&got, &basic::Properties::new()), b"");
    let token = message(&mut it, call).into_token();
    assert_eq!(
        misuse(it.on(key).reject(token, true)),
        Misuse::NothingToSettle
    );
    it.hears_nothing();
}

#[test]
fn get_finds_messages_until_there_are_none() {
    let (mut it, key) = Dialogue::with_channel();
    let calls = [0, 1, 2, 3].map(|_| it.calls(key, basic::Get::new("q")));
    let got = basic::GetOk::new(1, "logs", "info", 5).redelivered(true);
    it.says_content(1, (&got, &basic::Properties::new().priority(1)), b"one");
    let got = basic::GetOk::new(2, "", "q", 0);
    it.says_content(1, (&got, &basic::Properties::new()), b"");
    it.says(1, basic::GetEmpty::new());
    it.says(1, basic::GetEmpty::new());
    let first = message(&mut it, calls[0]);
    assert_eq!(
        (first.message_count(), first.redelivered()),
        (Some(5), true)
    );
    assert_eq!(
        (first.exchange().as_bytes(), first.routing_key().as_bytes()),
        (&b"logs"[..], &b"info"[..])
    );
    assert_eq!(first.content().body(), b"one");
    let second = message(&mut it, calls[1]);
    assert!(second.content().body().is_empty());
    assert_eq!(it.replies(calls[2]), basic::GetEmpty::new().into());
    assert_eq!(it.replies(calls[3]), basic::GetEmpty::new().into());
    it.on(key).ack(second.into_token(), true).unwrap();
    it.hears(1, basic::Ack::new(2).multiple(true));
    is_stale(&mut it, key, first.into_token());
}

#[test]
fn a_message_that_nobody_fetched_is_a_protocol_error() {
    let (mut it, key) = Dialogue::with_channel();
    it.says(1, basic::GetOk::new(1, "", "q", 0));
    assert_eq!(
        it.hears_any::<connection::Close>(0).reply_code,
        ReplyCode::COMMAND_INVALID
    );
    it.channel_closed(key);
    let why = it.closed();
    let Cause::Protocol(ProtocolError::UnexpectedMethod {
        found, expected, ..
    }) = &why.cause
    else {
        panic!("{why}")
    };
    assert_eq!((*found, *expected), ("basic.get-ok", Expected::NoReply));
}
