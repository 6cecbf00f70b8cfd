//! Servers that must not be trusted, and what is no TLS server at all.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use pika::broker::{Server, Settings};
use pika::config::Tls;
use pika::error::{Error, NotTls, TimedOut, TlsErrorKind as Kind, Waiting};
use pika::tls::rustls::crypto::ring;
use pika::tls::rustls::server::WebPkiClientVerifier;
use pika::tls::rustls::{self, RootCertStore, ServerConfig, ServerConnection};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use crate::authority::{Authority, Identity};
use crate::clients::{STYLES, tls};
use crate::peers::{Direction, Peer, between, config, nothing_but_handshake};

/// A server that shows a certificate, for as many connections as come.
fn server(config: ServerConfig) -> Server {
    Server::bind_tls("127.0.0.1:0", Settings::new(), Arc::new(config)).unwrap()
}

/// Opens a connection to a server with a certificate in each style. Checks that it is refused within
/// a moment, that another attempt is not recommended, and that no login was sent.
#[track_caller]
fn is_refused(ca: &str, identity: &Identity, is_expected: impl Fn(&Kind) -> bool) {
    for (style, open) in STYLES {
        let peer = handshaking(identity.server_config());
        let error = open(config(peer.address, ca)).unwrap_err();
        let found = tls(&error);
        assert!(is_expected(&found.kind), "{style}: {error}");
        assert!(!error.is_retriable(), "{style}: {error}");
        let text = error.to_string();
        assert!(
            text.contains("`localhost`") && text.contains("user `guest`"),
            "it names host and user: {text}"
        );
        nothing_but_handshake(&peer.seen());
    }
}

/// A server that does its part of a handshake with a certificate.
fn handshaking(config: ServerConfig) -> Peer {
    Peer::with_hello(move |hello, stream| {
        let mut session = ServerConnection::new(Arc::new(config)).unwrap();
        session.read_tls(&mut &*hello).unwrap();
        session.process_new_packets().unwrap();
        while session.wants_write() {
            session.write_tls(stream).unwrap();
        }
    })
}

#[test]
fn an_authority_that_is_not_trusted_is_refused() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    is_refused(&ours.pem(), &theirs.local(), |kind| {
        *kind == Kind::UnknownIssuer
    });
}

#[test]
fn a_certificate_that_signs_itself_is_refused() {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([String::from("localhost")]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let identity = Identity { certificate, key };
    is_refused(&Authority::new().pem(), &identity, |kind| {
        *kind == Kind::UnknownIssuer
    });
}

#[test]
fn a_certificate_for_another_name_is_refused_and_the_error_says_for_which() {
    let authority = Authority::new();
    let names = [String::from("rabbit.example"), String::from("10.0.0.1")];
    let identity = authority.sign(CertificateParams::new(names).unwrap());
    is_refused(&authority.pem(), &identity, |kind| match kind {
        Kind::WrongName { expected, found } => {
            expected == "localhost" && found.iter().any(|name| name == "rabbit.example")
        }
        _ => false,
    });
}

#[test]
fn a_certificate_that_has_expired_is_refused_and_the_error_says_since_when() {
    let authority = Authority::new();
    let mut params = CertificateParams::new([String::from("localhost")]).unwrap();
    params.not_after = date_time_ymd(2020, 3, 1);
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_583_020_800);
    is_refused(&authority.pem(), &authority.sign(params), |kind| {
        *kind
            == Kind::Expired {
                not_after: Some(then),
            }
    });
}

#[test]
fn a_certificate_that_is_not_valid_yet_is_refused() {
    let authority = Authority::new();
    let mut params = CertificateParams::new([String::from("localhost")]).unwrap();
    params.not_before = date_time_ymd(2999, 1, 1);
    params.not_after = date_time_ymd(3000, 1, 1);
    is_refused(&authority.pem(), &authority.sign(params), |kind| {
        matches!(
            kind,
            Kind::NotYetValid {
                not_before: Some(_)
            }
        )
    });
}

#[test]
fn a_certificate_for_clients_is_refused() {
    let authority = Authority::new();
    let mut params = CertificateParams::new([String::from("localhost")]).unwrap();
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    is_refused(&authority.pem(), &authority.sign(params), |kind| {
        *kind == Kind::Certificate
    });
}

