//! What the fuzz targets do with their input. Each asserts what must hold for any input.

#[path = "../../tests/hostile/driver/mod.rs"]
mod driver;

use std::fmt::Debug;

use pika::bytes::{Bytes, BytesMut};
use pika::frame::{self, Decoder, Frame, Frames, Limits};
use pika::method::{MethodSet, PropertySet, Spec, decode_method};
use pika::wire::{Array, DecodeError, Field, MethodId, Reader, Table, Value, ValueRef};

/// The first octet says how long the pieces are in which the rest arrives; the frames are the same
/// as when it arrives at once, and are written as they were read.
pub fn frame_stream(input: &[u8]) {
    let Some((piece, stream)) = input.split_first() else {
        return;
    };
    let whole = frames(stream, stream.len().max(1));
    assert_eq!(frames(stream, usize::from(*piece).max(1)), whole);
    assert!(stream.starts_with(&whole.concat()));
}

/// The bytes of each frame, written anew, until the first that is wrong.
fn frames(stream: &[u8], piece: usize) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new();
    decoder.set_limits(Limits {
        body: 200,
        other: 300,
    });
    let (mut buffer, mut frames) = (BytesMut::new(), Vec::new());
    for piece in stream.chunks(piece) {
        buffer.extend_from_slice(piece);
        // Frames before a bad one come first, and the error at the next call.
        for _ in 0..2 {
            let Ok(chunk) = decoder.split(&mut buffer) else {
                return frames;
            };
            for frame in Frames::new(&chunk) {
                let Ok(frame) = frame else {
                    return frames;
                };
                frames.push(written(&frame));
            }
        }
        assert!(buffer.len() < 300, "more is held than one frame may have");
    }
    frames
}

fn written(frame: &Frame<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    match frame {
        Frame::ProtocolHeader(header) => out.extend(header.to_bytes()),
        Frame::Heartbeat => frame::put_heartbeat(&mut out),
        Frame::Body { channel, payload } => {
            frame::put_body(&mut out, *channel, payload.as_bytes());
        }
        Frame::Method { channel, payload } => {
            frame::put_body(&mut out, *channel, payload.as_bytes());
            out[0] = 1;
        }
        Frame::Header { channel, header } => {
            let mut payload = header.class.to_be_bytes().to_vec();
            payload.extend([0, 0]);
            payload.extend(header.body_size.to_be_bytes());
            payload.extend(header.properties.as_bytes());
            frame::put_body(&mut out, *channel, &payload);
            out[0] = 2;
        }
    }
    out
}

/// The first octet chooses between a method, with its ids in front, and a property list, with its
/// class in front. What is read is read again once it was written.
pub fn methods<S: Spec>(input: &[u8]) {
    let Some((choice, payload)) = input.split_first() else {
        return;
    };
    let payload = Bytes::copy_from_slice(payload);
    if choice & 1 == 0 {
        method::<S>(&payload);
    } else if let Some((class, list)) = payload.split_first_chunk() {
        properties::<S>(u16::from_be_bytes(*class), &payload.slice_ref(list));
    }
}

fn method<S: Spec>(payload: &Bytes) {
    strict_implies_lenient(|reader| decode_method::<S>(&mut reader(payload)));
    let Ok(method) = decode_method::<S>(&mut Reader::new(payload)) else {
        return;
    };
    let mut out = BytesMut::new();
    method.encode(&mut out);
    assert_eq!(out.len(), method.encoded_len());
    assert!(out.len() + size_of::<MethodId>() <= payload.len());
    let out = out.freeze();
    let mut again = Reader::new(&out);
    assert_eq!(
        S::Method::decode(method.id(), &mut again).as_ref(),
        Ok(&method)
    );
    assert!(again.is_empty());
    show(&method);
    let _ = method.validate();
}

fn properties<S: Spec>(class: u16, list: &Bytes) {
    let decode = |mut reader: Reader<'_>| {
        let properties = S::Properties::decode(class, &mut reader)?;
        reader.finish().map(|()| properties)
    };
    strict_implies_lenient(|reader| decode(reader(list)));
    let Ok(properties) = decode(Reader::new(list)) else {
        return;
    };
    let mut out = BytesMut::new();
    properties.encode(&mut out);
    assert_eq!(out.len(), properties.encoded_len());
    let out = out.freeze();
    assert_eq!(decode(Reader::new(&out)).as_ref(), Ok(&properties));
    show(&properties);
}

