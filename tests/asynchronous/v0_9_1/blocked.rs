//! `connection.blocked`: no content on any channel, everything else goes on.

use std::time::Duration;

use pika::Error;
use pika::broker::{Plan, Settings};
use pika::config::Heartbeat;
use pika::error::{Forbidden, TimedOut, Waiting};
use pika::tokio::Notice;

use super::amqp::basic;
use super::suite::stage::{Channel, Stage, consume, declare, patient, soon};
use crate::flavour::{Flavour, sleep};
use crate::hosted::{Hosted, Seen};
use crate::task::{Moment, drop_at, spawn, waits};

impl<F: Flavour> Stage<F> {
    async fn block(&self, why: &'static str) {
        self.hosted.faults(|faults, id| {
            faults.blocked(id, why);
        });
        self.settled().await;
    }

    async fn unblock(&self) {
        self.hosted.faults(|faults, id| {
            faults.unblocked(id);
        });
        self.settled().await;
    }
}

fn attempt(channel: &Channel) -> pika::Result<()> {
    let (publish, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
    Ok(channel.try_basic_publish(&publish, &properties, "x")?)
}

in_each_runtime! {
    async fn content_is_refused_on_all_channels_while_the_connection_is_blocked() {
        let stage = Stage::<F>::with(patient()).await;
        stage.block("low on memory").await;
        assert_eq!(stage.connection.blocked().unwrap(), "low on memory");
        for channel in [&stage.channel, &stage.side] {
            assert_eq!(channel.forbidden(), Some(Forbidden::Blocked));
            let refused = attempt(channel);
            assert!(matches!(refused, Err(Error::ContentForbidden(Forbidden::Blocked))));
        }
        let third = stage.connection.channel().await.unwrap();
        assert!(attempt(&third).is_err());
        stage.unblock().await;
        assert_eq!(stage.connection.blocked(), None);
        for channel in [&stage.channel, &stage.side, &third] {
            attempt(channel).unwrap();
        }
        stage.settles_at(3, 0, 0).await;
    }

    async fn everything_but_content_goes_while_the_connection_is_blocked() {
        let stage = Stage::<F>::with(patient()).await;
        stage.fill(2).await;
        stage.block("low on disk").await;
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        consumer.next().await.unwrap().unwrap().ack().unwrap();
        consumer.next().await.unwrap().unwrap().reject(false).unwrap();
        stage.settles_at(0, 0, 1).await;
        stage.channel.queue_declare(declare()).await.unwrap();
        stage.channel.close().await.unwrap();
        stage.connection.close().await.unwrap();
    }

    async fn a_publish_waits_until_the_connection_is_unblocked_and_flow_is_on() {
        let stage = Stage::<F>::with(patient()).await;
        stage.block("low on memory").await;
        stage.flow(false).await;
        let mut publish = Box::pin(stage.channel.publish("", "q", "waits"));
        waits(publish.as_mut(), "a publish while blocked").await;
        stage.unblock().await;
        waits(publish.as_mut(), "a publish while flow is off").await;
        stage.block("again").await;
        stage.flow(true).await;
        waits(publish.as_mut(), "a publish while blocked again").await;
        let channel = stage.side.clone();
        let other = spawn::<F, _>(async move { channel.publish("", "q", "waits too").await });
        stage.unblock().await;
        soon::<F, _>(publish).await.unwrap().unwrap();
        soon::<F, _>(other).await.unwrap().unwrap();
        stage.settles_at(2, 0, 0).await;
    }

    async fn a_publish_that_is_dropped_while_blocked_was_not_sent() {
        let stage = Stage::<F>::with(patient()).await;
        stage.block("low on memory").await;
        for moment in [Moment::Unpolled, Moment::Polled, Moment::Answered] {
            drop_at(moment, stage.channel.publish("", "q", "x"), stage.unblock()).await;
            stage.block("low on memory").await;
        }
        stage.unblock().await;
        stage.settles_at(0, 0, 0).await;
    }

    async fn content_that_has_begun_is_finished_when_the_connection_is_blocked() {
        let stage = Stage::<F>::with(patient().frame_max(4096)).await;
        stage.hosted.frames();
        stage.hosted.takes(10_000);
        stage.channel.publish("", "q", &[5; 50_000]).await.unwrap();
        stage.hosted.until(|hosted| hosted.taken() == 10_000).await;
        let mut changes = stage.connection.blocked_changes();
        assert!(changes.next().await.unwrap().is_none());
        stage.hosted.faults(|faults, id| { faults.blocked(id, "now"); });
        assert!(changes.next().await.unwrap().is_some());
        assert!(attempt(&stage.side).is_err());
        stage.hosted.takes(usize::MAX);
        stage.settles_at(1, 0, 0).await;
        let frames = stage.hosted.frames();
        let bodies = frames.iter().filter(|(_, seen)| matches!(seen, Seen::Body(_))).count();
        assert_eq!(bodies, 50_000_usize.div_ceil(4096 - 8));
    }

    async fn a_watcher_sees_whether_it_is_blocked_now_and_each_change() {
        let stage = Stage::<F>::with(patient()).await;
        let mut changes = stage.connection.blocked_changes();
        for (moment, why) in [
            (Moment::Unpolled, "one"),
            (Moment::Polled, "two"),
            (Moment::Answered, "three"),
        ] {
            assert_eq!(changes.next().await.unwrap(), None);
            let mut block = Box::pin(stage.block(why));
            drop_at(moment, changes.next(), block.as_mut()).await;
            if moment != Moment::Answered {
                block.await;
            }
            assert_eq!(changes.next().await.unwrap().unwrap(), why, "{moment:?}");
            let mut late = stage.connection.blocked_changes();
            assert_eq!(late.next().await.unwrap().unwrap(), why);
            stage.unblock().await;
        }
        assert_eq!(changes.next().await.unwrap(), None);
        let closed = spawn::<F, _>(async move { changes.next().await });
        stage.connection.close().await.unwrap();
        assert!(soon::<F, _>(closed).await.unwrap().is_err());
        let notices = [stage.connection.next_notice().await, stage.connection.next_notice().await];
        assert!(matches!(&notices[0], Some(Notice::Blocked(why)) if *why == "one"));
        assert!(matches!(&notices[1], Some(Notice::Unblocked)));
    }
}

in_simulated_time! {
    async fn a_publish_while_blocked_waits_for_its_deadline() {
        let stage = Stage::<F>::with(patient().blocked_timeout(Duration::from_secs(3))).await;
        stage.block("low on memory").await;
        let start = tokio::time::Instant::now();
        let error = stage.channel.publish("", "q", "late").await.unwrap_err();
        let Error::TimedOut(TimedOut { waiting_for, .. }) = error else {
            panic!("expected a timeout, found {error:?}");
        };
        assert_eq!(waiting_for, Waiting::Permission(Forbidden::Blocked));
        assert_eq!(start.elapsed().as_secs(), 3);
    }

    async fn heartbeats_go_on_while_blocked() {
        let hosted = Hosted::with_settings::<F>(Settings::new().heartbeat(10));
        let config = patient().heartbeat(Heartbeat::Broker).blocked_timeout(None);
        let stage = Stage::<F>::on(hosted, config).await;
        stage.block("low on memory").await;
        let channel = stage.channel.clone();
        let publish = spawn::<F, _>(async move { channel.publish("", "q", "waits").await });
        stage.hosted.frames();
        sleep::<F>(Duration::from_secs(1_000)).await;
        let frames = stage.hosted.frames();
        let beats = frames.iter().filter(|(_, seen)| *seen == Seen::Heartbeat).count();
        assert!((150..=250).contains(&beats), "{beats} heartbeats in 1000 s");
        assert!(publish.is_running() && stage.connection.is_open());
        stage.unblock().await;
        publish.await.unwrap();
        // The broker's own are missed when they do not come.
        stage.hosted.now(Plan::new().withhold("heartbeat"));
        assert!(soon_closed(&stage).await, "two silent intervals end it");
    }
}

async fn soon_closed<F: Flavour>(stage: &Stage<F>) -> bool {
    let closed = stage.connection.wait_closed();
    crate::flavour::within::<F, _>(Duration::from_secs(25), closed)
        .await
        .is_some()
}
