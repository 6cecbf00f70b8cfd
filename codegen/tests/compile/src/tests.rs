//! Every method of every version there and back.

use pika::bytes::{BufMut, Bytes, BytesMut};
use pika::method::{Args, MethodSet, PropertySet, Spec, decode_method, encode_method};
use pika::wire::{MethodId, Reader};

/// Checks of one struct: its default value survives the wire, and no shorter payload is accepted.
fn check<M: Args>() {
    let method = M::default();
    let mut wire = BytesMut::new();
    encode_method(&method, &mut wire);
    let wire = wire.freeze();
    assert_eq!(wire.len(), 4 + method.encoded_len(), "{}", M::NAME);
    let decoded = decode::<M::Spec>(&wire).expect("the default value decodes");
    assert_eq!((decoded.id(), decoded.name()), (M::ID, M::NAME));
    assert_eq!(M::from_method(decoded).as_ref(), Ok(&method));
    assert_eq!(M::from_method(method.clone().into_method()), Ok(method));
    for end in 0..wire.len() {
        let cut = decode::<M::Spec>(&wire.slice(..end));
        assert!(cut.is_none(), "{} cut to {end} bytes", M::NAME);
    }
    let mut longer = BytesMut::from(&wire[..]);
    longer.put_u8(0);
    assert!(
        decode::<M::Spec>(&longer.freeze()).is_none(),
        "{} with a byte behind it",
        M::NAME
    );
}

fn decode<S: Spec>(wire: &Bytes) -> Option<S::Method> {
    decode_method::<S>(&mut Reader::new(wire)).ok()
}

/// All methods of a version, found by trying every id on zeros.
fn methods<S: Spec>() -> Vec<S::Method> {
    let zeros = Bytes::from(vec![0; 256]);
    let ids = (0..=130).flat_map(|class| (0..=600).map(move |method| MethodId::new(class, method)));
    ids.filter_map(|id| S::Method::decode(id, &mut Reader::new(&zeros)).ok())
        .collect()
}

/// All classes of a version that carry content, each with its longest list of empty values.
fn contents<S: Spec>() -> Vec<S::Properties> {
    let mut list = vec![0xFF, 0xFE];
    list.resize(256, 0);
    let list = Bytes::from(list);
    (0..=130)
        .filter_map(|class| S::Properties::decode(class, &mut Reader::new(&list)).ok())
        .collect()
}

fn check_version<S: Spec>(count: usize, header: [u8; 8], classes: &[u16]) {
    let all = methods::<S>();
    assert_eq!(all.len(), count);
    for method in all {
        let mut wire = BytesMut::new();
        method.encode(&mut wire);
        assert_eq!(wire.len(), method.encoded_len(), "{}", method.name());
        assert!(wire.iter().all(|byte| *byte == 0), "{}", method.name());
    }
    let contents = contents::<S>();
    assert_eq!(
        contents.iter().map(PropertySet::class).collect::<Vec<_>>(),
        classes
    );
    for properties in contents {
        let mut wire = BytesMut::new();
        properties.encode(&mut wire);
        assert_eq!(wire.len(), properties.encoded_len());
        let wire = wire.freeze();
        let mut input = Reader::new(&wire);
        assert_eq!(
            S::Properties::decode(properties.class(), &mut input),
            Ok(properties)
        );
        assert!(input.is_empty());
    }
    assert_eq!(S::PROTOCOL_HEADER, header);
}

/// The tests of one version.
macro_rules! version {
    ($module:ident, $marker:ident, $count:literal methods, $header:literal, content in $classes:expr) => {
        mod $module {
            use super::{check, check_version};
            use crate::$module::*;

            #[test]
            fn every_method_survives_the_wire_and_no_part_of_it_does() {
                include!(concat!(
                    env!("OUT_DIR"),
                    "/",
                    stringify!($module),
                    ".structs.rs"
                ))
            }

            #[test]
            fn methods_contents_and_header_are_complete() {
                check_version::<$marker>($count, *$header, &$classes);
            }
        }
    };
}

version!(v0_8, V0_8, 89 methods, b"AMQP\x01\x01\x08\x00", content in [60, 70, 80, 110, 120]);
version!(v0_8_qpid, V0_8Qpid, 92 methods, b"AMQP\x01\x01\x08\x00", content in [60, 70, 80, 110, 120]);
version!(v0_9, V0_9, 101 methods, b"AMQP\x01\x01\x00\x09", content in [60, 70, 80, 110]);
version!(v0_9_qpid, V0_9Qpid, 105 methods, b"AMQP\x01\x01\x00\x09", content in [60, 70, 80, 110]);
version!(v0_9_1, V0_9_1, 53 methods, b"AMQP\x00\x00\x09\x01", content in [60]);
version!(v0_9_1_qpid, V0_9_1Qpid, 55 methods, b"AMQP\x00\x00\x09\x01", content in [60]);
version!(v0_9_1_rabbit, V0_9_1Rabbit, 60 methods, b"AMQP\x00\x00\x09\x01", content in [60]);

/// What only one of the versions has.
mod peculiar {
    use pika::bytes::BytesMut;
    use pika::method::{Args, Call, NoWait, PropertySet, Reply};
    use pika::wire::Reader;

    use crate::{v0_8, v0_9, v0_9_1_qpid, v0_9_1_rabbit};

    #[test]
    fn replies_come_from_the_file_or_from_a_fixup() {
        fn ids<M: Call>() -> Vec<u16> {
            M::Reply::IDS.iter().map(|id| id.method).collect()
        }
        assert_eq!(ids::<v0_9_1_rabbit::exchange::Unbind>(), [51]);
        assert_eq!(ids::<v0_9_1_rabbit::basic::Recover>(), [111]);
        assert_eq!(ids::<v0_9_1_qpid::basic::RecoverSync>(), [111]);
        assert_eq!(ids::<crate::v0_8_qpid::exchange::Bound>(), [23]);
        assert_eq!(ids::<v0_8::basic::Get>(), [71, 72]);
        assert_eq!(ids::<v0_8::file::OpenOk>(), [50]);
        assert_eq!(ids::<v0_9::message::Transfer>(), [500, 520]);
    }

    #[test]
    fn no_wait_is_one_word_in_no_version() {
        let mut old = v0_8::queue::Declare::new("q");
        old.set_no_wait(true);
        let mut new = v0_9_1_rabbit::confirm::Select::new();
        new.set_no_wait(true);
        assert!(old.no_wait && new.no_wait);
    }

    #[test]
    fn reserved_fields_are_zero_unless_they_came_otherwise() {
        let method = v0_9_1_rabbit::queue::Declare::new("q").durable(true);
        let mut wire = BytesMut::new();
        method.encode(&mut wire);
        assert_eq!(&wire[..], b"\0\0\x01q\x02\0\0\0\0");
        wire[0] = 7;
        let wire = wire.freeze();
        let received = Args::decode(&mut Reader::new(&wire));
        let kept = v0_9_1_rabbit::queue::Declare {
            reserved_1: 0x700,
            ..method
        };
        assert_eq!(received.as_ref(), Ok(&kept));
        let mut again = BytesMut::new();
        kept.encode(&mut again);
        assert_eq!(again, wire);
    }

    #[test]
    fn a_content_without_properties_may_lack_even_its_flags() {
        for wire in [&b""[..], b"\0\0"] {
            let wire = wire.into();
            let list = v0_8::Properties::decode(120, &mut Reader::new(&wire));
            assert_eq!(list, Ok(v0_8::test::Properties::new().into()));
        }
    }
}
