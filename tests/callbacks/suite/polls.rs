//! Loops of the program's own.

use std::time::{Duration, Instant};

use pika::callbacks::Ready;
use pika::callbacks::mio::{self, Events, Interest, Poll, Token};
use pika::config::{Config, Heartbeat};

use super::amqp::queue;
use super::kit::{SOON, unique};
use super::{Channel, Connection, Log, ms};

/// A call on an open connection, to be noted when it is answered.
fn begin(connection: &Connection) -> Log<&'static str> {
    let log = Log::new();
    let noting = log.clone();
    connection.on_opened(move |_| noting.note("opened"));
    let noting = log.clone();
    connection.open_channel().then(move |channel| {
        let channel: Channel = channel?;
        noting.note("channel");
        let name = unique("polled");
        let declare = queue::Declare::new(name).exclusive(true);
        channel.queue_declare(declare).then(move |declared| {
            declared?;
            noting.note("declared");
            let connection = channel.connection();
            connection.close().then(move |closed| {
                closed?;
                noting.note("closed");
                Ok(())
            });
            Ok(())
        });
        Ok(())
    });
    log
}

const ALL: [&str; 4] = ["opened", "channel", "declared", "closed"];

/// Time until the connection wants to be served, but not for ever.
fn time_left(connection: &Connection) -> Duration {
    let left = connection
        .deadline()
        .map(|at| at.saturating_duration_since(Instant::now()));
    left.map_or(ms(1000), |left| left.min(ms(1000)))
}

#[test]
fn a_poll_that_tells_of_changes_serves_a_connection_registered_once() {
    let (url, _server) = crate::broker();
    let connection = Connection::connect_as(&url).unwrap();
    let log = begin(&connection);
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(8);
    let both = Interest::READABLE | Interest::WRITABLE;
    let mut source = connection.clone();
    poll.registry()
        .register(&mut source, Token(0), both)
        .unwrap();
    let (begun, mut turns) = (Instant::now(), 0);
    while !connection.is_finished() {
        assert!(begun.elapsed() < SOON, "{:?}", log.take());
        poll.poll(&mut events, Some(time_left(&connection)))
            .unwrap();
        let ready = events.iter().map(Ready::from).next();
        connection
            .on_ready(ready.unwrap_or(Ready::NOTHING))
            .unwrap();
        turns += 1;
    }
    assert_eq!(log.take(), ALL);
    assert!(turns < 60, "{turns} turns are more than there were events");
}

#[test]
fn the_next_address_is_tried_and_its_socket_registered_where_the_first_was() {
    let (url, server) = crate::broker();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = closed.local_addr().unwrap();
    drop(closed);
    let addresses = [nobody, nobody, server.as_ref().unwrap().local_addr()];
    let config = Config::from_uri(&url).unwrap().addresses(addresses);
    let connection = Connection::connect_as(config).unwrap();
    let log = begin(&connection);
    let mut poll = Poll::new().unwrap();
    let mut events = Events::with_capacity(8);
    let both = Interest::READABLE | Interest::WRITABLE;
    let mut source = connection.clone();
    poll.registry()
        .register(&mut source, Token(7), both)
        .unwrap();
    let mut failures = 0;
    let begun = Instant::now();
    while !connection.is_finished() {
        assert!(begun.elapsed() < SOON, "{:?}", log.take());
        poll.poll(&mut events, Some(time_left(&connection)))
            .unwrap();
        assert!(events.iter().all(|event| event.token() == Token(7)));
        failures += events.iter().filter(|event| event.is_error()).count();
        let ready = events.iter().map(Ready::from).next();
        connection
            .on_ready(ready.unwrap_or(Ready::NOTHING))
            .unwrap();
    }
    assert_eq!(log.take(), ALL);
    assert_eq!(failures, 2, "each attempt was registered");
}

