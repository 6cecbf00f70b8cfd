//! Consumers: how they begin, get messages and end.

use pika::bytes::BytesMut;
use pika::connection::{Answer, CancelledBy, ChannelKey, ConsumerId, Event, Leave};
use pika::error::{Cause, Error, Misuse, ProtocolError};
use pika::frame;
use pika::method::NoWait;
use pika::wire::{ChannelId, ReplyCode, ShortStr};

use super::*;
use crate::kit::{SECOND, TUNE, misuse, quiet};

/// A consumer that the server has confirmed.
fn consumer(it: &mut Dialogue, key: ChannelKey, consume: basic::Consume) -> ConsumerId {
    let now = it.now();
    let (id, call) = it.on(key).consume(consume, now).unwrap();
    let number = key.id().0;
    let tag = it.hears_any::<basic::Consume>(number).consumer_tag;
    it.says(number, basic::ConsumeOk::new(&tag));
    it.replies(call);
    assert_eq!(it.on(key).consumer_tag(id), Some(&tag));
    id
}

fn tagged(tag: &'static str) -> basic::Consume {
    basic::Consume::new("q").consumer_tag(tag)
}

fn deliver(it: &mut Dialogue, tag: impl Into<ShortStr>, number: u64) {
    let message = basic::Deliver::new(tag, number, "", "q");
    it.says_content(1, (&message, &basic::Properties::new()), b"body");
}

fn cancelled(it: &mut Dialogue, id: ConsumerId, who: CancelledBy) {
    let event = it.event();
    let Event::ConsumerCancelled { consumer, by, .. } = event else {
        panic!("expected the end of a consumer, found {event:?}")
    };
    assert_eq!((consumer, by), (id, who));
}

#[test]
fn a_delivery_shows_what_came() {
    let (mut it, key) = Dialogue::with_channel();
    let id = consumer(&mut it, key, tagged("t"));
    let message = basic::Deliver::new("t", 7, "logs", "info").redelivered(true);
    let properties = basic::Properties::new()
        .content_type("text/plain")
        .priority(3);
    it.says_content(1, (&message, &properties), b"hello");
    let Event::Deliveries {
        channel, consumer, ..
    } = it.event()
    else {
        panic!()
    };
    assert_eq!((channel, consumer), (key, id));
    let delivery = it.delivered();
    assert_eq!(delivery.token().tag().0, 7);
    assert_eq!(delivery.token().channel(), key);
    assert!(delivery.redelivered());
    assert_eq!(delivery.exchange(), "logs");
    assert_eq!(delivery.routing_key(), "info");
    assert_eq!(delivery.message_count(), None);
    assert_eq!(delivery.content().properties().unwrap(), properties);
    assert_eq!(delivery.content().body(), b"hello");
}

#[test]
fn a_delivery_may_come_before_consume_ok() {
    let (mut it, key) = Dialogue::with_channel();
    let now = it.now();
    let (_, call) = it.on(key).consume(tagged("t"), now).unwrap();
    it.hears(1, tagged("t"));
    deliver(&mut it, "t", 1);
    assert_eq!(it.delivery().token().tag().0, 1);
    it.says(1, basic::ConsumeOk::new("t"));
    it.replies(call);
}

#[test]
fn a_consumer_whose_call_timed_out_gets_no_messages() {
    let mut it = Dialogue::open_with(quiet().rpc_timeout(SECOND * 3), TUNE);
    let key = it.channel();
    let now = it.now();
    let (_, call) = it.on(key).consume(tagged("t"), now).unwrap();
    it.hears_any::<basic::Consume>(1);
    it.wait(SECOND * 3);
    assert!(matches!(it.fails(call), Error::TimedOut(_)));
    it.hears_any::<channel::Close>(1);
    // All at once, and in pieces.
    deliver(&mut it, "t", 1);
    let message = basic::Deliver::new("t", 2, "", "q");
    it.says(1, message);
    it.says_bytes(&[2, 0, 1, 0, 0, 0, 14, 0, 60, 0, 0]);
    it.says_bytes(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xce]);
    it.no_event();
    it.says(1, channel::CloseOk::new());
    it.channel_closed(key);
}

#[test]
fn a_consumer_begun_without_waiting_gets_messages_at_once() {
    let (mut it, key) = Dialogue::with_channel();
    it.on(key).no_wait(tagged("t")).unwrap();
    let mut expected = tagged("t");
    expected.set_no_wait(true);
    it.hears(1, expected);
    deliver(&mut it, "t", 1);
    let Event::Deliveries { consumer, .. } = it.event() else {
        panic!()
    };
    it.delivered();
    assert_eq!(*it.on(key).consumer_tag(consumer).unwrap(), "t");
}

