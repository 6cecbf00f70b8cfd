//! Signs of life, in simulated time.

use std::time::Duration;

use pika::config::{Config, Heartbeat};
use pika::error::{Cause, ClosedBy, ProtocolError};
use pika::wire::ReplyCode;

use super::*;
use crate::kit::{Heard, SECOND};

const BEAT: [u8; 8] = [8, 0, 0, 0, 0, 0, 0, 0xce];

/// An open connection with a heartbeat of ten seconds; no time has passed.
fn beating() -> Dialogue {
    let config = Config::new().heartbeat(Heartbeat::AtMost(SECOND * 10));
    let mut it = Dialogue::open_with(config, (10, 4096, 60));
    assert_eq!(it.wakes(), []);
    it
}

fn seconds(times: impl IntoIterator<Item = u64>) -> Vec<Duration> {
    times.into_iter().map(Duration::from_secs).collect()
}

#[test]
fn a_beat_is_written_after_half_an_interval_of_silence() {
    let mut it = beating();
    assert_eq!(it.due(), Some(SECOND * 5));
    it.wait(SECOND * 5 - Duration::from_nanos(1));
    it.hears_nothing();
    it.wait(Duration::from_nanos(1));
    assert_eq!(it.hears_frame(), Heard::Heartbeat);
    assert_eq!(it.due(), Some(SECOND * 10));
}

#[test]
fn an_idle_connection_wakes_for_beats_and_nothing_else() {
    let mut it = beating();
    for _ in 0..10 {
        it.says_bytes(&BEAT);
        it.wait(SECOND * 10);
        assert_eq!(it.hears_frame(), Heard::Heartbeat);
        assert_eq!(it.hears_frame(), Heard::Heartbeat);
        it.hears_nothing();
    }
    assert_eq!(it.wakes(), seconds((1..=20).map(|n| n * 5)));
}

#[test]
fn no_beat_is_written_while_data_flows() {
    let mut it = beating();
    let key = it.channel();
    for _ in 0..20 {
        it.wait(SECOND * 4);
        let call = it.calls(key, queue::Purge::new("q"));
        it.says(1, queue::PurgeOk::new(0));
        it.replies(call);
        it.hears_nothing();
    }
    it.wait(SECOND * 5);
    assert_eq!(it.hears_frame(), Heard::Heartbeat);
}

#[test]
fn an_early_or_repeated_timeout_writes_nothing() {
    let mut it = beating();
    for _ in 0..100 {
        let now = it.now();
        it.client.handle_timeout(now);
    }
    it.hears_nothing();
    it.wait(SECOND * 5);
    let now = it.now();
    it.client.handle_timeout(now);
    assert_eq!(it.hears_frame(), Heard::Heartbeat);
    it.hears_nothing();
}

#[test]
fn a_peer_that_is_silent_for_two_intervals_is_dead() {
    let mut it = beating();
    let key = it.channel();
    it.wait(SECOND * 20 - Duration::from_nanos(1));
    for _ in 0..3 {
        assert_eq!(it.hears_frame(), Heard::Heartbeat);
    }
    it.no_event();
    it.wait(Duration::from_nanos(1));
    it.channel_closed(key);
    let why = it.closed();
    assert_eq!(
        why.cause,
        Cause::Silence {
            heartbeat: SECOND * 10
        }
    );
    assert_eq!((why.by(), why.is_retriable()), (ClosedBy::Nobody, true));
    it.hears_nothing();
    assert!(it.client.is_finished());
    assert_eq!(it.due(), None);
}

#[test]
fn any_byte_is_a_sign_of_life() {
    let mut it = beating();
    for byte in BEAT {
        it.wait(SECOND * 19);
        it.no_event();
        it.says_bytes(&[byte]);
    }
    it.wait(SECOND * 19);
    it.no_event();
    assert!(it.client.is_open());
    it.wait(SECOND);
    assert!(matches!(it.closed().cause, Cause::Silence { .. }));
    it.ignores();
}

#[test]
fn receiving_nothing_is_no_sign_of_life() {
    let mut it = beating();
    it.says_bytes(&BEAT[..3]);
    for _ in 0..20 {
        it.wait(SECOND);
        it.says_bytes(&[]);
    }
    assert!(matches!(it.closed().cause, Cause::Silence { .. }));
    it.ignores();
}

#[test]
fn a_program_that_pauses_reading_does_not_blame_the_peer() {
    let mut it = beating();
    for _ in 0..10 {
        it.wait(SECOND * 10);
        let now = it.now();
        it.client.reading_paused(now);
    }
    it.no_event();
    it.ignores();
    it.wait(SECOND * 20);
    assert!(matches!(it.closed().cause, Cause::Silence { .. }));
    it.ignores();
}

#[test]
fn beats_do_not_pile_up_behind_bytes_that_nobody_takes() {
    let mut it = beating();
    it.stalls();
    let now = it.now();
    it.client.open_channel(now).unwrap();
    let waiting = it.client.outgoing_len();
    for _ in 0..4 {
        it.wait(SECOND * 5);
        it.says_bytes(&BEAT);
        assert_eq!(it.client.outgoing_len(), waiting);
    }
    assert!(it.wakes().len() <= 5, "no busy loop");
    it.resumes();
    it.hears(1, channel::Open::new());
    it.wait(SECOND * 5);
    assert_eq!(it.hears_frame(), Heard::Heartbeat);
}

#[test]
fn nothing_beats_after_a_close() {
    let mut it = beating();
    let now = it.now();
    it.client.close(ReplyCode::REPLY_SUCCESS, "bye".into(), now);
    it.hears_any::<connection::Close>(0);
    it.wait(SECOND * 4);
    it.hears_nothing();
    it.says(0, connection::CloseOk::new());
    it.closed();
    it.wait(SECOND * 100);
    assert_eq!(it.wakes(), []);
}

#[test]
fn without_heartbeats_nothing_ever_wakes() {
    let mut it = Dialogue::open();
    it.wait(SECOND * 1_000_000);
    assert_eq!(it.wakes(), []);
}

#[test]
fn a_heartbeat_is_empty_and_on_channel_0() {
    for (frame, code) in [
        (
            &[8, 0, 1, 0, 0, 0, 0, 0xce][..],
            ReplyCode::UNEXPECTED_FRAME,
        ),
        (&[8, 0, 0, 0, 0, 0, 1, 0, 0xce], ReplyCode::FRAME_ERROR),
    ] {
        let mut it = beating();
        it.says_bytes(frame);
        assert_eq!(it.hears_any::<connection::Close>(0).reply_code, code);
        let why = it.closed();
        assert!(
            matches!(why.cause, Cause::Protocol(ProtocolError::Frame(_))),
            "{why}"
        );
    }
}
