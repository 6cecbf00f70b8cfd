//! What is committed of the output is what is generated today.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::path::Path;

use pika_codegen::{Config, Diff};

/// How to renew the copies.
const BLESS: &str = "PIKA_BLESS=1 cargo test -p pika-codegen --test golden";

/// Compares with the committed copy, or renews it when asked to.
fn fresh(path: &Path, text: &str) {
    if std::env::var_os("PIKA_BLESS").is_some() {
        std::fs::write(path, text).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let Some(line) = first_difference(&committed, text) else {
        return;
    };
    panic!(
        "{} is out of date from line {line} on; if that is meant, run\n    {BLESS}",
        path.display()
    );
}

fn first_difference(old: &str, new: &str) -> Option<usize> {
    let same = old
        .lines()
        .zip(new.lines())
        .take_while(|(old, new)| old == new)
        .count();
    (old != new).then_some(same + 1)
}

fn golden(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(file)
}

#[test]
fn the_code_for_0_8_is_as_committed() {
    fresh(&golden("amqp0-8.rs"), &common::own_code("amqp0-8.xml"));
}

#[test]
fn the_code_for_0_9_1_is_as_committed() {
    fresh(&golden("amqp0-9-1.rs"), &common::own_code("amqp0-9-1.xml"));
}

#[test]
fn the_differences_between_the_versions_are_as_committed() {
    let config = |file| Config::new().spec(common::top(file));
    let diff = Diff::new(&config("amqp0-8.xml"), &config("amqp0-9-1.xml")).unwrap();
    let text = format!(
        "# From AMQP 0-8 to 0-9-1\n\n\
         What `pika-spec diff amqp0-8.xml amqp0-9-1.xml` says; a test keeps this page up to date.\n\
         Both files include the additions of RabbitMQ, see [specs.md](specs.md).\n\n{diff}"
    );
    fresh(&common::top("docs/0-8-to-0-9-1.md"), &text);
}
