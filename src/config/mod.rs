//! What a connection needs to know: where to, who, how much, and how long to wait.
//!
//! [`Config`] has a setter for everything and can be read from a [URI](Config::from_uri). No
//! protocol version is named here, and nothing here does I/O.
//!
//! ```
//! use std::time::Duration;
//! use pika::config::{Config, Heartbeat};
//!
//! let config = Config::new()
//!     .host("rabbit.example.org")
//!     .login("orders", "hunter2")
//!     .heartbeat(Heartbeat::AtMost(Duration::from_secs(10)))
//!     .connection_name("order intake");
//!
//! // Only what is not the default is shown, and never the password.
//! assert!(format!("{config:?}").starts_with(
//!     r#"Config { host: "rabbit.example.org", credentials: Credentials { user: "orders", password: *** }"#
//! ));
//!
//! let same_host: Config = "amqp://orders:hunter2@rabbit.example.org".parse()?;
//! assert_eq!(same_host.credentials, config.credentials);
//! # Ok::<_, pika::config::UriError>(())
//! ```
//!
//! During the handshake the core asks for the SASL [`Mechanism`], and for the [`Tuning`] that both
//! sides can live with.

mod convert;
mod credentials;
mod exchange;
mod hosts;
pub(crate) mod recovery;
mod sasl;
mod secret;
#[cfg(test)]
mod tests;
#[cfg(feature = "rustls")]
pub(crate) mod tls;
mod tuning;
mod uri;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub use credentials::{Credentials, Provider};
pub use exchange::{Exchange, Own, Sasl};
pub use hosts::{Endpoint, HostOrder, KeepAlive, Resolver};
pub use recovery::Recovery;
pub use sasl::{Mechanism, NoCommonMechanism};
pub use secret::Secret;
#[cfg(feature = "rustls")]
pub use tls::Tls;
pub use tuning::{FRAME_MAX, FRAME_MIN_SIZE, FrameMaxTooSmall, Heartbeat, Proposal, Tuning};
pub use uri::UriError;

use crate::wire::{ShortStr, Table};

/// Returns the time `duration` after `now`, or one that never comes where no clock can express it.
pub(crate) fn later(now: Instant, duration: Duration) -> Instant {
    const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    now.checked_add(duration).unwrap_or_else(|| now + NEVER)
}

/// The port that is assigned to AMQP.
const PORT: u16 = 5672;

/// The port that is assigned to AMQP over TLS.
#[cfg(feature = "rustls")]
const TLS_PORT: u16 = 5671;

