use std::fmt;

use super::server::Rule;
use super::{Cause, ProtocolError, TransportEnd};
use crate::config::Config;
use crate::frame::FrameErrorKind;
use crate::wire::{MethodId, ReplyCode, Scope, ShortStr};

/// The first octets of what a TLS server says.
const TLS_ALERT: u8 = 21;
const TLS_HANDSHAKE: u8 = 22;

/// Why a channel or a connection is closed. It is kept, and every later call gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// What is closed. A closed connection closes all its channels with the same reason.
    pub scope: Scope,
    /// Why.
    pub cause: Cause,
    /// What was to be opened, where the handshake was not done.
    pub opening: Option<Box<Target>>,
}

/// What a connection is opened to, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// The name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The virtual host.
    pub vhost: ShortStr,
    /// Who logs in.
    pub user: String,
}

impl Target {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            host: config.host.clone(),
            port: config.port,
            vhost: config.vhost.clone(),
            user: config.credentials.user.clone(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            host,
            port,
            vhost,
            user,
        } = self;
        write!(
            f,
            "`{host}` (port {port}, virtual host `{vhost}`, user `{user}`)"
        )
    }
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
    /// The end of a channel or a connection that was open.
    #[must_use]
    pub const fn new(scope: Scope, cause: Cause) -> Self {
        let opening = None;
        Self {
            scope,
            cause,
            opening,
        }
    }

    /// Who closed.
    #[must_use]
    pub const fn by(&self) -> ClosedBy {
        match self.cause {
            Cause::Local { .. }
            | Cause::Protocol(_)
            | Cause::NoMechanism { .. }
            | Cause::Login { .. }
            | Cause::Credentials { .. }
            | Cause::Overlong(_)
            | Cause::TooLarge { .. }
            | Cause::Unsendable(_)
            | Cause::Tuning { .. } => ClosedBy::Us,
            Cause::Server { .. }
            | Cause::Version { .. }
            | Cause::Started { .. }
            | Cause::ConsumerCancelled
            | Cause::Redirected { .. } => ClosedBy::Server,
            Cause::Silence { .. }
            | Cause::TimedOut(_)
            | Cause::Unreachable(_)
            | Cause::FrameMaxRefused { .. }
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
        match &self.cause {
            Cause::Server { .. } => self.rule().is_some_and(|rule| rule.is_retriable),
            Cause::Transport {
                end: TransportEnd::Tls(error),
                ..
            } => error.is_retriable(),
            // A token can be there the next time.
            Cause::Credentials { .. }
            | Cause::ConsumerCancelled
            | Cause::Silence { .. }
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
        match &self.cause {
            Cause::Server { .. } => self.rule()?.hint,
            // RabbitMQ 4 answers with the header of 1.0, for which it needs SASL or TLS first.
            Cause::Version { sent, found }
                if sent != found && matches!(found.version(), [_, 1, 0, 0]) =>
            {
                Some("RabbitMQ 4 and later speak 0-9-1 and 1.0 only")
            }
            Cause::Protocol(ProtocolError::Frame(error)) => match error.kind() {
                FrameErrorKind::UnknownType(TLS_ALERT | TLS_HANDSHAKE) => {
                    Some("this is a port for TLS: use amqps://")
                }
                FrameErrorKind::UnknownType(b'H') => Some("is this the port of an HTTP server?"),
                _ => None,
            },
            Cause::Transport {
                end: TransportEnd::Tls(_),
                ..
            } => None,
            Cause::Transport { during, .. } => match (*during)? {
                "connection.start" => {
                    Some("is this the AMQP port, without TLS? for a port with TLS use amqps://")
                }
                "connection.tune" => Some(
                    "servers end the connection like this over a wrong user name or password, over one \
                     that is too long (RabbitMQ takes some 8 kB), and when they stop",
                ),
                _ => None,
            },
            _ => None,
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.opening, self.scope) {
            // It names the host itself.
            (Some(_), _) if matches!(self.cause, Cause::Unreachable(_)) => {}
            (Some(target), _) => write!(f, "could not open a connection to {target}: ")?,
            (None, Scope::Channel) => f.write_str("channel closed: ")?,
            (None, Scope::Connection) => f.write_str("connection closed: ")?,
        }
        self.cause.fmt(f)?;
        match self.hint() {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Its text says all, that of what is behind it too, so it has no source: reports that print a chain
/// of sources would say it twice.
impl std::error::Error for Closed {}
