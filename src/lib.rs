//! AMQP 0-8 and 0-9-1 for Rust: a client for RabbitMQ, and the parts it is made of.
//!
//! The types of both protocol versions are generated from their XML files. A connection is a state
//! machine without I/O, generic over the version. Adapters bring it together with sockets and a
//! style of programming: blocking calls, futures and streams, or completions in an event loop.
//!
//! ```text
//!  amqp0-8.xml    ─┐ build.rs
//!  amqp0-9-1.xml  ─┴─▶ v0_8, v0_9_1      methods, properties, constants
//!                         │
//!          wire, frame ───┤               strings, tables, frames
//!                         ▼
//!                     connection          bytes and time in, bytes and events out
//!                         │
//!             ┌───────────┴───────────┐
//!             ▼                       ▼
//!        asynchronous             callbacks
//!     ┌───────┼───────┐               │
//!     ▼       ▼       ▼               │
//! blocking  tokio  futures            │
//!     └───────┴───┬───┴───────────────┘
//!                 ▼
//!            your program
//!                         ▲
//!                      broker             a server in memory, to test against
//! ```
//!
//! # First program
//!
//! ```no_run
//! # #[cfg(not(feature = "blocking"))]
//! # fn main() {}
//! # #[cfg(feature = "blocking")]
//! # fn main() -> pika::Result<()> {
//! use pika::amqp::{basic, queue};
//! use pika::blocking::Connection;
//!
//! let connection = Connection::open("amqp://guest:guest@localhost:5672/%2f")?;
//! let channel = connection.channel()?;
//! channel.queue_declare(queue::Declare::new("orders").durable(true))?;
//! channel.publish("", "orders", "one apple")?;
//!
//! channel.basic_qos(basic::Qos::new(100))?;
//! let mut consumer = channel.consume(basic::Consume::new("orders"))?;
//! if let Some(delivery) = consumer.next()? {
//!     println!("{}", String::from_utf8_lossy(delivery.body()));
//!     delivery.ack()?;
//! }
//! connection.close()
//! # }
//! ```
//!
//! On tokio it is the same with `.await` behind each call but `ack`; see [`tokio`].
//!
//! Each method of the specification is a struct, `queue.declare` is `queue::Declare`, and a method
//! of the channel, `queue_declare`. The version's trait `Methods` has the same for generic code.
//!
//! # Which module do I need
//!
//! | you want to | module |
//! |---|---|
//! | talk to a broker, from plain threads | [`blocking`] |
//! | talk to a broker, from threads that also compute | `blocking::background` |
//! | talk to a broker, on tokio | [`tokio`] |
//! | talk to a broker, on smol and its relatives | [`futures`] |
//! | talk to a broker, on another runtime | [`asynchronous`] |
//! | talk to a broker, in an event loop | [`callbacks`] |
//! | read and settle a message | [`delivery`] |
//! | say where, who and how long | [`config`] |
//! | encrypt the connection | [`tls`] |
//! | tell errors apart | [`error`] |
//! | bring your own I/O | [`connection`], with the buffers and TLS in [`client`] |
//! | test without a broker | [`broker`] |
//! | name methods, properties and constants | `amqp`, which is `v0_9_1` or `v0_8` |
//! | read and write frames | [`frame`] |
//! | read and write strings, tables and numbers | [`wire`] |
//! | write code for any method | [`method`] |
//! | write code for any version | [`protocol`] |
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `amqp0-9-1` | yes | the types of 0-9-1 in `v0_9_1` |
//! | `amqp0-8` | | the types of 0-8 in `v0_8` |
//! | `asynchronous` | | futures and streams for any runtime, with `client` |
//! | `blocking` | yes | the blocking client, with `client` |
//! | `broker` | | an AMQP server in memory for tests, with `std`; needs a version |
//! | `client` | | the connection core, configuration and errors, with `std`; needs a version |
//! | `futures` | | futures and streams on what speaks `futures-io`, with `asynchronous` |
//! | `callbacks` | | completions in an event loop, your own or the one here, with `client` |
//! | `rustls` | | TLS with a cryptography provider of the program, with `client` |
//! | `std` | | what needs the standard library; without it this is `no_std` with `alloc` |
//! | `tls` | | TLS with ring and the authorities of the system, with `rustls` |
//! | `background` | | blocking handles over a thread for each connection |
//! | `tokio` | | futures and streams on tokio, with `asynchronous` |
//!
//! The module `amqp` and all defaults are 0-9-1 where it is enabled, else 0-8. With both enabled, a
//! program chooses while it runs with `with_version!`, or names the version in a type:
//! `Connection::<pika::v0_8::V0_8>::open_as(uri)`. A method of one version does not compile on a
//! channel of the other.
#![doc = ""]
#![cfg_attr(not(feature = "asynchronous"), doc = "[`asynchronous`]: #features")]
#![cfg_attr(not(feature = "blocking"), doc = "[`blocking`]: #features")]
#![cfg_attr(not(feature = "broker"), doc = "[`broker`]: #features")]
#![cfg_attr(not(feature = "client"), doc = "[`client`]: #features")]
#![cfg_attr(not(feature = "client"), doc = "[`config`]: #features")]
#![cfg_attr(not(feature = "client"), doc = "[`connection`]: #features")]
#![cfg_attr(not(feature = "client"), doc = "[`error`]: #features")]
#![cfg_attr(not(feature = "client"), doc = "[`protocol`]: #features")]
#![cfg_attr(not(feature = "futures"), doc = "[`futures`]: #features")]
#![cfg_attr(not(feature = "callbacks"), doc = "[`callbacks`]: #features")]
#![cfg_attr(not(feature = "rustls"), doc = "[`tls`]: #features")]
#![cfg_attr(not(feature = "tokio"), doc = "[`tokio`]: #features")]
#![cfg_attr(
    not(any(feature = "asynchronous", feature = "blocking", feature = "callbacks")),
    doc = "[`delivery`]: #features"
)]
#![cfg_attr(not(feature = "std"), no_std)]
// Labels in the documentation say which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