/// Checks the error with a server that answers a hello with these bytes.
#[track_caller]
fn answers(bytes: &'static [u8], is_expected: impl Fn(&Kind) -> bool) {
    for (style, open) in STYLES {
        let peer = Peer::scripted(move |stream| stream.write_all(bytes).unwrap());
        let ca = Authority::new().pem();
        let error = open(config(peer.address, &ca)).unwrap_err();
        assert!(is_expected(&tls(&error).kind), "{style}: {error}");
        nothing_but_handshake(&peer.seen());
    }
}

#[test]
fn what_is_no_tls_is_named() {
    let not_tls = |expected| move |kind: &Kind| *kind == Kind::NotTls { found: expected };
    answers(b"AMQP\0\0\x09\x01", not_tls(NotTls::Amqp));
    answers(b"HTTP/1.1 400 Bad Request\r\n\r\n", not_tls(NotTls::Http));
    answers(b"220 mail.example ESMTP\r\n", not_tls(NotTls::Other));
}

#[test]
fn old_versions_of_tls_are_refused() {
    // An alert: protocol version.
    answers(b"\x15\x03\x01\0\x02\x02\x46", |kind| {
        *kind == Kind::Incompatible
    });
    // The hello of a server that insists on TLS 1.1.
    const HELLO: &[u8] = b"\x16\x03\x02\0\x2a\x02\0\0\x26\x03\x02\
        01234567890123456789012345678901\0\xc0\x2f\0";
    answers(HELLO, |kind| {
        matches!(kind, Kind::Incompatible | Kind::Protocol)
    });
}

#[test]
fn an_alert_and_damaged_records_are_told_apart() {
    // Handshake failure.
    answers(b"\x15\x03\x03\0\x02\x02\x28", |kind| *kind == Kind::Refused);
    // A record that is longer than records may be.
    answers(b"\x16\x03\x03\xff\xff", |kind| *kind == Kind::Protocol);
    // A handshake message that is longer than any.
    answers(b"\x16\x03\x03\0\x04\x02\xff\xff\xff", |kind| {
        matches!(kind, Kind::Protocol | Kind::Ended)
    });
    // Application data before there are keys.
    answers(b"\x17\x03\x03\0\x01a", |kind| *kind == Kind::Protocol);
    // Nothing: the end of the stream.
    answers(b"", |kind| *kind == Kind::Ended);
}

#[test]
fn a_server_that_falls_silent_in_the_handshake_is_given_up_in_time() {
    let authority = Authority::new();
    let limit = Duration::from_millis(300);
    // After nothing, in the middle of its hello, and after all that it has to say but the last byte.
    for kept in [0, 40, 600] {
        for (style, open) in STYLES {
            let config = config_of_silence(&authority, kept).handshake_timeout(limit);
            let begun = Instant::now();
            let error = open(config).unwrap_err();
            let took = begun.elapsed();
            assert!(took >= limit && took < limit * 5, "{style}: {took:?}");
            let cause = &error.closed().unwrap().cause;
            let expected = TimedOut {
                waiting_for: Waiting::Handshake("TLS"),
                after: limit,
            };
            assert_eq!(*cause, pika::error::Cause::TimedOut(expected), "{style}");
            assert!(error.is_retriable());
        }
    }
}

