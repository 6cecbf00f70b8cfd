//! TLS and logins with the RabbitMQ node of `tests/run`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

mod v0_9_1 {
    use std::path::PathBuf;
    use std::sync::Arc;

    use pika::blocking::{Connection, background};
    use pika::config::{Config, Credentials, Exchange, Mechanism, Sasl, Secret, Tls};
    use pika::error::{Cause, NotTls, TlsError, TlsErrorKind as Kind, TransportEnd};
    use pika::tls::rustls::crypto::ring;
    use pika::tls::rustls::pki_types::CertificateDer;
    use pika::tls::rustls::pki_types::pem::PemObject as _;
    use pika::tls::rustls::{ALL_VERSIONS, ClientConfig, RootCertStore};
    use pika::wire::ReplyCode;

    fn variable(name: &str) -> String {
        match std::env::var(name) {
            Ok(value) => value,
            Err(_) => panic!("{name} is not set, so there is no broker: run tests/run"),
        }
    }

    fn config() -> Config {
        Config::from_uri(&variable("AMQPS_URL")).unwrap()
    }

    /// A file that the node's authority has made.
    fn file(name: &str) -> PathBuf {
        PathBuf::from(variable("PIKA_TEST_NODE_DIR"))
            .join("tls")
            .join(name)
    }

    fn with_certificate() -> Tls {
        let tls = Tls::new().ca_file(file("ca.pem"));
        tls.client_certificate(file("client.pem"), file("client.key"))
    }

    /// Whether the node is a RabbitMQ 4.
    fn is_four() -> bool {
        !variable("PIKA_TEST_NODE_ROOT").is_empty()
    }

    #[track_caller]
    fn tls_error(error: &pika::Error) -> &TlsError {
        match error.closed().map(|closed| &closed.cause) {
            Some(Cause::Transport {
                end: TransportEnd::Tls(error),
                ..
            }) => error,
            _ => panic!("expected a failure of TLS, found: {error}"),
        }
    }

    #[test]
    fn every_version_of_tls_is_spoken() {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(file("ca.pem")).unwrap() {
            roots.add(certificate.unwrap()).unwrap();
        }
        for version in ALL_VERSIONS {
            let own = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_protocol_versions(&[version])
                .unwrap()
                .with_root_certificates(roots.clone())
                .with_no_client_auth();
            let config = config().tls(Tls::from(Arc::new(own)));
            Connection::open(&config).unwrap().close().unwrap();
            background::open(&config).unwrap().close().unwrap();
        }
    }

    #[test]
    fn external_takes_the_user_from_the_client_certificate() {
        let config = config()
            .tls(with_certificate())
            .mechanisms([Mechanism::External])
            .login("nobody", "");
        let connection = Connection::open(config).unwrap();
        assert!(connection.is_open());
        connection.close().unwrap();

        let url = format!(
            "{}&certfile={}&keyfile={}&auth_mechanism=external",
            variable("AMQPS_URL"),
            file("client.pem").display(),
            file("client.key").display(),
        );
        Connection::open(url).unwrap().close().unwrap();
    }

    #[test]
    fn external_without_a_certificate_is_refused() {
        let config = config().mechanisms([Mechanism::External]);
        let error = Connection::open(config).unwrap_err();
        let closed = error.closed().unwrap();
        // RabbitMQ does not offer it then, or refuses the login.
        let is_expected = matches!(closed.cause, Cause::NoMechanism { .. })
            || closed.code() == Some(ReplyCode::ACCESS_REFUSED);
        assert!(is_expected && !error.is_retriable(), "{error}");
    }

    #[test]
    fn anonymous_is_for_servers_that_offer_it() {
        let config = config().mechanisms([Mechanism::Anonymous]);
        match Connection::open(config) {
            Ok(connection) => {
                assert!(is_four(), "3.x has no such mechanism");
                connection.close().unwrap();
            }
            Err(error) => {
                assert!(!is_four(), "{error}");
                let cause = &error.closed().unwrap().cause;
                assert!(matches!(cause, Cause::NoMechanism { .. }), "{error}");
            }
        }
    }

    #[test]
    fn a_certificate_of_another_authority_is_refused() {
        let other = rcgen::generate_simple_self_signed([String::from("certified")]).unwrap();
        let tls = Tls::new()
            .ca_file(file("ca.pem"))
            .client_certificate_pem(other.cert.pem(), other.signing_key.serialize_pem());
        for open in [Connection::open::<Config>, background::open::<Config>] {
            let error = open(config().tls(tls.clone())).unwrap_err();
            let found = tls_error(&error);
            assert_eq!(found.kind, Kind::ClientCertificate, "{error}");
            assert!(!error.is_retriable(), "{error}");
        }
    }

    #[test]
    fn the_plain_port_is_recognized_and_so_is_the_port_for_tls() {
        let plain = Config::from_uri(&variable("AMQP_URL")).unwrap();
        let error = Connection::open(config().port(plain.port)).unwrap_err();
        let expected = Kind::NotTls {
            found: NotTls::Amqp,
        };
        assert_eq!(tls_error(&error).kind, expected, "{error}");

        let error = Connection::open(plain.port(config().port)).unwrap_err();
        assert!(error.to_string().contains("TLS"), "{error}");
    }

    #[test]
    fn a_wrong_password_is_told_as_one() {
        let error = Connection::open(config().login("guest", "wr0ng")).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("check the user name"), "{text}");
        assert!(!text.contains("wr0ng"), "{text}");
    }

    /// RabbitMQ's mechanism for demonstrations, which asks for the password.
    #[derive(Debug)]
    struct OnRequest;

    impl Sasl for OnRequest {
        fn name(&self) -> &str {
            "RABBIT-CR-DEMO"
        }

        fn needs_tls(&self) -> bool {
            true
        }

        fn begin(&self, credentials: &Credentials) -> Box<dyn Exchange> {
            Box::new(Begun(credentials.clone()))
        }
    }

    struct Begun(Credentials);

    impl Exchange for Begun {
        fn initial(&mut self) -> Secret {
            self.0.user.as_str().into()
        }

        fn answer(&mut self, challenge: &[u8]) -> Result<Secret, String> {
            assert_eq!(challenge, b"Please tell me your password");
            Ok([b"My password is ", self.0.password.expose()]
                .concat()
                .into())
        }
    }

    #[test]
    fn a_mechanism_of_the_program_logs_in_by_challenges() {
        let config = config().mechanisms([Mechanism::own(OnRequest)]);
        Connection::open(&config).unwrap().close().unwrap();
        background::open(&config).unwrap().close().unwrap();
        let error = Connection::open(config.clone().login("guest", "wr0ng")).unwrap_err();
        assert!(error.to_string().contains("check the user name"), "{error}");
        // It is not used where its secret could be read on the way.
        let plain = Config::from_uri(&variable("AMQP_URL")).unwrap();
        let plain = plain.mechanisms([Mechanism::own(OnRequest)]);
        let error = Connection::open(plain).unwrap_err();
        let cause = &error.closed().unwrap().cause;
        assert!(matches!(cause, Cause::NoMechanism { .. }), "{error}");
    }

    #[test]
    fn a_secret_can_be_replaced() {
        let connection = Connection::open(config()).unwrap();
        // The backend of this node has passwords, which do not expire, so it takes any for that.
        connection.update_secret("guest", "renewed").unwrap();
        let channel = connection.channel().unwrap();
        channel.close().unwrap();
        connection.close().unwrap();
    }
}
