//! Consumers that are slow: reading stops at their bound, and nothing else suffers.

use std::pin::pin;
use std::time::Duration;

use pika::broker::Settings;
use pika::bytes::Bytes;
use pika::config::{Config, Heartbeat};
use pika::tokio::ConsumerEnd;
use pika::wire::ChannelId;

use super::amqp::queue;
use super::stage::{consume, declare, text};
use super::*;
use crate::flavour::{Flavour, sleep};
use crate::hosted::{Hosted, Seen};
use crate::task::{poll_once, waits};

/// A stage with a consumer that takes nothing and whose inbox has reached the bound.
async fn flooded<F: Flavour>(config: Config) -> (Stage<F>, Consumer) {
    let stage = Stage::<F>::with(config).await;
    let consumer = flood(&stage).await;
    (stage, consumer)
}

async fn flood<F: Flavour>(stage: &Stage<F>) -> Consumer {
    let body = Bytes::from(vec![1; 5_000]);
    for _ in 0..200 {
        stage.side.publish("", "q", body.clone()).await.unwrap();
    }
    stage.settles_at(200, 0, 0).await;
    let consumer = stage.channel.consume(consume()).await.unwrap();
    stage.settles_at(0, 200, 1).await;
    let mut before = usize::MAX;
    // Until nothing is read any more.
    while stage.hosted.unread() < before {
        before = stage.hosted.unread();
        sleep::<F>(Duration::from_millis(10)).await;
    }
    assert!(before > 0, "everything was read");
    consumer
}

/// Reading stops here, and goes on for whoever waits for an answer.
fn few_messages() -> Config {
    patient().incoming(10, 1 << 30)
}

/// Reading stops here, whoever waits.
fn few_bytes() -> Config {
    patient().incoming(1_000_000, 100_000)
}

in_each_runtime! {
    async fn reading_stops_at_the_bound_and_goes_on_below_it() {
        for config in [few_messages(), few_bytes()] {
            let (stage, mut consumer) = flooded::<F>(config).await;
            let total = 200 * 5_000;
            assert!(stage.hosted.unread() > total - 100_000 - 300_000, "{}", stage.hosted.unread());
            for _ in 0..200 {
                consumer.next().await.unwrap().unwrap().ack().unwrap();
            }
            stage.settles_at(0, 0, 1).await;
            assert!(consumer.try_next().is_none());
        }
    }

    async fn a_call_behind_a_full_inbox_gets_its_reply() {
        let (stage, _consumer) = flooded::<F>(few_messages()).await;
        soon::<F, _>(stage.channel.queue_declare(declare())).await.unwrap().unwrap();
        soon::<F, _>(stage.connection.channel()).await.unwrap().unwrap();
    }

    async fn a_consumer_that_waits_gets_its_messages_behind_those_of_a_slow_one() {
        let (stage, _slow) = flooded::<F>(few_messages()).await;
        stage.side.queue_declare(queue::Declare::new("other")).await.unwrap();
        let other = super::amqp::basic::Consume::new("other");
        let mut quick = stage.side.consume(other).await.unwrap();
        let mut next = Box::pin(quick.next());
        waits(next.as_mut(), "a message").await;
        stage.side.publish("", "other", "here").await.unwrap();
        let received = soon::<F, _>(next).await.expect("it is read").unwrap().unwrap();
        assert_eq!(text(&received), "here");
    }

    async fn a_publisher_that_waits_for_flow_hears_of_it_behind_a_full_inbox() {
        let stage = Stage::<F>::with(few_messages()).await;
        stage.flow(false).await;
        let _consumer = flood(&stage).await;
        let mut publish = Box::pin(stage.channel.publish("", "q", "waits"));
        waits(publish.as_mut(), "a publish while flow is off").await;
        stage.hosted.faults(|faults, id| { faults.flow(id, ChannelId(1), true); });
        soon::<F, _>(publish).await.expect("flow is on").unwrap();
    }

    async fn a_consumer_with_a_full_inbox_can_be_cancelled() {
        for config in [few_messages(), few_bytes()] {
            let (stage, consumer) = flooded::<F>(config).await;
            soon::<F, _>(consumer.cancel()).await.unwrap().unwrap();
            stage.settles_at(200, 0, 0).await;
            stage.settled().await;
        }
    }

    async fn a_consumer_with_a_full_inbox_can_be_dropped() {
        for config in [few_messages(), few_bytes()] {
            let (stage, consumer) = flooded::<F>(config).await;
            drop(consumer);
            soon::<F, _>(stage.settled()).await.unwrap();
            stage.settles_at(200, 0, 0).await;
        }
    }

    async fn a_consume_that_is_dropped_with_a_full_inbox_stops_nothing() {
        for config in [few_messages(), few_bytes()] {
            let (stage, consumer) = flooded::<F>(config).await;
            drop(consumer);
            stage.settles_at(200, 0, 0).await;
            let mut consuming = Box::pin(stage.channel.consume(consume()));
            let _ = poll_once(consuming.as_mut()).await;
            sleep::<F>(Duration::from_millis(20)).await;
            drop(consuming);
            soon::<F, _>(stage.settled()).await.unwrap();
            stage.settles_at(200, 0, 0).await;
        }
    }

    async fn a_channel_with_a_full_inbox_can_be_closed() {
        for config in [few_messages(), few_bytes()] {
            let (stage, mut consumer) = flooded::<F>(config).await;
            soon::<F, _>(stage.channel.close()).await.expect("closed in time").unwrap();
            stage.settles_at(200, 0, 0).await;
            while let Ok(Some(stale)) = consumer.next().await {
                assert!(stale.ack().unwrap().is_stale());
            }
            assert!(matches!(consumer.end(), Some(ConsumerEnd::Closed(why)) if why.is_normal()));
            stage.settled().await;
        }
    }

    async fn a_connection_with_a_full_inbox_can_be_closed() {
        for config in [few_messages(), few_bytes()] {
            let (stage, _consumer) = flooded::<F>(config).await;
            soon::<F, _>(stage.connection.close()).await.expect("closed in time").unwrap();
            stage.hosted.until(|hosted| hosted.open_transports() == 0).await;
        }
    }

    async fn one_slow_consumer_does_not_keep_the_messages_of_another_that_has_a_prefetch() {
        let stage = Stage::<F>::with(few_messages()).await;
        stage.channel.basic_qos(super::amqp::basic::Qos::new(5)).await.unwrap();
        stage.fill(50).await;
        let _slow = stage.channel.consume(consume()).await.unwrap();
        stage.settles_at(45, 5, 1).await;
        let mut quick = stage.side.consume(consume()).await.unwrap();
        for number in 5..50 {
            let received = quick.next().await.unwrap().unwrap();
            assert_eq!(text(&received), *number.to_string());
            received.ack().unwrap();
        }
    }
}

