//! The end of channels and connections: close answers close, and nothing hangs.

use pika::connection::Event;
use pika::error::{Cause, ClosedBy, Error, TimedOut, TransportEnd, Waiting};
use pika::wire::{ChannelId, ReplyCode, Scope};

use super::*;
use crate::kit::{SECOND, reason};

fn close(it: &mut Dialogue) {
    let now = it.now();
    it.client.close(ReplyCode::REPLY_SUCCESS, "bye".into(), now);
}

#[test]
fn a_close_is_said_once_and_confirmed() {
    let (mut it, key) = Dialogue::with_channel();
    let call = it.calls(key, queue::Purge::new("q"));
    close(&mut it);
    it.hears(0, connection::Close::new(200, "bye", 0, 0));
    let Err(Error::Closed(why)) = it.answer(call) else {
        panic!()
    };
    assert!(why.is_normal());
    assert_eq!(it.channel_closed(key), why);
    for _ in 0..3 {
        close(&mut it);
    }
    it.hears_nothing();
    assert!(!it.client.is_open() && !it.client.is_finished());
    it.says(0, connection::CloseOk::new());
    assert_eq!(it.closed(), why);
    assert_eq!((why.scope, why.by()), (Scope::Connection, ClosedBy::Us));
    assert!(it.client.is_finished());
    assert_eq!(it.due(), None);
}

#[test]
fn what_still_comes_while_closing_is_ignored() {
    let (mut it, key) = Dialogue::with_channel();
    close(&mut it);
    it.hears_any::<connection::Close>(0);
    it.channel_closed(key);
    let message = basic::Deliver::new("t", 1, "", "q");
    it.says_content(1, (&message, &basic::Properties::new()), b"x");
    it.says(1, queue::PurgeOk::new(1));
    it.says(9, channel::Close::new(404, "", 0, 0));
    it.says(1, connection::CloseOk::new());
    it.hears_nothing();
    it.no_event();
    assert!(!it.client.is_finished(), "only channel 0 confirms");
    it.says(0, connection::CloseOk::new());
    assert!(it.closed().is_normal());
}

#[test]
fn a_close_without_an_answer_ends_with_its_deadline() {
    let mut it = Dialogue::open();
    close(&mut it);
    it.hears_any::<connection::Close>(0);
    assert_eq!(it.due(), Some(SECOND * 5));
    it.wait(SECOND * 5);
    assert!(it.closed().is_normal());
    assert!(it.client.is_finished());
    assert_eq!(it.wakes(), [SECOND * 5]);
}

#[test]
fn a_close_that_cannot_be_written_ends_with_its_deadline() {
    let mut it = Dialogue::open();
    it.stalls();
    close(&mut it);
    it.wait(SECOND * 5);
    assert!(it.closed().is_normal());
    assert!(it.client.is_finished());
}

#[test]
fn closes_that_cross_are_both_answered() {
    let mut it = Dialogue::open();
    close(&mut it);
    it.hears_any::<connection::Close>(0);
    it.says(0, connection::Close::new(320, "CONNECTION_FORCED", 0, 0));
    it.hears(0, connection::CloseOk::new());
    assert!(it.closed().is_normal(), "the first reason stays");
    it.says(0, connection::CloseOk::new());
    it.hears_nothing();
}

#[test]
fn a_server_that_closes_is_answered_before_the_transport_goes() {
    let (mut it, key) = Dialogue::with_channel();
    let call = it.calls(key, queue::Purge::new("q"));
    it.stalls();
    it.says(
        0,
        connection::Close::new(320, "CONNECTION_FORCED - bye", 50, 30),
    );
    let Err(Error::Closed(why)) = it.answer(call) else {
        panic!()
    };
    assert_eq!(why.code(), Some(ReplyCode::CONNECTION_FORCED));
    assert_eq!(why.method().map(|id| (id.class, id.method)), Some((50, 30)));
    assert_eq!(it.channel_closed(key), why);
    assert_eq!(it.closed(), why);
    assert!(!it.client.is_finished(), "close-ok waits to be written");
    it.resumes();
    it.hears(0, connection::CloseOk::new());
    assert!(it.client.is_finished());
    assert_eq!(it.due(), None);
}

