//! House rules that no compiler checks, over the text of `src/` and `codegen/src/`.
//!
//! Each rule is a function from a file to its complaints and is tested below with a text that
//! breaks it. Rules look at the code of a file: comments, contents of literals and test modules
//! are blanked first, except where a rule says otherwise.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic, and its helpers with it"
)]

mod circles;
mod original;
mod text;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use text::{blank, line_of, lines_with, split_group, without_items, words};

/// No file is longer, tests and comments included.
const LONGEST_FILE: usize = 500;

/// Which room may name which: `(room, rooms it may use)`. Each room uses only rooms above it, so
/// there is no circle; [`the_rooms_form_no_circle`] makes sure of that.
const ROOMS: &[(&str, &str)] = &[
    // Switches for faults that tests want, by a macro that has no path.
    ("mutants", ""),
    ("wire", ""),
    ("method", "wire"),
    ("frame", "wire method"),
    ("versions", "wire method"),
    ("config", "wire"),
    ("error", "wire method frame versions config"),
    ("protocol", "wire method frame versions config error"),
    (
        "connection",
        "wire method frame versions config error protocol",
    ),
    ("tls", "wire method frame versions config error"),
    (
        "client",
        "wire method frame versions config error protocol connection tls",
    ),
    (
        "dial",
        "wire method frame versions config error protocol connection",
    ),
    (
        "recovery",
        "wire method frame versions config error protocol connection",
    ),
    (
        "adapters",
        "wire method frame versions config error protocol connection tls client dial recovery",
    ),
    (
        "blocking",
        "wire method frame versions config error protocol connection tls client dial recovery adapters",
    ),
    // A peer must not share the code it tests: no protocol, no connection.
    ("broker", "wire method frame versions"),
];

/// Where rooms meet that must not know each other: a file, and the room it may use besides.
const MEETINGS: &[(&str, &str)] = &[
    ("src/adapters/loopback.rs", "broker"),
    ("src/broker/sealed.rs", "tls"),
];

/// Names at the root of the crate that stand for a room.
const ALIASES: &[(&str, &str)] = &[
    ("v0_8", "versions"),
    ("v0_9_1", "versions"),
    ("amqp", "versions"),
    ("Selected", "versions"),
    ("UnknownVersion", "versions"),
    ("VERSIONS", "versions"),
    ("__if_0_9_1", "versions"),
    ("__if_0_8", "versions"),
    ("table", "wire"),
];

/// Names at the root of the crate that every room may use.
const COMMON: &[&str] = &["bytes"];

/// Rooms that build without the standard library.
const NO_STD: &[&str] = &["wire", "frame", "method", "versions"];

/// What library code does not say; `expect` has a rule of its own.
const FORBIDDEN_CODE: &[&str] = &[
    ".unwrap()",
    "todo!",
    "unimplemented!",
    "dbg!",
    "unsafe {",
    "unsafe fn",
];

/// What no file says, comments included.
const FORBIDDEN_WORDS: &[&str] = &["TODO", "FIXME", "XXX", "HACK"];

struct File {
    /// From the root of the package, with `/`.
    path: String,
    /// As it stands on disk.
    text: String,
    /// The text with comments, literals and test modules blanked; the same lines.
    code: String,
}

type Rule = fn(&File) -> Vec<String>;

const RULES: &[Rule] = &[
    is_not_too_long,
    names_versions_in_one_place,
    does_without_std,
    uses_rooms_above_only,
    does_not_panic_by_name,
    expects_with_a_message,
    has_no_forbidden_word,
];

#[test]
fn the_house_is_tidy() {
    let files = files();
    assert!(
        files.iter().any(|file| file.path == "src/lib.rs")
            && files.iter().any(|file| file.path == "codegen/src/lib.rs"),
        "the sources are where this test looks for them"
    );
    let mut complaints = String::new();
    for file in &files {
        for rule in RULES {
            for complaint in rule(file) {
                let _ = writeln!(complaints, "{}: {complaint}", file.path);
            }
        }
    }
    assert!(complaints.is_empty(), "\n{complaints}");
}

#[test]
fn the_rooms_form_no_circle() {
    for (at, (room, uses)) in ROOMS.iter().enumerate() {
        for used in uses.split_whitespace() {
            assert!(
                ROOMS[..at].iter().any(|(above, _)| *above == used),
                "{room} uses {used}, which does not stand above it"
            );
        }
    }
}

fn is_not_too_long(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    if lines > LONGEST_FILE {
        return vec![format!("{lines} lines, the most is {LONGEST_FILE}")];
    }
    Vec::new()
}

