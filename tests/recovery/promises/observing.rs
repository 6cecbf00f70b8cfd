//! What a program sees of the decisions.

use std::sync::{Arc, Mutex};

use pika::broker::{Broker, Settings};
use pika::config::{Config, Heartbeat};
use pika::recovery::Topology;
use pika::v0_9_1::queue;
use pika::wire::{ChannelId, ReplyCode};
use tokio::time::{sleep, timeout};

use super::{Client, LONG, SECOND, gone_and_back, publish, publisher, recovery, subscription};
use crate::world::World;

/// The lines that an observer has seen so far, which are taken out.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

async fn open(world: &World) -> (Client, Lines) {
    let lines = Lines::default();
    let seen = lines.clone();
    let recovery = recovery().observer(move |event| seen.0.lock().unwrap().push(event.to_string()));
    let config = Config::new()
        .heartbeat(Heartbeat::AtMost(10 * SECOND))
        .recovery(recovery);
    let connection = Client::open_with(world.clone(), config).await;
    (connection.expect("the broker is there"), lines)
}

#[tokio::test(start_paused = true)]
async fn p06_each_decision_is_a_line() {
    let world = World::new(1);
    let (connection, lines) = open(&world).await;
    let topology = Topology::new().with(queue::Declare::new("work").durable(true));
    connection.keep(topology).await.unwrap();
    let publisher = publisher(&connection).await;
    let _subscription = subscription(&connection).await;
    assert_eq!(
        lines.take(),
        [
            "attempt 1 to connect",
            "connected to `localhost` (port 5672)",
            "ready after 0.0ns",
            "the topology is declared, 1 step",
        ]
    );

    world.with(|state, _| {
        let id = state.broker.connections().last().unwrap();
        let plan = pika::broker::Plan::new().withhold("basic.ack");
        state.broker.faults().on(id, plan);
        state.is_down = true;
    });
    let confirm = publish(&publisher, "one").await;
    sleep(SECOND / 100).await;
    world.cut();
    sleep(SECOND / 10).await;
    world.with(|state, _| state.is_down = false);
    gone_and_back(&connection).await;
    assert!(timeout(LONG, confirm).await.expect("an outcome").is_acked());
    let unreachable =
        "could not connect to `localhost` (port 5672): 127.0.0.1:5672: connection refused";
    assert_eq!(
        lines.take(),
        [
            "the connection is lost, the next attempt follows in 50.0ms: connection closed: the server ended the transport".into(),
            "attempt 1 to connect".into(),
            format!("attempt 1 failed, the next follows in 100.0ms: {unreachable}"),
            "attempt 2 to connect".into(),
            "connected to `localhost` (port 5672)".into(),
            "the topology is declared, 1 step".into(),
            "ready after 150.0ms".into(),
            "a publisher sends 1 message again".into(),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn p06_what_is_refused_is_a_line_too() {
    let world = World::new(1);
    let (connection, lines) = open(&world).await;
    let topology = Topology::new().with(queue::Declare::new("work").durable(true));
    connection.keep(topology).await.unwrap();
    let _publisher = publisher(&connection).await;
    lines.take();
    world.with(|state, _| {
        let id = state.broker.connections().last().unwrap();
        let code = ReplyCode::PRECONDITION_FAILED;
        let mut faults = state.broker.faults();
        faults.close_channel(id, ChannelId(1), code, "PRECONDITION_FAILED - so it is");
    });
    sleep(SECOND).await;
    let seen = lines.take();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(seen[0].starts_with("the channel of a publisher is lost, it is opened again in "));
    assert!(seen[0].contains("refused: ") && seen[0].contains("so it is"));

    // Somebody else has declared the queue in another way.
    world.with(|state, now| {
        state.broker = Broker::new(Settings::new());
        state.broker.restart(now);
        state.is_down = true;
    });
    let other = Client::open_with(world.clone(), Config::new());
    world.with(|state, _| state.is_down = false);
    let other = other.await.unwrap();
    let unequal = queue::Declare::new("work").durable(true).auto_delete(true);
    let channel = other.channel().await.unwrap();
    channel.queue_declare(unequal).await.unwrap();
    world.cut();
    gone_and_back(&connection).await;
    let seen = lines.take();
    let refused = seen.iter().find(|line| line.contains("is skipped"));
    let refused = refused.unwrap_or_else(|| panic!("{seen:?}"));
    assert!(
        refused
            .starts_with("queue.declare, step 0 of a topology, is skipped from now on: refused: ")
    );
    connection.close().await.unwrap();
    let seen = lines.take();
    assert_eq!(
        seen,
        ["stopped: connection closed: by the program, 200 REPLY_SUCCESS: Normal shutdown"]
    );
}
