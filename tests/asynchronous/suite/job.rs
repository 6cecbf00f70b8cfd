//! The whole main job over sockets, by the names of the specification: with the embedded broker,
//! and with the one that `AMQP_URL` names if it is set.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pika::broker::Server;
use pika::config::Config;
use pika::wire::{ReplyCode, ShortStr};

use super::amqp::{Methods as _, Version, basic, exchange, queue, tx};
use super::stage::reason;
use super::*;
use crate::flavour::{Flavour, sleep};
use crate::task::spawn;

/// The brokers to try things with, and what keeps them running.
fn brokers() -> Vec<(Config, Option<Server>)> {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let own = Config::from_uri(&server.url()).unwrap();
    let mut brokers = vec![(own, Some(server))];
    if let Ok(url) = std::env::var("AMQP_URL") {
        brokers.push((Config::from_uri(&url).unwrap(), None));
    }
    brokers
}

/// A name that no other test uses at the same time.
fn unique(what: &str) -> ShortStr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    ShortStr::new(format!("pika-async-{what}-{}-{number}", std::process::id())).unwrap()
}

/// A connection to each broker, with a channel and a queue that ends with it.
async fn desks<F: Flavour>() -> Vec<Desk<F>> {
    let mut desks = Vec::new();
    for (config, server) in brokers() {
        let connection: Connection<F> = F::open(config).await.unwrap();
        let channel = connection.channel().await.unwrap();
        let declare = queue::Declare::new(unique("queue")).exclusive(true);
        let queue = channel.queue_declare(declare).await.unwrap().queue;
        desks.push(Desk {
            connection,
            channel,
            queue,
            _server: server,
        });
    }
    desks
}

struct Desk<F: Flavour> {
    connection: Connection<F>,
    channel: Channel,
    queue: ShortStr,
    _server: Option<Server>,
}

impl<F: Flavour> Desk<F> {
    async fn publish(&self, body: &'static str) {
        self.channel.publish("", &self.queue, body).await.unwrap();
    }

    /// A message that is still on its way.
    async fn fetch(&self) -> stage::Delivery {
        for _ in 0..1_000 {
            let get = basic::Get::new(&self.queue);
            if let Some(fetched) = self.channel.basic_get(get).await.unwrap() {
                return fetched;
            }
            sleep::<F>(Duration::from_millis(2)).await;
        }
        panic!("no message came");
    }
}

