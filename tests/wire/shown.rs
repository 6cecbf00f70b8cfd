//! Field names and values of a generated struct, read from its `Debug` form, and their comparison
//! with the values of a test vector.
//!
//! No trait gives the fields of a struct by name, but `Debug` shows those that are not as they are by
//! default, and all properties that are there.

use pika::wire::LongStr;
use serde_json::Value as Json;

/// The fields in the outermost braces of `text`, each with the text of its value.
pub(crate) fn fields(text: &str) -> Vec<(String, String)> {
    let Some(from) = text.find('{') else {
        return Vec::new();
    };
    let to = text.rfind('}').unwrap();
    split(&text[from + 1..to])
        .into_iter()
        .map(|field| {
            let (name, value) = field.trim().split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// Splits at the commas that stand in no bracket and in no string.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0, false);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quoted => _ = chars.next(),
            '"' => quoted = !quoted,
            '{' | '(' | '[' if !quoted => depth += 1,
            '}' | ')' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !text[start..].trim().is_empty() {
        parts.push(&text[start..]);
    }
    parts
}

/// A name without its separators, in which versions and sources differ.
pub(crate) fn plain(name: &str) -> String {
    name.replace(['-', '_'], "")
}

/// Compares the arguments of a vector with the fields shown in `text`.
///
/// An argument that is not in `text` is the default of its type.
pub(crate) fn compare(text: &str, args: &Json) -> Result<(), String> {
    let shown = fields(text);
    let head = text.split('{').next().unwrap();
    let of_method = !head.contains("Properties");
    let args = args.as_object().unwrap();
    for (name, expected) in args {
        let Some((_, found)) = shown.iter().find(|(field, _)| plain(field) == plain(name)) else {
            if of_method && is_default(expected) {
                continue;
            }
            return Err(format!("no field {name}"));
        };
        // Passwords and tokens, whose bytes are compared by the round trip alone.
        if found == "***" {
            continue;
        }
        if !agrees(expected, found) {
            return Err(format!("{name}: expected {expected}, found {found}"));
        }
    }
    for (field, value) in &shown {
        let known = args.keys().any(|name| plain(field) == plain(name));
        if !known {
            return Err(format!(
                "{field} is {value}, which the vector does not have"
            ));
        }
    }
    Ok(())
}

/// Whether an argument is as it is by default.
fn is_default(expected: &Json) -> bool {
    match expected {
        Json::Bool(truth) => !truth,
        Json::Number(number) => number.as_u64() == Some(0),
        Json::String(text) => text.is_empty() || text == "0",
        Json::Object(_) => hex(expected).is_empty(),
        Json::Array(fields) => fields.is_empty(),
        Json::Null => false,
    }
}

fn agrees(expected: &Json, found: &str) -> bool {
    match expected {
        Json::Bool(truth) => found == truth.to_string(),
        Json::Number(number) => integer(found) == number.to_string(),
        // Integers that a double cannot hold are written as strings.
        Json::String(text) if !found.starts_with('"') => integer(found) == text,
        Json::String(text) => found == quoted(text),
        Json::Object(_) => found == format!("{:?}", LongStr::new(hex(expected))),
        Json::Array(_) => found == table(expected),
        Json::Null => false,
    }
}

/// The number in `7`, `DeliveryTag(7)` and `ReplyCode(7 NAME)`.
fn integer(found: &str) -> &str {
    let inner = found
        .split_once('(')
        .map_or(found, |(_, inner)| inner.trim_end_matches(')'));
    inner.split(' ').next().unwrap()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

fn hex(object: &Json) -> Vec<u8> {
    crate::bytes(object["hex"].as_str().unwrap()).to_vec()
}

fn table(fields: &Json) -> String {
    let fields = fields.as_array().unwrap().iter().map(|field| {
        let name = quoted(field[0].as_str().unwrap());
        format!("{name}: {}", value(&field[1], &field[2]))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
}

fn value(tag: &Json, value: &Json) -> String {
    let variant = match tag.as_str().unwrap() {
        "V" => return "Void".to_owned(),
        "F" => return format!("Table({})", table(value)),
        "A" => {
            let values = value.as_array().unwrap().iter();
            let values: Vec<_> = values.map(|item| self::value(&item[0], &item[1])).collect();
            return format!("Array([{}])", values.join(", "));
        }
        "S" => return format!("LongStr({})", quoted(value.as_str().unwrap())),
        "x" => return format!("Bytes(b\"{}\")", bytes_debug(&hex(value))),
        "T" => return format!("Timestamp(Timestamp({}))", number(value)),
        "D" => {
            #[expect(clippy::cast_possible_truncation, reason = "the 32 bits as they are")]
            let digits = value["value"].as_i64().unwrap() as u32;
            let scale = &value["scale"];
            return format!("Decimal(Decimal {{ scale: {scale}, value: {digits} }})");
        }
        "f" => return format!("F32({:?})", value.as_f64().unwrap()),
        "d" => return format!("F64({:?})", value.as_f64().unwrap()),
        "t" => "Bool",
        "b" => "I8",
        "B" => "U8",
        "s" => "I16",
        "u" => "U16",
        "I" => "I32",
        "i" => "U32",
        "l" | "L" => "I64",
        other => panic!("no tag {other}"),
    };
    format!("{variant}({})", number(value))
}

fn number(value: &Json) -> String {
    value.as_str().map_or(value.to_string(), str::to_owned)
}

fn bytes_debug(bytes: &[u8]) -> String {
    let shown = |byte: &u8| match byte {
        0 => "\\0".to_owned(),
        byte => byte.escape_ascii().to_string(),
    };
    bytes.iter().map(shown).collect()
}

mod the_comparison_can_fail {
    use super::*;

    const SHOWN: &str = r#"Queue(Bind(Bind { queue: "a, {\"", no_wait: true, tag: DeliveryTag(7), arguments: {} }))"#;

    fn args(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn equal_fields_agree() {
        let args = args(r#"{"queue": "a, {\"", "nowait": true, "tag": 7, "arguments": []}"#);
        assert_eq!(compare(SHOWN, &args), Ok(()));
    }

    #[test]
    fn every_field_counts() {
        for wrong in [
            r#"{"queue": "a", "nowait": true, "tag": 7, "arguments": []}"#,
            r#"{"queue": "a, {\"", "nowait": false, "tag": 7, "arguments": []}"#,
            r#"{"queue": "a, {\"", "nowait": true, "tag": 8, "arguments": []}"#,
            r#"{"queue": "a, {\"", "nowait": true, "tag": 7, "arguments": [["a", "V", null]]}"#,
            r#"{"queue": "a, {\"", "nowait": true, "tag": 7}"#,
            r#"{"queue": "a, {\"", "nowait": true, "tag": 7, "arguments": [], "more": 1}"#,
        ] {
            assert!(compare(SHOWN, &args(wrong)).is_err(), "{wrong}");
        }
    }
}
