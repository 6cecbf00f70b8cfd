//! Tasks and dropped futures over sockets: with the embedded broker, and with the one that
//! `AMQP_URL` names if it is set. What needs neither is one of the jobs of `tests/adapters`.

use std::time::Duration;

use pika::broker::Server;
use pika::config::Config;
use pika::wire::ShortStr;

use super::amqp::{Version, basic, queue};
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

/// A connection to each broker, with a channel and a queue that ends with it.
async fn desks<F: Flavour>() -> Vec<Desk<F>> {
    let mut desks = Vec::new();
    for (config, server) in brokers() {
        let connection: Connection<F> = F::open(config).await.unwrap();
        let channel = connection.channel().await.unwrap();
        let declare = queue::Declare::new("").exclusive(true);
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

over_sockets! {
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
