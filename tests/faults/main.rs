//! Faults that were found in use. Each test asserts the right behaviour; `expected.txt` lists those that still fail.
//!
//! The suite fails when a test outside the list fails, and when a listed test passes. The commit that
//! mends a fault takes its lines off the list. `--show-output` prints why each listed test fails:
//!
//! ```sh
//! cargo test --all-features --test faults -- --show-output
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and its helpers with it"
)]
#![allow(
    clippy::duplicate_mod,
    reason = "the suite is compiled once for each version, over its own types"
)]

#[path = "../hostile/driver/mod.rs"]
#[allow(dead_code, reason = "the suite needs a part of it")]
mod driver;
#[path = "../core/kit/mod.rs"]
#[allow(dead_code, reason = "the suite needs a part of it")]
mod kit;
#[macro_use]
mod runner;
mod retries;
#[path = "../simulation/rng.rs"]
#[allow(dead_code, reason = "the driver needs a part of it")]
mod rng;
#[path = "../adapters/styles/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the suite needs a part of it"
)]
mod styles;
mod v0_8;
mod v0_9_1;
