//! Connections, from their opening to their end.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pika::config::{Config, Credentials, Endpoint, Heartbeat};
use pika::error::{Cause, ClosedBy, Error};
use pika::wire::{ReplyCode, Scope, ShortStr};

use super::super::amqp::{Methods as _, basic, queue};
use super::{
    Broker, Connection, Desk, Rc, SOON, Style, eventually, look, message, settles_at, unique,
};
use crate::brokers::{Refusing, Silent};

in_every_style! {
    a_connection_opens_and_closes_in_good_order
    a_wrong_password_is_refused_and_the_error_says_what_to_check
    a_dropped_connection_ends_and_its_messages_go_back
    a_provider_is_asked_for_credentials_at_each_login
    a_provider_that_has_none_ends_the_attempt
}

in_every_style_at_once! {
    an_address_that_never_answers_leaves_time_for_the_next
}

in_every_style_at_once! {
    the_next_host_is_used_when_one_cannot_be_reached
}

in_every_style_at_once! {
    an_error_of_connecting_names_all_that_was_tried
}

in_every_style_at_once! {
    an_idle_connection_outlives_its_heartbeats
}

fn a_connection_opens_and_closes_in_good_order<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let other = desk.connection.channel().unwrap();
    assert!(desk.connection.closed().is_none() && other.closed().is_none());
    for _ in 0..2 {
        other.close().unwrap();
        let reason = other.closed().unwrap();
        assert_eq!((reason.by(), reason.is_normal()), (ClosedBy::Us, true));
    }
    let late = look(&other, &desk.queue).unwrap_err();
    assert_eq!(late.closed(), other.closed().as_deref());
    assert!(desk.channel.closed().is_none());
    for _ in 0..2 {
        desk.connection.close().unwrap();
        let reason = desk.connection.closed().unwrap();
        assert_eq!((reason.by(), reason.is_normal()), (ClosedBy::Us, true));
    }
    let late = desk.connection.channel().err().unwrap();
    assert!(late.closed().unwrap().is_normal(), "{late}");
    let late = look(&desk.channel, &desk.queue).unwrap_err();
    assert!(late.closed().unwrap().is_normal(), "{late}");
}

fn a_wrong_password_is_refused_and_the_error_says_what_to_check<S: Style>(broker: &Broker) {
    let config = broker.config().login("guest", "wr0ng");
    let target = format!(
        "`{}` (port {}, virtual host `/`, user `guest`)",
        config.host, config.port
    );
    let opened = Connection::open(&Rc::new(S::new()), config);
    let error = opened.err().unwrap();
    let reason = error.closed().unwrap();
    assert_eq!(reason.code(), Some(ReplyCode::ACCESS_REFUSED));
    assert_eq!(
        (reason.scope, reason.by()),
        (Scope::Connection, ClosedBy::Server)
    );
    assert!(!error.is_retriable());
    let text = error.to_string();
    assert!(
        text.contains("check the user name and the password"),
        "{text}"
    );
    assert!(text.contains(&target) && !text.contains("wr0ng"), "{text}");
}

fn a_dropped_connection_ends_and_its_messages_go_back<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let (shared, own) = (unique("shared"), unique("own"));
    let declare = queue::Declare::new(&shared).arguments([("x-expires", 60_000)]);
    desk.channel.queue_declare(declare).unwrap();
    let precious = message(&ShortStr::EMPTY, &shared, "precious");
    desk.channel.publish(precious).unwrap();

    let connection = desk.connect();
    let channel = connection.channel().unwrap();
    let declare = queue::Declare::new(&own).exclusive(true);
    channel.queue_declare(declare).unwrap();
    let get = basic::Get::new(&shared);
    let delivery = eventually("a message", || channel.get(get.clone()).unwrap());
    settles_at(&desk.channel, &shared, 0);
    drop((connection, channel, delivery));

    // A queue that is one connection's own is there, and locked for others, until that has ended.
    eventually("the end of the connection", || {
        let channel = desk.connection.channel().unwrap();
        let error = look(&channel, &own).unwrap_err();
        (error.closed().unwrap().code() == Some(ReplyCode::NOT_FOUND)).then_some(())
    });
    let get = || desk.channel.get(basic::Get::new(&shared)).unwrap();
    let again = eventually("the message", get);
    assert_eq!(again.body(), b"precious");
    assert!(again.redelivered());
    desk.channel
        .queue_delete(queue::Delete::new(&shared))
        .unwrap();
}

fn an_idle_connection_outlives_its_heartbeats<S: Style>(broker: &Broker) {
    let second = Duration::from_secs(1);
    let config = broker.config().heartbeat(Heartbeat::AtMost(second));
    let desk = Desk::<S>::with(config);
    assert_eq!(desk.connection.tuning().heartbeat, Some(second));
    let mut consumer = desk.consume();
    // The server has noticed by then that nothing came in two intervals.
    desk.connection.idle(3 * second + second / 10);
    desk.publish("still here");
    let delivery = consumer.next(SOON).unwrap().unwrap();
    delivery.ack().unwrap();
    desk.connection.close().unwrap();
}

