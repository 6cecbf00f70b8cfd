//! The example `dump`: it shows every vector in words and writes it as it came.

use pika::method::Spec;

use crate::shown;
use crate::vectors::{is_unknown, vectors};

#[allow(dead_code, reason = "its `main` reads standard input")]
#[path = "../../examples/dump.rs"]
mod example;

in_each_version! {
    every_vector_is_shown_and_written_as_it_came
    an_unknown_method_is_shown_by_its_number
    a_known_method_with_bad_arguments_is_a_bad_frame
}

/// The three columns of a line, or what is wrong with it.
fn columns<S: Spec>(hex: &str) -> Result<[String; 3], String> {
    let line = example::translate::<S>(hex).map_err(|problem| problem.to_string())?;
    let columns: Vec<_> = line.split('\t').map(str::to_owned).collect();
    Ok(columns.try_into().unwrap())
}

fn every_vector_is_shown_and_written_as_it_came<S: Spec>() {
    for vector in vectors::<S>() {
        let hex = vector["hex"].as_str().unwrap();
        let [channel, words, written] = columns::<S>(hex).unwrap();
        assert_eq!(written, hex, "{vector}");

        let of_none = vector["kind"] == "protocol-header";
        let expected = vector["channel"].as_u64().unwrap_or_default().to_string();
        assert_eq!(channel, if of_none { "-" } else { &expected }, "{vector}");

        let name = if is_unknown(&vector) {
            "method"
        } else {
            vector["name"].as_str().unwrap()
        };
        assert_eq!(words.split(' ').next(), Some(name), "{vector}");
        if matches!(vector["kind"].as_str(), Some("method" | "header")) && !is_unknown(&vector) {
            assert_eq!(shown::compare(&words, &vector["args"]), Ok(()), "{vector}");
        }
    }
}

fn an_unknown_method_is_shown_by_its_number<S: Spec>() {
    for (hex, expected) in [
        (
            "01000100000008003c00c989abcdefce",
            r#"method 60/201 "\x89\xab\xcd\xef""#,
        ),
        ("0100010000000500fa000a61ce", r#"method 250/10 "a""#),
        ("0100010000000400fa000ace", r#"method 250/10 """#),
    ] {
        let line = ["1", expected, hex].map(str::to_owned);
        assert_eq!(columns::<S>(hex), Ok(line));
    }
}

/// `channel.close` 20/40 that ends in its text, and one with a byte behind it.
fn a_known_method_with_bad_arguments_is_a_bad_frame<S: Spec>() {
    let short = columns::<S>("010001000000080014002800c80261ce");
    let found = "byte 14: method 20/40: expected 2 more bytes, found 1";
    assert_eq!(short, Err(found.to_owned()));
    let long = columns::<S>("0100010000000c0014002800c8000000000000ce");
    let found = "byte 18: method 20/40: expected the end, found 1 more bytes";
    assert_eq!(long, Err(found.to_owned()));
}
