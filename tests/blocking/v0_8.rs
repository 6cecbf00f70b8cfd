//! The suite over AMQP 0-8, and what takes seconds and is the same in all versions.

use pika::v0_8::{Method, V0_8 as V, basic, channel, connection, queue};

#[path = "suite/mod.rs"]
mod suite;

mod heartbeats;

/// What the server answers to methods that only this version has.
fn answer_to(_: &Method) -> Option<Method> {
    None
}
