//! What the errors of rustls mean to a client of a broker.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error};

use crate::error::{NotTls, TlsError, TlsErrorKind as Kind};

/// Who says which authorities are trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trust {
    #[default]
    System,
    Configured,
    Program,
}

/// What an error of rustls does not know.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub(super) trust: Trust,
    /// The name that the server has to prove.
    pub(super) name: String,
}

/// Translates an error; the text of rustls is kept where it says more than the kind.
pub(super) fn translate(error: &Error, context: &Context) -> TlsError {
    let kind = match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            let detail = match context.trust {
                Trust::System => "",
                Trust::Configured => "it is of another authority than those configured",
                Trust::Program => "the `ClientConfig` of the program says whom to trust",
            };
            return TlsError::new(Kind::UnknownIssuer, detail);
        }
        Error::InvalidCertificate(error) => return certificate(error, &context.name),
        Error::AlertReceived(alert) => return refusal(*alert),
        Error::PeerIncompatible(_) | Error::NoApplicationProtocol => Kind::Incompatible,
        Error::General(_)
        | Error::InconsistentKeys(_)
        | Error::FailedToGetCurrentTime
        | Error::FailedToGetRandomBytes => Kind::Settings,
        _ => Kind::Protocol,
    };
    TlsError::new(kind, error.to_string())
}

fn certificate(error: &CertificateError, name: &str) -> TlsError {
    let kind = match error {
        CertificateError::Expired => Kind::Expired { not_after: None },
        CertificateError::ExpiredContext { not_after, .. } => Kind::Expired {
            not_after: time(*not_after),
        },
        CertificateError::NotValidYet => Kind::NotYetValid { not_before: None },
        CertificateError::NotValidYetContext { not_before, .. } => Kind::NotYetValid {
            not_before: time(*not_before),
        },
        // Verifiers of systems do not tell for which names it is.
        CertificateError::NotValidForName => Kind::WrongName {
            expected: name.to_owned(),
            found: Vec::new(),
        },
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => Kind::WrongName {
            expected: expected.to_str().into_owned(),
            found: presented.iter().map(|name| bare(name)).collect(),
        },
        other => {
            let text = Error::InvalidCertificate(other.clone()).to_string();
            return TlsError::new(Kind::Certificate, text);
        }
    };
    TlsError::new(kind, "")
}

/// The name in `DnsName("rabbit.example")`, the form in which the names of a certificate are reported.
fn bare(shown: &str) -> String {
    let inside = shown
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    let name = inside.unwrap_or(shown).trim_matches('"');
    // Addresses are written `0::1` there.
    name.parse::<IpAddr>()
        .map_or_else(|_| name.to_owned(), |address| address.to_string())
}

fn time(time: UnixTime) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(time.as_secs()))
}

fn refusal(alert: AlertDescription) -> TlsError {
    use AlertDescription as Alert;
    let kind = match alert {
        Alert::CertificateRequired
        | Alert::NoCertificate
        | Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied => Kind::ClientCertificate,
        Alert::ProtocolVersion | Alert::InsufficientSecurity => Kind::Incompatible,
        _ => Kind::Refused,
    };
    let more = match alert {
        Alert::HandshakeFailure => ", which servers send too when they demand a client certificate",
        Alert::UnrecognisedName => ": it knows no such host name",
        _ => "",
    };
    TlsError::new(kind, format!("alert {alert:?}{more}"))
}

/// Recognizes a server that does not speak TLS by its first bytes.
pub(super) fn not_tls(first: &[u8]) -> Option<TlsError> {
    // A record begins with its type, 20 to 24, and a version of major number 3.
    if matches!(first, [] | [20..=24] | [20..=24, 3, ..]) {
        return None;
    }
    let begins = |text: &[u8]| text.iter().zip(first).all(|(one, other)| one == other);
    let found = match () {
        () if begins(b"AMQP") => NotTls::Amqp,
        () if begins(b"HTTP") => NotTls::Http,
        () => NotTls::Other,
    };
    Some(TlsError::new(Kind::NotTls { found }, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_who_is_there() {
        let found = |first| not_tls(first).map(|error| error.kind);
        let other = |found| Some(Kind::NotTls { found });
        assert_eq!(found(&[22, 3, 3, 0, 5]), None);
        assert_eq!(found(&[21]), None);
        assert_eq!(found(b"AMQP\0\0\x09\x01"), other(NotTls::Amqp));
        assert_eq!(found(b"A"), other(NotTls::Amqp));
        assert_eq!(found(b"HTTP/1.1 400"), other(NotTls::Http));
        assert_eq!(found(b"220 mail"), other(NotTls::Other));
        assert_eq!(found(&[22, 4]), other(NotTls::Other));
    }

    #[test]
    fn a_wrong_name_is_one_also_where_the_verifier_says_no_more() {
        let context = Context {
            name: "rabbit.example".into(),
            ..Context::default()
        };
        let error = Error::InvalidCertificate(CertificateError::NotValidForName);
        let expected = Kind::WrongName {
            expected: "rabbit.example".into(),
            found: Vec::new(),
        };
        assert_eq!(translate(&error, &context).kind, expected);
    }

    #[test]
    fn names_of_a_certificate_are_shown_bare() {
        for (shown, name) in [
            ("DnsName(\"rabbit.example\")", "rabbit.example"),
            ("IpAddress(127.0.0.1)", "127.0.0.1"),
            ("IpAddress(0::1)", "::1"),
            ("rabbit.example", "rabbit.example"),
        ] {
            assert_eq!(bare(shown), name);
        }
    }
}
