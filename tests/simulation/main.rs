//! A simulated world to break the client in: client cores and the embedded broker in one thread,
//! with a clock and a network that a seed decides about, and a model that knows what has to hold.
//!
//! ```text
//! PIKA_SEEDS=2000 cargo test --release --features broker --test simulation
//! PIKA_SEED=17 cargo test --features broker --test simulation -- --nocapture
//! ```
//!
//! The first runs so many seeds of each version (300 if nothing is said), the second one seed with
//! everything that happens.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

#[cfg(all(feature = "asynchronous", feature = "tls"))]
mod asynchronous;
#[cfg(feature = "tls")]
#[path = "../kit/authority.rs"]
mod authority;
mod cuts;
mod link;
mod model;
#[cfg(pika_mutants)]
mod mutants;
mod program;
mod rest;
mod rng;
mod version;
mod world;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use version::Version;
use world::World;

const STEPS: usize = 200;

#[test]
fn nothing_breaks_in_0_9_1() {
    all_seeds("nothing_breaks_in_0_9_1", one_seed::<pika::v0_9_1::V0_9_1>);
}

#[test]
fn nothing_breaks_in_0_8() {
    all_seeds("nothing_breaks_in_0_8", one_seed::<pika::v0_8::V0_8>);
}

fn number(name: &str) -> Option<u64> {
    env::var(name)
        .ok()
        .map(|text| text.parse().expect("a number in the environment"))
}

/// How a run ended, and what happened, where that was asked for.
type Ran = (Result<(), String>, Vec<String>);

/// Runs all seeds of a test, or with its trace the one that is asked for.
fn all_seeds(test: &str, one_seed: fn(u64, bool) -> Ran) {
    some_seeds(test, 300, one_seed);
}

fn some_seeds(test: &str, count: u64, one_seed: fn(u64, bool) -> Ran) {
    if let Some(seed) = number("PIKA_SEED") {
        let (result, trace) = one_seed(seed, true);
        println!("{}", trace.join("\n"));
        return assert_eq!(result, Ok(()), "seed {seed} of {test}");
    }
    let (seeds, start) = (number("PIKA_SEEDS").unwrap_or(count), Instant::now());
    for seed in 0..seeds {
        if let (Err(broken), _) = one_seed(seed, false) {
            panic!(
                "{test}, seed {seed}: {broken}\nto see it: PIKA_SEED={seed} cargo test \
                 --all-features --test simulation {test} -- --nocapture"
            );
        }
    }
    let rate = seeds as f64 / start.elapsed().as_secs_f64();
    println!("{test}: {seeds} seeds of {STEPS} steps hold, {rate:.0} a second");
}

fn one_seed<V: Version>(seed: u64, traced: bool) -> Ran {
    let mut world = World::<V>::new(seed, 2, traced);
    let run = catch_unwind(AssertUnwindSafe(|| world.run(STEPS)));
    let result = run.unwrap_or_else(|_| Err("a panic".into()));
    (result, world.trace.take().unwrap_or_default())
}
