use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// No address of the server could be connected to.
///
/// Its text names the host and all that was tried:
///
/// ```text
/// could not connect to `rabbit.example` (port 5672): 10.0.0.1:5672 did not answer within 15s;
/// 10.0.0.2:5672: Connection refused (os error 111)
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreachable {
    /// The name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Why the name could not be looked up, where that is so.
    pub lookup: Option<String>,
    /// Why the connector of the program did not connect, where it has one.
    pub connector: Option<String>,
    /// What was tried, in the order in which it failed.
    pub tried: Vec<Tried>,
    /// Addresses for which no time was left.
    pub untried: Vec<SocketAddr>,
    /// The same for the other hosts of the configuration, in the order in which they were tried.
    pub others: Vec<Unreachable>,
}

/// An address that could not be connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tried {
    /// The address.
    pub address: SocketAddr,
    /// Why not; [`TimedOut`](io::ErrorKind::TimedOut) where nothing answered.
    pub kind: io::ErrorKind,
    /// The same in the words of the system.
    pub text: String,
    /// How long it took.
    pub after: Duration,
}

impl Unreachable {
    pub(crate) const fn new(host: String, port: u16) -> Self {
        Self {
            host,
            port,
            lookup: None,
            connector: None,
            tried: Vec::new(),
            untried: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Several hosts, the first of which stands for all.
    pub(crate) fn all(failures: Vec<Self>) -> Self {
        let mut failures = failures.into_iter();
        let first = failures.next();
        let mut error = first.unwrap_or_else(|| Self::new(String::new(), 0));
        error.others = failures.collect();
        error
    }

    /// A host that the connector of the program could not connect to.
    #[cfg_attr(
        not(any(feature = "asynchronous", feature = "blocking", feature = "callbacks")),
        allow(dead_code, reason = "connectors belong to adapters")
    )]
    pub(crate) fn by_connector((host, port): (String, u16), error: &io::Error) -> Self {
        let connector = Some(error.to_string());
        Self {
            connector,
            ..Self::new(host, port)
        }
    }

    /// A host for which no time was left.
    pub(crate) fn untried(host: String, port: u16) -> Self {
        Self {
            lookup: Some("no time was left".into()),
            ..Self::new(host, port)
        }
    }
}

impl Tried {
    pub(crate) fn new(address: SocketAddr, error: &io::Error, after: Duration) -> Self {
        Self {
            address,
            kind: error.kind(),
            text: error.to_string(),
            after,
        }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_one(f)?;
        for other in &self.others {
            f.write_str("; ")?;
            other.fmt(f)?;
        }
        Ok(())
    }
}

impl Unreachable {
    fn fmt_one(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if let Some(error) = &self.lookup {
            return write!(f, "could not look up `{host}`: {error}");
        }
        if let Some(error) = &self.connector {
            return write!(f, "could not connect to `{host}` (port {port}): {error}");
        }
        if self.tried.is_empty() && self.untried.is_empty() {
            return write!(f, "could not connect to `{host}`: it has no address");
        }
        write!(f, "could not connect to `{host}` (port {port})")?;
        for (at, tried) in self.tried.iter().enumerate() {
            f.write_str(if at == 0 { ": " } else { "; " })?;
            fmt::Display::fmt(tried, f)?;
        }
        match self.untried.len() {
            0 => Ok(()),
            left => write!(f, "; no time was left for {left} more"),
        }
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, text, .. } = self;
        match self.kind {
            io::ErrorKind::TimedOut => {
                let millis = self.after.as_millis().try_into().unwrap_or(u64::MAX);
                let after = Duration::from_millis(millis);
                write!(f, "{address} did not answer within {after:?}")
            }
            _ => write!(f, "{address}: {text}"),
        }
    }
}

impl std::error::Error for Unreachable {}
