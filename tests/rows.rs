//! What the project promises at the top of its list, one test for each promise that no suite of an
//! adapter proves by itself. The others are named in the same way where their adapters are tested:
//! `grep -rn 'fn r[0-9][0-9]_' tests`.
//!
//! Against the broker that `AMQP_URL` names, or an embedded one where there is none.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic, and its helpers with it"
)]

use std::time::{Duration, Instant};

use pika::broker::{Server, Settings};
use pika::config::{Config, Heartbeat};

const SOON: Duration = Duration::from_secs(10);

/// A session from the protocol header to the close, with a message that comes back, in the version
/// whose module is named.
macro_rules! full_session {
    ($version:ident) => {{
        use pika::$version::{Version, basic, channel, exchange, queue, tx};

        let (url, _embedded) = Server::unless_given("AMQP_URL").unwrap();
        let connection = pika::blocking::Connection::<Version>::open_as(&*url).unwrap();
        let properties = connection.server_properties();
        let product = properties.get("product").unwrap();
        assert!(product.as_bytes().is_some(), "{product:?}");
        let on = connection.channel().unwrap();
        let name = on
            .queue_declare(queue::Declare::new("").exclusive(true))
            .unwrap()
            .queue;
        let logs = format!("rows-{}-{}", stringify!($version), std::process::id());
        let logs = pika::wire::ShortStr::new(logs).unwrap();
        on.exchange_declare(exchange::Declare::new(logs.clone(), "topic").auto_delete(true))
            .unwrap();
        on.queue_bind(queue::Bind::new(name.clone(), logs.clone(), "a.*"))
            .unwrap();

        on.tx_select(tx::Select::new()).unwrap();
        let properties = basic::Properties::new().content_type("text/plain");
        let publish = basic::Publish::new(logs.clone(), "a.b");
        on.basic_publish(&publish, &properties, "one").unwrap();
        on.basic_publish(&publish, &properties, "two").unwrap();
        on.tx_commit(tx::Commit::new()).unwrap();

        on.basic_qos(basic::Qos::new(10)).unwrap();
        let fetched = on.get(basic::Get::new(name.clone())).unwrap().unwrap();
        assert_eq!(
            (fetched.body(), fetched.message_count()),
            (&b"one"[..], Some(1))
        );
        fetched.reject(true).unwrap();
        on.tx_commit(tx::Commit::new()).unwrap();
        let mut consumer = on.consume(basic::Consume::new(name.clone())).unwrap();
        for (body, again) in [("one", true), ("two", false)] {
            let delivery = consumer.next_within(SOON).unwrap().unwrap();
            assert_eq!(delivery.properties().unwrap(), properties);
            assert_eq!(delivery.routing_key(), "a.b");
            assert_eq!(
                (delivery.body(), delivery.redelivered()),
                (body.as_bytes(), again)
            );
            delivery.ack().unwrap();
        }
        on.tx_commit(tx::Commit::new()).unwrap();
        consumer.cancel().unwrap();
        assert_eq!(
            on.queue_purge(queue::Purge::new(name))
                .unwrap()
                .message_count,
            0
        );
        let again = connection.channel().unwrap();
        again
            .channel_flow(channel::Flow::new().active(true))
            .unwrap();
        again.close().unwrap();
        connection.close().unwrap();
    }};
}

#[test]
fn r01_a_full_session_in_0_8() {
    full_session!(v0_8);
}

#[test]
fn r02_the_same_session_in_0_9_1() {
    full_session!(v0_9_1);
}

