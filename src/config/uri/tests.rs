use std::time::Duration;

use super::*;
use crate::config::Credentials;
use crate::config::{Endpoint, Heartbeat, Mechanism};

pub(super) fn read(uri: &str) -> Config {
    Config::from_uri(uri).unwrap_or_else(|error| panic!("{uri}: {error}"))
}

#[track_caller]
pub(super) fn refused(uri: &str) -> UriError {
    Config::from_uri(uri).expect_err(uri)
}

/// The table of RabbitMQ's URI specification, with what pika takes as the default for what is
/// absent there.
#[test]
fn the_examples_of_rabbitmq_are_read() {
    for (uri, user, password, host, port, vhost) in [
        (
            "amqp://user:pass@host:10000/vhost",
            "user",
            "pass",
            "host",
            10000,
            "vhost",
        ),
        (
            "amqp://user%61:%61pass@ho%61st:10000/v%2fhost",
            "usera",
            "apass",
            "hoast",
            10000,
            "v/host",
        ),
        ("amqp://", "guest", "guest", "localhost", 5672, "/"),
        ("amqp://:@/", "", "", "localhost", 5672, ""),
        ("amqp://user@", "user", "", "localhost", 5672, "/"),
        ("amqp://user:pass@", "user", "pass", "localhost", 5672, "/"),
        ("amqp://host", "guest", "guest", "host", 5672, "/"),
        ("amqp://:10000", "guest", "guest", "localhost", 10000, "/"),
        (
            "amqp:///vhost",
            "guest",
            "guest",
            "localhost",
            5672,
            "vhost",
        ),
        ("amqp://host/", "guest", "guest", "host", 5672, ""),
        ("amqp://host/%2F", "guest", "guest", "host", 5672, "/"),
        ("amqp://[::1]", "guest", "guest", "::1", 5672, "/"),
    ] {
        let config = read(uri);
        assert_eq!(
            config.credentials,
            Credentials::new(user, password),
            "{uri}"
        );
        assert_eq!(config.host, host, "{uri}");
        assert_eq!(config.port, port, "{uri}");
        assert_eq!(config.vhost, vhost, "{uri}");
    }
}

#[test]
fn nothing_else_differs_from_the_default() {
    assert_eq!(read("amqp://"), Config::new());
    assert_eq!(read("amqp://guest:guest@localhost:5672/%2f"), Config::new());
    assert_eq!(read("AMQP://localhost?"), Config::new());
    assert_eq!(read("amqp://localhost:?&"), Config::new());
}

#[test]
fn addresses_are_read() {
    for (uri, host, port) in [
        ("amqp://127.0.0.1:1", "127.0.0.1", 1),
        ("amqp://[fe80::1]:65535/", "fe80::1", 65535),
        ("amqp://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1", 5672),
        ("amqp://a-b.example.org.", "a-b.example.org.", 5672),
        ("amqp://m%C3%BCnchen", "m\u{fc}nchen", 5672),
    ] {
        assert_eq!((read(uri).host.as_str(), read(uri).port), (host, port));
    }
}

#[test]
fn whatever_is_percent_encoded_is_decoded_once() {
    let config = read("amqp://a%3ab:%00%ff%40%2f%3a%2525:@h/%2525%ff+%20");
    assert_eq!(config.credentials.user, "a:b");
    assert_eq!(config.credentials.password.expose(), b"\0\xff@/:%25:");
    assert_eq!(config.vhost.as_bytes(), b"%25\xff+ ");
}