/// The parameters of a connection. The default is that of RabbitMQ on this machine.
///
/// Each parameter is a field to read, and has a setter of the same name, except the pairs that
/// [`output_water`](Self::output_water) and [`incoming`](Self::incoming) set together.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// Name or address of the server. Default: `localhost`.
    pub host: String,
    /// TCP port. Default: 5672, which is assigned to AMQP.
    pub port: u16,
    /// Addresses to connect to in place of those that the host's name has, in this order. Default:
    /// none, so that the system looks the name up.
    pub addresses: Vec<SocketAddr>,
    /// More hosts to connect to when [`host`](Self::host) cannot be reached. Default: none.
    pub other_hosts: Vec<Endpoint>,
    /// The order in which hosts are tried. Default: as they are listed.
    pub host_order: HostOrder,
    /// What looks up the addresses of hosts. Default: the system.
    pub resolver: Option<Resolver>,
    /// How TCP finds out that the server is gone; none leaves it to the system's settings, which mostly
    /// means never. Default: [`KeepAlive::default`].
    pub keep_alive: Option<KeepAlive>,
    /// How long sent bytes may wait for the server to take them before the system ends the connection,
    /// where it can do so (Linux). Default: none, since a RabbitMQ that is low on memory reads nothing
    /// for as long as that lasts, and Linux counts that time too.
    pub user_timeout: Option<Duration>,
    /// How the connection recovers from the loss of its transport. Default: it does not.
    pub recovery: Option<Recovery>,
    /// How the connection is encrypted. Default: not at all.
    #[cfg(feature = "rustls")]
    pub tls: Option<Tls>,
    /// The virtual host: the name space of exchanges and queues. Default: `/`.
    pub vhost: ShortStr,
    /// Who logs in. Default: `guest`, whom RabbitMQ accepts from the same machine only.
    pub credentials: Credentials,
    /// What is asked for credentials at each login, in place of [`credentials`](Self::credentials).
    /// Default: nothing.
    pub credentials_provider: Option<Provider>,
    /// The SASL mechanisms to use, best first. Default: [`Mechanism::DEFAULT`].
    pub mechanisms: Vec<Mechanism>,
    /// The language of the server's texts. Default: `en_US`, the one that every server has.
    pub locale: ShortStr,
    /// The highest channel number; 0 is no opinion. Default: 0, as channels cost nothing until
    /// they are opened. RabbitMQ proposes 2047.
    pub channel_max: u16,
    /// The largest frame in bytes, with the 8 of framing; 0 is no opinion. Default: [`FRAME_MAX`],
    /// what RabbitMQ proposes.
    pub frame_max: u32,
    /// How often the peers show that they are alive. Default: [`Heartbeat::Broker`].
    pub heartbeat: Heartbeat,
    /// A name for people, which RabbitMQ shows in its lists. Default: none.
    pub connection_name: Option<String>,
    /// More client properties; one that the client would set by itself is replaced by one of the
    /// same name here. Default: none.
    pub client_properties: Table,

    /// How long connecting may take. Where there are several addresses, each may take its share of
    /// what is left. Default: 30 seconds, enough to try several.
    pub connect_timeout: Duration,
    /// How long the whole handshake may take, once the transport is there. Default: 10 seconds,
    /// what RabbitMQ allows for it too.
    pub handshake_timeout: Duration,
    /// How long to wait for the reply to a call; none is for ever. Default: 30 seconds. RabbitMQ
    /// answers in milliseconds; a mirrored queue on a slow disk can take seconds.
    pub rpc_timeout: Option<Duration>,
    /// How long to wait for the server to confirm a close. Default: 5 seconds.
    pub close_timeout: Duration,
    /// How long a publish waits for permission, and a call for its answer while the server blocks the
    /// connection; also how long a blocking call waits behind the messages that a consumer does not
    /// take. None is without limit. Default: 30 seconds.
    pub blocked_timeout: Option<Duration>,

    /// The largest message to receive, in bytes of body. A larger one closes its channel at the
    /// header, before its body is kept. Default: 128 MiB, RabbitMQ's own limit of many years.
    pub max_message_size: u64,
    /// Once fewer bytes than this wait to be written, publishing goes on. Default: 1 MiB.
    pub output_low_water: usize,
    /// While at least this many bytes wait to be written, publishing waits. It is looked at before
    /// a message is taken, so that a message of any size can be sent. Default: 4 MiB, a few
    /// socket buffers.
    pub output_high_water: usize,
    /// How many messages may wait for one consumer of this program before nothing more is read
    /// without need. A call that waits for its answer, a publish that waits for its confirm and
    /// another consumer that waits for a message need it, since what they wait for may stand behind.
    /// Default: 4096.
    pub incoming_messages: usize,
    /// How many bytes may wait for one consumer of this program, bodies and what it takes to keep
    /// them. From a sixteenth of it on nothing more is read without need, and from all of it on
    /// nothing at all, until some are taken. It is looked at before a message is read. Default:
    /// 64 MiB.
    pub incoming_bytes: usize,
    /// How many bytes may wait for all consumers of a connection together, before nothing is read until
    /// some are taken. Default: 256 MiB, four times what may wait for one.
    pub incoming_total: usize,
}

impl Config {
    /// The default parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Name or address of the server. An IPv6 address stands without brackets.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// TCP port of the [host](Self::host); other hosts have their own.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Addresses to connect to in place of those that the host's name has, in this order.
    ///
    /// For programs that find servers by means of their own, or must not wait for the system to look
    /// a name up. The name of the host stays what errors show.
    #[must_use]
    pub fn addresses(mut self, addresses: impl Into<Vec<SocketAddr>>) -> Self {
        self.addresses = addresses.into();
        self
    }

