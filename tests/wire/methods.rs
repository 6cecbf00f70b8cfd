//! Every method of every version, found by its id: round trips and refusals.

use pika::bytes::{Bytes, BytesMut};
use pika::frame::{self, Frame, Frames};
use pika::method::{MethodSet, Spec, decode_method};
use pika::wire::{ChannelId, DecodeErrorKind, MethodId, Reader};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::shape::{Part, arguments, methods, shape, written};

in_each_version! {
    arbitrary_values_come_back
    only_unused_bits_are_lost_on_the_way
    zero_arguments_are_written_as_zeros
    arguments_that_end_early_are_refused_at_every_byte
    a_byte_too_many_is_refused
    unknown_ids_are_refused
    arbitrary_bytes_are_a_method_or_an_error
}

/// A runner that does not write files of failures into the source tree.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    })
}

fn decode<S: Spec>(id: MethodId, octets: &Bytes) -> S::Method {
    let mut input = Reader::new(octets);
    let method = S::Method::decode(id, &mut input).unwrap();
    input.finish().unwrap();
    method
}

/// What was read is a value like any other.
fn arbitrary_values_come_back<S: Spec>() {
    for id in methods::<S>() {
        runner(64)
            .run(&arguments::<S>(id), |octets| {
                let method = decode::<S>(id, &octets);
                prop_assert_eq!(method.id(), id);
                let again = written(&method);
                prop_assert_eq!(&decode::<S>(id, &again), &method);
                prop_assert_eq!(written(&decode::<S>(id, &again)), again);
                prop_assert_eq!(in_a_frame::<S>(&method), method);
                Ok(())
            })
            .unwrap();
    }
}

/// Whoever passes a method on passes on what came, in reserved fields too. A run of bits holds
/// those that the method has; the rest of its octet is the only thing without a place.
fn only_unused_bits_are_lost_on_the_way<S: Spec>() {
    for id in methods::<S>() {
        let full = shape::<S>(id).into_iter().flat_map(|part| match part {
            Part::Octet => &b"\xff"[..],
            Part::Short => b"\x01\xff",
            Part::Long => b"\0\0\0\x01\xff",
        });
        let octets: Bytes = full.copied().collect();
        let again = written(&decode::<S>(id, &octets));
        assert_eq!(again.len(), octets.len(), "{id}");
        for (after, before) in again.iter().zip(&octets) {
            let low_bits = *after > 0 && after.trailing_ones() == after.count_ones();
            let kept = after == before || (*before == 0xff && low_bits);
            assert!(kept, "{id}: {again:x} of {octets:x}");
        }
    }
}

/// The method after a frame was written around it and read.
fn in_a_frame<S: Spec>(method: &S::Method) -> S::Method {
    let mut out = BytesMut::new();
    frame::put_any_method(&mut out, ChannelId(7), method);
    let chunk = out.freeze();
    let mut frames = Frames::new(&chunk);
    let Some(Ok(Frame::Method { channel, payload })) = frames.next() else {
        panic!("expected a method frame");
    };
    assert_eq!(channel, ChannelId(7));
    assert!(frames.rest().is_empty());
    decode_method::<S>(&mut payload.reader()).unwrap()
}

fn zero_arguments_are_written_as_zeros<S: Spec>() {
    for id in methods::<S>() {
        let len = shape::<S>(id)
            .iter()
            .map(|part| match part {
                Part::Long => 4,
                _ => 1,
            })
            .sum();
        let zeros = Bytes::from(vec![0; len]);
        assert_eq!(written(&decode::<S>(id, &zeros)), zeros, "{id}");
    }
}

fn arguments_that_end_early_are_refused_at_every_byte<S: Spec>() {
    for id in methods::<S>() {
        runner(4)
            .run(&arguments::<S>(id), |octets| {
                for end in 0..octets.len() {
                    let part = octets.slice(..end);
                    let error = S::Method::decode(id, &mut Reader::new(&part)).unwrap_err();
                    let DecodeErrorKind::Truncated { needed, left } = error.kind() else {
                        panic!("{id}: {error}");
                    };
                    prop_assert!(needed > left && error.offset() + left == end, "{}", error);
                }
                Ok(())
            })
            .unwrap();
    }
}

fn a_byte_too_many_is_refused<S: Spec>() {
    for id in methods::<S>() {
        let [c0, c1] = id.class.to_be_bytes();
        let [m0, m1] = id.method.to_be_bytes();
        runner(4)
            .run(&arguments::<S>(id), |octets| {
                let payload: Bytes = [&[c0, c1, m0, m1], &octets[..], &[0]].concat().into();
                let error = decode_method::<S>(&mut Reader::new(&payload)).unwrap_err();
                prop_assert_eq!(error.kind(), DecodeErrorKind::Trailing { left: 1 });
                prop_assert_eq!(error.offset(), octets.len());
                prop_assert_eq!(error.method(), Some(id));
                Ok(())
            })
            .unwrap();
    }
}

fn unknown_ids_are_refused<S: Spec>() {
    let known = methods::<S>();
    let unknown = (0..=130u16)
        .flat_map(|class| [0u16, 1, 9, 12, 200, 201, 0xffff].map(|m| MethodId::new(class, m)))
        .chain([MethodId::new(0xffff, 10)])
        .filter(|id| !known.contains(id));
    let zeros = Bytes::from_static(&[0; 64]);
    for id in unknown {
        let error = S::Method::decode(id, &mut Reader::new(&zeros)).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::UnknownMethod);
        assert_eq!(error.method(), Some(id));
    }
}

fn arbitrary_bytes_are_a_method_or_an_error<S: Spec>() {
    let ids = methods::<S>();
    let octets = proptest::collection::vec(any::<u8>(), 0..80);
    let case = (proptest::sample::select(ids), octets);
    runner(4096)
        .run(&case, |(id, octets)| {
            let octets = Bytes::from(octets);
            let mut input = Reader::new(&octets);
            if let Ok(method) = S::Method::decode(id, &mut input) {
                let shown = format!("{method:?}");
                prop_assert_ne!(shown.len(), 0);
                prop_assert_eq!(&decode::<S>(id, &written(&method)), &method);
            }
            Ok(())
        })
        .unwrap();
}
