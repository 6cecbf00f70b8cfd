//! What every adapter does alike: one suite of jobs, for each style of programming, in both versions,
//! with the embedded broker and with the RabbitMQ node that `tests/run` starts.
//!
//! A job is written once, over a [`Style`](styles::Style), which waits where the adapter would do
//! something else meanwhile. What is special in an adapter is tested beside it: `tests/blocking`,
//! `tests/background`, `tests/callbacks`, `tests/asynchronous`, `tests/futures`.
//!
//! The tests with `embedded` in their path need nothing installed. A test of its own:
//!
//! ```sh
//! tests/run -- --all-features --test adapters rabbitmq::threaded::a_queue_lives
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and its helpers with it"
)]
#![cfg_attr(
    not(feature = "amqp0-9-1"),
    allow(dead_code, reason = "only 0-9-1 has confirms")
)]
#![allow(
    clippy::duplicate_mod,
    reason = "one suite for several versions: `amqp` means another module in each"
)]

#[cfg(feature = "tls")]
#[path = "../kit/authority.rs"]
mod authority;
mod brokers;
#[macro_use]
mod styles;

#[cfg(feature = "amqp0-9-1")]
#[path = "."]
mod v0_9_1 {
    use pika::v0_9_1 as amqp;

    mod jobs;
    mod only_v0_9_1;

    /// Sets the property that has another name in each version.
    fn last_property(properties: amqp::basic::Properties) -> amqp::basic::Properties {
        properties.reserved("cluster")
    }
}

#[cfg(feature = "amqp0-8")]
#[path = "."]
mod v0_8 {
    use pika::v0_8 as amqp;

    mod jobs;

    /// Sets the property that has another name in each version.
    fn last_property(properties: amqp::basic::Properties) -> amqp::basic::Properties {
        properties.cluster_id("cluster")
    }
}
