//! Tables and arrays: what survives, what is refused, how deep they may be.

use pika::bytes::{BufMut, Bytes, BytesMut};
use pika::wire::{
    Array, Decimal, DecodeErrorKind, Field, LongStr, MAX_DEPTH, Reader, ShortStr, Table, Timestamp,
    Value,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::shape::short_bytes;

/// Any value, nested up to four levels.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Void),
        any::<bool>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        any::<u8>().prop_map(Value::from),
        any::<i16>().prop_map(Value::from),
        any::<u16>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<(u8, u32)>().prop_map(|(scale, value)| Decimal { scale, value }.into()),
        any::<u64>().prop_map(|seconds| Timestamp(seconds).into()),
        vec(any::<u8>(), 0..40).prop_map(|text| LongStr::from(text).into()),
        vec(any::<u8>(), 0..40).prop_map(|bytes| Bytes::from(bytes).into()),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(|values| Array::from_iter(values).into()),
            vec((name(), inner), 0..6).prop_map(|fields| Table::from_iter(fields).into()),
        ]
    })
}

fn name() -> impl Strategy<Value = ShortStr> {
    short_bytes().prop_map(|name| ShortStr::new(name).unwrap())
}

fn sent(table: &Table) -> Table {
    let mut out = BytesMut::new();
    table.encode(&mut out);
    assert_eq!(out.len(), table.encoded_len());
    let octets = out.freeze();
    let mut input = Reader::new(&octets).strict();
    let table = input.get().unwrap();
    input.finish().unwrap();
    table
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_tables_come_back(fields in vec((name(), value()), 0..8)) {
        let table: Table = fields.iter().cloned().collect();
        let received = sent(&table);
        prop_assert_eq!(&received, &table);
        // Compared as they are shown, for the sake of NaN, which is not equal to itself.
        let read: Vec<_> = received.try_iter().map(Result::unwrap).collect();
        prop_assert_eq!(received.len(), fields.len());
        prop_assert_eq!(format!("{read:?}"), format!("{fields:?}"));
        for (name, _) in &fields {
            let first = fields.iter().find(|(other, _)| other == name).unwrap();
            let found = received.get(name).unwrap();
            prop_assert_eq!(format!("{found:?}"), format!("{:?}", first.1));
        }
    }

    #[test]
    fn arbitrary_bytes_are_a_table_or_an_error(octets in vec(any::<u8>(), 0..64)) {
        let table = Table::from_wire(octets.clone().into());
        let first_error = table.try_iter().position(|field| field.is_err());
        prop_assert_eq!(table.len(), first_error.unwrap_or(table.try_iter().count()));
        if table.validate().is_ok() {
            prop_assert_eq!(first_error, None);
        }
        if let Some(at) = first_error {
            prop_assert_eq!(table.try_iter().count(), at + 1, "nothing follows an error");
        }
        let shown = format!("{table:?}");
        prop_assert_eq!(shown.contains("malformed"), table.validate().is_err());
        prop_assert_eq!(sent_raw(&table), octets);
    }
}

fn sent_raw(table: &Table) -> Vec<u8> {
    let mut out = BytesMut::new();
    table.encode(&mut out);
    out[4..].to_vec()
}

#[test]
fn order_and_duplicate_names_survive() {
    let table = Table::from([("b", 1), ("a", 2), ("b", 3), ("", 4)]);
    let received = sent(&table);
    let fields: Vec<_> = received.iter().collect();
    let names: Vec<_> = fields.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["b", "a", "b", ""]);
    assert_eq!(table.get("b").unwrap(), Value::I32(1));
    assert_eq!(table.get("").unwrap(), Value::I32(4));
    assert!(table.get("c").is_none());
}

#[test]
fn unknown_tags_survive_and_hide_only_what_follows() {
    let wire = crate::bytes("01 61 42 07  01 62 55 0001  01 63 42 08");
    let mut framed = BytesMut::new();
    framed.put_u32(u32::try_from(wire.len()).unwrap());
    framed.extend_from_slice(&wire);
    let table: Table = Reader::new(&framed.freeze()).get().unwrap();
    assert_eq!(table.get("a").unwrap(), Value::U8(7));
    assert!(table.get("b").is_none() && table.get("c").is_none());
    let error = table.validate().unwrap_err();
    let kind = DecodeErrorKind::UnknownTag(b'U');
    assert_eq!((error.kind(), error.offset()), (kind, 6));
    assert_eq!(sent_raw(&table), wire);
}

