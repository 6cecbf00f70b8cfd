//! Closes: by the program, by the server, by both at once, and by nobody's holding a handle.

use std::time::Duration;

use pika::broker::{Ending, Plan};
use pika::error::{Cause, TransportEnd, Waiting};
use pika::tokio::ConsumerEnd;
use pika::wire::{ReplyCode, ShortStr};

use super::amqp::{basic, queue};
use super::stage::{consume, declare, get, reason};
use super::*;
use crate::flavour::sleep;
use crate::task::{poll_once, spawn};

in_each_runtime! {
    async fn many_closes_at_once_send_one_frame_and_all_succeed() {
        let stage = Stage::<F>::new().await;
        let closes: Vec<_> = (0..10)
            .map(|_| {
                let channel = stage.channel.clone();
                spawn::<F, _>(async move { channel.close().await })
            })
            .collect();
        for close in closes {
            soon::<F, _>(close).await.unwrap().unwrap();
        }
        let closes: Vec<_> = (0..10)
            .map(|_| {
                let connection = stage.connection.clone();
                spawn::<F, _>(async move { connection.close().await })
            })
            .collect();
        for close in closes {
            soon::<F, _>(close).await.unwrap().unwrap();
        }
        stage.connection.close().await.unwrap();
        stage.channel.close().await.unwrap();
        assert_eq!(stage.hosted.heard("channel.close"), 1);
        assert_eq!(stage.hosted.heard("connection.close"), 1);
    }

    async fn a_closed_channel_and_connection_keep_telling_why() {
        let stage = Stage::<F>::new().await;
        let text = ShortStr::from_static("my reasons");
        stage.channel.close_with(ReplyCode(299), text.clone()).await.unwrap();
        for _ in 0..2 {
            let why = reason(stage.channel.queue_declare(declare()).await);
            assert_eq!((why.code(), why.text()), (Some(ReplyCode(299)), Some(&text)));
            assert!(reason(stage.channel.get(get()).await).is_normal());
            assert!(reason(stage.channel.publish("", "q", "x").await).is_normal());
            assert!(reason(stage.channel.consume(consume()).await).is_normal());
            assert!(stage.channel.next_returned().await.is_err());
        }
        assert!(stage.side.is_open() && !stage.channel.is_open());
        // Its number has a new owner, which is no concern of the old handle.
        let again = stage.connection.channel().await.unwrap();
        assert_eq!(again.id(), stage.channel.id());
        assert_eq!(reason(stage.channel.get(get()).await).text(), Some(&text));
        again.queue_declare(declare()).await.unwrap();
    }

    async fn what_was_published_before_a_close_arrives() {
        let stage = Stage::<F>::new().await;
        for _ in 0..100 {
            stage.channel.publish("", "q", &[0; 10_000]).await.unwrap();
        }
        stage.connection.close().await.unwrap();
        assert_eq!(stage.hosted.queue("q").ready, 100);
    }

    async fn closes_that_cross_are_good_closes() {
        let stage = Stage::<F>::new().await;
        stage.hosted.now(Plan::new().ignore("connection.close"));
        let connection = stage.connection.clone();
        let close = spawn::<F, _>(async move { connection.close().await });
        while stage.connection.is_open() {
            sleep::<F>(Duration::from_millis(1)).await;
        }
        let ok = ReplyCode::REPLY_SUCCESS;
        stage.hosted.faults(|faults, id| { faults.close(id, ok, "bye"); });
        soon::<F, _>(close).await.unwrap().unwrap();
        assert!(stage.connection.closed().unwrap().is_normal());

        let stage = Stage::<F>::new().await;
        stage.hosted.now(Plan::new().ignore("channel.close"));
        let channel = stage.channel.clone();
        let close = spawn::<F, _>(async move { channel.close().await });
        while stage.channel.is_open() {
            sleep::<F>(Duration::from_millis(1)).await;
        }
        stage.settled().await;
        let (code, id) = (ReplyCode::PRECONDITION_FAILED, stage.channel.id());
        stage.hosted.now(Plan::new());
        stage.hosted.faults(|faults, on| {
            faults.say_channel_close(on, id, code, "me first");
            faults.method(on, id, &super::amqp::channel::CloseOk::new());
        });
        // The server has done nothing of what was sent since: that is no good close.
        let why = reason(soon::<F, _>(close).await.unwrap());
        assert_eq!(why.code(), Some(code));
    }

    async fn a_server_that_hangs_up_instead_of_confirming_is_an_error() {
        let stage = Stage::<F>::new().await;
        stage.hosted.now(Plan::new().ignore("connection.close"));
        let connection = stage.connection.clone();
        let close = spawn::<F, _>(async move { connection.close().await });
        while stage.connection.is_open() {
            sleep::<F>(Duration::from_millis(1)).await;
        }
        stage.hosted.faults(|faults, id| { faults.end(id, Ending::Close); });
        let why = reason(soon::<F, _>(close).await.unwrap());
        let expected = Cause::Transport { end: TransportEnd::Eof, during: None };
        assert_eq!(why.cause, expected);
        assert!(stage.connection.closed().unwrap().is_normal());
    }

    async fn the_last_handle_of_whatever_kind_closes_the_connection() {
        let handles = ["connection", "channel", "delivery", "flow", "blocked", "next", "none"];
        for last in handles {
            let stage = Stage::<F>::new().await;
            stage.fill(1).await;
            let mut consumer = stage.channel.consume(consume()).await.unwrap();
            let delivery = consumer.next().await.unwrap().unwrap();
            let (flow, blocked) = (stage.side.flow_changes(), stage.connection.blocked_changes());
            let Stage { hosted, connection, channel, side } = stage;
            let mut next = Box::pin(async move { consumer.next().await });
            assert!(poll_once(next.as_mut()).await.is_pending());
            let mut all: Vec<(&str, Box<dyn std::any::Any>)> = vec![
                ("connection", Box::new(connection)),
                ("channel", Box::new(channel)),
                ("side", Box::new(side)),
                ("delivery", Box::new(delivery)),
                ("flow", Box::new(flow)),
                ("blocked", Box::new(blocked)),
                ("next", Box::new(next)),
            ];
            all.retain(|(name, _)| *name == last);
            sleep::<F>(Duration::from_millis(2)).await;
            assert!(all.is_empty() || hosted.heard("connection.close") == 0, "{last}");
            drop(all);
            let closed = hosted.hears("connection.close", 1);
            assert!(soon::<F, _>(closed).await.is_some(), "{last} does not close it");
            let ended = hosted.until(|hosted| hosted.open_transports() == 0);
            assert!(soon::<F, _>(ended).await.is_some(), "the driver stays after {last}");
        }
    }

    async fn the_last_handle_of_a_channel_closes_the_channel() {
        let stage = Stage::<F>::new().await;
        let third = stage.connection.channel().await.unwrap();
        let clone = third.clone();
        third.publish("", "q", "before the close").await.unwrap();
        drop(third);
        stage.settled().await;
        assert_eq!(stage.hosted.heard("channel.close"), 0);
        let watch = clone.flow_changes();
        drop(clone);
        stage.settled().await;
        assert_eq!(stage.hosted.heard("channel.close"), 0);
        drop(watch);
        stage.hosted.hears("channel.close", 1).await;
        stage.settles_at(1, 0, 0).await;
    }

    async fn messages_that_were_not_settled_go_back_with_the_channel() {
        let stage = Stage::<F>::new().await;
        stage.fill(3).await;
        let third = stage.connection.channel().await.unwrap();
        let fetched = third.get(get()).await.unwrap().unwrap();
        let token = fetched.into_token();
        stage.settles_at(2, 1, 0).await;
        drop(third);
        stage.settles_at(3, 0, 0).await;
        let other = stage.channel.ack(token, false).unwrap();
        assert!(other.is_stale(), "a delivery of one channel is not another's");
        stage.settles_at(3, 0, 0).await;
    }

    async fn a_consumer_tells_who_ended_it() {
        let stage = Stage::<F>::new().await;
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        let tag = consumer.tag().unwrap();
        let waiting = spawn::<F, _>(async move {
            let none = consumer.next().await.unwrap().is_none();
            (none, consumer)
        });
        let channel = stage.channel.id();
        stage.hosted.faults(|faults, id| { faults.cancel(id, channel, tag); });
        let (none, consumer) = soon::<F, _>(waiting).await.unwrap();
        assert!(none && matches!(consumer.end(), Some(ConsumerEnd::CancelledByServer)));
        consumer.cancel().await.unwrap();
        stage.settled().await;
        // The answer to this one says that nothing more comes; the program's own needs no other.
        assert_eq!(stage.hosted.heard("basic.cancel"), 1);

        stage.channel.queue_declare(queue::Declare::new("gone")).await.unwrap();
        let mut other = stage.channel.consume(basic::Consume::new("gone")).await.unwrap();
        stage.side.queue_delete(queue::Delete::new("gone")).await.unwrap();
        assert!(soon::<F, _>(other.next()).await.unwrap().unwrap().is_none());
    }

    async fn messages_before_the_end_are_handed_out_before_it() {
        let stage = Stage::<F>::new().await;
        stage.fill(20).await;
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        stage.settled().await;
        let tag = consumer.tag().unwrap();
        let channel = stage.channel.id();
        stage.hosted.faults(|faults, id| { faults.cancel(id, channel, tag); });
        stage.settled().await;
        let mut count = 0;
        while let Some(delivery) = consumer.next().await.unwrap() {
            assert!(consumer.end().is_none() || count == 19);
            delivery.ack().unwrap();
            count += 1;
        }
        assert_eq!(count, 20);
        assert!(consumer.next().await.unwrap().is_none());
    }
}

