use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::{Misuse, ProtocolError, TimedOut, TlsError, Unreachable};
use crate::frame::ProtocolHeader;
use crate::versions::method_name;
use crate::wire::{MethodId, Overlong, ReplyCode, ShortStr};

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
        /// The names of those that are configured and can be used, separated by spaces.
        wanted: String,
        /// What the server offers; of a long list the beginning.
        offered: String,
    },
    /// A SASL mechanism of the program could not go on.
    Login {
        /// The mechanism.
        mechanism: String,
        /// Why, in its words.
        reason: String,
    },
    /// The provider of credentials has none.
    Credentials {
        /// Why, in its words.
        reason: String,
    },
    /// The server proposes something that cannot be worked with.
    Tuning {
        /// The frame-max it proposes.
        frame_max: u32,
    },
    /// The server ended the transport after smaller frames were asked for than it takes.
    FrameMaxRefused {
        /// The frame-max that was asked for.
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
    /// The server cancelled the consumer: its queue was deleted, or the node that has it is lost.
    ConsumerCancelled,
    /// What recovery was to send again, or settings that the next transport needs, cannot be used.
    Unsendable(Box<Misuse>),
    /// The transport ended.
    Transport {
        /// How.
        end: TransportEnd,
        /// What the handshake was waiting for, if it was not done.
        during: Option<&'static str>,
    },
}

/// How a transport ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportEnd {
    /// The peer closed it.
    Eof,
    /// Reading or writing failed.
    Failed(io::ErrorKind),
    /// TLS failed: the settings cannot be used, the server cannot be trusted, or it broke the
    /// protocol.
    Tls(Arc<TlsError>),
    /// The task that drives the connection was dropped: aborted, or its runtime ended.
    Undriven,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { code, text } => write!(f, "by the program, {code}: {text}"),
            Self::Server { code, text, method } => by_server(f, *code, text, *method),
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
            Self::NoMechanism { .. }
            | Self::Login { .. }
            | Self::Credentials { .. }
            | Self::Tuning { .. }
            | Self::FrameMaxRefused { .. }
            | Self::TooLarge { .. }
            | Self::Overlong(_) => self.fmt_login(f),
            Self::Redirected { host, known_hosts } => {
                write!(f, "the server redirects to {host} (others: {known_hosts})")
            }
            Self::Silence { heartbeat } => write!(
                f,
                "nothing was heard for two heartbeat intervals of {heartbeat:?}"
            ),
            Self::TimedOut(timed_out) => timed_out.fmt(f),
            Self::Unreachable(unreachable) => unreachable.fmt(f),
            Self::ConsumerCancelled => f.write_str("the server cancelled the consumer"),
            Self::Unsendable(misuse) => misuse.fmt(f),
            Self::Transport {
                end: end @ TransportEnd::Tls(_),
                ..
            }
            | Self::Transport { end, during: None } => end.fmt(f),
            Self::Transport {
                end,
                during: Some(step),
            } => {
                write!(f, "{end} while {step} was waited for")
            }
        }
    }
}

impl Cause {
    /// Writes what the two sides do not agree on while the program logs in.
    fn fmt_login(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMechanism { wanted, offered } => write!(
                f,
                "expected a server that offers one of the SASL mechanisms [{wanted}], found [{offered}]"
            ),
            Self::Login { mechanism, reason } => {
                write!(
                    f,
                    "the SASL mechanism {mechanism} could not go on: {reason}"
                )
            }
            Self::Credentials { reason } => {
                write!(f, "the provider of credentials has none: {reason}")
            }
            Self::Tuning { frame_max } => write!(
                f,
                "expected a frame-max of at least 4096 in connection.tune, found {frame_max}"
            ),
            Self::FrameMaxRefused { frame_max } => write!(
                f,
                "the server ended the connection after frames of at most {frame_max} bytes were asked \
                 for: RabbitMQ 4.1 and later take no frame_max below 8192"
            ),
            Self::TooLarge { len, limit } => write!(
                f,
                "login and client properties take a frame of {len} bytes, at most {limit} may be sent"
            ),
            Self::Overlong(Overlong { argument, len }) => write!(
                f,
                "expected a string of at most 255 bytes in {argument} of the configuration, found {len}"
            ),
            _ => Ok(()),
        }
    }
}

fn by_server(
    f: &mut fmt::Formatter<'_>,
    code: ReplyCode,
    text: &ShortStr,
    method: Option<MethodId>,
) -> fmt::Result {
    write!(f, "by the server, {}: {}", code.0, OneLine(text))?;
    match method.map(|id| (id, method_name(id))) {
        Some((_, Some(name))) => write!(f, " (over {name})"),
        Some((id, None)) => write!(f, " (over method {id})"),
        None => Ok(()),
    }
}

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

impl From<TlsError> for TransportEnd {
    fn from(error: TlsError) -> Self {
        Self::Tls(Arc::new(error))
    }
}

impl From<io::Error> for TransportEnd {
    /// A [`TlsError`] within the error is kept.
    fn from(error: io::Error) -> Self {
        let kind = error.kind();
        match error.downcast::<TlsError>() {
            Ok(error) => error.into(),
            Err(_) => Self::Failed(kind),
        }
    }
}

impl fmt::Display for TransportEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Eof => f.write_str("the server ended the transport"),
            Self::Failed(kind) => write!(f, "the transport failed: {kind}"),
            Self::Tls(error) => error.fmt(f),
            Self::Undriven => f.write_str(
                "the task that drives the connection was dropped: it was aborted, or its runtime ended",
            ),
        }
    }
}
