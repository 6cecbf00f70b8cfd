//! What the broker does not let itself be talked into.

use pika::broker::{Plan, Settings};
use pika::bytes::BytesMut;
use pika::frame;
use pika::wire::{ChannelId, ReplyCode};

use super::{Client, basic, channel, connection, queue};

fn refused(it: &mut Client, code: ReplyCode, text: &str) {
    let close = it.hears::<connection::Close>(0);
    assert_eq!(close.reply_code, code, "{}", close.reply_text);
    let found = close.reply_text.as_str().unwrap();
    assert!(found.contains(text), "{found}");
}

#[test]
fn a_frame_above_frame_max_is_501_before_it_is_there() {
    let mut it = Client::with_channel();
    let mut head = vec![3, 0, 1];
    head.extend_from_slice(&131_073_u32.to_be_bytes());
    it.world.gives(it.id, &mut it.ear, &head);
    refused(
        &mut it,
        ReplyCode::FRAME_ERROR,
        "{frame_too_large,131073,131064}",
    );
}

#[test]
fn a_frame_without_its_end_is_501() {
    let mut it = Client::with_channel();
    it.world.gives(
        it.id,
        &mut it.ear,
        b"\x01\x00\x01\x00\x00\x00\x05\x00\x5a\x00\x0a\x00\xcd",
    );
    refused(&mut it, ReplyCode::FRAME_ERROR, "invalid_frame_end_marker");
}

#[test]
fn a_frame_of_no_known_type_is_501() {
    let mut it = Client::with_channel();
    it.world
        .gives(it.id, &mut it.ear, b"\x04\x00\x01\x00\x00\x00\x00\xce");
    refused(&mut it, ReplyCode::FRAME_ERROR, "unknown_frame");
}

#[test]
fn a_body_that_nobody_announced_is_505() {
    let mut it = Client::with_channel();
    let mut bytes = BytesMut::new();
    frame::put_body(&mut bytes, ChannelId(1), b"stray");
    it.world.gives(it.id, &mut it.ear, &bytes);
    refused(
        &mut it,
        ReplyCode::UNEXPECTED_FRAME,
        "expected method frame",
    );
}

#[test]
fn a_channel_that_is_not_open_is_504() {
    let mut it = Client::open();
    it.says(5, &queue::Purge::new("q"));
    refused(&mut it, ReplyCode::CHANNEL_ERROR, "expected 'channel.open'");
}

#[test]
fn more_channels_than_agreed_are_530() {
    let mut it = Client::open_with(Settings::new().channel_max(2), Plan::new());
    it.opens(1);
    it.opens(7);
    it.says(3, &channel::Open::new());
    refused(
        &mut it,
        ReplyCode::NOT_ALLOWED,
        "number of channels opened (2) has reached",
    );
}

#[test]
fn a_message_above_the_limit_is_406_at_its_header() {
    let mut it = Client::open_with(Settings::new().message_size(10), Plan::new());
    it.opens(1);
    it.publishes(1, &basic::Publish::new("", "q"), &[0; 11]);
    let close = it.hears::<channel::Close>(1);
    assert_eq!(close.reply_code, ReplyCode::PRECONDITION_FAILED);
    it.hears_nothing();
}

#[test]
fn a_publisher_is_not_read_while_memory_is_full() {
    let mut it = Client::open_with(Settings::new().limits(3, 1 << 30), Plan::new());
    it.opens(1);
    it.declares(&queue::Declare::new("q"));
    for n in 0..5 {
        it.publishes(1, &basic::Publish::new("", "q"), &[n]);
    }
    assert!(!it.world.broker.reads(it.id));
    assert_eq!(it.world.broker.held().0, 3, "what is unread is not held");
    it.hears_nothing();
}

#[test]
fn consumers_wait_while_too_much_is_to_be_written() {
    let mut it = Client::open_with(Settings::new().output_limit(1000), Plan::new());
    it.opens(1);
    it.declares(&queue::Declare::new("q"));
    for _ in 0..20 {
        it.publishes(1, &basic::Publish::new("", "q"), &[0; 400]);
    }
    it.says(1, &basic::Consume::new("q").no_ack(true));
    let left = it.world.broker.queue("/", "q").unwrap().ready;
    assert!((15..20).contains(&left), "{left}");
    it.hears::<basic::ConsumeOk>(1);
    for _ in 0..20 {
        it.hears::<basic::Deliver>(1);
        it.hears_message();
    }
    assert_eq!(it.world.broker.queue("/", "q").unwrap().ready, 0);
}