in_simulated_time! {
    async fn a_close_that_is_not_confirmed_is_a_timeout() {
        for takes in [usize::MAX, 0] {
            // The broker lets go of a closed connection after ten seconds.
            let limit = Duration::from_secs(5);
            let stage = Stage::<F>::with(patient().close_timeout(limit)).await;
            stage.hosted.now(Plan::new().withhold("connection.close-ok"));
            stage.channel.publish("", "q", "x").await.unwrap();
            stage.hosted.takes(takes);
            let start = tokio::time::Instant::now();
            let why = reason(stage.connection.close().await);
            let Cause::TimedOut(late) = why.cause else {
                panic!("{why:?}");
            };
            assert_eq!(late.waiting_for, Waiting::CloseOk);
            assert_eq!(start.elapsed().as_secs(), limit.as_secs());
            stage.hosted.until(|hosted| hosted.open_transports() == 0).await;
        }
    }

    async fn a_channel_close_that_is_not_confirmed_is_a_timeout_for_all_who_wait() {
        let stage = Stage::<F>::new().await;
        stage.hosted.now(Plan::new().withhold("channel.close-ok"));
        let channel = stage.channel.clone();
        let other = spawn::<F, _>(async move { channel.wait_closed().await });
        let error = stage.channel.close().await.unwrap_err();
        assert!(matches!(error, pika::Error::TimedOut(_)), "{error:?}");
        assert!(!other.await.is_normal());
        stage.settled().await;
    }

    async fn a_wait_for_flow_ends_with_a_channel_whose_close_is_not_confirmed() {
        let stage = Stage::<F>::new().await;
        stage.hosted.now(Plan::new().withhold("channel.close-ok"));
        let mut changes = stage.channel.flow_changes();
        assert!(changes.next().await.unwrap());
        let next = spawn::<F, _>(async move { changes.next().await });
        stage.channel.close().await.unwrap_err();
        soon::<F, _>(next).await.unwrap().unwrap_err();
        stage.settled().await;
    }
}