    /// Sets the hosts to connect to, in the order in which they are tried: the first that can be
    /// reached is used. One without a port has the [`port`](Self::port) that is set before this.
    ///
    /// ```
    /// use pika::config::{Config, HostOrder};
    ///
    /// let config = Config::new()
    ///     .hosts(["rabbit-1", "rabbit-2", "rabbit-3:5673"])
    ///     .host_order(HostOrder::Shuffled);
    /// assert_eq!(config.host, "rabbit-1");
    /// assert_eq!(config.other_hosts.len(), 2);
    /// ```
    #[must_use]
    pub fn hosts<H: Into<Endpoint>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        let default = self.port;
        let mut hosts = hosts.into_iter().map(|host| {
            let mut host: Endpoint = host.into();
            host.port.get_or_insert(default);
            host
        });
        if let Some(first) = hosts.next() {
            self.host = first.host;
            self.port = first.port.unwrap_or(default);
        }
        self.other_hosts = hosts.collect();
        self
    }

    /// Returns all hosts as they are listed, each with its port.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = Endpoint> {
        let first = Endpoint::new(&*self.host, self.port);
        let others = self.other_hosts.iter();
        let others = others.map(|it| Endpoint::new(&*it.host, it.port.unwrap_or(self.port)));
        std::iter::once(first).chain(others)
    }

    /// Sets the order in which hosts are tried.
    #[must_use]
    pub fn host_order(mut self, order: HostOrder) -> Self {
        self.host_order = order;
        self
    }

    /// Looks up the addresses of hosts with a function of the program, which is given host and port.
    ///
    /// It is called for each attempt to connect, where that runs: on the calling thread in blocking style
    /// and callbacks, in the task that opens the connection elsewhere, which it must not block for long.
    #[must_use]
    pub fn resolver(
        mut self,
        resolve: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        self.resolver = Some(Resolver::new(resolve));
        self
    }

    /// Sets how TCP finds out that the server is gone.
    #[must_use]
    pub fn keep_alive(mut self, keep_alive: impl Into<Option<KeepAlive>>) -> Self {
        self.keep_alive = keep_alive.into();
        self
    }

    /// Sets how long sent bytes may wait for the server to take them.
    #[must_use]
    pub fn user_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.user_timeout = timeout.into();
        self
    }

    /// Opens the connection again when its transport is lost; `None` turns that off.
    ///
    /// `docs/recovery.md` says what survives.
    #[must_use]
    pub fn recovery(mut self, recovery: impl Into<Option<Recovery>>) -> Self {
        self.recovery = recovery.into();
        self
    }

    /// Encrypts the connection. Ports that are 5672, the one without TLS, become 5671.
    ///
    /// It replaces what a URI has set, `cacertfile` and the like included; to keep that, change the field:
    /// `config.tls = config.tls.map(|tls| tls.server_name("rabbit.internal"))`. `None` turns encryption
    /// off again and leaves the port alone.
    #[cfg(feature = "rustls")]
    #[must_use]
    pub fn tls(mut self, tls: impl Into<Option<Tls>>) -> Self {
        self.tls = tls.into();
        if self.tls.is_some() {
            let others = self.other_hosts.iter_mut();
            let ports = others.filter_map(|host| host.port.as_mut());
            for port in ports.chain([&mut self.port]).filter(|port| **port == PORT) {
                *port = TLS_PORT;
            }
        }
        self
    }

    /// The virtual host.
    #[must_use]
    pub fn vhost(mut self, vhost: impl Into<ShortStr>) -> Self {
        self.vhost = vhost.into();
        self
    }

    /// Who logs in, from name and password.
    #[must_use]
    pub fn login(self, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.credentials(Credentials::new(user, password))
    }

    /// Who logs in.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Asks a function of the program for the credentials at each login: for tokens that expire, and for
    /// passwords that are kept elsewhere.
    ///
    /// It is called once for each connection that is opened, by the thread or in the task that opens it, and again
    /// when credentials [expire](Credentials::expires_in). It must not use the connection, which is locked then,
    /// and must not block a runtime: let a task of its own fetch tokens before they expire, and return
    /// the latest one here. An error ends the attempt to connect.
    /// [`docs/tls.md`](https://docs.rs/crate/pika-amqp/latest/source/docs/tls.md) has a recipe for OAuth 2.
    #[must_use]
    pub fn credentials_provider(
        mut self,
        provide: impl Fn() -> io::Result<Credentials> + Send + Sync + 'static,
    ) -> Self {
        self.credentials_provider = Some(Provider::new(provide));
        self
    }

    /// The SASL mechanisms to use, best first.
    #[must_use]
    pub fn mechanisms(mut self, mechanisms: impl Into<Vec<Mechanism>>) -> Self {
        self.mechanisms = mechanisms.into();
        self
    }

    /// The language of the server's texts.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<ShortStr>) -> Self {
        self.locale = locale.into();
        self
    }

    /// The highest channel number; 0 is no opinion.
    #[must_use]
    pub fn channel_max(mut self, channel_max: u16) -> Self {
        self.channel_max = channel_max;
        self
    }

    /// The largest frame in bytes, with the 8 of framing; 0 is no opinion. Less than
    /// [`FRAME_MIN_SIZE`] cannot be agreed on and counts as that. RabbitMQ 4.1 and later take no less than
    /// 8192.
    #[must_use]
    pub fn frame_max(mut self, frame_max: u32) -> Self {
        self.frame_max = frame_max;
        self
    }

    /// How often the peers show that they are alive.
    #[must_use]
    pub fn heartbeat(mut self, heartbeat: Heartbeat) -> Self {
        self.heartbeat = heartbeat;
        self
    }

    /// A name for people, which RabbitMQ shows in its lists.
    #[must_use]
    pub fn connection_name(mut self, name: impl Into<String>) -> Self {
        self.connection_name = Some(name.into());
        self
    }

    /// More client properties.
    #[must_use]
    pub fn client_properties(mut self, properties: impl Into<Table>) -> Self {
        self.client_properties = properties.into();
        self
    }

    /// How long connecting may take, over all addresses.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long the whole handshake may take.
    #[must_use]
    pub fn handshake_timeout(mut self, timeout: Duration) -> Self {
        self.handshake_timeout = timeout;
        self
    }

    /// How long to wait for the reply to a call; none is for ever.
    #[must_use]
    pub fn rpc_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.rpc_timeout = timeout.into();
        self
    }

    /// How long to wait for the server to confirm a close.
    #[must_use]
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// How long a waiting publish waits while the server blocks publishing; none is for ever.
    #[must_use]
    pub fn blocked_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.blocked_timeout = timeout.into();
        self
    }

    /// The largest message to receive, in bytes of body. Zero allows empty messages only.
    #[must_use]
    pub fn max_message_size(mut self, bytes: u64) -> Self {
        self.max_message_size = bytes;
        self
    }

    /// Where publishing goes on and where it waits, in bytes that wait to be written. The high mark
    /// is at least 1, and the low one is not above it.
    #[must_use]
    pub fn output_water(mut self, low: usize, high: usize) -> Self {
        self.output_high_water = high.max(1);
        self.output_low_water = low.min(self.output_high_water);
        self
    }

    /// How many messages and how many bytes of body may wait for one consumer; each at least 1.
    #[must_use]
    pub fn incoming(mut self, messages: usize, bytes: usize) -> Self {
        self.incoming_messages = messages.max(1);
        self.incoming_bytes = bytes.max(1);
        self
    }

    /// Sets how many bytes may wait for all consumers of a connection together; see
    /// [`incoming_total`](Self::incoming_total). At least 1.
    #[must_use]
    pub fn incoming_total(mut self, bytes: usize) -> Self {
        self.incoming_total = bytes.max(1);
        self
    }

    /// Returns whether the connection is to be encrypted.
    pub(crate) const fn is_encrypted(&self) -> bool {
        #[cfg(feature = "rustls")]
        return self.tls.is_some();
        #[cfg(not(feature = "rustls"))]
        false
    }

    /// The client properties for `connection.start-ok`: product, version, platform, the
    /// connection's name, the given capabilities, and what the program adds.
    #[must_use]
    pub fn announce(&self, capabilities: &[&'static str]) -> Table {
        let mut own = Table::new()
            .with("product", "pika")
            .with("version", env!("CARGO_PKG_VERSION"))
            .with("platform", "Rust")
            .with(
                "capabilities",
                capabilities
                    .iter()
                    .map(|name| (*name, true))
                    .collect::<Table>(),
            );
        if let Some(name) = &self.connection_name {
            own.insert("connection_name", name.clone());
        }
        let replaced = |name: &ShortStr| self.client_properties.get(name).is_some();
        own.iter()
            .filter(|(name, _)| !replaced(name))
            .chain(self.client_properties.iter())
            .collect()
    }
}
