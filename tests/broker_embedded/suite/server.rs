//! The server behind its port, and our own client before it.

use std::thread;
use std::time::{Duration, Instant};

use pika::broker::{Ending, Moment, Plan, Refuse, Server, Settings};
use pika::config::Config;
use pika::error::Error;
use pika::wire::{ChannelId, ReplyCode};

use super::amqp;
use super::{SECOND, basic, queue};

type Connection = pika::blocking::Connection<amqp::Version>;

fn connect(server: &Server) -> Connection {
    Connection::open_as(&*server.url()).unwrap()
}

#[test]
fn the_whole_life_of_a_message() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let connection = connect(&server);
    let channel = connection.channel().unwrap();
    let queue = channel
        .queue_declare(queue::Declare::new(""))
        .unwrap()
        .queue;
    assert!(queue.as_bytes().starts_with(b"amq.gen-"));
    let body = vec![7; 300_000];
    channel.publish("", &queue, &body[..]).unwrap();
    let mut consumer = channel.consume(basic::Consume::new(&queue)).unwrap();
    let message = consumer.next_within(10 * SECOND).unwrap().unwrap();
    assert_eq!(message.body(), &body[..]);
    message.ack().unwrap();
    consumer.cancel().unwrap();
    let deleted = channel.queue_delete(queue::Delete::new(&queue)).unwrap();
    assert_eq!(deleted.message_count, 0);
    channel.close().unwrap();
    connection.close().unwrap();
}

#[test]
fn many_clients_at_once_lose_nothing() {
    const EACH: u32 = 500;
    let server = Server::bind("127.0.0.1:0").unwrap();
    let setup = connect(&server).channel().unwrap();
    setup.queue_declare(queue::Declare::new("all")).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let connection = connect(&server);
                let channel = connection.channel().unwrap();
                for n in 0..EACH {
                    channel.publish("", "all", &n.to_be_bytes()[..]).unwrap();
                }
                connection.close().unwrap();
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                let connection = connect(&server);
                let channel = connection.channel().unwrap();
                channel.basic_qos(basic::Qos::new(50)).unwrap();
                let mut consumer = channel.consume(basic::Consume::new("all")).unwrap();
                for _ in 0..2 * EACH {
                    let message = consumer.next_within(30 * SECOND).unwrap().unwrap();
                    message.ack().unwrap();
                }
                connection.close().unwrap();
            });
        }
    });
    assert_eq!(server.with(|broker| broker.held()), (0, 0));
}

#[test]
fn dropping_the_server_ends_every_connection_and_thread() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr();
    let connection = connect(&server);
    let channel = connection.channel().unwrap();
    let began = Instant::now();
    drop(server);
    assert!(began.elapsed() < 5 * SECOND);
    channel
        .queue_declare(queue::Declare::new("late"))
        .unwrap_err();
    std::net::TcpListener::bind(address).unwrap();
}

#[test]
fn a_client_is_done_with_every_way_the_handshake_can_fail() {
    let server = Server::bind_with(
        "127.0.0.1:0",
        Settings::new().silence(Duration::from_millis(10)),
    )
    .unwrap();
    let config = Config::from_uri(&server.url())
        .unwrap()
        .handshake_timeout(Duration::from_millis(300));
    for moment in [
        Moment::Header,
        Moment::StartOk,
        Moment::TuneOk,
        Moment::Open,
    ] {
        for way in [
            Refuse::Close(ReplyCode::NOT_ALLOWED, "not you".into()),
            Refuse::Eof,
            Refuse::Reset,
            Refuse::Silence,
            Refuse::WrongMethod,
            Refuse::Garbage(b"\xff\xff\xff\xff\xff\xff\xff\xff".to_vec().into()),
        ] {
            let plan = Plan::new().refuse_at(moment, way.clone());
            server.with(|broker| {
                broker.faults().on_next(plan);
            });
            let began = Instant::now();
            let error = Connection::open_as(config.clone()).unwrap_err();
            assert!(began.elapsed() < 5 * SECOND, "{moment:?} {way:?}: {error}");
        }
    }
    Connection::open_as(config).unwrap().close().unwrap();
}

#[test]
fn a_reply_that_never_comes_times_out() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    server.with(|broker| {
        let plan = Plan::new().withhold("queue.declare-ok");
        broker.faults().on_next(plan);
    });
    let config = Config::from_uri(&server.url())
        .unwrap()
        .rpc_timeout(Duration::from_millis(100));
    let connection = Connection::open_as(config).unwrap();
    let channel = connection.channel().unwrap();
    let error = channel.queue_declare(queue::Declare::new("q")).unwrap_err();
    assert!(matches!(error, Error::TimedOut(_)), "{error}");
}

#[test]
fn a_cut_in_the_middle_of_a_reply_is_noticed() {
    for cut in (380..700).step_by(23) {
        let server = Server::bind("127.0.0.1:0").unwrap();
        server.with(|broker| {
            let plan = Plan::new().cut_output_after(cut, Ending::Close);
            broker.faults().on_next(plan);
        });
        let outcome = Connection::open_as(&*server.url()).and_then(|connection| {
            let channel = connection.channel()?;
            (0..30).try_for_each(|_| channel.queue_declare(queue::Declare::new("q")).map(|_| ()))
        });
        outcome.unwrap_err();
    }
}

#[test]
fn flow_holds_the_client_back() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let config = Config::from_uri(&server.url())
        .unwrap()
        .blocked_timeout(Duration::from_millis(100));
    let connection = Connection::open_as(config).unwrap();
    let channel = connection.channel().unwrap();
    channel.queue_declare(queue::Declare::new("q")).unwrap();
    let flow = |active| {
        server.with(|broker| {
            let id = broker.connections().next().unwrap();
            broker.faults().flow(id, ChannelId(1), active);
        });
        // The answer to this comes behind the flow.
        channel.queue_declare(queue::Declare::new("q")).unwrap();
    };
    flow(false);
    channel.publish("", "q", "held back").unwrap_err();
    flow(true);
    channel.publish("", "q", "sent").unwrap();
    assert_eq!(
        channel
            .queue_declare(queue::Declare::new("q"))
            .unwrap()
            .message_count,
        1
    );
}
