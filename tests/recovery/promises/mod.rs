//! The promises of `docs/recovery.md`, one by one.

mod accepting;
mod connectors;
mod ending;
mod hosts;
mod observing;

use std::time::Duration;

use pika::Error;
use pika::asynchronous::{Connection, Publisher, Subscription, SubscriptionEvent};
use pika::broker::{Moment, Plan, Refuse};
use pika::config::{Config, Heartbeat};
use pika::connection::{Outcome, Settled};
use pika::error::{Cause, Misuse};
use pika::recovery::{KeptTopology, OnCancel, OnRefused, Recovery, Resend, Status, Topology};
use pika::v0_9_1::{basic, exchange, queue};
use pika::wire::{ChannelId, ReplyCode};
use tokio::time::{sleep, timeout};

use crate::world::{World, now};

type Client = Connection<World>;

const SECOND: Duration = Duration::from_secs(1);

/// Longer than anything here may take.
const LONG: Duration = Duration::from_secs(3600);

fn recovery() -> Recovery {
    let recovery = Recovery::new().delays(SECOND / 10, SECOND);
    recovery.random(|| 0.5)
}

async fn open(world: &World, recovery: Recovery) -> Client {
    let config = Config::new()
        .heartbeat(Heartbeat::AtMost(10 * SECOND))
        .recovery(recovery);
    let connection = Connection::open_with(world.clone(), config).await;
    connection.expect("the broker is there")
}

/// A connection with a durable queue `work`.
async fn begin() -> (World, Client) {
    let world = World::new(1);
    let connection = open(&world, recovery()).await;
    let topology = Topology::new().with(queue::Declare::new("work").durable(true));
    let kept = timeout(LONG, connection.keep(topology)).await;
    kept.expect("it is declared").unwrap();
    (world, connection)
}

async fn publisher(connection: &Client) -> Publisher {
    let opening = connection.publisher().window(10).open();
    timeout(LONG, opening).await.expect("it opens").unwrap()
}

async fn subscription(connection: &Client) -> Subscription {
    let subscription = connection.subscribe(basic::Consume::new("work"));
    let opening = subscription.prefetch(10).open();
    timeout(LONG, opening).await.expect("it opens").unwrap()
}

/// Publishes a message that survives a restart of the broker.
async fn publish(publisher: &Publisher, body: &'static str) -> pika::asynchronous::Confirm {
    let message = basic::Properties::new().persistent().body(body);
    publisher.publish("", "work", message).await.unwrap()
}

async fn next(subscription: &mut Subscription) -> String {
    let next = timeout(LONG, subscription.next()).await;
    let delivery = next.expect("a message comes").unwrap().expect("it goes on");
    let body = String::from_utf8_lossy(delivery.body()).into_owned();
    delivery.ack().unwrap();
    body
}

/// Waits until the status is as it should be.
async fn until(connection: &Client, is_right: impl Fn(&Status) -> bool) -> Status {
    let mut changes = connection.status_changes();
    let found = async {
        loop {
            let status = changes.next().await.expect("the status that is waited for");
            if is_right(&status) {
                return status;
            }
        }
    };
    timeout(LONG, found).await.expect("the status comes")
}

async fn gone_and_back(connection: &Client) {
    until(connection, |status| matches!(status, Status::Away { .. })).await;
    until(connection, Status::is_open).await;
}

fn queue_of(world: &World) -> pika::broker::QueueState {
    world
        .lock()
        .broker
        .queue("/", "work")
        .expect("the queue exists")
}

