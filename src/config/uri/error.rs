use std::fmt;

use fluent_uri::{ParseError, ParseErrorKind};

/// The parameters of a URI.
pub(super) const PARAMETERS: [&str; 11] = [
    "heartbeat",
    "channel_max",
    "frame_max",
    "connection_timeout",
    "connection_name",
    "auth_mechanism",
    "cacertfile",
    "certfile",
    "keyfile",
    "verify",
    "server_name_indication",
];

/// What is wrong with a URI, and where: `at` is an offset in bytes from its start.
///
/// The password, or what may be a part of it, is in none of these.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriError {
    /// It does not begin with a scheme and `://`.
    MissingScheme,
    /// The scheme is another than `amqp` and `amqps`.
    Scheme {
        /// The scheme it has.
        found: String,
    },
    /// The scheme is `amqps`, AMQP over TLS, and neither the feature `tls` nor `rustls` is enabled.
    /// There is no falling back to a connection that is not encrypted.
    Tls,
    /// A parameter that only `amqps` has.
    NeedsTls {
        /// Its name.
        name: &'static str,
        /// Where it begins.
        at: usize,
    },
    /// A parameter that is there without the one that it needs.
    Alone {
        /// Its name.
        name: &'static str,
        /// The name of the one that is missing.
        needs: &'static str,
    },
    /// A value that its parameter does not have.
    Value {
        /// The name of the parameter.
        name: &'static str,
        /// The values that it has.
        expected: &'static str,
        /// The value.
        found: String,
        /// Where the parameter begins.
        at: usize,
    },
    /// A character that the syntax does not allow there.
    Character {
        /// Where it is.
        at: usize,
    },
    /// A `%` without two hexadecimal digits.
    Percent {
        /// Where it is.
        at: usize,
    },
    /// Brackets without an IPv6 address in them.
    Ipv6 {
        /// Where the address should begin.
        at: usize,
    },
    /// An address of a kind that does not exist yet (`[v7.…]`).
    FutureAddress {
        /// Where the host begins.
        at: usize,
    },
    /// The port is not a number from 1 to 65535.
    Port {
        /// Where it begins.
        at: usize,
    },
    /// An `@` after the host: it belongs to a virtual host or a value, where it is written `%40`,
    /// or a `/`, `?` or `#` in the password is not percent-encoded.
    At {
        /// Where it is.
        at: usize,
    },
    /// A `#`: there is nothing in a connection that it could name.
    Fragment {
        /// Where it is.
        at: usize,
    },
    /// What was percent-decoded is not UTF-8.
    NotText {
        /// What it is: `user name`, `host`, or a parameter.
        what: &'static str,
        /// Where it begins.
        at: usize,
    },
    /// The path has more than one segment.
    Path {
        /// Where the second begins, with its `/`.
        at: usize,
    },
    /// The virtual host has more than 255 bytes.
    VhostTooLong {
        /// The bytes it has.
        len: usize,
    },
    /// A parameter that is not in the list of [`Config::from_uri`](crate::config::Config::from_uri).
    UnknownParameter {
        /// Its name.
        name: String,
        /// Where it begins.
        at: usize,
    },
    /// A parameter that was there before.
    DuplicateParameter {
        /// Its name.
        name: &'static str,
        /// Where the second begins.
        at: usize,
    },
    /// A value that is not a number in the range of its parameter.
    Number {
        /// The name of the parameter.
        name: &'static str,
        /// The range.
        expected: &'static str,
        /// The value.
        found: String,
        /// Where the parameter begins.
        at: usize,
    },
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingScheme => {
                f.write_str("expected a URI that begins with amqp:// or amqps://")
            }
            Self::Scheme { found } => write!(f, "expected the scheme amqp or amqps, found {found}"),
            Self::Tls => f.write_str(
                "expected the scheme amqp, found amqps: pika-amqp is built without TLS; enable its feature \
                 `tls`",
            ),
            Self::NeedsTls { name, at } => write!(
                f,
                "expected the scheme amqps with the parameter {name} at byte {at}, found amqp"
            ),
            Self::Alone { name, needs } => write!(
                f,
                "expected the parameter {needs} beside {name}, found none"
            ),
            Self::NotText { .. }
            | Self::VhostTooLong { .. }
            | Self::UnknownParameter { .. }
            | Self::DuplicateParameter { .. }
            | Self::Number { .. }
            | Self::Value { .. } => self.fmt_value(f),
            Self::Character { at }
            | Self::Percent { at }
            | Self::Ipv6 { at }
            | Self::FutureAddress { at }
            | Self::Port { at }
            | Self::At { at }
            | Self::Fragment { at }
            | Self::Path { at } => write!(f, "{} at byte {at}", self.place()),
        }
    }
}