#[test]
fn parameters_are_read() {
    let seconds = Duration::from_secs;
    for (query, expected) in [
        (
            "heartbeat=10",
            Config::new().heartbeat(Heartbeat::AtMost(seconds(10))),
        ),
        (
            "heartbeat=65535",
            Config::new().heartbeat(Heartbeat::AtMost(seconds(65535))),
        ),
        ("heartbeat=0", Config::new().heartbeat(Heartbeat::Off)),
        ("channel_max=007", Config::new().channel_max(7)),
        ("channel_max=0", Config::new()),
        ("frame_max=4096", Config::new().frame_max(4096)),
        ("frame_max=0", Config::new().frame_max(0)),
        ("frame_max=4294967295", Config::new().frame_max(u32::MAX)),
        (
            "connection_timeout=1500",
            Config::new().connect_timeout(Duration::from_millis(1500)),
        ),
        (
            "connection_name=a%20b=c+d",
            Config::new().connection_name("a b=c+d"),
        ),
        ("connection_name", Config::new().connection_name("")),
        (
            "auth_mechanism=PLAIN",
            Config::new().mechanisms([Mechanism::Plain]),
        ),
        (
            "auth_mechanism=external&auth_mechanism=anonymous",
            Config::new().mechanisms([Mechanism::External, Mechanism::Anonymous]),
        ),
        (
            "channel_max=5&heartbeat=0&connection_name=%26",
            Config::new()
                .channel_max(5)
                .heartbeat(Heartbeat::Off)
                .connection_name("&"),
        ),
    ] {
        assert_eq!(read(&format!("amqp://?{query}")), expected, "{query}");
        assert_eq!(
            read(&format!("amqp://localhost/%2f?{query}")),
            expected,
            "{query}"
        );
    }
}

#[test]
fn every_mistake_is_told_by_its_own_variant() {
    use UriError::{
        At, Character, Fragment, FutureAddress, Ipv6, MissingScheme, NotText, Path, Percent, Port,
        Scheme,
    };
    let scheme = |found: &str| Scheme {
        found: found.into(),
    };
    for (uri, error) in [
        ("", MissingScheme),
        ("localhost", MissingScheme),
        ("localhost:5672", MissingScheme),
        ("//localhost", MissingScheme),
        ("amqp:localhost", MissingScheme),
        ("amqp:a://b", MissingScheme),
        ("guest:guest@localhost/", MissingScheme),
        ("http://localhost", scheme("http")),
        ("amqp+unix://localhost", scheme("amqp+unix")),
        ("amqp://local host", Character { at: 12 }),
        ("amqp://m\u{fc}nchen", Character { at: 8 }),
        ("amqp://u:p@w@h", Character { at: 12 }),
        ("amqp://h:p:1", Character { at: 10 }),
        ("amqp://h/a\\b", Character { at: 10 }),
        ("amqp://u:%4@h", Percent { at: 9 }),
        ("amqp://h/%2g", Percent { at: 9 }),
        ("amqp://h/%", Percent { at: 9 }),
        ("amqp://[::1", Character { at: 11 }),
        ("amqp://[1::2::3]", Ipv6 { at: 8 }),
        ("amqp://[v7.a]", FutureAddress { at: 7 }),
        ("amqp://h:0", Port { at: 9 }),
        ("amqp://u:p@h:65536/", Port { at: 13 }),
        ("amqp://[::1]:99999", Port { at: 13 }),
        ("amqp://h/a@b", At { at: 10 }),
        ("amqp://h?connection_name=a@b", At { at: 26 }),
        ("amqp://h/#", Fragment { at: 9 }),
        ("amqp://h?heartbeat=1#x", Fragment { at: 20 }),
        (
            "amqp://%ff:p@h",
            NotText {
                what: "user name",
                at: 7,
            },
        ),
        (
            "amqp://u:p@%ff",
            NotText {
                what: "host",
                at: 11,
            },
        ),
        (
            "amqp://h?connection_name=%ff",
            NotText {
                what: "connection_name",
                at: 9,
            },
        ),
        ("amqp://h/a/b", Path { at: 10 }),
        ("amqp://h//", Path { at: 9 }),
        ("amqp:////", Path { at: 8 }),
    ] {
        assert_eq!(refused(uri), error, "{uri}");
    }
}

