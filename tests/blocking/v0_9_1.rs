//! The suite over AMQP 0-9-1, and what only 0-9-1 has.

use pika::v0_9_1::{Method, V0_9_1 as V, basic, channel, confirm, connection, queue};

#[path = "suite/mod.rs"]
mod suite;

mod confirms;

/// What the server answers to methods that only this version has.
fn answer_to(method: &Method) -> Option<Method> {
    let is_select = matches!(method, Method::Confirm(confirm::Method::Select(_)));
    is_select.then(|| confirm::SelectOk::new().into())
}