/// A whole day of a connection without a socket, a clock or a thread.
#[test]
fn r03_the_core_needs_no_network_library() {
    use pika::broker::loopback::Loopback;
    use pika::connection::{Connection, Event};
    use pika::v0_9_1::{V0_9_1, basic, queue};

    let start = Instant::now();
    let mut world = Loopback::new(Settings::new(), start);
    let config = Config::new().heartbeat(Heartbeat::AtMost(Duration::from_secs(10)));
    let id = world.connect(Connection::<V0_9_1>::new(config, world.now()));
    world.settle();
    let now = world.now();
    let (channel, _) = world.peer(id).open_channel(now).unwrap();
    let mut on = world.peer(id).channel(channel).unwrap();
    on.call(queue::Declare::new("q"), now).unwrap();
    on.consume(basic::Consume::new("q"), now).unwrap();
    world.settle();
    world.advance(Duration::from_secs(24 * 60 * 60));
    let mut on = world.peer(id).channel(channel).unwrap();
    on.publish(
        &basic::Publish::new("", "q"),
        &basic::Properties::new(),
        "late",
    )
    .unwrap();
    let delivery = world.wait(id, SOON, |event| match event {
        Event::Deliveries { .. } => Some(()),
        _ => None,
    });
    assert!(delivery.is_some(), "nothing came");
    let delivery = world.peer(id).next_delivery();
    assert_eq!(delivery.unwrap().content().body(), b"late");
    assert!(
        world.peer(id).bytes_sent() > 8640,
        "heartbeats went all day"
    );
}

/// What was on the horizon: a runtime for futures and a loop that the caller owns, side by side,
/// over the same core and the same queue.
#[test]
fn r09_an_async_runtime_and_a_loop_of_the_callers_own_work_side_by_side() {
    use pika::v0_9_1::{basic, queue};
    use std::cell::Cell;
    use std::rc::Rc;

    let server = Server::bind("127.0.0.1:0").unwrap();
    let url = server.url().to_string();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let connection = pika::tokio::Connection::open(&*url).await.unwrap();
        let channel = connection.channel().await.unwrap();
        channel
            .queue_declare(queue::Declare::new("q"))
            .await
            .unwrap();
        channel.publish("", "q", "across").await.unwrap();
        connection.close().await.unwrap();
    });
    let events = pika::callbacks::Loop::new().unwrap();
    let connection = pika::callbacks::Connection::connect(&*url).unwrap();
    events.add(&connection).unwrap();
    let heard = Rc::new(Cell::new(false));
    let hears = heard.clone();
    connection.open_channel().then(move |channel| {
        channel?
            .get(basic::Get::new("q").no_ack(true))
            .then(move |found| {
                let delivery = found?.expect("the message is there");
                hears.set(delivery.body() == b"across");
                delivery.channel().connection().clone().close();
                Ok::<_, pika::Error>(())
            });
        Ok::<_, pika::Error>(())
    });
    events.run().unwrap();
    assert!(heard.get());
}

/// What a value shows, in both versions.
macro_rules! shown {
    ($($value:expr => $text:literal)*) => {
        $({
            use pika::v0_9_1::{basic, queue};
            assert_eq!(format!("{:?}", $value), $text);
        }
        {
            use pika::v0_8::{basic, queue};
            assert_eq!(format!("{:?}", $value), $text);
        })*
    };
}

#[test]
#[allow(unused_imports, reason = "not each value needs each class")]
fn s43_debug_is_a_constructor_with_what_is_not_default() {
    shown! {
        queue::Declare::new("q") => r#"Declare { queue: "q" }"#
        queue::Declare::new("q").durable(true) => r#"Declare { queue: "q", durable: true }"#
        queue::DeclareOk::new("q", 0, 0)
            => r#"DeclareOk { queue: "q", message_count: 0, consumer_count: 0 }"#
        basic::Publish::new("", "q") => r#"Publish { exchange: "", routing_key: "q" }"#
        basic::Properties::new() => "Properties"
        basic::Properties::new().priority(0).persistent()
            => "Properties { delivery_mode: 2, priority: 0 }"
    }
    let config = format!("{:?}", Config::new().host("here"));
    assert!(
        config.contains("here") && !config.contains("port"),
        "{config}"
    );
}
