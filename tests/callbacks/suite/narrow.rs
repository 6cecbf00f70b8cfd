//! A transport of the program's own, which takes as much as the test lets it.

use std::cell::Cell;
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::rc::Rc;
use std::time::{Duration, Instant};

use pika::callbacks::{Ready, Transport};
use pika::config::Config;
use pika::error::{Error, Forbidden};

use super::amqp::{basic, queue};
use super::kit::SOON;
use super::{Channel, Connection, Log, ms};

/// A socket that does not block and takes only so many bytes more.
#[derive(Debug)]
struct Narrow {
    stream: TcpStream,
    room: Rc<Cell<usize>>,
}

impl Transport for Narrow {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        assert_eq!(wait, Some(Duration::ZERO));
        self.stream.read(space)
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize> {
        assert_eq!(wait, Some(Duration::ZERO));
        let piece = &pieces[0][..pieces[0].len().min(self.room.get())];
        if piece.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let written = self.stream.write(piece)?;
        self.room.set(self.room.get() - written);
        Ok(written)
    }

    fn shut_down(&mut self) {
        let _already_gone = self.stream.shutdown(Shutdown::Both);
    }
}

/// Serves a connection until `done`, with a poll that tells nothing and costs a millisecond.
fn until(connection: &Connection, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < SOON, "waited in vain");
        connection.on_ready(Ready::BOTH).unwrap();
        std::thread::sleep(ms(1));
    }
}

#[test]
fn what_waits_for_room_is_not_overtaken_by_what_does_not_wait() {
    let (url, server) = crate::broker();
    let stream = TcpStream::connect(server.as_ref().unwrap().local_addr()).unwrap();
    stream.set_nonblocking(true).unwrap();
    let room = Rc::new(Cell::new(usize::MAX));
    let config = Config::from_uri(&url).unwrap().output_water(1000, 20_000);
    let narrow = Narrow {
        stream,
        room: room.clone(),
    };
    let connection = Connection::over_transport(narrow, config);
    assert!(connection.socket().is_none());
    let opened = Log::new();
    let noting = opened.clone();
    connection
        .open_channel()
        .then(move |channel| noting.note(channel.unwrap()));
    until(&connection, || opened.len() == 1);
    let channel: Channel = opened.take().remove(0);
    drop(channel.queue_declare(queue::Declare::new("q")));
    let got = Log::new();
    let noting = got.clone();
    let consume = basic::Consume::new("q").no_ack(true);
    drop(channel.consume(consume, move |delivery: super::Delivery| {
        noting.note(delivery.body()[0]);
    }));
    until(&connection, || !connection.interest().writable);

    room.set(0);
    let (to, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
    for n in 0..30 {
        let held = channel.basic_publish(&to, &properties, vec![n; 1000]);
        drop(held.unwrap());
    }
    room.set(10_000);
    until(&connection, || room.get() == 0);
    // There is room now for more than one message, but others have waited for it.
    let refused = channel.try_basic_publish(&to, &properties, [99; 1000].to_vec());
    let full = Forbidden::OutputFull;
    assert!(matches!(refused.unwrap_err().error, Error::ContentForbidden(why) if why == full));
    assert_eq!(channel.forbidden(), Some(full));
    room.set(usize::MAX);
    until(&connection, || channel.forbidden().is_none());
    channel
        .try_basic_publish(&to, &properties, [30; 1000].to_vec())
        .unwrap();
    until(&connection, || got.len() == 31);
    assert_eq!(got.take(), (0..=30).collect::<Vec<_>>());
    let last = connection.clone();
    connection.close().then(move |closed| closed);
    until(&connection, || last.is_finished());
}
