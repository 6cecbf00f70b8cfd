//! Connections that recover, over a broker that restarts and a network that fails, in paused time.
//!
//! ```text
//! PIKA_SEEDS=20000 cargo test --release --all-features --test recovery
//! PIKA_SEED=17 cargo test --all-features --test recovery -- --nocapture
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

#[path = "../kit/authority.rs"]
mod authority;
#[cfg(all(feature = "background", feature = "callbacks", feature = "futures"))]
mod callbacks;
#[cfg(pika_mutants)]
mod faults;
#[cfg(pika_mutants)]
mod mutants;
mod promises;
#[path = "../kit/sealed.rs"]
mod sealed;
mod seeds;
#[cfg(all(feature = "background", feature = "futures"))]
mod styles;
mod world;