/// Looks at the text too, because the name of a feature is a literal. Examples in documentation
/// and tests may ask which versions they run with.
fn names_versions_in_one_place(file: &File) -> Vec<String> {
    if !file.path.starts_with("src/") || file.path == "src/versions.rs" {
        return Vec::new();
    }
    file.text
        .match_indices("feature = \"amqp")
        .filter(|(at, _)| file.code[*at..].starts_with("feature"))
        .map(|(at, _)| line_of(&file.text, at))
        .map(|line| format!("line {line}: versions are switched in src/versions.rs alone"))
        .collect()
}

fn does_without_std(file: &File) -> Vec<String> {
    if !room(&file.path).is_some_and(|room| NO_STD.contains(&room)) {
        return Vec::new();
    }
    let code = without_items(&file.text, &file.code, "#[cfg(feature = \"std\")]");
    words(&code)
        .filter(|word| word.text == "std" && code[word.end..].starts_with("::"))
        .map(|word| format!("line {}: std:: in a room without std", word.line))
        .collect()
}

fn uses_rooms_above_only(file: &File) -> Vec<String> {
    let Some(room) = room(&file.path) else {
        return Vec::new();
    };
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!(
            "{room} is no room; add it to ROOMS in tests/tidy.rs"
        )];
    };
    let mut complaints = Vec::new();
    for (line, name) in names_from_the_root(&file.code) {
        let used = ALIASES
            .iter()
            .find(|(alias, _)| *alias == name)
            .map_or(name, |(_, room)| room);
        let allowed = allowed.split(' ').any(|room| room == used)
            || MEETINGS.contains(&(file.path.as_str(), used));
        if used != room && !allowed && !COMMON.contains(&used) {
            complaints.push(format!("line {line}: {room} must not use {used}"));
        }
    }
    complaints
}

fn does_not_panic_by_name(file: &File) -> Vec<String> {
    FORBIDDEN_CODE
        .iter()
        .flat_map(|pattern| {
            lines_with(&file.code, pattern).map(move |line| format!("line {line}: {pattern}"))
        })
        .collect()
}

/// The message is a literal, so that it can be read where it is written. A type's own method of
/// that name, called on `self`, is none of `Option` and `Result`.
fn expects_with_a_message(file: &File) -> Vec<String> {
    let mut complaints = Vec::new();
    for (at, call) in file.code.match_indices(".expect(") {
        let argument = file.code[at + call.len()..].trim_start();
        if file.code[..at].ends_with("self") {
            continue;
        }
        if !argument.starts_with('"') || argument.starts_with("\"\"") {
            let line = line_of(&file.code, at);
            complaints.push(format!("line {line}: expect without a message"));
        }
    }
    complaints
}

/// Looks at the whole text, comments above all.
fn has_no_forbidden_word(file: &File) -> Vec<String> {
    words(&file.text)
        .filter(|word| FORBIDDEN_WORDS.contains(&word.text))
        .map(|word| format!("line {}: {}", word.line, word.text))
        .collect()
}

/// Every Rust file of the two crates; those that hold nothing but tests have no code to judge.
fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for start in ["src", "codegen/src"] {
        collect(root, start, &mut files);
    }
    files
}

fn collect(root: &Path, directory: &str, files: &mut Vec<File>) {
    let mut entries: Vec<_> = fs::read_dir(root.join(directory))
        .unwrap()
        .map(|entry| entry.unwrap())
        .collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = format!("{directory}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(root, &path, files);
        } else if path.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).unwrap();
            files.push(File::new(path, text));
        }
    }
}

impl File {
    fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let tests_only = path.ends_with("/tests.rs") || path.contains("/tests/");
        let code = if tests_only {
            " ".repeat(text.len())
        } else {
            without_items(&text, &blank(&text), "#[cfg(test)]")
        };
        Self { path, text, code }
    }
}

/// The room a file belongs to; none for the front page and for other crates.
fn room(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let room = inside.split('/').next()?.trim_end_matches(".rs");
    (room != "lib").then_some(room)
}

