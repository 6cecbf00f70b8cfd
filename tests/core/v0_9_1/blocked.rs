//! What only 0-9-1 has besides confirms: blocked connections, new secrets, nack.

use pika::connection::{Answer, Event, Settled};
use pika::error::{Cause, Error, Forbidden, TimedOut, Waiting};

use super::{V, basic, channel, connection, queue};
use crate::kit::{Dialogue, SECOND, TUNE, forbidden, quiet};

#[test]
fn a_blocked_connection_takes_no_messages_and_all_else() {
    let (mut it, key) = Dialogue::<V>::with_channel();
    it.says(0, connection::Blocked::new("low on memory"));
    assert!(matches!(it.event(), Event::Blocked { reason } if reason == "low on memory"));
    assert_eq!(*it.client.blocked().unwrap(), "low on memory");
    let (publish, none) = (basic::Publish::new("", "q"), basic::Properties::new());
    let refused = it.on(key).publish(&publish, &none, b"x");
    assert_eq!(forbidden(refused), Forbidden::Blocked);
    it.hears_nothing();
    let other = it.channel();
    assert_eq!(it.on(other).forbidden(), Some(Forbidden::Blocked));
    let call = it.calls(key, queue::Purge::new("q"));
    it.says(1, queue::PurgeOk::new(0));
    it.replies(call);
    it.says(0, connection::Unblocked::new());
    assert!(matches!(it.event(), Event::Unblocked));
    assert_eq!(it.client.blocked(), None);
    it.on(key).publish(&publish, &none, b"x").unwrap();
    assert_eq!(it.hears_content(1, &publish), b"x");
}

#[test]
fn a_ticket_is_ready_when_the_connection_is_unblocked() {
    let (mut it, key) = Dialogue::<V>::with_channel();
    it.says(0, connection::Blocked::new("disk"));
    it.ignores();
    let (mut ticket, now) = (None, it.now());
    let why = it.on(key).refusal(None).unwrap();
    assert_eq!(why, Forbidden::Blocked);
    assert_eq!(it.client.refusal(None), None, "methods are not blocked");
    it.client
        .wait_to_send(Some(key), why, &mut ticket, now)
        .unwrap();
    assert_eq!(it.client.refusal(None), None);
    assert_eq!(it.ready(), []);
    it.says(0, connection::Unblocked::new());
    assert_eq!(it.ready(), [ticket.unwrap()]);
    it.ignores();
    assert_eq!(it.on(key).refusal(ticket), None);
    it.client.leave_queue(&mut ticket);
}

#[test]
fn a_channel_stopped_by_flow_stays_so_when_the_connection_is_unblocked() {
    let (mut it, key) = Dialogue::<V>::with_channel();
    it.says(0, connection::Blocked::new("disk"));
    it.says(1, channel::Flow::new().active(false));
    it.hears(1, channel::FlowOk::new().active(false));
    it.says(0, connection::Unblocked::new());
    assert_eq!(it.on(key).forbidden(), Some(Forbidden::Flow));
    it.ignores();
}

#[test]
fn a_call_on_a_blocked_connection_has_time_until_the_block_is_given_up() {
    let config = quiet().rpc_timeout(SECOND).blocked_timeout(SECOND * 10);
    let mut it = Dialogue::<V>::open_with(config, TUNE);
    let key = it.channel();
    it.says(0, connection::Blocked::new("low on memory"));
    it.ignores();
    it.wait(SECOND * 4);
    let call = it.calls(key, queue::Purge::new("q"));
    it.wait(SECOND * 5);
    it.no_event();
    it.wait(SECOND);
    it.hears_any::<channel::Close>(1);
    let Error::TimedOut(late) = it.fails(call) else {
        panic!("the call is late")
    };
    let waiting_for = Waiting::Unblocked("queue.purge");
    assert_eq!((late.waiting_for, late.after), (waiting_for, SECOND * 10));
}

#[test]
fn a_call_has_its_time_from_when_the_connection_is_unblocked() {
    for limit in [Some(SECOND * 60), None] {
        let config = quiet().rpc_timeout(SECOND).blocked_timeout(limit);
        let mut it = Dialogue::<V>::open_with(config, TUNE);
        let key = it.channel();
        it.says(0, connection::Blocked::new("low on memory"));
        it.ignores();
        let (first, second) = (
            it.calls(key, queue::Purge::new("q")),
            it.calls(key, queue::Purge::new("q")),
        );
        it.wait(SECOND * 30);
        it.says(0, connection::Unblocked::new());
        it.ignores();
        it.wait(SECOND / 2);
        it.says(1, queue::PurgeOk::new(0));
        it.replies(first);
        it.wait(SECOND / 2);
        it.hears_any::<channel::Close>(1);
        assert!(matches!(it.fails(second), Error::TimedOut(_)));
    }
}