#[test]
fn every_tag_of_rabbitmq_is_read() {
    for (hex, expected) in [
        ("56", Value::Void),
        ("74 02", Value::Bool(true)),
        ("62 fe", Value::I8(-2)),
        ("42 fe", Value::U8(254)),
        ("73 fffe", Value::I16(-2)),
        ("75 fffe", Value::U16(65_534)),
        ("49 fffffffe", Value::I32(-2)),
        ("69 fffffffe", Value::U32(4_294_967_294)),
        ("6c fffffffffffffffe", Value::I64(-2)),
        ("4c fffffffffffffffe", Value::I64(-2)),
        ("66 3fc00000", Value::F32(1.5)),
        ("64 c002000000000000", Value::F64(-2.25)),
        (
            "44 02 00003039",
            Value::Decimal(Decimal {
                scale: 2,
                value: 12_345,
            }),
        ),
        ("53 00000002 ff00", Value::LongStr(LongStr::new([0xff, 0]))),
        (
            "78 00000002 ff00",
            Value::Bytes(Bytes::from_static(b"\xff\0")),
        ),
        ("54 ffffffffffffffff", Value::Timestamp(Timestamp(u64::MAX))),
        ("41 00000002 5656", Value::Array(Array::from([(), ()]))),
        ("46 00000003 016156", Value::Table(Table::from([("a", ())]))),
    ] {
        let array = Array::from_wire(crate::bytes(hex));
        let found = array.get(0).unwrap();
        assert_eq!(found, expected, "{hex}");
        assert_eq!(found.to_value(), expected, "{hex}");
        assert_eq!((array.iter().count(), array.len()), (1, 1));
    }
}

#[test]
fn no_other_tag_is_read() {
    let known = b"VtbBsuIilLfdDSxTAF";
    for tag in (0..=255).filter(|tag| !known.contains(tag)) {
        let array = Array::from_wire(vec![tag, 0, 0, 0, 0, 0, 0, 0, 0].into());
        let error = array.try_iter().next().unwrap().unwrap_err();
        assert_eq!(array.iter().count(), 0);
        assert_eq!(error.kind(), DecodeErrorKind::UnknownTag(tag));
    }
}

/// The wire bytes of the outermost of `levels` nested tables or arrays.
fn nested(tag: u8, levels: usize) -> Bytes {
    let head: &[u8] = if tag == b'F' { &[1, b'n', b'F'] } else { b"A" };
    // Built from the inside out, front to back in reverse.
    let mut reversed: Vec<u8> = Vec::new();
    for level in 0..levels {
        let len = u32::try_from(level * (head.len() + 4)).unwrap();
        reversed.extend(len.to_be_bytes().iter().rev());
        reversed.extend(head.iter().rev());
    }
    reversed.reverse();
    reversed.into()
}

#[test]
fn nesting_is_read_down_to_the_limit() {
    let depth = usize::from(MAX_DEPTH);
    for tag in *b"FA" {
        let validate = |levels| match tag {
            b'F' => Table::from_wire(nested(tag, levels)).validate(),
            _ => Array::from_wire(nested(tag, levels)).validate(),
        };
        assert_eq!(validate(depth), Ok(()));
        for levels in [depth + 1, 9000] {
            assert_eq!(
                validate(levels).unwrap_err().kind(),
                DecodeErrorKind::TooDeep
            );
        }
    }
}

#[test]
fn the_error_of_a_deep_table_tells_the_byte() {
    let error = Table::from_wire(nested(b'F', 9000)).validate().unwrap_err();
    // Each level is a name of one letter, a tag and a length; the tag of level 33 is refused.
    assert_eq!(error.offset(), 32 * 7 + 2);
}

#[test]
fn a_table_9000_deep_is_held_shown_copied_and_dropped_on_a_small_stack() {
    let work = || {
        let table = sent_deep(9000);
        let shown = format!("{table:?} {table:#?}");
        assert!(shown.contains("malformed"));
        let copy = table.clone();
        assert_eq!(copy, table);
        let mut holder = Table::new();
        holder.insert("deep", copy);
        assert!(holder.get("deep").is_some());
        drop((table, holder));
    };
    let thread = std::thread::Builder::new().stack_size(256 * 1024);
    thread.spawn(work).unwrap().join().unwrap();
}

fn sent_deep(levels: usize) -> Table {
    let wire = nested(b'F', levels);
    let mut out = BytesMut::new();
    out.put_u32(u32::try_from(wire.len()).unwrap());
    out.extend_from_slice(&wire);
    Reader::new(&out.freeze()).get().unwrap()
}

