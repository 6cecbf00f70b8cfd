//! Property lists of content headers.

use pika::bytes::{Bytes, BytesMut};
use pika::method::{Properties, PropertySet, Spec};
use pika::wire::{DecodeErrorKind, Reader};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

in_each_version! {
    every_choice_of_properties_comes_back
    a_continuation_word_is_read_past
    a_continuation_bit_without_a_word_is_forgiven
    unused_flags_are_ignored
    every_class_with_content_knows_its_properties
}

fn decode<S: Spec>(class: u16, octets: &Bytes) -> S::Properties {
    let mut input = Reader::new(octets);
    let properties = S::Properties::decode(class, &mut input).unwrap();
    input.finish().unwrap();
    properties
}

fn written<P: PropertySet>(properties: &P) -> Bytes {
    let mut out = BytesMut::new();
    properties.encode(&mut out);
    assert_eq!(out.len(), properties.encoded_len());
    out.freeze()
}

/// What the 14 properties of class basic take, in the order of their flags (AMQP 0-9-1, 1.8.3).
const BASIC: [Kind; 14] = {
    use Kind::{Octet, Text, Time};
    [
        Text,
        Text,
        Kind::Table,
        Octet,
        Octet,
        Text,
        Text,
        Text,
        Text,
        Time,
        Text,
        Text,
        Text,
        Text,
    ]
};

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Table,
    Octet,
    Time,
}

impl Kind {
    /// Some value of that kind, made from a number, a text and a share of it.
    fn put(self, octets: &mut Vec<u8>, number: u64, text: &[u8]) {
        match self {
            Self::Octet => octets.push(number.to_le_bytes()[0]),
            Self::Time => octets.extend(number.to_be_bytes()),
            Self::Table => octets.extend(b"\0\0\0\x04\x01aB\x07"),
            Self::Text => {
                octets.push(u8::try_from(text.len()).unwrap());
                octets.extend(text);
            }
        }
    }
}

fn list(flags: u16, number: u64, text: &[u8]) -> Bytes {
    let mut octets = flags.to_be_bytes().to_vec();
    for (index, kind) in BASIC.into_iter().enumerate() {
        if flags << index & 0x8000 != 0 {
            // Texts of different lengths, so that a swap would show.
            let text = &text[..text.len() / (index + 1)];
            kind.put(&mut octets, number, text);
        }
    }
    octets.into()
}

fn every_choice_of_properties_comes_back<S: Spec>() {
    let case = (any::<u16>(), any::<u64>(), crate::shape::short_bytes());
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1024)
    });
    runner
        .run(&case, |(flags, number, text)| {
            let octets = list(flags & 0xfffc, number, &text);
            let properties = decode::<S>(60, &octets);
            prop_assert_eq!(properties.class(), 60);
            prop_assert_eq!(written(&properties), &octets);
            for end in 0..octets.len() {
                let part = octets.slice(..end);
                let error = S::Properties::decode(60, &mut Reader::new(&part)).unwrap_err();
                let truncated = matches!(error.kind(), DecodeErrorKind::Truncated { .. });
                prop_assert!(truncated, "{}", error);
            }
            Ok(())
        })
        .unwrap();
}

fn a_continuation_word_is_read_past<S: Spec>() {
    let expected = decode::<S>(60, &crate::bytes("8000 01 61"));
    for words in [
        "8001 0000",
        "8001 fffe",
        "8001 0001 0002",
        "8001 0001 0001 0000",
    ] {
        let octets = crate::bytes(&format!("{words} 01 61"));
        assert_eq!(decode::<S>(60, &octets), expected, "{words}");
    }
    assert_eq!(written(&expected), crate::bytes("8000 01 61"));
}

fn a_continuation_bit_without_a_word_is_forgiven<S: Spec>() {
    let empty = decode::<S>(60, &crate::bytes("0000"));
    assert_eq!(decode::<S>(60, &crate::bytes("0001")), empty);
    assert_eq!(decode::<S>(60, &crate::bytes("0001 0001")), empty);
}

fn unused_flags_are_ignored<S: Spec>() {
    let empty = decode::<S>(60, &crate::bytes("0000"));
    assert_eq!(decode::<S>(60, &crate::bytes("0002")), empty);
}

fn every_class_with_content_knows_its_properties<S: Spec>() {
    let zeros = Bytes::from_static(&[0; 2]);
    let classes: Vec<u16> = (0..=u16::MAX)
        .filter(|class| S::Properties::decode(*class, &mut Reader::new(&zeros)).is_ok())
        .collect();
    let expected: &[u16] = match S::NAME {
        "0-8" => &[60, 70, 80, 110, 120],
        _ => &[60],
    };
    assert_eq!(classes, expected);
    for class in classes {
        let properties = decode::<S>(class, &zeros);
        assert_eq!(properties.class(), class);
        assert_eq!(written(&properties), zeros);
    }
}

#[track_caller]
fn is_delivery_mode_2_alone<P: Properties>(persistent: P) {
    // The fourth flag, and the octet.
    assert_eq!(written(&persistent.into_set()), crate::bytes("1000 02"));
}

#[cfg(feature = "amqp0-8")]
#[test]
fn persistent_is_delivery_mode_2_in_0_8() {
    is_delivery_mode_2_alone(pika::v0_8::basic::Properties::new().persistent());
}

#[cfg(feature = "amqp0-9-1")]
#[test]
fn persistent_is_delivery_mode_2_in_0_9_1() {
    is_delivery_mode_2_alone(pika::v0_9_1::basic::Properties::new().persistent());
}
