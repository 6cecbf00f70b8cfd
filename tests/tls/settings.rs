//! Settings that cannot be used: nothing is sent, and the error names the file and what is wrong.

use pika::config::{Config, Tls};
use pika::error::TlsErrorKind as Kind;

use crate::authority::{Authority, serve};
use crate::clients::{STYLES, tls};
use crate::peers::config;

#[track_caller]
fn cannot_be_used(settings: Tls, parts: &[&str]) {
    for (style, open) in STYLES {
        let (server, _) = serve();
        let config = config(server.local_addr(), "").tls(settings.clone());
        let error = open(config).unwrap_err();
        assert_eq!(tls(&error).kind, Kind::Settings, "{style}: {error}");
        assert!(!error.is_retriable(), "{style}: {error}");
        let text = error.to_string();
        for part in parts {
            assert!(text.contains(part), "{style}: no `{part}` in: {text}");
        }
    }
}

#[test]
fn files_that_are_not_there_or_not_in_order_are_named() {
    let authority = Authority::new();
    let client = authority.local();
    let (certificate, key) = (client.certificate.pem(), client.pem_key());
    cannot_be_used(
        Tls::new().ca_file("/no/such/ca.pem"),
        &["`/no/such/ca.pem` cannot be read", "No such file"],
    );
    cannot_be_used(
        Tls::new().ca_directory("/no/such"),
        &["`/no/such` cannot be read"],
    );
    cannot_be_used(
        Tls::new().ca_pem("nothing"),
        &["expected a certificate in PEM form", "found none"],
    );
    cannot_be_used(
        Tls::new().ca_pem("-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n"),
        &["found PEM that is damaged"],
    );
    let with_ca = || Tls::new().ca_pem(authority.pem());
    cannot_be_used(
        with_ca().client_certificate("/no/such/client.pem", "/no/such/client.key"),
        &["`/no/such/client.pem` cannot be read"],
    );
    cannot_be_used(
        with_ca().client_certificate_pem(certificate.clone(), certificate.clone()),
        &["expected a private key in the text of its key, found a certificate"],
    );
    let other = authority.local().pem_key();
    cannot_be_used(
        with_ca().client_certificate_pem(certificate.clone(), other),
        &["the key does not belong to the client certificate"],
    );
    let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    cannot_be_used(
        with_ca().client_certificate_pem(certificate, encrypted),
        &["without a pass phrase", "openssl pkey"],
    );
}

#[test]
fn the_name_of_the_server_has_to_be_one() {
    let (server, ca) = serve();
    let config = config(server.local_addr(), &ca).host("no host");
    for (style, open) in STYLES {
        let error = open(config.clone()).unwrap_err();
        assert_eq!(tls(&error).kind, Kind::Settings, "{style}: {error}");
        assert!(error.to_string().contains("`no host`"), "{style}: {error}");
    }
}

#[test]
fn no_url_alone_turns_verification_off() {
    let (server, _) = serve();
    let url = format!("{}/%2f?verify=verify_none", server.url());
    let config = Config::from_uri(&url).unwrap();
    for (style, open) in STYLES {
        let error = open(config.clone()).unwrap_err();
        assert_eq!(tls(&error).kind, Kind::Settings, "{style}: {error}");
        let text = error.to_string();
        assert!(text.contains("danger_accept_any_certificate"), "{text}");
        let consent = config.tls.clone().unwrap().danger_accept_any_certificate();
        open(config.clone().tls(consent)).unwrap();
    }
}

#[test]
fn a_server_of_a_private_authority_is_not_trusted_by_default() {
    let (server, _) = serve();
    for (style, open) in STYLES {
        let error = open(Config::from_uri(&server.url()).unwrap()).unwrap_err();
        assert_eq!(tls(&error).kind, Kind::UnknownIssuer, "{style}: {error}");
        assert!(error.to_string().contains("cacertfile"), "{style}: {error}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_reported_before_anything_is_connected() {
    for (style, open) in STYLES {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // The port is free again.
        drop(listener);
        let error = open(config(address, "nothing")).unwrap_err();
        assert_eq!(
            error.tls().unwrap().kind,
            Kind::Settings,
            "{style}: {error}"
        );
        assert!(!error.is_retriable(), "{style}: {error}");
        assert!(
            error.to_string().contains("`localhost`"),
            "{style}: {error}"
        );
    }
}

#[test]
fn pem_text_in_place_of_a_path_is_not_shown() {
    let authority = Authority::new();
    let client = authority.local();
    let (certificate, key) = (client.certificate.pem(), client.pem_key());
    let secret = key.lines().nth(1).unwrap();
    for tls in [
        Tls::new()
            .ca_pem(authority.pem())
            .client_certificate(certificate, &key),
        Tls::new().ca_file(&key),
    ] {
        let shown = format!("{tls:?}");
        assert!(!shown.contains(secret), "{shown}");
        let config = Config::new().tls(tls);
        for (style, open) in STYLES {
            let error = open(config.clone()).unwrap_err();
            let text = error.to_string();
            assert!(!text.contains(secret), "{style}: {text}");
            assert!(text.contains("found PEM text"), "{style}: {text}");
        }
    }
}
