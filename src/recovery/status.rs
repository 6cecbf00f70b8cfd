use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::error::Closed;
use crate::wire::ShortStr;

/// Whether a connection can be used, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// The connection is open, and what it keeps is declared.
    Open,
    /// The connection is open, and the broker accepts no messages, for this reason: it is low on memory or
    /// disk. Publishers wait.
    Blocked(ShortStr),
    /// The transport was lost. The next one is being opened, or its topology is being declared.
    Away {
        /// When it was lost; on a first attempt, when that began.
        since: Instant,
        /// How many attempts have begun since.
        attempt: u32,
        /// When the next attempt begins; none while one is under way.
        next_attempt: Option<Instant>,
        /// Why the connection was lost, or why the last attempt failed; none on a first attempt.
        reason: Option<Arc<Closed>>,
    },
    /// The connection has ended for good: the program closed it, or recovery gave up.
    Stopped(Arc<Closed>),
}

impl Status {
    /// Returns whether the connection can be used, for a readiness probe.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// Returns whether the connection has ended for good, for a liveness probe.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped(_))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Blocked(reason) => write!(f, "blocked by the broker: {reason}"),
            Self::Away {
                attempt, reason, ..
            } => {
                write!(f, "away, attempt {attempt}")?;
                match reason {
                    Some(reason) => write!(f, ": {reason}"),
                    None => Ok(()),
                }
            }
            Self::Stopped(reason) => write!(f, "stopped: {reason}"),
        }
    }
}
