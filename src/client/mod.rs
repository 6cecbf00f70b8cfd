//! What moves between a [`Connection`] and the bytes of one transport: buffers, and encryption.
//!
//! A host reads into [`Incoming`], which decrypts, and writes from [`Outgoing`], which encrypts. Both
//! belong to the transport, beside the socket: neither needs the lock that protects the connection
//! while it reads, writes, encrypts or decrypts. Without TLS they pass bytes through.
//!
//! ```text
//! socket ──▶ Incoming ── hand_over() ──▶ Connection
//! socket ◀── Outgoing ◀──── lend() ───── Connection
//!                └── written() ────────▶ Connection
//! ```
//!
//! [`transport`] makes both from the settings of a connection. They may be used by two threads: then
//! the thread that reads has to see to it that the other one writes whenever
//! [`Outgoing::is_ready`], since a TLS handshake needs answers.
//!
//! ```
//! # #[cfg(feature = "amqp0-9-1")] {
//! use std::time::Instant;
//! use pika::bytes::Buf;
//! use pika::client;
//! use pika::config::Config;
//! use pika::connection::Connection;
//!
//! let now = Instant::now();
//! let mut connection = Connection::<pika::v0_9_1::V0_9_1>::new(Config::new(), now);
//! let (incoming, mut outgoing) = client::transport(&mut connection, now);
//! # let _ = incoming;
//! outgoing.lend(&mut connection);
//! assert!(outgoing.is_ready());
//! // A host would write these bytes to a socket.
//! let count = outgoing.pending().chunk().len();
//! let written = outgoing.wrote(count);
//! connection.written(written, now);
//! # }
//! ```

mod incoming;
mod input;
mod outgoing;
#[cfg(not(feature = "rustls"))]
#[path = "unsealed.rs"]
mod sealed;
#[cfg(feature = "rustls")]
mod sealed;

use std::sync::Arc;
use std::time::Instant;

pub use self::incoming::Incoming;
pub use self::outgoing::Outgoing;

#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub(crate) use self::input::{READ_MAX, SCRATCH};

use crate::config::Config;
use crate::connection::Connection;
use crate::error::{Cause, Closed, Result, Target, TransportEnd};
use crate::protocol::Protocol;
use crate::wire::Scope;

/// Begins to use a new transport for a connection, encrypted if its settings say so.
///
/// Settings for TLS that cannot be used end the connection, with a reason that says why; files with
/// certificates and keys are read here.
pub fn transport<P: Protocol>(
    connection: &mut Connection<P>,
    now: Instant,
) -> (Incoming, Outgoing) {
    let halves = sealed::begin(connection.config()).unwrap_or_else(|error| {
        connection.transport_ended(error.into(), now);
        None
    });
    let (opener, sealer) = halves.unzip();
    (Incoming::new(opener), Outgoing::new(sealer))
}

/// Checks the settings for TLS before anything is connected, and reads their files.
///
/// # Errors
/// When they cannot be used.
#[cfg_attr(
    not(any(feature = "asynchronous", feature = "blocking", feature = "callbacks")),
    allow(dead_code, reason = "nothing here connects")
)]
pub(crate) fn check(config: &Config) -> Result<()> {
    sealed::check(config).map_err(|error| {
        let end = TransportEnd::from(error);
        let during = Some("TLS");
        let mut closed = Closed::new(Scope::Connection, Cause::Transport { end, during });
        closed.opening = Some(Box::new(Target::of(config)));
        Arc::new(closed).into()
    })
}
