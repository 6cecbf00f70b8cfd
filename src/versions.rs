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

#[cfg(all(feature = "client", feature = "amqp0-8"))]
#[path = "protocol/v0_8.rs"]
mod protocol_v0_8;

#[cfg(all(feature = "client", feature = "amqp0-9-1"))]
#[path = "protocol/v0_9_1.rs"]
mod protocol_v0_9_1;

#[cfg(feature = "amqp0-9-1")]
pub use v0_9_1 as amqp;

#[cfg(all(feature = "amqp0-8", not(feature = "amqp0-9-1")))]
pub use v0_8 as amqp;

/// The version that handles speak unless a program says otherwise: 0-9-1 where it is enabled, else
/// 0-8.
#[cfg(all(feature = "client", feature = "amqp0-9-1"))]
pub type Selected = v0_9_1::V0_9_1;

/// The version that handles speak unless a program says otherwise: 0-9-1 where it is enabled, else
/// 0-8.
#[cfg(all(feature = "client", feature = "amqp0-8", not(feature = "amqp0-9-1")))]
pub type Selected = v0_8::V0_8;

#[cfg(all(
    feature = "client",
    not(any(feature = "amqp0-8", feature = "amqp0-9-1"))
))]
compile_error!("a connection speaks a version: enable the feature `amqp0-9-1` or `amqp0-8`");
