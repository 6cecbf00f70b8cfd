//! Ends: of connections, and of handles that are dropped.

use std::rc::Rc;
use std::time::Instant;

use pika::error::{Cause, Error, TimedOut, TransportEnd, Waiting};
use pika::wire::Scope;

use super::peer::{consuming, declare, tagged};
use super::*;

type EventLoop = pika::blocking::EventLoop<V>;

#[test]
fn a_close_that_is_confirmed_is_fine() {
    let (connection, peer) = open();
    let channel = connection.channel().unwrap();
    connection.close().unwrap();
    assert!(peer.has_heard("connection.close"));
    assert!(peer.is_shut());
    assert!(connection.closed().unwrap().is_normal());
    connection.close().unwrap();
    channel.close().unwrap();
    assert!(channel.queue_declare(declare()).is_err());
}

#[test]
fn a_close_that_is_never_confirmed_is_an_error() {
    let (connection, peer) = open_with(patient().close_timeout(ms(50)));
    peer.ignores(&["connection.close"]);
    let begun = Instant::now();
    let error = connection.close().unwrap_err();
    assert!(begun.elapsed() >= ms(50));
    let timed_out = TimedOut {
        waiting_for: Waiting::CloseOk,
        after: ms(50),
    };
    assert_eq!(error.closed().unwrap().cause, Cause::TimedOut(timed_out));
    assert!(peer.is_shut());
}

#[test]
fn a_close_that_meets_the_end_of_the_transport_is_an_error() {
    let (connection, peer) = open();
    peer.ignores(&["connection.close"]);
    peer.after(ms(20), Peer::hangs_up);
    let error = connection.close().unwrap_err();
    let (end, during) = (TransportEnd::Eof, None);
    let expected = Cause::Transport { end, during };
    assert_eq!(error.closed().unwrap().cause, expected);
}

#[test]
fn a_close_that_cannot_be_written_is_an_error() {
    let (connection, peer) = open_with(patient().close_timeout(ms(50)));
    let channel = connection.channel().unwrap();
    peer.takes(0);
    channel.publish("", "q", vec![0; 1 << 20]).unwrap();
    let error = connection.close().unwrap_err();
    assert!(matches!(error.closed().unwrap().cause, Cause::TimedOut(_)));
}

#[test]
fn a_close_by_the_server_is_the_error_of_all_calls() {
    let (connection, peer) = open();
    let (channel, mut consumer) = consuming(&connection);
    let close = connection::Close::new(320, "bye", 0, 0);
    peer.after(ms(10), |peer| peer.says(0, close));
    let error = consumer.next().unwrap_err();
    let closed = error.closed().unwrap();
    assert_eq!(closed.scope, Scope::Connection);
    assert_eq!(closed.code().unwrap().0, 320);
    assert!(peer.has_heard("connection.close-ok"), "written at once");
    assert!(peer.is_shut());
    for error in [
        channel.queue_declare(declare()).unwrap_err(),
        channel.publish("", "q", "x").unwrap_err(),
        connection.channel().unwrap_err(),
        connection.close().unwrap_err(),
        connection.process_events(ms(1)).unwrap_err(),
    ] {
        assert_eq!(error.closed(), Some(closed), "{error}");
    }
}

#[test]
fn a_dropped_consumer_is_cancelled_at_once_and_its_messages_go_back() {
    let (connection, peer) = open();
    let (channel, mut consumer) = consuming(&connection);
    peer.delivers("t", 3, b"");
    let held = consumer.next().unwrap().unwrap();
    drop(consumer);
    let expected = ["basic.cancel", "basic.reject", "basic.reject"];
    let mut heard = peer.heard();
    heard.retain(|name| expected.contains(name));
    heard.sort_unstable();
    assert_eq!(heard, expected);
    held.ack().unwrap();
    assert_eq!(peer.heard(), ["basic.ack"]);
    channel.close().unwrap();
}

#[test]
fn a_dropped_channel_is_closed_at_once() {
    let (connection, peer) = open();
    let channel = connection.channel().unwrap();
    let clone = channel.clone();
    peer.heard();
    drop(channel);
    assert!(peer.heard().is_empty());
    drop(clone);
    assert_eq!(peer.heard(), ["channel.close"]);
    connection.process_events(ms(5)).unwrap();
    let next = connection.channel().unwrap();
    assert_eq!(next.id().0, 1, "its number is free again");
}

#[test]
fn a_dropped_connection_says_good_bye_and_lets_the_transport_go() {
    let (connection, peer) = open();
    let channel = connection.channel().unwrap();
    drop(connection);
    assert!(!peer.is_shut(), "the channel holds it");
    drop(channel);
    assert_eq!(peer.heard().last(), Some(&"connection.close"));
    assert!(peer.is_shut() && peer.is_alone());
}

/// A connection with a handler and a timer that hold handles of it, of their loop, and `token`.
fn entangled(token: &Rc<()>) -> (Connection, Peer, EventLoop) {
    let (connection, peer) = open();
    let events = connection.event_loop();
    let channel = connection.channel().unwrap();
    let held = (token.clone(), channel.clone(), events.clone());
    let handler = move |_| {
        let _held = &held;
        Ok(())
    };
    events.consume_with(&channel, tagged("t"), handler).unwrap();
    let held = (token.clone(), channel);
    events.call_later(ms(60_000), move || drop(held));
    (connection, peer, events)
}

#[test]
fn handlers_do_not_keep_a_connection_that_was_closed() {
    let token = Rc::new(());
    let (connection, peer, events) = entangled(&token);
    assert_eq!(Rc::strong_count(&token), 3);
    connection.close().unwrap();
    events.process_events(ms(0)).unwrap_err();
    assert_eq!(Rc::strong_count(&token), 1);
    drop((connection, events));
    assert!(peer.is_alone());
}

#[test]
fn handlers_do_not_keep_a_connection_whose_server_is_gone() {
    let token = Rc::new(());
    let (connection, peer, events) = entangled(&token);
    peer.hangs_up();
    let failures = events.process_events(ms(10)).unwrap_err();
    assert!(matches!(failures.errors(), [Error::Closed(_)]));
    let _again = events.process_events(ms(10));
    assert_eq!(Rc::strong_count(&token), 1);
    drop((connection, events));
    assert!(peer.is_alone());
}
