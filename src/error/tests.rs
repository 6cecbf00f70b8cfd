use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::frame::{Decoder, ProtocolHeader};
use crate::wire::{MethodId, ReplyCode, Scope, ShortStr};

fn closed(cause: Cause) -> Arc<Closed> {
    let scope = Scope::Connection;
    Arc::new(Closed::new(scope, cause))
}

fn by_server(code: u16, text: &'static str, method: Option<MethodId>) -> Arc<Closed> {
    let (code, text) = (ReplyCode(code), ShortStr::from_static(text));
    closed(Cause::Server { code, text, method })
}

/// The cause when a server begins with these bytes.
fn frame_error(bytes: &[u8]) -> Cause {
    let mut buffer = bytes::BytesMut::from(bytes);
    let error = Decoder::new().split_one(&mut buffer).unwrap_err();
    Cause::Protocol(ProtocolError::Frame(error))
}

#[test]
fn the_text_says_what_to_do() {
    let during = |step| {
        let end = TransportEnd::Eof;
        let during = Some(step);
        closed(Cause::Transport { end, during })
    };
    let version = |found| {
        let (sent, found) = ([1, 1, 8, 0], ProtocolHeader::new(found));
        let sent = ProtocolHeader::new(sent);
        closed(Cause::Version { sent, found })
    };
    for (reason, part) in [
        (during("connection.tune"), "when they stop"),
        (
            closed(Cause::FrameMaxRefused { frame_max: 4096 }),
            "RabbitMQ 4.1 and later take no frame_max below 8192",
        ),
        (during("connection.start"), "without TLS?"),
        (
            closed(frame_error(b"\x15\x03\x01\x00\x02\x02\x0a")),
            "a port for TLS",
        ),
        (
            closed(frame_error(b"HTTP/1.1 400 Bad Request")),
            "HTTP server?",
        ),
        (
            version([3, 1, 0, 0]),
            "RabbitMQ 4 and later speak 0-9-1 and 1.0 only",
        ),
        (version([1, 1, 8, 0]), "sent back our own AMQP 1 1 8 0"),
        (
            by_server(530, "NOT_ALLOWED - vhost  not found", None),
            "leave it out of the URI",
        ),
        (
            by_server(530, "NOT_ALLOWED - vhost 'none' not found", None),
            "check the virtual host",
        ),
        (
            by_server(
                530,
                "NOT_ALLOWED - connection refused: node connection limit (10) is reached",
                None,
            ),
            "raise the limit",
        ),
        (
            by_server(403, "ACCESS_REFUSED - Login was refused", None),
            "the password",
        ),
    ] {
        let text = reason.to_string();
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn methods_have_names_and_texts_no_line_breaks() {
    let text =
        "INTERNAL_ERROR - Feature `f` is deprecated.\r\nIts use is not permitted\u{2028}here";
    let known = by_server(541, text, Some(MethodId::new(50, 10)));
    assert_eq!(
        known.to_string(),
        "connection closed: by the server, 541: INTERNAL_ERROR - Feature `f` is deprecated. \
         Its use is not permitted here (over queue.declare)"
    );
    let unknown = by_server(541, "", Some(MethodId::new(50, 999)));
    assert!(
        unknown.to_string().ends_with("(over method 50/999)"),
        "{unknown}"
    );
}

#[test]
fn no_text_is_told_twice_by_a_report_of_all_sources() {
    let after = Duration::from_secs(1);
    let timed_out = TimedOut {
        waiting_for: Waiting::Confirms,
        after,
    };
    let unreachable = Unreachable::new("rabbit".into(), 5672);
    let utf8 = String::from_utf8(vec![0xff]).unwrap_err().utf8_error();
    let nested = io::Error::other(io::Error::other("the cable is cut"));
    let errors = [
        Error::from(Misuse::NotOpen),
        Forbidden::Blocked.into(),
        timed_out.into(),
        closed(Cause::TimedOut(timed_out)).into(),
        closed(frame_error(b"HTTP/1.1 400 Bad Request")).into(),
        closed(Cause::Unreachable(Arc::new(unreachable.clone()))).into(),
        unreachable.into(),
        utf8.into(),
        nested.into(),
        "amqp://["
            .parse::<crate::config::Config>()
            .unwrap_err()
            .into(),
    ];
    for error in errors {
        let refused = Refused::new(error.clone(), ());
        for error in [&error as &dyn std::error::Error, &refused] {
            let mut report = error.to_string();
            let mut source = error.source();
            while let Some(next) = source {
                let text = next.to_string();
                assert!(!report.contains(&text), "{report}: {text}");
                report += &text;
                source = next.source();
            }
        }
    }
}
