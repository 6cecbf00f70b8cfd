//! The embedded broker: its state machine in simulated time, and its server with our own client.
//!
//! One suite is compiled for each protocol version of the build, beside what only one has.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and its helpers with it"
)]
#![allow(
    clippy::duplicate_mod,
    reason = "one suite for several versions: `amqp` means another module in each"
)]

mod dialogue;
mod headers;
mod interactive;
mod mixed;
mod strangers;

#[cfg(feature = "amqp0-9-1")]
#[path = "."]
mod v0_9_1 {
    use pika::v0_9_1 as amqp;

    mod extensions;
    mod suite;
}

#[cfg(feature = "amqp0-8")]
#[path = "."]
mod v0_8 {
    use pika::v0_8 as amqp;

    mod suite;
}