/// What follows `crate::`, one name for each branch of a group.
fn names_from_the_root(code: &str) -> Vec<(usize, &str)> {
    let mut names = Vec::new();
    for word in words(code).filter(|word| word.text == "crate") {
        let Some(path) = code[word.end..].strip_prefix("::") else {
            continue;
        };
        if let Some(group) = path.strip_prefix('{') {
            let mut depth = 1;
            let mut expects_name = true;
            for part in split_group(group) {
                match part {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    "," => expects_name = depth == 1,
                    name if expects_name => {
                        names.push((word.line, name));
                        expects_name = false;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
        } else if let Some(name) = words(path).next() {
            names.push((word.line, name.text));
        }
    }
    names
}

mod each_rule_can_fail {
    use super::*;

    #[track_caller]
    fn check(rule: Rule, path: &str, text: &str, complaints: usize) {
        let file = File::new(path, text);
        assert_eq!(rule(&file).len(), complaints, "{:?}", rule(&file));
    }

    #[test]
    fn a_long_file() {
        check(is_not_too_long, "src/a.rs", &"\n".repeat(LONGEST_FILE), 0);
        check(
            is_not_too_long,
            "src/a.rs",
            &"\n".repeat(LONGEST_FILE + 1),
            1,
        );
    }

    #[test]
    fn a_version_outside_the_switch() {
        let text = "#[cfg(feature = \"amqp0-8\")]\nmod old;";
        check(names_versions_in_one_place, "src/wire/mod.rs", text, 1);
        check(names_versions_in_one_place, "src/versions.rs", text, 0);
        let text = "/// # #[cfg(feature = \"amqp0-8\")]\n#[cfg(feature = \"std\")]";
        check(names_versions_in_one_place, "src/wire/mod.rs", text, 0);
    }

    #[test]
    fn std_in_a_bare_room() {
        let text = "use std::io;\nfn f() { std::mem::drop(()) }";
        check(does_without_std, "src/wire/long.rs", text, 2);
        check(does_without_std, "src/method.rs", text, 2);
        check(does_without_std, "src/config/uri.rs", text, 0);
        let text = "//! std::io\n#[cfg(test)]\nmod tests { use std::io; }";
        check(does_without_std, "src/frame/mod.rs", text, 0);
        let text = "#[cfg(feature = \"std\")]\nimpl std::io::Write for A {}\nstd::f();";
        check(does_without_std, "src/wire/mod.rs", text, 1);
        let text = "#[cfg(test)]\nmod tests { fn f() {} }\nuse std::io;";
        check(does_without_std, "src/frame/mod.rs", text, 1);
    }

    #[test]
    fn an_arrow_that_points_up() {
        let rule = uses_rooms_above_only;
        check(rule, "src/wire/long.rs", "use crate::frame::Frame;", 1);
        check(rule, "src/frame/mod.rs", "use crate::wire::Reader;", 0);
        check(
            rule,
            "src/config/mod.rs",
            "use crate::{wire::A, frame::{B, wire}};",
            1,
        );
        check(
            rule,
            "src/config/mod.rs",
            "use crate::{\n    bytes,\n    Error,\n};",
            1,
        );
        check(
            rule,
            "src/wire/mod.rs",
            "fn f(_: crate::v0_8::Method) {}",
            1,
        );
        check(
            rule,
            "src/broker/mod.rs",
            "use crate::connection::Connection;",
            1,
        );
        let text = "use crate::broker::loopback::Peer;";
        check(rule, "src/adapters/loopback.rs", text, 0);
        check(rule, "src/adapters/driver.rs", text, 1);
        check(rule, "src/wire/mod.rs", "//! See [`crate::frame`].", 0);
        check(rule, "src/attic/mod.rs", "", 1);
        check(rule, "src/lib.rs", "pub use crate::frame::Frame;", 0);
        check(
            rule,
            "codegen/src/emit/mod.rs",
            "use crate::model::Model;",
            0,
        );
    }

    #[test]
    fn a_panic_by_name() {
        let text = "fn f() { a.unwrap(); dbg!(b); todo!() }";
        check(does_not_panic_by_name, "src/wire/mod.rs", text, 3);
        let text = "/// `a.unwrap()`\nfn f() { \"todo!\"; a.unwrap_or(1); }";
        check(does_not_panic_by_name, "src/wire/mod.rs", text, 0);
        let text = "#[cfg(test)]\nmod tests {\n    fn f() { a.unwrap() }\n}\n";
        check(does_not_panic_by_name, "src/wire/mod.rs", text, 0);
        check(does_not_panic_by_name, "src/wire/tests.rs", "a.unwrap()", 0);
    }

    #[test]
    fn an_expect_that_says_nothing() {
        let rule = expects_with_a_message;
        check(rule, "src/a.rs", "a.expect(\"at most INLINE\")", 0);
        check(rule, "src/a.rs", "a.expect(\n    \"at most INLINE\",\n)", 0);
        check(rule, "src/a.rs", "a.expect(\"\")", 1);
        check(rule, "src/a.rs", "a.expect(message)", 1);
        check(rule, "src/a.rs", "self.expect(effect, shared)", 0);
    }

    #[test]
    fn a_word_we_do_not_use() {
        let rule = has_no_forbidden_word;
        check(rule, "src/a.rs", "// TODO: later", 1);
        check(rule, "src/a.rs", "// TODOS and HACKNEY", 0);
    }
}
