//! Writing: servers that do not read for a time, and streams that cannot be trusted to wait.

use std::io::{self, IoSlice, Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pika::blocking::Transport as _;
use pika::error::{Cause, Error, Forbidden, ProtocolError, TimedOut, Waiting};

use super::peer::{consuming, declare};
use super::*;

const MIB: usize = 1 << 20;

/// A channel whose output is over the high-water mark, since the server reads nothing.
fn choked(config: pika::config::Config) -> (Connection, Peer, Channel) {
    let (connection, peer) = open_with(config.output_water(MIB, 2 * MIB));
    let channel = connection.channel().unwrap();
    peer.takes(0);
    let (publish, properties) = message();
    for _ in 0..2 {
        let accepted = channel.try_basic_publish(&publish, &properties, vec![0; MIB]);
        accepted.unwrap();
    }
    (connection, peer, channel)
}

fn message() -> (basic::Publish, basic::Properties) {
    (basic::Publish::new("", "q"), basic::Properties::new())
}

#[test]
fn a_publish_that_does_not_wait_goes_on_when_the_server_reads_again() {
    let (connection, peer, channel) = choked(patient());
    let (publish, properties) = message();
    let try_again = || channel.try_basic_publish(&publish, &properties, vec![0; MIB]);
    let refused = try_again().unwrap_err();
    assert_eq!(refused.message.len(), MIB, "it comes back");
    let refused = refused.error;
    let expected = Forbidden::OutputFull;
    assert!(matches!(refused, Error::ContentForbidden(found) if found == expected));
    peer.takes(usize::MAX);
    let end = Instant::now() + Duration::from_secs(2);
    while try_again().is_err() {
        assert!(Instant::now() < end, "it never goes on");
    }
    connection.process_events(ms(10)).unwrap();
    assert!(peer.bytes_taken() > 3 * MIB);
    connection.close().unwrap();
}

#[test]
fn a_publish_waits_until_the_server_reads_again() {
    let (connection, peer, channel) = choked(patient());
    peer.after(ms(50), |peer| peer.takes(usize::MAX));
    channel.publish("", "q", "x").unwrap();
    connection.close().unwrap();
}

#[test]
fn a_publish_gives_up_when_the_server_does_not_read() {
    let (_connection, _peer, channel) = choked(patient().blocked_timeout(ms(50)));
    let Err(Error::TimedOut(late)) = channel.publish("", "q", "x") else {
        panic!("the message cannot have been taken")
    };
    let expected = TimedOut {
        waiting_for: Waiting::Permission(Forbidden::OutputFull),
        after: ms(50),
    };
    assert_eq!(late, expected);
}

#[test]
fn calls_wait_for_room_too() {
    let (connection, peer, channel) = choked(patient());
    peer.after(ms(50), |peer| peer.takes(usize::MAX));
    channel.queue_declare(declare()).unwrap();
    connection.close().unwrap();
}

#[test]
fn a_server_that_reads_only_once_it_has_said_all_is_no_deadlock() {
    let (connection, peer) = open_with(patient().output_water(MIB, 2 * MIB));
    let (channel, mut consumer) = consuming(&connection);
    peer.takes(0);
    peer.after(ms(200), |peer| {
        peer.delivers("t", 1000, &[0; 2000]);
        peer.takes_once_drained();
    });
    for _ in 0..6 {
        channel.publish("", "q", vec![0; MIB]).unwrap();
    }
    channel.queue_declare(declare()).unwrap();
    assert_eq!(consumer.until_idle(ms(5)).count(), 1000);
    assert!(peer.bytes_taken() > 6 * MIB);
}

/// Delivers to a consumer that is gone, which makes the client reject each message.
fn flood(peer: &Peer) {
    peer.delivers("t", 60_000, b"");
}

#[test]
fn a_server_that_reads_may_send_as_much_as_it_likes() {
    let (connection, peer) = open();
    let (channel, consumer) = consuming(&connection);
    peer.ignores(&["basic.cancel"]);
    drop(consumer);
    flood(&peer);
    let mut rejects = 0;
    let end = Instant::now() + Duration::from_secs(10);
    while rejects < 60_000 && Instant::now() < end {
        connection.process_events(Duration::ZERO).unwrap();
        let heard = peer.heard();
        rejects += heard.iter().filter(|name| **name == "basic.reject").count();
    }
    assert_eq!(rejects, 60_000);
    channel.queue_declare(declare()).unwrap();
    assert!(connection.is_open());
}

#[test]
fn a_server_that_sends_without_end_and_does_not_read_is_given_up() {
    let (connection, peer) = open();
    let (_channel, consumer) = consuming(&connection);
    peer.ignores(&["basic.cancel"]);
    drop(consumer);
    peer.takes(0);
    flood(&peer);
    let error = connection.process_events(ms(3000)).unwrap_err();
    let cause = &error.closed().unwrap().cause;
    let not_reading = matches!(cause, Cause::Protocol(ProtocolError::NotReading { .. }));
    assert!(not_reading, "{cause:?}");
}

/// A stream over a [`Peer`] that notes what is written, and some of whose flushes time out.
struct Flaky {
    peer: Peer,
    written: Arc<Mutex<Vec<u8>>>,
    flushes: u32,
}

impl Read for Flaky {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.peer.read(space, Some(ms(2)))
    }
}

