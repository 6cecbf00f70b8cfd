//! How a connection begins or does not, and who its deliveries belong to.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use pika::config::Config;
use pika::connection::Settled;
use pika::error::{Cause, Error, TimedOut, TransportEnd, Waiting};

use super::peer::consuming;
use super::*;

#[test]
fn a_token_of_another_connection_is_refused_and_nothing_is_written() {
    let (one, one_peer) = open();
    let (other, other_peer) = open();
    let (_channel, mut consumer) = consuming(&one);
    let (other_channel, mut other_consumer) = consuming(&other);
    one_peer.delivers("t", 2, b"");
    other_peer.delivers("t", 2, b"");
    let held = other_consumer.next().unwrap().unwrap();
    other_peer.heard();
    for settle in [Channel::ack, Channel::reject] {
        let token = consumer.next().unwrap().unwrap().into_token();
        let stale = settle(&other_channel, token, false);
        assert_eq!(stale.unwrap(), Settled::Stale);
    }
    assert!(other_peer.heard().is_empty());
    held.ack().unwrap();
    assert_eq!(other_peer.heard(), ["basic.ack"]);
}

#[test]
fn a_handshake_that_stands_still_is_a_timeout_that_names_its_step() {
    for (ignored, step) in [
        ("AMQP", "connection.start"),
        ("connection.start-ok", "connection.tune"),
        ("connection.open", "connection.open-ok"),
    ] {
        let peer = Peer::new();
        peer.ignores(&[ignored]);
        let config = patient().handshake_timeout(ms(30));
        let error = Connection::over_transport(peer, config).unwrap_err();
        let expected = TimedOut {
            waiting_for: Waiting::Handshake(step),
            after: ms(30),
        };
        assert_eq!(error.closed().unwrap().cause, Cause::TimedOut(expected));
        assert!(error.to_string().contains(step), "{error}");
    }
}

#[test]
fn a_server_that_hangs_up_over_a_wrong_password_is_understood() {
    let peer = Peer::new();
    peer.ignores(&["connection.start-ok"]);
    peer.after(ms(10), Peer::hangs_up);
    let error = Connection::over_transport(peer, patient()).unwrap_err();
    let expected = Cause::Transport {
        end: TransportEnd::Eof,
        during: Some("connection.tune"),
    };
    assert_eq!(error.closed().unwrap().cause, expected);
    assert!(error.to_string().contains("password"), "{error}");
}

#[test]
fn a_refused_connection_names_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let config = patient().host("127.0.0.1").port(address.port());
    let error = Connection::open_as(config).unwrap_err();
    let Error::Unreachable(why) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(why.tried[0].kind, ErrorKind::ConnectionRefused);
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    assert!(error.is_retriable());
}

#[test]
fn a_host_that_is_not_found_is_named() {
    // No resolver asks anybody about an empty label.
    let host = "no-such..host";
    let error = Connection::open_as(patient().host(host)).unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
    assert!(error.to_string().contains(host), "{error}");
}

#[test]
fn a_listener_that_says_nothing_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = patient().host("127.0.0.1").port(port);
    let begun = Instant::now();
    let error = Connection::open_as(config.handshake_timeout(ms(50))).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(
        matches!(&error.closed().unwrap().cause, Cause::TimedOut(late)
            if late.waiting_for == Waiting::Handshake("connection.start")),
        "{error:?}"
    );
}

#[test]
fn a_password_is_never_shown() {
    const PASSWORD: &str = "hunter2";
    let config = patient().login("guest", PASSWORD);
    let (connection, _peer) = open_with(config.clone());
    let mut shown = format!("{connection:?} {connection:#?} {config:?} {config:#?}");
    let channel = connection.channel().unwrap();
    shown += &format!("{channel:?}");

    let uri = format!("amqp://guest:{PASSWORD}@host:1x/%zz");
    let error = Error::from(Config::from_uri(&uri).unwrap_err());
    shown += &format!("{error:?} {error}");
    for ignored in ["AMQP", "connection.start-ok", "connection.open"] {
        let peer = Peer::new();
        peer.ignores(&[ignored]);
        peer.hangs_up();
        let error = Connection::over_transport(peer, config.clone()).unwrap_err();
        shown += &format!("{error:?} {error:#?} {error}");
    }
    assert!(shown.contains("guest"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
}

/// Timeouts that mean "for ever": the longest there is, and one that a clock can just tell.
fn endless() -> [Duration; 2] {
    [Duration::MAX, Duration::from_secs(i64::MAX as u64 / 2)]
}

fn endless_config(timeout: Duration) -> Config {
    patient()
        .connect_timeout(timeout)
        .handshake_timeout(timeout)
        .rpc_timeout(timeout)
        .close_timeout(timeout)
        .blocked_timeout(timeout)
}

#[test]
fn endless_timeouts_of_a_configuration_do_no_harm() {
    for timeout in endless() {
        let (connection, peer) = open_with(endless_config(timeout).output_water(1, 2));
        let (channel, _consumer) = consuming(&connection);
        channel.queue_declare(peer::declare()).unwrap();
        peer.takes(1);
        peer.after(ms(20), |peer| peer.takes(usize::MAX));
        channel.publish("", "q", "x").unwrap();
        channel.publish("", "q", "y").unwrap();
        connection.close().unwrap();
    }
}

#[test]
fn endless_timeouts_do_no_harm_to_a_socket() {
    for timeout in endless() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || drop(listener.accept()));
        let config = endless_config(timeout).host("127.0.0.1").port(port);
        let error = Connection::open_as(config).unwrap_err();
        assert!(error.closed().is_some(), "{error:?}");
        server.join().unwrap();
    }
}

#[test]
fn endless_waits_end_when_something_comes() {
    for timeout in endless() {
        let (connection, peer) = open();
        let (_channel, mut consumer) = consuming(&connection);
        let events = connection.event_loop();
        let timer = events.call_later(timeout, || -> () { panic!("never is now") });
        peer.after(ms(10), |peer| peer.delivers("t", 2, b""));
        assert!(consumer.next_within(timeout).unwrap().is_some());
        assert!(consumer.until_idle(timeout).next().unwrap().is_ok());
        connection.process_events(ms(5)).unwrap();
        assert!(events.cancel_timer(timer));
        peer.after(ms(10), Peer::hangs_up);
        connection.process_events(timeout).unwrap_err();
    }
}