#[test]
fn more_hosts_follow_after_commas() {
    for (uri, expected) in [
        (
            "amqp://a,b",
            Config::new().hosts([("a", 5672), ("b", 5672)]),
        ),
        (
            "amqp://u,v:p,w@a:1,b:2,[::1]:3,d/x,y?heartbeat=5",
            Config::new()
                .login("u,v", "p,w")
                .hosts([("a", 1), ("b", 2), ("::1", 3)].map(Endpoint::from))
                .vhost("x,y")
                .heartbeat(Heartbeat::AtMost(Duration::from_secs(5))),
        ),
        (
            "amqp://,b:1",
            Config::new().hosts([("localhost", 5672), ("b", 1)]),
        ),
    ] {
        let mut found = read(uri);
        found.other_hosts.retain(|host| host.host != "d");
        assert_eq!(found, expected, "{uri}");
    }
    let found = read("amqp://a:7,b");
    assert_eq!(found.other_hosts, [Endpoint::new("b", 5672)]);
    for (uri, error) in [
        ("amqp://a,,b", UriError::Character { at: 9 }),
        ("amqp://a,", UriError::Character { at: 9 }),
        ("amqp://a,b:0/v", UriError::Port { at: 11 }),
        ("amqp://a,b c/v", UriError::Character { at: 10 }),
        ("amqp://a,b:1/v w", UriError::Character { at: 14 }),
        ("amqp://a,b:1/%zz", UriError::Percent { at: 13 }),
        ("amqp://a,b/v/w", UriError::Path { at: 12 }),
        ("amqp://a,b/v@w", UriError::At { at: 12 }),
    ] {
        assert_eq!(refused(uri), error, "{uri}");
    }
}

#[test]
fn every_mistake_in_a_parameter_is_told() {
    for (query, message) in [
        (
            "verified=none",
            "expected one of the parameters heartbeat, channel_max, frame_max, \
             connection_timeout, connection_name, auth_mechanism, cacertfile, certfile, keyfile, \
             verify, server_name_indication, found \"verified\" at byte 9",
        ),
        (
            "heartbeat=1&Heartbeat=2",
            "expected one of the parameters heartbeat, channel_max, frame_max, \
             connection_timeout, connection_name, auth_mechanism, cacertfile, certfile, keyfile, \
             verify, server_name_indication, found \"Heartbeat\" at byte 21",
        ),
        (
            "heartbeat=1&heartbeat=1",
            "expected the parameter heartbeat once, found another at byte 21",
        ),
        (
            "heartbeat=65536",
            "expected seconds from 0 to 65535 in the parameter heartbeat at byte 9, found \"65536\"",
        ),
        (
            "channel_max=",
            "expected a number from 0 to 65535 in the parameter channel_max at byte 9, found \"\"",
        ),
        (
            "channel_max=+1",
            "expected a number from 0 to 65535 in the parameter channel_max at byte 9, found \"+1\"",
        ),
        (
            "frame_max=4095",
            "expected 0 or a number of bytes from 4096 to 4294967295 in the parameter frame_max at \
             byte 9, found \"4095\"",
        ),
        (
            "auth_mechanism=ntlm",
            "expected plain, amqplain, external or anonymous in the parameter auth_mechanism at byte 9, \
             found \"ntlm\"",
        ),
        (
            "heartbeat=1&cacertfile=/ca.pem",
            "expected the scheme amqps with the parameter cacertfile at byte 21, found amqp",
        ),
        (
            "heartbeat=5&connection_timeout=0",
            "expected milliseconds from 1 to 4294967295 in the parameter connection_timeout at \
             byte 21, found \"0\"",
        ),
    ] {
        let found = refused(&format!("amqp://h?{query}")).to_string();
        assert_eq!(found, message);
    }
}

#[test]
fn a_virtual_host_has_at_most_255_bytes() {
    let uri = |len| format!("amqp://h/{}", "%61".repeat(len));
    assert_eq!(read(&uri(255)).vhost.len(), 255);
    assert_eq!(refused(&uri(256)), UriError::VhostTooLong { len: 256 });
}

