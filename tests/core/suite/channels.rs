//! Channels: their numbers, their lives, and what is kept of them.

use pika::error::{Cause, Closed, Misuse, ProtocolError};
use pika::wire::{ChannelId, ReplyCode, Table};

use super::*;
use crate::kit::{method_frame, misuse, quiet, reason};

#[test]
fn numbers_are_given_out_lowest_first() {
    let mut it = Dialogue::open();
    for number in 1..=5 {
        assert_eq!(it.channel().id(), ChannelId(number));
    }
}

#[test]
fn a_number_is_free_only_after_close_ok() {
    let mut it = Dialogue::open();
    let first = it.channel();
    let second = it.channel();
    let now = it.now();
    let call = it
        .on(first)
        .close(ReplyCode::REPLY_SUCCESS, "done".into(), now)
        .unwrap();
    it.hears(1, channel::Close::new(200, "done", 0, 0));
    assert_eq!(
        it.channel().id(),
        ChannelId(3),
        "1 may still be in use at the server"
    );
    it.says(1, channel::CloseOk::new());
    assert_eq!(it.replies(call), channel::CloseOk::new().into());
    assert!(it.channel_closed(first).is_normal());
    assert_eq!(it.channel().id(), ChannelId(1));
    assert_eq!(it.channel().id(), ChannelId(4));
    assert!(it.client.channel(second).is_ok());
}

#[test]
fn of_several_free_numbers_the_lowest_is_used() {
    let mut it = Dialogue::open();
    let channels = [0; 5].map(|_| it.channel());
    for number in [4, 2, 5] {
        it.says(number, channel::Close::new(404, "", 0, 0));
        it.hears(number, channel::CloseOk::new());
        it.channel_closed(channels[usize::from(number) - 1]);
    }
    for number in [2, 4, 5, 6] {
        assert_eq!(it.channel().id(), ChannelId(number));
    }
}

#[test]
fn there_are_as_many_channels_as_agreed_on() {
    let mut it = Dialogue::open_with(quiet().channel_max(3), (2047, 4096, 0));
    let channels = [it.channel(), it.channel(), it.channel()];
    let now = it.now();
    let refused = misuse(it.client.open_channel(now));
    assert_eq!(refused, Misuse::NoFreeChannels { channel_max: 3 });
    it.hears_nothing();
    it.says(2, channel::Close::new(404, "NOT_FOUND", 50, 10));
    it.hears(2, channel::CloseOk::new());
    it.channel_closed(channels[1]);
    assert_eq!(it.channel().id(), ChannelId(2));
}

#[test]
fn a_channel_can_be_used_before_it_is_opened() {
    let mut it = Dialogue::open();
    let now = it.now();
    let (channel, opening) = it.client.open_channel(now).unwrap();
    it.hears(1, channel::Open::new());
    let declaring = it.calls(channel, queue::Declare::new("q"));
    it.says(1, channel::OpenOk::new());
    it.says(1, queue::DeclareOk::new("q", 0, 0));
    it.replies(opening);
    it.replies(declaring);
}

#[test]
fn an_old_key_does_not_reach_the_next_channel_of_its_number() {
    let (mut it, old) = Dialogue::with_channel();
    it.says(1, channel::Close::new(406, "PRECONDITION_FAILED", 50, 10));
    it.hears(1, channel::CloseOk::new());
    it.channel_closed(old);
    let new = it.channel();
    assert_eq!((old.id(), new.id()), (ChannelId(1), ChannelId(1)));
    assert_ne!(old, new);
    let why = reason(it.client.channel(old));
    assert_eq!(why.code(), Some(ReplyCode::PRECONDITION_FAILED));
    assert!(it.client.channel(new).is_ok());
}

#[test]
fn a_channel_that_the_server_closed_keeps_telling_why() {
    let (mut it, key) = Dialogue::with_channel();
    let calls = [
        it.calls(key, queue::Declare::new("a")),
        it.calls(key, queue::Declare::new("b")),
    ];
    it.says(
        1,
        channel::Close::new(404, "NOT_FOUND - no queue 'a'", 50, 10),
    );
    it.hears(1, channel::CloseOk::new());
    for call in calls {
        assert_eq!(
            reason(Err::<(), _>(it.fails(call))).code(),
            Some(ReplyCode::NOT_FOUND)
        );
    }
    let told = it.channel_closed(key);
    for _ in 0..2 {
        assert_eq!(reason(it.client.channel(key)), *told);
    }
    assert_eq!(
        told.method().map(|id| (id.class, id.method)),
        Some((50, 10))
    );
    assert_eq!(told.text().unwrap(), "NOT_FOUND - no queue 'a'");
    assert!(it.client.is_open());
}

#[test]
fn a_frame_on_a_channel_that_is_not_open_is_an_error_504() {
    let header = [
        2, 0, 7, 0, 0, 0, 14, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0xce,
    ];
    let body = [3, 0, 7, 0, 0, 0, 1, b'x', 0xce];
    let method = method_frame::<V>(7, basic::QosOk::new());
    for frame in [&header[..], &body[..], &method[..]] {
        let mut it = Dialogue::open();
        it.says_bytes(frame);
        let close = it.hears_any::<connection::Close>(0);
        assert_eq!(close.reply_code, ReplyCode::CHANNEL_ERROR);
        let why = it.closed();
        let Closed { cause, .. } = &*why;
        assert_eq!(
            *cause,
            Cause::Protocol(ProtocolError::UnknownChannel(ChannelId(7)))
        );
    }
}

#[test]
fn methods_of_the_connection_and_of_channels_are_not_mixed() {
    let purge_ok = method_frame::<V>(0, queue::PurgeOk::new(1));
    let deliver = method_frame::<V>(0, basic::Deliver::new("t", 1, "", "q"));
    let flow = method_frame::<V>(0, channel::Flow::new());
    let close = method_frame::<V>(1, connection::Close::new(320, "", 0, 0));
    let tune = method_frame::<V>(1, V::tune(1, 4096, 0));
    let start = method_frame::<V>(0, V::start("PLAIN", Table::new()));
    for frame in [purge_ok, deliver, flow, close, tune, start] {
        let (mut it, key) = Dialogue::with_channel();
        it.says_bytes(&frame);
        let close = it.hears_any::<connection::Close>(0);
        assert_eq!(close.reply_code, ReplyCode::COMMAND_INVALID, "{frame:?}");
        it.channel_closed(key);
        it.closed();
    }
}

#[test]
fn a_channel_that_nobody_wants_any_more_is_closed_when_it_opens() {
    let mut it = Dialogue::open();
    let now = it.now();
    let (key, call) = it.client.open_channel(now).unwrap();
    it.hears(1, channel::Open::new());
    assert!(it.client.abandon(call, now).is_none());
    it.hears_nothing();
    it.says(1, channel::OpenOk::new());
    it.hears_any::<channel::Close>(1);
    it.says(1, channel::CloseOk::new());
    it.channel_closed(key);
    assert_eq!(it.channel().id(), ChannelId(1));
}

#[test]
fn ten_thousand_channels_use_one_number() {
    let mut it = Dialogue::open();
    for _ in 0..10_000 {
        let key = it.channel();
        assert_eq!(key.id(), ChannelId(1));
        let now = it.now();
        let call = it
            .on(key)
            .close(ReplyCode::REPLY_SUCCESS, "".into(), now)
            .unwrap();
        it.hears_any::<channel::Close>(1);
        it.says(1, channel::CloseOk::new());
        it.replies(call);
        it.channel_closed(key);
    }
    assert_eq!(it.due(), None, "no deadline is left behind");
}