fn an_address_that_never_answers_leaves_time_for_the_next<S: Style>(broker: &Broker) {
    let (silent, refusing) = (Silent::new(), Refusing::new());
    let addresses = [refusing.address, silent.address, broker.address()];
    let limit = Duration::from_secs(2);
    let config = broker.config().addresses(addresses).connect_timeout(limit);
    let begun = Instant::now();
    let connection = Connection::<S>::open(&Rc::new(S::new()), config).unwrap();
    let took = begun.elapsed();
    // Where attempts are raced the good one begins a quarter of a second after the silent one.
    assert!(took > limit / 10 && took < limit, "{took:?}");
    connection.close().unwrap();
}

fn a_provider_is_asked_for_credentials_at_each_login<S: Style>(broker: &Broker) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let config = broker
        .config()
        .login("nobody", "")
        .credentials_provider(move || {
            // The second one is out of date.
            let password = match count.fetch_add(1, Ordering::Relaxed) {
                1 => "expired",
                _ => "guest",
            };
            Ok(Credentials::new("guest", password))
        });
    let style = Rc::new(S::new());
    for is_good in [true, false, true] {
        let opened = Connection::<S>::open(&style, config.clone());
        assert_eq!(opened.is_ok(), is_good);
        if let Ok(connection) = opened {
            connection.close().unwrap();
        }
    }
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

fn a_provider_that_has_none_ends_the_attempt<S: Style>(broker: &Broker) {
    let config = broker
        .config()
        .credentials_provider(|| Err(std::io::Error::other("no token yet")));
    let opened = Connection::<S>::open(&Rc::new(S::new()), config);
    let error = opened.err().unwrap();
    let cause = &error.closed().unwrap().cause;
    assert!(matches!(cause, Cause::Credentials { .. }), "{error}");
    assert!(error.is_retriable());
    assert!(error.to_string().contains("no token yet"), "{error}");
}

fn the_next_host_is_used_when_one_cannot_be_reached<S: Style>(broker: &Broker) {
    let (refusing, good) = (Refusing::new(), broker.config());
    let hosts = [
        Endpoint::new("no-such..host", None),
        Endpoint::new("127.0.0.1", refusing.address.port()),
        Endpoint::new("by-a-name", None),
        Endpoint::new(good.host.as_str(), good.port),
    ];
    let address = refusing.address;
    let config = good.hosts(hosts).resolver(move |host, port| match host {
        // The resolver receives the port too.
        "by-a-name" => Ok(vec![address]),
        "no-such..host" => Err(std::io::Error::other("no such name")),
        "localhost" => Ok(vec![([127, 0, 0, 1], port).into()]),
        _ => panic!("{host}"),
    });
    let style = Rc::new(S::new());
    let connection = Connection::<S>::open(&style, config.clone()).unwrap();
    connection.close().unwrap();

    // The error of another step names the host that was reached.
    let error = Connection::<S>::open(&style, config.clone().login("guest", "wr0ng"));
    let text = error.err().unwrap().to_string();
    let reached = format!("`{}` (port {}", broker.config().host, broker.config().port);
    assert!(text.contains(&reached), "{text}");

    // And where none is reached, all are named.
    let mut config = config;
    config.other_hosts.pop();
    let text = Connection::<S>::open(&style, config)
        .err()
        .unwrap()
        .to_string();
    for part in [
        "`no-such..host`: no such name",
        "`127.0.0.1` (port",
        "`by-a-name` (port",
    ] {
        assert!(text.contains(part), "no `{part}` in: {text}");
    }
}

fn an_error_of_connecting_names_all_that_was_tried<S: Style>(_: &Broker) {
    let (silent, refusing) = (Silent::new(), Refusing::new());
    let config = Config::new()
        .host("rabbit.example")
        .addresses([silent.address, refusing.address])
        .connect_timeout(Duration::from_millis(300));
    let opened = Connection::<S>::open(&Rc::new(S::new()), config);
    let error = opened.err().unwrap();
    assert!(error.is_retriable());
    let Error::Unreachable(why) = &error else {
        panic!("{error}")
    };
    let tried = why.tried.iter().map(|tried| (tried.address, tried.kind));
    let tried: Vec<_> = tried.collect();
    let expected = [
        (silent.address, ErrorKind::TimedOut),
        (refusing.address, ErrorKind::ConnectionRefused),
    ];
    assert_eq!(tried.len(), 2, "{error}");
    assert!(expected.iter().all(|it| tried.contains(it)), "{error}");
    let text = error.to_string();
    for part in ["`rabbit.example`", "did not answer within ", "refused"] {
        assert!(text.contains(part), "{text}");
    }
    // A name that does not exist: no resolver asks about an empty label.
    let config = Config::new().host("no-such..host");
    let error = Connection::<S>::open(&Rc::new(S::new()), config)
        .err()
        .unwrap();
    assert!(matches!(error, Error::Unreachable(_)), "{error}");
    assert!(error.to_string().contains("`no-such..host`"), "{error}");
}
