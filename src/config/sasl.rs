use std::fmt;
use std::sync::Arc;

use bytes::BufMut;

use super::credentials::Credentials;
use super::exchange::{Exchange, Own, Sasl};
use super::secret::Secret;
use crate::wire::{Field, ShortStr};

/// A way of the Simple Authentication and Security Layer to prove who logs in.
///
/// PLAIN and AMQPLAIN send the password as it is; they differ in form only. Encrypt the connection
/// unless it stays on one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mechanism {
    /// `PLAIN` of RFC 4616: user and password behind a zero octet each.
    Plain,
    /// `AMQPLAIN`, RabbitMQ's name for what AMQP 0-8 clients did: a table of `LOGIN` and `PASSWORD`.
    AmqPlain,
    /// `EXTERNAL` of RFC 4422: the server takes the user's name from the client certificate of the TLS
    /// connection. RabbitMQ has it in the plugin `rabbitmq_auth_mechanism_ssl`. No password is sent.
    External,
    /// `ANONYMOUS` of RFC 4505: the server chooses the user. RabbitMQ 4 has it. Nothing is sent.
    Anonymous,
    /// One of the program, see [`own`](Self::own).
    Own(Own),
}

impl Mechanism {
    /// A mechanism of the program.
    #[must_use]
    pub fn own(mechanism: impl Sasl + 'static) -> Self {
        Self::Own(Own(Arc::new(mechanism)))
    }

    /// All mechanisms that are built in.
    pub(crate) const ALL: &'static [Self] =
        &[Self::Plain, Self::AmqPlain, Self::External, Self::Anonymous];

    /// What is tried unless the program chooses: PLAIN, which is a standard, before AMQPLAIN.
    pub const DEFAULT: &'static [Self] = &[Self::Plain, Self::AmqPlain];

    /// The name in `connection.start` and `connection.start-ok`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Plain => "PLAIN",
            Self::AmqPlain => "AMQPLAIN",
            Self::External => "EXTERNAL",
            Self::Anonymous => "ANONYMOUS",
            Self::Own(own) => own.0.name(),
        }
    }

    /// Returns the first of `wanted` that is in the server's space-separated list and can be used. No
    /// secret is used before this has returned.
    ///
    /// PLAIN cannot carry a zero octet, which ends its fields. A mechanism of the program that
    /// [needs TLS](Sasl::needs_tls) is passed over where the connection is not encrypted.
    ///
    /// # Errors
    /// When there is none.
    pub fn choose(
        wanted: &[Self],
        offered: &[u8],
        credentials: &Credentials,
        is_encrypted: bool,
    ) -> Result<Self, NoCommonMechanism> {
        let names = || offered.split(|octet| *octet == b' ');
        wanted
            .iter()
            .filter(|mechanism| mechanism.carries(credentials, is_encrypted))
            .find(|mechanism| names().any(|name| name == mechanism.name().as_bytes()))
            .cloned()
            .ok_or_else(|| NoCommonMechanism {
                wanted: wanted.to_vec(),
                offered: shown(offered),
            })
    }

    /// What proves the credentials: the `response` of `connection.start-ok`.
    ///
    /// It holds the password and erases itself like one.
    #[must_use]
    pub fn response(&self, credentials: &Credentials) -> Secret {
        match self {
            Self::Plain => plain(credentials),
            Self::AmqPlain => amqplain(credentials),
            // The name is in the certificate, or the server's choice.
            Self::External | Self::Anonymous => Secret::default(),
            Self::Own(own) => own.0.begin(credentials).initial(),
        }
    }

    /// Begins to log in. A mechanism that is built in has nothing to say beyond its response.
    pub(crate) fn begin(&self, credentials: &Credentials) -> (Secret, Option<Box<dyn Exchange>>) {
        match self {
            Self::Own(own) => {
                let mut exchange = own.0.begin(credentials);
                (exchange.initial(), Some(exchange))
            }
            _ => (self.response(credentials), None),
        }
    }

    fn carries(&self, credentials: &Credentials, is_encrypted: bool) -> bool {
        match self {
            Self::Plain => {
                let user = credentials.user.as_bytes();
                !user.contains(&0) && !credentials.password.expose().contains(&0)
            }
            Self::AmqPlain | Self::External | Self::Anonymous => true,
            Self::Own(own) => is_encrypted || !own.0.needs_tls(),
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// Both responses are written into a buffer of their final size: one that grows would leave pieces
// of the password in the memory it leaves behind. That is why no `Table` is built.

fn plain(credentials: &Credentials) -> Secret {
    let user = credentials.user.as_bytes();
    let password = credentials.password.expose();
    let mut out = Vec::with_capacity(2 + user.len() + password.len());
    out.push(0);
    out.extend_from_slice(user);
    out.push(0);
    out.extend_from_slice(password);
    out.into()
}

/// The body of a table, without the length in front; so RabbitMQ reads it.
fn amqplain(credentials: &Credentials) -> Secret {
    let fields = [
        (ShortStr::from_static("LOGIN"), credentials.user.as_bytes()),
        (
            ShortStr::from_static("PASSWORD"),
            credentials.password.expose(),
        ),
    ];
    let len = fields
        .iter()
        .map(|(name, value)| name.encoded_len() + 1 + 4 + value.len())
        .sum();
    let mut out = Vec::with_capacity(len);
    for (name, value) in &fields {
        name.encode(&mut out);
        out.put_u8(b'S');
        // What is longer than four octets can say fits no frame and is refused there.
        out.put_u32(u32::try_from(value.len()).unwrap_or(u32::MAX));
        out.put_slice(value);
    }
    out.into()
}

/// What is kept of a server's list: as much as has any mechanisms in it that there are.
fn shown(offered: &[u8]) -> String {
    const MOST: usize = 255;
    match offered.get(..MOST) {
        Some(start) if offered.len() > MOST => String::from_utf8_lossy(start) + "…",
        _ => String::from_utf8_lossy(offered),
    }
    .into_owned()
}

/// The server offers no mechanism that the program wants. No secret was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoCommonMechanism {
    /// What the program wants, in its order.
    pub wanted: Vec<Mechanism>,
    /// The server's list; of a long one the first 255 bytes and `…`.
    pub offered: String,
}

impl fmt::Display for NoCommonMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a server that offers one of the SASL mechanisms [")?;
        for (at, mechanism) in self.wanted.iter().enumerate() {
            let gap = if at == 0 { "" } else { " " };
            write!(f, "{gap}{mechanism}")?;
        }
        write!(f, "] for these credentials, found [{}]", self.offered)
    }
}

