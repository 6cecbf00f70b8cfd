use std::borrow::Cow;

use fluent_uri::Uri;
use fluent_uri::component::{Authority, Host};
use fluent_uri::pct_enc::{DecodedChunk, EStr, Encoder};

use self::query::{encrypted, read_query};
use super::{Config, Endpoint};
use crate::wire::ShortStr;

mod error;
mod query;

pub use self::error::UriError;

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
    /// - More hosts follow the first after commas: `amqp://orders:p@a,b:5673,[::1]/vhost`, see
    ///   [`hosts`](Self::hosts). One without a port has the default one.
    ///
    /// | parameter | value | default |
    /// |---|---|---|
    /// | `heartbeat` | seconds, up to 65535: [`Heartbeat::AtMost`](super::Heartbeat::AtMost); 0 is [`Heartbeat::Off`](super::Heartbeat::Off) | [`Heartbeat::Broker`](super::Heartbeat::Broker) |
    /// | `channel_max` | the highest channel number, up to 65535; 0 is no opinion | 0 |
    /// | `frame_max` | bytes, at least 4096; 0 is no opinion | 131072 |
    /// | `connection_timeout` | milliseconds, at least 1: [`connect_timeout`](Self::connect_timeout) | 30000 |
    /// | `connection_name` | text | none |
    /// | `auth_mechanism` | `plain`, `amqplain`, `external` or `anonymous`; can be there several times, the best first | [`Mechanism::DEFAULT`](super::Mechanism::DEFAULT) |
    ///
    /// `amqps://` encrypts the connection, on port 5671 unless another is given; it needs the feature
    /// `tls`, or `rustls`. These parameters are allowed with it, as RabbitMQ's URI specification has
    /// them:
    ///
    /// | parameter | value | default |
    /// |---|---|---|
    /// | `cacertfile` | PEM file of the authorities to trust | those of the system |
    /// | `certfile`, `keyfile` | PEM files of the client certificate and its key; one needs the other | none |
    /// | `verify` | `verify_peer`; `verify_none` needs the consent of the program besides, with `Tls::danger_accept_any_certificate` | `verify_peer` |
    /// | `server_name_indication` | the name that the server's certificate has to be for; `disable` sends none | the host |
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
        let hosts = Hosts::find(uri, scheme_end + 3);
        let whole = uri;
        let uri = Uri::parse(hosts.uri()).map_err(|error| hosts.place(error.into()))?;
        let mut config = match uri.scheme().as_str() {
            scheme if scheme.eq_ignore_ascii_case("amqp") => Self::new(),
            scheme if scheme.eq_ignore_ascii_case("amqps") => encrypted()?,
            found => {
                return Err(UriError::Scheme {
                    found: found.into(),
                });
            }
        };
        let authority_at = scheme_end + 3;
        // The scheme is not followed by `://` itself, but that stands further on.
        let authority = uri.authority().ok_or(UriError::MissingScheme)?;
        let path_at = authority_at + authority.as_str().len();
        check_for_leaks(whole, path_at + hosts.len())?;

        let default_port = config.port;
        read_authority(&mut config, authority, authority_at)?;
        for (text, at) in hosts.others() {
            let mut endpoint = read_endpoint(text, at)?;
            endpoint.port.get_or_insert(default_port);
            config.other_hosts.push(endpoint);
        }
        let path_at = path_at + hosts.len();
        read_path(&mut config, uri.path(), path_at)?;
        if let Some(query) = uri.query() {
            read_query(&mut config, query, path_at + uri.path().len() + 1)?;
        }
        Ok(config)
    }
}

/// The hosts behind the first one, `,b:5673,c`, which RFC 3986 does not know.
struct Hosts<'a> {
    /// The URI without them.
    uri: Cow<'a, str>,
    text: &'a str,
    at: usize,
}

impl<'a> Hosts<'a> {
    /// Finds them in the authority, which begins at a byte.
    fn find(uri: &'a str, authority_at: usize) -> Self {
        let rest = uri.get(authority_at..).unwrap_or_default();
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest.get(..end).unwrap_or_default();
        // User and password may have commas in them.
        let hosts_at = authority.rfind('@').map_or(0, |at| at + 1);
        let hosts = authority.get(hosts_at..).unwrap_or_default();
        let (at, text) = match hosts.find(',') {
            Some(comma) => (
                authority_at + hosts_at + comma,
                hosts.get(comma..).unwrap_or_default(),
            ),
            None => (authority_at + end, ""),
        };
        let uri = match text {
            "" => Cow::Borrowed(uri),
            _ => {
                let before = uri.get(..at).unwrap_or_default();
                Cow::Owned(before.to_owned() + uri.get(at + text.len()..).unwrap_or_default())
            }
        };
        Self { uri, text, at }
    }

    fn uri(&self) -> &str {
        &self.uri
    }

    const fn len(&self) -> usize {
        self.text.len()
    }

    /// Each host, and where it begins.
    fn others(&self) -> impl Iterator<Item = (&'a str, usize)> {
        let mut at = self.at;
        self.text.split(',').skip(1).map(move |text| {
            at += 1;
            let began = at;
            at += text.len();
            (text, began)
        })
    }

    /// Puts the place of an error in the URI without the hosts to where it is in the whole.
    fn place(&self, error: UriError) -> UriError {
        error.moved(self.at, self.len())
    }
}

/// Reads one of the hosts behind the first.
fn read_endpoint(text: &str, at: usize) -> Result<Endpoint, UriError> {
    const SCHEME: &str = "amqp://";
    let uri = format!("{SCHEME}{text}");
    let moved = |error: UriError| error.moved_back(SCHEME.len()).moved(0, at);
    let parsed = Uri::parse(uri.as_str()).map_err(|error| moved(error.into()))?;
    let Some(authority) = parsed.authority().filter(|it| !it.host().is_empty()) else {
        return Err(UriError::Character { at });
    };
    let mut config = Config::new();
    read_authority(&mut config, authority, SCHEME.len()).map_err(moved)?;
    let has_port = authority.port().is_some_and(|port| !port.is_empty());
    Ok(Endpoint::new(config.host, has_port.then_some(config.port)))
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
#[cfg(test)]
mod tls_tests;
