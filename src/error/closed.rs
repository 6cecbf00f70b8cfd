use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::server::Rule;
use super::{ProtocolError, TimedOut, Unreachable};
use crate::frame::{FrameErrorKind, ProtocolHeader};
use crate::wire::{MethodId, Overlong, ReplyCode, Scope, ShortStr};

/// The first octets of what a TLS server says.
const TLS_ALERT: u8 = 21;
const TLS_HANDSHAKE: u8 = 22;

/// Why a channel or a connection is closed. It is kept, and every later call gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// What is closed. A closed connection closes all its channels with the same reason.
    pub scope: Scope,
    /// Why.
    pub cause: Cause,
}

/// The reasons for which channels and connections close.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The program closed it.
    Local {
        /// The code that was sent.
        code: ReplyCode,
        /// The text that was sent.
        text: ShortStr,
    },
    /// The server closed it.
    Server {
        /// The code that the server sent.
        code: ReplyCode,
        /// Its text, with which RabbitMQ says what is wrong.
        text: ShortStr,
        /// The method it complains about, if it names one.
        method: Option<MethodId>,
    },
    /// The server broke the protocol.
    Protocol(ProtocolError),
    /// The server does not speak the version. This is what it offers.
    Version {
        /// The header we sent.
        sent: ProtocolHeader,
        /// The header it answered with.
        found: ProtocolHeader,
    },
    /// The server began with a version that we did not ask for.
    Started {
        /// The header we sent.
        sent: ProtocolHeader,
        /// Major and minor number in the server's `connection.start`.
        found: (u8, u8),
    },
    /// No SASL mechanism that the server offers is among those that are configured.
    NoMechanism {
        /// What the server offers; of a long list the beginning.
        offered: String,
    },
    /// The server proposes something that cannot be worked with.
    Tuning {
        /// The frame-max it proposes.
        frame_max: u32,
    },
    /// The user name, the password and the client properties do not fit in a frame.
    TooLarge {
        /// Bytes that the frame would take.
        len: usize,
        /// The most that may be sent before anything is agreed on.
        limit: u32,
    },
    /// A name in the settings has more than the 255 bytes that can be sent.
    Overlong(Overlong),
    /// The server sends the client elsewhere (0-8).
    Redirected {
        /// The server to go to.
        host: ShortStr,
        /// Other servers that would do.
        known_hosts: ShortStr,
    },
    /// Nothing came for two heartbeat intervals.
    Silence {
        /// The interval agreed on.
        heartbeat: Duration,
    },
    /// Something did not come in time.
    TimedOut(TimedOut),
    /// The server could not be reached.
    Unreachable(Arc<Unreachable>),
    /// The transport ended.
    Transport {
        /// How.
        end: TransportEnd,
        /// What the handshake was waiting for, if it was not done.
        during: Option<&'static str>,
    },
}

/// How a transport ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportEnd {
    /// The peer closed it.
    Eof,
    /// Reading or writing failed.
    Failed(io::ErrorKind),
}

/// Who closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClosedBy {
    /// The program.
    Us,
    /// The server, in words.
    Server,
    /// Nobody said anything: the transport ended or a deadline passed.
    Nobody,
}

impl Closed {
    /// Who closed.
    #[must_use]
    pub const fn by(&self) -> ClosedBy {
        match self.cause {
            Cause::Local { .. }
            | Cause::Protocol(_)
            | Cause::NoMechanism { .. }
            | Cause::Overlong(_)
            | Cause::TooLarge { .. }
            | Cause::Tuning { .. } => ClosedBy::Us,
            Cause::Server { .. }
            | Cause::Version { .. }
            | Cause::Started { .. }
            | Cause::Redirected { .. } => ClosedBy::Server,
            Cause::Silence { .. }
            | Cause::TimedOut(_)
            | Cause::Unreachable(_)
            | Cause::Transport { .. } => ClosedBy::Nobody,
        }
    }

    /// The code that was sent or received, if there was one.
    #[must_use]
    pub fn code(&self) -> Option<ReplyCode> {
        match &self.cause {
            Cause::Local { code, .. } | Cause::Server { code, .. } => Some(*code),
            Cause::Protocol(error) => Some(error.reply_code()),
            _ => None,
        }
    }