/// What a strict reader takes, any takes, and as the same value.
fn strict_implies_lenient<T: PartialEq + Debug>(
    decode: impl Fn(fn(&Bytes) -> Reader<'_>) -> Result<T, DecodeError>,
) {
    if let Ok(value) = decode(|bytes| Reader::new(bytes).strict()) {
        assert_eq!(decode(|bytes| Reader::new(bytes)), Ok(value));
    }
}

/// A table of these bytes is kept as it is, and one that can be read is built anew from its fields.
pub fn tables(input: &[u8]) {
    let wire = Bytes::copy_from_slice(input);
    let table = Table::from_wire(wire.clone());
    let mut out = BytesMut::new();
    table.encode(&mut out);
    assert_eq!(out[4..], wire);
    show(&table);
    let valid = table.validate();
    if let Err(error) = valid {
        assert!(error.offset() <= wire.len());
        return;
    }
    let again: Table = table.iter().map(rebuilt).collect();
    assert_eq!(again.as_wire().len(), wire.len());
    assert_eq!(again.validate(), Ok(()));
    assert_eq!(table.len(), table.try_iter().count());
    for (name, value) in &table {
        let found = table.get(&name);
        assert!(found.is_some());
        let value = value.to_value();
        assert_eq!(value.encoded_len(), value_len(&value));
    }
}

fn rebuilt<N>((name, value): (N, ValueRef<'_>)) -> (N, Value) {
    let value = match value.to_value() {
        Value::Array(array) => {
            let values = array.iter().map(|value| rebuilt(((), value)).1);
            Value::Array(values.collect::<Array>())
        }
        Value::Table(table) => Value::Table(table.iter().map(rebuilt).collect()),
        other => other,
    };
    (name, value)
}

fn value_len(value: &Value) -> usize {
    let mut out = Vec::new();
    value.encode(&mut out);
    out.len()
}

/// Showing must end, whatever is shown.
fn show(value: &impl Debug) {
    assert!(!format!("{value:?}").is_empty());
}

/// A specification file gives code or an error, and the same each time.
pub fn xml_parser(input: &[u8]) {
    let generate = || {
        pika_codegen::Config::new()
            .source("fuzz.xml", input)
            .generate()
            .map_err(|error| error.to_string())
    };
    let first = generate();
    assert_eq!(generate(), first);
    if let Err(error) = first {
        assert!(error.starts_with("fuzz.xml"), "{error}");
    }
}

/// A client of 0-8 and a peer who says what the input says; `measure` runs something and tells how
/// many bytes it had allocated at the most.
pub fn hostile_0_8(input: &[u8], measure: fn(&mut dyn FnMut()) -> u64) {
    driver::run::<pika::v0_8::V0_8>(input, measure);
}

/// The same with a client of 0-9-1.
pub fn hostile_0_9_1(input: &[u8], measure: fn(&mut dyn FnMut()) -> u64) {
    driver::run::<pika::v0_9_1::V0_9_1>(input, measure);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The targets themselves run, with input of every length.
    #[test]
    fn zeros_of_any_length_are_harmless() {
        for len in 0..64 {
            let input = vec![0; len];
            frame_stream(&input);
            methods::<pika::v0_8::V0_8>(&input);
            methods::<pika::v0_9_1::V0_9_1>(&input);
            tables(&input);
            xml_parser(&input);
            hostile_0_8(&input, unmeasured);
            hostile_0_9_1(&input, unmeasured);
        }
    }

    /// The allocator is that of the targets.
    fn unmeasured(act: &mut dyn FnMut()) -> u64 {
        act();
        0
    }

    #[test]
    fn a_stream_in_pieces_is_the_same_stream() {
        let mut stream = Vec::new();
        frame::put_heartbeat(&mut stream);
        frame::put_body(&mut stream, pika::wire::ChannelId(1), b"body");
        stream.push(9);
        assert_eq!(frames(&stream, 3).len(), 2);
        stream.insert(0, 3);
        frame_stream(&stream);
    }
}
