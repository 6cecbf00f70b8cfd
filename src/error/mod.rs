//! What can go wrong, sorted by whose fault it is.
//!
//! | [`Error`] | whose | what to do |
//! |---|---|---|
//! | `Misuse` | the program's | mend the call; nothing was sent, everything goes on |
//! | `ContentForbidden` | no fault | nothing was sent; publish again later |
//! | `TimedOut` | unknown | see [`Waiting`]: only a reply that does not come closes its channel |
//! | `Protocol` | the peer's | the channel or connection is over; report the peer |
//! | `Closed` | see the reason | the channel or connection is over and keeps telling why |
//! | `Unreadable` | the publisher's | reject the message; everything goes on |
//! | `Uri` | the URI's author | mend the URI |
//! | `Unreachable` | the network's | it says what was tried; try to connect again |
//! | `Io` | the system's | try to connect again |

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

mod cause;
mod closed;
#[cfg(any(feature = "blocking", feature = "callbacks"))]
mod failures;
mod misuse;
mod protocol;
mod refused;
mod server;
#[cfg(test)]
mod tests;
mod tls;
mod unreachable;
mod unreadable;

use crate::config::UriError;
use crate::config::recovery::Failure;
use crate::versions::UnknownVersion;

pub use cause::{Cause, TransportEnd};
pub use closed::{Closed, ClosedBy, Target};
#[cfg(any(feature = "blocking", feature = "callbacks"))]
pub use failures::Failures;
pub use misuse::Misuse;
pub use protocol::{Expected, ProtocolError};
pub use refused::Refused;
pub use tls::{NotTls, TlsError, TlsErrorKind};
pub use unreachable::{Tried, Unreachable};
pub use unreadable::Unreadable;

/// The result of what can fail in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Anything that can go wrong between the program and the broker.
///
/// Its `Debug` is its text, so that a program whose `main` returns it ends with a sentence.
#[derive(Clone)]
#[non_exhaustive]
pub enum Error {
    /// The call makes no sense here. Nothing was sent and the channel is as usable as before.
    Misuse(Misuse),
    /// Content may not be sent now. Nothing was sent, and the message is still the caller's.
    ContentForbidden(Forbidden),
    /// Something did not come in time.
    TimedOut(TimedOut),
    /// The peer broke the protocol, and the connection was closed over it; or it sent a message
    /// larger than we take, and the channel was.
    Protocol(Arc<Closed>),
    /// The channel or the connection is closed.
    Closed(Arc<Closed>),
    /// A message that came cannot be read. The channel goes on; the message is the program's to
    /// reject.
    Unreadable(Unreadable),
    /// The URI cannot be used.
    Uri(UriError),
    /// The server cannot be reached.
    Unreachable(Arc<Unreachable>),
    /// The system could not do what a connection needs.
    Io(Arc<io::Error>),
}

impl Error {
    /// Whether doing the same again, on a new connection where this one is closed, can help.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::ContentForbidden(_) | Self::TimedOut(_) | Self::Unreachable(_) | Self::Io(_) => {
                true
            }
            Self::Closed(closed) => closed.is_retriable(),
            Self::Misuse(_) | Self::Protocol(_) | Self::Unreadable(_) | Self::Uri(_) => false,
        }
    }

    /// Why the channel or connection is closed, where that is the error.
    #[must_use]
    pub fn closed(&self) -> Option<&Closed> {
        match self {
            Self::Protocol(closed) | Self::Closed(closed) => Some(closed),
            _ => None,
        }
    }
}

impl<'a> From<&'a Error> for Failure<'a> {
    fn from(error: &'a Error) -> Self {
        let is_retriable = error.is_retriable();
        Self {
            error,
            is_retriable,
        }
    }
}

impl<'a> From<&'a Closed> for Failure<'a> {
    fn from(closed: &'a Closed) -> Self {
        let (error, is_retriable): (&dyn std::error::Error, _) = (closed, closed.is_retriable());
        Self {
            error,
            is_retriable,
        }
    }
}

impl Error {
    /// Why TLS failed, where that is the error.
    #[must_use]
    pub fn tls(&self) -> Option<&TlsError> {
        match &self.closed()?.cause {
            Cause::Transport {
                end: TransportEnd::Tls(error),
                ..
            } => Some(error),
            _ => None,
        }
    }
}

impl From<Arc<Closed>> for Error {
    fn from(closed: Arc<Closed>) -> Self {
        match &closed.cause {
            Cause::Protocol(_) => Self::Protocol(closed),
            Cause::Unreachable(why) => Self::Unreachable(why.clone()),
            _ => Self::Closed(closed),
        }
    }
}