#[test]
fn nested_values_are_slices_of_what_was_received() {
    let table = Table::from([("t", Value::from(Table::from([("s", "some text")])))]);
    let received = sent(&table);
    let inner = received.get("t").unwrap().as_table().unwrap();
    let text = inner.get("s").unwrap();
    let Value::LongStr(owned) = text.to_value() else {
        panic!("expected a string");
    };
    let memory = received.as_wire().as_ptr_range();
    assert!(memory.contains(&text.as_bytes().unwrap().as_ptr()));
    assert!(memory.contains(&owned.as_bytes().as_ptr()));
}

#[test]
fn a_copy_that_grows_leaves_the_original_alone() {
    let table = Table::from([("a", 1)]);
    let longer = table.clone().with("b", 2);
    assert_eq!(table.iter().count(), 1);
    assert_eq!(longer.iter().count(), 2);
}

fn names(table: &Table) -> Vec<String> {
    let names = table.iter().map(|(name, _)| name.to_string());
    names.collect()
}

#[test]
fn insert_replaces_and_append_keeps_duplicates() {
    let mut table = Table::from([("a", 1), ("b", 2), ("a", 3)]);
    assert_eq!(
        (table.len(), table.get("a").unwrap().as_i64()),
        (3, Some(1))
    );
    table.append("b", 4);
    assert_eq!(names(&table), ["a", "b", "a", "b"]);
    assert_eq!(table.get("b").unwrap().as_i64(), Some(2), "the first one");
    table.insert("a", 5);
    assert_eq!(names(&table), ["b", "b", "a"]);
    assert_eq!(table.get("a").unwrap().as_i64(), Some(5));
    table.insert("c", "new");
    assert_eq!(names(&table), ["b", "b", "a", "c"]);
    assert_eq!(sent(&table), table);
    let collected: Table = [("x", 1), ("x", 2)].into_iter().collect();
    let mut extended = pika::table! { "x" => 1 };
    extended.extend([("x", 2)]);
    assert_eq!(
        (names(&collected), &extended),
        (names(&extended), &collected)
    );
    assert_eq!(Table::new().with("x", 1).with("x", 2).len(), 1);
}

#[test]
fn remove_takes_all_fields_of_a_name() {
    let mut table = Table::from([("a", 1), ("b", 2), ("a", 3)]);
    assert!(table.contains("a") && table.contains("b") && !table.contains("c"));
    assert_eq!(table.remove("c"), None);
    assert_eq!(table.len(), 3);
    assert_eq!(table.remove("a"), Some(Value::I32(1)));
    assert!(!table.contains("a"));
    assert_eq!(table, Table::from([("b", 2)]));
    assert_eq!(table.remove("b"), Some(Value::I32(2)));
    assert!(table.is_empty() && table.as_wire().is_empty());
}

#[test]
fn what_is_malformed_stays_when_something_before_it_is_removed() {
    let wire = crate::bytes("01 61 42 07  01 62 42 08  01 63 55 0001  01 61 42 09");
    let mut table = Table::from_wire(wire.clone());
    assert_eq!((table.len(), table.try_iter().count()), (2, 3));
    assert_eq!(table.remove("a"), Some(Value::U8(7)));
    assert_eq!(table.as_wire(), &wire[4..]);
    assert_eq!(names(&table), ["b"]);
    assert!(table.validate().is_err());
}

#[test]
fn a_table_with_a_long_name_says_so_and_so_does_what_holds_it() {
    let long = || "x".repeat(256);
    let mut table = Table::from([("a", 1)]);
    table.append(long(), 2);
    assert_eq!(names(&table), ["a"], "it is not in the wire bytes");
    for table in [
        table.clone(),
        Table::new().with("inner", table.clone()),
        Table::new().with("row", Array::from([table.clone()])),
    ] {
        let shown = format!("{table:?}");
        assert!(shown.contains("a name of 256 bytes"), "{shown}");
    }
    let fits = Table::new().with("x".repeat(255), 1);
    assert_eq!(sent(&fits).len(), 1);
}

