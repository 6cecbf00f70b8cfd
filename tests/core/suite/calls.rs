//! Calls and their replies.

use pika::connection::{Answer, CallId, ChannelKey};
use pika::error::{Cause, Error, Expected, Misuse, ProtocolError, TimedOut, Waiting};
use pika::method::{ChannelMethod, NoWait};
use pika::wire::{ChannelId, LongStr, ReplyCode, Table};

use super::*;
use crate::kit::{SECOND, TUNE, misuse, quiet, reason};

/// Nothing waits for this call any more, and it had not failed.
fn abandon(it: &mut Dialogue, call: CallId) {
    let now = it.now();
    assert!(it.client.abandon(call, now).is_none());
}

#[test]
fn replies_go_to_calls_of_the_same_kind_in_order() {
    let (mut it, key) = Dialogue::with_channel();
    let names = ["a", "b", "c", "d"];
    let calls = names.map(|name| it.calls(key, queue::Declare::new(name)));
    for (n, name) in names.into_iter().enumerate() {
        it.says(1, queue::DeclareOk::new(name, n as u32, 0));
    }
    for (n, (call, name)) in calls.into_iter().zip(names).enumerate() {
        let reply = it.replies(call);
        assert_eq!(reply, queue::DeclareOk::new(name, n as u32, 0).into());
    }
}

#[test]
fn channels_answer_independently() {
    let mut it = Dialogue::open();
    let (one, two) = (it.channel(), it.channel());
    let first = it.calls(one, queue::Purge::new("a"));
    let second = it.calls(two, queue::Purge::new("b"));
    it.says(2, queue::PurgeOk::new(2));
    it.says(1, queue::PurgeOk::new(1));
    assert_eq!(it.replies(second), queue::PurgeOk::new(2).into());
    assert_eq!(it.replies(first), queue::PurgeOk::new(1).into());
}

#[test]
fn a_late_reply_is_not_given_to_the_next_call() {
    let (mut it, key) = Dialogue::with_channel();
    let first = it.calls(key, queue::Declare::new("a"));
    abandon(&mut it, first);
    let second = it.calls(key, queue::Declare::new("b"));
    abandon(&mut it, first);
    it.says(1, queue::DeclareOk::new("a", 0, 0));
    it.no_event();
    it.says(1, queue::DeclareOk::new("b", 0, 0));
    assert_eq!(it.replies(second), queue::DeclareOk::new("b", 0, 0).into());
}

#[test]
fn an_abandoned_consume_is_cancelled_and_its_messages_go_back() {
    let (mut it, key) = Dialogue::with_channel();
    let now = it.now();
    let (_, call) = it.on(key).consume(basic::Consume::new("q"), now).unwrap();
    let tag = it.hears_any::<basic::Consume>(1).consumer_tag;
    abandon(&mut it, call);
    it.hears(1, basic::Cancel::new(&tag));
    let message = basic::Deliver::new(&tag, 1, "", "q");
    it.says_content(1, (&message, &basic::Properties::new()), b"early");
    it.hears(1, basic::Reject::new(1).requeue(true));
    it.says(1, basic::ConsumeOk::new(&tag));
    it.hears_nothing();
    let message = basic::Deliver::new(&tag, 2, "", "q");
    it.says_content(1, (&message, &basic::Properties::new()), b"late");
    it.hears(1, basic::Reject::new(2).requeue(true));
    it.says(1, basic::CancelOk::new(&tag));
    let again = it.calls(key, basic::Consume::new("q").consumer_tag(tag.clone()));
    it.says(1, basic::ConsumeOk::new(&tag));
    it.replies(again);
}

#[test]
fn an_abandoned_get_puts_its_message_back() {
    for no_ack in [false, true] {
        let (mut it, key) = Dialogue::with_channel();
        let calls = [0, 1].map(|_| it.calls(key, basic::Get::new("q").no_ack(no_ack)));
        for call in calls {
            abandon(&mut it, call);
        }
        let got = basic::GetOk::new(1, "", "q", 0);
        it.says_content(1, (&got, &basic::Properties::new()), b"x");
        if !no_ack {
            it.hears(1, basic::Reject::new(1).requeue(true));
        }
        it.says(1, basic::GetEmpty::new());
        assert_eq!(it.on(key).pending_calls(), 0);
    }
}

