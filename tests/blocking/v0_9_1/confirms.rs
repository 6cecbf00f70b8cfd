//! Publisher confirms, as a program that waits sees them.

use pika::blocking::{NotAcked, Unconfirmed};
use pika::connection::{Outcome, PublishSeq};
use pika::error::{Error, Waiting};
use pika::frame;
use pika::wire::{ChannelId, ReplyCode};

use super::basic;
use super::suite::peer::{Channel, Connection, Peer, declare, ms, open};

type Confirming = pika::blocking::ConfirmingChannel<pika::v0_9_1::V0_9_1>;

fn confirming() -> (Connection, Peer, Confirming) {
    let (connection, peer) = open();
    let channel = connection.channel().unwrap();
    let confirming = channel.confirming().unwrap();
    (connection, peer, confirming)
}

/// Publishes without asking what becomes of it.
fn publish(confirming: &Confirming, count: usize) {
    for _ in 0..count {
        confirming.channel().publish("", "q", "x").unwrap();
    }
}

fn ranges(unconfirmed: &[Unconfirmed]) -> Vec<(u64, u64)> {
    let ends = unconfirmed.iter().map(|it| (it.first.0, it.last.0));
    ends.collect()
}

fn assert_lost_once(channel: &Confirming, last: u64) {
    let lost = channel.wait_for_confirms(ms(100)).unwrap();
    assert_eq!(ranges(&lost), [(1, last)]);
    assert!(matches!(&lost[0].reason, NotAcked::Lost(closed) if closed.code().unwrap().0 == 404));
    let again = channel.wait_for_confirms(ms(100)).unwrap_err();
    assert!(matches!(again, Error::Closed(_)), "{again:?}");
}

#[test]
fn lost_publishes_are_reported_once_whichever_call_noticed_the_close() {
    let notice: [fn(&Connection, &Channel); 5] = [
        |_, _| {},
        |connection, _| connection.process_events(ms(10)).unwrap(),
        |_, channel| assert!(channel.queue_declare(declare()).is_err()),
        |_, channel| assert!(channel.get(basic::Get::new("q")).is_err()),
        |connection, _| drop(connection.channel().unwrap()),
    ];
    for noticed in notice {
        let (connection, peer, channel) = confirming();
        publish(&channel, 3);
        peer.closes_channel();
        noticed(&connection, &channel);
        assert_lost_once(&channel, 3);
        connection.close().unwrap();
    }
}

#[test]
fn publishes_of_a_connection_that_ended_are_lost() {
    let (_connection, peer, channel) = confirming();
    publish(&channel, 2);
    peer.hangs_up();
    let lost = channel.wait_for_confirms(ms(100)).unwrap();
    assert_eq!(ranges(&lost), [(1, 2)]);
    assert!(channel.wait_for_confirms(ms(100)).is_err());
}

#[test]
fn what_was_not_acknowledged_is_reported_once() {
    let (_connection, peer, channel) = confirming();
    publish(&channel, 4);
    peer.says(1, basic::Ack::new(1));
    peer.says(1, basic::Nack::new(3).multiple(true));
    peer.after(ms(10), |peer| peer.says(1, basic::Ack::new(4)));
    let failed = channel.wait_for_confirms(ms(1000)).unwrap();
    assert_eq!(ranges(&failed), [(2, 3)]);
    assert!(matches!(failed[0].reason, NotAcked::Nacked));
    assert!(channel.wait_for_confirms(ms(100)).unwrap().is_empty());
}

#[test]
fn confirms_that_do_not_come_are_a_timeout() {
    let (_connection, peer, channel) = confirming();
    publish(&channel, 1);
    let Err(Error::TimedOut(late)) = channel.wait_for_confirms(ms(20)) else {
        panic!("nothing was confirmed")
    };
    assert_eq!((late.waiting_for, late.after), (Waiting::Confirms, ms(20)));
    peer.says(1, basic::Ack::new(1));
    assert!(channel.wait_for_confirms(ms(100)).unwrap().is_empty());
}

#[test]
fn failures_of_publishes_that_were_waited_for_are_not_reported_again() {
    let (_connection, peer, channel) = confirming();
    let (to, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
    peer.after(ms(10), |peer| peer.says(1, basic::Ack::new(1)));
    let outcome = channel
        .basic_publish_confirmed(&to, &properties, "x")
        .unwrap();
    assert!(outcome.is_acked());
    peer.after(ms(10), |peer| peer.says(1, basic::Nack::new(2)));
    let outcome = channel
        .basic_publish_confirmed(&to, &properties, "x")
        .unwrap();
    assert!(matches!(outcome, Outcome::Nacked));
    assert!(channel.wait_for_confirms(ms(100)).unwrap().is_empty());

    publish(&channel, 1);
    peer.after(ms(10), Peer::closes_channel);
    let outcome = channel
        .basic_publish_confirmed(&to, &properties, "x")
        .unwrap();
    assert!(matches!(outcome, Outcome::Lost(_)));
    let lost = channel.wait_for_confirms(ms(100)).unwrap();
    assert_eq!(ranges(&lost), [(3, 3)], "only the one not waited for");
    assert!(channel.wait_for_confirms(ms(100)).is_err());
}

#[test]
fn a_returned_message_comes_with_the_outcome_of_its_own_publish() {
    let (_connection, peer, channel) = confirming();
    publish(&channel, 1);
    let mandatory = basic::Publish::new("x", "nowhere").mandatory(true);
    let properties = basic::Properties::new();
    let publish = || channel.basic_publish(&mandatory, &properties, "back");
    let (watched, other) = (publish().unwrap(), publish().unwrap());
    assert_eq!((watched.seq(), other.seq()), (PublishSeq(2), PublishSeq(3)));
    other.forget();
    let message = basic::Return::new(312, "NO_ROUTE", "x", "nowhere");
    for _ in 0..2 {
        let content: (_, _, &[u8]) = (&message, &properties, b"back");
        peer.says_frames(|said| frame::put_content(said, ChannelId(1), content, 4096));
    }
    peer.says(1, basic::Ack::new(3).multiple(true));
    let failed = channel.wait_for_confirms(ms(100)).unwrap();
    assert_eq!(ranges(&failed), [(3, 3)]);
    assert!(matches!(failed[0].reason, NotAcked::Returned));
    let Outcome::Returned(returned) = watched.wait().unwrap() else {
        panic!("it came back")
    };
    // The message of one that nothing waits for is kept for the channel.
    for returned in [*returned, channel.try_next_returned().unwrap()] {
        assert_eq!(returned.code, ReplyCode::NO_ROUTE);
        assert_eq!(returned.content.body(), b"back");
    }
    assert!(channel.try_next_returned().is_none());
}

#[test]
fn a_confirm_can_be_waited_for_in_steps() {
    let (_connection, peer, channel) = confirming();
    let mut confirm = channel.publish("", "q", "x").unwrap();
    assert_eq!(confirm.wait_timeout(ms(5)).unwrap(), None);
    peer.after(ms(10), |peer| peer.says(1, basic::Ack::new(1)));
    let outcome = confirm.wait_timeout(ms(1000)).unwrap();
    assert_eq!(outcome, Some(Outcome::Acked));
}
