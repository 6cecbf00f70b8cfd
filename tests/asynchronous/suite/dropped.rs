//! Futures that are dropped: the next call gets its own reply, and nothing is left behind.

use std::pin::pin;
use std::time::Duration;

use pika::broker::{Plan, Settings};
use pika::wire::ChannelId;

use super::amqp::{Version, basic, queue};
use super::stage::{consume, declare, get, text};
use super::*;
use crate::hosted::Hosted;
use crate::task::{MOMENTS, Moment, drop_at, poll_once, waits};

in_each_runtime! {
    async fn a_dropped_call_leaves_its_reply_to_nobody() {
        let stage = Stage::<F>::new().await;
        for moment in MOMENTS {
            let first = stage.channel.queue_declare(queue::Declare::new("first"));
            drop_at(moment, first, stage.settled()).await;
            let second = stage.channel.queue_declare(queue::Declare::new("second"));
            assert_eq!(second.await.unwrap().queue, "second", "{moment:?}");
        }
    }

    async fn of_calls_on_their_way_any_can_be_dropped() {
        let stage = Stage::<F>::new().await;
        let call = |name| stage.channel.queue_declare(queue::Declare::new(name));
        let (a, b, c, d) = (call("a"), call("b"), call("c"), call("d"));
        drop(c);
        drop(a);
        assert_eq!(d.await.unwrap().queue, "d");
        assert_eq!(b.await.unwrap().queue, "b");
    }

    async fn a_dropped_consume_leaves_no_consumer_and_no_message_taken() {
        let stage = Stage::<F>::new().await;
        stage.fill(5).await;
        for moment in MOMENTS {
            drop_at(moment, stage.channel.consume(consume()), stage.settled()).await;
            stage.settles_at(5, 0, 0).await;
        }
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        for _ in 0..5 {
            consumer.next().await.unwrap().unwrap().ack().unwrap();
        }
        stage.settles_at(0, 0, 1).await;
    }

    async fn a_dropped_get_gives_its_message_back() {
        let stage = Stage::<F>::new().await;
        stage.fill(1).await;
        for moment in MOMENTS {
            let got = stage.channel.get(get());
            let got = async { got.await.unwrap().unwrap().reject(true).unwrap() };
            drop_at(moment, got, stage.settled()).await;
            stage.settles_at(1, 0, 0).await;
        }
        let fetched = stage.channel.get(get()).await.unwrap().unwrap();
        assert_eq!(text(&fetched), "0");
        assert!(fetched.redelivered());
    }

    async fn a_channel_that_nobody_took_is_closed() {
        let hosted = Hosted::with_settings::<F>(Settings::new().channel_max(3));
        let stage = Stage::<F>::on(hosted, patient()).await;
        for (round, moment) in (0..).zip(MOMENTS) {
            drop_at(moment, stage.connection.channel(), stage.settled()).await;
            stage.hosted.hears("channel.close", 2 * round + 1).await;
            stage.settled().await;
            let third = stage.connection.channel().await.unwrap();
            assert_eq!(third.id(), ChannelId(3), "{moment:?}");
            third.close().await.unwrap();
            stage.hosted.hears("channel.close", 2 * round + 2).await;
        }
    }

    async fn a_message_that_nobody_waited_for_long_enough_is_the_next_one() {
        let stage = Stage::<F>::new().await;
        let mut consumer = stage.channel.consume(consume().no_ack(true)).await.unwrap();
        for (number, moment) in MOMENTS.into_iter().enumerate() {
            if moment == Moment::Done {
                continue;
            }
            drop_at(moment, consumer.next(), async {
                stage.side.publish("", "q", number.to_string().as_bytes()).await.unwrap();
                stage.settled().await;
            })
            .await;
            if moment != Moment::Answered {
                stage.side.publish("", "q", number.to_string().as_bytes()).await.unwrap();
            }
            let received = consumer.next().await.unwrap().unwrap();
            assert_eq!(text(&received), *number.to_string(), "{moment:?}");
        }
    }

    async fn a_cancel_that_is_dropped_has_ended_the_consumer() {
        let stage = Stage::<F>::new().await;
        stage.fill(3).await;
        for moment in MOMENTS {
            let mut consumer = stage.channel.consume(consume()).await.unwrap();
            let first = consumer.next().await.unwrap().unwrap();
            stage.settled().await;
            drop_at(moment, consumer.cancel(), stage.settled()).await;
            first.reject(true).unwrap();
            stage.settles_at(3, 0, 0).await;
        }
    }

    async fn a_cancel_goes_out_while_other_calls_wait_for_room() {
        let stage = Stage::<F>::with(patient().output_water(10, 20)).await;
        stage.fill(2).await;
        let consumer = stage.channel.consume(consume()).await.unwrap();
        stage.settles_at(0, 2, 1).await;
        stage.hosted.takes(0);
        stage.channel.publish("", "q", &[7; 100]).await.unwrap();
        assert!(poll_once(pin!(consumer.cancel())).await.is_pending());
        stage.hosted.takes(usize::MAX);
        stage.settles_at(3, 0, 0).await;
    }

    async fn a_close_that_was_polled_goes_on_without_its_future() {
        let stage = Stage::<F>::new().await;
        drop(stage.channel.close());
        assert!(stage.channel.is_open());
        let _ = poll_once(pin!(stage.channel.close())).await;
        stage.hosted.hears("channel.close", 1).await;
        assert!(stage.channel.wait_closed().await.is_normal());

        drop(stage.connection.close());
        assert!(stage.connection.is_open());
        let _ = poll_once(pin!(stage.connection.close())).await;
        assert!(stage.connection.wait_closed().await.is_normal());
        stage.hosted.until(|hosted| hosted.open_transports() == 0).await;
        assert_eq!(stage.hosted.heard("connection.close"), 1);
    }

    async fn a_close_is_on_its_way_also_when_the_output_is_full() {
        let stage = Stage::<F>::with(patient().output_water(10, 20)).await;
        stage.hosted.takes(0);
        stage.channel.publish("", "q", &[7; 100]).await.unwrap();
        assert!(poll_once(pin!(stage.channel.close())).await.is_pending());
        assert!(!stage.channel.is_open());
        stage.hosted.takes(usize::MAX);
        stage.hosted.hears("channel.close", 1).await;
        assert!(stage.channel.wait_closed().await.is_normal());
    }

    async fn a_call_that_is_dropped_while_it_waits_for_room_is_never_made() {
        let stage = Stage::<F>::with(patient().output_water(10, 20)).await;
        stage.hosted.takes(0);
        stage.channel.publish("", "q", &[7; 100]).await.unwrap();
        let call = |name| stage.channel.queue_declare(queue::Declare::new(name));
        let kept = call("kept");
        let mut dropped = Box::pin(call("dropped"));
        waits(dropped.as_mut(), "a call with the output full").await;
        drop(dropped);
        drop(call("never polled"));
        let consumed = stage.channel.consume(consume());
        drop(consumed);
        stage.hosted.takes(usize::MAX);
        assert_eq!(kept.await.unwrap().queue, "kept");
        stage.settled().await;
        assert_eq!(stage.hosted.heard("queue.declare"), 2);
        assert_eq!(stage.hosted.heard("basic.consume"), 0);
    }

    async fn a_publish_that_is_dropped_while_it_waits_was_not_sent() {
        let stage = Stage::<F>::with(patient().output_water(10, 20)).await;
        stage.flow(false).await;
        let mut stopped = Box::pin(stage.channel.publish("", "q", "stopped"));
        waits(stopped.as_mut(), "a publish while flow is off").await;
        drop(stopped);
        stage.flow(true).await;

        stage.hosted.takes(0);
        stage.channel.publish("", "q", "fills").await.unwrap();
        let mut full = Box::pin(stage.channel.publish("", "q", "no room"));
        waits(full.as_mut(), "a publish with the output full").await;
        drop(full);
        stage.hosted.takes(usize::MAX);
        stage.channel.publish("", "q", "last").await.unwrap();
        stage.settles_at(2, 0, 0).await;
        for body in ["fills", "last"] {
            assert_eq!(text(&stage.side.get(get()).await.unwrap().unwrap()), *body);
        }
    }

    async fn what_came_back_is_not_lost_with_the_future_that_waited_for_it() {
        let stage = Stage::<F>::new().await;
        let mandatory = basic::Publish::new("", "nowhere").mandatory(true);
        let properties = basic::Properties::new();
        let publish = |body: &'static str| stage.channel.basic_publish(&mandatory, &properties, body);
        for moment in [Moment::Unpolled, Moment::Polled, Moment::Answered] {
            drop_at(moment, stage.channel.next_returned(), async {
                publish("early").await.unwrap();
                stage.settled().await;
            })
            .await;
            if moment != Moment::Answered {
                publish("early").await.unwrap();
            }
            let returned = stage.channel.next_returned().await.unwrap();
            assert_eq!(returned.content.body(), b"early", "{moment:?}");
        }
    }

    async fn changes_and_notices_are_not_lost_with_the_future_that_waited_for_them() {
        let stage = Stage::<F>::new().await;
        let mut changes = stage.channel.flow_changes();
        assert!(changes.next().await.unwrap());
        let mut active = true;
        for moment in [Moment::Unpolled, Moment::Polled, Moment::Answered] {
            active = !active;
            let change = async {
                stage.flow(active).await;
            };
            let mut change = Box::pin(change);
            drop_at(moment, changes.next(), change.as_mut()).await;
            if moment != Moment::Answered {
                change.await;
            }
            assert_eq!(changes.next().await.unwrap(), active, "{moment:?}");
            let mut closed = Box::pin(stage.connection.wait_closed());
            waits(closed.as_mut(), "an open connection").await;
            drop(closed);
            drop_at(moment, stage.channel.wait_closed(), stage.settled()).await;
        }
        for expected in [false, true, false] {
            drop(stage.connection.next_notice());
            let notice = stage.connection.next_notice().await.unwrap();
            let pika::tokio::Notice::Flow { active, .. } = notice else {
                panic!("expected a change of flow, found {notice:?}");
            };
            assert_eq!(active, expected);
        }
        let mut notice = Box::pin(stage.connection.next_notice());
        waits(notice.as_mut(), "a notice").await;
        drop(notice);
        stage.flow(true).await;
        assert!(stage.connection.next_notice().await.is_some());
    }

    async fn a_call_whose_handles_are_gone_ends() {
        let stage = Stage::<F>::new().await;
        stage.hosted.now(Plan::new().withhold("queue.declare-ok"));
        let channel = stage.connection.channel().await.unwrap();
        let call = channel.queue_declare(declare());
        drop(channel);
        assert!(soon::<F, _>(call).await.unwrap().is_err());

        let call = stage.channel.queue_declare(declare());
        let Stage { hosted, connection, channel, side } = stage;
        drop((connection, channel, side));
        assert!(soon::<F, _>(call).await.unwrap().is_err());
        hosted.until(|hosted| hosted.open_transports() == 0).await;
    }

    async fn opening_that_is_dropped_ends_the_connection() {
        let hosted = Hosted::new::<F>();
        hosted.plan(Plan::new());
        hosted.plan(Plan::new().withhold("connection.tune"));
        hosted.plan(Plan::new().withhold("connection.open-ok"));
        for moment in [Moment::Unpolled, Moment::Answered, Moment::Answered] {
            let opening = F::over::<Version>(hosted.wire(), patient());
            drop_at(moment, opening, crate::flavour::sleep::<F>(Duration::from_millis(5))).await;
            let ended = hosted.until(|hosted| hosted.open_transports() == 0);
            assert!(soon::<F, _>(ended).await.is_some(), "{moment:?}");
        }
        let opening = F::over::<Version>(hosted.wire(), patient());
        let connection = opening.await.unwrap();
        drop(connection);
        hosted.hears("connection.close", 1).await;
    }
}
