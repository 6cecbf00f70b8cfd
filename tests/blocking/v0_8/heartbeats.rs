//! Heartbeats. A second is the shortest interval, so these take more than two.

use std::thread::sleep;
use std::time::{Duration, Instant};

use pika::config::{Config, Heartbeat};
use pika::error::Cause;
use pika::frame;

use super::suite::peer::{Connection, Peer, consuming, declare, ms, open_with, patient};

/// More than two intervals, after which silence is the end.
const LONG: Duration = ms(2250);

fn beating() -> Config {
    patient().heartbeat(Heartbeat::Broker)
}

/// The server beats, whether anybody reads or not.
fn beats_on(peer: &Peer) {
    for beat in 1..10 {
        peer.after(ms(400) * beat, |peer| {
            peer.says_frames(frame::put_heartbeat)
        });
    }
}

fn assert_alive(connection: &Connection, peer: &Peer) {
    assert!(connection.is_open(), "{:?}", connection.closed());
    let heard = peer.heard();
    let beats = heard.iter().filter(|name| **name == "heartbeat").count();
    assert!((3..=6).contains(&beats), "{beats} heartbeats in {LONG:?}");
}

#[test]
fn r08_polling_without_time_keeps_a_connection_alive_and_notices_silence() {
    let (served, served_peer) = open_with(beating());
    let (read, read_peer) = open_with(beating());
    let (_channel, mut consumer) = consuming(&read);
    let (silent, _silent_peer) = open_with(beating());
    for peer in [&served_peer, &read_peer] {
        peer.heard();
        beats_on(peer);
    }
    let end = Instant::now() + LONG;
    let mut silence = None;
    while Instant::now() < end {
        served.process_events(Duration::ZERO).unwrap();
        assert!(consumer.next_within(Duration::ZERO).unwrap().is_none());
        if silence.is_none() {
            silence = silent.process_events(Duration::ZERO).err();
        }
        sleep(ms(10));
    }
    assert_alive(&served, &served_peer);
    assert_alive(&read, &read_peer);
    let silence = silence.expect("two intervals of silence are the end");
    let heartbeat = Duration::from_secs(1);
    assert_eq!(
        silence.closed().unwrap().cause,
        Cause::Silence { heartbeat }
    );
}

#[test]
fn being_busy_is_not_silence_of_the_server() {
    let (called, called_peer) = open_with(beating());
    let (polled, polled_peer) = open_with(beating());
    let (waiting, waiting_peer) = open_with(beating());
    let (_channel, mut consumer) = consuming(&waiting);
    let channel = called.channel().unwrap();
    for peer in [&called_peer, &polled_peer, &waiting_peer] {
        beats_on(peer);
    }
    sleep(LONG);
    channel.queue_declare(declare()).unwrap();
    polled.process_events(Duration::ZERO).unwrap();
    assert!(consumer.next_within(ms(5)).unwrap().is_none());
    assert!(called.is_open() && polled.is_open() && waiting.is_open());
}

#[test]
fn heartbeats_go_on_while_messages_are_not_taken() {
    let (stalled, peer) = open_with(beating().incoming(4, 1000));
    let (full, full_peer) = open_with(beating().incoming(4, 1 << 20));
    let (channel, mut consumer) = consuming(&stalled);
    let (_full_channel, mut full_consumer) = consuming(&full);
    for peer in [&peer, &full_peer] {
        peer.heard();
        peer.delivers("t", 10, &[0; 200]);
    }
    let end = Instant::now() + LONG;
    while Instant::now() < end {
        stalled.process_events(ms(50)).unwrap();
        full.process_events(Duration::ZERO).unwrap();
        sleep(ms(10));
    }
    assert_alive(&stalled, &peer);
    assert_alive(&full, &full_peer);
    assert_eq!(consumer.until_idle(ms(5)).count(), 10);
    assert_eq!(full_consumer.until_idle(ms(5)).count(), 10);
    channel.queue_declare(declare()).unwrap();
}
