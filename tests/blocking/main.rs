//! The blocking adapter without a broker: a scripted server in memory at the other end.
//!
//! The server is made of the generated types and the frame codec alone. It answers while the client
//! writes, and says other things after a time; the adapter uses the real clock, so some tests wait
//! for a part of a second, those of heartbeats for a few. What holds in both versions is one suite,
//! which each version's file includes; what only one has lies beside it.

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

#[cfg(feature = "amqp0-8")]
mod v0_8;
#[cfg(feature = "amqp0-9-1")]
mod v0_9_1;
