//! Consumers that do not wait for ever. The driver keeps the time.

use std::future::Future as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake};
use std::time::Duration;

use pika::asynchronous::ConsumerEnd;

use super::amqp::queue;
use super::stage::{consume, text};
use super::*;
use crate::flavour::{now, sleep};
use crate::task::{MOMENTS, Moment, drop_at, spawn, waits};

/// Notes that it was called.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

const LONG: Duration = Duration::from_secs(15);

in_each_runtime! {
    async fn what_comes_in_time_is_handed_out_and_what_is_here_without_waiting() {
        let stage = Stage::<F>::new().await;
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        let mut next = Box::pin(consumer.next_within(LONG));
        waits(next.as_mut(), "a message").await;
        stage.fill(3).await;
        let first = soon::<F, _>(next).await.unwrap().unwrap().unwrap();
        assert_eq!(text(&first), "0");
        stage.settled().await;
        for number in ["1", "2"] {
            let here = consumer.next_within(Duration::ZERO).await.unwrap().unwrap();
            assert_eq!(text(&here), *number);
        }
        assert!(consumer.next_within(Duration::ZERO).await.unwrap().is_none());
        assert!(consumer.end().is_none());
    }

    async fn time_is_over_on_a_connection_on_which_nothing_happens() {
        let stage = Stage::<F>::new().await;
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        // The driver sleeps, and has no deadline of its own.
        sleep::<F>(Duration::from_millis(20)).await;
        for short in [10, 1, 5].map(Duration::from_millis) {
            let before = now::<F>();
            let next = soon::<F, _>(consumer.next_within(short)).await;
            assert!(next.expect("the driver looks at the time").unwrap().is_none());
            let passed = now::<F>() - before;
            assert!((short..Duration::from_secs(5)).contains(&passed), "{passed:?}");
        }
        stage.fill(1).await;
        assert!(consumer.next_within(LONG).await.unwrap().is_some());
    }

    async fn a_wait_with_a_limit_that_is_dropped_loses_no_message() {
        let stage = Stage::<F>::new().await;
        let mut consumer = stage.channel.consume(consume().no_ack(true)).await.unwrap();
        for (number, moment) in MOMENTS.into_iter().enumerate() {
            if moment == Moment::Done {
                continue;
            }
            let publish = async || {
                stage.side.publish("", "q", number.to_string().as_bytes()).await.unwrap();
                stage.settled().await;
            };
            drop_at(moment, consumer.next_within(LONG), publish()).await;
            if moment != Moment::Answered {
                publish().await;
            }
            let received = consumer.next_within(LONG).await.unwrap().unwrap();
            assert_eq!(text(&received), *number.to_string(), "{moment:?}");
        }
    }

    async fn a_consumer_that_ends_meanwhile_tells_how() {
        let stage = Stage::<F>::new().await;
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        let mut next = Box::pin(consumer.next_within(LONG));
        waits(next.as_mut(), "a message").await;
        stage.side.queue_delete(queue::Delete::new("q")).await.unwrap();
        assert!(soon::<F, _>(next).await.unwrap().unwrap().is_none());
        assert!(consumer.end().is_some());

        stage.side.queue_declare(queue::Declare::new("q")).await.unwrap();
        let mut consumer = stage.connection.channel().await.unwrap().consume(consume()).await.unwrap();
        let channel = consumer.channel().clone();
        let mut next = Box::pin(consumer.next_within(LONG));
        waits(next.as_mut(), "a message").await;
        channel.close().await.unwrap();
        assert!(soon::<F, _>(next).await.unwrap().unwrap().is_none());
        assert!(matches!(consumer.end(), Some(ConsumerEnd::Closed(why)) if why.is_normal()));
    }
}

in_simulated_time! {
    async fn each_of_several_waits_ends_at_its_own_time() {
        let stage = Stage::<F>::new().await;
        let mut tasks = Vec::new();
        // The last is the first, so that the driver has to look again for each.
        for limit in [90, 30, 5, 1].map(Duration::from_secs) {
            let mut consumer = stage.channel.consume(consume()).await.unwrap();
            sleep::<F>(Duration::from_millis(1)).await;
            let task = spawn::<F, _>(async move {
                let start = now::<F>();
                assert!(consumer.next_within(limit).await.unwrap().is_none());
                now::<F>() - start
            });
            tasks.push((limit, task));
        }
        for (limit, task) in tasks {
            let passed = task.await;
            let slack = Duration::from_millis(10);
            assert!((limit..limit + slack).contains(&passed), "{limit:?}: {passed:?}");
        }
    }

    async fn the_time_of_a_wait_that_was_dropped_wakes_nobody() {
        let stage = Stage::<F>::new().await;
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        let woken = Arc::new(Woken::default());
        let waker = woken.clone().into();
        let mut next = Box::pin(consumer.next_within(Duration::from_secs(1)));
        assert!(next.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(next);
        sleep::<F>(Duration::from_secs(2)).await;
        assert!(!woken.0.load(Ordering::Relaxed));
    }

    async fn a_limit_of_ages_is_none() {
        let stage = Stage::<F>::new().await;
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        let mut next = Box::pin(consumer.next_within(Duration::MAX));
        waits(next.as_mut(), "a message").await;
        sleep::<F>(Duration::from_secs(10_000)).await;
        waits(next.as_mut(), "a message").await;
        stage.fill(1).await;
        assert!(next.await.unwrap().is_some());
    }
}
