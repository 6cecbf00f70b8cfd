//! Publishing: a message is written whole or not at all.

use pika::bytes::Bytes;
use pika::connection::{Body, ChannelKey, Event};
use pika::error::{Forbidden, Misuse};
use pika::frame;
use pika::wire::{LongStr, ReplyCode, Table};

use super::*;
use crate::kit::{Heard, TUNE, forbidden, misuse, quiet, reason};

fn publish() -> basic::Publish {
    basic::Publish::new("", "q")
}

fn none() -> basic::Properties {
    basic::Properties::new()
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251) as u8).collect()
}

/// Properties whose content header frame has `len` bytes.
fn properties_of(len: usize) -> basic::Properties {
    use pika::method::Properties as _;
    let of = |n| none().headers(Table::new().with("x", LongStr::from(vec![b'v'; n])));
    let fixed = frame::OVERHEAD + 12 + of(0).encoded_len();
    of(len - fixed)
}

/// The sizes of the body frames that were written next, after method and header.
fn body_frames(it: &mut Dialogue, size: usize) -> Vec<usize> {
    it.hears(1, publish());
    assert!(matches!(it.hears_frame(), Heard::Header(1, 60, n, _) if n == size as u64));
    let mut frames = Vec::new();
    while frames.iter().sum::<usize>() < size {
        let Heard::Body(1, piece) = it.hears_frame() else {
            panic!()
        };
        frames.push(piece.len());
    }
    it.hears_nothing();
    frames
}

#[test]
fn a_body_is_cut_where_frames_are_full() {
    let room = 4096 - 8;
    for (len, frames) in [
        (0, vec![]),
        (1, vec![1]),
        (room - 1, vec![room - 1]),
        (room, vec![room]),
        (room + 1, vec![room, 1]),
        (2 * room, vec![room, room]),
        (5 * room + 7, vec![room, room, room, room, room, 7]),
    ] {
        let mut it = Dialogue::open_with(quiet(), (10, 4096, 0));
        let key = it.channel();
        let body = pattern(len);
        assert_eq!(
            it.on(key).publish(&publish(), &none(), &body).unwrap(),
            None
        );
        assert_eq!(body_frames(&mut it, len), frames, "borrowed, {len}");
        it.on(key).publish(&publish(), &none(), body).unwrap();
        assert_eq!(body_frames(&mut it, len), frames, "owned, {len}");
    }
}

#[test]
fn all_kinds_of_bodies_are_the_same_bytes() {
    for len in [0, 10, 16 * 1024 - 1, 16 * 1024, 300_000] {
        let (mut it, key) = Dialogue::with_channel();
        let body = pattern(len);
        let kinds = [
            Body::from(&body[..]),
            Body::from(body.clone()),
            Body::from(Bytes::from(body.clone())),
        ];
        for kind in kinds {
            it.on(key).publish(&publish(), &none(), kind).unwrap();
            assert!(it.hears_content(1, &publish()) == body);
            it.hears_nothing();
        }
    }
}

#[test]
fn nothing_comes_between_the_frames_of_a_message() {
    for body in [
        Body::Shared(pattern(300_000).into()),
        Body::Borrowed(b"small"),
    ] {
        let mut it = Dialogue::open();
        let (one, two) = (it.channel(), it.channel());
        it.stalls();
        for key in [one, two] {
            it.says(key.id().0, channel::Flow::new().active(true));
            let number = it.on(key).publish(&publish(), &none(), body.clone());
            assert_eq!(number.unwrap(), None);
        }
        it.says(1, channel::Flow::new().active(true));
        it.resumes();
        for channel in [1, 2] {
            it.hears(channel, channel::FlowOk::new().active(true));
            assert_eq!(it.hears_content(channel, &publish()), body.as_bytes());
        }
        it.hears(1, channel::FlowOk::new().active(true));
        for _ in 0..3 {
            assert!(matches!(it.event(), Event::Flow { active: true, .. }));
        }
    }
}

#[test]
fn a_header_larger_than_a_frame_is_refused_and_nothing_is_written() {
    let mut it = Dialogue::open_with(quiet(), (10, 4096, 0));
    let key = it.channel();
    let refused = misuse(it.on(key).publish(&publish(), &properties_of(4097), b"x"));
    let expected = Misuse::FrameTooLarge {
        method: "basic.publish",
        len: 4097,
        frame_max: 4096,
    };
    assert_eq!(refused, expected);
    it.hears_nothing();
    it.on(key)
        .publish(&publish(), &properties_of(4096), b"x")
        .unwrap();
    assert_eq!(it.hears_content(1, &publish()), b"x");
}

#[test]
fn at_the_high_mark_nothing_but_settling_goes_on() {
    let mut it = Dialogue::open_with(quiet().output_water(1000, 5000), TUNE);
    let key = it.channel();
    it.on(key)
        .no_wait(basic::Consume::new("q").consumer_tag("t"))
        .unwrap();
    it.hears_any::<basic::Consume>(1);
    let message = basic::Deliver::new("t", 1, "", "q");
    it.says_content(1, (&message, &none()), b"");
    let token = it.delivery().into_token();
    it.stalls();
    it.on(key)
        .publish(&publish(), &none(), pattern(4000))
        .unwrap();
    let waiting = it.client.outgoing_len();
    assert!((4000..5000).contains(&waiting));
    it.on(key)
        .publish(&publish(), &none(), pattern(100_000))
        .unwrap();
    let full = it.client.outgoing_len();
    for _ in 0..3 {
        let refused = it.on(key).publish(&publish(), &none(), b"");
        assert_eq!(forbidden(refused), Forbidden::OutputFull);
    }
    assert_eq!(it.on(key).forbidden(), Some(Forbidden::OutputFull));
    assert_eq!(it.client.outgoing_len(), full, "nothing of it was written");
    let now = it.now();
    let refused = it.on(key).call(queue::Purge::new("q"), now);
    assert_eq!(forbidden(refused), Forbidden::OutputFull);
    it.on(key).ack(token, false).unwrap();
    it.resumes();
    assert_eq!(it.hears_content(1, &publish()).len(), 4000);
    assert_eq!(it.hears_content(1, &publish()).len(), 100_000);
    it.hears(1, basic::Ack::new(1));
    it.hears_nothing();
    assert_eq!(it.on(key).forbidden(), None);
    it.on(key).publish(&publish(), &none(), b"x").unwrap();
    it.hears_content(1, &publish());
}

#[test]
fn a_closed_channel_takes_no_message_and_tells_why() {
    let (mut it, key): (Dialogue, ChannelKey) = Dialogue::with_channel();
    let now = it.now();
    it.on(key)
        .close(ReplyCode::REPLY_SUCCESS, "bye".into(), now)
        .unwrap();
    it.hears_any::<channel::Close>(1);
    assert!(reason(it.on(key).publish(&publish(), &none(), b"x")).is_normal());
    it.hears_nothing();
}

#[test]
fn bytes_sent_are_those_that_were_taken() {
    let (mut it, key) = Dialogue::with_channel();
    let before = it.client.bytes_sent();
    it.stalls();
    it.on(key)
        .publish(&publish(), &none(), pattern(100))
        .unwrap();
    assert_eq!(it.client.bytes_sent(), before);
    assert!(it.client.wants_write());
    it.resumes();
    assert!(!it.client.wants_write());
    let written = it.hears_bytes().len();
    assert_eq!(it.client.bytes_sent(), before + written as u64);
    assert_eq!(
        written,
        frame::content_len(&publish(), &none(), 100, TUNE.1)
    );
}
