#[cfg(feature = "rustls")]
use super::tests::read;
use super::tests::refused;
use crate::config::*;

#[cfg(not(feature = "rustls"))]
#[test]
fn without_tls_amqps_is_refused_by_the_name_of_the_feature() {
    for uri in [
        "amqps://localhost",
        "AMQPS://u:hunter2@localhost?verify=verify_none",
    ] {
        let error = refused(uri);
        assert_eq!(error, UriError::Tls);
        let text = error.to_string();
        assert!(
            text.contains("feature `tls`") && !text.contains("hunter2"),
            "{text}"
        );
    }
}

#[cfg(feature = "rustls")]
#[test]
fn amqps_is_encrypted_and_has_parameters_of_its_own() {
    use crate::config::Tls;

    let secure = |tls: Tls| Config::new().tls(tls);
    for (rest, expected) in [
        ("", secure(Tls::new())),
        ("localhost:5671/%2f", secure(Tls::new())),
        ("localhost:5672", secure(Tls::new()).port(5672)),
        ("?verify=verify_peer", secure(Tls::new())),
        (
            "?cacertfile=/etc/a%20b.pem&cacertfile=c.pem",
            secure(Tls::new().ca_file("/etc/a b.pem").ca_file("c.pem")),
        ),
        (
            "?certfile=a.pem&keyfile=b.key&auth_mechanism=external",
            secure(Tls::new().client_certificate("a.pem", "b.key"))
                .mechanisms([Mechanism::External]),
        ),
        (
            "?server_name_indication=rabbit.example",
            secure(Tls::new().server_name("rabbit.example")),
        ),
        (
            "?server_name_indication=disable",
            secure(Tls::new().without_server_name_indication()),
        ),
        (
            "?verify=verify_none",
            secure(Tls::new().request_no_verification()),
        ),
    ] {
        assert_eq!(read(&format!("amqps://{rest}")), expected, "{rest}");
    }
    assert_ne!(
        read("amqps://?verify=verify_none"),
        secure(Tls::new().danger_accept_any_certificate()),
        "a URI alone allows nothing"
    );
    for (rest, message) in [
        (
            "certfile=a",
            "expected the parameter keyfile beside certfile, found none",
        ),
        (
            "keyfile=a",
            "expected the parameter certfile beside keyfile, found none",
        ),
        (
            "verify=none",
            "expected verify_peer or verify_none in the parameter verify at byte 9, found \"none\"",
        ),
        (
            "certfile=a&certfile=b",
            "expected the parameter certfile once, found another at byte 20",
        ),
    ] {
        assert_eq!(refused(&format!("amqps://?{rest}")).to_string(), message);
    }
}

#[cfg(feature = "rustls")]
#[test]
fn the_debug_of_tls_settings_shows_no_key() {
    use crate::config::Tls;

    let tls = Tls::new()
        .ca_pem("hunter2")
        .client_certificate_pem("hunter2", "hunter2")
        .server_name("rabbit.example");
    let shown = format!("{:?}", Config::new().tls(tls));
    assert!(
        !shown.contains("hunter2") && shown.contains("rabbit.example"),
        "{shown}"
    );
}
