//! The callbacks adapter against the embedded broker, which also does what no server should.
//!
//! What needs no misbehaviour is in `common` and runs against RabbitMQ too, in
//! `tests/live_callbacks.rs`. One suite is compiled for each version.

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

use pika::broker::Server;

/// Where the broker is, and the broker itself.
fn broker() -> (String, Option<Server>) {
    let server = Server::bind("127.0.0.1:0").unwrap();
    (server.url(), Some(server))
}

#[cfg(feature = "amqp0-9-1")]
#[path = "."]
mod v0_9_1 {
    use pika::v0_9_1 as amqp;

    mod blocked;
    mod common;
    mod confirms;
    mod kit;
    mod order;
    mod suite;
}

#[cfg(feature = "amqp0-8")]
#[path = "."]
mod v0_8 {
    use pika::v0_8 as amqp;

    mod common;
    mod kit;
    mod suite;
}
