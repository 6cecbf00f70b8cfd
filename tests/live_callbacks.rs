//! The callbacks adapter against a RabbitMQ node, which `tests/run` starts: what `tests/callbacks`
//! does with the embedded broker, as far as it needs no misbehaviour.

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

/// Where the broker is.
fn broker() -> (String, Option<Server>) {
    match std::env::var("AMQP_URL") {
        Ok(url) => (url, None),
        Err(_) => panic!("AMQP_URL is not set, so there is no broker: run tests/run"),
    }
}

#[cfg(feature = "amqp0-9-1")]
#[path = "callbacks"]
mod v0_9_1 {
    use pika::v0_9_1 as amqp;

    mod common;
    mod confirms;
    mod kit;
}

#[cfg(feature = "amqp0-8")]
#[path = "callbacks"]
mod v0_8 {
    use pika::v0_8 as amqp;

    mod common;
    mod kit;
}
