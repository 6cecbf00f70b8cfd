//! Messages put together from their frames.

use pika::bytes::{Bytes, BytesMut};
use pika::connection::{ChannelKey, Event};
use pika::error::{Cause, Closed, Expected, ProtocolError};
use pika::frame;
use pika::method::Args as _;
use pika::protocol::DeliverParts;
use pika::wire::{ChannelId, Reader, ReplyCode, ShortStr};

use super::*;
use crate::kit::{TUNE, method_frame, quiet};

/// A consumer with tag `t` on channel 1.
fn consuming(config: pika::config::Config, tune: (u16, u32, u16)) -> (Dialogue, ChannelKey) {
    let mut it = Dialogue::open_with(config, tune);
    let key = it.channel();
    it.on(key)
        .no_wait(basic::Consume::new("q").consumer_tag("t"))
        .unwrap();
    it.hears_any::<basic::Consume>(1);
    (it, key)
}

fn deliver(tag: u64) -> basic::Deliver {
    basic::Deliver::new("t", tag, "", "q")
}

/// A content header frame of class basic without properties.
fn header(channel: u16, size: u64) -> BytesMut {
    let mut bytes = BytesMut::new();
    frame::put_header(
        &mut bytes,
        ChannelId(channel),
        size,
        &basic::Properties::new(),
    );
    bytes
}

fn body(channel: u16, body: &[u8]) -> BytesMut {
    let mut bytes = BytesMut::new();
    frame::put_body(&mut bytes, ChannelId(channel), body);
    bytes
}

/// Bytes that differ from place to place.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251) as u8).collect()
}

/// The connection ends over what was said on channel 1, with this code.
fn broken(mut it: Dialogue, key: ChannelKey, code: ReplyCode) -> ProtocolError {
    assert_eq!(it.hears_any::<connection::Close>(0).reply_code, code);
    it.channel_closed(key);
    let why = it.closed();
    let Closed {
        cause: Cause::Protocol(error),
        ..
    } = &*why
    else {
        panic!("{why}")
    };
    error.clone()
}

#[test]
fn bodies_of_any_size_come_whole() {
    let (mut it, _) = consuming(quiet(), (10, 4096, 0));
    let room = 4096 - frame::OVERHEAD;
    for (n, len) in [0, 1, room - 1, room, room + 1, 2 * room, 1 << 20]
        .into_iter()
        .enumerate()
    {
        let sent = pattern(len);
        let tag = n as u64 + 1;
        it.says_content(1, (&deliver(tag), &basic::Properties::new()), &sent);
        let delivery = it.delivery();
        assert_eq!(delivery.token().tag().0, tag);
        assert!(delivery.content().body() == &sent[..], "{len}");
        it.no_event();
    }
}

#[test]
fn empty_body_frames_count_for_nothing() {
    let (mut it, _) = consuming(quiet(), TUNE);
    it.says(1, deliver(1));
    it.says_bytes(&header(1, 4));
    for piece in [&b""[..], b"ab", b"", b"", b"c"] {
        it.says_bytes(&body(1, piece));
        it.no_event();
    }
    it.says_bytes(&body(1, b"d"));
    assert_eq!(it.delivery().content().body(), b"abcd");
}

#[test]
fn other_channels_and_heartbeats_may_come_between_the_frames() {
    let (mut it, _) = consuming(quiet(), TUNE);
    let other = it.channel();
    it.on(other)
        .no_wait(basic::Consume::new("q").consumer_tag("t"))
        .unwrap();
    it.hears_any::<basic::Consume>(2);
    let call = it.calls(other, queue::Purge::new("q"));
    it.says(1, deliver(1));
    it.says(2, queue::PurgeOk::new(1));
    it.says(2, deliver(1));
    it.says_bytes(&header(1, 4));
    it.says_bytes(&header(2, 2));
    it.says_bytes(&body(1, b"on"));
    it.says_bytes(&[8, 0, 0, 0, 0, 0, 0, 0xce]);
    it.says_bytes(&body(2, b"tw"));
    it.says_bytes(&body(1, b"e!"));
    it.replies(call);
    assert_eq!(it.delivery().content().body(), b"tw");
    assert_eq!(it.delivery().content().body(), b"one!");
}