    /// The text that was sent or received, if there was one.
    #[must_use]
    pub const fn text(&self) -> Option<&ShortStr> {
        match &self.cause {
            Cause::Local { text, .. } | Cause::Server { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The method that the server complains about, if it names one.
    #[must_use]
    pub const fn method(&self) -> Option<MethodId> {
        match self.cause {
            Cause::Server { method, .. } => method,
            _ => None,
        }
    }

    /// Whether the program closed it in good order.
    #[must_use]
    pub const fn is_normal(&self) -> bool {
        matches!(self.cause, Cause::Local { .. })
    }

    /// Whether doing the same again, on a new channel or connection with the same settings, can help.
    ///
    /// The network may come back, an operator may have restarted the server, somebody may let go of
    /// a queue or close a connection. Wrong credentials, missing things, refused permissions, methods
    /// and arguments that the server does not accept and versions that it does not speak do not get
    /// better by trying. Of closes by the server these are retriable; all others are not:
    ///
    /// | code | and in its text, or else |
    /// |---|---|
    /// | 320 connection-forced | |
    /// | 403 access-refused | `in exclusive use` |
    /// | 404 not-found | `is down or inaccessible` |
    /// | 405 resource-locked | |
    /// | 406 precondition-failed | a delivery was not acknowledged in time |
    /// | 506 resource-error | |
    /// | 530 not-allowed | a limit is reached, or `is down` |
    /// | 541 internal-error | no method is named |
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self.cause {
            Cause::Server { .. } => self.rule().is_some_and(|rule| rule.is_retriable),
            Cause::Silence { .. }
            | Cause::TimedOut(_)
            | Cause::Unreachable(_)
            | Cause::Transport { .. } => true,
            _ => false,
        }
    }

    fn rule(&self) -> Option<&'static Rule> {
        match &self.cause {
            Cause::Server { code, text, method } => {
                Rule::find(self.scope, *code, text.as_bytes(), method.is_some())
            }
            _ => None,
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self.cause {
            Cause::Server { .. } => self.rule()?.hint,
            // RabbitMQ 4 answers with the header of 1.0, for which it needs SASL or TLS first.
            Cause::Version { sent, found }
                if sent != found && matches!(found.version(), [_, 1, 0, 0]) =>
            {
                Some("RabbitMQ 4 and later speak 0-9-1 and 1.0 only")
            }
            Cause::Protocol(ProtocolError::Frame(error)) => match error.kind() {
                FrameErrorKind::UnknownType(TLS_ALERT | TLS_HANDSHAKE) => {
                    Some("servers answer like this on a port for TLS")
                }
                FrameErrorKind::UnknownType(b'H') => Some("is this the port of an HTTP server?"),
                _ => None,
            },
            Cause::Transport { during, .. } => match during? {
                "connection.start" => Some("is this the AMQP port, without TLS?"),
                "connection.tune" => Some(
                    "servers end the connection like this over a wrong user name or password, over one \
                     that is too long (RabbitMQ takes some 8 kB), and when they stop",
                ),
                "connection.open-ok" => Some(
                    "servers end the connection like this over limits they cannot accept: RabbitMQ \
                     4.1 and later take no frame_max below 8192",
                ),
                _ => None,
            },
            _ => None,
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.scope {
            Scope::Channel => "channel",
            Scope::Connection => "connection",
        };
        write!(f, "{what} closed: {}", self.cause)?;
        match self.hint() {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Its text says all, that of what is behind it too, so it has no source: reports that print a chain
/// of sources would say it twice.
impl std::error::Error for Closed {}

/// A text of the server without line breaks, since errors are written to logs line by line.
struct OneLine<'a>(&'a ShortStr);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(self.0.as_bytes());
        let words = text.split(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}');
        let mut words = words.filter(|words| !words.is_empty());
        f.write_str(words.next().unwrap_or_default())?;
        words.try_for_each(|words| write!(f, " {words}"))
    }
}

impl fmt::Display for TransportEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Eof => f.write_str("the server ended the transport"),
            Self::Failed(kind) => write!(f, "the transport failed: {kind}"),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { code, text } => write!(f, "by the program, {code}: {text}"),
            Self::Server { code, text, method } => {
                write!(f, "by the server, {}: {}", code.0, OneLine(text))?;
                match method.map(|id| (id, crate::versions::method_name(id))) {
                    Some((_, Some(name))) => write!(f, " (over {name})"),
                    Some((id, None)) => write!(f, " (over method {id})"),
                    None => Ok(()),
                }
            }
            Self::Protocol(error) => write!(f, "the server broke the protocol: {error}"),
            Self::Version { sent, found } if sent == found => {
                write!(
                    f,
                    "the server sent back our own {sent}, as no AMQP server does"
                )
            }
            Self::Version { sent, found } => {
                write!(f, "we speak {sent}, the server offers {found}")
            }
            Self::Started {
                sent,
                found: (major, minor),
            } => {
                write!(
                    f,
                    "we speak {sent}, the server began with version {major}-{minor}"
                )
            }
            Self::NoMechanism { offered } => write!(
                f,
                "none of the SASL mechanisms that the server offers is configured: {offered}"
            ),
            Self::Tuning { frame_max } => write!(
                f,
                "expected a frame-max of at least 4096 in connection.tune, found {frame_max}"
            ),
            Self::TooLarge { len, limit } => write!(
                f,
                "login and client properties take a frame of {len} bytes, at most {limit} may be sent"
            ),
            Self::Overlong(Overlong { argument, len }) => write!(
                f,
                "expected a string of at most 255 bytes in {argument} of the configuration, found {len}"
            ),
            Self::Redirected { host, known_hosts } => {
                write!(f, "the server redirects to {host} (others: {known_hosts})")
            }
            Self::Silence { heartbeat } => {
                write!(
                    f,
                    "nothing was heard for two heartbeat intervals of {heartbeat:?}"
                )
            }
            Self::TimedOut(timed_out) => timed_out.fmt(f),
            Self::Unreachable(unreachable) => unreachable.fmt(f),
            Self::Transport { end, during } => {
                end.fmt(f)?;
                match during {
                    Some(step) => write!(f, " while {step} was waited for"),
                    None => Ok(()),
                }
            }
        }
    }
}
