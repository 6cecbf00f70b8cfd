//! The suite over AMQP 0-8.

use pika::v0_8 as amqp;

#[path = "suite/mod.rs"]
mod suite;