#[test]
fn a_consumer_begun_without_waiting_is_known() {
    let (mut it, key) = Dialogue::with_channel();
    let id = it.on(key).consume_no_wait(tagged("")).unwrap();
    let heard = it.hears_any::<basic::Consume>(1);
    assert!(heard.no_wait());
    assert_eq!(it.on(key).consumer_tag(id), Some(&heard.consumer_tag));
    deliver(&mut it, &heard.consumer_tag, 1);
    assert!(matches!(it.event(), Event::Deliveries { consumer, .. } if consumer == id));
    it.delivered();
    assert_eq!(it.on(key).pending_calls(), 0);
    let twice = it
        .on(key)
        .consume_no_wait(tagged("").consumer_tag(heard.consumer_tag));
    assert!(matches!(misuse(twice), Misuse::DuplicateConsumerTag(_)));
    it.hears_nothing();
}

#[test]
fn a_tag_belongs_to_one_consumer_of_a_channel_at_a_time() {
    let (mut it, key) = Dialogue::with_channel();
    let id = consumer(&mut it, key, tagged("t"));
    let now = it.now();
    let duplicate = Misuse::DuplicateConsumerTag("t".into());
    assert_eq!(misuse(it.on(key).consume(tagged("t"), now)), duplicate);
    assert_eq!(misuse(it.on(key).no_wait(tagged("t"))), duplicate);
    it.hears_nothing();
    deliver(&mut it, "t", 1);
    it.delivery();
    let call = it.on(key).cancel(id, Leave::HandOver, now).unwrap();
    it.hears(1, basic::Cancel::new("t"));
    // The next consumer stands in line: what comes before cancel-ok is for the one before.
    let (next, begun) = it.on(key).consume(tagged("t"), now).unwrap();
    it.hears(1, tagged("t"));
    assert_eq!(misuse(it.on(key).consume(tagged("t"), now)), duplicate);
    it.hears_nothing();
    deliver(&mut it, "t", 2);
    assert!(matches!(it.event(), Event::Deliveries { consumer, .. } if consumer == id));
    it.delivered();
    it.says(1, basic::CancelOk::new("t"));
    cancelled(&mut it, id, CancelledBy::Us);
    it.replies(call);
    deliver(&mut it, "t", 3);
    assert!(matches!(it.event(), Event::Deliveries { consumer, .. } if consumer == next));
    it.delivered();
    it.says(1, basic::ConsumeOk::new("t"));
    it.replies(begun);
    assert_eq!(it.on(key).consumer_tag(next).unwrap(), "t");
    let other = it.channel();
    consumer(&mut it, other, tagged("t"));
}

#[test]
fn tags_made_here_differ_from_all_others() {
    let (mut it, key) = Dialogue::with_channel();
    for tag in ["ctag0", "ctag1", "ctag3", "ctag4"] {
        consumer(&mut it, key, tagged(tag));
    }
    let mut tags = std::collections::HashSet::new();
    for _ in 0..10 {
        let id = consumer(&mut it, key, tagged(""));
        let tag = it.on(key).consumer_tag(id).unwrap().clone();
        assert!(!tag.is_empty());
        assert!(tags.insert(tag.to_string()), "{tag}");
    }
}

#[test]
fn messages_on_their_way_are_handed_over_while_a_consumer_leaves() {
    let (mut it, key) = Dialogue::with_channel();
    let id = consumer(&mut it, key, tagged("t"));
    let now = it.now();
    let call = it.on(key).cancel(id, Leave::HandOver, now).unwrap();
    it.hears(1, basic::Cancel::new("t"));
    deliver(&mut it, "t", 1);
    let token = it.delivery().into_token();
    it.says(1, basic::CancelOk::new("t"));
    cancelled(&mut it, id, CancelledBy::Us);
    assert_eq!(it.replies(call), basic::CancelOk::new("t").into());
    assert_eq!(it.on(key).consumer_tag(id), None);
    it.on(key).ack(token, false).unwrap();
    it.hears(1, basic::Ack::new(1));
}

#[test]
fn messages_on_their_way_go_back_when_they_are_not_wanted() {
    for no_ack in [false, true] {
        let (mut it, key) = Dialogue::with_channel();
        let id = consumer(&mut it, key, tagged("t").no_ack(no_ack));
        let now = it.now();
        let call = it.on(key).cancel(id, Leave::Requeue, now).unwrap();
        it.hears(1, basic::Cancel::new("t"));
        deliver(&mut it, "t", 1);
        if !no_ack {
            it.hears(1, basic::Reject::new(1).requeue(true));
        }
        it.says(1, basic::CancelOk::new("t"));
        cancelled(&mut it, id, CancelledBy::Us);
        it.replies(call);
    }
}