impl Write for Flaky {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.lock().unwrap().extend_from_slice(bytes);
        self.peer.write(&[IoSlice::new(bytes)], Some(ms(2)))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushes += 1;
        match self.flushes % 2 {
            1 => Err(io::ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }
}

#[test]
fn nothing_is_written_twice_when_a_flush_times_out() {
    let (peer, written) = (Peer::new(), Arc::new(Mutex::new(Vec::new())));
    let stream = Flaky {
        peer: peer.clone(),
        written: written.clone(),
        flushes: 0,
    };
    let connection = Connection::over(stream, patient()).unwrap();
    let channel = connection.channel().unwrap();
    channel.publish("", "q", "once").unwrap();
    channel.queue_declare(declare()).unwrap();
    connection.close().unwrap();
    let written = written.lock().unwrap();
    let times = |what: &[u8]| written.windows(what.len()).filter(|at| *at == what).count();
    assert_eq!((times(b"AMQP"), times(b"once")), (1, 1));
    let heard = peer.heard();
    assert_eq!(heard.iter().filter(|name| **name == "body").count(), 1);
    assert_eq!(written.len() as u64, connection.traffic().1);
}

#[test]
fn what_is_held_back_is_sent_when_enough_has_come_together() {
    let (connection, peer) = open();
    let channel = connection.channel().unwrap();
    connection.hold_back(MIB);
    let before = peer.bytes_taken();
    channel.publish("", "q", &[0; 1000]).unwrap();
    assert_eq!(peer.bytes_taken(), before);
    channel.publish("", "q", vec![0; MIB]).unwrap();
    assert!(peer.bytes_taken() > before + MIB);
    connection.close().unwrap();
}

#[test]
fn what_is_held_back_is_sent_by_calls_that_wait_and_by_flush() {
    let (connection, peer) = open();
    let channel = connection.channel().unwrap();
    connection.hold_back(MIB);
    let ways: [&dyn Fn(); 5] = [
        &|| connection.flush().unwrap(),
        &|| connection.process_events(ms(0)).unwrap(),
        &|| drop(channel.queue_declare(declare()).unwrap()),
        &|| connection.hold_back(0),
        &|| connection.close().unwrap(),
    ];
    for way in ways {
        let before = peer.bytes_taken();
        if connection.is_open() {
            channel.publish("", "q", "x").unwrap();
        }
        way();
        assert!(peer.bytes_taken() > before);
        connection.hold_back(MIB);
    }
    assert!(connection.flush().is_err());
}

#[test]
fn an_acknowledgement_is_held_back_until_the_next_message_is_waited_for() {
    let (connection, peer) = open();
    let (channel, mut consumer) = consuming(&connection);
    connection.hold_back(MIB);
    peer.delivers("t", 1, b"one");
    let delivery = consumer.next().unwrap().unwrap();
    let before = peer.bytes_taken();
    delivery.ack().unwrap();
    assert_eq!(peer.bytes_taken(), before);
    assert!(consumer.next_within(ms(1)).unwrap().is_none());
    assert!(peer.bytes_taken() > before);
    drop(consumer);
    drop(channel);
    connection.close().unwrap();
}
