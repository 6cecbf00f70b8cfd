//! Every tag of tables, sent in headers and as arguments, and echoed byte for byte.

use pika::Error;
use pika::bytes::Bytes;
use pika::wire::{Array, Decimal, LongStr, ReplyCode, Table, Timestamp, Value};

use super::amqp::{basic, queue};
use super::{Desk, connect};
use crate::support::{Refusal, eventually, is_4};

/// Values of all tags, at the ends of their ranges.
fn all_tags() -> Table {
    Table::new()
        .with("V", ())
        .with("t0", false)
        .with("t1", true)
        .with("b-", i8::MIN)
        .with("b+", i8::MAX)
        .with("B", u8::MAX)
        .with("s-", i16::MIN)
        .with("s+", i16::MAX)
        .with("u", u16::MAX)
        .with("I-", i32::MIN)
        .with("I+", i32::MAX)
        .with("i", u32::MAX)
        .with("l-", i64::MIN)
        .with("l+", i64::MAX)
        .with("f", 1.5_f32)
        .with("f-", f32::MIN_POSITIVE)
        .with("d", -0.1_f64)
        .with("d+", f64::MAX)
        .with("D", decimal(2, 314))
        .with("D-", decimal(255, u32::MAX))
        .with("S", "text with umlauts: äöü")
        .with("S0", "")
        .with("S?", LongStr::new([0xff, 0x00, 0xfe]))
        .with("x", vec![0_u8, 1, 255])
        .with("x0", Vec::<u8>::new())
        .with("T", Timestamp(0))
        .with("T+", Timestamp(u64::MAX))
        .with("A0", Array::new())
        .with("F0", Table::new())
}

const fn decimal(scale: u8, value: u32) -> Decimal {
    Decimal { scale, value }
}

/// Sends a table in the headers of a message and fetches it again.
fn echo(desk: &Desk, table: &Table) -> Table {
    let publish = basic::Publish::new("", &desk.queue);
    let properties = basic::Properties::new().headers(table.clone());
    desk.channel
        .basic_publish(&publish, &properties, "")
        .unwrap();
    let found = desk.get_soon();
    let headers = found.properties().unwrap().headers.unwrap();
    found.ack().unwrap();
    headers
}

#[test]
fn every_tag_comes_back_byte_for_byte() {
    let desk = Desk::new();
    let sent = all_tags();
    let found = echo(&desk, &sent);
    if is_4() {
        // It sorts the fields of a message.
        assert!(found.has_same_fields(&sent), "{found:?}");
    } else {
        assert_eq!(found.as_wire(), sent.as_wire());
    }
    let tags: std::collections::BTreeSet<u8> = found.iter().map(|(_, value)| value.tag()).collect();
    assert_eq!(tags, b"VtbBsuIilfdDSxTAF".iter().copied().collect());
}

#[test]
fn each_value_comes_back_alone() {
    let desk = Desk::new();
    for (name, value) in &all_tags() {
        let found = echo(&desk, &Table::new().with(&name, value));
        assert_eq!(found.get(&name), Some(value));
    }
}

#[test]
fn nesting_order_and_duplicates_survive() {
    let desk = Desk::new();
    let row: Array = all_tags().iter().map(|(_, value)| value).collect();
    let mut sent = Table::new()
        .with("row", row.clone())
        .with("twice", 1)
        .with(
            "inner",
            all_tags().with("rows", Array::from([row.clone(), row])),
        )
        .with("twice", 2)
        .with("", "no name");
    for _ in 0..25 {
        sent = Table::new().with("down", sent);
    }
    let found = echo(&desk, &sent);
    assert_eq!(found.as_wire(), sent.as_wire());
    found.validate().unwrap();
}

#[test]
fn a_large_table_in_small_frames_is_refused_here_and_in_large_ones_passes() {
    let smallest = crate::support::smallest_frame();
    let table = Table::new().with("big", LongStr::new(vec![b'x'; smallest as usize + 1000]));
    let config = crate::support::config().frame_max(smallest);
    let small = Desk::on(super::connect_with(config));
    let publish = basic::Publish::new("", &small.queue);
    let properties = basic::Properties::new().headers(table.clone());
    let error = small
        .channel
        .basic_publish(&publish, &properties, "")
        .unwrap_err();
    assert!(matches!(error, Error::Misuse(_)), "{error}");
    assert_eq!(small.count(), (0, 0), "nothing was sent");

    // RabbitMQ sends headers in one frame, however small the frames that were agreed on.
    let large = Desk::new();
    let bind = queue::Declare::new("shared-by-frame-sizes");
    let shared = crate::support::unique("frames");
    large
        .channel
        .queue_declare(bind.queue(&shared).auto_delete(true))
        .unwrap();
    let publish = basic::Publish::new("", &shared);
    large
        .channel
        .basic_publish(&publish, &properties, "")
        .unwrap();
    let get = basic::Get::new(&shared);
    let found = eventually("the message", || small.channel.get(get.clone()).unwrap());
    assert_eq!(found.properties().unwrap().headers.unwrap(), table);
    large
        .channel
        .queue_delete(queue::Delete::new(&shared))
        .unwrap();
}

#[test]
fn the_other_tag_of_64_bits_is_read_as_the_same_number() {
    let desk = Desk::new();
    let sent = Table::from_wire(Bytes::from_static(
        b"\x01nL\xff\xff\xff\xff\xff\xff\xff\xfe",
    ));
    let found = echo(&desk, &sent);
    assert_eq!(found.get("n").unwrap(), Value::I64(-2));
    assert!(found.has_same_fields(&sent));
    // RabbitMQ 4 sends its own tag.
    assert_eq!(found == sent, !is_4());
}

#[test]
fn a_tag_that_rabbitmq_does_not_know_is_541() {
    let desk = Desk::new();
    let unknown = Table::from_wire(Bytes::from_static(b"\x01nU\x00\x01"));
    let publish = basic::Publish::new("", &desk.queue);
    let properties = basic::Properties::new().headers(unknown);
    desk.channel
        .basic_publish(&publish, &properties, "")
        .unwrap();
    let error = desk.channel.get(basic::Get::new(&desk.queue)).unwrap_err();
    let refusal = Refusal::connection(ReplyCode::INTERNAL_ERROR, (0, 0), "");
    match error.closed().unwrap().method() {
        None => refusal.of_no_method().is(&error),
        Some(method) => Refusal {
            method: Some((method.class, method.method)),
            ..refusal
        }
        .is(&error),
    }
}

#[test]
fn arguments_are_read_by_the_server_whatever_their_width() {
    let channel = connect().channel().unwrap();
    for max in [
        Value::I8(1),
        Value::U8(1),
        Value::I16(1),
        Value::U16(1),
        Value::I32(1),
        Value::U32(1),
        Value::I64(1),
    ] {
        let declare = queue::Declare::new("")
            .exclusive(true)
            .arguments(Table::new().with("x-max-length", max));
        let queue = channel.queue_declare(declare).unwrap().queue;
        for body in ["pushed out", "kept"] {
            channel.publish("", &queue, body).unwrap();
        }
        let kept = eventually("the message", || {
            channel.get(basic::Get::new(&queue)).unwrap()
        });
        assert_eq!((kept.body(), kept.message_count()), (&b"kept"[..], Some(0)));
    }
}