#[test]
fn a_call_that_times_out_closes_its_channel_and_no_other() {
    let mut it = Dialogue::open_with(quiet().rpc_timeout(SECOND * 3), TUNE);
    let (key, other) = (it.channel(), it.channel());
    it.wait(SECOND);
    it.wakes();
    let first = it.calls(key, queue::Declare::new("a"));
    it.wait(SECOND);
    let second = it.calls(key, queue::Declare::new("b"));
    assert_eq!(it.due(), Some(SECOND * 4));
    it.wait(SECOND * 2);
    assert_eq!(it.wakes(), [SECOND * 4]);
    let Error::TimedOut(timed_out) = it.fails(first) else {
        panic!()
    };
    let waiting_for = Waiting::Reply("queue.declare");
    let after = SECOND * 3;
    assert_eq!(timed_out, TimedOut { waiting_for, after });
    it.hears_any::<channel::Close>(1);
    let now = it.now();
    let refused = it.on(key).call(queue::Purge::new("q"), now);
    assert_eq!(reason(refused).cause, Cause::TimedOut(timed_out));
    // The late reply, the reply to the second call, and the end of the channel.
    it.says(1, queue::DeclareOk::new("a", 0, 0));
    it.says(1, queue::DeclareOk::new("b", 0, 0));
    assert_eq!(it.replies(second), queue::DeclareOk::new("b", 0, 0).into());
    it.says(1, channel::CloseOk::new());
    assert_eq!(it.channel_closed(key).cause, Cause::TimedOut(timed_out));
    let next = it.channel();
    assert_eq!(next.id(), ChannelId(1));
    let third = it.calls(next, queue::Declare::new("c"));
    it.says(1, queue::DeclareOk::new("c", 0, 0));
    assert_eq!(it.replies(third), queue::DeclareOk::new("c", 0, 0).into());
    assert!(it.client.channel(other).is_ok());
    assert_eq!(it.due(), None);
}

#[test]
fn calls_that_were_never_answered_fail_when_their_channel_is_gone() {
    let mut it = Dialogue::open_with(quiet().rpc_timeout(SECOND * 3), TUNE);
    let key = it.channel();
    let first = it.calls(key, queue::Declare::new("a"));
    let second = it.calls(key, queue::Declare::new("b"));
    it.wait(SECOND * 3);
    assert!(matches!(it.fails(first), Error::TimedOut(_)));
    assert!(matches!(it.fails(second), Error::TimedOut(_)));
    it.hears_any::<channel::Close>(1);
    it.hears_nothing();
    // A server that lost the calls confirms the close alone.
    it.says(1, channel::CloseOk::new());
    it.channel_closed(key);
    assert!(it.client.is_open(), "{:?}", it.client.closed());
    assert_eq!(it.channel().id(), ChannelId(1));
}

#[test]
fn without_a_timeout_a_call_waits_for_ever() {
    let mut it = Dialogue::open_with(quiet().rpc_timeout(None), TUNE);
    let key = it.channel();
    let call = it.calls(key, queue::Declare::new("a"));
    assert_eq!(it.due(), None);
    it.wait(SECOND * 1_000_000);
    it.says(1, queue::DeclareOk::new("a", 0, 0));
    it.replies(call);
}

#[test]
fn no_wait_sets_the_bit_and_waits_for_nothing() {
    let (mut it, key) = Dialogue::with_channel();
    it.on(key)
        .no_wait(queue::Declare::new("a").durable(true))
        .unwrap();
    let mut expected = queue::Declare::new("a").durable(true);
    expected.set_no_wait(true);
    it.hears(1, expected);
    assert_eq!((it.on(key).pending_calls(), it.due()), (0, None));
    let call = it.calls(key, queue::Purge::new("a"));
    it.says(1, queue::PurgeOk::new(0));
    it.replies(call);
}

