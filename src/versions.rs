//! The protocol versions of this build. No other file knows their features.

/// AMQP 0-8 with RabbitMQ's additions.
#[cfg(feature = "amqp0-8")]
pub mod v0_8 {
    include!(concat!(env!("OUT_DIR"), "/amqp0-8.rs"));
}

/// AMQP 0-9-1 with RabbitMQ's extensions.
#[cfg(feature = "amqp0-9-1")]
pub mod v0_9_1 {
    include!(concat!(env!("OUT_DIR"), "/amqp0-9-1.rs"));
}
