//! The suite over AMQP 0-8.

use pika::v0_8::{self as amqp, V0_8 as V, basic, channel, queue};

#[path = "suite/mod.rs"]
mod suite;