impl std::error::Error for NoCommonMechanism {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{LongStr, Table};
    use Mechanism::{AmqPlain, Plain};

    #[test]
    fn plain_is_user_and_password_behind_zeros() {
        for (user, password, response) in [
            ("guest", "guest", &b"\0guest\0guest"[..]),
            ("", "", b"\0\0"),
            ("j\u{f6}rg", "p w", b"\0j\xc3\xb6rg\0p w"),
        ] {
            let response_found = Plain.response(&Credentials::new(user, password));
            assert_eq!(response_found.expose(), response);
        }
    }

    #[test]
    fn amqplain_is_the_body_of_a_table() {
        let response = AmqPlain.response(&Credentials::new("guest", "hunter2"));
        let table = Table::new()
            .with("LOGIN", LongStr::from("guest"))
            .with("PASSWORD", LongStr::from("hunter2"));
        assert_eq!(response.expose(), &table.as_wire()[..]);
        assert_eq!(
            response.expose(),
            b"\x05LOGINS\x00\x00\x00\x05guest\x08PASSWORDS\x00\x00\x00\x07hunter2"
        );
    }

    #[test]
    fn the_order_of_the_program_decides() {
        let credentials = Credentials::default();
        for (wanted, offered, chosen) in [
            (Mechanism::DEFAULT, &b"AMQPLAIN PLAIN"[..], Some(Plain)),
            (Mechanism::DEFAULT, b"AMQPLAIN", Some(AmqPlain)),
            (Mechanism::DEFAULT, b"EXTERNAL  PLAIN ", Some(Plain)),
            (&[AmqPlain, Plain], b"PLAIN AMQPLAIN", Some(AmqPlain)),
            (&[Plain], b"AMQPLAIN", None),
            (Mechanism::DEFAULT, b"", None),
            (Mechanism::DEFAULT, b"plain XPLAIN PLAIN1", None),
            (Mechanism::DEFAULT, b"\xff PLAIN", Some(Plain)),
            (&[], b"PLAIN", None),
        ] {
            let found = Mechanism::choose(wanted, offered, &credentials, false).ok();
            assert_eq!(found, chosen, "{}", offered.escape_ascii());
        }
    }

    #[test]
    fn a_zero_octet_is_not_sent_by_plain() {
        for credentials in [Credentials::new("a\0b", "c"), Credentials::new("a", "b\0c")] {
            let choose =
                |offered| Mechanism::choose(Mechanism::DEFAULT, offered, &credentials, true);
            assert_eq!(choose(b"PLAIN AMQPLAIN"), Ok(AmqPlain));
            assert!(choose(b"PLAIN").is_err());
        }
    }

    #[test]
    fn the_error_names_both_sides_and_no_secret() {
        let credentials = Credentials::new("user-a", "hunter2");
        let error = Mechanism::choose(Mechanism::DEFAULT, b"EXTERNAL GSSAPI", &credentials, false)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected a server that offers one of the SASL mechanisms [PLAIN AMQPLAIN] for these \
             credentials, found [EXTERNAL GSSAPI]"
        );
        assert!(!format!("{error:?} {credentials:?}").contains("hunter2"));
    }

    #[test]
    fn erased_credentials_keep_the_user() {
        let mut credentials = Credentials::new("orders", "hunter2");
        credentials.erase();
        assert_eq!(credentials, Credentials::new("orders", ""));
    }
}