impl From<Misuse> for Error {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

impl From<Forbidden> for Error {
    fn from(forbidden: Forbidden) -> Self {
        Self::ContentForbidden(forbidden)
    }
}

impl From<TimedOut> for Error {
    fn from(timed_out: TimedOut) -> Self {
        Self::TimedOut(timed_out)
    }
}

impl From<Unreachable> for Error {
    fn from(error: Unreachable) -> Self {
        Self::Unreachable(Arc::new(error))
    }
}

impl From<Arc<Unreachable>> for Error {
    fn from(error: Arc<Unreachable>) -> Self {
        Self::Unreachable(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

impl From<UriError> for Error {
    fn from(error: UriError) -> Self {
        Self::Uri(error)
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<UnknownVersion> for Error {
    fn from(error: UnknownVersion) -> Self {
        Self::Misuse(Misuse::Version(error))
    }
}

impl From<crate::wire::TooLong> for Error {
    fn from(error: crate::wire::TooLong) -> Self {
        Self::Misuse(Misuse::ShortStr(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misuse(error) => error.fmt(f),
            Self::ContentForbidden(error) => error.fmt(f),
            Self::TimedOut(error) => error.fmt(f),
            Self::Protocol(closed) | Self::Closed(closed) => closed.fmt(f),
            Self::Unreadable(error) => error.fmt(f),
            Self::Uri(error) => error.fmt(f),
            Self::Unreachable(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // What is shown is the inner error itself, so the source is what is behind that.
            Self::Io(error) => error.source(),
            _ => None,
        }
    }
}

/// Why content may not be sent now.
///
/// Only messages are held back here; calls, acknowledgements and heartbeats are sent. While RabbitMQ
/// blocks a connection it reads nothing from it, so they take effect when it unblocks: consume and call
/// on a connection that does not publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Forbidden {
    /// The server stopped the channel with `channel.flow`.
    Flow,
    /// The server blocked the connection with `connection.blocked`, for want of memory or disk.
    Blocked,
    /// So many bytes wait to be written that the high-water mark is reached.
    OutputFull,
    /// A publisher has as many messages without an outcome as its window allows.
    WindowFull,
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flow => {
                "the server stopped content on this channel; publish again when flow resumes"
            }
            Self::Blocked => "the server blocked publishing; publish again when it unblocks",
            Self::OutputFull => {
                "too many bytes wait to be written; publish again when some are out"
            }
            Self::WindowFull => {
                "the publisher's window is full of messages that are not confirmed; publish again when some are"
            }
        })
    }
}

impl std::error::Error for Forbidden {}

/// Something that did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut {
    /// What was waited for.
    pub waiting_for: Waiting,
    /// How long.
    pub after: Duration,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "timed out after {:?} waiting for {}",
            self.after, self.waiting_for
        )
    }
}

impl std::error::Error for TimedOut {}

/// The things that are waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Waiting {
    /// The transport to connect.
    Connect,
    /// The handshake to get past the named step.
    Handshake(&'static str),
    /// The answer to the named method; the channel is closed over it.
    Reply(&'static str),
    /// The answer to the named method, while the server blocks the connection because it is low on
    /// memory or disk; it reads nothing then. The channel is closed over it.
    Unblocked(&'static str),
    /// The answer to a close.
    CloseOk,
    /// The server to accept content again. The message was not sent.
    Permission(Forbidden),
    /// Publisher confirms. The messages were sent, the channel is open, and what becomes of them may
    /// still come; publishing one again may make two of it.
    Confirms,
    /// Deliveries in hand to be settled or dropped. The broker delivers them again.
    Settlements,
    /// A consumer to take its messages, which fill its inbox, so that nothing behind them is read. What
    /// was sent may have been done. Take the messages first, or set a prefetch count.
    Inbox,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("the connection to be established"),
            Self::Handshake(step) => write!(f, "{step} in the handshake"),
            Self::Reply(method) => write!(f, "the reply to {method}"),
            Self::Unblocked(method) => write!(
                f,
                "the reply to {method}, while the server blocks the connection: it is low on memory or \
                 disk and reads nothing; consume and call on a connection that does not publish"
            ),
            Self::CloseOk => f.write_str("the server to confirm the close"),
            Self::Permission(forbidden) => write!(f, "permission to publish ({forbidden})"),
            Self::Confirms => f.write_str("publisher confirms"),
            Self::Settlements => f.write_str("deliveries in hand to be settled or dropped"),
            Self::Inbox => f.write_str(
                "a consumer to take its messages, which fill its inbox and hold up everything \
                 behind them; take them first, or set a prefetch count with basic.qos",
            ),
        }
    }
}
