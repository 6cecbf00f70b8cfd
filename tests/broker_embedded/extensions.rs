//! What 0-9-1 alone has.

use std::time::{Duration, Instant};

use pika::broker::loopback::Loopback;
use pika::broker::{Plan, Server, Settings};
use pika::config::Config;
use pika::connection::{Event, Outcome};
use pika::table;

use super::amqp::{basic, confirm, connection, exchange, queue};
use super::suite::Client;
use crate::dialogue::{Heard, World};

type Connection = pika::blocking::Connection<super::amqp::Version>;

#[test]
fn confirms_of_one_turn_are_one_ack() {
    let mut it = Client::with_channel();
    it.says(1, &confirm::Select::new());
    it.hears::<confirm::SelectOk>(1);
    let mut bytes = pika::bytes::BytesMut::new();
    for _ in 0..3 {
        let publish = basic::Publish::new("", "nowhere");
        let content = (&publish, &basic::Properties::new(), &b"x"[..]);
        pika::frame::put_content(&mut bytes, pika::wire::ChannelId(1), content, 4096);
    }
    it.world.gives(it.id, &mut it.ear, &bytes);
    assert_eq!(it.hears::<basic::Ack>(1), basic::Ack::new(3).multiple(true));
    it.publishes(1, &basic::Publish::new("", "nowhere"), b"x");
    assert_eq!(it.hears::<basic::Ack>(1), basic::Ack::new(4));
}

#[test]
fn a_return_comes_before_its_ack() {
    let mut it = Client::with_channel();
    it.says(1, &confirm::Select::new());
    it.hears::<confirm::SelectOk>(1);
    it.publishes(1, &basic::Publish::new("", "nowhere").mandatory(true), b"");
    it.hears::<basic::Return>(1);
    it.hears_message();
    it.hears::<basic::Ack>(1);
}

#[test]
fn a_full_queue_refuses_with_a_nack() {
    let mut it = Client::with_channel();
    let arguments = table! { "x-max-length" => 1, "x-overflow" => "reject-publish" };
    it.declares(&queue::Declare::new("q").arguments(arguments));
    it.says(1, &confirm::Select::new());
    it.hears::<confirm::SelectOk>(1);
    it.publishes(1, &basic::Publish::new("", "q"), b"a");
    it.hears::<basic::Ack>(1);
    it.publishes(1, &basic::Publish::new("", "q"), b"b");
    assert_eq!(it.hears::<basic::Nack>(1).delivery_tag, 2.into());
}

#[test]
fn exchanges_lead_to_exchanges_and_not_in_circles() {
    let mut it = Client::with_channel();
    it.declares(&queue::Declare::new("q"));
    it.says(1, &exchange::Declare::new("a", "topic"));
    it.hears::<exchange::DeclareOk>(1);
    for bind in [
        exchange::Bind::new("amq.fanout", "a", "#"),
        exchange::Bind::new("a", "amq.fanout", ""),
    ] {
        it.says(1, &bind);
        it.hears::<exchange::BindOk>(1);
    }
    it.says(1, &queue::Bind::new("q", "amq.fanout", ""));
    it.hears::<queue::BindOk>(1);
    it.publishes(1, &basic::Publish::new("a", "k"), b"once");
    assert_eq!(it.drains("q"), [("once".to_owned(), false)]);
}

#[test]
fn publishers_are_told_when_memory_is_full_and_when_there_is_room() {
    let world = World::new(Settings::new().limits(2, 1 << 30));
    let mut it = Client::on(world, table! { "connection.blocked" => true });
    it.opens(1);
    it.declares(&queue::Declare::new("q"));
    for _ in 0..3 {
        it.publishes(1, &basic::Publish::new("", "q"), b"x");
    }
    it.hears::<connection::Blocked>(0);
    let mut other = Client::on(it.world, table! {});
    other.opens(1);
    assert_eq!(other.drains("q").len(), 2);
    let id = it.id;
    let heard = other.world.next(id, &mut it.ear);
    let unblocked = connection::Unblocked::new().into();
    assert_eq!(
        heard,
        Some(Heard::<super::amqp::Version>::Method(0, unblocked))
    );
    assert!(other.world.broker.reads(id));
}

#[test]
fn an_answer_comes_straight_back() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let connection = Connection::open(&*server.url()).unwrap();
    let channel = connection.channel().unwrap();
    channel
        .queue_declare(queue::Declare::new("service"))
        .unwrap();
    let reply_to = "amq.rabbitmq.reply-to";
    let mut replies = channel
        .consume(basic::Consume::new(reply_to).no_ack(true))
        .unwrap();
    let properties = basic::Properties::new().reply_to(reply_to);
    let ask = basic::Publish::new("", "service");
    channel.basic_publish(&ask, &properties, "ask").unwrap();
    let asked = channel.get(basic::Get::new("service")).unwrap().unwrap();
    let back = asked.properties().unwrap().reply_to.unwrap();
    channel.publish("", &back, "answer").unwrap();
    let answer = replies.next_within(Duration::from_secs(10)).unwrap();
    assert_eq!(answer.unwrap().body(), b"answer");
}

#[test]
fn blocked_comes_at_will() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let config = Config::from_uri(&server.url())
        .unwrap()
        .blocked_timeout(Duration::from_millis(100));
    let connection = Connection::open(config).unwrap();
    let channel = connection.channel().unwrap();
    let channel = channel.confirming().unwrap();
    let id = server.with(|broker| broker.connections().next()).unwrap();
    let settle = || channel.queue_declare(queue::Declare::new("q")).unwrap();
    server.with(|broker| {
        broker.faults().blocked(id, "a test");
    });
    settle();
    assert_eq!(connection.blocked().unwrap(), "a test");
    channel.publish("", "q", "held back").unwrap_err();
    server.with(|broker| {
        broker.faults().unblocked(id).on(id, Plan::new());
    });
    settle();
    let outcome = channel.publish_confirmed("", "q", "sent");
    assert!(matches!(outcome.unwrap(), Outcome::Acked));
}

#[test]
fn a_program_that_is_blocked_waits_as_long_as_it_wants_to_and_no_longer() {
    let mut world = Loopback::new(Settings::new(), Instant::now());
    let client = pika::connection::Connection::<super::amqp::Version>::new;
    let id = world.connect(client(Config::new(), world.now()));
    world.settle();
    world.broker().faults().blocked(id, "low on memory");
    let most = Duration::from_secs(30);
    let blocked = world.wait(id, most, |event| match event {
        Event::Blocked { reason } => Some(reason),
        _ => None,
    });
    assert_eq!(blocked.unwrap(), "low on memory");
    let start = world.now();
    let goes_on = |world: &mut Loopback<_>| {
        world.wait(id, most, |event| {
            matches!(event, Event::Unblocked).then_some(())
        })
    };
    assert_eq!(goes_on(&mut world), None);
    assert_eq!(world.now() - start, most);
    world.broker().faults().unblocked(id);
    assert_eq!(goes_on(&mut world), Some(()));
    assert_eq!(world.now() - start, most);
    assert_eq!(world.peer(id).blocked(), None);
}
