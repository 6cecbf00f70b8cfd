//! Publisher confirms, as a program that waits sees them.

use pika::blocking::Unconfirmed;
use pika::connection::{Outcome, PublishSeq};
use pika::error::{Error, Misuse, Waiting};
use pika::frame;
use pika::wire::{ChannelId, ReplyCode};

use super::suite::peer::{
    Channel, Connection, Peer, declare, misuse, ms, open, open_with, patient,
};
use super::{Methods as _, basic, confirm};

fn confirming() -> (Connection, Peer, Channel) {
    let (connection, peer) = open();
    let channel = connection.channel().unwrap();
    channel.confirm_select(confirm::Select::new()).unwrap();
    (connection, peer, channel)
}

fn publish(channel: &Channel, count: usize) {
    for _ in 0..count {
        channel.publish("", "q", "x").unwrap();
    }
}

fn ranges(unconfirmed: &[Unconfirmed]) -> Vec<(u64, u64)> {
    let ends = unconfirmed.iter().map(|it| (it.first.0, it.last.0));
    ends.collect()
}

fn assert_lost_once(channel: &Channel, last: u64) {
    let lost = channel.wait_for_confirms(ms(100)).unwrap();
    assert_eq!(ranges(&lost), [(1, last)]);
    assert!(matches!(&lost[0].outcome, Outcome::Lost(closed) if closed.code().unwrap().0 == 404));
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
    assert!(matches!(failed[0].outcome, Outcome::Nacked));
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
    let outcome = channel.publish_confirmed(&to, &properties, "x").unwrap();
    assert!(outcome.is_acked());
    peer.after(ms(10), |peer| peer.says(1, basic::Nack::new(2)));
    let outcome = channel.publish_confirmed(&to, &properties, "x").unwrap();
    assert!(matches!(outcome, Outcome::Nacked));
    assert!(channel.wait_for_confirms(ms(100)).unwrap().is_empty());

    publish(&channel, 1);
    peer.after(ms(10), Peer::closes_channel);
    let outcome = channel.publish_confirmed(&to, &properties, "x").unwrap();
    assert!(matches!(outcome, Outcome::Lost(_)));
    let lost = channel.wait_for_confirms(ms(100)).unwrap();
    assert_eq!(ranges(&lost), [(3, 3)], "only the one not waited for");
    assert!(channel.wait_for_confirms(ms(100)).is_err());
}

#[test]
fn a_returned_message_says_which_publish_it_was() {
    let (_connection, peer, channel) = confirming();
    publish(&channel, 1);
    let mandatory = basic::Publish::new("x", "nowhere").mandatory(true);
    let properties = basic::Properties::new();
    let publish = || channel.basic_publish(&mandatory, &properties, "back");
    assert_eq!(publish().unwrap(), Some(PublishSeq(2)));
    let message = basic::Return::new(312, "NO_ROUTE", "x", "nowhere");
    let content: (_, _, &[u8]) = (&message, &properties, b"back");
    peer.says_frames(|said| frame::put_content(said, ChannelId(1), content, 4096));
    peer.says(1, basic::Ack::new(2).multiple(true));
    let failed = channel.wait_for_confirms(ms(100)).unwrap();
    assert_eq!(ranges(&failed), [(2, 2)]);
    assert!(matches!(failed[0].outcome, Outcome::Returned));
    let returned = channel.next_returned().unwrap();
    assert_eq!(returned.publish, Some(PublishSeq(2)));
    assert_eq!(returned.code, ReplyCode::NO_ROUTE);
    assert_eq!(returned.content.body(), b"back");
    assert!(channel.next_returned().is_none());
}

#[test]
fn waiting_for_confirms_without_confirms_is_a_misuse() {
    let (connection, peer) = open_with(patient());
    let channel = connection.channel().unwrap();
    let (to, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
    peer.heard();
    let waited = channel.wait_for_confirms(ms(1));
    assert_eq!(misuse(waited), Misuse::NotConfirming);
    let published = channel.publish_confirmed(&to, &properties, "x");
    assert_eq!(misuse(published), Misuse::NotConfirming);
    assert!(peer.heard().is_empty());
}
