//! What writing and reading a message costs, beside the least that it could cost.
//!
//! The message is 100 bytes of body, once plain and once with six properties, one of them a table
//! of three headers. `hand` is written for just this message and borrows where it can; `pika` goes
//! through the types that everybody uses. See `benches/README.md` for how to read the result.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may panic"
)]

mod hand;
mod ratio;

use divan::{AllocProfiler, Bencher, black_box};
use pika::bytes::{Bytes, BytesMut};
use pika::frame::{self, Decoder, Frame, Frames};
use pika::method::{Properties as _, decode_args};
use pika::v0_9_1::basic;
use pika::wire::{ChannelId, Timestamp};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

const BODY: [u8; 100] = [b'x'; 100];
const ROUTING_KEY: &str = "bench.queue";
const FRAME_MAX: u32 = 131_072;

fn main() {
    check();
    divan::main();
    // The names of single benchmarks, or one of divan's own options such as `--test`.
    if std::env::args()
        .skip(1)
        .all(|argument| argument == "--bench")
    {
        ratio::print();
    }
}

/// The two cases.
#[derive(Clone, Copy, Debug)]
enum Case {
    Plain,
    SixProperties,
}

const CASES: [Case; 2] = [Case::Plain, Case::SixProperties];

/// What is written, for both sides.
struct Message {
    publish: basic::Publish,
    properties: basic::Properties,
    by_hand: hand::Properties,
}

impl Message {
    fn new(case: Case) -> Self {
        let mut message = Self {
            publish: basic::Publish::new("", ROUTING_KEY),
            properties: basic::Properties::default(),
            by_hand: hand::Properties::default(),
        };
        if matches!(case, Case::SixProperties) {
            let headers = pika::table! {
                "x-trace" => "4bf92f3577b34da6",
                "x-attempt" => 3,
                "x-flag" => true,
            };
            message.by_hand = hand::Properties {
                flags: hand::SIX,
                content_type: "application/json",
                headers: headers.as_wire().to_vec(),
                delivery_mode: 1,
                correlation_id: "6fa459ea-ee8a-3ca4-894e-db77e160355e",
                message_id: "msg-0000000000000001",
                timestamp: 1_700_000_000,
            };
            message.properties = basic::Properties::default()
                .content_type(message.by_hand.content_type)
                .headers(headers)
                .delivery_mode(1)
                .correlation_id(message.by_hand.correlation_id)
                .message_id(message.by_hand.message_id)
                .timestamp(Timestamp(1_700_000_000));
        }
        message
    }

    #[inline]
    fn encode(&self, out: &mut BytesMut) {
        let content = (&self.publish, &self.properties, &BODY[..]);
        frame::put_content(out, ChannelId(1), content, FRAME_MAX);
    }

    #[inline]
    fn encode_by_hand(&self, out: &mut Vec<u8>) {
        hand::publish(out, ROUTING_KEY, &self.by_hand, &BODY);
    }

    fn delivery(&self) -> Bytes {
        let mut out = Vec::new();
        hand::deliver(&mut out, ROUTING_KEY, &self.by_hand, &BODY);
        out.into()
    }
}

/// Reads the frames of one delivery, as whoever uses the codec alone does, and shows what they
/// hold to `look`. What was read stays where it was built; returning it would measure the moves.
#[inline]
fn decode<R>(
    chunk: &Bytes,
    look: impl FnOnce(&basic::Deliver, &basic::Properties, &Bytes) -> R,
) -> Option<R> {
    let mut frames = Frames::new(chunk);
    let Some(Ok(Frame::Method { payload, .. })) = frames.next() else {
        return None;
    };
    let deliver = decode_args::<basic::Deliver>(&mut payload.reader()).ok()?;
    let Some(Ok(Frame::Header { header, .. })) = frames.next() else {
        return None;
    };
    let mut input = header.properties.reader();
    let properties = basic::Properties::decode(&mut input).ok()?;
    input.finish().ok()?;
    let Some(Ok(Frame::Body { payload, .. })) = frames.next() else {
        return None;
    };
    if payload.as_bytes().len() as u64 != header.body_size {
        return None;
    }
    Some(look(&deliver, &properties, &payload.to_bytes()))
}