impl UriError {
    /// Writes what is wrong with a value.
    fn fmt_value(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText { what, at } => {
                write!(
                    f,
                    "expected UTF-8 in the {what} at byte {at}, once percent-decoded"
                )
            }
            Self::VhostTooLong { len } => {
                write!(
                    f,
                    "expected a virtual host of at most 255 bytes, found {len}"
                )
            }
            Self::UnknownParameter { name, at } => write!(
                f,
                "expected one of the parameters {}, found {name:?} at byte {at}",
                PARAMETERS.join(", ")
            ),
            Self::DuplicateParameter { name, at } => {
                write!(
                    f,
                    "expected the parameter {name} once, found another at byte {at}"
                )
            }
            Self::Number {
                name,
                expected,
                found,
                at,
            }
            | Self::Value {
                name,
                expected,
                found,
                at,
            } => {
                write!(
                    f,
                    "expected {expected} in the parameter {name} at byte {at}, found {found:?}"
                )
            }
            _ => Ok(()),
        }
    }

    /// Where it is, for the variants that the syntax of a URI and of its hosts leads to.
    const fn at_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Character { at }
            | Self::Percent { at }
            | Self::Ipv6 { at }
            | Self::FutureAddress { at }
            | Self::Port { at }
            | Self::NotText { at, .. } => Some(at),
            _ => None,
        }
    }

    /// Moves what lies at or behind a place by so many bytes.
    pub(super) fn moved(mut self, from: usize, by: usize) -> Self {
        if let Some(at) = self.at_mut().filter(|at| **at >= from) {
            *at += by;
        }
        self
    }

    /// Moves it back.
    pub(super) fn moved_back(mut self, by: usize) -> Self {
        if let Some(at) = self.at_mut() {
            *at = at.saturating_sub(by);
        }
        self
    }

    /// What was expected, for the variants that say where and no more.
    const fn place(&self) -> &'static str {
        match self {
            Self::Percent { .. } => "expected two hexadecimal digits after the %",
            Self::Ipv6 { .. } => "expected an IPv6 address",
            Self::FutureAddress { .. } => {
                "expected a name, an IPv4 or an IPv6 address, found one of a future kind"
            }
            Self::Port { .. } => "expected a port from 1 to 65535",
            Self::At { .. } => {
                "expected no @ after the host (write it %40, and in a password / as %2f, ? as %3f, \
                 # as %23), found one"
            }
            Self::Fragment { .. } => "expected no fragment (write # as %23), found one",
            Self::Path { .. } => {
                "expected one path segment, the virtual host (write / in it as %2f), found another"
            }
            _ => "expected a character that may stand there (others are percent-encoded)",
        }
    }
}

impl std::error::Error for UriError {}

impl From<ParseError> for UriError {
    fn from(error: ParseError) -> Self {
        let at = error.index();
        match error.kind() {
            ParseErrorKind::InvalidPctEncodedOctet => Self::Percent { at },
            ParseErrorKind::InvalidIpv6Addr => Self::Ipv6 { at },
            ParseErrorKind::UnexpectedChar => Self::Character { at },
        }
    }
}