#[test]
fn a_server_that_blocks_and_unblocks_in_turn_puts_no_call_off_for_ever() {
    let config = quiet().rpc_timeout(SECOND).blocked_timeout(SECOND * 10);
    let mut it = Dialogue::<V>::open_with(config, TUNE);
    let key = it.channel();
    let call = it.calls(key, queue::Purge::new("q"));
    for _ in 0..21 {
        it.says(0, connection::Blocked::new("low on memory"));
        it.says(0, connection::Blocked::new("still low"));
        it.ignores();
        it.wait(SECOND / 4);
        it.says(0, connection::Unblocked::new());
        it.ignores();
        it.wait(SECOND / 4);
    }
    it.no_event();
    it.wait(SECOND / 2);
    assert!(matches!(it.fails(call), Error::TimedOut(_)));
    it.hears_any::<channel::Close>(1);
}

#[test]
fn a_new_secret_is_a_call_on_the_connection() {
    let mut it = Dialogue::<V>::open();
    let now = it.now();
    let update = connection::UpdateSecret::new("s3cret", "expiry");
    let calls = [0, 1].map(|_| it.client.call(update.clone(), now).unwrap());
    it.hears(0, update.clone());
    it.hears(0, update);
    assert!(it.client.abandon(calls[0], now).is_none());
    it.says(0, connection::UpdateSecretOk::new());
    it.no_event();
    it.says(0, connection::UpdateSecretOk::new());
    assert!(matches!(it.answer(calls[1]), Ok(Answer::Method(_))));
}

#[test]
fn a_call_on_the_connection_that_times_out_ends_it() {
    let mut it = Dialogue::<V>::open_with(quiet().rpc_timeout(SECOND), TUNE);
    let now = it.now();
    let update = connection::UpdateSecret::new("s3cret", "expiry");
    let call = it.client.call(update, now).unwrap();
    it.hears_any::<connection::UpdateSecret>(0);
    it.wait(SECOND);
    assert!(matches!(it.fails(call), Error::Closed(_)));
    let waiting_for = Waiting::Reply("connection.update-secret");
    let timed_out = TimedOut {
        waiting_for,
        after: SECOND,
    };
    assert_eq!(it.closed().cause, Cause::TimedOut(timed_out));
}

#[test]
fn a_call_on_the_connection_that_nobody_waits_for_has_time_while_nothing_is_read() {
    let mut it = Dialogue::<V>::open_with(quiet().rpc_timeout(SECOND), TUNE);
    let now = it.now();
    let update = connection::UpdateSecret::new("s3cret", "expiry");
    let call = it.client.call(update, now).unwrap();
    it.hears_any::<connection::UpdateSecret>(0);
    assert!(it.client.abandon(call, now).is_none());
    for _ in 0..4 {
        it.wait(SECOND / 2);
        let now = it.now();
        it.client.reading_paused(now);
    }
    it.no_event();
    it.wait(SECOND);
    assert!(matches!(it.closed().cause, Cause::TimedOut(_)));
}

#[test]
fn nack_settles_like_ack() {
    let (mut it, key) = Dialogue::<V>::with_channel();
    it.on(key)
        .no_wait(basic::Consume::new("q").consumer_tag("t"))
        .unwrap();
    it.hears_any::<basic::Consume>(1);
    let mut tokens = Vec::new();
    for tag in 1..=3 {
        let message = basic::Deliver::new("t", tag, "", "q");
        it.says_content(1, (&message, &basic::Properties::new()), b"x");
        tokens.push(it.delivery().into_token());
    }
    let third = tokens.pop().unwrap();
    let second = tokens.pop().unwrap();
    let first = tokens.pop().unwrap();
    it.on(key).nack(second, true, true).unwrap();
    it.hears(1, basic::Nack::new(2).multiple(true).requeue(true));
    let stale = it.on(key).nack(first, false, true);
    assert_eq!(stale.unwrap(), Settled::Stale);
    it.hears_nothing();
    it.on(key).nack(third, false, false).unwrap();
    it.hears(1, basic::Nack::new(3));
}