#[test]
fn the_last_bytes_are_given_up_when_nobody_takes_them() {
    let mut it = Dialogue::open();
    it.stalls();
    it.says(0, connection::Close::new(320, "", 0, 0));
    it.closed();
    assert_eq!(it.due(), Some(SECOND * 5));
    it.wait(SECOND * 5);
    assert!(it.client.is_finished());
    assert_eq!(it.due(), None);
}

#[test]
fn a_closed_connection_keeps_telling_why() {
    let (mut it, key) = Dialogue::with_channel();
    it.hangs_up();
    it.channel_closed(key);
    let why = it.closed();
    let (end, during) = (TransportEnd::Eof, None);
    assert_eq!(why.cause, Cause::Transport { end, during });
    let now = it.now();
    close(&mut it);
    it.hangs_up();
    it.says_bytes(b"whatever comes");
    it.wait(SECOND * 100);
    for _ in 0..2 {
        assert_eq!(reason(it.client.open_channel(now)), *why);
        assert_eq!(reason(it.client.channel(key)), *why);
    }
}

#[test]
fn the_end_of_the_transport_fails_everything_once() {
    let mut it = Dialogue::open();
    let (one, two) = (it.channel(), it.channel());
    let first = it.calls(one, queue::Purge::new("q"));
    let second = it.calls(two, queue::Purge::new("q"));
    it.hangs_up();
    assert!(matches!(it.fails(first), Error::Closed(_)));
    it.channel_closed(one);
    assert!(matches!(it.fails(second), Error::Closed(_)));
    it.channel_closed(two);
    it.closed();
    assert_eq!(it.due(), None, "no deadline is left behind");
}

#[test]
fn the_first_reason_stays_whatever_ends_a_closing_connection() {
    for garbage in [
        &b""[..],
        b"\x00garbage",
        &[1, 0, 0, 0, 0, 0, 4, 0, 99, 0, 99, 0xce],
    ] {
        let mut it = Dialogue::open();
        close(&mut it);
        it.hears_any::<connection::Close>(0);
        it.says_bytes(garbage);
        it.hangs_up();
        assert!(it.closed().is_normal());
        it.hears_nothing();
    }
}

#[test]
fn a_method_that_does_not_exist_ends_the_connection() {
    let (mut it, key) = Dialogue::with_channel();
    it.says_bytes(&[1, 0, 1, 0, 0, 0, 4, 0, 99, 0, 99, 0xce]);
    let close = it.hears_any::<connection::Close>(0);
    it.channel_closed(key);
    let why = it.closed();
    assert_eq!(why.code(), Some(close.reply_code));
    assert!(
        close.reply_text.to_string().contains("99/99"),
        "{}",
        close.reply_text
    );
}

#[test]
fn channel_closes_that_cross_are_both_answered() {
    let (mut it, key) = Dialogue::with_channel();
    let now = it.now();
    let call = it
        .on(key)
        .close(ReplyCode::REPLY_SUCCESS, "bye".into(), now)
        .unwrap();
    it.hears(1, channel::Close::new(200, "bye", 0, 0));
    it.says(1, channel::Close::new(404, "NOT_FOUND", 50, 10));
    it.hears(1, channel::CloseOk::new());
    it.no_event();
    it.says(1, channel::CloseOk::new());
    // The server closed first, so what was sent last may have come to nothing.
    assert_eq!(
        it.fails(call).closed().unwrap().code(),
        Some(ReplyCode::NOT_FOUND)
    );
    assert_eq!(it.channel_closed(key).code(), Some(ReplyCode::NOT_FOUND));
    assert_eq!(it.channel().id(), ChannelId(1));
}

