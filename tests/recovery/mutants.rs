//! Runs the tests of this program once for each fault, in a process that has it: some test has to fail, and
//! each test that is named after a promise has to fail for some fault.
//!
//! ```text
//! RUSTFLAGS="--cfg pika_mutants" cargo test --release --all-features --test recovery mutants -- --nocapture
//! ```

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

use crate::faults::RECOVERY;

#[test]
fn every_fault_is_found_and_every_promise_can_fail() {
    let (mut hiding, mut failing) = (Vec::new(), BTreeSet::new());
    for name in RECOVERY {
        let found = failing_with(name);
        println!("{name}: {found:?}");
        if found.is_empty() {
            hiding.push(name);
        }
        failing.extend(found);
    }
    assert_eq!(hiding, [""; 0], "faults that hide");
    let all: BTreeSet<String> = promises().collect();
    let never: Vec<_> = all.difference(&failing).collect();
    assert_eq!(never, [""; 0], "tests that no fault fails");
}

/// The tests that fail in a process with a fault, those that hang included.
fn failing_with(name: &str) -> Vec<String> {
    for tests in ["promises::", "seeds::"] {
        let (said, hangs) = run(&[tests, "--test-threads", "2"], name);
        let lines = said.lines();
        let failed = lines.filter(|line| line.starts_with("test ") && line.ends_with("FAILED"));
        let names = failed.filter_map(|line| line.split(' ').nth(1));
        let mut found: Vec<String> = names.map(str::to_owned).collect();
        if hangs {
            found.push(format!("one of {tests} waits for ever"));
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn promises() -> impl Iterator<Item = String> {
    let (said, _) = run(&["--list"], "");
    let names: Vec<_> = said
        .lines()
        .filter_map(|line| Some(line.strip_suffix(": test")?.to_owned()))
        .filter(|name| name.starts_with("promises::") && name.contains("::p"))
        .collect();
    names.into_iter()
}

/// What the tests print with a fault, and whether they did not end.
fn run(arguments: &[&str], fault: &str) -> (String, bool) {
    let output = Command::new("timeout")
        .arg("60")
        .arg(env::current_exe().unwrap())
        .args(arguments)
        .env("PIKA_MUTANT", fault)
        .env("PIKA_SEEDS", "100")
        .env("RUST_BACKTRACE", "0")
        .output()
        .expect("the tests run");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (said, output.status.code() == Some(124))
}