#[test]
fn a_body_in_one_frame_stays_where_it_was_received() {
    let sent = pattern(50_000);
    let method = method_frame::<V>(1, deliver(1)).len();
    // The frames come together, or the method before the others.
    for first in [0, method] {
        let (mut it, _) = consuming(quiet(), TUNE);
        let mut buffer = BytesMut::new();
        let content = (&deliver(1), &basic::Properties::new(), &sent[..]);
        frame::put_content(&mut buffer, ChannelId(1), content, 131_072);
        let mut rest = buffer.split_off(first);
        let received = rest.as_ptr_range();
        let now = it.now();
        it.client.receive(&mut buffer, now);
        it.client.receive(&mut rest, now);
        let delivery = it.delivery();
        let body = delivery.content().body();
        assert!(*body == sent[..]);
        assert!(received.contains(&body.as_ptr()), "the body was copied");
    }
}

#[test]
fn a_body_longer_than_announced_is_an_error_505() {
    for pieces in [&[&b"abcd"[..]][..], &[b"ab", b"cd"], &[b"", b"abcd"]] {
        let (mut it, key) = consuming(quiet(), TUNE);
        it.says(1, deliver(1));
        it.says_bytes(&header(1, 3));
        for piece in pieces {
            it.says_bytes(&body(1, piece));
        }
        let error = broken(it, key, ReplyCode::UNEXPECTED_FRAME);
        assert!(
            matches!(error, ProtocolError::BodyTooLong { .. }),
            "{error}"
        );
    }
}

#[test]
fn a_header_of_another_class_is_an_error_505() {
    let (mut it, key) = consuming(quiet(), TUNE);
    it.says(1, deliver(1));
    let mut bytes = header(1, 3);
    bytes[frame::HEAD_LEN + 1] = 50;
    it.says_bytes(&bytes);
    let error = broken(it, key, ReplyCode::UNEXPECTED_FRAME);
    assert_eq!(
        error,
        ProtocolError::WrongClass {
            expected: 60,
            found: 50
        }
    );
}

#[test]
fn frames_out_of_their_order_are_errors() {
    let (header_name, body_name) = ("a content header", "a content body");
    for (frames, found, expected) in [
        ("h", header_name, Expected::Method),
        ("b", body_name, Expected::Method),
        ("db", body_name, Expected::Header),
        ("dp", "queue.purge-ok", Expected::Header),
        ("dd", "basic.deliver", Expected::Header),
        ("ddhbb", "basic.deliver", Expected::Header),
        ("dhp", "queue.purge-ok", Expected::Body),
        ("dhbh", header_name, Expected::Body),
        ("dhbdhB", "basic.deliver", Expected::Body),
        ("dhbbb", body_name, Expected::Method),
        ("dhBb", body_name, Expected::Method),
    ] {
        let frames: Vec<_> = frames.chars().map(frame_of).collect();
        // One by one, and all together.
        for frames in [frames.clone(), vec![BytesMut::from(&frames.concat()[..])]] {
            let (mut it, _) = consuming(quiet(), TUNE);
            for frame in &frames {
                it.says_bytes(frame);
            }
            let why = it.client.closed().unwrap().clone();
            assert_eq!(out_of_order(&why), (ChannelId(1), found, expected));
            it.hears_any::<connection::Close>(0);
            it.ignores();
        }
    }
}

/// A frame on channel 1: a delivery of two bytes, its header, the half or whole of its body, or
/// the reply to a purge.
fn frame_of(letter: char) -> BytesMut {
    match letter {
        'd' => method_frame::<V>(1, deliver(1)),
        'h' => header(1, 2),
        'b' => body(1, b"x"),
        'B' => body(1, b"xy"),
        _ => method_frame::<V>(1, queue::PurgeOk::new(1)),
    }
}