#[test]
fn channel_closes_that_cross_fail_the_calls_before() {
    let (mut it, key) = Dialogue::with_channel();
    let unanswered = it.calls(key, queue::Purge::new("none"));
    let now = it.now();
    let call = it
        .on(key)
        .close(ReplyCode::REPLY_SUCCESS, "bye".into(), now)
        .unwrap();
    it.hears_any::<channel::Close>(1);
    it.says(
        1,
        channel::Close::new(404, "NOT_FOUND - no queue 'none'", 50, 30),
    );
    it.hears(1, channel::CloseOk::new());
    it.says(1, channel::CloseOk::new());
    assert!(matches!(it.fails(unanswered), Error::Closed(_)));
    assert!(matches!(it.fails(call), Error::Closed(_)));
    it.channel_closed(key);
    assert!(it.client.is_open());
}

#[test]
fn replies_to_calls_before_a_channel_close_still_come() {
    let (mut it, key) = Dialogue::with_channel();
    let before = it.calls(key, queue::Purge::new("q"));
    let now = it.now();
    let call = it
        .on(key)
        .close(ReplyCode::REPLY_SUCCESS, "".into(), now)
        .unwrap();
    let twice = it.on(key).close(ReplyCode::REPLY_SUCCESS, "".into(), now);
    assert!(reason(twice).is_normal());
    it.hears_any::<channel::Close>(1);
    it.hears_nothing();
    it.says(1, queue::PurgeOk::new(3));
    assert_eq!(it.replies(before), queue::PurgeOk::new(3).into());
    it.says(1, channel::CloseOk::new());
    it.replies(call);
    it.channel_closed(key);
}

#[test]
fn a_channel_close_without_an_answer_ends_with_its_deadline() {
    let (mut it, key) = Dialogue::with_channel();
    let now = it.now();
    let call = it
        .on(key)
        .close(ReplyCode::REPLY_SUCCESS, "".into(), now)
        .unwrap();
    it.hears_any::<channel::Close>(1);
    it.wait(SECOND * 5);
    let Error::TimedOut(timed_out) = it.fails(call) else {
        panic!()
    };
    let (waiting_for, after) = (Waiting::CloseOk, SECOND * 5);
    assert_eq!(timed_out, TimedOut { waiting_for, after });
    it.channel_closed(key);
    assert_eq!(it.wakes(), [SECOND * 5]);
    assert_eq!(it.due(), None);
    assert!(it.client.is_open());
    assert_eq!(
        it.channel().id(),
        ChannelId(2),
        "the number may still be in use"
    );
}

#[test]
fn a_channel_whose_close_was_given_up_ends_once() {
    let (mut it, key) = Dialogue::with_channel();
    it.on(key)
        .no_wait(basic::Consume::new("q").consumer_tag("t"))
        .unwrap();
    it.hears_any::<basic::Consume>(1);
    let now = it.now();
    let call = it
        .on(key)
        .close(ReplyCode::REPLY_SUCCESS, "".into(), now)
        .unwrap();
    it.hears_any::<basic::Cancel>(1);
    it.hears_any::<channel::Close>(1);
    it.wait(SECOND * 5);
    it.fails(call);
    it.channel_closed(key);
    // The server wakes up: what it had sent before, and then the answer.
    let message = basic::Deliver::new("t", 1, "", "q");
    it.says_content(1, (&message, &basic::Properties::new()), b"x");
    it.says(1, channel::Flow::new().active(false));
    it.says(1, queue::PurgeOk::new(1));
    it.no_event();
    it.hears_nothing();
    assert!(it.client.is_open(), "{:?}", it.client.closed());
    it.says(1, channel::CloseOk::new());
    it.no_event();
    assert!(it.client.is_open(), "{:?}", it.client.closed());
    assert_eq!(it.channel().id(), ChannelId(1), "now the number is free");
    assert!(matches!(
        reason(it.client.channel(key)).cause,
        Cause::TimedOut(_)
    ));
}

