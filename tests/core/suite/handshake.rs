//! From the protocol header to an open connection, when all goes well and when the server refuses.

use std::time::Duration;

use pika::config::{Config, Credentials, Exchange, Heartbeat, Mechanism, Sasl, Secret};
use pika::connection::Event;
use pika::error::{Cause, ClosedBy, Misuse};
use pika::frame::ProtocolHeader;
use pika::method::Spec;
use pika::protocol::Protocol;
use pika::wire::{ReplyCode, Table};

use super::*;
use crate::kit::{SECOND, TUNE, misuse, quiet};

fn started(config: Config, mechanisms: &'static str) -> Dialogue {
    let mut it = Dialogue::begun(config);
    it.says(0, V::start(mechanisms, Table::new()));
    it
}

/// A client that has sent start-ok.
fn logged_in(config: Config) -> Dialogue {
    let mut it = started(config, "PLAIN AMQPLAIN");
    it.hears_any::<connection::StartOk>(0);
    it
}

#[test]
fn the_client_says_its_header_and_nothing_else() {
    let mut it = Dialogue::begun(Config::new());
    it.hears_nothing();
    it.no_event();
    assert!(!it.client.is_open());
}

#[test]
fn plain_is_the_user_and_the_password_behind_zeros() {
    let mut it = started(Config::new().login("orders", "s3cret"), "AMQPLAIN PLAIN");
    let answer = it.hears_any::<connection::StartOk>(0);
    assert_eq!(answer.mechanism, "PLAIN");
    assert_eq!(answer.response.as_bytes(), b"\0orders\0s3cret");
    assert_eq!(answer.locale, "en_US");
    it.hears_nothing();
}

#[test]
fn amqplain_is_a_table_without_its_length() {
    let config = Config::new()
        .login("orders", "s3cret")
        .mechanisms([Mechanism::AmqPlain]);
    let mut it = started(config, "PLAIN AMQPLAIN");
    let answer = it.hears_any::<connection::StartOk>(0);
    assert_eq!(answer.mechanism, "AMQPLAIN");
    let expected = b"\x05LOGINS\0\0\0\x06orders\x08PASSWORDS\0\0\0\x06s3cret";
    assert_eq!(answer.response.as_bytes(), expected);
}

#[test]
fn the_client_announces_what_it_can_do_in_this_version() {
    let mut it = started(Config::new().connection_name("intake"), "PLAIN");
    let said = it.hears_any::<connection::StartOk>(0).client_properties;
    let capabilities = said.get("capabilities").unwrap().as_table().unwrap();
    let announced: Vec<_> = capabilities.iter().collect();
    assert!(
        announced
            .iter()
            .all(|(_, value)| value.as_bool() == Some(true))
    );
    let names: Vec<_> = announced.iter().map(|(name, _)| name.to_string()).collect();
    // 0-8 gives the id of connection.blocked to another method.
    let expected: &[&str] = match V::NAME {
        "0-8" => &["authentication_failure_close", "consumer_cancel_notify"],
        _ => &[
            "publisher_confirms",
            "exchange_exchange_bindings",
            "basic.nack",
            "consumer_cancel_notify",
            "connection.blocked",
            "authentication_failure_close",
        ],
    };
    assert_eq!(names, expected);
    for (name, value) in [("product", "pika"), ("connection_name", "intake")] {
        assert_eq!(said.get(name).unwrap().as_str(), Some(value));
    }
}

#[test]
fn the_lower_opinion_is_answered_and_the_virtual_host_opened() {
    let at_most = |seconds| Heartbeat::AtMost(Duration::from_secs(seconds));
    let config = Config::new;
    for (config, tune, tune_ok) in [
        (config(), (2047, 131_072, 60), (2047, 131_072, 60)),
        (config(), (0, 0, 0), (65535, 131_072, 0)),
        (
            config().frame_max(4096).channel_max(3),
            (2047, 131_072, 60),
            (3, 4096, 60),
        ),
        (config().frame_max(1), (2047, 131_072, 60), (2047, 4096, 60)),
        (config().frame_max(0), (1, 1 << 20, 60), (1, 1 << 20, 60)),
        (
            config().frame_max(u32::MAX).channel_max(9),
            (8, 4096, 60),
            (8, 4096, 60),
        ),
        (
            config().heartbeat(Heartbeat::Off),
            (2047, 131_072, 60),
            (2047, 131_072, 0),
        ),
        (
            config().heartbeat(at_most(10)),
            (2047, 131_072, 60),
            (2047, 131_072, 10),
        ),
        (
            config().heartbeat(at_most(90)),
            (2047, 131_072, 60),
            (2047, 131_072, 60),
        ),
        (
            config().heartbeat(at_most(90)),
            (2047, 131_072, 0),
            (2047, 131_072, 90),
        ),
    ] {
        let mut it = logged_in(config.vhost("accounts"));
        it.says(0, V::tune(tune.0, tune.1, tune.2));
        it.hears(0, connection::TuneOk::new(tune_ok.0, tune_ok.1, tune_ok.2));
        it.hears(0, connection::Open::new("accounts"));
        let tuning = it.client.tuning();
        assert_eq!(
            (tuning.channel_max, tuning.frame_max),
            (tune_ok.0, tune_ok.1)
        );
        assert_eq!(tuning.heartbeat_seconds(), tune_ok.2);
    }
}

