//! The command `pika-spec`, run as a program.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::ffi::OsStr;
use std::process::{Command, Output};

fn run<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pika-spec"))
        .args(arguments)
        .output()
        .unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn check_says_what_every_file_contains() {
    let output = run([&OsStr::new("check").into()]
        .into_iter()
        .chain(&common::all()));
    assert_eq!(status(&output), 0, "{}", text(&output.stderr));
    let lines: Vec<_> = text(&output.stdout).lines().collect();
    assert_eq!(lines.len(), 9);
    assert!(
        lines[0].ends_with(": AMQP 0-8, 12 classes, 89 methods, 26 constants"),
        "{}",
        lines[0]
    );
    assert!(
        lines[8].ends_with(": AMQP 0-9-1, 8 classes, 66 methods, 25 constants"),
        "{}",
        lines[8]
    );
}

#[test]
fn check_goes_on_after_a_bad_file() {
    let good = common::top("amqp0-8.xml");
    let output = run([
        OsStr::new("check"),
        OsStr::new("/no/such.xml"),
        good.as_os_str(),
    ]);
    assert_eq!(status(&output), 3);
    assert!(text(&output.stderr).starts_with("/no/such.xml: the file cannot be read"));
    assert_eq!(text(&output.stdout).lines().count(), 1);
}

#[test]
fn generate_writes_to_a_file_what_it_writes_to_standard_output() {
    let spec = common::top("amqp0-9-1.xml");
    let out = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated.rs");
    let shown = run([
        OsStr::new("generate"),
        spec.as_os_str(),
        "--runtime".as_ref(),
        "crate".as_ref(),
    ]);
    let options = [
        "--runtime".as_ref(),
        "crate".as_ref(),
        "-o".as_ref(),
        out.as_os_str(),
        spec.as_os_str(),
    ];
    let written = run([OsStr::new("generate")].into_iter().chain(options));
    assert_eq!((status(&shown), status(&written)), (0, 0));
    assert_eq!(text(&shown.stdout), common::own_code("amqp0-9-1.xml"));
    assert_eq!(std::fs::read_to_string(out).unwrap(), text(&shown.stdout));
    assert!(written.stdout.is_empty());
}

#[test]
fn the_status_of_diff_tells_how_much_it_matters() {
    let (old, new) = (common::top("amqp0-8.xml"), common::top("amqp0-9-1.xml"));
    let diff = |old: &std::path::Path, new: &std::path::Path| {
        status(&run([OsStr::new("diff"), old.as_os_str(), new.as_os_str()]))
    };
    let reworded = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("reworded.xml");
    let spec = std::fs::read_to_string(&new).unwrap();
    std::fs::write(
        &reworded,
        spec.replacen("Creates a queue", "Makes a queue", 1),
    )
    .unwrap();
    assert_eq!(diff(&new, &new), 0);
    assert_eq!(diff(&new, &reworded), 1);
    assert_eq!(diff(&old, &new), 2);
    assert_eq!(diff(&old, "missing.xml".as_ref()), 3);
}

#[test]
fn wrong_use_says_what_is_wrong_and_how_it_is_used() {
    let cases: [(&[&str], &str); 8] = [
        (&[], "no command"),
        (&["generat"], "unknown command `generat`"),
        (&["check"], "check: no file"),
        (&["generate"], "generate: no file"),
        (
            &["generate", "a.xml", "b.xml"],
            "generate: a second file, `b.xml`",
        ),
        (
            &["generate", "a.xml", "-o"],
            "generate: `-o` without a value",
        ),
        (&["generate", "--fast"], "generate: unknown option `--fast`"),
        (&["diff", "a.xml"], "diff: 1 files instead of two"),
    ];
    for (arguments, problem) in cases {
        let output = run(arguments);
        assert_eq!(status(&output), 3, "{arguments:?}");
        let stderr = text(&output.stderr);
        assert!(
            stderr.starts_with(&format!("pika-spec: {problem}\n\nusage: ")),
            "{stderr}"
        );
    }
    let help = run(["--help"]);
    assert!(status(&help) == 0 && text(&help.stdout).starts_with("usage: "));
}