over_sockets! {
    async fn messages_are_routed_consumed_and_settled() {
        for desk in desks::<F>().await {
            let (channel, name) = (&desk.channel, unique("exchange"));
            let declare = exchange::Declare::new(&name, "topic").auto_delete(true);
            channel.exchange_declare(declare).await.unwrap();
            let bind = queue::Bind::new(&desk.queue, &name, "orders.*");
            channel.queue_bind(bind).await.unwrap();
            channel.basic_qos(basic::Qos::new(10)).await.unwrap();
            let consume = basic::Consume::new(&desk.queue).consumer_tag("mine");
            let mut consumer = channel.basic_consume(consume).await.unwrap();
            assert_eq!(consumer.tag().unwrap(), "mine");
            let properties = basic::Properties::new().content_type("text/plain");
            for body in ["one", "two", "three"] {
                let publish = basic::Publish::new(&name, "orders.new");
                channel.basic_publish(&publish, &properties, body).await.unwrap();
                channel.publish(&name, "letters.new", "not for us").await.unwrap();
            }
            for (body, again) in [("one", false), ("two", false), ("three", false), ("two", true)] {
                let delivery = consumer.next().await.unwrap().unwrap();
                let found = (&delivery.body()[..], delivery.redelivered());
                assert_eq!(found, (body.as_bytes(), again));
                assert_eq!(delivery.routing_key(), "orders.new");
                assert_eq!(delivery.properties().unwrap(), properties);
                match (body, again) {
                    ("two", false) => delivery.reject(true).unwrap(),
                    _ => delivery.ack().unwrap(),
                }
            }
            consumer.cancel().await.unwrap();
            let left = channel.queue_delete(queue::Delete::new(&desk.queue)).await.unwrap();
            assert_eq!(left.message_count, 0);
            channel.close().await.unwrap();
            desk.connection.close().await.unwrap();
        }
    }

    async fn messages_are_fetched_one_by_one() {
        for desk in desks::<F>().await {
            let get = || desk.channel.get(basic::Get::new(&desk.queue));
            assert!(get().await.unwrap().is_none());
            desk.publish("first").await;
            desk.publish("second").await;
            let first = desk.fetch().await;
            assert!(first.message_count().is_some());
            let second = desk.fetch().await;
            assert_eq!((&first.body()[..], &second.body()[..]), (&b"first"[..], &b"second"[..]));
            second.ack_all().unwrap();
            assert!(first.ack().is_err(), "it was settled with the second");
            assert!(get().await.unwrap().is_none());
            desk.connection.close().await.unwrap();
        }
    }

    async fn unsettled_messages_come_again_after_recover() {
        for desk in desks::<F>().await {
            desk.publish("again").await;
            let stale = desk.fetch().await;
            let recover = basic::Recover::new().requeue(true);
            desk.channel.basic_recover(recover).await.unwrap();
            assert!(stale.ack().is_err(), "it has gone back");
            let again = desk.fetch().await;
            assert!(again.redelivered());
            again.ack().unwrap();
            desk.connection.close().await.unwrap();
        }
    }

    async fn transactions_commit_and_roll_back() {
        for desk in desks::<F>().await {
            desk.channel.tx_select(tx::Select::new()).await.unwrap();
            desk.publish("rolled back").await;
            desk.channel.tx_rollback(tx::Rollback::new()).await.unwrap();
            desk.publish("committed").await;
            desk.channel.tx_commit(tx::Commit::new()).await.unwrap();
            let fetched = desk.fetch().await;
            assert_eq!(&fetched.body()[..], b"committed");
            fetched.ack().unwrap();
            desk.channel.tx_commit(tx::Commit::new()).await.unwrap();
            desk.connection.close().await.unwrap();
        }
    }

    async fn messages_that_reach_no_queue_come_back() {
        for desk in desks::<F>().await {
            let lost = basic::Publish::new("", unique("nowhere")).mandatory(true);
            let properties = basic::Properties::new().message_id("42");
            desk.channel.basic_publish(&lost, &properties, "back").await.unwrap();
            let returned = desk.channel.next_returned().await.unwrap();
            assert_eq!((returned.code, &returned.content.body()[..]), (ReplyCode::NO_ROUTE, &b"back"[..]));
            assert_eq!(returned.content.properties().unwrap(), properties);
            desk.connection.close().await.unwrap();
        }
    }

    async fn what_the_server_refuses_closes_the_channel_and_says_why() {
        for desk in desks::<F>().await {
            let missing = queue::Declare::new(unique("missing")).passive(true);
            let why = reason(desk.channel.queue_declare(missing).await);
            assert_eq!(why.code(), Some(ReplyCode::NOT_FOUND));
            assert_eq!(desk.channel.wait_closed().await, why);
            let next = desk.connection.channel().await.unwrap();
            assert_eq!(next.id(), desk.channel.id());
            let why_again = reason(desk.channel.publish("", "q", "x").await);
            assert_eq!(why_again, why);
            desk.connection.close().await.unwrap();
        }
    }

    async fn bodies_of_all_sizes_arrive_as_they_were() {
        for desk in desks::<F>().await {
            let consume = basic::Consume::new(&desk.queue).no_ack(true);
            let mut consumer = desk.channel.consume(consume).await.unwrap();
            let frame = desk.connection.tuning().frame_max as usize - 8;
            for size in [0, 1, 4_000, frame - 1, frame, frame + 1, 2 * frame, 3_000_000] {
                let body: Vec<u8> = (0..size).map(|at| (at * 31 % 251) as u8).collect();
                desk.channel.publish("", &desk.queue, &body).await.unwrap();
                let received = consumer.next().await.unwrap().unwrap();
                assert!(received.body()[..] == body, "a body of {size} bytes");
            }
            desk.connection.close().await.unwrap();
        }
    }

    async fn a_task_produces_while_another_consumes() {
        for desk in desks::<F>().await {
            let consume = basic::Consume::new(&desk.queue);
            let mut consumer = desk.channel.consume(consume).await.unwrap();
            let (producing, queue) = (desk.connection.channel().await.unwrap(), desk.queue.clone());
            let producer = spawn::<F, _>(async move {
                for number in 0..2_000_u32 {
                    producing.publish("", &queue, &number.to_be_bytes()).await.unwrap();
                }
            });
            for number in 0..2_000_u32 {
                let delivery = consumer.next().await.unwrap().unwrap();
                assert_eq!(delivery.body()[..], number.to_be_bytes());
                delivery.ack().unwrap();
            }
            producer.await;
            consumer.cancel().await.unwrap();
            let purge = queue::Purge::new(&desk.queue);
            assert_eq!(desk.channel.queue_purge(purge).await.unwrap().message_count, 0);
            desk.connection.close().await.unwrap();
        }
    }

    async fn futures_dropped_over_sockets_leave_nothing_at_the_server() {
        for (config, server) in brokers() {
            for polls in 0..8 {
                let mut opening = Box::pin(F::open::<Version>(config.clone()));
                for _ in 0..polls {
                    if crate::task::poll_once(opening.as_mut()).await.is_ready() {
                        break;
                    }
                    sleep::<F>(Duration::from_micros(300)).await;
                }
            }
            let Some(server) = server else { continue };
            for _ in 0..500 {
                if server.with(|broker| broker.connections().count()) == 0 {
                    break;
                }
                sleep::<F>(Duration::from_millis(2)).await;
            }
            assert_eq!(server.with(|broker| broker.connections().count()), 0);
        }
    }
}