#[tokio::test(start_paused = true)]
async fn p01_nothing_of_an_old_transport_means_something_on_the_next() {
    let (world, connection) = begin().await;
    let (publisher, mut subscription) = (
        publisher(&connection).await,
        subscription(&connection).await,
    );
    assert!(publish(&publisher, "one").await.await.is_acked());
    let before = subscription.next().await.unwrap().unwrap();
    let raw = connection.channel().await.unwrap();
    let call = raw.queue_declare(queue::Declare::new("other"));

    world.cut();
    let error = call.await.expect_err("the transport is lost");
    assert!(error.is_retriable(), "{error}");
    gone_and_back(&connection).await;
    let again = subscription.next().await.unwrap().unwrap();
    assert_eq!((again.redelivered(), before.is_stale()), (true, true));
    assert_eq!(before.ack().unwrap(), Settled::Stale);
    sleep(SECOND).await;
    assert_eq!(
        queue_of(&world).unacked,
        1,
        "the old tag settled a new delivery"
    );
    assert_eq!(again.ack().unwrap(), Settled::Queued);
    sleep(SECOND).await;
    assert_eq!(queue_of(&world).unacked, 0);

    let error = raw.queue_declare(queue::Declare::new("other")).await;
    let error = error.expect_err("a channel ends with its transport");
    assert!(
        matches!(error, Error::Closed(_)) && error.is_retriable(),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn p02_the_topology_is_answered_whole_before_anything_else_is_sent() {
    let (world, connection) = begin().await;
    let _subscription = subscription(&connection).await;
    // It does what it is asked, but the answer does not come.
    let plan = Plan::new().withhold("queue.declare-ok");
    world.with(|state, _| {
        state.broker.faults().on_next(plan);
    });
    world.cut();
    sleep(10 * SECOND).await;
    assert!(!connection.status().is_open());
    assert_eq!(
        queue_of(&world).consumers,
        0,
        "a consumer before the topology"
    );
    world.cut();
    until(&connection, Status::is_open).await;
    sleep(SECOND).await;
    assert_eq!(queue_of(&world).consumers, 1);
}

#[tokio::test(start_paused = true)]
async fn p02_a_step_that_is_refused_later_is_skipped_retried_or_stops_the_connection() {
    for decision in [OnRefused::Skip, OnRefused::Retry, OnRefused::Stop] {
        let (world, connection) = begin().await;
        let declare = queue::Declare::new("mine");
        let kept = KeptTopology::new(
            Topology::new()
                .with(declare.clone())
                .with(queue::Declare::new("last")),
        );
        connection
            .keep(kept.on_refused(move |_| decision))
            .await
            .unwrap();

        // Somebody else declares it with other arguments while we are away.
        world.lock().is_down = true;
        world.restart();
        until(&connection, |status| matches!(status, Status::Away { .. })).await;
        world.lock().is_down = false;
        let other = open_plain(&world).await;
        let channel = other.channel().await.unwrap();
        channel.queue_declare(declare.durable(true)).await.unwrap();
        match decision {
            OnRefused::Stop => {
                let status = until(&connection, Status::is_stopped).await;
                assert!(status.to_string().contains("inequivalent arg"), "{status}");
                continue;
            }
            OnRefused::Skip => drop(until(&connection, Status::is_open).await),
            OnRefused::Retry => {
                sleep(30 * SECOND).await;
                assert!(!connection.status().is_open());
                channel
                    .queue_delete(queue::Delete::new("mine"))
                    .await
                    .unwrap();
                until(&connection, Status::is_open).await;
            }
        }
        assert!(
            world.lock().broker.queue("/", "last").is_some(),
            "{decision:?}"
        );
    }
}

/// A connection that does not recover.
async fn open_plain(world: &World) -> Client {
    Connection::open_with(world.clone(), Config::new())
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn p03_unresolved_publishes_are_sent_again_in_their_order() {
    let (world, connection) = begin().await;
    let (publisher, mut subscription) = (
        publisher(&connection).await,
        subscription(&connection).await,
    );
    let plan = Plan::new().withhold("basic.ack");
    world.with(|state, _| {
        let id = state.broker.connections().last().unwrap();
        state.broker.faults().on(id, plan.clone()).on_next(plan);
    });
    let mut confirms = Vec::new();
    for body in ["one", "two", "three"] {
        confirms.push(publish(&publisher, body).await);
    }
    let mut received = Vec::new();
    for _ in 0..3 {
        received.push(next(&mut subscription).await);
    }
    // None was confirmed, so all come again, and again after another cut.
    world.cut();
    for _ in 0..3 {
        received.push(next(&mut subscription).await);
    }
    world.cut();
    for _ in 0..3 {
        received.push(next(&mut subscription).await);
    }
    assert_eq!(received, ["one", "two", "three"].repeat(3));
    for confirm in confirms {
        assert!(timeout(LONG, confirm).await.expect("an outcome").is_acked());
    }
    assert_eq!(publisher.unresolved(), 0);
}

#[tokio::test(start_paused = true)]
async fn p03_a_poison_publish_resolves_alone_and_without_a_delay() {
    let (_world, connection) = begin().await;
    let (publisher, mut subscription) = (
        publisher(&connection).await,
        subscription(&connection).await,
    );
    let start = now();
    let mut confirms = Vec::new();
    for body in ["one", "two", "three", "four", "five"] {
        let mut properties = basic::Properties::new().persistent();
        if body == "three" {
            properties = properties.user_id("another");
        }
        let message = properties.body(body);
        confirms.push(publisher.publish("", "work", message).await.unwrap());
    }
    for (at, confirm) in confirms.into_iter().enumerate() {
        match timeout(LONG, confirm).await.expect("an outcome") {
            Outcome::Acked => assert_ne!(at, 2, "the broker took the poison"),
            Outcome::Lost(reason) => {
                assert_eq!(
                    (at, reason.code()),
                    (2, Some(ReplyCode::PRECONDITION_FAILED))
                );
            }
            other => panic!("{at}: {other:?}"),
        }
    }
    assert_eq!(now(), start, "a delay");
    let mut received = Vec::new();
    while received.last().is_none_or(|body| body != "five") {
        received.push(next(&mut subscription).await);
    }
    received.dedup();
    assert!(
        received.ends_with(&["four".to_owned(), "five".to_owned()]),
        "{received:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn p03_a_cut_while_a_poison_publish_is_looked_for_changes_no_order() {
    let (world, connection) = begin().await;
    let publisher = publisher(&connection).await;
    world.with(|state, _| {
        let id = state.broker.connections().last().unwrap();
        let plan = Plan::new().withhold("basic.ack");
        state.broker.faults().on(id, plan);
    });
    let mut confirms = Vec::new();
    for body in ["one", "two", "three", "four"] {
        let mut properties = basic::Properties::new().persistent();
        if body == "three" {
            properties = properties.user_id("another");
        }
        let message = properties.body(body);
        confirms.push(publisher.publish("", "work", message).await.unwrap());
    }
    // The first is sent alone now, and its confirm does not come.
    sleep(SECOND).await;
    assert_eq!(publisher.unresolved(), 4);
    world.cut();
    for (at, confirm) in confirms.into_iter().enumerate() {
        let outcome = timeout(LONG, confirm).await.expect("an outcome");
        assert_eq!(outcome.is_acked(), at != 2, "{at}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn p03_a_close_that_names_an_exchange_is_about_all_messages_for_it() {
    let world = World::new(1);
    world.with(|state, _| {
        state.broker = pika::broker::Broker::new(pika::broker::Settings::new().trace(true));
    });
    let connection = open(&world, recovery()).await;
    let topology = Topology::new().with(queue::Declare::new("work"));
    connection.keep(topology).await.unwrap();
    let publisher = publisher(&connection).await;
    let mut confirms = Vec::new();
    for exchange in ["missing", "", "missing", ""] {
        confirms.push((
            exchange,
            publisher.publish(exchange, "work", "body").await.unwrap(),
        ));
    }
    for (exchange, confirm) in confirms {
        match timeout(LONG, confirm).await.expect("an outcome") {
            Outcome::Acked => assert_eq!(exchange, ""),
            Outcome::Lost(reason) => {
                assert_eq!(
                    (exchange, reason.code()),
                    ("missing", Some(ReplyCode::NOT_FOUND))
                );
            }
            other => panic!("{other:?}"),
        }
    }
    let mut state = world.lock();
    let traces = std::iter::from_fn(|| state.broker.poll_trace());
    let opened = traces
        .filter(|trace| trace.method == "channel.open")
        .count();
    assert_eq!(
        opened, 3,
        "for the topology, for the publisher, and once after the close"
    );
}

#[tokio::test(start_paused = true)]
async fn p03_options_resolve_what_is_not_to_be_sent_again() {
    for (resend, resend_for, confirm_timeout) in [
        (Resend::Never, None, None),
        (Resend::InOrder, Some(SECOND), None),
        (Resend::InOrder, None, Some(5 * SECOND)),
    ] {
        let (world, connection) = begin().await;
        let publisher = connection.publisher().resend(resend).resend_for(resend_for);
        let publisher = publisher
            .confirm_timeout(confirm_timeout)
            .open()
            .await
            .unwrap();
        world.with(|state, _| {
            let id = state.broker.connections().last().unwrap();
            state
                .broker
                .faults()
                .on(id, Plan::new().withhold("basic.ack"));
        });
        let confirm = publish(&publisher, "one").await;
        sleep(2 * SECOND).await;
        // A time that is over counts also while the connection is away.
        world.lock().is_down = confirm_timeout.is_some();
        world.cut();
        let outcome = timeout(10 * SECOND, confirm).await.expect("an outcome");
        assert!(
            matches!(outcome, Outcome::Lost(_)),
            "{resend:?}, {resend_for:?}"
        );
        world.lock().is_down = false;
        until(&connection, Status::is_open).await;
        assert!(publish(&publisher, "two").await.await.is_acked());
    }
}

#[tokio::test(start_paused = true)]
async fn p03_what_has_no_outcome_can_be_taken_out_at_the_end() {
    let (world, connection) = begin().await;
    let publisher = publisher(&connection).await;
    world.lock().is_down = true;
    world.cut();
    until(&connection, |status| matches!(status, Status::Away { .. })).await;
    let confirms = [
        publish(&publisher, "one").await,
        publish(&publisher, "two").await,
    ];
    assert_eq!(publisher.unresolved(), 2);
    let error = publisher
        .flush(SECOND)
        .await
        .expect_err("nothing is confirmed");
    assert!(matches!(error, Error::TimedOut(_)), "{error}");
    let left = publisher.take_unresolved();
    let bodies: Vec<_> = left.iter().map(|message| message.body.as_ref()).collect();
    assert_eq!(bodies, [&b"one"[..], b"two"]);
    assert_eq!(left[0].properties.delivery_mode, Some(2));
    for confirm in confirms {
        let outcome = timeout(LONG, confirm).await.expect("an outcome");
        assert!(matches!(outcome, Outcome::Lost(_)), "{outcome:?}");
    }
    let refused = publisher.publish("", "work", "three").await;
    assert!(refused.is_err(), "it has ended");
}

#[tokio::test(start_paused = true)]
async fn p04_prefetched_messages_are_kept_if_the_broker_has_forgotten_them() {
    for no_ack in [true, false] {
        let (world, connection) = begin().await;
        let publisher = publisher(&connection).await;
        let consume = basic::Consume::new("work").no_ack(no_ack);
        let mut subscription = connection.subscribe(consume).open().await.unwrap();
        for body in ["one", "two", "three"] {
            assert!(publish(&publisher, body).await.await.is_acked());
        }
        sleep(SECOND).await;
        world.cut();
        gone_and_back(&connection).await;
        sleep(SECOND).await;
        let mut received = Vec::new();
        for _ in 0..3 {
            let next = timeout(SECOND, subscription.next())
                .await
                .expect("a message");
            let delivery = next.unwrap().unwrap();
            received.push(String::from_utf8_lossy(delivery.body()).into_owned());
            assert_eq!(delivery.redelivered(), !no_ack);
            if !no_ack {
                assert_eq!(delivery.ack().unwrap(), Settled::Queued);
            }
        }
        assert_eq!(received, ["one", "two", "three"], "no_ack: {no_ack}");
        assert!(
            timeout(SECOND, subscription.next()).await.is_err(),
            "one too many"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn p04_a_gap_is_visible_and_work_in_hand_is_revoked() {
    let (world, connection) = begin().await;
    let (publisher, mut subscription) = (
        publisher(&connection).await,
        subscription(&connection).await,
    );
    assert!(publish(&publisher, "one").await.await.is_acked());
    let delivery = subscription.next().await.unwrap().unwrap();
    assert!(!delivery.is_stale());
    let work = tokio::spawn(async move {
        delivery.revoked().await;
        delivery.is_stale()
    });
    world.cut();
    assert!(timeout(LONG, work).await.expect("it is revoked").unwrap());
    match subscription.next_event().await.unwrap() {
        Some(SubscriptionEvent::Gap { reason, away }) => {
            assert!(
                reason.is_retriable() && away >= SECOND / 20,
                "{reason}, {away:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(next(&mut subscription).await, "one");
}

#[tokio::test(start_paused = true)]
async fn p04_a_server_sent_cancel_is_followed_as_the_program_wants() {
    for on_cancel in [OnCancel::SubscribeAgain, OnCancel::End] {
        let (world, connection) = begin().await;
        let subscription = connection
            .subscribe(basic::Consume::new("work"))
            .on_cancel(on_cancel);
        let mut subscription = subscription.open().await.unwrap();
        let channel = connection.channel().await.unwrap();
        channel
            .queue_delete(queue::Delete::new("work"))
            .await
            .unwrap();
        channel
            .queue_declare(queue::Declare::new("work").durable(true))
            .await
            .unwrap();
        channel.publish("", "work", "one").await.unwrap();
        match on_cancel {
            OnCancel::SubscribeAgain => assert_eq!(next(&mut subscription).await, "one"),
            OnCancel::End => {
                let end = timeout(LONG, subscription.next()).await.expect("it ends");
                let error = end.expect_err("it was not asked for");
                let closed = error.closed().expect("a reason");
                assert_eq!(closed.cause, Cause::ConsumerCancelled);
            }
        }
        assert_eq!(world.lock().attempts.len(), 1, "the transport was fine");
    }
}

#[tokio::test(start_paused = true)]
async fn p04_a_setup_makes_queues_that_the_broker_names() {
    let (world, connection) = begin().await;
    let setup = Topology::new()
        .with(queue::Declare::new("").exclusive(true))
        .with(queue::Bind::new("", "amq.fanout", ""));
    let consume = basic::Consume::new("").no_ack(true);
    let mut subscription = connection
        .subscribe(consume)
        .setup(setup)
        .open()
        .await
        .unwrap();
    let publisher = publisher(&connection).await;
    for body in ["before", "after"] {
        assert!(
            publisher
                .publish("amq.fanout", "", body)
                .await
                .unwrap()
                .await
                .is_acked()
        );
        let delivery = timeout(LONG, subscription.next()).await.expect("a message");
        assert_eq!(delivery.unwrap().unwrap().body(), body.as_bytes());
        world.restart();
        gone_and_back(&connection).await;
        sleep(SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn p04_a_subscription_that_is_stopped_gives_back_what_it_did_not_hand_out() {
    let (world, connection) = begin().await;
    let (publisher, mut subscription) = (
        publisher(&connection).await,
        subscription(&connection).await,
    );
    for body in ["one", "two", "three"] {
        assert!(publish(&publisher, body).await.await.is_acked());
    }
    let in_hand = subscription.next().await.unwrap().unwrap();
    let stop = subscription.handle();
    stop.stop();
    let end = timeout(SECOND, subscription.next()).await.expect("it ends");
    assert!(end.unwrap().is_none());
    sleep(SECOND).await;
    let state = queue_of(&world);
    assert_eq!((state.ready, state.unacked, state.consumers), (2, 1, 0));
    assert_eq!(in_hand.ack().unwrap(), Settled::Queued);
}

#[tokio::test(start_paused = true)]
async fn p05_while_away_publishes_wait_within_their_deadline_and_come_back() {
    let (world, connection) = begin().await;
    let publisher = connection.publisher().window(2).deadline(5 * SECOND);
    let publisher = publisher.open().await.unwrap();
    world.lock().is_down = true;
    world.cut();
    until(&connection, |status| matches!(status, Status::Away { .. })).await;
    let _confirms = [
        publish(&publisher, "one").await,
        publish(&publisher, "two").await,
    ];
    let start = now();
    let third = timeout(LONG, publisher.publish("", "work", "three")).await;
    let refused = third
        .expect("it has a deadline")
        .expect_err("there is no room");
    assert_eq!(
        (now() - start, refused.message.as_bytes()),
        (5 * SECOND, &b"three"[..])
    );
    assert!(refused.error.is_retriable(), "{}", refused.error);
    let fourth = publisher
        .try_publish("", "work", "four")
        .expect_err("there is no room");
    assert!(matches!(fourth.error, Error::ContentForbidden(_)));
    let raw = connection
        .channel()
        .await
        .expect_err("there is no transport");
    assert!(raw.is_retriable(), "{raw}");
    assert_eq!(now() - start, 5 * SECOND, "a raw call does not wait");
}

#[tokio::test(start_paused = true)]
async fn p06_a_refusal_ends_the_first_attempt_and_is_retried_later() {
    let refuse = |state: &mut crate::world::State| {
        let how = Refuse::Close(ReplyCode::ACCESS_REFUSED, "Login was refused".into());
        let plan = Plan::new().refuse_at(Moment::StartOk, how);
        state.broker.faults().on_next(plan);
    };
    let world = World::new(1);
    world.with(|state, _| refuse(state));
    let config = Config::new().recovery(recovery().including_first());
    let first = Connection::<World>::open_with(world.clone(), config).await;
    let error = first.expect_err("the login is refused");
    assert!(
        !error.is_retriable() && world.lock().attempts.len() == 1,
        "{error}"
    );

    let (world, connection) = begin().await;
    world.with(|state, _| (0..5).for_each(|_| refuse(state)));
    world.cut();
    gone_and_back(&connection).await;
    let attempts = world.lock().attempts.len();
    assert_eq!(attempts, 7, "five refusals are no reason to give up");
}

#[tokio::test(start_paused = true)]
async fn p06_recovery_that_gives_up_reaches_everything_that_waits() {
    let world = World::new(1);
    let connection = open(&world, recovery().refused_for(10 * SECOND)).await;
    let topology = Topology::new().with(queue::Declare::new("work").durable(true));
    connection.keep(topology).await.unwrap();
    let publisher = connection
        .publisher()
        .window(1)
        .deadline(None)
        .open()
        .await
        .unwrap();
    let mut subscription = subscription(&connection).await;
    world.with(|state, _| {
        for _ in 0..200 {
            let how = Refuse::Close(ReplyCode::ACCESS_REFUSED, "Login was refused".into());
            state
                .broker
                .faults()
                .on_next(Plan::new().refuse_at(Moment::StartOk, how));
        }
    });
    world.cut();
    until(&connection, |status| matches!(status, Status::Away { .. })).await;
    let confirm = publish(&publisher, "one").await;
    let waiting = {
        let publisher = publisher.clone();
        tokio::spawn(async move { publisher.publish("", "work", "two").await.is_err() })
    };
    let consuming = tokio::spawn(async move { subscription.next().await.is_err() });
    let keeping = {
        let connection = connection.clone();
        let more = Topology::new().with(queue::Declare::new("more"));
        tokio::spawn(async move { connection.keep(more).await.is_err() })
    };
    let start = now();
    let status = until(&connection, Status::is_stopped).await;
    assert!(status.to_string().contains("Login was refused"), "{status}");
    assert!(now() - start >= 9 * SECOND && now() - start < 20 * SECOND);
    assert!(matches!(
        timeout(SECOND, confirm).await.expect("an outcome"),
        Outcome::Lost(_)
    ));
    for waiter in [waiting, consuming, keeping] {
        assert!(
            timeout(SECOND, waiter)
                .await
                .expect("it does not wait for ever")
                .unwrap()
        );
    }
    assert!(
        connection
            .wait_closed()
            .await
            .to_string()
            .contains("Login was refused")
    );
    assert_eq!(publisher.take_unresolved().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn p07_close_and_drop_work_at_every_step() {
    // The handshake, the topology and the lanes take less than so many bytes up and down.
    for bytes in (0..1600).step_by(7) {
        for is_drop in [true, false] {
            let (world, connection) = begin().await;
            let (publisher, subscription) = (
                publisher(&connection).await,
                subscription(&connection).await,
            );
            let confirm = publish(&publisher, "one").await;
            world.with(|state, _| {
                state.cuts.push((bytes, bytes));
                state.epoch += 1;
                // What comes after that transport does not come to an end.
                state.hangs = bytes % 2 == 0;
            });
            until(&connection, |status| matches!(status, Status::Away { .. })).await;
            world.lock().hangs = false;
            sleep(SECOND / 20).await;
            world.lock().hangs = bytes % 2 == 0;
            sleep(SECOND / 3).await;
            let start = now();
            if is_drop {
                drop((publisher, subscription, confirm, connection));
            } else {
                // It may have lost the transport a moment before.
                timeout(SECOND, connection.close())
                    .await
                    .expect("it ends")
                    .ok();
                assert!(now() - start <= SECOND / 10, "{bytes}: {:?}", now() - start);
                assert!(timeout(SECOND, confirm).await.is_ok(), "an outcome");
            }
            sleep(SECOND / 10).await;
            let state = world.lock();
            assert_eq!(
                (state.transports, state.connecting),
                (0, 0),
                "{bytes}, {is_drop}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn p08_many_clients_that_come_back_are_spread() {
    let world = World::new(7);
    let mut clients = Vec::new();
    for _ in 0..200 {
        let recovery = {
            let world = world.clone();
            let random = move || world.below(1000) as f64 / 1000.0;
            Recovery::new().delays(SECOND, 30 * SECOND).random(random)
        };
        clients.push(open(&world, recovery).await);
    }
    world.lock().attempts.clear();
    let start = now();
    world.restart();
    sleep(2 * SECOND).await;
    assert!(clients.iter().all(|client| client.status().is_open()));
    let mut tenths = [0; 10];
    for attempt in &world.lock().attempts {
        let at = (*attempt - start).as_millis() / 100;
        tenths[usize::try_from(at).unwrap().min(9)] += 1;
    }
    assert_eq!(tenths.iter().sum::<usize>(), 200);
    // 20 on average, and 35 is three and a half deviations more.
    assert!(
        tenths.iter().all(|count| (5..=35).contains(count)),
        "{tenths:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn p08_no_attempt_follows_another_without_a_delay() {
    let world = World::new(1);
    let connection = open(&world, recovery().random(|| 0.0)).await;
    // A broker that accepts every connection and drops it at once.
    world.with(|state, _| state.cuts = vec![(600, 600); 50]);
    world.cut();
    gone_and_back(&connection).await;
    let state = world.lock();
    let waits: Vec<_> = state
        .attempts
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!(
        waits.iter().all(|wait| *wait >= Duration::from_millis(10)),
        "{waits:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn p09_a_channel_that_the_broker_closes_opens_again_alone() {
    let (world, connection) = begin().await;
    let (publisher, mut subscription) = (
        publisher(&connection).await,
        subscription(&connection).await,
    );
    // The topology had a channel, which was closed; then came the publisher.
    for channel in [1, 2] {
        world.with(|state, _| {
            let id = state.broker.connections().last().unwrap();
            let code = ReplyCode::RESOURCE_ERROR;
            state
                .broker
                .faults()
                .close_channel(id, ChannelId(channel), code, "for a test");
        });
        assert!(
            timeout(LONG, publish(&publisher, "one").await)
                .await
                .expect("an outcome")
                .is_acked()
        );
        assert_eq!(next(&mut subscription).await, "one");
    }
    assert!(connection.status().is_open());
    assert_eq!(world.lock().attempts.len(), 1, "the transport was fine");
}

#[tokio::test(start_paused = true)]
async fn p10_the_first_attempt_is_retried_on_request() {
    for including_first in [true, false] {
        let world = World::new(1);
        world.lock().is_down = true;
        let recovery = if including_first {
            recovery().including_first()
        } else {
            recovery()
        };
        let opening = tokio::spawn({
            let world = world.clone();
            async move {
                let config = Config::new().recovery(recovery);
                Connection::<World>::open_with(world, config)
                    .await
                    .map(|it| it.status())
            }
        });
        sleep(20 * SECOND).await;
        world.lock().is_down = false;
        let opened = timeout(LONG, opening).await.expect("it ends").unwrap();
        match including_first {
            true => assert_eq!(opened.unwrap(), Status::Open),
            false => {
                let error = opened.expect_err("nothing was there");
                assert!(error.to_string().contains("connection refused"), "{error}");
                assert_eq!(world.lock().attempts.len(), 1);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn p11_a_half_open_connection_is_found() {
    let (world, connection) = begin().await;
    let publisher = publisher(&connection).await;
    let start = now();
    world.lock().is_silent = true;
    let confirm = publish(&publisher, "one").await;
    until(&connection, |status| matches!(status, Status::Away { .. })).await;
    assert!(now() - start <= 25 * SECOND, "two intervals of 10 s");
    world.with(|state, _| state.is_silent = false);
    assert!(timeout(LONG, confirm).await.expect("an outcome").is_acked());
}

#[tokio::test(start_paused = true)]
async fn p12_recovery_over_one_stream_is_an_error() {
    let world = World::new(1);
    let stream = pika::asynchronous::Runtime::connect(&world, ([127, 0, 0, 1], 5672).into());
    let stream = stream.await.unwrap();
    let config = Config::new().recovery(recovery());
    let opened = Connection::<World>::over_with(world.clone(), stream, config).await;
    let error = opened.expect_err("there is no second stream");
    let closed = error.closed().expect("a reason");
    assert_eq!(
        closed.cause,
        Cause::Unsendable(Box::new(Misuse::OneTransport))
    );
    assert!(
        !error.is_retriable() && error.to_string().contains("one stream"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_needs_recovery_says_so_where_there_is_none() {
    let world = World::new(1);
    let connection = open_plain(&world).await;
    let topology = Topology::new().with(exchange::Declare::new("x", "topic"));
    let kept = connection
        .keep(topology)
        .await
        .expect_err("there is no recovery");
    let publisher = connection
        .publisher()
        .open()
        .await
        .expect_err("there is no recovery");
    for error in [kept, publisher] {
        assert!(
            matches!(error, Error::Misuse(Misuse::NoRecovery)),
            "{error}"
        );
    }
    assert_eq!(connection.status(), Status::Open);
}

#[tokio::test(start_paused = true)]
async fn a_refused_topology_is_an_error_and_is_not_kept() {
    let (world, connection) = begin().await;
    let topology = Topology::new()
        .with(queue::Declare::new("first"))
        .with(queue::Bind::new("first", "missing", "#"))
        .with(queue::Declare::new("behind"));
    let error = connection
        .keep(topology)
        .await
        .expect_err("the exchange is missing");
    assert_eq!(
        error.closed().and_then(|it| it.code()),
        Some(ReplyCode::NOT_FOUND),
        "{error}"
    );
    world.restart();
    gone_and_back(&connection).await;
    assert!(
        world.lock().broker.queue("/", "first").is_none(),
        "it was not to be kept"
    );
    let odd = Topology::new().with(basic::Qos::new(1));
    let error = connection.keep(odd).await.expect_err("it declares nothing");
    assert!(
        matches!(error, Error::Misuse(Misuse::NoTopology("basic.qos"))),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_subscription_goes_on_in_0_8_too() {
    use pika::v0_8::{V0_8, basic, queue};

    let world = World::new(1);
    let config = Config::new().recovery(recovery());
    let connection = Connection::<World, V0_8>::open_with(world.clone(), config)
        .await
        .unwrap();
    let topology = Topology::new().with(queue::Declare::new("work").durable(true));
    connection.keep(topology).await.unwrap();
    let subscription = connection.subscribe(basic::Consume::new("work"));
    let mut subscription = subscription.open().await.unwrap();
    for body in ["one", "two", "three"] {
        let channel = connection.channel().await.unwrap();
        let message = basic::Properties::new().persistent().body(body);
        channel.publish("", "work", message).await.unwrap();
        channel.close().await.unwrap();
        let delivery = timeout(LONG, subscription.next()).await.expect("a message");
        let delivery = delivery.unwrap().unwrap();
        assert_eq!(delivery.body(), body.as_bytes());
        assert_eq!(delivery.ack().unwrap(), Settled::Queued);
        // An acknowledgement that is under way at the cut has no effect.
        sleep(SECOND).await;
        world.restart();
        let mut changes = connection.status_changes();
        while !matches!(changes.next().await, Some(Status::Away { .. })) {}
        while !changes.next().await.expect("it comes back").is_open() {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_topology_can_be_declared_once_and_without_recovery() {
    let world = World::new(1);
    let connection = open_plain(&world).await;
    let topology = Topology::new()
        .with(exchange::Declare::new("orders", "topic"))
        .with(queue::Declare::new("billing"))
        .with(queue::Bind::new("billing", "orders", "#"));
    let replies = timeout(LONG, connection.declare(&topology))
        .await
        .expect("an end")
        .unwrap();
    let names: Vec<_> = replies.iter().map(pika::method::MethodSet::name).collect();
    assert_eq!(
        names,
        ["exchange.declare-ok", "queue.declare-ok", "queue.bind-ok"]
    );
    let wrong = topology.with(queue::Bind::new("billing", "missing", "#"));
    let error = connection
        .declare(&wrong)
        .await
        .expect_err("the exchange is missing");
    assert_eq!(
        error.closed().and_then(|it| it.code()),
        Some(ReplyCode::NOT_FOUND),
        "{error}"
    );
    assert!(
        connection
            .declare(&topology_of_nothing())
            .await
            .unwrap()
            .is_empty()
    );
}

fn topology_of_nothing() -> Topology {
    Topology::new()
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_work_in_hand_and_for_outcomes() {
    for is_late in [false, true] {
        let (world, connection) = begin().await;
        let (publisher, mut subscription) = (
            publisher(&connection).await,
            subscription(&connection).await,
        );
        assert!(publish(&publisher, "one").await.await.is_acked());
        let in_hand = subscription.next().await.unwrap().unwrap();
        world.cut();
        world.lock().is_down = true;
        until(&connection, |status| matches!(status, Status::Away { .. })).await;
        world.lock().is_down = false;
        let confirm = publish(&publisher, "two").await;
        let working = tokio::spawn(async move {
            let again = loop {
                let next = subscription.next().await.unwrap().unwrap();
                if next.redelivered() {
                    break next;
                }
            };
            sleep(if is_late { LONG } else { 5 * SECOND }).await;
            (
                again.ack().unwrap(),
                subscription.next().await.unwrap().is_none(),
            )
        });
        until(&connection, Status::is_open).await;
        sleep(SECOND).await;
        assert_eq!(in_hand.ack().unwrap(), Settled::Stale);
        let start = now();
        let shut_down = timeout(LONG, connection.shutdown(10 * SECOND))
            .await
            .expect("an end");
        assert!(connection.status().is_stopped());
        if is_late {
            assert!(
                matches!(shut_down, Err(Error::TimedOut(_))),
                "{shut_down:?}"
            );
            assert_eq!(now() - start, 10 * SECOND);
            continue;
        }
        shut_down.expect("everything came to its end");
        assert!(now() - start >= 3 * SECOND && now() - start < 10 * SECOND);
        assert_eq!(working.await.unwrap(), (Settled::Queued, true));
        assert!(confirm.await.is_acked());
        sleep(SECOND).await;
        let state = queue_of(&world);
        assert_eq!(
            (state.ready, state.unacked),
            (1, 0),
            "the one that was not handed out"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_replaced_secret_is_used_at_the_next_login() {
    let world = World::new(1);
    world.with(|state, _| {
        let settings = pika::broker::Settings::new().user("token", "new");
        state.broker = pika::broker::Broker::new(settings.user("token", "old"));
    });
    let config = Config::new().login("token", "old").recovery(recovery());
    let connection = Connection::<World>::open_with(world.clone(), config)
        .await
        .unwrap();
    connection.update_secret("new", "expired").await.unwrap();
    world.with(|state, _| {
        state.broker =
            pika::broker::Broker::new(pika::broker::Settings::new().user("token", "new"));
        state.epoch += 1;
    });
    gone_and_back(&connection).await;
}

#[tokio::test(start_paused = true)]
async fn handles_that_are_given_up_while_they_open_leave_nothing_behind() {
    let (world, connection) = begin().await;
    for _ in 0..20 {
        let publisher = connection.publisher().open();
        assert!(
            timeout(Duration::ZERO, publisher).await.is_err(),
            "no time has passed"
        );
        let subscription = connection.subscribe(basic::Consume::new("work")).open();
        assert!(
            timeout(Duration::ZERO, subscription).await.is_err(),
            "no time has passed"
        );
        sleep(SECOND).await;
    }
    assert_eq!(queue_of(&world).consumers, 0);
    let channel = connection.channel().await.unwrap();
    assert_eq!(channel.id(), ChannelId(1), "channels that were not closed");
    assert!(connection.status().is_open());
}