#[test]
fn a_channel_whose_close_was_given_up_is_not_ended_again_by_the_connection() {
    for server_closes in [true, false] {
        let (mut it, key) = Dialogue::with_channel();
        let now = it.now();
        let call = it
            .on(key)
            .close(ReplyCode::REPLY_SUCCESS, "".into(), now)
            .unwrap();
        it.hears_any::<channel::Close>(1);
        it.wait(SECOND * 5);
        it.fails(call);
        it.channel_closed(key);
        if server_closes {
            it.says(1, channel::Close::new(404, "", 0, 0));
            it.hears(1, channel::CloseOk::new());
            it.no_event();
        }
        it.hangs_up();
        it.closed();
    }
}

#[test]
fn closing_the_connection_ends_closing_channels_too() {
    let (mut it, key) = Dialogue::with_channel();
    let now = it.now();
    let call = it
        .on(key)
        .close(ReplyCode::REPLY_SUCCESS, "".into(), now)
        .unwrap();
    it.hears_any::<channel::Close>(1);
    close(&mut it);
    it.hears_any::<connection::Close>(0);
    assert!(matches!(it.fails(call), Error::Closed(_)));
    it.channel_closed(key);
    it.says(1, channel::CloseOk::new());
    it.says(0, connection::CloseOk::new());
    assert!(matches!(it.event(), Event::Closed(_)));
}

/// A channel with a consumer of each kind: `acked`, whose messages are acknowledged, and `plain`.
fn with_consumers(it: &mut Dialogue) -> pika::connection::ChannelKey {
    let key = it.channel();
    for (tag, no_ack) in [("acked", false), ("plain", true)] {
        let consume = basic::Consume::new("q").consumer_tag(tag).no_ack(no_ack);
        it.on(key).no_wait(consume).unwrap();
        it.hears_any::<basic::Consume>(key.id().0);
    }
    key
}

#[test]
fn a_channel_that_is_closed_cancels_its_consumers_first_so_that_acknowledgements_count() {
    let mut it = Dialogue::open();
    let key = with_consumers(&mut it);
    let now = it.now();
    let closing = it.on(key).close(ReplyCode::REPLY_SUCCESS, "".into(), now);
    closing.unwrap();
    let cancel = it.hears_any::<basic::Cancel>(1);
    assert!(cancel.consumer_tag == "acked" && cancel.no_wait);
    it.hears_any::<channel::Close>(1);
    it.hears_nothing();
}

#[test]
fn a_connection_is_closed_when_its_consumers_have_ended() {
    let mut it = Dialogue::open();
    let (one, other) = (with_consumers(&mut it), with_consumers(&mut it));
    close(&mut it);
    for key in [one, other] {
        let cancel = it.hears_any::<basic::Cancel>(key.id().0);
        assert_eq!(cancel, basic::Cancel::new("acked"));
    }
    // All that ends at once.
    while it.next_event().is_some() {}
    it.says(2, basic::CancelOk::new("acked"));
    it.hears_nothing();
    it.says(1, basic::CancelOk::new("acked"));
    it.hears_any::<connection::Close>(0);
    it.says(0, connection::CloseOk::new());
    assert!(it.closed().is_normal());
}

#[test]
fn a_connection_is_closed_in_time_though_its_consumers_do_not_end() {
    let mut it = Dialogue::open();
    let _key = with_consumers(&mut it);
    close(&mut it);
    it.hears_any::<basic::Cancel>(1);
    while it.next_event().is_some() {}
    let timeout = it.client.config().close_timeout;
    it.wait(timeout / 2);
    it.hears_any::<connection::Close>(0);
    it.wait(timeout / 2);
    it.closed();
    let waiting_for = Waiting::CloseOk;
    let after = timeout;
    let late = Cause::TimedOut(TimedOut { waiting_for, after });
    assert_eq!(it.client.close_failure(), Some(&late));
}
