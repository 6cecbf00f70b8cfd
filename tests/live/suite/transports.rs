//! Streams of every kind, and peers of the server that break the rules.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use pika::bytes::Bytes;
use pika::config::Heartbeat;
use pika::error::Cause;
use pika::wire::ReplyCode;

use super::amqp::{basic, queue};
use super::{Connection, Desk, look, next};
use crate::stream::{Injector, Plain, Trickle, frame};
use crate::support::{self, BRIEFLY, Refusal, SOON, eventually, noise, own_node};

/// Everything that reads and writes, once, with a body of this size.
fn exercise(connection: Connection, len: usize) {
    let desk = Desk::on(connection);
    let consume = basic::Consume::new(&desk.queue);
    let mut consumer = desk.channel.consume(consume).unwrap();
    let body = Bytes::from(noise(len));
    desk.channel.publish("", &desk.queue, body.clone()).unwrap();
    let message = next(&mut consumer);
    assert!(*message.body() == body);
    message.ack().unwrap();
    assert!(consumer.next_within(BRIEFLY).unwrap().is_none());
    let delete = queue::Delete::new(&desk.queue);
    desk.channel.queue_delete(delete).unwrap();
    desk.connection.process_events(BRIEFLY).unwrap();
    desk.connection.close().unwrap();
}

#[test]
fn a_stream_that_only_reads_and_writes_will_do() {
    let connection = Connection::over(Plain::connect(), support::config()).unwrap();
    exercise(connection, 1 << 20);
}

#[test]
fn a_stream_that_moves_few_bytes_at_a_time_will_do() {
    let stream = Trickle(Plain::connect());
    let connection = Connection::over(stream, support::config()).unwrap();
    exercise(connection, 20_000);
}

#[test]
fn a_server_that_falls_silent_is_given_up_after_two_heartbeats() {
    let injector = Injector::default();
    let second = Duration::from_secs(1);
    let config = support::config().heartbeat(Heartbeat::AtMost(second));
    let connection = Connection::over_transport(injector.connect(), config).unwrap();
    let channel = connection.channel().unwrap();
    injector.deafen();
    let began = Instant::now();
    let error = connection.process_events(SOON).unwrap_err();
    let took = began.elapsed();
    assert!(took > second && took < 3 * second, "{took:?}");
    let reason = error.closed().unwrap();
    assert_eq!(reason.cause, Cause::Silence { heartbeat: second });
    assert!(reason.is_retriable());
    assert_eq!(channel.closed().as_deref(), Some(reason));
}

#[test]
fn a_tcp_stream_that_is_connected_already_will_do() {
    let stream = TcpStream::connect(own_node()).unwrap();
    let connection = Connection::over_tcp(stream, support::config());
    exercise(connection.unwrap(), 1 << 20);
}

#[test]
fn a_local_socket_will_do() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let server = TcpStream::connect(own_node()).unwrap();
    let (back, forth) = (theirs.try_clone().unwrap(), server.try_clone().unwrap());
    let up = thread::spawn(move || copy(theirs, forth));
    let down = thread::spawn(move || {
        copy(server, back.try_clone().unwrap());
        back.shutdown(Shutdown::Both).ok();
    });
    let connection = Connection::over_unix(ours, support::config());
    exercise(connection.unwrap(), 1 << 20);
    up.join().unwrap();
    down.join().unwrap();
}

/// Copies until one side ends, and tells the other.
fn copy(mut from: impl Read, mut to: impl Write + 'static) {
    // Either side may be reset at the end.
    let _ended: io::Result<u64> = io::copy(&mut from, &mut to);
    if let Some(tcp) = (&to as &dyn std::any::Any).downcast_ref::<TcpStream>() {
        tcp.shutdown(Shutdown::Both).ok();
    }
}

/// A connection that says what a test wants said, and a desk on it.
fn injected() -> (Injector, Desk) {
    let injector = Injector::default();
    let connection = Connection::over_transport(injector.connect(), support::config());
    (injector, Desk::on(connection.unwrap()))
}

/// A message to the desk's queue, on its channel, with this property list.
fn raw_publish(desk: &Desk, properties: &[u8], body: &[u8]) -> Vec<u8> {
    let (channel, queue) = (desk.channel.id().0, desk.queue.as_bytes());
    let mut method = vec![0, 60, 0, 40, 0, 0, 0, u8::try_from(queue.len()).unwrap()];
    method.extend_from_slice(queue);
    method.push(0);
    let mut header = vec![0, 60, 0, 0];
    header.extend_from_slice(&(body.len() as u64).to_be_bytes());
    header.extend_from_slice(properties);
    let mut bytes = frame(1, channel, &method);
    bytes.extend(frame(2, channel, &header));
    bytes.extend(frame(3, channel, body));
    bytes
}

#[test]
fn a_property_list_that_makes_no_sense_spoils_only_itself() {
    let (injector, desk) = injected();
    // Flags that promise another word of flags; RabbitMQ 3 passes them on as they are.
    let odd = b"\x80\x01\x03abc";
    injector.inject(&raw_publish(&desk, odd, b"odd"));
    desk.publish("even");
    let message = desk.get_soon();
    assert_eq!(message.body(), b"odd");
    if support::is_4() {
        // It reads the list and sends one of its own.
        let expected = basic::Properties::new().content_type("abc");
        assert_eq!(message.properties().unwrap(), expected);
    } else {
        assert_eq!(message.content().raw_properties()[..], odd[..]);
        message.properties().unwrap_err();
        assert!(format!("{message:?}").contains("malformed"));
    }
    message.ack().unwrap();
    assert_eq!(
        desk.get_soon().properties().unwrap(),
        basic::Properties::new()
    );
}

#[test]
fn a_property_list_that_rabbitmq_cannot_read_is_541() {
    let (injector, desk) = injected();
    injector.inject(&raw_publish(&desk, b"\x80\x00\x09abc", b"short"));
    let error = eventually("the close", || look(&desk.channel, &desk.queue).err());
    let reason = error.closed().unwrap();
    assert_eq!(reason.code(), Some(ReplyCode::INTERNAL_ERROR), "{error}");
}

#[test]
fn a_frame_on_a_channel_that_is_not_open_is_504() {
    let (injector, desk) = injected();
    injector.inject(&frame(1, 99, &[0, 90, 0, 10]));
    let error = eventually("the close", || look(&desk.channel, &desk.queue).err());
    Refusal::connection(
        ReplyCode::CHANNEL_ERROR,
        (90, 10),
        "expected 'channel.open'",
    )
    .is(&error);
}

#[test]
fn a_body_without_a_method_is_505() {
    let (injector, desk) = injected();
    injector.inject(&frame(3, desk.channel.id().0, b"stray"));
    let error = eventually("the close", || look(&desk.channel, &desk.queue).err());
    let reason = error.closed().unwrap();
    assert_eq!(reason.code(), Some(ReplyCode::UNEXPECTED_FRAME), "{error}");
}

#[test]
fn a_frame_of_an_unknown_type_is_501() {
    let (injector, desk) = injected();
    injector.inject(&frame(9, 0, b""));
    let error = eventually("the close", || look(&desk.channel, &desk.queue).err());
    let reason = error.closed().unwrap();
    assert_eq!(reason.code(), Some(ReplyCode::FRAME_ERROR), "{error}");
    assert_eq!(desk.connection.closed().as_deref(), Some(reason));
}
