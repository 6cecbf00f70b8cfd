//! The blocking client against a RabbitMQ node, which `tests/run` starts.
//!
//! One suite is compiled for each protocol version of the build, beside what only one version has
//! and what only two versions together have.

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

mod stream;
mod support;

#[cfg(feature = "amqp0-9-1")]
#[path = "."]
mod v0_9_1 {
    use pika::v0_9_1 as amqp;

    mod only_v0_9_1;
    mod suite;

    /// Sets the property that has another name in each version.
    fn last_property(properties: amqp::basic::Properties) -> amqp::basic::Properties {
        properties.reserved("cluster")
    }
}

#[cfg(feature = "amqp0-8")]
#[path = "."]
mod v0_8 {
    use pika::v0_8 as amqp;

    mod only_v0_8;
    mod suite;

    /// Sets the property that has another name in each version.
    fn last_property(properties: amqp::basic::Properties) -> amqp::basic::Properties {
        properties.cluster_id("cluster")
    }
}

#[cfg(all(feature = "amqp0-8", feature = "amqp0-9-1"))]
mod across;
