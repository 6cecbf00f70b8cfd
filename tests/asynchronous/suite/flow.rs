//! `channel.flow`: content stops and goes on when the server says so, everything else goes on.

use std::time::Duration;

use pika::Error;
use pika::error::Forbidden;
use pika::wire::ChannelId;

use super::amqp::basic;
use super::stage::{consume, declare, get, get_soon, reason, text};
use super::*;
use crate::flavour::sleep;
use crate::hosted::Seen;
use crate::task::{spawn, waits};

/// Publishes if that is allowed now.
fn attempt(channel: &Channel, body: &'static str) -> pika::Result<()> {
    let (publish, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
    Ok(channel.try_basic_publish(&publish, &properties, body)?)
}

#[track_caller]
fn is_stopped(result: pika::Result<()>) {
    assert!(
        matches!(result, Err(Error::ContentForbidden(Forbidden::Flow))),
        "{result:?}"
    );
}

in_each_runtime! {
    async fn content_is_refused_while_flow_is_off() {
        let stage = Stage::<F>::new().await;
        attempt(&stage.channel, "before").unwrap();
        for _ in 0..3 {
            stage.flow(false).await;
            assert_eq!(stage.channel.forbidden(), Some(Forbidden::Flow));
            is_stopped(attempt(&stage.channel, "refused"));
            stage.flow(true).await;
            assert_eq!(stage.channel.forbidden(), None);
        }
        attempt(&stage.channel, "after").unwrap();
        stage.settles_at(2, 0, 0).await;
    }

    async fn flow_that_is_off_on_one_channel_stops_no_other() {
        let stage = Stage::<F>::new().await;
        stage.flow(false).await;
        attempt(&stage.side, "other channel").unwrap();
        is_stopped(attempt(&stage.channel, "refused"));
        let third = stage.connection.channel().await.unwrap();
        attempt(&third, "third channel").unwrap();
        stage.settles_at(2, 0, 0).await;
    }

    async fn a_channel_whose_number_had_flow_off_begins_with_flow_on() {
        let stage = Stage::<F>::new().await;
        stage.flow(false).await;
        stage.channel.close().await.unwrap();
        let again = stage.connection.channel().await.unwrap();
        assert_eq!(again.id(), ChannelId(1));
        attempt(&again, "fine").unwrap();
        assert!(again.flow_changes().next().await.unwrap());
    }

    async fn everything_but_content_goes_while_flow_is_off() {
        let stage = Stage::<F>::new().await;
        stage.fill(3).await;
        stage.flow(false).await;
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        consumer.next().await.unwrap().unwrap().ack().unwrap();
        let second = consumer.next().await.unwrap().unwrap();
        consumer.next().await.unwrap().unwrap().ack_all().unwrap();
        assert!(second.ack().unwrap().is_stale(), "it was settled with the third");
        stage.settles_at(0, 0, 1).await;
        consumer.cancel().await.unwrap();
        stage.channel.queue_declare(declare()).await.unwrap();
        assert!(stage.channel.get(get()).await.unwrap().is_none());
        stage.connection.channel().await.unwrap().close().await.unwrap();
        is_stopped(attempt(&stage.channel, "refused"));
        stage.channel.close().await.unwrap();
        stage.connection.close().await.unwrap();
    }

    async fn content_that_has_begun_is_finished_when_flow_goes_off() {
        let stage = Stage::<F>::with(patient().frame_max(4096)).await;
        stage.hosted.frames();
        stage.hosted.takes(10_000);
        let body = vec![5; 50_000];
        stage.channel.publish("", "q", &body).await.unwrap();
        stage.hosted.until(|hosted| hosted.taken() == 10_000).await;
        let mut changes = stage.channel.flow_changes();
        assert!(changes.next().await.unwrap());
        stage.hosted.faults(|faults, id| { faults.flow(id, ChannelId(1), false); });
        assert!(!changes.next().await.unwrap());
        is_stopped(attempt(&stage.channel, "refused"));
        stage.hosted.takes(usize::MAX);
        stage.hosted.hears("channel.flow-ok", 1).await;
        stage.settles_at(1, 0, 0).await;
        let frames = stage.hosted.frames();
        let bodies = frames.iter().filter(|(_, seen)| matches!(seen, Seen::Body(_))).count();
        assert_eq!(bodies, 50_000_usize.div_ceil(4096 - 8));
        assert_eq!(frames.last(), Some(&(1, Seen::Method)), "the answer comes behind it");
        assert_eq!(get_soon::<F>(&stage.side).await.body(), body);
    }

    async fn a_publish_waits_until_flow_is_on() {
        let stage = Stage::<F>::new().await;
        stage.flow(false).await;
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let channel = stage.channel.clone();
                spawn::<F, _>(async move { channel.publish("", "q", "waits").await })
            })
            .collect();
        sleep::<F>(Duration::from_millis(5)).await;
        assert!(tasks.iter().all(|task| task.is_running()));
        stage.settles_at(0, 0, 0).await;
        stage.flow(true).await;
        for task in tasks {
            soon::<F, _>(task).await.expect("all go on").unwrap();
        }
        stage.settles_at(10, 0, 0).await;
    }

    async fn flow_that_is_off_again_before_anybody_looked_stops_content() {
        let stage = Stage::<F>::new().await;
        stage.flow(false).await;
        let mut publish = Box::pin(stage.channel.publish("", "q", "waits"));
        waits(publish.as_mut(), "a publish while flow is off").await;
        stage.hosted.faults(|faults, id| {
            faults.flow(id, ChannelId(1), true).flow(id, ChannelId(1), false);
        });
        stage.hosted.hears("channel.flow-ok", 3).await;
        stage.settled().await;
        waits(publish.as_mut(), "a publish while flow is off again").await;
        stage.flow(true).await;
        soon::<F, _>(publish).await.unwrap().unwrap();
        stage.settles_at(1, 0, 0).await;
    }

    async fn flow_that_is_off_before_a_channel_is_open_counts() {
        let stage = Stage::<F>::new().await;
        let opening = stage.connection.channel();
        stage.hosted.hears("channel.open", 3).await;
        stage.hosted.faults(|faults, id| { faults.flow(id, ChannelId(3), false); });
        stage.settled().await;
        let third = opening.await.unwrap();
        is_stopped(attempt(&third, "refused"));
        assert!(!third.flow_changes().next().await.unwrap());
    }

    async fn every_watcher_sees_the_state_now_and_each_change() {
        let stage = Stage::<F>::new().await;
        stage.flow(false).await;
        let watch = || {
            let mut changes = stage.channel.flow_changes();
            let hosted = stage.hosted.clone();
            let channel = stage.channel.id();
            spawn::<F, _>(async move {
                let mut seen = Vec::new();
                while seen.len() < 2 {
                    seen.push(changes.next().await.unwrap());
                }
                drop((hosted, channel));
                seen
            })
        };
        let (one, other) = (watch(), watch());
        sleep::<F>(Duration::from_millis(5)).await;
        stage.flow(true).await;
        assert_eq!(soon::<F, _>(one).await.unwrap(), [false, true]);
        assert_eq!(soon::<F, _>(other).await.unwrap(), [false, true]);
    }

    async fn a_watcher_is_not_told_what_it_knows() {
        let stage = Stage::<F>::new().await;
        let mut changes = stage.channel.flow_changes();
        assert!(changes.next().await.unwrap());
        stage.flow(true).await;
        let mut next = Box::pin(changes.next());
        waits(next.as_mut(), "a change to the same").await;
        stage.flow(false).await;
        assert!(!next.await.unwrap());
    }

    async fn a_watcher_learns_that_its_channel_closed() {
        let stage = Stage::<F>::new().await;
        let watch = |channel: &Channel| {
            let mut changes = channel.flow_changes();
            spawn::<F, _>(async move {
                loop {
                    if let Err(error) = changes.next().await {
                        return error;
                    }
                }
            })
        };
        let (ours, servers) = (watch(&stage.channel), watch(&stage.side));
        stage.channel.close().await.unwrap();
        let error = soon::<F, _>(ours).await.unwrap();
        assert!(error.closed().unwrap().is_normal());
        reason(stage.side.get(basic::Get::new("missing")).await);
        let error = soon::<F, _>(servers).await.unwrap();
        assert_eq!(error.closed().unwrap().code().unwrap().0, 404);
    }

    async fn a_refused_message_can_be_kept_and_sent_again() {
        let stage = Stage::<F>::new().await;
        let mut pending = std::collections::VecDeque::from(["first", "second"]);
        stage.flow(false).await;
        let mut refused = 0;
        while let Some(body) = pending.pop_front() {
            match attempt(&stage.channel, body) {
                Ok(()) => {}
                Err(Error::ContentForbidden(_)) => {
                    pending.push_front(body);
                    refused += 1;
                    stage.flow(true).await;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(refused, 1);
        for body in ["first", "second"] {
            assert_eq!(text(&get_soon::<F>(&stage.side).await), *body);
        }
    }
}
