//! AMQP 0-8 and 0-9-1 for Rust: a client for RabbitMQ, and the parts it is made of.
//!
//! The types of both protocol versions are generated from their XML files. A connection is a state
//! machine without I/O, generic over the version. Adapters bring it together with sockets and a
//! style of programming; so far there is a blocking one.
//!
//! ```text
//!  amqp0-8.xml    ─┐ build.rs
//!  amqp0-9-1.xml  ─┴─▶ v0_8, v0_9_1      methods, properties, constants
//!                         │
//!          wire, frame ───┤               strings, tables, frames
//!                         ▼
//!                     connection          bytes and time in, bytes and events out
//!                         │
//!                         ▼
//!                      blocking ─────▶ your program
//! ```
//!
//! # First program
//!
//! ```no_run
//! # #[cfg(not(feature = "blocking"))]
//! # fn main() {}
//! # #[cfg(feature = "blocking")]
//! # fn main() -> pika::Result<()> {
//! use pika::amqp::{Methods as _, basic, queue};
//! use pika::blocking::Connection;
//!
//! let connection = Connection::open("amqp://guest:guest@localhost:5672/%2f")?;
//! let channel = connection.channel()?;
//! channel.queue_declare(queue::Declare::new("orders").durable(true))?;
//! channel.publish("", "orders", "one apple")?;
//!
//! channel.basic_qos(basic::Qos::new(100))?;
//! let consumer = channel.consume(basic::Consume::new("orders"))?;
//! if let Some(delivery) = consumer.next()? {
//!     println!("{}", String::from_utf8_lossy(delivery.body()));
//!     delivery.ack()?;
//! }
//! connection.close()
//! # }
//! ```
//!
//! Each method of the specification is a struct, `queue.declare` is `queue::Declare`, and a method
//! of the channel, `queue_declare`, which the version's trait `Methods` brings.
//!
//! # Which module do I need
//!
//! | you want to | module |
//! |---|---|
//! | talk to a broker | [`blocking`] |
//! | say where, who and how long | [`config`] |
//! | tell errors apart | [`error`] |
//! | bring your own I/O | [`connection`] |
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
//! | `blocking` | yes | the blocking client, with `client` |
//! | `broker` | | an AMQP server in memory for tests, with `std`; needs a version |
//! | `client` | | the connection core, configuration and errors, with `std`; needs a version |
//! | `std` | | what needs the standard library; without it this is `no_std` with `alloc` |
//!
//! The module `amqp` and all defaults are 0-9-1 where it is enabled, else 0-8. With both enabled, a
//! program chooses while it runs with `with_version!`, or names the version in a type:
//! `Connection::<pika::v0_8::V0_8>::open_as(uri)`. A method of one version does not compile on a
//! channel of the other.
#![cfg_attr(not(all(feature = "blocking", feature = "broker")), doc = "")]
#![cfg_attr(not(feature = "blocking"), doc = "[`blocking`]: #features")]
#![cfg_attr(not(feature = "broker"), doc = "[`broker`]: #features")]
#![cfg_attr(not(feature = "client"), doc = "[`config`]: #features")]
#![cfg_attr(not(feature = "client"), doc = "[`connection`]: #features")]
#![cfg_attr(not(feature = "client"), doc = "[`error`]: #features")]
#![cfg_attr(not(feature = "client"), doc = "[`protocol`]: #features")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use bytes;

#[cfg(feature = "client")]
mod adapters;
#[cfg(feature = "broker")]
pub mod broker;
#[cfg(feature = "client")]
pub mod config;
#[cfg(feature = "client")]
pub mod connection;
#[cfg(feature = "client")]
pub mod error;
pub mod frame;
pub mod method;
#[cfg(feature = "client")]
pub mod protocol;
#[cfg(feature = "client")]
pub mod recovery;
mod versions;
pub mod wire;

#[cfg(feature = "asynchronous")]
pub use adapters::asynchronous;
#[cfg(feature = "blocking")]
pub use adapters::blocking;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "readiness"))]
pub use adapters::delivery;
#[cfg(feature = "futures")]
pub use adapters::futures;
#[cfg(feature = "readiness")]
pub use adapters::readiness;
#[cfg(feature = "tokio")]
pub use adapters::tokio;
#[cfg(feature = "client")]
pub use error::{Error, Result};
pub use versions::*;

/// The programs in the README, which are written for the default features.
#[cfg(all(doctest, feature = "default"))]
#[doc = include_str!("../README.md")]
struct Readme;
