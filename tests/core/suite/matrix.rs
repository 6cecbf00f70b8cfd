//! Every step of the handshake with everything that can go wrong at it.

use pika::config::Config;
use pika::error::{Cause, Expected, ProtocolError, TimedOut, TransportEnd, Waiting};
use pika::frame::{FrameErrorKind, ProtocolHeader};
use pika::wire::{ChannelId, ReplyCode, Table};

use super::*;
use crate::kit::{SECOND, method_frame};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Start,
    Tune,
    Open,
}

const STEPS: [Step; 3] = [Step::Start, Step::Tune, Step::Open];

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Start => "connection.start",
            Self::Tune => "connection.tune",
            Self::Open => "connection.open-ok",
        }
    }
}

/// A client that waits for `step`, with a handshake timeout of ten seconds.
fn at(step: Step) -> Dialogue {
    let mut it = Dialogue::begun(Config::new().handshake_timeout(SECOND * 10));
    it.wait(SECOND);
    if step != Step::Start {
        it.says(0, V::start("PLAIN", Table::new()));
        it.hears_any::<connection::StartOk>(0);
        it.wait(SECOND);
    }
    if step == Step::Open {
        it.says(0, V::tune(2047, 131_072, 1));
        it.hears_any::<connection::TuneOk>(0);
        it.hears_any::<connection::Open>(0);
        it.wait(SECOND);
    }
    it.no_event();
    it.hears_nothing();
    it
}

/// The connection ended over `cause` within the deadline, and wants nothing more.
fn ended(mut it: Dialogue, cause: Cause) {
    let reason = it.closed();
    assert_eq!(reason.cause, cause);
    assert!(it.elapsed() <= SECOND * 10);
    it.hears_nothing();
    assert!(it.client.is_finished());
    assert_eq!(it.due(), None);
    it.wait(SECOND * 1000);
}

#[test]
fn a_close_at_any_step_is_answered_and_told() {
    for step in STEPS {
        let mut it = at(step);
        it.says(0, connection::Close::new(541, "INTERNAL_ERROR", 0, 0));
        it.hears(0, connection::CloseOk::new());
        let cause = Cause::Server {
            code: ReplyCode::INTERNAL_ERROR,
            text: "INTERNAL_ERROR".into(),
            method: None,
        };
        ended(it, cause);
    }
}

#[test]
fn the_end_of_the_transport_at_any_step_names_the_step() {
    for step in STEPS {
        for begun in [&[][..], &[1, 0, 0][..]] {
            let mut it = at(step);
            it.says_bytes(begun);
            it.hangs_up();
            let (end, during) = (TransportEnd::Eof, Some(step.name()));
            ended(it, Cause::Transport { end, during });
        }
    }
}

#[test]
fn garbage_at_any_step_is_no_frame() {
    for step in STEPS {
        let mut it = at(step);
        it.says_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let reason = it.client.closed().unwrap().clone();
        let Cause::Protocol(ProtocolError::Frame(error)) = &reason.cause else {
            panic!("{reason}")
        };
        assert_eq!(error.kind(), FrameErrorKind::UnknownType(b'H'));
        ended(it, reason.cause.clone());
    }
}

#[test]
fn a_frame_without_its_end_at_any_step_is_no_frame() {
    for step in STEPS {
        let mut it = at(step);
        let mut bytes = method_frame::<V>(0, V::open_ok());
        *bytes.last_mut().unwrap() = 0;
        it.says_bytes(&bytes);
        let reason = it.client.closed().unwrap().clone();
        let Cause::Protocol(ProtocolError::Frame(error)) = &reason.cause else {
            panic!("{reason}")
        };
        assert_eq!(error.kind(), FrameErrorKind::End(0));
        ended(it, reason.cause.clone());
    }
}

