//! The filter at work.

use pika::bytes::BytesMut;
use pika::frame::{self, Decoder, Frame, Frames};
use pika::method::{decode_method, decode_properties};
use pika::v0_9_1::{Method, V0_9_1, basic, queue};
use pika::wire::ChannelId;
use pika_outside::Filter;

const CHANNEL: ChannelId = ChannelId(5);

fn publish(exchange: &'static str, out: &mut BytesMut) {
    let method = basic::Publish::new(exchange, "key").mandatory(true);
    let properties = basic::Properties::default()
        .content_type("text/plain")
        .headers(pika::table! { "x-a" => 1 });
    frame::put_content(out, CHANNEL, (&method, &properties, b"hello"), 4096);
}

#[test]
fn what_is_published_elsewhere_passes_untouched() {
    let mut input = BytesMut::new();
    frame::put_method(&mut input, CHANNEL, &queue::Declare::new("q").durable(true));
    publish("other", &mut input);
    frame::put_heartbeat(&mut input);
    let (sent, mut output) = (input.clone(), BytesMut::new());
    let mut filter = Filter::new("old", "new");
    filter.pass(&mut input, &mut output).unwrap();
    assert_eq!(output, sent);
    assert!(input.is_empty());
}

#[test]
fn what_is_published_to_the_old_exchange_goes_to_the_new_one() {
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    publish("old", &mut input);
    Filter::new("old", "new")
        .pass(&mut input, &mut output)
        .unwrap();

    let chunk = Decoder::new().split(&mut output).unwrap();
    let frames: Vec<_> = Frames::new(&chunk).map(Result::unwrap).collect();
    let [
        Frame::Method { payload, .. },
        Frame::Header { header, .. },
        Frame::Body { payload: body, .. },
    ] = &frames[..]
    else {
        panic!("expected three frames, found {frames:?}");
    };
    let method = decode_method::<V0_9_1>(&mut payload.reader()).unwrap();
    let expected = basic::Publish::new("new", "key").mandatory(true);
    assert_eq!(method, Method::from(expected));
    let properties: basic::Properties = decode_properties(&mut header.properties.reader()).unwrap();
    let headers = properties.headers.unwrap();
    assert_eq!(headers.get("x-a").and_then(|it| it.as_i64()), Some(1));
    assert_eq!(
        headers.get("x-moved-from").and_then(|it| it.as_str()),
        Some("old")
    );
    assert_eq!(properties.content_type.unwrap(), "text/plain");
    assert_eq!((header.body_size, body.as_bytes()), (5, &b"hello"[..]));
}

#[test]
fn what_is_no_amqp_is_refused() {
    let mut input = BytesMut::from(&b"\x09"[..]);
    let refused = Filter::new("old", "new").pass(&mut input, &mut BytesMut::new());
    let expected = "expected a frame of type 1, 2, 3 or 8, found type 9 at byte 0 of the frame";
    assert_eq!(refused.unwrap_err(), expected);
}
