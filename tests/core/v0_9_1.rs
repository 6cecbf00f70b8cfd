//! The suite over AMQP 0-9-1, and what only 0-9-1 has.

use pika::v0_9_1::{V0_9_1 as V, basic, channel, connection, queue, tx};

#[path = "suite/mod.rs"]
mod suite;

mod blocked;
mod confirms;
mod expiry;