#[test]
fn messages_are_one_clause_in_lower_case() {
    for uri in [
        "",
        "x://",
        "amqps://h?a",
        "amqp:// ",
        "amqp://%",
        "amqp://[:]",
        "amqp://[v1.a]",
        "amqp://:0",
        "amqp:///@",
        "amqp://#",
        "amqp://%ff",
        "amqp:////",
        "amqp://?a",
        "amqp://?frame_max",
    ] {
        let message = refused(uri).to_string();
        assert!(
            message.starts_with("expected ") && !message.ends_with('.'),
            "{message}"
        );
    }
}

/// Every way to forget the encoding of a password, and every mistake beside a good one.
#[test]
fn no_error_and_no_debug_shows_a_password() {
    const PASSWORD: &str = "hunter2";
    for uri in [
        "amqp://u:1/hunter2@h/v/w",
        "amqp://u:1?hunter2@h/v",
        "amqp://u:1?hunter2=1@h/v",
        "amqp://u:1#hunter2@h/v",
        "amqp://u:hunter2/x@h",
        "amqp://u:hunter2?x@h",
        "amqp://u:hunter2#x@h",
        "amqp://u:hunter2@x@h",
        "amqp://u:@hunter2@h",
        "amqp://u:hunter2%@h",
        "amqp://u:hunter2 x@h",
        "amqp://u:hunter2@h:port",
        "amqp://u:hunter2@h:99999",
        "amqp://u:hunter2@[::g]",
        "amqp://u:hunter2@h/a/b",
        "amqp://u:hunter2@h?x=1",
        "amqp://u:hunter2@h?heartbeat=x",
        "amqp://u:hunter2@h#x",
        "amqps://u:hunter2@h?x=1",
        "http://u:hunter2@h",
        "amqp://u:hunter2@h,a:b",
        "amqp://u:hunter2,x@h,@",
        "amqp://u:1,hunter2/x@h",
        "u:hunter2@h",
        "amqp:u:hunter2@h",
    ] {
        let error = refused(uri);
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains(PASSWORD), "{uri}: {shown}");
    }
    let config = read("amqp://u:hunter2@h");
    assert!(!format!("{config:?} {config:#?}").contains(PASSWORD));
}

/// Pieces of URIs in random order: never a panic, every offset inside, never the password.
#[test]
fn no_text_makes_the_parser_panic() {
    const PIECES: &[&str] = &[
        "amqp",
        "amqps",
        "://",
        ":",
        "/",
        "//",
        "@",
        "?",
        "#",
        "&",
        "=",
        "%",
        "%2f",
        "%ff",
        "%00",
        "%zz",
        "[",
        "]",
        "::",
        "::1",
        "v1.x",
        "0",
        "5672",
        "65536",
        "99999999999999999999",
        "h",
        "127.0.0.1",
        "guest",
        "\u{fc}",
        "\u{1f430}",
        " ",
        "\0",
        ",",
        "a,b:1",
        "heartbeat",
        "channel_max=",
        "frame_max=4096",
        "connection_timeout=1",
        "connection_name=a",
        "+",
        "-1",
        ";",
        "\\",
    ];
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..100_000 {
        let mut uri = String::from(["", "amqp://", "amqp://u:hunter2@h", "amqp://h?"][round % 4]);
        for _ in 0..next(9) {
            uri.push_str(PIECES[next(PIECES.len())]);
        }
        match Config::from_uri(&uri) {
            Ok(config) => {
                accepted += 1;
                assert!(!format!("{config:?}").contains("hunter2"), "{uri}");
            }
            Err(error) => {
                refused += 1;
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains("hunter2"), "{uri}: {shown}");
                if let Some((_, at)) = shown.rsplit_once("at: ") {
                    let digits = at.trim_end_matches([' ', '}']);
                    let at: usize = digits.parse().unwrap();
                    assert!(
                        at <= uri.len() && uri.is_char_boundary(at),
                        "{uri}: {shown}"
                    );
                }
            }
        }
    }
    assert!(accepted > 5000 && refused > 50_000, "{accepted} {refused}");
}
