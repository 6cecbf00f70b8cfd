//! The asynchronous front end over `futures-io`: smol with one thread and with several, and streams
//! that are no sockets. What holds on every runtime is tested with the front end itself.
//!
//! One suite is compiled for each protocol version.

#![allow(
    clippy::unwrap_used,
    reason = "a test may panic, and its helpers with it"
)]
#![allow(
    clippy::duplicate_mod,
    reason = "one suite for several versions: `amqp` means another module in each"
)]

#[path = "."]
mod v0_9_1 {
    use pika::v0_9_1 as amqp;

    mod suite;
}

#[path = "."]
mod v0_8 {
    use pika::v0_8 as amqp;

    mod suite;
}
