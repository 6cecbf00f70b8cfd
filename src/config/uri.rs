use std::fmt;
use std::time::Duration;

use fluent_uri::Uri;
use fluent_uri::component::{Authority, Host};
use fluent_uri::pct_enc::encoder::Query;
use fluent_uri::pct_enc::{DecodedChunk, EStr, Encoder};
use fluent_uri::{ParseError, ParseErrorKind};

use super::{Config, FRAME_MIN_SIZE, Heartbeat};
use crate::wire::ShortStr;

impl Config {
    /// Reads `amqp://user:password@host:port/vhost?parameters`.
    ///
    /// Everything but the scheme may be absent and is the default then. The form is RFC 3986, as
    /// RabbitMQ's URI specification applies it:
    ///
    /// - User, password and virtual host are percent-decoded after they were told apart, so `:`,
    ///   `@` and `/` in them are written `%3a`, `%40` and `%2f`. A user without a password has the
    ///   empty one.
    /// - No path is the virtual host `/`; so is `/%2f`. A path of `/` alone is the virtual host
    ///   whose name is empty.
    /// - An IPv6 address stands in brackets: `amqp://[::1]:5672`.
    ///
    /// | parameter | value | default |
    /// |---|---|---|
    /// | `heartbeat` | seconds, up to 65535: [`Heartbeat::AtMost`]; 0 is [`Heartbeat::Off`] | [`Heartbeat::Broker`] |
    /// | `channel_max` | the highest channel number, up to 65535; 0 is no opinion | 0 |
    /// | `frame_max` | bytes, at least 4096; 0 is no opinion | 131072 |
    /// | `connection_timeout` | milliseconds, at least 1: [`connect_timeout`](Self::connect_timeout) | 30000 |
    /// | `connection_name` | text | none |
    ///
    /// ```
    /// use pika::config::Config;
    ///
    /// let config = Config::from_uri("amqp://orders:p%40ss@[::1]/eu%2fwest?heartbeat=10")?;
    /// assert_eq!(config.host, "::1");
    /// assert_eq!(config.credentials.password.expose(), b"p@ss");
    /// assert_eq!(config.vhost, "eu/west");
    /// # Ok::<_, pika::config::UriError>(())
    /// ```
    ///
    /// # Errors
    /// Everything that is not understood, each mistake by its own variant. No error holds any part
    /// of the password, also where a `/`, `?` or `#` in it makes the rest look like something else.
    pub fn from_uri(uri: &str) -> Result<Self, UriError> {
        let scheme_end = uri.find("://").ok_or(UriError::MissingScheme)?;
        let uri = Uri::parse(uri)?;
        match uri.scheme().as_str() {
            scheme if scheme.eq_ignore_ascii_case("amqp") => {}
            scheme if scheme.eq_ignore_ascii_case("amqps") => return Err(UriError::Tls),
            found => {
                return Err(UriError::Scheme {
                    found: found.into(),
                });
            }
        }
        let authority_at = scheme_end + 3;
        // The scheme is not followed by `://` itself, but that stands further on.
        let authority = uri.authority().ok_or(UriError::MissingScheme)?;
        let path_at = authority_at + authority.as_str().len();
        check_for_leaks(uri.as_str(), path_at)?;

        let mut config = Self::new();
        read_authority(&mut config, authority, authority_at)?;
        read_path(&mut config, uri.path(), path_at)?;
        if let Some(query) = uri.query() {
            read_query(&mut config, query, path_at + uri.path().len() + 1)?;
        }
        Ok(config)
    }
}

/// What is wrong with a URI, and where: `at` is an offset in bytes from its start.
///
/// The password, or what may be a part of it, is in none of these.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriError {
    /// It does not begin with a scheme and `://`.
    MissingScheme,
    /// The scheme is another than `amqp`.
    Scheme {
        /// The scheme it has.
        found: String,
    },
    /// The scheme is `amqps`, AMQP over TLS, which is not supported yet. There is no falling back to
    /// a connection that is not encrypted.
    Tls,
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
    /// A parameter that is not in the list of [`Config::from_uri`].
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
            Self::MissingScheme => f.write_str("expected a URI that begins with amqp://"),
            Self::Scheme { found } => write!(f, "expected the scheme amqp, found {found}"),
            Self::Tls => f.write_str(
                "expected the scheme amqp, found amqps: TLS is not supported yet, and pika does \
                 not connect unencrypted instead",
            ),
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
            } => {
                write!(
                    f,
                    "expected {expected} in the parameter {name} at byte {at}, found {found:?}"
                )
            }
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

/// Finds a password that is not percent-encoded before any error can quote its second half: it is
/// followed by the `@` that was to end it.
fn check_for_leaks(uri: &str, path_at: usize) -> Result<(), UriError> {
    let after_host = uri.get(path_at..).unwrap_or_default();
    if let Some(at) = after_host.find('@') {
        return Err(UriError::At { at: path_at + at });
    }
    if let Some(at) = after_host.find('#') {
        return Err(UriError::Fragment { at: path_at + at });
    }
    Ok(())
}