fn out_of_order(why: &Closed) -> (ChannelId, &'static str, Expected) {
    match why.cause {
        Cause::Protocol(
            ProtocolError::UnexpectedMethod {
                channel,
                found,
                expected,
            }
            | ProtocolError::UnexpectedContent {
                channel,
                found,
                expected,
            },
        ) => (channel, found, expected),
        ref other => panic!("{other}"),
    }
}

#[test]
fn the_connection_may_be_closed_between_the_frames() {
    let (mut it, key) = consuming(quiet(), TUNE);
    it.says(1, deliver(1));
    it.says_bytes(&header(1, 4));
    it.says_bytes(&body(1, b"ab"));
    it.says(0, connection::Close::new(320, "CONNECTION_FORCED", 0, 0));
    it.hears(0, connection::CloseOk::new());
    it.channel_closed(key);
    assert_eq!(it.closed().code(), Some(ReplyCode::CONNECTION_FORCED));
}

#[test]
fn a_message_beyond_the_limit_closes_its_channel_and_no_other() {
    let (mut it, key) = consuming(quiet().max_message_size(1000), TUNE);
    it.says_content(1, (&deliver(1), &basic::Properties::new()), &pattern(1000));
    assert_eq!(it.delivery().content().body().len(), 1000);
    it.says(1, deliver(2));
    it.says_bytes(&header(1, 1001));
    let close = it.hears_any::<channel::Close>(1);
    assert_eq!(close.reply_code, ReplyCode::CONTENT_TOO_LARGE);
    let why = it.channel_closed(key);
    let expected = ProtocolError::MessageTooLarge {
        size: 1001,
        limit: 1000,
    };
    assert_eq!(why.cause, Cause::Protocol(expected));
    let other = it.channel();
    let call = it.calls(other, queue::Purge::new("q"));
    // The body is passed over, and what came behind it is looked at.
    it.says_bytes(&body(1, &pattern(1000)));
    it.says_bytes(&body(1, b""));
    it.says(2, queue::PurgeOk::new(0));
    it.says_bytes(&body(1, b"x"));
    it.replies(call);
    it.says(1, channel::CloseOk::new());
    it.no_event();
    assert_eq!(it.channel().id(), ChannelId(1));
}

#[test]
fn a_message_beyond_the_limit_is_not_handed_out_though_it_is_all_there() {
    let (mut it, key) = consuming(quiet().max_message_size(1000), TUNE);
    it.says_content(1, (&deliver(1), &basic::Properties::new()), &pattern(1001));
    it.hears_any::<channel::Close>(1);
    assert_eq!(
        it.channel_closed(key).code(),
        Some(ReplyCode::CONTENT_TOO_LARGE)
    );
    // What the server does wrong from then on changes nothing about why the channel is closed.
    it.says(1, basic::GetEmpty::new());
    it.says_bytes(&body(1, b"x"));
    it.says(1, channel::CloseOk::new());
    it.no_event();
}

#[test]
fn a_fetched_message_beyond_the_limit_closes_its_channel_and_no_other() {
    let (mut it, key) = consuming(quiet().max_message_size(0), TUNE);
    let call = it.calls(key, basic::Get::new("q"));
    let message = (&basic::GetOk::new(1, "", "q", 0), &basic::Properties::new());
    it.says_content(1, message, b"x");
    it.hears_any::<channel::Close>(1);
    it.says(1, channel::CloseOk::new());
    let Err(pika::Error::Protocol(why)) = it.answer(call) else {
        panic!()
    };
    assert_eq!(why.code(), Some(ReplyCode::CONTENT_TOO_LARGE));
    it.channel_closed(key);
    assert!(it.client.is_open());
}