/// As [`decode`], from a read buffer.
fn decode_from_buffer(buffer: &mut BytesMut) -> Option<()> {
    let chunk = Decoder::new().split(buffer).ok()?;
    decode(&chunk, seen)
}

/// Keeps the compiler from leaving out what nobody looks at.
#[inline]
fn seen(deliver: &basic::Deliver, properties: &basic::Properties, body: &Bytes) {
    black_box((deliver, properties, body));
}

/// Both sides write the same bytes and read the same values, or the comparison is worth nothing.
fn check() {
    for message in CASES.map(Message::new) {
        let (mut ours, mut by_hand) = (BytesMut::new(), Vec::new());
        message.encode(&mut ours);
        message.encode_by_hand(&mut by_hand);
        assert_eq!(ours, by_hand);

        let wire = message.delivery();
        let read = decode(&wire, |deliver, properties, body| {
            (deliver.clone(), properties.clone(), body.clone())
        });
        let (deliver, properties, body) = read.unwrap();
        let by_hand = hand::delivery(&wire).unwrap();
        assert_eq!(properties, message.properties);
        assert_eq!(body, by_hand.body);
        assert_eq!(deliver.consumer_tag, by_hand.consumer_tag);
        assert_eq!(deliver.delivery_tag.0, by_hand.delivery_tag);
        assert_eq!(deliver.redelivered, by_hand.redelivered);
        assert_eq!(deliver.exchange, by_hand.exchange);
        assert_eq!(deliver.routing_key, by_hand.routing_key);
        assert_eq!(properties.timestamp.map(|time| time.0), by_hand.timestamp);
        assert_eq!(properties.delivery_mode, by_hand.delivery_mode);
        assert_eq!(properties.priority, by_hand.priority);
        let headers = properties
            .headers
            .as_ref()
            .map(|table| &table.as_wire()[..]);
        assert_eq!(headers, by_hand.headers);
        let text = by_hand.texts[5].unwrap_or_default();
        assert_eq!(properties.correlation_id.unwrap_or_default(), text);
    }
}

#[divan::bench(args = CASES)]
fn encode_hand(bencher: Bencher<'_, '_>, case: Case) {
    let message = Message::new(case);
    let mut out = Vec::with_capacity(1024);
    bencher.bench_local(|| {
        out.clear();
        black_box(&message).encode_by_hand(&mut out);
        black_box(out.len())
    });
}

#[divan::bench(args = CASES)]
fn encode_pika(bencher: Bencher<'_, '_>, case: Case) {
    let message = Message::new(case);
    let mut out = BytesMut::with_capacity(1024);
    bencher.bench_local(|| {
        out.clear();
        black_box(&message).encode(&mut out);
        black_box(out.len())
    });
}

#[divan::bench(args = CASES)]
fn decode_hand(bencher: Bencher<'_, '_>, case: Case) {
    let wire = Message::new(case).delivery();
    bencher.bench_local(|| {
        black_box(&hand::delivery(black_box(&wire)));
    });
}

#[divan::bench(args = CASES)]
fn decode_pika(bencher: Bencher<'_, '_>, case: Case) {
    let wire = Message::new(case).delivery();
    bencher.bench_local(|| decode(black_box(&wire), seen));
}

/// With the read buffer filled anew, which is not counted, and one message in it, which is the
/// worst case: usually a buffer holds many.
#[divan::bench(args = CASES)]
fn decode_pika_from_buffer(bencher: Bencher<'_, '_>, case: Case) {
    let wire = Message::new(case).delivery();
    bencher
        .with_inputs(|| BytesMut::from(&wire[..]))
        .bench_local_values(|mut buffer| decode_from_buffer(&mut buffer));
}