#[test]
fn silence_at_any_step_ends_with_the_deadline() {
    for step in STEPS {
        let mut it = at(step);
        assert_eq!(it.due(), Some(SECOND * 10));
        it.wait(SECOND * 10 - it.elapsed() - SECOND / 1000);
        it.no_event();
        it.wait(SECOND / 1000);
        let waiting_for = Waiting::Handshake(step.name());
        let after = SECOND * 10;
        assert_eq!(it.wakes(), [SECOND * 10], "it wakes once");
        ended(it, Cause::TimedOut(TimedOut { waiting_for, after }));
    }
}

#[test]
fn a_server_that_does_not_even_read_is_given_up_at_the_same_time() {
    let mut it = Dialogue::begun(Config::new().handshake_timeout(SECOND * 10));
    it.stalls();
    it.says(0, V::start("PLAIN", Table::new()));
    assert!(it.client.wants_write());
    it.wait(SECOND * 10);
    let waiting_for = Waiting::Handshake("connection.tune");
    let after = SECOND * 10;
    ended(it, Cause::TimedOut(TimedOut { waiting_for, after }));
}

#[test]
fn bytes_that_trickle_do_not_put_the_deadline_off() {
    for step in STEPS {
        let mut it = at(step);
        let frame = method_frame::<V>(0, V::start("PLAIN", Table::new()));
        for byte in &frame[..6] {
            it.says_bytes(&[*byte]);
            it.wait(SECOND);
        }
        it.wait(SECOND * 10 - it.elapsed());
        let waiting_for = Waiting::Handshake(step.name());
        let after = SECOND * 10;
        ended(it, Cause::TimedOut(TimedOut { waiting_for, after }));
    }
}

#[test]
fn a_wrong_method_at_any_step_is_named() {
    for step in STEPS {
        let (wrong, found) = match step {
            Step::Start => (V::tune(1, 4096, 0), "connection.tune"),
            Step::Tune => (V::open_ok(), "connection.open-ok"),
            Step::Open => (V::start("PLAIN", Table::new()), "connection.start"),
        };
        let others = [
            (wrong, found),
            (connection::Secure::new("more").into(), "connection.secure"),
            (connection::CloseOk::new().into(), "connection.close-ok"),
            (queue::DeclareOk::new("q", 0, 0).into(), "queue.declare-ok"),
        ];
        for (method, found) in others {
            let mut it = at(step);
            it.says(0, method);
            let cause = Cause::Protocol(ProtocolError::UnexpectedMethod {
                channel: ChannelId(0),
                found,
                expected: Expected::Step(step.name()),
            });
            ended(it, cause);
        }
    }
}

#[test]
fn a_method_on_a_channel_at_any_step_is_refused() {
    for step in STEPS {
        let mut it = at(step);
        it.says(
            1,
            match step {
                Step::Start => V::start("PLAIN", Table::new()),
                Step::Tune => V::tune(1, 4096, 0),
                Step::Open => V::open_ok(),
            },
        );
        ended(
            it,
            Cause::Protocol(ProtocolError::UnknownChannel(ChannelId(1))),
        );
    }
}

#[test]
fn a_protocol_header_is_an_answer_at_first_and_an_error_later() {
    for step in STEPS {
        let mut it = at(step);
        it.says_bytes(b"AMQP\x03\x01\x00\x00");
        let found = ProtocolHeader::new([3, 1, 0, 0]);
        let reason = it.client.closed().unwrap().clone();
        match (&reason.cause, step) {
            (Cause::Version { found: header, .. }, Step::Start) => assert_eq!(*header, found),
            (cause, _) => assert_eq!(*cause, Cause::Protocol(ProtocolError::Header(found))),
        }
        ended(it, reason.cause.clone());
    }
}

#[test]
fn heartbeats_during_the_handshake_are_no_harm() {
    let mut it = at(Step::Tune);
    it.says_bytes(&[8, 0, 0, 0, 0, 0, 0, 0xce]);
    it.no_event();
    assert!(it.client.closed().is_none());
}