#[test]
fn a_dropped_consumer_is_cancelled_once_and_nobody_is_told() {
    let (mut it, key) = Dialogue::with_channel();
    let id = consumer(&mut it, key, tagged("t"));
    let now = it.now();
    it.on(key).drop_consumer(id, now);
    it.hears(1, basic::Cancel::new("t"));
    it.on(key).drop_consumer(id, now);
    it.hears_nothing();
    deliver(&mut it, "t", 1);
    it.hears(1, basic::Reject::new(1).requeue(true));
    it.says(1, basic::CancelOk::new("t"));
    it.no_event();
    it.on(key).drop_consumer(id, now);
    it.hears_nothing();
}

#[test]
fn a_message_that_is_half_here_when_its_consumer_is_dropped_goes_back() {
    for half in [20, 50, 70] {
        let (mut it, key) = Dialogue::with_channel();
        let id = consumer(&mut it, key, tagged("t"));
        let message = basic::Deliver::new("t", 1, "", "q");
        let mut bytes = BytesMut::new();
        let content = (
            &message,
            &basic::Properties::new(),
            &b"a body of some length"[..],
        );
        frame::put_content(&mut bytes, ChannelId(1), content, 4096);
        assert!(half < bytes.len());
        it.says_bytes(&bytes[..half]);
        let now = it.now();
        it.on(key).drop_consumer(id, now);
        it.hears(1, basic::Cancel::new("t"));
        it.says_bytes(&bytes[half..]);
        it.hears(1, basic::Reject::new(1).requeue(true));
        it.no_event();
    }
}

#[test]
fn queues_may_answer_for_consumers_later_than_the_channel_answers_other_calls() {
    let (mut it, key) = Dialogue::with_channel();
    let (first, second) = (
        consumer(&mut it, key, tagged("first")),
        consumer(&mut it, key, tagged("second")),
    );
    let now = it.now();
    it.on(key).drop_consumer(first, now);
    it.on(key).drop_consumer(second, now);
    it.hears(1, basic::Cancel::new("first"));
    it.hears(1, basic::Cancel::new("second"));
    let declare = it.calls(key, queue::Declare::new("q"));
    let get = it.calls(key, basic::Get::new("q"));

    it.says(1, queue::DeclareOk::new("q", 0, 0));
    it.replies(declare);
    let got = basic::GetOk::new(1, "", "q", 0);
    it.says_content(1, (&got, &basic::Properties::new()), b"body");
    assert!(matches!(it.answer(get), Ok(Answer::Message(_))));
    it.says(1, basic::CancelOk::new("second"));
    // The first is still known, so that its last message can go back.
    deliver(&mut it, "first", 2);
    it.hears(1, basic::Reject::new(2).requeue(true));
    it.says(1, basic::CancelOk::new("first"));
    it.no_event();
}

#[test]
fn a_consumer_can_be_cancelled_by_its_tag() {
    let (mut it, key) = Dialogue::with_channel();
    let id = consumer(&mut it, key, tagged("t"));
    let call = it.calls(key, basic::Cancel::new("t"));
    deliver(&mut it, "t", 1);
    it.delivery();
    it.says(1, basic::CancelOk::new("t"));
    cancelled(&mut it, id, CancelledBy::Us);
    it.replies(call);
}

#[test]
fn what_is_no_consumer_cannot_be_cancelled() {
    let (mut it, key) = Dialogue::with_channel();
    let now = it.now();
    let unknown = it.on(key).call(basic::Cancel::new("t"), now);
    assert_eq!(misuse(unknown), Misuse::UnknownConsumerTag("t".into()));
    let other = it.channel();
    let id = consumer(&mut it, other, tagged("t"));
    let wrong = it.on(key).cancel(id, Leave::HandOver, now);
    assert_eq!(misuse(wrong), Misuse::ConsumerEnded);
    it.hears_nothing();
}

#[test]
fn messages_after_a_cancel_without_waiting_go_back() {
    let (mut it, key) = Dialogue::with_channel();
    let id = consumer(&mut it, key, tagged("t"));
    it.on(key).no_wait(basic::Cancel::new("t")).unwrap();
    let mut expected = basic::Cancel::new("t");
    expected.set_no_wait(true);
    it.hears(1, expected);
    cancelled(&mut it, id, CancelledBy::Us);
    deliver(&mut it, "t", 1);
    it.hears(1, basic::Reject::new(1).requeue(true));
    // A new consumer of the same tag would get what is still under way to the old one.
    let now = it.now();
    let again = it.on(key).consume(tagged("t"), now).map(drop);
    assert_eq!(misuse(again), Misuse::DuplicateConsumerTag("t".into()));
}

