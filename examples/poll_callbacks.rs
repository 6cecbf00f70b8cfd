//! Two connections under `poll(2)`, in a loop of the program's own: one publishes, the other consumes.
//!
//! ```text
//! cargo run --example poll_callbacks --features callbacks
//! ```
//!
//! With `select(2)` it is the same: a socket is in the set of readers while its connection wants to
//! read, and in that of writers while it wants to write.

use std::error::Error;
use std::time::Instant;

use pika::amqp::{basic, queue};
use pika::callbacks::{Connection, Ready};
use rustix::event::{PollFd, PollFlags, poll};

fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = pika_examples::broker()?;
    let publisher = Connection::connect(&url)?;
    let consumer = Connection::connect(&url)?;

    let declare = || queue::Declare::new("polled").durable(true);
    publisher.open_channel().then(move |channel| {
        let channel = channel?;
        drop(channel.queue_declare(declare()));
        channel.publish("", "polled", "Hello World!")?;
        channel.connection().close().then(|closed| closed);
        Ok(())
    });
    consumer.open_channel().then(move |channel| {
        let channel = channel?;
        drop(channel.queue_declare(declare()));
        let begun = channel.consume(basic::Consume::new("polled"), |delivery| {
            println!("{}", String::from_utf8_lossy(delivery.body()));
            let connection = delivery.channel().connection().clone();
            delivery.ack()?;
            connection.close().then(|closed| closed);
            Ok(())
        });
        begun.then(|tag| tag.map(drop));
        Ok(())
    });
    serve(&[publisher, consumer])
}

/// Serves connections until all have ended.
fn serve(connections: &[Connection]) -> Result<(), Box<dyn Error>> {
    while !connections.iter().all(Connection::is_finished) {
        // Sockets and interests change with every turn, so ask each time.
        let sockets: Vec<_> = connections.iter().map(Connection::socket).collect();
        let deadlines = connections.iter().filter_map(Connection::deadline);
        let left = deadlines
            .min()
            .map(|at| at.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| left.try_into().ok());
        let mut polled = Vec::new();
        for (connection, socket) in connections.iter().zip(&sockets) {
            let (interest, mut wanted) = (connection.interest(), PollFlags::empty());
            wanted.set(PollFlags::IN, interest.readable);
            wanted.set(PollFlags::OUT, interest.writable);
            polled.extend(socket.as_ref().map(|socket| PollFd::new(socket, wanted)));
        }
        poll(&mut polled, left.as_ref())?;
        let mut told = polled.iter().map(PollFd::revents);
        for (connection, socket) in connections.iter().zip(&sockets) {
            let told = socket.as_ref().and_then(|_| told.next());
            let told = told.unwrap_or(PollFlags::empty());
            // An error and the end are found by reading.
            let broken = told.intersects(PollFlags::ERR | PollFlags::HUP);
            connection.on_ready(Ready {
                readable: broken || told.contains(PollFlags::IN),
                writable: broken || told.contains(PollFlags::OUT),
            })?;
        }
    }
    Ok(())
}
