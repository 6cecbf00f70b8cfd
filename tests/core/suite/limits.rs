//! Bounds on what is received, from the first byte on.

use pika::bytes::{BufMut, BytesMut};
use pika::config::Config;
use pika::error::{Cause, ProtocolError};
use pika::frame::{FrameErrorKind, OVERHEAD};
use pika::wire::{LongStr, ReplyCode, Table};

use super::*;
use crate::kit::{TUNE, method_frame, quiet};

/// The head of a frame of `len` bytes in all.
fn head(kind: u8, channel: u16, len: u32) -> BytesMut {
    let mut bytes = BytesMut::new();
    bytes.put_u8(kind);
    bytes.put_u16(channel);
    bytes.put_u32(len - OVERHEAD as u32);
    bytes
}

/// A connection.start whose frame has `len` bytes.
fn start_of(len: usize) -> BytesMut {
    let start = |n| {
        let properties = Table::new().with("x", LongStr::from(vec![b'v'; n]));
        method_frame::<V>(0, V::start("PLAIN", properties))
    };
    start(len - start(0).len())
}

fn too_large(it: &Dialogue) -> (u64, u32) {
    let why = it.client.closed().unwrap();
    match &why.cause {
        Cause::Protocol(ProtocolError::Frame(error)) => match error.kind() {
            FrameErrorKind::TooLarge { size, limit } => (size, limit),
            other => panic!("{other}"),
        },
        other => panic!("{other}"),
    }
}

#[test]
fn before_tune_8192_bytes_are_accepted() {
    let mut it = Dialogue::begun(Config::new());
    let start = start_of(8192);
    assert_eq!(start.len(), 8192);
    it.says_bytes(&start);
    it.hears_any::<connection::StartOk>(0);
    assert!(it.client.closed().is_none());
}

#[test]
fn before_tune_one_byte_more_is_refused_at_the_head() {
    for kind in [1, 2, 3, 8] {
        let mut it = Dialogue::begun(Config::new());
        let head = head(kind, 0, 8193);
        it.says_bytes(&head[..6]);
        assert!(it.client.closed().is_none());
        it.says_bytes(&head[6..]);
        assert_eq!(too_large(&it), (8193, 8192));
        it.closed();
        it.hears_nothing();
    }
}

#[test]
fn after_tune_bodies_are_as_large_as_agreed_and_no_larger() {
    let mut it = Dialogue::open_with(quiet(), (10, 4096, 0));
    let key = it.channel();
    it.on(key)
        .no_wait(basic::Consume::new("q").consumer_tag("t"))
        .unwrap();
    it.hears_any::<basic::Consume>(1);
    let message = basic::Deliver::new("t", 1, "", "q");
    it.says_content(
        1,
        (&message, &basic::Properties::new()),
        &[7; 4096 - OVERHEAD],
    );
    assert_eq!(it.delivery().content().body().len(), 4096 - OVERHEAD);
    it.says_bytes(&head(3, 1, 4097));
    assert_eq!(too_large(&it), (4097, 4096));
    assert_eq!(
        it.hears_any::<connection::Close>(0).reply_code,
        ReplyCode::FRAME_ERROR
    );
    it.channel_closed(key);
    it.closed();
}

#[test]
fn headers_and_methods_may_be_larger_than_agreed_up_to_a_bound_of_ours() {
    let mut it = Dialogue::open_with(quiet(), (10, 4096, 0));
    let key = it.channel();
    it.on(key)
        .no_wait(basic::Consume::new("q").consumer_tag("t"))
        .unwrap();
    it.hears_any::<basic::Consume>(1);
    let message = basic::Deliver::new("t", 1, "", "q");
    // RabbitMQ relays headers that others sent in larger frames.
    let long = Table::new().with("x", LongStr::from(vec![b'v'; 100_000]));
    let properties = basic::Properties::new().headers(long);
    it.says_content(1, (&message, &properties), b"x");
    assert_eq!(it.delivery().content().properties().unwrap(), properties);
    for kind in [1, 2] {
        it.says_bytes(&[]);
        let mut other = Dialogue::open_with(quiet(), (10, 4096, 0));
        other.says_bytes(&head(kind, 1, 131_072));
        assert!(other.client.is_open(), "the bound itself is accepted");
        let mut other = Dialogue::open_with(quiet(), (10, 4096, 0));
        other.says_bytes(&head(kind, 1, 131_073));
        assert_eq!(too_large(&other), (131_073, 131_072));
        other.ignores();
    }
}

#[test]
fn a_frame_of_four_gigabytes_is_refused_at_the_head() {
    for kind in [1, 2, 3, 8] {
        let mut it = Dialogue::open_with(quiet().frame_max(0), (10, 0, 0));
        let mut bytes = head(kind, 0, OVERHEAD as u32);
        bytes[3..7].copy_from_slice(&[0xff; 4]);
        it.says_bytes(&bytes);
        assert_eq!(too_large(&it), ((1 << 32) + 7, 131_072));
        it.ignores();
    }
}

#[test]
fn the_limits_of_tune_hold_from_the_next_frame_on() {
    let mut it = Dialogue::begun(quiet());
    let mut bytes = start_of(8192);
    bytes.extend_from_slice(&method_frame::<V>(0, V::tune(10, 131_072, 0)));
    bytes.extend_from_slice(&method_frame::<V>(0, V::open_ok()));
    let handshake = bytes.len();
    bytes.extend_from_slice(&head(1, 1, 131_072));
    it.says_bytes(&bytes);
    assert!(it.client.is_open());
    it.ignores();

    let mut it = Dialogue::begun(quiet().frame_max(4096));
    bytes.truncate(handshake);
    bytes.extend_from_slice(&head(3, 1, 4097));
    bytes.resize(handshake + 4097, 0xce);
    it.says_bytes(&bytes);
    assert_eq!(too_large(&it), (4097, 4096));
    it.ignores();
}

#[test]
fn a_peer_that_makes_us_answer_and_does_not_read_is_given_up() {
    let (mut it, _) = Dialogue::with_channel();
    it.stalls();
    let flow = method_frame::<V>(1, channel::Flow::new().active(true));
    let many = flow.repeat(1000);
    for _ in 0..1000 {
        it.says_bytes(&many);
    }
    let why = it.client.closed().expect("the answers pile up");
    assert!(
        matches!(why.cause, Cause::Protocol(ProtocolError::NotReading { .. })),
        "{why}"
    );
    assert!(it.client.outgoing_len() < 2 << 20);
    it.resumes();
    it.ignores();
}

#[test]
fn it_is_known_how_much_of_a_frame_is_missing() {
    let it = Dialogue::open_with(quiet(), TUNE);
    let frame = method_frame::<V>(1, queue::PurgeOk::new(1));
    for have in 0..=frame.len() {
        let missing = it.client.bytes_missing(&frame[..have]);
        assert!(
            missing <= frame.len() - have || missing == 1,
            "{have}: {missing}"
        );
        if have >= 7 {
            assert_eq!(missing, frame.len() - have);
        }
    }
    assert_eq!(it.client.bytes_missing(&head(1, 1, 131_072)), 131_072 - 7);
    assert_eq!(it.client.bytes_missing(b"garbage"), 0);
}

#[test]
fn bytes_received_are_counted_once() {
    let mut it = Dialogue::open();
    let before = it.client.bytes_received();
    for byte in [8, 0, 0, 0, 0, 0, 0, 0xce, 8, 0] {
        it.says_bytes(&[byte]);
    }
    it.says_bytes(&[]);
    assert_eq!(it.client.bytes_received(), before + 10);
}
