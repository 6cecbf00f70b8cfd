use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// A host that a connection can be opened to, and its port.
///
/// ```
/// use pika::config::Endpoint;
///
/// assert_eq!(Endpoint::from("rabbit-2"), Endpoint::new("rabbit-2", None));
/// assert_eq!(Endpoint::from("rabbit-2:5673"), Endpoint::new("rabbit-2", 5673));
/// assert_eq!(Endpoint::from("[::1]:5673"), Endpoint::new("::1", 5673));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Endpoint {
    /// The name or address; an IPv6 address without brackets.
    pub host: String,
    /// The TCP port; none is [`Config::port`](super::Config::port).
    pub port: Option<u16>,
}

impl Endpoint {
    /// A host and its port; no port is that of the configuration.
    #[must_use]
    pub fn new(host: impl Into<String>, port: impl Into<Option<u16>>) -> Self {
        Self {
            host: host.into(),
            port: port.into(),
        }
    }
}

impl From<&str> for Endpoint {
    /// Reads `host`, `host:port`, `[v6]` and `[v6]:port`. Anything else is a host as a whole.
    fn from(text: &str) -> Self {
        let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
        if let Some((host, rest)) = text.strip_prefix('[').and_then(|it| it.split_once(']')) {
            match rest.strip_prefix(':').map(port) {
                None if rest.is_empty() => return Self::new(host, None),
                Some(Some(port)) => return Self::new(host, port),
                _ => {}
            }
        }
        match text.split_once(':') {
            Some((host, rest)) if port(rest).is_some() => Self::new(host, port(rest)),
            _ => Self::new(text, None),
        }
    }
}

impl From<String> for Endpoint {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for Endpoint {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl<H: Into<String>> From<(H, u16)> for Endpoint {
    fn from((host, port): (H, u16)) -> Self {
        Self::new(host, port)
    }
}

/// The order in which hosts are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostOrder {
    /// As they are listed.
    #[default]
    Given,
    /// At random, anew for each attempt, which spreads connections over a cluster.
    Shuffled,
}

/// How TCP detects a dead peer while nothing is sent.
///
/// Heartbeats do the same, and need a thread or task that is running. The probes are sent by the
/// system, also while a blocking connection is not served, and they keep load balancers from ending
/// connections as idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KeepAlive {
    /// How long nothing has come before the first probe. Default: 30 s, less than load balancers wait.
    pub idle: Duration,
    /// How long after a probe without an answer the next is sent. Default: 10 s.
    pub interval: Duration,
    /// How many probes without an answer end the connection. Default: 3.
    pub probes: u32,
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(30),
            interval: Duration::from_secs(10),
            probes: 3,
        }
    }
}

impl KeepAlive {
    /// Returns the default times.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long nothing has come before the first probe. Systems count whole seconds.
    #[must_use]
    pub const fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Sets how long after a probe without an answer the next is sent. Systems count whole seconds.
    #[must_use]
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Sets how many probes without an answer end the connection.
    #[must_use]
    pub const fn probes(mut self, probes: u32) -> Self {
        self.probes = probes;
        self
    }
}

/// Looks up the addresses of a host instead of the system.
#[derive(Clone)]
pub struct Resolver(Arc<Resolve>);

type Resolve = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync;

impl Resolver {
    pub(super) fn new(
        resolve: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(resolve))
    }

    /// Looks up the addresses of a host.
    ///
    /// # Errors
    /// Those of the function of the program.
    pub fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        (self.0)(host, port)
    }
}

impl PartialEq for Resolver {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Resolver {}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("of the program")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_host_with_a_port_where_it_can_be_one() {
        for (text, host, port) in [
            ("rabbit", "rabbit", None),
            ("rabbit:1", "rabbit", Some(1)),
            ("rabbit:0", "rabbit:0", None),
            ("rabbit:65536", "rabbit:65536", None),
            ("::1", "::1", None),
            ("fe80::7:5672", "fe80::7:5672", None),
            ("[::1]", "::1", None),
            ("[::1]:2", "::1", Some(2)),
            ("[::1]x", "[::1]x", None),
            ("", "", None),
        ] {
            assert_eq!(Endpoint::from(text), Endpoint::new(host, port), "{text}");
        }
    }
}
