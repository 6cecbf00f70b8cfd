//! What the arguments of every method look like in bytes, found out from the decoder itself.
//!
//! All methods of a version are found by trying ids, and the shape of each by changing single
//! octets of zero arguments: an octet that makes the decoder want one byte more is the last octet
//! of a length. From the shape come arbitrary arguments for methods that no test has to list.

use pika::bytes::{Bytes, BytesMut};
use pika::method::{MethodSet, Spec};
use pika::wire::{DecodeError, MethodId, Reader};
use proptest::collection::vec;
use proptest::prelude::*;

/// More octets than the arguments of any method take when they are zero.
const ENOUGH: usize = 64;

/// A part of a method's arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// An octet of a number, of bits, or the first octets of a long length.
    Octet,
    /// One octet of length, then bytes.
    Short,
    /// Four octets of length, then bytes.
    Long,
}

/// The ids of all methods of a version.
pub(crate) fn methods<S: Spec>() -> Vec<MethodId> {
    let ids = (0..=130).flat_map(|class| (0..=600).map(move |method| MethodId::new(class, method)));
    ids.filter(|id| zero_len::<S>(*id).is_some()).collect()
}

/// Reads arguments that may be followed by other bytes; how many were read.
fn read<S: Spec>(id: MethodId, octets: &[u8]) -> Result<usize, DecodeError> {
    let octets = Bytes::copy_from_slice(octets);
    let mut input = Reader::new(&octets);
    S::Method::decode(id, &mut input)?;
    Ok(input.offset())
}

/// The length of a method's arguments when all are zero, if there is such a method.
fn zero_len<S: Spec>(id: MethodId) -> Option<usize> {
    read::<S>(id, &[0; ENOUGH]).ok()
}

/// The parts of a method's arguments, in order.
pub(crate) fn shape<S: Spec>(id: MethodId) -> Vec<Part> {
    let len = zero_len::<S>(id).unwrap();
    let mut parts = Vec::new();
    let grown: Vec<_> = (0..len).map(|at| growth::<S>(id, len, at)).collect();
    let mut at = 0;
    while at < len {
        // The first octet of a long length asks for more than there is.
        let part = match grown[at] {
            None => Part::Long,
            Some(0) => Part::Octet,
            Some(_) => Part::Short,
        };
        at += if part == Part::Long { 4 } else { 1 };
        parts.push(part);
    }
    parts
}

/// How many bytes more are read when the octet at `at` is 1; none if the bytes do not suffice.
fn growth<S: Spec>(id: MethodId, len: usize, at: usize) -> Option<usize> {
    let mut octets = [0; ENOUGH];
    octets[at] = 1;
    read::<S>(id, &octets).ok().map(|read| read - len)
}

/// Arbitrary arguments of a method, as bytes.
pub(crate) fn arguments<S: Spec>(id: MethodId) -> impl Strategy<Value = Bytes> {
    let parts: Vec<_> = shape::<S>(id).into_iter().map(part).collect();
    parts.prop_map(|parts| parts.concat().into())
}

fn part(part: Part) -> BoxedStrategy<Vec<u8>> {
    match part {
        Part::Octet => any::<u8>().prop_map(|octet| vec![octet]).boxed(),
        Part::Short => short_bytes()
            .prop_map(|text| {
                let len = u8::try_from(text.len()).unwrap();
                [&[len], &text[..]].concat()
            })
            .boxed(),
        Part::Long => vec(any::<u8>(), 0..300)
            .prop_map(|text| {
                let len = u32::try_from(text.len()).unwrap();
                [&len.to_be_bytes(), &text[..]].concat()
            })
            .boxed(),
    }
}

/// Bytes that fit a short string, with its boundaries more often than chance would have them.
pub(crate) fn short_bytes() -> impl Strategy<Value = Vec<u8>> {
    let boundary = prop_oneof![Just(0usize), Just(38), Just(39), Just(255)];
    let len = prop_oneof![boundary, 0usize..=255];
    len.prop_flat_map(|len| vec(any::<u8>(), len))
}

/// A method's arguments, written; checks the announced length on the way.
pub(crate) fn written<M: MethodSet>(method: &M) -> Bytes {
    let mut out = BytesMut::new();
    method.encode(&mut out);
    assert_eq!(out.len(), method.encoded_len(), "{method:?}");
    out.freeze()
}

#[cfg(feature = "amqp0-9-1")]
#[test]
fn the_shape_of_a_known_method_is_found() {
    use Part::{Long, Octet, Short};
    // Ticket, queue, consumer tag, bits, arguments.
    let shape = shape::<pika::v0_9_1::V0_9_1>(MethodId::new(60, 20));
    assert_eq!(shape, [Octet, Octet, Short, Short, Octet, Long]);
}
