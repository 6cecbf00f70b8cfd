//! Whatever the input, there is an answer, and never a panic.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::sync::LazyLock;

use pika_codegen::{Config, ErrorKind};
use proptest::prelude::*;
use proptest::sample::Index;

static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    common::all()
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
});

/// One way to damage a file.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    DropLine(Index),
    RepeatLine(Index),
    SwapLines(Index, Index),
    Cut(Index),
    Insert(Index, &'static str),
}

/// What is inserted.
const PIECES: &[&str] = &[
    "<",
    ">",
    "/>",
    "\"",
    "&x;",
    "&#0;",
    "<!DOCTYPE a>",
    "]]>",
    "<a>",
    "</class>",
    "reserved=\"1\" ",
];

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        any::<Index>().prop_map(Damage::DropLine),
        any::<Index>().prop_map(Damage::RepeatLine),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Damage::SwapLines(a, b)),
        any::<Index>().prop_map(Damage::Cut),
        (any::<Index>(), prop::sample::select(PIECES))
            .prop_map(|(at, piece)| Damage::Insert(at, piece)),
    ]
}

fn apply(file: &mut Vec<u8>, damage: &Damage) {
    if file.is_empty() {
        return;
    }
    let mut lines: Vec<Vec<u8>> = file
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    match damage {
        Damage::Flip(at, byte) => {
            let at = at.index(file.len());
            file[at] ^= byte;
            return;
        }
        Damage::Cut(at) => return file.truncate(at.index(file.len())),
        Damage::Insert(at, piece) => {
            let at = at.index(file.len());
            file.splice(at..at, piece.bytes());
            return;
        }
        Damage::DropLine(at) => drop(lines.remove(at.index(lines.len()))),
        Damage::RepeatLine(at) => {
            let at = at.index(lines.len());
            lines.insert(at, lines[at].clone());
        }
        Damage::SwapLines(a, b) => {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
        }
    }
    *file = lines.concat();
}

/// Generates, and holds the answer to its promises.
fn generate(file: Vec<u8>) {
    let lines = file.split(|byte| *byte == b'\n').count();
    let Err(error) = Config::new().source("damaged.xml", file).generate() else {
        return;
    };
    assert_ne!(error.kind(), ErrorKind::Output, "{error}");
    assert_eq!(error.file(), "damaged.xml");
    assert!(
        error.place().is_some_and(|place| place.line <= lines),
        "{error}"
    );
    assert!(error.to_string().starts_with("damaged.xml:"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_give_code_or_an_error_with_a_place(
        which in any::<Index>(),
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        let mut file = which.get(FILES.as_slice()).clone();
        damages.iter().for_each(|damage| apply(&mut file, damage));
        generate(file);
    }

    #[test]
    fn noise_gives_an_error(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        generate(noise);
    }

    #[test]
    fn any_names_and_texts_give_code_or_an_error(
        names in prop::collection::vec("[A-Za-z0-9 _-]{1,12}", 6),
        ty in "bit|octet|short|long|longlong|shortstr|longstr|table|timestamp|content|d",
        text in "[ -~\n]{0,200}",
    ) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let [class, method, reply, field, other, domain] = &names[..] else { return Ok(()) };
        generate(format!(
            "<amqp major='0' minor='9' port='1'>\
             <constant name='{other}' value='7'><doc>{text}</doc></constant>\
             <domain name='{domain}' type='{ty}'/>\
             <class name='{class}' handler='channel' index='1'><doc>{text}</doc>\
             <field name='{field}' type='table'/>\
             <method name='{method}' index='1' content='1'>{text}\
             <chassis name='server' implement='MUST'/><response name='{reply}'/>\
             <field name='{field}' domain='{domain}'><doc>{text}</doc></field>\
             <field name='{other}' type='{ty}'/></method>\
             <method name='{reply}' index='2'><chassis name='client' implement='MUST'/></method>\
             </class></amqp>"
        ).into_bytes());
    }
}

#[test]
fn deep_and_large_files_are_refused() {
    let deep = format!("<amqp>{}", "<class>".repeat(100_000));
    generate(deep.into_bytes());
    let large = Config::new()
        .source("large.xml", vec![b' '; 9 << 20])
        .generate()
        .unwrap_err();
    assert_eq!(
        large.to_string(),
        "large.xml: a file of 9437184 bytes; expected at most 8388608"
    );
}
