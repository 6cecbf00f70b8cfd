//! Several threads that use one connection at once.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use pika::blocking::Transport;

use super::peer::consuming;
use super::*;

/// A transport whose writes take some time.
#[derive(Debug)]
struct Slow(Peer);

impl Transport for Slow {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        self.0.read(space, wait)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize> {
        sleep(ms(2));
        self.0.write(pieces, wait)
    }

    fn shut_down(&mut self) {
        self.0.shut_down();
    }
}

/// A thread that writes takes what others add meanwhile with it. Without an end to that it would never
/// return as long as they add something.
#[test]
fn no_thread_goes_on_writing_for_others_for_long() {
    let connection = Connection::over_transport(Slow(Peer::new()), patient()).unwrap();
    let end = Instant::now() + ms(3000);
    let publish = || {
        let channel = connection.channel().unwrap();
        let mut longest = Duration::ZERO;
        while Instant::now() < end {
            let began = Instant::now();
            channel.publish("", "q", "x").unwrap();
            longest = longest.max(began.elapsed());
            sleep(ms(1) / 5);
        }
        longest
    };
    let longest = scope(|threads| {
        let publishers = [(); 4].map(|()| threads.spawn(publish));
        publishers.map(|publisher| publisher.join().unwrap())
    });
    assert!(longest.iter().all(|time| *time < ms(1500)), "{longest:?}");
    connection.close().unwrap();
}

/// A transport that counts how often it is asked whether the peer is gone, as it is in each turn of a
/// wait while nothing may be read.
#[derive(Debug)]
struct Counting(Peer, Arc<AtomicU32>);

impl Transport for Counting {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        self.0.read(space, wait)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize> {
        self.0.write(pieces, wait)
    }

    fn has_ended(&mut self) -> bool {
        self.1.fetch_add(1, Ordering::Relaxed);
        false
    }

    fn shut_down(&mut self) {
        self.0.shut_down();
    }
}

#[test]
fn a_wait_behind_a_full_inbox_sleeps_also_where_no_time_is_given_for_that() {
    let (peer, turns) = (Peer::new(), Arc::default());
    let config = patient().blocked_timeout(Duration::ZERO).incoming(4, 1000);
    let transport = Counting(peer.clone(), Arc::clone(&turns));
    let connection = Connection::over_transport(transport, config).unwrap();
    let (_channel, _consumer) = consuming(&connection);
    peer.delivers("t", 10, &[0; 200]);
    connection.process_events(ms(5)).unwrap();
    turns.store(0, Ordering::Relaxed);
    connection.process_events(ms(300)).unwrap();
    let turns = turns.load(Ordering::Relaxed);
    assert!((1..200).contains(&turns), "{turns} turns in 300 ms");
}
