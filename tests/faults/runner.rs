//! Runs a test and compares its result with the list.

use std::any::type_name;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// The tests that fail today, one name a line.
const EXPECTED: &str = include_str!("expected.txt");

/// How long a test may take; one that takes longer has failed.
const DEADLINE: Duration = Duration::from_secs(20);

/// Runs a test, which fails if the list does not say what happens.
///
/// The closure must be written in the test itself, because the test's name is read off its type.
pub(crate) fn fault<F: FnOnce() + Send + 'static>(body: F) {
    let name = type_name::<F>().trim_end_matches("::{{closure}}");
    let (_, name) = name.split_once("::").unwrap();
    let listed = expected().any(|line| line == name);
    match (run(body), listed) {
        (Ok(()), false) => {}
        (Err(why), true) => println!("fails as listed: {name}: {why}"),
        (Ok(()), true) => {
            panic!("passes now: take {name} off the list in tests/faults/expected.txt")
        }
        (Err(why), false) => panic!("{name}: {why}"),
    }
}

/// Runs a test on a thread of its own. What it prints is captured with the output of the caller.
fn run(body: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let (ended, end) = channel();
    thread::spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(body));
        let _ = ended.send(result.map_err(|payload| {
            let text = payload
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned());
            let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
            text.unwrap_or_default()
        }));
    });
    let late = |_| Err(format!("it did not end within {DEADLINE:?}"));
    end.recv_timeout(DEADLINE).unwrap_or_else(late)
}

fn expected() -> impl Iterator<Item = &'static str> {
    let lines = EXPECTED.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn every_listed_name_is_a_test() {
    let program = std::env::current_exe().unwrap();
    let listing = Command::new(program).arg("--list").output().unwrap();
    let listing = String::from_utf8(listing.stdout).unwrap();
    let is_test = |name: &str| {
        listing
            .lines()
            .any(|line| line.strip_suffix(": test") == Some(name))
    };
    let unknown: Vec<_> = expected().filter(|name| !is_test(name)).collect();
    assert!(unknown.is_empty(), "no such tests: {unknown:#?}");
    let mut names: Vec<_> = expected().collect();
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before, "a name is listed twice");
}

/// A test of a function for each style of programming.
macro_rules! in_styles {
    ($job:ident: $($module:ident $style:ident)*) => {
        mod $job {
            $(#[test] fn $module() {
                $crate::runner::fault(|| super::$job::<$crate::styles::$style>());
            })*
        }
    };
    ($job:ident) => {
        in_styles! {
            $job: blocking Blocking background Background callbacks Callbacks tokio TokioCurrentThread
        }
    };
}
