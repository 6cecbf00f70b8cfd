use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// Why TLS with a server failed.
///
/// Its text says what was expected, what was found and what to do. It never contains a key or a
/// password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsError {
    /// The kind of failure, to match on.
    pub kind: TlsErrorKind,
    /// Details in words, such as the path of a file or the message of the TLS library; may be empty.
    pub detail: String,
}

/// The kinds of TLS failures.
///
/// None of them goes away by trying again with the same settings, except
/// [`Ended`](Self::Ended).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsErrorKind {
    /// The settings cannot be used: a file that cannot be read, a key that does not belong to the
    /// certificate, no cryptography provider. Nothing was sent.
    Settings,
    /// No trusted authority has signed the server's certificate.
    UnknownIssuer,
    /// The server's certificate is for other names.
    WrongName {
        /// The name that was expected.
        expected: String,
        /// The names in the certificate; empty where they are not known.
        found: Vec<String>,
    },
    /// The server's certificate, or one that signed it, has expired.
    Expired {
        /// The end of its validity, where it is known.
        not_after: Option<SystemTime>,
    },
    /// The server's certificate, or one that signed it, is not valid yet.
    NotYetValid {
        /// The beginning of its validity, where it is known.
        not_before: Option<SystemTime>,
    },
    /// The server's certificate cannot be accepted for another reason: it is revoked, its signature
    /// is wrong, its purpose is another.
    Certificate,
    /// The server demands a client certificate, and none is configured, or refuses the one that is.
    ClientCertificate,
    /// The two sides have no protocol version, cipher suite or key exchange in common. TLS 1.2 and
    /// 1.3 are supported.
    Incompatible,
    /// The server ended the handshake with an alert.
    Refused,
    /// The server answered, but not in TLS.
    NotTls {
        /// The protocol that the answer looks like.
        found: NotTls,
    },
    /// The server ended the stream during the handshake.
    Ended,
    /// The server broke the TLS protocol, or a record was damaged on its way.
    Protocol,
}

/// What a server speaks that does not speak TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotTls {
    /// AMQP without TLS.
    Amqp,
    /// HTTP.
    Http,
    /// Something else.
    Other,
}

impl TlsError {
    pub(crate) fn new(kind: TlsErrorKind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { kind, detail }
    }

    /// Returns whether the same can succeed when it is tried again.
    #[must_use]
    pub const fn is_retriable(&self) -> bool {
        matches!(self.kind, TlsErrorKind::Ended)
    }

    fn hint(&self) -> Option<&'static str> {
        Some(match self.kind {
            TlsErrorKind::UnknownIssuer if !self.detail.is_empty() => return None,
            TlsErrorKind::UnknownIssuer => {
                "for a private CA, set its certificate with `cacertfile=…` or `Tls::ca_file`"
            }
            TlsErrorKind::WrongName { .. } => {
                "connect by a name in the certificate, or set `server_name_indication=…` or \
                 `Tls::server_name`"
            }
            TlsErrorKind::Expired { .. } => "renew the certificate, or check the clocks",
            TlsErrorKind::NotYetValid { .. } => "check the clocks",
            TlsErrorKind::ClientCertificate => {
                "set `certfile=…` and `keyfile=…` or `Tls::client_certificate`; the server must trust \
                 the certificate's CA"
            }
            TlsErrorKind::Incompatible => "TLS 1.2 and 1.3 are supported",
            TlsErrorKind::Refused => "the server's log says why",
            TlsErrorKind::NotTls {
                found: NotTls::Amqp,
            } => "this is a port for amqp://; RabbitMQ's port for TLS is 5671 by default",
            TlsErrorKind::NotTls { .. } => "RabbitMQ's port for TLS is 5671 by default",
            TlsErrorKind::Ended => "is this a port for TLS?",
            TlsErrorKind::Settings | TlsErrorKind::Certificate | TlsErrorKind::Protocol => {
                return None;
            }
        })
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        match self.hint() {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for TlsErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings => f.write_str("the TLS settings cannot be used"),
            Self::UnknownIssuer => {
                f.write_str("no trusted authority has signed the server's certificate")
            }
            Self::WrongName { expected, found } if found.is_empty() => {
                write!(f, "the server's certificate is not for `{expected}`")
            }
            Self::WrongName { expected, found } => write!(
                f,
                "expected a certificate for `{expected}`, found one for {}",
                found.join(", ")
            ),
            Self::Expired { not_after: None } => {
                f.write_str("the server's certificate has expired")
            }
            Self::Expired {
                not_after: Some(at),
            } => write!(f, "the server's certificate expired on {}", Date(*at)),
            Self::NotYetValid { not_before: None } => {
                f.write_str("the server's certificate is not valid yet")
            }
            Self::NotYetValid {
                not_before: Some(at),
            } => write!(
                f,
                "the server's certificate is not valid before {}",
                Date(*at)
            ),
            Self::Certificate => f.write_str("the server's certificate cannot be accepted"),
            Self::ClientCertificate => {
                f.write_str("the server demands a client certificate that it trusts")
            }
            Self::Incompatible => {
                f.write_str("the server and pika have no TLS version or cipher suite in common")
            }
            Self::Refused => f.write_str("the server refused the TLS handshake"),
            Self::NotTls {
                found: NotTls::Amqp,
            } => f.write_str("expected TLS, found AMQP without TLS"),
            Self::NotTls {
                found: NotTls::Http,
            } => f.write_str("expected TLS, found an HTTP server"),
            Self::NotTls {
                found: NotTls::Other,
            } => f.write_str("expected TLS, found another protocol"),
            Self::Ended => f.write_str("the server ended the stream during the TLS handshake"),
            Self::Protocol => f.write_str("the server broke the TLS protocol"),
        }
    }
}

impl std::error::Error for TlsError {}

/// A point in time as `2026-11-30 12:00:00 UTC`.
struct Date(SystemTime);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(since) = self.0.duration_since(UNIX_EPOCH) else {
            return f.write_str("a date before 1970");
        };
        let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
        let (year, month, day) = civil(days);
        write!(
            f,
            "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

/// Returns year, month and day of a day that is counted from the beginning of 1970.
fn civil(days: u64) -> (u64, u64, u64) {
    // Years begin with March here, so that the leap day is the last; 719,468 days lie between the
    // first of March of the year 0 and 1970, and 146,097 days make 400 years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = match month {
        10.. => (month - 9, 1),
        _ => (month + 3, 0),
    };
    (era * 400 + year + carry, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (1_735_689_599, "2024-12-31 23:59:59 UTC"),
            (1_772_323_200, "2026-03-01 00:00:00 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            let at = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(Date(at).to_string(), text);
        }
    }

    #[test]
    fn a_wrong_name_says_which_names_there_are() {
        let kind = TlsErrorKind::WrongName {
            expected: "rabbit.example".into(),
            found: vec!["DnsName(\"other.example\")".into(), "localhost".into()],
        };
        let text = TlsError::new(kind, "").to_string();
        assert!(text.starts_with("expected a certificate for `rabbit.example`, found one for "));
        assert!(text.contains("other.example"), "{text}");
        assert!(text.contains("Tls::server_name"), "{text}");
    }

    #[test]
    fn only_an_ended_handshake_is_worth_another_try() {
        let retriable = |kind| TlsError::new(kind, "").is_retriable();
        assert!(retriable(TlsErrorKind::Ended));
        assert!(!retriable(TlsErrorKind::UnknownIssuer));
        assert!(!retriable(TlsErrorKind::Expired { not_after: None }));
        assert!(!retriable(TlsErrorKind::NotTls {
            found: NotTls::Amqp
        }));
    }
}