fn config_of_silence(authority: &Authority, kept: usize) -> pika::config::Config {
    let served = authority.local().server_config();
    let peer = Peer::with_hello(move |hello, stream| {
        let mut session = ServerConnection::new(Arc::new(served)).unwrap();
        session.read_tls(&mut &*hello).unwrap();
        session.process_new_packets().unwrap();
        let mut flight = Vec::new();
        while session.wants_write() {
            session.write_tls(&mut flight).unwrap();
        }
        stream
            .write_all(&flight[..kept.min(flight.len() - 1)])
            .unwrap();
        // Until the client gives up.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    config(peer.address, &authority.pem())
}

/// Cuts the stream of a good server after every number of bytes that it can have.
#[test]
fn a_handshake_that_is_cut_short_anywhere_is_an_error_of_its_own() {
    let authority = Authority::new();
    let server = server(authority.local().server_config());
    let (_, open) = STYLES[0];
    let (mut in_handshake, mut after) = (0, 0);
    for cut in 0.. {
        let left = std::sync::Mutex::new(cut);
        let address = between(server.local_addr(), move |direction, bytes, to| {
            if direction == Direction::ToServer {
                return to.write_all(bytes).is_ok();
            }
            let mut left = left.lock().unwrap();
            let count = bytes.len().min(*left);
            *left -= count;
            to.write_all(&bytes[..count]).is_ok() && *left > 0
        });
        match open(config(address, &authority.pem())) {
            Ok(()) => break,
            Err(error) if error.to_string().contains("TLS handshake") => {
                assert_eq!(tls(&error).kind, Kind::Ended, "after {cut} bytes: {error}");
                // An ECDSA signature is some bytes longer or shorter each time.
                assert!(after < 8, "after {cut} bytes: {error}");
                in_handshake += 1;
            }
            Err(error) => {
                let closed = error.closed().unwrap();
                let text = closed.to_string();
                assert!(
                    text.contains("ended the transport"),
                    "after {cut} bytes: {text}"
                );
                after += 1;
            }
        }
        if after > 50 {
            break;
        }
    }
    assert!(in_handshake > 500, "{in_handshake} bytes of a handshake");
}

/// A server that demands a client certificate of an authority.
fn demanding(
    authority: &Authority,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Server {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
    let identity = authority.local();
    let (chain, key) = identity.chain_and_key();
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(chain, key)
        .unwrap();
    server(config)
}

#[test]
fn a_client_certificate_that_is_demanded_has_to_be_there_and_good() {
    let (authority, other) = (Authority::new(), Authority::new());
    for version in rustls::ALL_VERSIONS {
        let server = demanding(&authority, &[version]);
        let ours = authority.local();
        let stranger = other.local();
        for (style, open) in STYLES {
            let with = |tls: Tls| config(server.local_addr(), "").tls(tls.ca_pem(authority.pem()));
            let good = Tls::new().client_certificate_pem(ours.certificate.pem(), ours.pem_key());
            open(with(good)).unwrap();
            let unknown =
                Tls::new().client_certificate_pem(stranger.certificate.pem(), stranger.pem_key());
            for tls_settings in [Tls::new(), unknown] {
                let error = open(with(tls_settings)).unwrap_err();
                let found = tls(&error);
                assert!(
                    matches!(found.kind, Kind::ClientCertificate | Kind::Refused),
                    "{style}, {version:?}: {error}"
                );
                assert!(!error.is_retriable(), "{style}: {error}");
                assert!(error.to_string().contains("client certificate"), "{error}");
            }
        }
    }
}

#[test]
fn a_client_without_tls_is_told_that_the_port_is_one_for_tls() {
    let authority = Authority::new();
    let server = server(authority.local().server_config());
    for (style, open) in STYLES {
        let error = open(config(server.local_addr(), "").tls(None)).unwrap_err();
        assert!(error.to_string().contains("TLS"), "{style}: {error}");
    }
}

#[test]
fn errors_after_a_good_handshake_are_those_of_amqp() {
    let authority = Authority::new();
    let server = server(authority.local().server_config());
    for (style, open) in STYLES {
        let config = config(server.local_addr(), &authority.pem()).login("guest", "wr0ng");
        let error = open(config).unwrap_err();
        assert!(matches!(error, Error::Closed(_)), "{style}: {error}");
        let text = error.to_string();
        assert!(text.contains("check the user name"), "{style}: {text}");
        assert!(!text.contains("wr0ng"), "{style}: {text}");
    }
}

#[test]
fn nothing_is_sent_to_a_server_that_answers_after_the_timeout() {
    let limit = Duration::from_millis(100);
    for (style, open) in STYLES {
        let peer = Peer::scripted(move |stream: &mut TcpStream| {
            thread::sleep(limit * 3);
            // The client is gone.
            let _ = stream.write_all(b"AMQP\0\0\x09\x01");
        });
        let config = config(peer.address, &Authority::new().pem()).handshake_timeout(limit);
        let error = open(config).unwrap_err();
        assert!(error.is_retriable(), "{style}: {error}");
        nothing_but_handshake(&peer.seen());
    }
}
