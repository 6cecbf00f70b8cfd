//! Publishes and consumes numbers while a seed breaks everything, and checks what must hold then.

use std::collections::BTreeMap;
use std::env;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pika::asynchronous::{Connection, Publisher, Subscription, SubscriptionEvent};
use pika::config::{Config, Heartbeat};
use pika::connection::{Outcome, Settled};
use pika::protocol::Protocol;
use pika::recovery::{Recovery, Topology};
use pika::v0_8::V0_8;
use pika::v0_9_1::{basic, exchange, queue};
use pika::wire::{ChannelId, ReplyCode};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::sealed::trusting;
use crate::world::{World, now};

/// The time that everything has to come to rest after the last fault.
const REST: Duration = Duration::from_secs(600);

/// The ports by which the connections are told apart.
const PORT: u16 = 1;
const OLD_PORT: u16 = 2;

type Client = Connection<World>;

/// What a run has seen.
#[derive(Default)]
struct Seen {
    /// Each receipt, in order.
    receipts: Vec<u64>,
    gaps: u64,
    reconnects: u64,
    channel_closes: u64,
}

/// What differs from seed to seed.
struct Plan {
    messages: u64,
    window: usize,
    prefetch: u16,
    poison: bool,
}

/// What differs from run to run of all seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One connection publishes and consumes.
    Plain,
    /// The same over TLS.
    Encrypted,
    /// A connection publishes, and another one that speaks 0-8 consumes.
    Old,
}

#[test]
fn nothing_is_lost_whatever_breaks() {
    all(Kind::Plain, number("PIKA_SEEDS").unwrap_or(300));
}

#[test]
fn nothing_is_lost_whatever_breaks_in_0_8() {
    all(Kind::Old, number("PIKA_SEEDS").unwrap_or(300));
}

#[test]
fn nothing_is_lost_whatever_breaks_over_tls() {
    all(
        Kind::Encrypted,
        number("PIKA_SEEDS").map_or(50, |seeds| seeds / 20),
    );
}

fn all(kind: Kind, seeds: u64) {
    if let Some(seed) = number("PIKA_SEED") {
        run(seed, kind, true);
        return;
    }
    let start = std::time::Instant::now();
    for seed in 0..seeds {
        let run = std::panic::catch_unwind(|| run(seed, kind, false));
        assert!(
            run.is_ok(),
            "seed {seed}, {kind:?}: PIKA_SEED={seed} shows it"
        );
    }
    let rate = seeds as f64 / start.elapsed().as_secs_f64();
    println!("{kind:?}: {seeds} seeds hold, {rate:.0} a second");
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().expect("a number in the environment"))
}

fn run(seed: u64, kind: Kind, traced: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(one(seed, kind, traced));
}

