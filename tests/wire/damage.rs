//! Frames that are wrong in one place: each is refused with the error that says so.

use pika::bytes::Bytes;
use pika::frame::{Decoder, Frame, FrameErrorKind as Kind, Frames};
use pika::method::{PropertySet, Spec, decode_method};
use pika::wire::{ChannelId, DecodeError, DecodeErrorKind, Reader, ReplyCode};

use crate::vectors::{frame_of, is_unknown, vectors};

/// The error of the only frame in `hex`, and its byte.
#[track_caller]
fn refusal(hex: &str) -> (Kind, usize) {
    let chunk = crate::bytes(hex);
    let mut frames = Frames::new(&chunk);
    let error = frames.next().unwrap().unwrap_err();
    assert!(frames.next().is_none(), "the walk ends with the error");
    assert!(error.to_string().starts_with("expected "), "{error}");
    (error.kind(), error.offset())
}

#[test]
fn frames_that_are_no_frames() {
    assert_eq!(refusal("08 0000 00000000 cd"), (Kind::End(0xcd), 7));
    assert_eq!(refusal("03 0001 00000002 ffff 00"), (Kind::End(0), 9));
    for octet in [0, 4, 5, 6, 7, 9, 255u8] {
        let hex = format!("{octet:02x} 0000 00000000 ce");
        assert_eq!(refusal(&hex), (Kind::UnknownType(octet), 0));
    }
}

#[test]
fn frames_without_room_for_what_they_are() {
    for len in 0..4 {
        let hex = format!("01 0001 0000000{len} {} ce", "00".repeat(len));
        assert_eq!(refusal(&hex), (Kind::ShortMethod { len }, 3));
    }
    for len in [0, 11] {
        let hex = format!("02 0001 000000{len:02x} {} ce", "00".repeat(len));
        assert_eq!(refusal(&hex), (Kind::ShortHeader { len }, 3));
    }
}

#[test]
fn headers_and_heartbeats_with_what_they_must_not_have() {
    let weight = "02 0001 0000000e 003c 0001 0000000000000000 0000 ce";
    assert_eq!(refusal(weight), (Kind::Weight(1), 9));
    let channel = Kind::HeartbeatChannel(ChannelId(1));
    assert_eq!(refusal("08 0001 00000000 ce"), (channel, 1));
    let payload = Kind::HeartbeatPayload { len: 1 };
    assert_eq!(refusal("08 0000 00000001 00 ce"), (payload, 3));
}

#[test]
fn each_refusal_has_the_code_that_rabbitmq_would_send() {
    let code = |hex| Frames::new(&crate::bytes(hex)).next().unwrap().unwrap_err();
    let weight = "02 0001 0000000e 003c 0001 0000000000000000 0000 ce";
    for (hex, expected) in [
        ("08 0000 00000000 cd", ReplyCode::FRAME_ERROR),
        ("04 0000 00000000 ce", ReplyCode::FRAME_ERROR),
        ("01 0001 00000003 000000 ce", ReplyCode::FRAME_ERROR),
        ("08 0000 00000001 00 ce", ReplyCode::FRAME_ERROR),
        ("08 0001 00000000 ce", ReplyCode::UNEXPECTED_FRAME),
        (weight, ReplyCode::UNEXPECTED_FRAME),
    ] {
        assert_eq!(code(hex).reply_code(), expected, "{hex}");
    }
}

#[test]
fn a_decoder_tells_a_foreign_protocol_from_a_frame() {
    let decoder = Decoder::new();
    let split = |bytes: &[u8]| decoder.split(&mut bytes.into());
    let http = split(b"HTTP/1.1").unwrap_err();
    assert_eq!((http.kind(), http.offset()), (Kind::UnknownType(b'H'), 0));
    let near = split(b"AMQX\0\0\x09\x01").unwrap_err();
    let kind = Kind::ProtocolHeader(*b"AMQX\0\0\x09\x01");
    assert_eq!((near.kind(), near.offset()), (kind, 3));
    assert_eq!(split(b"AMQ").unwrap(), Bytes::new());
    assert_eq!(split(b"AMQP\0\0\x09").unwrap(), Bytes::new());
    assert_eq!(split(b"AMQP\x03\x01\0\0").unwrap().len(), 8);
}

in_each_version! {
    every_vector_cut_short_is_refused_or_awaited
    every_vector_with_a_byte_too_many_is_refused
    malformed_property_lists_are_refused
    malformed_tables_are_found_where_they_are
    a_strict_reader_refuses_what_lies_in_a_table
}

/// Reads the frame in `chunk` to its end, tables included.
fn read<S: Spec>(chunk: &Bytes) -> Result<(), DecodeError> {
    match Frames::new(chunk).next().unwrap().unwrap() {
        Frame::Method { payload, .. } => {
            decode_method::<S>(&mut payload.reader().strict()).map(drop)
        }
        Frame::Header { header, .. } => {
            let mut input = header.properties.reader().strict();
            S::Properties::decode(header.class, &mut input)?;
            input.finish()
        }
        _ => Ok(()),
    }
}

/// A frame with the payload cut or grown and its size set right.
fn resized(frame: &[u8], payload: &[u8]) -> Bytes {
    let len = u32::try_from(payload.len()).unwrap();
    [&frame[..3], &len.to_be_bytes(), payload, &[0xce]]
        .concat()
        .into()
}