#[test]
fn open_ok_opens_and_tells_what_the_server_is() {
    let mut it = Dialogue::begun(quiet());
    let can = Table::new().with("basic.nack", true).with("tea", false);
    let server = Table::new()
        .with("product", "Peer")
        .with("capabilities", can);
    it.says(0, V::start("PLAIN", server.clone()));
    it.hears_any::<connection::StartOk>(0);
    it.says(0, V::tune(9, 8192, 60));
    it.hears_any::<connection::TuneOk>(0);
    it.hears_any::<connection::Open>(0);
    let now = it.now();
    assert_eq!(misuse(it.client.open_channel(now)), Misuse::NotOpen);
    it.says(0, V::open_ok());
    let Event::Opened(opened) = it.event() else {
        panic!()
    };
    assert_eq!(opened.server_properties, server);
    assert_eq!(opened.tuning, *it.client.tuning());
    assert_eq!(opened.tuning.channel_max, 9);
    assert!(it.client.is_open());
    for (capability, can) in [("basic.nack", true), ("tea", false), ("coffee", false)] {
        assert_eq!(it.client.server_can(capability), can, "{capability}");
    }
    assert_eq!(it.due(), None, "nothing is waited for");
}

#[test]
fn a_server_of_another_version_is_named() {
    for found in [[0, 0, 9, 1], [1, 1, 8, 0], [1, 1, 0, 9], [3, 1, 0, 0]] {
        let mut it = Dialogue::begun(Config::new());
        it.says_bytes(&[&b"AMQP"[..], &found[..]].concat());
        let reason = it.closed();
        let [.., a, b, c, d] = V::PROTOCOL_HEADER;
        let sent = ProtocolHeader::new([a, b, c, d]);
        let found = ProtocolHeader::new(found);
        assert_eq!(reason.cause, Cause::Version { sent, found });
        assert!(!reason.is_retriable());
        assert!(it.client.is_finished());
        it.hears_nothing();
    }
}

#[test]
fn a_server_that_begins_with_another_version_gets_no_secret() {
    let mut it = Dialogue::begun(Config::new());
    let start = connection::Start::new(V::MAJOR, V::MINOR + 1, "PLAIN", "en_US");
    it.says(0, start);
    let reason = it.closed();
    let found = (V::MAJOR, V::MINOR + 1);
    assert!(
        matches!(&reason.cause, Cause::Started { found: f, .. } if *f == found),
        "{reason}"
    );
    it.hears_nothing();
}

#[test]
fn without_a_common_mechanism_no_secret_is_sent() {
    for offered in ["", "EXTERNAL", "plain", "PLAIN1 XAMQPLAIN"] {
        let mut it = started(Config::new(), offered);
        let reason = it.closed();
        let offered = offered.to_owned();
        let wanted = "PLAIN AMQPLAIN".into();
        assert_eq!(reason.cause, Cause::NoMechanism { wanted, offered });
        assert_eq!(reason.by(), ClosedBy::Us);
        it.hears_nothing();
        assert!(it.client.is_finished());
    }
}

#[test]
fn a_frame_max_below_the_least_is_refused() {
    for frame_max in [1, 4095] {
        let mut it = logged_in(Config::new());
        it.says(0, V::tune(2047, frame_max, 60));
        assert_eq!(it.closed().cause, Cause::Tuning { frame_max });
        it.hears_nothing();
    }
}

#[test]
fn a_refused_login_says_403_and_is_not_tried_again() {
    let mut it = logged_in(Config::new());
    let text = "ACCESS_REFUSED - Login was refused";
    it.says(0, connection::Close::new(403, text, 0, 0));
    it.hears(0, connection::CloseOk::new());
    let reason = it.closed();
    assert_eq!(reason.code(), Some(ReplyCode::ACCESS_REFUSED));
    assert_eq!(reason.text().unwrap(), text);
    assert_eq!(
        (reason.by(), reason.is_retriable()),
        (ClosedBy::Server, false)
    );
    assert!(
        reason
            .to_string()
            .contains("check the user name and the password"),
        "{reason}"
    );
}

