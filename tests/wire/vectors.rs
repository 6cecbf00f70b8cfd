//! Frames made by other implementations, one JSON object a line in `vectors.jsonl`.
//!
//! `made_by` names who wrote the frame; where several are named, they wrote the same bytes.
//! `unknown` marks a method that its implementation keeps to itself: no file has it, so its arguments
//! are bytes, but its frame is no worse than others.

use pika::bytes::{Bytes, BytesMut};
use pika::frame::{self, Frame, Frames, ProtocolHeader};
use pika::method::{MethodSet, PropertySet, Spec, decode_method};
use pika::wire::{ChannelId, DecodeErrorKind, MethodId};
use serde_json::Value as Json;

use crate::shown;

/// The vectors of a version.
pub(crate) fn vectors<S: Spec>() -> Vec<Json> {
    include_str!("vectors.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap())
        .filter(|vector| vector["version"] == S::NAME)
        .collect()
}

/// Whether the version's file leaves the vector's method out.
pub(crate) fn is_unknown(vector: &Json) -> bool {
    vector["unknown"] == true
}

/// The bytes of a vector.
pub(crate) fn frame_of(vector: &Json) -> Bytes {
    crate::bytes(vector["hex"].as_str().unwrap())
}

in_each_version! {
    every_vector_decodes_to_its_arguments
    every_vector_is_written_alike
    the_vectors_reach_most_methods
}

fn every_vector_decodes_to_its_arguments<S: Spec>() {
    let vectors = vectors::<S>();
    assert!(vectors.len() > 130);
    for vector in &vectors {
        if let Err(difference) = check::<S>(vector) {
            panic!("{difference}\nin {vector}");
        }
    }
}

fn check<S: Spec>(vector: &Json) -> Result<(), String> {
    let chunk = frame_of(vector);
    let mut frames = Frames::new(&chunk);
    let frame = frames.next().unwrap().map_err(|error| error.to_string())?;
    assert!(frames.next().is_none() && frames.rest().is_empty());
    let channel_of = |channel: ChannelId| {
        let expected = vector["channel"].as_u64();
        (expected == Some(channel.0.into()))
            .then_some(())
            .ok_or(format!("found channel {channel}"))
    };
    let (kind, args) = (vector["kind"].as_str().unwrap(), &vector["args"]);
    match frame {
        Frame::Method { channel, payload } if is_unknown(vector) => {
            let error = decode_method::<S>(&mut payload.reader().strict()).unwrap_err();
            assert_eq!(error.kind(), DecodeErrorKind::UnknownMethod);
            assert_eq!(error.method(), Some(id_of(vector)));
            channel_of(channel)
        }
        Frame::Method { channel, payload } if kind == "method" => {
            let method = decode_method::<S>(&mut payload.reader().strict())
                .map_err(|error| error.to_string())?;
            channel_of(channel)?;
            assert_eq!(method.id(), id_of(vector));
            assert_eq!(method.name(), vector["name"]);
            shown::compare(&format!("{method:?}"), args)
        }
        Frame::Header { channel, header } if kind == "header" => {
            let mut input = header.properties.reader().strict();
            let properties = S::Properties::decode(header.class, &mut input)
                .and_then(|properties| input.finish().map(|()| properties))
                .map_err(|error| error.to_string())?;
            channel_of(channel)?;
            let size = &vector["body_size"];
            let size = size.as_u64().or_else(|| size.as_str()?.parse().ok());
            assert_eq!(Some(header.body_size), size);
            let text = format!("{properties:?}");
            let class = text.split('(').next().unwrap().to_lowercase();
            assert_eq!(class, vector["name"]);
            shown::compare(&text, args)
        }
        Frame::Body { channel, payload } if kind == "body" => {
            channel_of(channel)?;
            let expected = crate::bytes(args["payload"]["hex"].as_str().unwrap());
            assert_eq!(payload.as_bytes(), expected);
            Ok(())
        }
        Frame::Heartbeat if kind == "heartbeat" => Ok(()),
        Frame::ProtocolHeader(header) if kind == "protocol-header" => {
            assert_eq!(header.to_bytes()[..], chunk);
            Ok(())
        }
        other => Err(format!("found {other:?}")),
    }
}

fn id_of(vector: &Json) -> MethodId {
    let id = |name| u16::try_from(vector[name].as_u64().unwrap()).unwrap();
    MethodId::new(id("class_id"), id("method_id"))
}

/// A frame as pika writes it.
fn rewrite<S: Spec>(chunk: &Bytes) -> Bytes {
    let mut out = BytesMut::new();
    match Frames::new(chunk).next().unwrap().unwrap() {
        Frame::Method { channel, payload } => {
            let mut input = payload.reader();
            let id = MethodId::new(input.get().unwrap(), input.get().unwrap());
            match decode_method::<S>(&mut payload.reader()) {
                Err(error) if error.kind() == DecodeErrorKind::UnknownMethod => {
                    let arguments = input.bytes(input.remaining()).unwrap();
                    frame::put_raw_method(&mut out, channel, id, arguments);
                }
                method => frame::put_any_method(&mut out, channel, &method.unwrap()),
            }
        }
        Frame::Header { channel, header } => {
            let mut input = header.properties.reader();
            let properties = S::Properties::decode(header.class, &mut input).unwrap();
            frame::put_any_header(&mut out, channel, header.body_size, &properties);
        }
        Frame::Body { channel, payload } => frame::put_body(&mut out, channel, payload.as_bytes()),
        Frame::Heartbeat => frame::put_heartbeat(&mut out),
        Frame::ProtocolHeader(header) => {
            out.extend_from_slice(&ProtocolHeader::new(header.version()).to_bytes());
        }
    }
    out.freeze()
}

fn every_vector_is_written_alike<S: Spec>() {
    for vector in vectors::<S>() {
        let chunk = frame_of(&vector);
        assert_eq!(rewrite::<S>(&chunk), chunk, "{vector}");
    }
}

/// So that a lost or misread file does not go unnoticed.
fn the_vectors_reach_most_methods<S: Spec>() {
    let mut ids: Vec<_> = vectors::<S>()
        .iter()
        .filter(|vector| vector["kind"] == "method" && !is_unknown(vector))
        .map(id_of)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let all = crate::shape::methods::<S>().len();
    assert!(ids.len() * 4 > all * 3, "{} of {all}", ids.len());
}