#[test]
fn a_call_with_the_no_wait_bit_is_refused_and_nothing_is_written() {
    fn refused<M: NoWait<Spec = V> + ChannelMethod>(
        it: &mut Dialogue,
        key: ChannelKey,
        mut method: M,
    ) {
        method.set_no_wait(true);
        let now = it.now();
        let refused = misuse(it.on(key).call(method, now));
        assert_eq!(refused, Misuse::NoWaitInCall(M::NAME));
        it.hears_nothing();
    }
    let (mut it, key) = Dialogue::with_channel();
    refused(&mut it, key, queue::Declare::new("q"));
    refused(&mut it, key, basic::Consume::new("q").consumer_tag("t"));
    refused(&mut it, key, basic::Cancel::new("none"));
    let call = it.calls(key, basic::Consume::new("q").consumer_tag("t"));
    it.says(1, basic::ConsumeOk::new("t"));
    it.replies(call);
    refused(&mut it, key, basic::Cancel::new("t"));
    let message = basic::Deliver::new("t", 1, "", "q");
    it.says_content(1, (&message, &basic::Properties::new()), b"still there");
    it.delivery();
}

#[test]
fn what_has_no_reply_is_sent_as_it_is() {
    let (mut it, key) = Dialogue::with_channel();
    it.on(key)
        .send(basic::RecoverAsync::new().requeue(true))
        .unwrap();
    it.hears(1, basic::RecoverAsync::new().requeue(true));
    assert_eq!(it.on(key).pending_calls(), 0);
}

#[test]
fn a_wrong_reply_is_a_protocol_error_503() {
    let (mut it, key) = Dialogue::with_channel();
    let call = it.calls(key, queue::Declare::new("a"));
    it.says(1, queue::PurgeOk::new(1));
    let close = it.hears_any::<connection::Close>(0);
    assert_eq!(close.reply_code, ReplyCode::COMMAND_INVALID);
    let expected = ProtocolError::UnexpectedMethod {
        channel: ChannelId(1),
        found: "queue.purge-ok",
        expected: Expected::Reply("queue.declare"),
    };
    assert_eq!(close.reply_text, expected.to_string().as_str());
    let Error::Protocol(why) = it.fails(call) else {
        panic!()
    };
    assert_eq!(why.cause, Cause::Protocol(expected));
    it.channel_closed(key);
    it.closed();
}

#[test]
fn a_reply_that_nobody_asked_for_is_a_protocol_error() {
    for (channel, expected) in [(0, Expected::Method), (1, Expected::NoReply)] {
        let (mut it, key) = Dialogue::with_channel();
        match channel {
            0 => it.says(0, connection::CloseOk::new()),
            _ => it.says(1, queue::PurgeOk::new(1)),
        }
        it.hears_any::<connection::Close>(0);
        it.channel_closed(key);
        let why = it.closed();
        let Cause::Protocol(ProtocolError::UnexpectedMethod {
            expected: found, ..
        }) = &why.cause
        else {
            panic!("{why}")
        };
        assert_eq!(*found, expected);
    }
}

#[test]
fn transactions_are_plain_calls() {
    let (mut it, key) = Dialogue::with_channel();
    let select = it.calls(key, tx::Select::new());
    let commit = it.calls(key, tx::Commit::new());
    let rollback = it.calls(key, tx::Rollback::new());
    it.says(1, tx::SelectOk::new());
    it.says(1, tx::CommitOk::new());
    it.says(1, tx::RollbackOk::new());
    for call in [select, commit, rollback] {
        assert!(matches!(it.answer(call), Ok(Answer::Method(_))));
    }
}

#[test]
fn a_method_larger_than_a_frame_is_refused_and_nothing_is_written() {
    let mut it = Dialogue::open_with(quiet(), (10, 4096, 0));
    let key = it.channel();
    let now = it.now();
    let table = |len: usize| Table::new().with("x", LongStr::from(vec![b'v'; len]));
    let declare = |len| queue::Declare::new("q").arguments(table(len));
    let spare = 4096 - pika::frame::method_frame_len(&declare(0));
    let refused = misuse(it.on(key).call(declare(spare + 1), now));
    let expected = Misuse::FrameTooLarge {
        method: "queue.declare",
        len: 4097,
        frame_max: 4096,
    };
    assert_eq!(refused, expected);
    it.hears_nothing();
    assert_eq!(it.on(key).pending_calls(), 0);
    let call = it.calls(key, declare(spare));
    it.says(1, queue::DeclareOk::new("q", 0, 0));
    it.replies(call);
}