fn every_vector_cut_short_is_refused_or_awaited<S: Spec>() {
    for vector in vectors::<S>() {
        let frame = frame_of(&vector);
        for end in 0..frame.len() {
            let decoder = Decoder::new();
            let part = decoder.split(&mut (&frame[..end]).into()).unwrap();
            assert!(part.is_empty(), "{vector} at {end}");
            assert!(decoder.missing(&frame[..end]) <= frame.len() - end);
            assert!(decoder.missing(&frame[..end]) > 0);
        }
        let least = match vector["kind"].as_str() {
            Some("method") if !is_unknown(&vector) => 4,
            Some("header") => 12,
            _ => continue,
        };
        let payload = &frame[7..frame.len() - 1];
        for end in least..payload.len() {
            let error = read::<S>(&resized(&frame, &payload[..end])).unwrap_err();
            let truncated = matches!(error.kind(), DecodeErrorKind::Truncated { .. });
            assert!(truncated, "{vector} at {end}: {error}");
        }
    }
}

fn every_vector_with_a_byte_too_many_is_refused<S: Spec>() {
    for vector in vectors::<S>() {
        let frame = frame_of(&vector);
        if !matches!(vector["kind"].as_str(), Some("method" | "header")) || is_unknown(&vector) {
            continue;
        }
        let longer = [&frame[7..frame.len() - 1], &[0]].concat();
        let error = read::<S>(&resized(&frame, &longer)).unwrap_err();
        let kind = DecodeErrorKind::Trailing { left: 1 };
        assert_eq!(error.kind(), kind, "{vector}");
    }
}

#[track_caller]
fn properties<S: Spec>(hex: &str) -> Result<S::Properties, DecodeError> {
    let octets = crate::bytes(hex);
    let mut input = Reader::new(&octets);
    let properties = S::Properties::decode(60, &mut input)?;
    input.finish()?;
    Ok(properties)
}

fn malformed_property_lists_are_refused<S: Spec>() {
    // Content type and encoding announced, one there.
    let error = properties::<S>("c000 01 61").unwrap_err();
    let kind = DecodeErrorKind::Truncated { needed: 1, left: 0 };
    assert_eq!((error.kind(), error.offset()), (kind, 4));
    let error = properties::<S>("80").unwrap_err();
    let kind = DecodeErrorKind::Truncated { needed: 2, left: 1 };
    assert_eq!((error.kind(), error.offset()), (kind, 0));
    let error = properties::<S>("8000 01 61 00").unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Trailing { left: 1 });
    // A table one byte longer than what is there.
    let error = properties::<S>("2000 00000004 01 61 56").unwrap_err();
    let kind = DecodeErrorKind::Truncated { needed: 4, left: 3 };
    assert_eq!((error.kind(), error.offset()), (kind, 6));

    for class in [0, 10, 20, 50, 90, 61, 0xffff] {
        let zeros = Bytes::from_static(&[0; 2]);
        let error = S::Properties::decode(class, &mut Reader::new(&zeros)).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::UnknownContent { class });
    }
}

/// Basic headers with these table bytes in them, and what is wrong at which byte of the list.
const TABLES: [(&str, DecodeErrorKind, usize); 7] = {
    use DecodeErrorKind::{Truncated, UnknownTag};
    [
        ("01 61 55 0001", UnknownTag(b'U'), 8),
        ("01 61 00", UnknownTag(0), 8),
        ("01 61", Truncated { needed: 1, left: 0 }, 8),
        ("02 61", Truncated { needed: 2, left: 1 }, 7),
        // The value's own length is one too long.
        ("01 61 53 00000002 62", Truncated { needed: 2, left: 1 }, 13),
        // An array that ends inside a value.
        (
            "01 61 41 00000003 49 0000",
            Truncated { needed: 4, left: 2 },
            14,
        ),
        // A nested table with an unknown tag.
        ("01 61 46 00000003 01 62 55", UnknownTag(b'U'), 15),
    ]
};

fn with_table(table: &str) -> Bytes {
    let table = crate::bytes(table);
    let len = u32::try_from(table.len()).unwrap();
    [&[0x20, 0][..], &len.to_be_bytes(), &table].concat().into()
}

/// A lenient reader takes them: whoever relays a message need not understand its headers.
fn malformed_tables_are_found_where_they_are<S: Spec>() {
    for (table, _, _) in TABLES {
        let octets = with_table(table);
        let mut input = Reader::new(&octets);
        let properties = S::Properties::decode(60, &mut input).unwrap();
        input.finish().unwrap();
        let mut again = pika::bytes::BytesMut::new();
        properties.encode(&mut again);
        assert_eq!(
            again, octets,
            "what is not understood is relayed as it came"
        );
        assert!(format!("{properties:?}").contains("malformed"));
    }
}

fn a_strict_reader_refuses_what_lies_in_a_table<S: Spec>() {
    for (table, kind, offset) in TABLES {
        let octets = with_table(table);
        let mut input = Reader::new(&octets).strict();
        let error = S::Properties::decode(60, &mut input).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (kind, offset), "{table}");
    }
}

/// RabbitMQ's internal credit methods are not part of what a client speaks.
#[cfg(feature = "amqp0-9-1")]
#[test]
fn a_method_that_rabbitmq_keeps_to_itself_is_unknown() {
    let credit_ok = crate::bytes("01 0001 00000008 003c 00c9 89abcdef ce");
    let error = read::<pika::v0_9_1::V0_9_1>(&credit_ok).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::UnknownMethod);
    assert_eq!(error.method(), Some(pika::wire::MethodId::new(60, 201)));
    assert_eq!(
        error.to_string(),
        "no method 60/201 in this protocol version"
    );
}