fn read_authority(
    config: &mut Config,
    authority: Authority<'_>,
    at: usize,
) -> Result<(), UriError> {
    let mut host_at = at;
    if let Some(user_info) = authority.userinfo() {
        let (user, password) = user_info
            .split_once(':')
            .unwrap_or((user_info, EStr::EMPTY));
        config.credentials.user = text(user, "user name", at)?;
        config.credentials.password = bytes(password).into();
        host_at += user_info.len() + 1;
    }
    match authority.host_parsed() {
        Host::RegName(name) if name.is_empty() => {}
        Host::RegName(name) => config.host = text(name, "host", host_at)?,
        Host::Ipv4 { .. } => config.host = authority.host().into(),
        Host::Ipv6 { .. } => {
            let inside = authority.host().strip_prefix('[');
            let inside = inside.and_then(|host| host.strip_suffix(']'));
            config.host = inside.unwrap_or(authority.host()).into();
        }
        _ => return Err(UriError::FutureAddress { at: host_at }),
    }
    if let Some(port) = authority.port().filter(|port| !port.is_empty()) {
        // What stands here may be the first half of a password with a `/` in it.
        let at = host_at + authority.host().len() + 1;
        config.port = port
            .as_str()
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or(UriError::Port { at })?;
    }
    Ok(())
}

fn read_path<E: Encoder>(config: &mut Config, path: &EStr<E>, at: usize) -> Result<(), UriError> {
    // With an authority a path is empty or begins with a slash.
    let Some((_, vhost)) = path.split_once('/') else {
        return Ok(());
    };
    if let Some((first, _)) = vhost.split_once('/') {
        return Err(UriError::Path {
            at: at + 1 + first.len(),
        });
    }
    let vhost = bytes(vhost);
    config.vhost = ShortStr::new(vhost).map_err(|e| UriError::VhostTooLong { len: e.len })?;
    Ok(())
}

const PARAMETERS: [&str; 5] = [
    "heartbeat",
    "channel_max",
    "frame_max",
    "connection_timeout",
    "connection_name",
];

fn read_query(config: &mut Config, query: &EStr<Query>, at: usize) -> Result<(), UriError> {
    let mut seen = Vec::new();
    let mut at = at;
    for pair in query.split('&') {
        if !pair.is_empty() {
            let (name, value) = pair.split_once('=').unwrap_or((pair, EStr::EMPTY));
            let parameter = Parameter::new(name.as_str(), value, at)?;
            if seen.contains(&parameter.name) {
                return Err(UriError::DuplicateParameter {
                    name: parameter.name,
                    at,
                });
            }
            seen.push(parameter.name);
            parameter.apply(config)?;
        }
        at += pair.len() + 1;
    }
    Ok(())
}

struct Parameter<'a> {
    name: &'static str,
    value: &'a EStr<Query>,
    at: usize,
}

impl<'a> Parameter<'a> {
    fn new(name: &str, value: &'a EStr<Query>, at: usize) -> Result<Self, UriError> {
        match PARAMETERS.into_iter().find(|known| *known == name) {
            Some(name) => Ok(Self { name, value, at }),
            None => Err(UriError::UnknownParameter {
                name: name.into(),
                at,
            }),
        }
    }

    fn apply(&self, config: &mut Config) -> Result<(), UriError> {
        match self.name {
            "heartbeat" => {
                config.heartbeat = match self.number::<u16>("seconds from 0 to 65535", |_| true)? {
                    0 => Heartbeat::Off,
                    seconds => Heartbeat::AtMost(Duration::from_secs(seconds.into())),
                }
            }
            "channel_max" => {
                config.channel_max = self.number("a number from 0 to 65535", |_| true)?;
            }
            "frame_max" => {
                config.frame_max = self.number(
                    "0 or a number of bytes from 4096 to 4294967295",
                    |bytes: &u32| *bytes == 0 || *bytes >= FRAME_MIN_SIZE,
                )?;
            }
            "connection_timeout" => {
                let milliseconds: u32 =
                    self.number("milliseconds from 1 to 4294967295", |ms| *ms > 0)?;
                config.connect_timeout = Duration::from_millis(milliseconds.into());
            }
            _ => config.connection_name = Some(text(self.value, "connection_name", self.at)?),
        }
        Ok(())
    }

    fn number<T: std::str::FromStr>(
        &self,
        expected: &'static str,
        in_range: impl FnOnce(&T) -> bool,
    ) -> Result<T, UriError> {
        let digits = self.value.as_str();
        Some(digits)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .filter(in_range)
            .ok_or_else(|| UriError::Number {
                name: self.name,
                expected,
                found: digits.into(),
                at: self.at,
            })
    }
}

fn text<E: Encoder>(encoded: &EStr<E>, what: &'static str, at: usize) -> Result<String, UriError> {
    String::from_utf8(bytes(encoded)).map_err(|_| UriError::NotText { what, at })
}

/// Percent-decodes into a buffer that does not grow: one that does would leave pieces of a
/// password in the memory it leaves behind.
fn bytes<E: Encoder>(encoded: &EStr<E>) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded.len());
    for chunk in encoded.decode() {
        match chunk {
            DecodedChunk::Unencoded(text) => out.extend_from_slice(text.as_bytes()),
            DecodedChunk::PctDecoded(octet) => out.push(octet),
        }
    }
    out
}

#[cfg(test)]
mod tests;
