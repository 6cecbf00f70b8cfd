//! The suite over AMQP 0-9-1, and what only 0-9-1 has.

use pika::v0_9_1 as amqp;

#[path = "suite/mod.rs"]
mod suite;

mod behind;
mod blocked;
mod confirms;