in_simulated_time! {
    async fn heartbeats_go_on_while_nothing_is_read() {
        for config in [few_messages(), few_bytes()] {
            let hosted = Hosted::with_settings::<F>(Settings::new().heartbeat(10));
            let stage = Stage::<F>::on(hosted, config.heartbeat(Heartbeat::Broker)).await;
            let mut consumer = flood(&stage).await;
            stage.hosted.frames();
            sleep::<F>(Duration::from_secs(1_000)).await;
            let frames = stage.hosted.frames();
            let beats = frames.iter().filter(|(_, seen)| *seen == Seen::Heartbeat).count();
            assert!((150..=250).contains(&beats), "{beats} heartbeats in 1000 s");
            assert!(stage.connection.is_open());
            for _ in 0..200 {
                consumer.next().await.unwrap().unwrap().ack().unwrap();
            }
            stage.settles_at(0, 0, 1).await;
        }
    }

    async fn calls_that_nobody_waits_for_are_not_overdue_while_nothing_is_read() {
        for config in [few_messages(), few_bytes()] {
            let stage = Stage::<F>::with(config).await;
            stage.side.queue_declare(queue::Declare::new("other")).await.unwrap();
            let other = super::amqp::basic::Consume::new("other");
            let dropped = stage.channel.consume(other).await.unwrap();
            let third = stage.connection.channel().await.unwrap();
            let mut consumer = flood(&stage).await;
            drop(dropped);
            drop(third);
            drop(stage.side.queue_declare(declare()));
            sleep::<F>(Duration::from_secs(1_000)).await;
            for _ in 0..200 {
                consumer.next().await.unwrap().unwrap().ack().unwrap();
            }
            stage.settles_at(0, 0, 1).await;
            assert_eq!(stage.connection.channel().await.unwrap().id(), ChannelId(3));
        }
    }

    async fn a_call_behind_a_consumer_that_takes_nothing_at_all_is_overdue() {
        let (stage, consumer) = flooded::<F>(few_bytes()).await;
        let called = pin!(stage.side.queue_declare(declare()));
        let error = called.await.unwrap_err();
        assert!(matches!(error, pika::Error::TimedOut(_)), "{error:?}");
        drop(consumer);
        assert!(stage.channel.is_open(), "the other channel has nothing to do with it");
        stage.channel.queue_declare(declare()).await.unwrap();
    }
}
