//! An AMQP broker in memory, inside your own program.
//!
//! It is for tests that need a broker, for demonstrations, for CI without one, and for breaking a
//! client on purpose. It is *not* a broker for production: nothing survives the process, there is
//! no cluster, no management interface. Use RabbitMQ for that; whatever a client can
//! observe of this broker is as RabbitMQ 3.10 has it, down to the texts of errors, and
//! `docs/broker.md` lists where it is not.
//!
//! ```
//! # #[cfg(feature = "blocking")] {
//! use pika::blocking::Connection;
//! use pika::broker::Server;
//!
//! let server = Server::bind("127.0.0.1:0")?;
//! let connection = Connection::open(&*server.url())?;
//! # connection.close()?;
//! # }
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Two layers
//!
//! ```text
//!            sockets, threads, the clock            Server
//!   ────────────────────────────────────────────────────────────
//!     bytes in │    ▲ bytes out    │ time
//!              ▼    │              ▼
//!            Session ── Session ── Session          Broker
//!              │ a dialect turns methods of 0-8 or
//!              ▼ 0-9-1 into requests, and replies back
//!            requests ── exchanges ── queues ── messages
//! ```
//!
//! A [`Server`] listens on a TCP port. Below it a [`Broker`] is one state machine for all
//! connections, with no sockets, clocks, threads or chance inside: the same calls give the same
//! bytes, whatever the machine it runs on. Each connection says in its protocol header which
//! version it speaks; with both versions in the build, one port has both.
//!
//! # Without sockets
//!
//! A [`Loopback`](loopback::Loopback) joins client cores and a broker in memory, with a clock that
//! goes when it is told to. It is for tests of programs: hours of heartbeats, deadlines and faults,
//! with no thread and no sleep.
//!
//! # Driving a broker yourself
//!
//! - [`Broker::accept`] a connection; it gets a [`ConnectionId`].
//! - Hand what arrives to [`Broker::receive`]; while [`Broker::reads`] is false, do not read.
//! - After *any* call, for *any* connection: write [`Broker::outgoing`], look whether the
//!   connection [is finished](Broker::is_finished), and ask [`Broker::poll_timeout`] anew when
//!   [`Broker::handle_timeout`] is due. What one client sends makes work for others.
//! - When the transport has ended, from either side, call [`Broker::transport_ended`].
//!
//! # Misbehaviour
//!
//! [`Broker::faults`] makes the broker do what none should: see [`Faults`] for what it says unasked
//! and [`Plan`] for what goes wrong on a connection. [`Server::with`] reaches it while the server
//! runs.
//!
//! ```
//! # #[cfg(feature = "blocking")] {
//! use pika::blocking::Connection;
//! use pika::broker::{Moment, Plan, Refuse, Server};
//!
//! let server = Server::bind("127.0.0.1:0")?;
//! server.with(|broker| {
//!     broker.faults().on_next(Plan::new().refuse_at(Moment::Open, Refuse::Eof));
//! });
//! assert!(Connection::open(&*server.url()).is_err());
//! assert!(Connection::open(&*server.url()).is_ok());
//! # }
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Memory
//!
//! [`Settings::limits`] bounds what all messages together may take. Above it nothing is dropped: a
//! connection that publishes is not read on, as RabbitMQ does it, and is told with
//! `connection.blocked` if it can be. What waits to be written to a slow consumer is bounded by
//! [`Settings::output_limit`]; its messages stay in their queues.

mod acts;
pub(crate) mod dialect;
mod faults;
mod ids;
pub mod loopback;
mod machine;
mod meter;
mod plan;
mod refusal;
mod restart;
#[cfg(feature = "rustls")]
mod sealed;
mod server;
mod session;
mod settings;
mod store;
mod trace;
mod wire;

pub use faults::Faults;
pub(crate) use ids::At;
pub use ids::ConnectionId;
pub use machine::{Broker, QueueState};
pub use plan::{Ending, Moment, Plan, Refuse};
pub use server::Server;
pub use session::Output;
pub use settings::Settings;
pub use trace::{Side, Trace};
