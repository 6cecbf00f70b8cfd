//! The connection core, tested without a socket: dialogues between a client and a scripted peer.
//!
//! Time is simulated and bytes are handed over by the test, so nothing here waits or is left to
//! chance. The peer is made of the generated types and the frame codec alone. What holds in both
//! versions is one suite, which each version's file includes; what only one has lies beside it.

#![cfg(feature = "client")]
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

mod kit;
#[cfg(feature = "amqp0-8")]
mod v0_8;
#[cfg(feature = "amqp0-9-1")]
mod v0_9_1;
