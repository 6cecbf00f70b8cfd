//! The suite over AMQP 0-9-1, and faults of what only 0-9-1 has.

use pika::v0_9_1::{self as amqp, V0_9_1 as V, basic, channel, confirm, queue};

#[path = "suite/mod.rs"]
mod suite;

mod confirms;
