//! Graceful ends, and ends that come while messages have no outcome.

use pika::connection::Settled;
use pika::recovery::Status;
use tokio::time::{sleep, timeout};

use super::{
    LONG, SECOND, begin, open, publish, publisher, queue_of, recovery, subscription, until,
};
use crate::world::{World, now};

#[tokio::test(start_paused = true)]
async fn p07_a_shutdown_waits_for_no_subscription_that_has_nothing_in_hand() {
    for stops_first in [false, true] {
        let (world, connection) = begin().await;
        let publisher = publisher(&connection).await;
        let mut subscription = subscription(&connection).await;
        for body in ["one", "two", "three", "four"] {
            assert!(publish(&publisher, body).await.await.is_acked());
        }
        let first = subscription.next().await.unwrap().unwrap();
        assert_eq!(first.ack().unwrap(), Settled::Queued);
        if stops_first {
            subscription.handle().stop();
            assert!(subscription.next().await.unwrap().is_none());
        }
        // The subscription is held, and has got what it has not handed out.
        let start = now();
        connection.shutdown(10 * SECOND).await.unwrap();
        assert!(now() - start < SECOND, "{:?}", now() - start);
        assert!(subscription.next().await.unwrap().is_none());
        let queue = queue_of(&world);
        assert_eq!((queue.ready, queue.unacked), (3, 0), "they have gone back");
    }
}

#[tokio::test(start_paused = true)]
async fn p07_a_shutdown_waits_for_deliveries_whose_subscription_is_dropped() {
    for is_dropped in [false, true] {
        let (world, connection) = begin().await;
        let publisher = publisher(&connection).await;
        let mut subscription = subscription(&connection).await;
        let mut in_hand = Vec::new();
        for body in ["one", "two", "three"] {
            assert!(publish(&publisher, body).await.await.is_acked());
            in_hand.push(subscription.next().await.unwrap().unwrap());
        }
        let held = (!is_dropped).then_some(subscription);
        let closing = connection.clone();
        let shutdown = tokio::spawn(async move { closing.shutdown(10 * SECOND).await });
        for delivery in in_hand {
            sleep(SECOND).await;
            assert!(!shutdown.is_finished(), "work is in hand");
            assert!(!delivery.is_stale());
            assert_eq!(delivery.ack().unwrap(), Settled::Queued);
        }
        let ended = timeout(SECOND, shutdown).await.expect("nothing is in hand");
        ended.unwrap().unwrap();
        let queue = queue_of(&world);
        assert_eq!((queue.ready, queue.unacked), (0, 0));
        drop(held);
    }
}

#[tokio::test(start_paused = true)]
async fn p07_a_shutdown_that_is_late_says_for_what() {
    let (_world, connection) = begin().await;
    let publisher = publisher(&connection).await;
    let mut subscription = subscription(&connection).await;
    assert!(publish(&publisher, "one").await.await.is_acked());
    let delivery = subscription.next().await.unwrap().unwrap();
    let error = connection.shutdown(SECOND).await.expect_err("it is late");
    assert!(error.to_string().contains("deliveries in hand"), "{error}");
    assert!(matches!(connection.status(), Status::Stopped(_)));
    assert_eq!(delivery.ack().unwrap(), Settled::Stale);
}

#[tokio::test(start_paused = true)]
async fn p03_what_is_lost_with_the_connection_stays_with_its_publisher() {
    let world = World::new(1);
    let connection = open(&world, recovery().attempts(2)).await;
    let publisher = publisher(&connection).await;
    world.with(|state, _| state.is_down = true);
    world.cut();
    until(&connection, |status| matches!(status, Status::Away { .. })).await;
    let mut confirms = Vec::new();
    for body in ["one", "two", "three"] {
        confirms.push(publish(&publisher, body).await);
    }
    until(&connection, Status::is_stopped).await;
    let flushed = publisher.flush(SECOND).await.expect_err("they are lost");
    let closed = publisher.close(SECOND).await.expect_err("they are lost");
    for error in [flushed, closed] {
        assert!(error.to_string().contains("connection refused"), "{error}");
    }
    assert_eq!(publisher.unresolved(), 3);
    let left = publisher.take_unresolved();
    let bodies: Vec<_> = left.iter().map(|it| it.body.clone()).collect();
    assert_eq!(bodies, ["one", "two", "three"]);
    publisher.close(SECOND).await.unwrap();
    for confirm in confirms {
        let outcome = timeout(LONG, confirm).await.expect("an outcome");
        assert!(!outcome.is_acked());
    }
}
