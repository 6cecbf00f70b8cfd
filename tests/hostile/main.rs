//! A hostile peer, with inputs that a seed decides about; what has to hold is told in `driver`.
//!
//! ```text
//! PIKA_SEEDS=100000 cargo test --release --all-features --test hostile
//! PIKA_SEED=17 cargo test --all-features --test hostile 0_9_1
//! ```
//!
//! The first runs so many seeds of each version (3000 if nothing is said). The same driver is a
//! fuzz target, where coverage decides about the inputs. It is a test of its own because the crate
//! that counts allocations replaces the allocator.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

mod costs;
mod driver;
#[path = "../simulation/rng.rs"]
mod rng;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use driver::Version;
use rng::Rng;

#[test]
fn nothing_that_a_peer_says_harms_a_client_of_0_9_1() {
    all_seeds::<pika::v0_9_1::V0_9_1>("0_9_1");
}

#[test]
fn nothing_that_a_peer_says_harms_a_client_of_0_8() {
    all_seeds::<pika::v0_8::V0_8>("0_8");
}

fn all_seeds<V: Version>(version: &str) {
    let number = |name: &str| {
        let text = env::var(name).ok()?;
        Some(text.parse::<u64>().expect("a number in the environment"))
    };
    let (first, end) = match number("PIKA_SEED") {
        Some(seed) => (seed, seed + 1),
        None => (0, number("PIKA_SEEDS").unwrap_or(3000)),
    };
    let start = Instant::now();
    for seed in first..end {
        let bytes = input(seed);
        let run = catch_unwind(AssertUnwindSafe(|| driver::run::<V>(&bytes, measured)));
        assert!(
            run.is_ok(),
            "{version}, seed {seed}, see above; to see it alone: PIKA_SEED={seed} cargo test \
             --all-features --test hostile {version}"
        );
    }
    let rate = (end - first) as f64 / start.elapsed().as_secs_f64();
    println!("{version}: {} seeds hold, {rate:.0} a second", end - first);
}

/// Inputs that a fuzzer found, each of which broke a rule once.
const FOUND: [&str; 3] = [
    // A consume that was dropped before its reply: each message went back at once, and came again.
    "c400005d740100000302070db1050714be121fde67dc194f29379a7a14020f6c0e09d91a8c063118e8c295ed003f\
     07060f3a34d05cda10be34d05cda10bec93ca5001d041a16090e12d30825c9",
    // A consumer that ended with the deadline of its consume, and again with late replies.
    "749773fc0a06490f1219b093c1efd900ca9a3b831707",
    // A call on a connection that the peer blocks and unblocks.
    "2f020f0f0f0f0f0f1f0f3a9aca00efefefefefefefefefefefefefefefef23efefefefefefefefefefefefefef \
     efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef \
     efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef0f0f0f170f0f0f \
     616d712e687561646572000000000012e302000000000000002600000000000000000000000000fa0000008201 \
     0000000046464646e14646464646d9d9d9d9d9d9d9d9d9d9d9d9d9d9d9e4d9d9d9d9d9d923000046464646e146 \
     46464646d9d9d9d9d9d9d90e0fd9d9d9d9d9d9d9d9e4d9d9d90f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f \
     0f0f0f0f0f0f0f0f0f0fd9d90000000182fffeffffffffffff0fffff0000000000000000000000000000000000 \
     000000000000000000000500000000000000007561646572000000000000f90f0f0f",
];

#[test]
fn what_a_fuzzer_found_is_mended() {
    for text in FOUND {
        let digits: Vec<u8> = text
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        driver::run::<pika::v0_9_1::V0_9_1>(&bytes, measured);
        driver::run::<pika::v0_8::V0_8>(&bytes, measured);
    }
}

fn measured(act: &mut dyn FnMut()) -> u64 {
    allocation_counter::measure(act).bytes_max
}

/// The input of a seed: some bytes or some hundred, of which small ones are more or less likely.
fn input(seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let most = *rng.pick(&[20, 100, 600]).unwrap();
    let (len, small) = (4 + rng.below(most), 1 + rng.below(6));
    let mut byte = || match rng.once_in(small) {
        true => rng.below(32) as u8,
        false => rng.below(256) as u8,
    };
    (0..len).map(|_| byte()).collect()
}

#[test]
fn what_is_allocated_is_counted() {
    let cost = measured(&mut || {
        let mut bytes = Vec::<u8>::with_capacity(1000);
        bytes.reserve_exact(2000);
        std::hint::black_box(&bytes);
    });
    // The old memory and the new one, while the one is copied into the other.
    assert_eq!(cost, 3000);
}
