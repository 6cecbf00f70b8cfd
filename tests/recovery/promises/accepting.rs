//! What a publisher accepts, what it adds, and how fast it goes on after rejections.

use std::time::Duration;

use pika::broker::{Broker, Plan, Settings};
use pika::connection::Outcome;
use pika::error::Misuse;
use pika::recovery::Topology;
use pika::table;
use pika::v0_9_1::{basic, queue};
use pika::wire::ReplyCode;
use tokio::time::timeout;

use super::{LONG, begin, open, publisher, recovery, subscription};
use crate::world::{World, now};

#[tokio::test(start_paused = true)]
async fn p03_what_would_close_the_channel_is_refused_before_it_is_sent() {
    let (_world, connection) = begin().await;
    let publisher = publisher(&connection).await;
    let cases = [
        (
            basic::Properties::new().expiration("never"),
            Misuse::Expiration("never".into()),
        ),
        (
            basic::Properties::new().expiration("-1"),
            Misuse::Expiration("-1".into()),
        ),
        (
            basic::Properties::new().delivery_mode(3),
            Misuse::DeliveryMode(3),
        ),
    ];
    for (properties, expected) in cases {
        let message = (&properties, "body");
        let refused = publisher.publish("", "work", message).await.unwrap_err();
        let pika::Error::Misuse(misuse) = refused.error else {
            panic!("{}", refused.error);
        };
        assert_eq!(misuse, expected);
        assert_eq!(
            refused.message.as_bytes(),
            b"body",
            "the message comes back"
        );
    }
    assert_eq!(publisher.unresolved(), 0);
    let properties = basic::Properties::new().expiration("60000").persistent();
    let confirm = publisher.publish("", "work", (&properties, "body")).await;
    assert!(confirm.unwrap().await.is_acked());
}

#[tokio::test(start_paused = true)]
async fn p03_the_size_that_the_broker_takes_is_learned() {
    let world = World::new(1);
    world.with(|state, _| state.broker = Broker::new(Settings::new().message_size(10)));
    let connection = open(&world, recovery()).await;
    let topology = Topology::new().with(queue::Declare::new("work"));
    connection.keep(topology).await.unwrap();
    let publisher = publisher(&connection).await;
    let start = now();
    let bodies = ["small", "eleven byte", "small too", "twelve bytes"];
    let mut confirms = Vec::new();
    for body in bodies {
        confirms.push(publisher.publish("", "work", body).await.unwrap());
    }
    for (body, confirm) in bodies.into_iter().zip(confirms) {
        match timeout(LONG, confirm).await.expect("an outcome") {
            Outcome::Acked => assert!(body.len() <= 10, "{body}"),
            Outcome::Lost(reason) => {
                assert!(body.len() > 10, "{body}");
                assert_eq!(reason.code(), Some(ReplyCode::PRECONDITION_FAILED));
            }
            other => panic!("{body}: {other:?}"),
        }
    }
    let refused = publisher.publish("", "work", "eleven byte").await;
    let refused = refused.expect_err("the limit is known");
    let expected = Misuse::MessageTooLarge { len: 11, limit: 10 };
    assert!(matches!(refused.error, pika::Error::Misuse(misuse) if misuse == expected));
    assert_eq!(now(), start, "a delay");

    // The next node may have another limit.
    world.with(|state, _| state.broker = Broker::new(Settings::new()));
    world.cut();
    super::gone_and_back(&connection).await;
    let confirm = publisher.publish("", "work", "eleven byte").await.unwrap();
    assert!(timeout(LONG, confirm).await.expect("an outcome").is_acked());
}

#[tokio::test(start_paused = true)]
async fn p03_a_message_has_the_same_id_each_time_that_it_is_sent() {
    let (world, connection) = begin().await;
    let publisher = connection.publisher().message_ids().open().await.unwrap();
    let mut subscription = subscription(&connection).await;
    world.with(|state, _| {
        let id = state.broker.connections().last().unwrap();
        let plan = Plan::new().withhold("basic.ack");
        state.broker.faults().on(id, plan);
    });
    let own = basic::Properties::new().message_id("own");
    let mut confirms = vec![publisher.publish("", "work", "one").await.unwrap()];
    confirms.push(publisher.publish("", "work", "two").await.unwrap());
    confirms.push(
        publisher
            .publish("", "work", (&own, "three"))
            .await
            .unwrap(),
    );
    let mut ids = Vec::new();
    for round in 0..2 {
        for _ in 0..3 {
            let delivery = timeout(LONG, subscription.next()).await;
            let delivery = delivery.expect("it comes").unwrap().unwrap();
            let id = delivery.properties().unwrap().message_id;
            ids.push(id.expect("each message has an id").to_string());
            delivery.ack().unwrap();
        }
        if round == 0 {
            // The broker has lost what it was sent.
            world.with(|state, _| state.broker = Broker::new(Settings::new()));
            world.cut();
        }
    }
    let (first, again) = ids.split_at(3);
    assert_eq!(first, again);
    assert_ne!(first[0], first[1]);
    assert_eq!(first[2], "own");
    for confirm in confirms {
        assert!(timeout(LONG, confirm).await.expect("an outcome").is_acked());
    }
}

#[tokio::test(start_paused = true)]
async fn p03_a_program_that_publishes_again_what_is_rejected_does_not_spin() {
    let (_world, connection) = begin().await;
    let full = queue::Declare::new("full");
    let arguments = table! { "x-max-length" => 1, "x-overflow" => "reject-publish" };
    let topology = Topology::new().with(full.arguments(arguments));
    connection.declare(&topology).await.unwrap();
    let mut waited = Vec::new();
    for longest in [100, 0] {
        let publisher = connection.publisher();
        let publisher = publisher.nack_pause(Duration::from_millis(longest));
        let publisher = publisher.open().await.unwrap();
        let start = now();
        let mut rejections = 0;
        while rejections < 12 {
            let confirm = publisher.publish("", "full", "body").await.unwrap();
            let outcome = timeout(LONG, confirm).await.expect("an outcome");
            rejections += u32::from(!outcome.is_acked());
        }
        waited.push((now() - start).as_millis());
    }
    let pauses = [1, 2, 4, 8, 16, 32, 64, 100, 100, 100, 100];
    assert_eq!(waited, [pauses.iter().sum(), 0]);
}