#[test]
#[cfg(unix)]
fn a_poll_that_tells_of_states_serves_a_connection() {
    use std::os::fd::{AsFd, AsRawFd};

    let (url, _server) = crate::broker();
    let connection = Connection::connect_as(&url).unwrap();
    let log = begin(&connection);
    let (begun, mut turns) = (Instant::now(), 0);
    while !connection.is_finished() {
        assert!(begun.elapsed() < SOON, "{:?}", log.take());
        let socket = connection.socket().unwrap();
        assert_eq!(socket.as_fd().as_raw_fd(), socket.as_raw_fd());
        let ready = poll_states(&socket, connection.interest(), time_left(&connection));
        drop(socket);
        connection.on_ready(ready).unwrap();
        turns += 1;
    }
    assert_eq!(log.take(), ALL);
    assert!(turns < 60, "{turns} turns are more than there were events");
    assert!(connection.socket().is_none());
}

/// Waits for the states of a socket, by registering a copy of it anew each time.
#[cfg(unix)]
fn poll_states(
    socket: &pika::callbacks::Socket,
    interest: pika::callbacks::Interest,
    time: Duration,
) -> Ready {
    use std::os::fd::AsFd;

    let wanted = match (interest.readable, interest.writable) {
        (true, true) => Interest::READABLE | Interest::WRITABLE,
        (true, false) => Interest::READABLE,
        (false, true) => Interest::WRITABLE,
        (false, false) => return Ready::NOTHING,
    };
    let copy = socket.as_fd().try_clone_to_owned().unwrap();
    let mut copy = mio::net::TcpStream::from_std(copy.into());
    let mut poll = Poll::new().unwrap();
    poll.registry()
        .register(&mut copy, Token(0), wanted)
        .unwrap();
    let mut events = Events::with_capacity(1);
    poll.poll(&mut events, Some(time)).unwrap();
    let ready = events.iter().map(Ready::from).next();
    ready.unwrap_or(Ready::NOTHING)
}

#[test]
fn connections_over_sockets_that_are_connected_work_as_well() {
    let (url, server) = crate::broker();
    let address = server.as_ref().unwrap().local_addr();
    let config = || Config::from_uri(&url).unwrap();
    let standard = std::net::TcpStream::connect(address).unwrap();
    let begun = mio::net::TcpStream::connect(address).unwrap();
    for connection in [
        Connection::over_tcp(standard, config()).unwrap(),
        Connection::over(begun, config()),
    ] {
        let log = begin(&connection);
        let events = super::Loop::new().unwrap();
        events.add(&connection).unwrap();
        events.run().unwrap();
        assert_eq!(log.take(), ALL);
    }
}

#[test]
#[cfg(unix)]
fn a_local_socket_is_served_too() {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let config = Config::new().handshake_timeout(ms(50));
    let connection = Connection::over_unix(ours, config).unwrap();
    let events = super::Loop::new().unwrap();
    events.add(&connection).unwrap();
    let mut heard = [0; 8];
    events.step(ms(10)).unwrap();
    std::io::Read::read_exact(&mut &theirs, &mut heard).unwrap();
    assert_eq!(&heard[..4], b"AMQP");
    drop(theirs);
    let failures = events.run().unwrap_err();
    assert!(failures.errors()[0].closed().is_some());
    events.run().unwrap();
}

#[test]
fn a_socket_that_the_program_holds_cannot_be_registered() {
    let (url, _server) = crate::broker();
    let connection = Connection::connect_as(&url).unwrap();
    let held = connection.socket();
    let events = super::Loop::new().unwrap();
    assert!(events.add(&connection).is_err());
    drop(held);
    events.add(&connection).unwrap();
    assert!(
        events.add(&connection).is_err(),
        "it is in the loop already"
    );
    drop(connection.close());
    events.run().unwrap();
}

#[test]
fn a_deadline_is_past_when_there_is_something_to_do_and_far_when_not() {
    let scene = super::Scene::with(|config| config.heartbeat(Heartbeat::Off));
    let connection = scene.connection.clone();
    scene.for_a_while();
    assert_eq!(connection.deadline(), None, "an idle connection");
    let channel = connection.open_channel();
    assert!(connection.deadline().unwrap() <= Instant::now());
    assert!(connection.interest().writable);
    scene.result(channel).unwrap();
    scene.for_a_while();
    assert!(!connection.interest().writable);
    assert!(connection.interest().readable);
}
