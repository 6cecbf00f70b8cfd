//! TLS with servers that are not what they should be, and with those that are: every kind of failure
//! has its own error, and no server that has not proved its name sees a login.
//!
//! The jobs of `tests/adapters` run over TLS too, in every style and with RabbitMQ.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and its helpers with it"
)]

#[path = "../kit/authority.rs"]
mod authority;
mod clients;
mod good_peers;
mod peers;
mod settings;
mod wrong_peers;
