//! Small faults put into the core and the asynchronous front end, to see that the simulation finds
//! them.
//!
//! ```text
//! RUSTFLAGS="--cfg pika_mutants" cargo test --release --all-features \
//!     --test simulation mutants -- --nocapture
//! ```
//!
//! Each is put into a copy of the project, which is built and run; that takes some minutes, so it is
//! not done with the other tests.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Seeds that a fault may hide from.
const SEEDS: &str = "2000";

/// What is changed: a name, the file, and the text before and after.
type Mutant = (&'static str, &'static str, &'static str, &'static str);

/// Those that only publisher confirms can show, which 0-8 does not have.
const OF_CONFIRMS: [&str; 4] = [
    "publishes are numbered from 2",
    "open publishes are forgotten at the close",
    "what comes back is taken for the oldest publish",
    "one publish too many counts as resolved",
];

const CORE: [Mutant; 10] = [
    (
        "publishes are numbered from 2",
        "src/connection/channel/confirms.rs",
        "            base: 1,\n            next: 1,",
        "            base: 2,\n            next: 2,",
    ),
    (
        "the life of a channel is not looked at",
        "src/connection/channels.rs",
        "Some(channel) if channel.key == key => Ok(channel),",
        "Some(channel) if channel.key.id == key.id => Ok(channel),",
    ),
    (
        "late replies are handed out",
        "src/connection/calls.rs",
        "        match call.filter(|call| !call.abandoned) {",
        "        match call {",
    ),
    (
        "a stopped channel is not stopped",
        "src/connection/channel/inbound.rs",
        "        self.flow = active;",
        "        self.flow = true;",
    ),
    (
        "a server's close of a channel is not answered",
        "src/connection/channel/inbound.rs",
        "        shared.output.answer(self.key.id, &P::channel_close_ok());",
        "",
    ),
    (
        "calls have no deadline",
        "src/connection/shared.rs",
        "        if let Some(deadline) = deadline {",
        "        if let Some(deadline) = deadline.filter(|_| false) {",
    ),
    (
        "open publishes are forgotten at the close",
        "src/connection/channel/mod.rs",
        "        self.lose_confirms(reason, shared);",
        "        self.confirms = None;",
    ),
    (
        "body frames are 8 bytes too large",
        "src/frame/encode.rs",
        "as usize) - OVERHEAD",
        "as usize) + 1",
    ),
    (
        "what was delivered before a recovery can be settled",
        "src/connection/channel/settle.rs",
        "self.recovering == 0 && tag.0 > self.settled",
        "tag.0 > 0",
    ),
    (
        "what comes back is taken for the oldest publish",
        "src/connection/channel/confirms.rs",
        "if *sent == print => return",
        "if *sent == print || true => return",
    ),
];

const ASYNCHRONOUS: [Mutant; 13] = [
    (
        "output does not wake the driver",
        "src/adapters/asynchronous/link.rs",
        "let wanted = self.attention || (!parked.writing && self.core.wants_write());",
        "let wanted = self.attention;",
    ),
    (
        "the first waker of a caller is kept",
        "src/adapters/session/mod.rs",
        "match self.calls.get_mut(&call) {\n            Some(known) => known.clone_from(waker),",
        "match self.calls.get_mut(&call) {\n            Some(_) => {}",
    ),
    (
        "the first waker of a consumer is kept",
        "src/adapters/session/inbox.rs",
        "Some(known) => known.clone_from(waker),",
        "Some(_) => {}",
    ),
    (
        "who waits for room is not woken",
        "src/adapters/session/mod.rs",
        "                self.woken.extend(self.tickets.remove(&ticket));",
        "                drop(self.tickets.remove(&ticket));",
    ),
    (
        "a call that is given up is not abandoned",
        "src/adapters/asynchronous/reply.rs",
        "                    state.core.abandon(call, now);",
        "                    let _ = now;",
    ),
    (
        "an inbox stays full when it is emptied",
        "src/adapters/session/consumers.rs",
        "            inbox.swap(queue);\n            self.full.remove(&consumer);",
        "            inbox.swap(queue);",
    ),
    (
        "one publish too many counts as resolved",
        "src/adapters/session/publishes.rs",
        ".store(self.base, Ordering::Release)",
        ".store(self.base + 1, Ordering::Release)",
    ),
    (
        "what a dropped consumer has not handed out does not go back",
        "src/adapters/asynchronous/consumer.rs",
        "            state.give_back(key, batch.into_iter().chain(inbox));",
        "            drop((batch, inbox));",
    ),
    (
        "who waits for a channel's end is not told",
        "src/adapters/session/mod.rs",
        "reason: &Arc<Closed>) {\n        if let Some(target) = self.channels.get_mut(&channel) {\n            target.changes.wake(&mut self.woken);\n        }",
        "reason: &Arc<Closed>) {",
    ),
    (
        "nobody looks at how long publishers wait",
        "src/connection/mod.rs",
        "                let ticket = self.shared.tickets.deadline();",
        "                let ticket = None;",
    ),
    (
        "nobody looks at how long consumers wait",
        "src/adapters/asynchronous/driver.rs",
        "                state.session.expecting.deadline(),",
        "",
    ),
    (
        "a driver that has read does not come back",
        "src/adapters/asynchronous/driver.rs",
        "        R::yield_now(cx);",
        "",
    ),
    (
        "reading goes on whatever waits",
        "src/adapters/asynchronous/driver.rs",
        "!session.is_full() || (",
        "!session.is_full() || true || (",
    ),
];

#[test]
fn mutants_of_the_core_are_found() {
    all_are_found("core", &CORE, "nothing_breaks");
}

#[test]
fn mutants_of_the_asynchronous_front_end_are_found() {
    all_are_found("asynchronous", &ASYNCHRONOUS, "no_task_hangs");
}

/// Each has to be found in each version by itself, but for those of confirms.
fn all_are_found(part: &str, mutants: &[Mutant], tests: &str) {
    let copy = env::temp_dir().join(format!("pika-mutants-{part}-{}", std::process::id()));
    copy_tree(Path::new(env!("CARGO_MANIFEST_DIR")), &copy);
    let mut hiding = 0;
    for mutant in mutants {
        let name = mutant.0;
        let said = run_with(&copy, *mutant, tests);
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
    fs::remove_dir_all(&copy).unwrap();
    assert_eq!(hiding, 0, "mutants that hide");
}

/// What the simulation says of the copy with a fault in it.
fn run_with(copy: &Path, (name, file, before, after): Mutant, tests: &str) -> String {
    let path = copy.join(file);
    let whole = fs::read_to_string(&path).unwrap();
    assert_eq!(
        whole.matches(before).count(),
        1,
        "{name}: the text to change in {file}"
    );
    fs::write(&path, whole.replace(before, after)).unwrap();
    let run = Command::new(env!("CARGO"))
        .args([
            "test",
            "--release",
            "--all-features",
            "--test",
            "simulation",
            tests,
        ])
        .current_dir(copy)
        .env("PIKA_SEEDS", SEEDS)
        .env("CARGO_TARGET_DIR", copy.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    fs::write(&path, whole).unwrap();
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(
        said.contains("running 2 tests"),
        "{name} does not build: {said}"
    );
    said.into_owned()
}

/// The first seed of this version that found the fault; seeds are tried in order.
fn seed_that_finds(said: &str, version: &str) -> Option<u64> {
    let rest = said.split_once(&format!("_in_{version}, seed "))?.1;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        if name == "target" || name == ".git" {
            continue;
        }
        let target: PathBuf = to.join(&name);
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
