//! Connections: heartbeats, many channels, virtual hosts, names.

use std::time::{Duration, Instant};

use pika::Error;
use pika::config::{Config, Heartbeat};
use pika::error::{ClosedBy, Misuse};
use pika::wire::{ReplyCode, ShortStr};

use super::amqp::{basic, queue};
use super::{Connection, Desk, connect, connect_with, look, temporary_queue};
use crate::support::{self, ctl, eventually, unique};

/// Short enough that the server drops a silent client within three seconds.
fn lively() -> Connection {
    let heartbeat = Heartbeat::AtMost(Duration::from_secs(1));
    let connection = connect_with(support::config().heartbeat(heartbeat));
    assert_eq!(connection.tuning().heartbeat, Some(Duration::from_secs(1)));
    connection
}

#[test]
fn an_idle_connection_lives_on_heartbeats_while_events_are_processed() {
    let desk = Desk::on(lively());
    let (received, sent) = desk.connection.traffic();
    desk.connection
        .process_events(Duration::from_secs(5))
        .unwrap();
    let (received, sent) = {
        let (now_received, now_sent) = desk.connection.traffic();
        (now_received - received, now_sent - sent)
    };
    // A heartbeat takes 8 bytes; one each half second is sent.
    assert!(
        (5..=12).contains(&(sent / 8)) && sent % 8 == 0,
        "sent {sent}"
    );
    assert!(
        received / 8 >= 4 && received % 8 == 0,
        "received {received}"
    );
    desk.settles_at(0, 0);
}

#[test]
fn a_connection_lives_on_heartbeats_while_only_a_consumer_is_asked() {
    let desk = Desk::on(lively());
    let consume = basic::Consume::new(&desk.queue);
    let mut consumer = desk.channel.consume(consume).unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(5) {
        let step = Duration::from_millis(700);
        assert!(consumer.next_within(step).unwrap().is_none());
    }
    desk.publish("alive");
    assert_eq!(super::next(&mut consumer).body(), b"alive");
}

#[test]
fn a_connection_lives_on_heartbeats_while_a_consumer_is_waited_for() {
    let desk = Desk::on(lively());
    let consume = basic::Consume::new(&desk.queue);
    let mut consumer = desk.channel.consume(consume).unwrap();
    assert!(
        consumer
            .next_within(Duration::from_secs(5))
            .unwrap()
            .is_none()
    );
    desk.settles_at(0, 1);
}

#[test]
fn a_program_that_makes_no_call_is_dropped_and_finds_out_why() {
    let desk = Desk::on(lively());
    std::thread::sleep(Duration::from_secs(5));
    let error = look(&desk.channel, &desk.queue).unwrap_err();
    let reason = error.closed().unwrap();
    assert_eq!(reason.by(), ClosedBy::Nobody, "{error}");
    assert!(reason.is_retriable());
}

#[test]
fn ten_thousand_channels_are_opened_and_closed() {
    let connection = connect();
    for _ in 0..10_000 {
        let channel = connection.channel().unwrap();
        assert_eq!(channel.id().0, 1, "the number is free again");
        channel.close().unwrap();
    }
    connection.close().unwrap();
}

#[test]
fn a_hundred_channels_work_side_by_side() {
    let connection = connect();
    let desks: Vec<Desk> = (0..100).map(|_| Desk::on(connection.clone())).collect();
    for (number, desk) in desks.iter().enumerate() {
        // Each publishes to the next one's queue.
        let target = &desks[(number + 1) % desks.len()].queue;
        let body = number.to_string().into_bytes();
        desk.channel.publish("", target, &body[..]).unwrap();
    }
    let mut consumers: Vec<_> = desks
        .iter()
        .map(|desk| {
            desk.channel
                .consume(basic::Consume::new(&desk.queue))
                .unwrap()
        })
        .collect();
    for (number, consumer) in consumers.iter_mut().enumerate().rev() {
        let message = super::next(consumer);
        let from = (number + desks.len() - 1) % desks.len();
        assert_eq!(message.body(), from.to_string().as_bytes());
        message.ack().unwrap();
        desks[number].settles_at(0, 1);
    }
    for desk in desks.iter().step_by(2) {
        desk.channel.close().unwrap();
    }
    assert!(
        desks
            .iter()
            .skip(1)
            .step_by(2)
            .all(|desk| desk.channel.is_open())
    );
    connection.close().unwrap();
}