#[test]
fn the_server_may_cancel_a_consumer_and_is_answered_only_if_it_waits() {
    for no_wait in [true, false] {
        let (mut it, key) = Dialogue::with_channel();
        let id = consumer(&mut it, key, tagged("t"));
        let mut cancel = basic::Cancel::new("t");
        cancel.set_no_wait(no_wait);
        it.says(1, cancel);
        if !no_wait {
            it.hears(1, basic::CancelOk::new("t"));
        }
        // Our own cancel, whose answer says that nothing more comes under the tag.
        it.hears(1, basic::Cancel::new("t"));
        cancelled(&mut it, id, CancelledBy::Server);
        assert_eq!(it.on(key).consumer_tag(id), None, "it has ended");
        deliver(&mut it, "t", 1);
        it.hears(1, basic::Reject::new(1).requeue(true));
        it.says(1, basic::CancelOk::new("t"));
        it.no_event();
        consumer(&mut it, key, tagged("t"));
    }
}

#[test]
fn the_tag_of_a_consumer_that_the_server_cancelled_can_be_used_at_once() {
    let (mut it, key) = Dialogue::with_channel();
    let id = consumer(&mut it, key, tagged("t"));
    let mut cancel = basic::Cancel::new("t");
    cancel.set_no_wait(true);
    it.says(1, cancel);
    it.hears(1, basic::Cancel::new("t"));
    cancelled(&mut it, id, CancelledBy::Server);
    let now = it.now();
    let (next, call) = it.on(key).consume(tagged("t"), now).unwrap();
    it.hears(1, tagged("t"));
    it.says(1, basic::CancelOk::new("t"));
    it.says(1, basic::ConsumeOk::new("t"));
    it.replies(call);
    deliver(&mut it, "t", 1);
    assert!(matches!(it.event(), Event::Deliveries { consumer, .. } if consumer == next));
    it.delivered();
}

#[test]
fn a_consumer_cancelled_twice_ends_once() {
    let (mut it, key) = Dialogue::with_channel();
    let id = consumer(&mut it, key, tagged("t"));
    let now = it.now();
    let calls = [0; 2].map(|_| it.on(key).cancel(id, Leave::HandOver, now).unwrap());
    for _ in calls {
        it.hears(1, basic::Cancel::new("t"));
        it.says(1, basic::CancelOk::new("t"));
    }
    cancelled(&mut it, id, CancelledBy::Us);
    for call in calls {
        it.replies(call);
    }
}

#[test]
fn a_consumer_cancelled_again_without_waiting_ends_once() {
    let (mut it, key) = Dialogue::with_channel();
    let id = consumer(&mut it, key, tagged("t"));
    let now = it.now();
    let call = it.on(key).cancel(id, Leave::HandOver, now).unwrap();
    it.hears_any::<basic::Cancel>(1);
    it.on(key).no_wait(basic::Cancel::new("t")).unwrap();
    it.hears_any::<basic::Cancel>(1);
    cancelled(&mut it, id, CancelledBy::Us);
    let unknown = Misuse::UnknownConsumerTag("t".into());
    assert_eq!(misuse(it.on(key).no_wait(basic::Cancel::new("t"))), unknown);
    assert_eq!(
        misuse(it.on(key).call(basic::Cancel::new("t"), now)),
        unknown
    );
    assert!(it.on(key).cancel(id, Leave::HandOver, now).is_err());
    it.on(key).drop_consumer(id, now);
    it.hears_nothing();
    it.says(1, basic::CancelOk::new("t"));
    it.replies(call);
}

#[test]
fn a_server_that_waits_is_answered_whatever_it_cancels() {
    let (mut it, _) = Dialogue::with_channel();
    it.says(1, basic::Cancel::new("none"));
    it.hears(1, basic::CancelOk::new("none"));
}

#[test]
fn cancels_that_cross_end_a_consumer_once() {
    for leave in [Leave::HandOver, Leave::Requeue] {
        let (mut it, key) = Dialogue::with_channel();
        let id = consumer(&mut it, key, tagged("t"));
        let now = it.now();
        let call = it.on(key).cancel(id, leave, now).unwrap();
        it.hears(1, basic::Cancel::new("t"));
        let mut cancel = basic::Cancel::new("t");
        cancel.set_no_wait(true);
        it.says(1, cancel);
        it.says(1, basic::CancelOk::new("t"));
        cancelled(&mut it, id, CancelledBy::Us);
        it.replies(call);
    }
}

#[test]
fn a_delivery_to_an_unknown_consumer_is_an_error_530() {
    let (mut it, key) = Dialogue::with_channel();
    deliver(&mut it, "nobody", 1);
    let close = it.hears_any::<connection::Close>(0);
    assert_eq!(close.reply_code, ReplyCode::NOT_ALLOWED);
    it.channel_closed(key);
    let expected = ProtocolError::UnknownConsumer("nobody".into());
    assert_eq!(it.closed().cause, Cause::Protocol(expected));
}