#[test]
fn closing_during_the_handshake_ends_it_at_once() {
    let mut it = started(Config::new(), "PLAIN");
    it.stalls();
    let now = it.now();
    it.client
        .close(ReplyCode::REPLY_SUCCESS, "changed my mind".into(), now);
    assert!(it.closed().is_normal());
    assert!(it.client.is_finished());
    it.ignores();
}

#[test]
fn the_handshake_may_come_in_one_piece() {
    let mut it = Dialogue::begun(quiet());
    let mut bytes = crate::kit::method_frame::<V>(0, V::start("PLAIN", Table::new()));
    let (channels, frames, heartbeat) = TUNE;
    bytes.extend_from_slice(&crate::kit::method_frame::<V>(
        0,
        V::tune(channels, frames, heartbeat),
    ));
    bytes.extend_from_slice(&crate::kit::method_frame::<V>(0, V::open_ok()));
    it.says_bytes(&bytes);
    assert!(matches!(it.event(), Event::Opened(_)));
    it.hears_any::<connection::StartOk>(0);
    it.hears_any::<connection::TuneOk>(0);
    it.hears_any::<connection::Open>(0);
    assert!(V::CAPABILITIES.contains(&"consumer_cancel_notify"));
    it.wait(SECOND * 60);
    assert!(
        it.client.is_open(),
        "the deadline of the handshake is over with it"
    );
}

/// A mechanism that answers challenges with the password, and gives up on one.
#[derive(Debug)]
struct OnRequest {
    needs_tls: bool,
}

impl Sasl for OnRequest {
    fn name(&self) -> &str {
        "ON-REQUEST"
    }

    fn needs_tls(&self) -> bool {
        self.needs_tls
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
        match challenge {
            b"wrong" => Err("expected another challenge".into()),
            b"long" => Ok(vec![b'x'; 200_000].into()),
            _ => Ok([challenge, self.0.password.expose()].concat().into()),
        }
    }
}

fn on_request(needs_tls: bool) -> Config {
    let own = Mechanism::own(OnRequest { needs_tls });
    Config::new()
        .login("orders", "s3cret")
        .mechanisms([own, Mechanism::Plain])
}

#[test]
fn a_mechanism_of_the_program_answers_any_number_of_challenges() {
    let mut it = started(on_request(false), "PLAIN ON-REQUEST");
    let answer = it.hears_any::<connection::StartOk>(0);
    assert_eq!(answer.mechanism, "ON-REQUEST");
    assert_eq!(answer.response.as_bytes(), b"orders");
    for challenge in ["one:", "", "three:"] {
        it.says(0, connection::Secure::new(challenge));
        let answer = it.hears_any::<connection::SecureOk>(0);
        assert_eq!(
            answer.response.as_bytes(),
            [challenge, "s3cret"].concat().as_bytes()
        );
    }
    it.says(0, V::tune(2047, 131_072, 60));
    it.hears_any::<connection::TuneOk>(0);
    it.hears_any::<connection::Open>(0);
    // From here on a challenge is a mistake of the server.
    it.says(0, connection::Secure::new("late"));
    let reason = it.closed();
    assert!(matches!(reason.cause, Cause::Protocol(_)), "{reason}");
}

#[test]
fn a_mechanism_of_the_program_can_give_up() {
    for (challenge, expected) in [
        (
            "wrong",
            "the SASL mechanism ON-REQUEST could not go on: expected another challenge",
        ),
        ("long", "take a frame of 200016 bytes"),
    ] {
        let mut it = started(on_request(false), "ON-REQUEST");
        it.hears_any::<connection::StartOk>(0);
        it.says(0, connection::Secure::new(challenge));
        let reason = it.closed();
        let text = reason.to_string();
        assert!(text.contains(expected), "{text}");
        assert!(!reason.is_retriable() && !text.contains("s3cret"), "{text}");
        it.hears_nothing();
    }
}

#[test]
fn a_mechanism_that_needs_tls_is_passed_over_without() {
    let mut it = started(on_request(true), "ON-REQUEST PLAIN");
    let answer = it.hears_any::<connection::StartOk>(0);
    assert_eq!(answer.mechanism, "PLAIN");
}

#[test]
fn a_challenge_to_a_mechanism_that_has_no_more_to_say_is_a_mistake_of_the_server() {
    let mut it = logged_in(Config::new());
    it.says(0, connection::Secure::new("who?"));
    let reason = it.closed();
    assert!(matches!(reason.cause, Cause::Protocol(_)), "{reason}");
}

#[test]
fn a_connection_that_is_open_has_no_password_any_more() {
    let it = Dialogue::open_with(Config::new().login("orders", "s3cret"), TUNE);
    let credentials = &it.client.config().credentials;
    assert_eq!(credentials.user, "orders");
    assert!(credentials.password.is_empty());
}