#[test]
fn values_are_read_by_type() {
    let table = pika::table! {
        "text" => "five",
        "bytes" => vec![1_u8, 2],
        "number" => -5_i8,
        "large" => u32::MAX,
        "truth" => true,
        "float" => 1.5,
        "time" => Timestamp(7),
        "row" => Array::from([1, 2]),
        "inner" => pika::table! { "deep" => "text" },
        "nothing" => (),
    };
    let get = |name: &str| table.get(name).unwrap();
    assert_eq!(get("text").as_str(), Some("five"));
    assert_eq!(get("text"), "five");
    assert_eq!(get("bytes").as_bytes(), Some(&[1, 2][..]));
    assert_eq!(
        (get("number").as_i64(), get("number").as_u64()),
        (Some(-5), None)
    );
    assert_eq!(get("large").as_u64(), Some(u64::from(u32::MAX)));
    assert_eq!(get("truth").as_bool(), Some(true));
    assert_eq!(get("float").as_f64(), Some(1.5));
    assert_eq!(get("time").as_timestamp(), Some(Timestamp(7)));
    assert_eq!(get("row").as_array(), Some(Array::from([1, 2])));
    assert_eq!(
        get("inner").as_table().unwrap().get("deep").unwrap(),
        "text"
    );
    assert!(get("nothing").is_void() && !get("text").is_void());
    for (name, value) in &table {
        let found = [
            value.as_str().is_some() || value.as_bytes().is_some(),
            value.as_i64().is_some(),
            value.as_bool().is_some(),
            value.as_f64().is_some(),
            value.as_timestamp().is_some(),
            value.as_array().is_some(),
            value.as_table().is_some(),
            value.is_void(),
        ];
        assert_eq!(found.iter().filter(|it| **it).count(), 1, "{name}");
        assert_eq!(Value::from(value), value.to_value());
    }
}

/// Every integer type converts, and back, as far as 64 bits with a sign go.
#[test]
fn integers_of_all_types_convert() {
    macro_rules! check {
        ($($type:ty)*) => {$(
            for number in [<$type>::MIN, 0, 1, 127, <$type>::MAX] {
                let fits = i64::try_from(number).ok();
                let made = Value::try_from(number).ok();
                assert_eq!(made.as_ref().and_then(Value::as_i64), fits, "{number}");
                if let Some(value) = made {
                    let table = Table::new().with("n", value.clone());
                    let found = table.get("n").unwrap();
                    assert_eq!(found.as_i64(), fits, "{number}");
                    assert_eq!(<$type>::try_from(found).unwrap(), number);
                    assert_eq!(<$type>::try_from(value).unwrap(), number);
                }
            }
        )*};
    }
    check!(i8 u8 i16 u16 i32 u32 i64 u64 isize usize);
    assert_eq!(Value::try_from(-1_i128), Ok(Value::I64(-1)));
    assert_eq!(Value::try_from(1_u128), Ok(Value::I64(1)));
    assert!(Value::try_from(i128::MAX).is_err() && Value::try_from(u128::MAX).is_err());
    assert!(Value::try_from(1_u64 << 63).is_err());
    assert!(u8::try_from(Value::I32(256)).is_err());
    assert!(u64::try_from(Value::I8(-1)).is_err());
    assert!(i32::try_from(Value::from("1")).is_err());
}

#[test]
fn tables_with_the_same_fields_need_not_be_equal() {
    let inner = |n: Value| Table::new().with("n", n).with("text", "x");
    let one = Table::new()
        .with("a", 5_u8)
        .with("inner", inner(Value::I64(-2)))
        .with("rows", Array::from([Value::I32(7), Value::from("y")]))
        .with("a", 6_u8);
    let mut other = Table::new();
    other.append("a", 6_i64);
    other.append("rows", Array::from([Value::I64(7), Value::from("y")]));
    let turned = Table::new().with("text", "x").with("n", Value::I8(-2));
    other.append("inner", turned);
    other.append("a", 5_i64);
    let mut one_twice = Table::new();
    for (name, value) in &one {
        one_twice.append(name, value.to_value());
    }
    let mut same = Table::new();
    same.append("a", 6_u8);
    for (name, value) in &one {
        if name != "a" {
            same.append(name, value.to_value());
        }
    }
    assert_ne!(same, other);
    assert!(!same.has_same_fields(&other), "a field is missing");
    same.append("a", 5_u8);
    assert!(same.has_same_fields(&other) && other.has_same_fields(&same));
    assert!(one_twice.has_same_fields(&one) && one == one_twice);
    for different in [
        other.clone().with("a", 7),
        other.clone().with("more", ()),
        other.clone().with("rows", Array::from([Value::I32(7)])),
        other.with("inner", inner(Value::I64(-3))),
    ] {
        assert!(!same.has_same_fields(&different), "{different:?}");
    }
}
