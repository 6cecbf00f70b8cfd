//! Faults of the core about consumers that end.

use pika::bytes::BytesMut;
use pika::connection::{CancelledBy, ChannelKey, ConsumerId, Event, Leave};
use pika::error::Error;
use pika::frame::{Frame, Frames};
use pika::method::{MethodSet as _, NoWait as _, decode_method};
use pika::wire::ShortStr;

use super::*;
use crate::kit::{SECOND, TUNE, quiet};
use crate::runner::fault;

/// A consumer that the server has confirmed.
fn consumer(it: &mut Dialogue, key: ChannelKey, consume: basic::Consume) -> ConsumerId {
    let now = it.now();
    let (id, call) = it.on(key).consume(consume, now).unwrap();
    let tag = it.hears_any::<basic::Consume>(1).consumer_tag;
    it.says(1, basic::ConsumeOk::new(&tag));
    it.replies(call);
    id
}

fn tagged(tag: &'static str) -> basic::Consume {
    basic::Consume::new("q").consumer_tag(tag)
}

fn deliver(it: &mut Dialogue, tag: impl Into<ShortStr>, number: u64) {
    let message = basic::Deliver::new(tag, number, "", "q");
    it.says_content(1, (&message, &basic::Properties::new()), b"body");
}

/// All the methods that the client wrote, and nothing else.
fn methods(it: &mut Dialogue) -> Vec<amqp::Method> {
    let bytes = BytesMut::from(&it.hears_bytes()[..]).freeze();
    let methods = Frames::new(&bytes).map(|frame| match frame.unwrap() {
        Frame::Method { payload, .. } => decode_method::<V>(&mut payload.reader()).unwrap(),
        other => panic!("expected a method, heard {other:?}"),
    });
    methods.collect()
}

/// A channel whose consumer `t` the server has cancelled without waiting for an answer.
fn cancelled_by_server(no_ack: bool) -> (Dialogue, ChannelKey) {
    let (mut it, key) = Dialogue::with_channel();
    let id = consumer(&mut it, key, tagged("t").no_ack(no_ack));
    let mut cancel = basic::Cancel::new("t");
    cancel.set_no_wait(true);
    it.says(1, cancel);
    let event = it.event();
    let by_server = matches!(&event, Event::ConsumerCancelled { consumer, by: CancelledBy::Server, .. } if *consumer == id);
    assert!(by_server, "{event:?}");
    (it, key)
}

/// Right today.
#[test]
fn a_delivery_after_the_servers_cancel_goes_back() {
    fault(|| {
        let (mut it, _) = cancelled_by_server(false);
        deliver(&mut it, "t", 1);
        assert!(it.client.is_open(), "closed: {:?}", it.client.closed());
        let heard = methods(&mut it);
        assert!(
            heard.contains(&basic::Reject::new(1).requeue(true).into()),
            "{heard:?}"
        );
    });
}

/// Right today.
#[test]
fn a_delivery_without_acknowledgement_after_the_servers_cancel_is_dropped() {
    fault(|| {
        let (mut it, _) = cancelled_by_server(true);
        deliver(&mut it, "t", 1);
        assert!(it.client.is_open(), "closed: {:?}", it.client.closed());
        let heard = methods(&mut it);
        let rejects = heard
            .iter()
            .filter(|method| method.name() == "basic.reject");
        assert_eq!(rejects.count(), 0);
    });
}

/// Right today.
#[test]
fn the_servers_cancel_is_answered_with_a_cancel_that_waits() {
    fault(|| {
        let (mut it, key) = cancelled_by_server(false);
        assert_eq!(methods(&mut it), [basic::Cancel::new("t").into()]);
        deliver(&mut it, "t", 1);
        it.hears(1, basic::Reject::new(1).requeue(true));
        it.says(1, basic::CancelOk::new("t"));
        it.no_event();
        let again = consumer(&mut it, key, tagged("t"));
        deliver(&mut it, "t", 2);
        assert!(matches!(it.event(), Event::Deliveries { consumer, .. } if consumer == again));
    });
}