#[macro_use]
mod mutants;

pub use bytes;

#[cfg(feature = "client")]
mod adapters;
#[cfg(feature = "broker")]
pub mod broker;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "client")]
pub mod config;
#[cfg(feature = "client")]
pub mod connection;
#[cfg(feature = "client")]
#[cfg_attr(
    not(any(feature = "asynchronous", feature = "blocking", feature = "callbacks")),
    allow(dead_code, reason = "nothing here connects")
)]
mod dial;
#[cfg(feature = "client")]
pub mod error;
pub mod frame;
pub mod method;
#[cfg(feature = "client")]
pub mod protocol;
#[cfg(feature = "client")]
pub mod recovery;
#[cfg(feature = "rustls")]
pub mod tls;
mod versions;
pub mod wire;

#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub use adapters::asynchronous;
#[cfg(feature = "blocking")]
pub use adapters::blocking;
#[cfg(feature = "callbacks")]
pub use adapters::callbacks;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub use adapters::delivery;
#[cfg(feature = "futures")]
pub use adapters::futures;
#[cfg(feature = "tokio")]
pub use adapters::tokio;
#[cfg(feature = "client")]
pub use error::{Error, Result};
pub use versions::*;

/// Connects to a server and gives an open channel, in one line.
///
/// The channel keeps its connection open, and ends it in good order when it is dropped; it is there
/// as [`channel.connection()`](blocking::Channel::connection). For trying things out, and for
/// programs that need one channel only.
///
/// ```no_run
/// use pika::amqp::queue;
///
/// let channel = pika::open_channel("amqp://localhost")?;
/// println!("{:?}", channel.queue_declare(queue::Declare::new("orders").passive(true))?);
/// # Ok::<_, pika::Error>(())
/// ```
///
/// # Errors
/// Those of [`Connection::open`](blocking::Connection::open) and
/// [`Connection::channel`](blocking::Connection::channel).
#[cfg(feature = "blocking")]
pub fn open_channel<C>(config: C) -> Result<blocking::Channel>
where
    C: TryInto<config::Config>,
    Error: From<C::Error>,
{
    blocking::Connection::open(config)?.channel()
}

/// The programs in the README, which show every style over the default version.
#[cfg(all(
    doctest,
    feature = "default",
    feature = "futures",
    feature = "callbacks",
    feature = "background",
    feature = "tokio"
))]
#[doc = include_str!("../README.md")]
struct Readme;

/// Those in the page about TLS.
#[cfg(all(doctest, feature = "default", feature = "tls"))]
#[doc = include_str!("../docs/tls.md")]
struct AboutTls;

/// Those in the page about recovery.
#[cfg(all(doctest, feature = "default", feature = "tokio"))]
#[doc = include_str!("../docs/recovery.md")]
struct AboutRecovery;

/// Those in the guide.
#[cfg(all(doctest, feature = "default", feature = "callbacks", feature = "tokio"))]
#[doc = include_str!("../docs/guide.md")]
struct Guide;
