//! The asynchronous front end, in every runtime and both versions.
//!
//! Most tests have the embedded broker in memory at the other end, so that nothing waits for a
//! socket: time is simulated where the runtime can do that, and the broker misbehaves on demand. A
//! few go over sockets, to the embedded broker and, where `AMQP_URL` is set, to that one too. What
//! every adapter does alike is in `tests/adapters`.
//!
//! What holds in both versions is one suite, which each version's file includes. What holds in
//! every runtime is a test for each [`flavour`].

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

#[macro_use]
mod flavour;
mod hosted;
mod sharing;
mod task;
#[cfg(feature = "amqp0-8")]
mod v0_8;
#[cfg(feature = "amqp0-9-1")]
mod v0_9_1;
mod wire;