/// Right today.
#[test]
fn a_tag_can_be_used_again_right_after_its_consumer_was_dropped() {
    fault(|| {
        let (mut it, key) = Dialogue::with_channel();
        let first = consumer(&mut it, key, tagged("t"));
        let now = it.now();
        it.on(key).drop_consumer(first, now);
        it.hears(1, basic::Cancel::new("t"));
        let (second, call) = it.on(key).consume(tagged("t"), now).unwrap();
        deliver(&mut it, "t", 1);
        it.no_event();
        it.says(1, basic::CancelOk::new("t"));
        let heard = methods(&mut it);
        assert!(
            heard.contains(&basic::Reject::new(1).requeue(true).into()),
            "{heard:?}"
        );
        assert!(heard.contains(&tagged("t").into()), "{heard:?}");
        it.says(1, basic::ConsumeOk::new("t"));
        it.replies(call);
        deliver(&mut it, "t", 2);
        assert!(matches!(it.event(), Event::Deliveries { consumer, .. } if consumer == second));
    });
}

/// Right today.
#[test]
fn an_abandoned_consume_is_cancelled_at_once() {
    fault(|| {
        let (mut it, key) = Dialogue::with_channel();
        let now = it.now();
        let (_, call) = it.on(key).consume(tagged("t"), now).unwrap();
        it.hears(1, tagged("t"));
        it.client.abandon(call, now);
        assert_eq!(methods(&mut it), [basic::Cancel::new("t").into()]);
        it.says(1, basic::ConsumeOk::new("t"));
        it.says(1, basic::CancelOk::new("t"));
        it.no_event();
        it.hears_nothing();
        consumer(&mut it, key, tagged("t"));
    });
}

/// Right today.
#[test]
fn a_message_for_an_abandoned_consume_does_not_go_round() {
    fault(|| {
        let (mut it, key) = Dialogue::with_channel();
        let now = it.now();
        let (_, call) = it.on(key).consume(tagged("t"), now).unwrap();
        it.hears(1, tagged("t"));
        it.client.abandon(call, now);
        // The server withholds consume-ok, and delivers again until it is asked to cancel.
        let mut heard = methods(&mut it);
        let mut rounds = 0;
        while !heard.iter().any(|method| method.name() == "basic.cancel") {
            rounds += 1;
            assert!(rounds < 20, "rejected {rounds} times, and not cancelled");
            deliver(&mut it, "t", rounds);
            heard = methods(&mut it);
        }
        it.ignores();
    });
}

/// Right today.
#[test]
fn a_consumer_whose_consume_timed_out_does_not_end_again() {
    fault(|| {
        let mut it = Dialogue::open_with(quiet().rpc_timeout(SECOND * 3), TUNE);
        let key = it.channel();
        let now = it.now();
        let (id, begun) = it.on(key).consume(tagged("t"), now).unwrap();
        it.hears_any::<basic::Consume>(1);
        it.wait(SECOND);
        let now = it.now();
        it.on(key).cancel(id, Leave::HandOver, now).unwrap();
        it.hears_any::<basic::Cancel>(1);
        it.wait(SECOND * 2);
        assert!(matches!(it.fails(begun), Error::TimedOut(_)));
        it.hears_any::<channel::Close>(1);
        it.says(1, basic::ConsumeOk::new("t"));
        it.says(1, basic::CancelOk::new("t"));
        it.says(1, channel::CloseOk::new());
        loop {
            match it.event() {
                Event::ChannelClosed { .. } => break,
                Event::ConsumerCancelled { .. } => panic!("the consumer ended a second time"),
                _ => {}
            }
        }
    });
}

/// Right today.
#[test]
fn the_input_of_the_fuzzer_ends_each_consumer_once() {
    const INPUT: [u8; 22] = [
        0x74, 0x97, 0x73, 0xfc, 0x0a, 0x06, 0x49, 0x0f, 0x12, 0x19, 0xb0, 0x93, 0xc1, 0xef, 0xd9,
        0x00, 0xca, 0x9a, 0x3b, 0x83, 0x17, 0x07,
    ];
    fault(|| {
        crate::driver::run::<V>(&INPUT, |run| {
            run();
            0
        });
    });
}
