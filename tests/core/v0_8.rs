//! The suite over AMQP 0-8, and what only 0-8 has.

use pika::v0_8::{V0_8 as V, basic, channel, connection, queue, tx};

#[path = "suite/mod.rs"]
mod suite;

mod redirect;
