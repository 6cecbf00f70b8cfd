//! Short and long strings at their boundaries.

use pika::bytes::{Bytes, BytesMut};
use pika::wire::{DecodeErrorKind, Field, LongStr, Reader, ShortStr, TooLong};
use proptest::prelude::*;

use crate::shape::short_bytes;

fn written<T: Field>(value: &T) -> Bytes {
    let mut out = BytesMut::new();
    value.encode(&mut out);
    assert_eq!(out.len(), value.encoded_len());
    out.freeze()
}

fn text(len: usize) -> String {
    ('a'..='z').cycle().take(len).collect()
}

#[test]
fn short_strings_hold_up_to_255_bytes() {
    for len in [0, 1, 37, 38, 39, 40, 127, 254, 255] {
        let text = text(len);
        let made: [ShortStr; 4] = [
            ShortStr::new(&text).unwrap(),
            ShortStr::from(text.clone()),
            ShortStr::from_bytes(text.clone().into()).unwrap(),
            ShortStr::from_static(text.clone().leak()),
        ];
        for short in made {
            assert_eq!(short.as_str(), Ok(&*text));
            assert_eq!((short.len(), short.is_empty()), (len, len == 0));
            let octets = written(&short);
            assert_eq!(octets[0], u8::try_from(len).unwrap());
            assert_eq!(octets[1..], *text.as_bytes());
            let mut input = Reader::new(&octets);
            assert_eq!(input.get::<ShortStr>().as_ref(), Ok(&short));
            assert!(input.is_empty());
            assert_eq!(short.into_bytes(), text.as_bytes());
        }
    }
}

#[test]
fn short_strings_refuse_the_256th_byte() {
    for len in [256, 257, 65_536] {
        let text = text(len);
        assert_eq!(ShortStr::new(&text), Err(TooLong { len }));
        assert_eq!(
            ShortStr::from_bytes(text.clone().into()),
            Err(TooLong { len })
        );
        // The conversions without a result keep the text, which cannot be sent.
        let made: [ShortStr; 5] = [
            text.as_str().into(),
            (&text).into(),
            std::borrow::Cow::from(&text).into(),
            text.clone().into_bytes().into(),
            Bytes::from(text.clone()).into(),
        ];
        for overlong in made {
            assert!(overlong.is_overlong());
            assert_eq!((overlong.len(), overlong.as_str()), (len, Ok(&*text)));
        }
    }
}

#[test]
#[should_panic(expected = "at most 255 bytes")]
fn a_literal_that_is_too_long_panics_where_it_stands() {
    let _ = ShortStr::from_static(text(256).leak());
}

#[test]
fn a_received_short_string_shares_memory_only_if_it_is_long() {
    for (len, shared) in [(38, false), (39, true), (255, true)] {
        let octets = written(&ShortStr::new(text(len)).unwrap());
        let short: ShortStr = Reader::new(&octets).get().unwrap();
        assert_eq!(short.as_bytes().as_ptr() == octets[1..].as_ptr(), shared);
    }
}

#[test]
fn strings_need_not_be_text() {
    let short = ShortStr::new(b"\xff\0\"").unwrap();
    assert!(short.as_str().is_err());
    assert_eq!(format!("{short:?}"), r#""\xff\0\"""#);
    assert_eq!(short.to_string(), "\u{fffd}\0\"");
    let octets = written(&short);
    assert_eq!(Reader::new(&octets).get(), Ok(short));
}

#[test]
fn a_received_long_string_is_a_slice() {
    let octets = written(&LongStr::new(text(5)));
    let long: LongStr = Reader::new(&octets).get().unwrap();
    assert_eq!(long.as_bytes().as_ptr(), octets[4..].as_ptr());
}

#[test]
fn a_length_without_its_bytes_is_refused_without_an_allocation_of_its_size() {
    let octets = Bytes::from_static(b"\xff\xff\xff\xffabc");
    let error = Reader::new(&octets).get::<LongStr>().unwrap_err();
    assert_eq!(error.offset(), 4);
    let DecodeErrorKind::Truncated { needed, left: 3 } = error.kind() else {
        panic!("{error}");
    };
    assert_eq!(needed, 0xffff_ffff);
    let octets = Bytes::from_static(b"\x04abc");
    let error = Reader::new(&octets).get::<ShortStr>().unwrap_err();
    let kind = DecodeErrorKind::Truncated { needed: 4, left: 3 };
    assert_eq!((error.kind(), error.offset()), (kind, 1));
}

proptest! {
    #[test]
    fn short_strings_compare_and_hash_as_their_bytes(a in short_bytes(), b in short_bytes()) {
        use std::collections::HashSet;
        let (x, y) = (ShortStr::new(&a).unwrap(), ShortStr::new(&b).unwrap());
        prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        prop_assert_eq!(x == y, a == b);
        let set: HashSet<ShortStr> = [x, y].into();
        prop_assert!(set.contains(&a[..]) && set.contains(&b[..]));
        prop_assert_eq!(set.len(), if a == b { 1 } else { 2 });
    }
}
