use std::io::Write;
use std::net::{TcpListener, TcpStream};

use mio::{Events, Poll};

use super::*;
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(10);

/// An attempt that fails once it is under way.
fn failing() -> Stream {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    stream.write_all(b"unread").unwrap();
    // A socket that is closed with input unread resets the connection.
    drop(listener.accept().unwrap());
    let begun = Instant::now();
    while stream.peer_addr().is_ok() {
        assert!(begun.elapsed() < PATIENCE);
    }
    stream.set_nonblocking(true).unwrap();
    Stream::Tcp(Rc::new(mio::net::TcpStream::from_std(stream)))
}

#[test]
fn the_next_address_is_tried_and_its_socket_registered_where_the_first_was() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let now = Instant::now();
    let mut link = Link::connecting_over(failing(), PATIENCE, now);
    let State::Connecting(connecting) = &mut link.state else {
        panic!("{link:?}");
    };
    let config = Config::new().addresses([server.local_addr().unwrap()]);
    connecting.dial = Some(Dial::new(&config, now));
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(8);
    let both = Interest::READABLE | Interest::WRITABLE;
    poll.registry().register(&mut link, Token(7), both).unwrap();
    poll.poll(&mut events, Some(PATIENCE)).unwrap();
    let mut progress = link.progress(now);
    let mut peer = server.accept().unwrap().0;
    while matches!(progress, Progress::Waiting) {
        assert!(now.elapsed() < PATIENCE);
        progress = link.progress(now);
    }
    assert!(matches!(progress, Progress::Connected), "{progress:?}");
    peer.write_all(b"AMQP").unwrap();
    let is_told = |events: &Events| {
        let mut events = events.iter();
        events.any(|event| event.token() == Token(7) && event.is_readable())
    };
    events.clear();
    while !is_told(&events) {
        assert!(now.elapsed() < PATIENCE, "the socket is registered");
        poll.poll(&mut events, Some(PATIENCE)).unwrap();
    }
}

#[test]
fn a_socket_that_never_connects_is_given_up() {
    let now = Instant::now();
    // Nothing is routed there, so that nobody answers.
    let Ok(silent) = mio::net::TcpStream::connect("192.0.2.1:5672".parse().unwrap()) else {
        return;
    };
    let stream = Stream::Tcp(Rc::new(silent));
    let mut link = Link::connecting_over(stream, PATIENCE, now);
    if matches!(link.progress(now), Progress::Waiting) {
        assert_eq!(link.deadline(), Some(now + PATIENCE));
        let after = PATIENCE;
        let waiting_for = Waiting::Connect;
        let late = Cause::TimedOut(TimedOut { waiting_for, after });
        let progress = link.progress(now + PATIENCE);
        assert!(matches!(progress, Progress::Failed(cause) if cause == late));
    }
}