#[test]
fn a_size_that_is_only_announced_takes_no_memory() {
    let (mut it, _) = consuming(quiet().max_message_size(u64::MAX), TUNE);
    it.says(1, deliver(1));
    it.says_bytes(&header(1, u64::MAX));
    it.says_bytes(&body(1, b"x"));
    it.no_event();
    assert!(it.client.is_open());
}

#[test]
fn properties_that_make_no_sense_spoil_only_their_message() {
    let (mut it, key) = consuming(quiet(), TUNE);
    it.says(1, deliver(1));
    // The flag of content-type, and a string that ends early.
    it.says_bytes(&[
        2, 0, 1, 0, 0, 0, 16, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x80, 0, 9, b'x', 0xce,
    ]);
    it.says_bytes(&body(1, b"!"));
    let delivery = it.delivery();
    let read = || -> pika::Result<_> { Ok(delivery.content().properties()?) };
    let error = read().unwrap_err();
    assert!(matches!(error, pika::Error::Unreadable(_)) && !error.is_retriable());
    assert_eq!(
        error.to_string(),
        "the message cannot be read: expected 9 more bytes, found 1 at byte 3"
    );
    assert_eq!(delivery.content().body(), b"!");
    it.on(key).ack(delivery.into_token(), false).unwrap();
    it.hears(1, basic::Ack::new(1));
}

#[test]
fn names_need_not_be_text() {
    let (mut it, _) = consuming(quiet(), TUNE);
    let key = pika::wire::ShortStr::new(b"\xff\xfe").unwrap();
    let message = basic::Deliver::new("t", 1, "", key);
    it.says_content(1, (&message, &basic::Properties::new()), b"");
    assert_eq!(it.delivery().routing_key().as_bytes(), b"\xff\xfe");
}

#[test]
fn a_returned_message_comes_back_whole() {
    let (mut it, key) = consuming(quiet(), (10, 4096, 0));
    let back = basic::Return::new(312, "NO_ROUTE", "logs", "info");
    let (properties, sent) = (basic::Properties::new().app_id("a"), pattern(10_000));
    it.says_content(1, (&back, &properties), &sent);
    let Event::Returned { channel, message } = it.event() else {
        panic!()
    };
    assert_eq!(channel, key);
    assert_eq!(
        (message.code, message.text.as_bytes()),
        (ReplyCode::NO_ROUTE, &b"NO_ROUTE"[..])
    );
    assert_eq!(
        (message.exchange.as_bytes(), message.routing_key.as_bytes()),
        (&b"logs"[..], &b"info"[..])
    );
    assert_eq!(message.content.properties().unwrap(), properties);
    assert!(*message.content.body() == sent[..]);
}

/// The generated type knows the layout; what the core finds by hand must not differ from it.
#[test]
fn the_parts_of_a_delivery_are_those_of_the_generated_type() {
    let long = "an exchange whose name takes more than 38 bytes";
    for (tag, redelivered, exchange, key) in [
        ("ctag0", false, "", ""),
        ("", true, "logs", "info"),
        ("t", true, long, "k"),
    ] {
        let mut bytes = BytesMut::new();
        basic::Deliver::new(tag, 7, exchange, key)
            .redelivered(redelivered)
            .encode(&mut bytes);
        let bytes = bytes.freeze();
        let parts = DeliverParts::find(&mut Reader::new(&bytes)).unwrap();
        assert_eq!(parts.consumer_tag, tag.as_bytes());
        assert_eq!((parts.delivery_tag.0, parts.redelivered), (7, redelivered));
        let route = bytes.slice_ref(parts.route);
        let mut route = Reader::new(&route);
        assert_eq!(route.get::<ShortStr>().unwrap(), exchange);
        assert_eq!(route.get::<ShortStr>().unwrap(), key);
        for end in 0..bytes.len() {
            let cut = bytes.slice(..end);
            assert!(DeliverParts::find(&mut Reader::new(&cut)).is_err());
        }
        let longer = Bytes::from([&bytes[..], b"x"].concat());
        assert!(DeliverParts::find(&mut Reader::new(&longer)).is_err());
    }
}