async fn one(seed: u64, kind: Kind, traced: bool) {
    let world = World::new(seed);
    world.lock().is_encrypted = kind == Kind::Encrypted;
    let plan = {
        let mut state = world.lock();
        let rng = &mut state.rng;
        Plan {
            messages: 20 + rng.below(60),
            window: 1 + rng.below(12) as usize,
            prefetch: 1 + rng.below(12) as u16,
            poison: rng.once_in(3),
        }
    };
    let connection: Client = open(&world, (kind, PORT)).await;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let watching = tokio::spawn(watch(connection.clone(), seen.clone(), traced));
    connection
        .keep(topology())
        .await
        .expect("nothing refuses the topology");
    let publisher = connection.publisher().window(plan.window).open();
    let publisher = timeout(REST, publisher).await.expect("it opens");
    let publisher = publisher.expect("nothing refuses the publisher");
    let how = (plan.prefetch, traced);
    let (consuming, stop) = match kind {
        Kind::Plain | Kind::Encrypted => {
            let consume = basic::Consume::new("work");
            begin_consuming(&world, &connection, consume, (&seen, how)).await
        }
        Kind::Old => {
            let old: Connection<World, V0_8> = open(&world, (kind, OLD_PORT)).await;
            tokio::spawn(watch(old.clone(), seen.clone(), traced));
            let work = pika::v0_8::queue::Declare::new("work").durable(true);
            let kept = old.keep(Topology::new().with(work)).await;
            kept.expect("nothing refuses the topology");
            let consume = pika::v0_8::basic::Consume::new("work");
            let begun = begin_consuming(&world, &old, consume, (&seen, how)).await;
            let (consuming, stop) = begun;
            let close: Stop = Box::new(move || {
                stop();
                tokio::spawn(async move { old.close().await });
            });
            (consuming, close)
        }
    };

    let breaking = tokio::spawn(break_things(world.clone(), seen.clone(), traced));
    let (messages, poison) = (plan.messages, plan.poison);
    let outcomes = tokio::spawn(publish(world.clone(), publisher.clone(), messages, poison));
    breaking.await.unwrap();
    let outcomes = timeout(REST, outcomes)
        .await
        .expect("a publish without an outcome")
        .unwrap();
    let acked: Vec<u64> = outcomes
        .iter()
        .filter(|(_, acked)| **acked)
        .map(|(it, _)| *it)
        .collect();
    let is_done = || {
        let seen = seen.lock().unwrap();
        acked.iter().all(|number| seen.receipts.contains(number))
    };
    let arrival = async {
        while !is_done() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    if timeout(REST, arrival).await.is_err() {
        let seen = seen.lock().unwrap();
        let missing = acked
            .iter()
            .filter(|number| !seen.receipts.contains(number));
        let queue = world.lock().broker.queue("/", "work");
        let (status, missing) = (connection.status(), missing.collect::<Vec<_>>());
        panic!("{status}, {queue:?}: acknowledged and not received: {missing:?}");
    }
    let opened = async {
        while !connection.status().is_open() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(REST, opened)
        .await
        .expect("a connection that stays away");
    check(&world, &plan, &outcomes, &seen.lock().unwrap());

    stop();
    timeout(REST, consuming)
        .await
        .expect("a subscription that does not stop")
        .unwrap();
    timeout(REST, connection.close())
        .await
        .expect("a close that does not end")
        .ok();
    timeout(REST, watching)
        .await
        .expect("a watch that does not end")
        .unwrap();
    assert_eq!(publisher.unresolved(), 0, "without an outcome at the end");
    sleep(Duration::from_secs(60)).await;
    assert_eq!(world.lock().transports, 0, "transports that are left");
}

/// Begins to consume. Returns the task that does, and what stops the subscription.
async fn begin_consuming<P: Protocol>(
    world: &World,
    connection: &Connection<World, P>,
    from: P::Consume,
    (seen, (prefetch, traced)): (&Arc<Mutex<Seen>>, (u16, bool)),
) -> (JoinHandle<()>, Stop) {
    let subscription = connection.subscribe(from).prefetch(prefetch).open();
    let subscription = timeout(REST, subscription).await.expect("it opens");
    let subscription = subscription.expect("nothing refuses the consumer");
    let stop = subscription.handle();
    let consuming = consume(
        world.clone(),
        subscription,
        seen.clone(),
        (prefetch, traced),
    );
    (tokio::spawn(consuming), Box::new(move || stop.stop()))
}

/// Stops a subscription.
type Stop = Box<dyn FnOnce()>;

async fn open<P: Protocol>(world: &World, (kind, port): (Kind, u16)) -> Connection<World, P> {
    let recovery = Recovery::new()
        .delays(Duration::from_millis(100), Duration::from_secs(1))
        .including_first();
    let recovery = {
        let world = world.clone();
        recovery.random(move || world.below(1000) as f64 / 1000.0)
    };
    let mut config = Config::new()
        .port(port)
        .heartbeat(Heartbeat::AtMost(Duration::from_secs(2)))
        .recovery(recovery);
    if kind == Kind::Encrypted {
        config = config.tls(trusting());
    }
    Connection::open_with(world.clone(), config)
        .await
        .expect("the first attempt succeeds")
}

fn topology() -> Topology {
    Topology::new()
        .with(exchange::Declare::new("orders", "topic").durable(true))
        .with(queue::Declare::new("work").durable(true))
        .with(queue::Bind::new("work", "orders", "#"))
        // Gone after a restart of the broker.
        .with(queue::Declare::new("copies"))
        .with(queue::Bind::new("copies", "orders", "#"))
}

async fn watch<P: Protocol>(
    connection: Connection<World, P>,
    seen: Arc<Mutex<Seen>>,
    traced: bool,
) {
    let mut changes = connection.status_changes();
    while let Some(status) = changes.next().await {
        if traced {
            println!("{:?}: {status}", now());
        }
        if status.is_open() {
            seen.lock().unwrap().reconnects += 1;
        }
    }
}

/// Publishes all numbers in order. Returns which of them the broker acknowledged.
async fn publish(
    world: World,
    publisher: Publisher,
    messages: u64,
    poison: bool,
) -> BTreeMap<u64, bool> {
    let mut waiting = Vec::new();
    for number in 1..=messages {
        let is_poison = poison && world.below(10) == 0;
        let mut properties = basic::Properties::new().persistent();
        if is_poison {
            // The broker closes the channel over it.
            properties = properties.user_id("another");
        }
        let body = number.to_be_bytes().to_vec();
        let confirm = loop {
            let message = properties.clone().body(body.clone());
            match publisher.publish("orders", "created", message).await {
                Ok(confirm) => break confirm,
                Err(refused) => {
                    assert!(refused.error.is_retriable(), "{}", refused.error);
                }
            }
        };
        waiting.push((number, is_poison, confirm));
        if world.below(4) == 0 {
            let pause = world.below(30);
            sleep(Duration::from_millis(pause)).await;
        }
    }
    let mut outcomes = BTreeMap::new();
    for (number, is_poison, confirm) in waiting {
        let outcome = confirm.await;
        match &outcome {
            Outcome::Acked => assert!(!is_poison, "{number} was acknowledged"),
            Outcome::Lost(reason) => assert!(is_poison, "{number} was lost: {reason}"),
            Outcome::Nacked | Outcome::Returned(_) => panic!("{number}: {outcome:?}"),
        }
        outcomes.insert(number, outcome.is_acked());
    }
    outcomes
}

async fn consume<P: Protocol>(
    world: World,
    mut subscription: Subscription<P>,
    seen: Arc<Mutex<Seen>>,
    (prefetch, traced): (u16, bool),
) {
    let mut in_hand = Vec::new();
    loop {
        match subscription
            .next_event()
            .await
            .expect("the subscription goes on")
        {
            None => break,
            Some(SubscriptionEvent::Gap { reason, away }) => {
                if traced {
                    println!("{:?}: gap of {away:?}: {reason}", now());
                }
                seen.lock().unwrap().gaps += 1;
            }
            Some(SubscriptionEvent::Delivery(delivery)) => {
                let number = u64::from_be_bytes(delivery.body()[..8].try_into().unwrap());
                seen.lock().unwrap().receipts.push(number);
                in_hand.push(delivery);
            }
            Some(_) => {}
        }
        if world.below(3) == 0 {
            sleep(Duration::from_millis(world.below(20))).await;
        }
        // Fewer than the prefetch count, else nothing more comes.
        while in_hand.len() > world.below(u64::from(prefetch.min(3))) as usize {
            let delivery = in_hand.remove(0);
            let settled = delivery.ack().expect("it is to be acknowledged");
            assert!(matches!(settled, Settled::Queued | Settled::Stale));
        }
    }
}

/// Breaks things for some seconds, then mends everything.
async fn break_things(world: World, seen: Arc<Mutex<Seen>>, traced: bool) {
    let faults = 1 + world.below(12);
    for _ in 0..faults {
        sleep(Duration::from_millis(1 + world.below(300))).await;
        let fault = world.below(12);
        if traced {
            println!("{:?}: fault {fault}", now());
        }
        match fault {
            0 => world.cut(),
            1 => world.restart(),
            2 => {
                world.restart();
                world.lock().is_down = true;
                sleep(Duration::from_millis(world.below(3000))).await;
                world.lock().is_down = false;
            }
            3..=5 => {
                // Transports that end somewhere in what recovery says and hears.
                world.with(|state, _| {
                    for _ in 0..1 + state.rng.below(3) {
                        let cut = (
                            state.rng.below(1200) as usize,
                            state.rng.below(1600) as usize,
                        );
                        state.cuts.push(cut);
                    }
                    state.epoch += 1;
                });
            }
            6 => {
                world.with(|state, _| state.is_silent = true);
                sleep(Duration::from_millis(world.below(9000))).await;
                world.with(|state, _| state.is_silent = false);
            }
            _ => world.with(|state, now| fail_at_broker(state, &seen, fault, now)),
        }
    }
    world.with(|state, _| state.cuts.clear());
}

/// A fault that the broker announces.
fn fail_at_broker(
    state: &mut crate::world::State,
    seen: &Mutex<Seen>,
    fault: u64,
    now: std::time::Instant,
) {
    let _now = now;
    let channel = ChannelId(1 + state.rng.below(3) as u16);
    let Some(id) = state.broker.connections().last() else {
        return;
    };
    let mut faults = state.broker.faults();
    match fault {
        7 => drop(faults.close(id, ReplyCode::CONNECTION_FORCED, "for a test")),
        8 => {
            seen.lock().unwrap().channel_closes += 1;
            faults.close_channel(id, channel, ReplyCode::RESOURCE_ERROR, "for a test");
        }
        9 => drop(faults.cancel(id, channel, "ctag0")),
        10 => drop(faults.blocked(id, "for a test")),
        _ => drop(faults.unblocked(id)),
    }
    if fault == 10 {
        // The block ends with the connection, or with this.
        faults.unblocked(id);
    }
}

fn check(world: &World, plan: &Plan, outcomes: &BTreeMap<u64, bool>, seen: &Seen) {
    let mut first = Vec::new();
    for number in &seen.receipts {
        if !first.contains(number) {
            first.push(*number);
        }
    }
    assert!(first.is_sorted(), "first receipts out of order: {first:?}");
    let poison = outcomes.values().filter(|acked| !**acked).count() as u64;
    let duplicates = (seen.receipts.len() - first.len()) as u64;
    let breaks = seen.gaps + seen.reconnects + seen.channel_closes + poison * 4;
    let most = breaks * (plan.window as u64 + u64::from(plan.prefetch) + 3);
    assert!(
        duplicates <= most,
        "{duplicates} duplicates, at most {most}"
    );
    let state = world.lock();
    for port in [PORT, OLD_PORT] {
        let attempts = state.attempts.iter().zip(&state.ports);
        let attempts: Vec<_> = attempts.filter(|it| *it.1 == port).collect();
        let waits = attempts.windows(2).map(|pair| *pair[1].0 - *pair[0].0);
        let shortest = waits.min();
        assert!(
            shortest.is_none_or(|wait| wait >= Duration::from_millis(1)),
            "{shortest:?}"
        );
    }
    assert!(
        state.broker.queue("/", "copies").is_some(),
        "the topology is not what was kept"
    );
}
