//! Small faults in the core and the asynchronous front end, to see that the simulation finds them.
//!
//! ```text
//! RUSTFLAGS="--cfg pika_mutants" cargo test --release --all-features \
//!     --test simulation mutants -- --nocapture
//! ```
//!
//! The places are marked in the source with `mutant!`. This program runs its own simulations once for
//! each, in a process that has the fault.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

#[path = "../recovery/faults.rs"]
mod recovery;

/// Seeds that a fault may hide from.
const SEEDS: &str = "5000";

/// Those that only publisher confirms can show, which 0-8 does not have.
const OF_CONFIRMS: [&str; 4] = [
    "publishes are numbered from 2",
    "open publishes are forgotten at the close",
    "a return is taken for the oldest publish",
    "one publish too many counts as resolved",
];

const CORE: [&str; 10] = [
    "publishes are numbered from 2",
    "the life of a channel is ignored",
    "late replies are handed out",
    "a stopped channel is not stopped",
    "a channel.close is not answered",
    "calls have no deadline",
    "open publishes are forgotten at the close",
    "body frames are too large",
    "deliveries from before a recover can be settled",
    "a return is taken for the oldest publish",
];

const ASYNCHRONOUS: [&str; 13] = [
    "output does not wake the driver",
    "the first waker of a caller is kept",
    "the first waker of a consumer is kept",
    "a ticket that is ready wakes nothing",
    "a dropped call is not abandoned",
    "an inbox stays full when it is emptied",
    "one publish too many counts as resolved",
    "messages of a dropped consumer do not go back",
    "the end of a channel wakes nothing",
    "publishers wait without a deadline",
    "consumers wait without a deadline",
    "a driver that has read does not come back",
    "a full inbox does not stop reading",
];

#[test]
fn mutants_of_the_core_are_found() {
    all_are_found(&CORE, "nothing_breaks");
}

#[test]
fn mutants_of_the_asynchronous_front_end_are_found() {
    all_are_found(&ASYNCHRONOUS, "no_task_hangs");
}

#[test]
fn the_mutants_are_those_of_the_source() {
    let mut found = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    names_in(&source, &mut found);
    // Those of recovery are looked for by its own tests.
    let listed = CORE.iter().chain(&ASYNCHRONOUS).chain(&recovery::RECOVERY);
    let listed: BTreeSet<String> = listed.map(|&name| name.to_owned()).collect();
    assert_eq!(found, listed);
}

fn names_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for after in text.split("mutant!(").skip(1) {
                if let Some(name) = after.trim_start().strip_prefix('"') {
                    let name = name.split('"').next().unwrap().to_owned();
                    assert!(found.insert(name), "twice: {after}");
                }
            }
        }
    }
}

/// Each has to be found in each version by itself, but for those of confirms.
fn all_are_found(mutants: &[&str], tests: &str) {
    let mut hiding = 0;
    for &name in mutants {
        let said = run_with(name, tests);
        for version in ["0_9_1", "0_8"] {
            if version == "0_8" && OF_CONFIRMS.contains(&name) {
                println!("{name}: 0_8 has no confirms");
                continue;
            }
            let seed = seed_that_finds(&said, version);
            hiding += usize::from(seed.is_none());
            match seed {
                Some(seed) => println!("{name}: {version} finds it with seed {seed}"),
                None => println!("{name}: {version} does not find it in {SEEDS} seeds"),
            }
        }
    }
    assert_eq!(hiding, 0, "mutants that hide");
}

/// What the simulation reports in a process that has the fault.
fn run_with(name: &str, tests: &str) -> String {
    let run = Command::new(env::current_exe().unwrap())
        .arg(tests)
        .env("PIKA_SEEDS", SEEDS)
        .env("PIKA_MUTANT", name)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(
        said.contains("running 2 tests"),
        "{name} does not run: {said}"
    );
    said.into_owned()
}

/// The first seed of this version that found the fault; seeds are tried in order.
fn seed_that_finds(said: &str, version: &str) -> Option<u64> {
    let rest = said.split_once(&format!("_in_{version}, seed "))?.1;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