#[test]
fn channels_run_out_where_it_was_agreed_and_come_back() {
    let connection = connect_with(support::config().channel_max(3));
    let mut channels: Vec<_> = (0..3).map(|_| connection.channel().unwrap()).collect();
    let error = connection.channel().unwrap_err();
    assert!(matches!(
        error,
        Error::Misuse(Misuse::NoFreeChannels { channel_max: 3 })
    ));
    channels.pop().unwrap().close().unwrap();
    let last = connection.channel().unwrap();
    temporary_queue(&last);
}

#[test]
fn the_virtual_host_in_the_uri_is_another_place() {
    let here = connect();
    let name = unique("vhost");
    let declare = queue::Declare::new(&name).exclusive(true);
    let channel = here.channel().unwrap();
    channel.queue_declare(declare).unwrap();

    let uri = format!("{}/pika-test", support::url());
    let there = Connection::open_as(uri.as_str()).unwrap();
    let error = look(&there.channel().unwrap(), &name).unwrap_err();
    let reason = error.closed().unwrap();
    assert_eq!(reason.code(), Some(ReplyCode::NOT_FOUND));
    assert!(error.to_string().contains("pika-test"), "{error}");

    let uri = format!("{}/%2f", support::url());
    let same = Connection::open_as(uri.as_str()).unwrap();
    let error = look(&same.channel().unwrap(), &name).unwrap_err();
    let code = error.closed().unwrap().code();
    assert_eq!(
        code,
        Some(ReplyCode::RESOURCE_LOCKED),
        "it is there, but not ours"
    );
}

#[test]
fn parameters_of_the_uri_are_heeded() {
    let name = unique("name");
    let uri = format!(
        "{}/%2f?heartbeat=7&channel_max=5&frame_max=8192&connection_timeout=5&connection_name={name}",
        support::url()
    );
    let connection = Connection::open_as(uri.as_str()).unwrap();
    let tuning = connection.tuning();
    assert_eq!((tuning.channel_max, tuning.frame_max), (5, 8192));
    assert_eq!(tuning.heartbeat, Some(Duration::from_secs(7)));
    let list = ctl(&[
        "list_connections",
        "timeout",
        "frame_max",
        "channel_max",
        "client_properties",
    ]);
    let line = list
        .lines()
        .find(|line| line.contains(name.as_str().unwrap()));
    assert!(line.unwrap().starts_with("7\t8192\t5\t"), "{list}");
}

#[test]
fn the_server_shows_who_we_are() {
    let name = unique("the name");
    let config = support::config()
        .connection_name(name.to_string())
        .client_properties([("flavour", "plain")]);
    let _connection = connect_with(config);
    let list = ctl(&["list_connections", "protocol", "client_properties"]);
    let line = list
        .lines()
        .find(|line| line.contains(name.as_str().unwrap()))
        .unwrap();
    let numbers = super::amqp::Version::default();
    for word in [
        "\"pika\"",
        "\"Rust\"",
        "\"flavour\"",
        "\"plain\"",
        "consumer_cancel_notify",
    ] {
        assert!(line.contains(word), "{word} in {line}");
    }
    let blocked = line.contains("connection.blocked");
    assert_eq!(blocked, protocol_of(numbers) == "0-9-1", "{line}");
    assert!(
        line.contains(&protocol_of(numbers).replace('-', ",")),
        "{line}"
    );
}

fn protocol_of<S: pika::method::Spec>(_version: S) -> &'static str {
    S::NAME
}

#[test]
fn the_server_says_who_it_is() {
    let table = connect().server_properties();
    let product = table.get("product").unwrap();
    assert_eq!(product.as_str(), Some("RabbitMQ"));
    let capabilities = table.get("capabilities").unwrap().as_table().unwrap();
    let confirms = capabilities.get("publisher_confirms");
    let expected = protocol_of(super::amqp::Version::default()) == "0-9-1";
    assert_eq!(confirms.is_some(), expected);
}

#[test]
fn closing_tells_the_server_why() {
    let name = unique("leaving");
    let connection = connect_with(support::config().connection_name(name.to_string()));
    let text = ShortStr::from_static("that was all");
    connection
        .close_with(ReplyCode::REPLY_SUCCESS, text.clone())
        .unwrap();
    connection.close().unwrap();
    let reason = connection.closed().unwrap();
    assert_eq!((reason.text(), reason.by()), (Some(&text), ClosedBy::Us));
    eventually("its end", || {
        let list = ctl(&["list_connections", "client_properties"]);
        (!list.contains(name.as_str().unwrap())).then_some(())
    });
}

#[test]
fn nobody_listening_is_an_error_of_the_network() {
    let config: Config = support::config().host("127.0.0.1").port(1);
    let began = Instant::now();
    let error = Connection::open_as(config).unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error}");
    assert!(began.elapsed() < Duration::from_secs(5));
}
