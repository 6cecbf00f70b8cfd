//! Publishing while content is welcome: order, room, errors.

use std::pin::pin;
use std::time::Duration;

use pika::Error;
use pika::bytes::Bytes;
use pika::error::{Forbidden, Misuse, TimedOut, Waiting};

use super::amqp::basic;
use super::stage::{declare, get, reason, text};
use super::*;
use crate::hosted::Seen;
use crate::task::{poll_once, spawn, waits};

in_each_runtime! {
    async fn messages_of_one_task_stay_in_order() {
        let stage = Stage::<F>::new().await;
        for number in 0..200_u32 {
            // Small ones are copied, large ones are not.
            let mut body = number.to_string().into_bytes();
            body.resize(if number % 50 == 7 { 300_000 } else { 10 }, b' ');
            stage.channel.publish("", "q", Bytes::from(body)).await.unwrap();
        }
        for number in 0..200_u32 {
            let fetched = stage.channel.get(get()).await.unwrap().unwrap();
            let body = std::str::from_utf8(fetched.body()).unwrap();
            assert_eq!(body.trim_end(), number.to_string());
        }
    }

    async fn what_tasks_publish_at_once_is_never_mixed_up() {
        let stage = Stage::<F>::with(patient().output_water(2_000, 20_000).frame_max(4096)).await;
        stage.hosted.frames();
        let tasks: Vec<_> = (0..8_u8)
            .map(|task| {
                let channel = if task % 2 == 0 { &stage.channel } else { &stage.side };
                let channel = channel.clone();
                spawn::<F, _>(async move {
                    for size in [0, 1, 5_000, 20_000, 3, 4_088, 4_089] {
                        let body = vec![task; size];
                        channel.publish("", "q", &body).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
        stage.settled().await;
        let mut frames = stage.hosted.frames().into_iter().peekable();
        let mut messages = 0;
        while let Some((channel, seen)) = frames.next() {
            if seen != Seen::Header {
                assert_eq!(seen, Seen::Method);
                continue;
            }
            messages += 1;
            let mut writer = None;
            while let Some((_, Seen::Body(body))) =
                frames.next_if(|next| matches!(next, (on, Seen::Body(_)) if *on == channel))
            {
                assert!(body.iter().all(|byte| *byte == *writer.get_or_insert(*byte)));
            }
        }
        assert_eq!(messages, 8 * 7);
        stage.settles_at(8 * 7, 0, 0).await;
    }

    async fn publishers_that_wait_for_room_all_go_on_when_there_is_some() {
        let stage = Stage::<F>::with(patient().output_water(1_000, 4_000)).await;
        stage.hosted.takes(0);
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let channel = stage.channel.clone();
                spawn::<F, _>(async move {
                    for _ in 0..10 {
                        channel.publish("", "q", &[1; 500]).await.unwrap();
                    }
                })
            })
            .collect();
        while stage.channel.forbidden().is_none() {
            crate::flavour::sleep::<F>(Duration::from_millis(1)).await;
        }
        assert_eq!(stage.channel.forbidden(), Some(Forbidden::OutputFull));
        let refused = stage.channel.try_publish("", "q", "refused").unwrap_err();
        assert!(matches!(refused.error, Error::ContentForbidden(Forbidden::OutputFull)));
        assert_eq!(refused.message, "refused");
        assert!(tasks.iter().all(|task| task.is_running()));
        stage.hosted.takes(usize::MAX);
        for task in tasks {
            assert!(soon::<F, _>(task).await.is_some(), "a publisher was forgotten");
        }
        stage.settles_at(200, 0, 0).await;
    }

    async fn a_publisher_waits_until_the_low_water() {
        let stage = Stage::<F>::with(patient().output_water(1_000, 4_000)).await;
        stage.hosted.takes(0);
        for _ in 0..4 {
            stage.channel.publish("", "q", &[1; 1_000]).await.unwrap();
        }
        let mut waiting = Box::pin(stage.channel.publish("", "q", "waits"));
        waits(waiting.as_mut(), "a publish at the high water").await;
        // Below the high water, above the low one.
        stage.hosted.takes(2_000);
        crate::flavour::sleep::<F>(Duration::from_millis(5)).await;
        waits(waiting.as_mut(), "a publish above the low water").await;
        // Who comes later does not come first.
        let mut later = Box::pin(stage.side.publish("", "q", "waits too"));
        waits(later.as_mut(), "a publish behind one that waits").await;
        let tried = stage.side.try_publish("", "q", "x").unwrap_err();
        assert!(matches!(tried.error, Error::ContentForbidden(Forbidden::OutputFull)), "{tried}");
        stage.hosted.takes(usize::MAX);
        soon::<F, _>(waiting).await.unwrap().unwrap();
        soon::<F, _>(later).await.unwrap().unwrap();
    }

    async fn a_message_that_cannot_be_sent_is_refused_and_nothing_is_written() {
        let stage = Stage::<F>::with(patient().frame_max(4096)).await;
        stage.hosted.frames();
        let long = "x".repeat(256);
        let error = stage.channel.publish(&*long, "q", "x").await.unwrap_err();
        let is_so = matches!(error, Error::Misuse(Misuse::NameTooLong { argument: "exchange", len: 256, .. }));
        assert!(is_so, "{error:?}");
        let headers = pika::wire::Table::new().with("large", "y".repeat(5_000));
        let properties = basic::Properties::new().headers(headers);
        let publish = basic::Publish::new("", "q");
        let error = stage.channel.basic_publish(&publish, &properties, "x").await.unwrap_err();
        assert!(matches!(error, Error::Misuse(Misuse::FrameTooLarge { .. })), "{error:?}");
        assert!(stage.hosted.frames().is_empty());
        stage.channel.queue_declare(declare()).await.unwrap();
    }

    async fn calls_and_acks_overtake_publishers_that_wait_for_flow() {
        let stage = Stage::<F>::new().await;
        stage.fill(1).await;
        let fetched = stage.channel.get(get()).await.unwrap().unwrap();
        stage.flow(false).await;
        let mut publish = Box::pin(stage.channel.publish("", "q", "waits"));
        waits(publish.as_mut(), "a publish while flow is off").await;
        stage.channel.queue_declare(declare()).await.unwrap();
        fetched.ack().unwrap();
        stage.settles_at(0, 0, 0).await;
        stage.flow(true).await;
        soon::<F, _>(publish).await.unwrap().unwrap();
        stage.settles_at(1, 0, 0).await;
    }

    async fn a_publisher_that_waits_learns_that_its_channel_closed() {
        let stage = Stage::<F>::with(patient().output_water(10, 20)).await;
        stage.flow(false).await;
        let channel = stage.channel.clone();
        let stopped = spawn::<F, _>(async move { channel.publish("", "q", "x").await });
        let missing = basic::Get::new("no such queue");
        assert_eq!(reason(stage.channel.get(missing).await).code().unwrap().0, 404);
        assert_eq!(reason(soon::<F, _>(stopped).await.unwrap()).code().unwrap().0, 404);
    }

    async fn who_waits_for_room_learns_that_its_channel_closed() {
        let stage = Stage::<F>::with(patient().output_water(10, 20)).await;
        stage.hosted.takes(0);
        stage.side.publish("", "q", &[1; 100]).await.unwrap();
        let mut publish = Box::pin(stage.channel.publish("", "q", "no room"));
        let mut call = Box::pin(stage.channel.queue_declare(declare()));
        let mut consume = Box::pin(stage.channel.consume(super::stage::consume()));
        waits(publish.as_mut(), "a publish with the output full").await;
        waits(call.as_mut(), "a call with the output full").await;
        waits(consume.as_mut(), "a consume with the output full").await;
        let (id, code) = (stage.channel.id(), pika::wire::ReplyCode::PRECONDITION_FAILED);
        stage.hosted.faults(|faults, on| { faults.say_channel_close(on, id, code, "now"); });
        assert_eq!(stage.channel.wait_closed().await.code(), Some(code));
        for error in [
            soon::<F, _>(publish).await.expect("told the publisher").map(drop),
            soon::<F, _>(call).await.expect("told the caller").map(drop),
            soon::<F, _>(consume).await.expect("told the consumer").map(drop),
        ] {
            assert_eq!(reason(error).code(), Some(code));
        }
    }

    async fn a_body_that_was_refused_is_still_the_callers() {
        let stage = Stage::<F>::new().await;
        stage.flow(false).await;
        let body = Bytes::from(vec![9; 100_000]);
        let (publish, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
        let refused = stage.channel.try_basic_publish(&publish, &properties, &body[..]);
        let refused = refused.unwrap_err();
        assert!(matches!(refused.error, Error::ContentForbidden(Forbidden::Flow)));
        assert_eq!(refused.message, body);
        stage.flow(true).await;
        stage.channel.try_basic_publish(&publish, &properties, body.clone()).unwrap();
        let fetched = super::stage::get_soon::<F>(&stage.channel).await;
        assert_eq!(fetched.body(), &body);
    }
}

in_simulated_time! {
    async fn a_publish_waits_for_its_deadline_and_no_longer() {
        let stage = Stage::<F>::with(patient().blocked_timeout(Duration::from_secs(7))).await;
        stage.flow(false).await;
        let start = tokio::time::Instant::now();
        let error = stage.channel.publish("", "q", "late").await.unwrap_err();
        let Error::TimedOut(TimedOut { waiting_for, after }) = error else {
            panic!("expected a timeout, found {error:?}");
        };
        assert_eq!(waiting_for, Waiting::Permission(Forbidden::Flow));
        assert_eq!((after, start.elapsed().as_secs()), (Duration::from_secs(7), 7));
        stage.flow(true).await;
        stage.channel.publish("", "q", "in time").await.unwrap();
        assert_eq!(text(&super::stage::get_soon::<F>(&stage.channel).await), "in time");
    }

    async fn flow_that_comes_and_goes_does_not_put_the_deadline_off() {
        let stage = Stage::<F>::with(patient().blocked_timeout(Duration::from_secs(10))).await;
        stage.flow(false).await;
        let channel = stage.channel.clone();
        let publish = spawn::<F, _>(async move { channel.publish("", "q", "late").await });
        let start = tokio::time::Instant::now();
        for _ in 0..3 {
            crate::flavour::sleep::<F>(Duration::from_secs(4)).await;
            // Both in one read: it is off again before anybody looks.
            stage.hosted.faults(|faults, id| {
                let channel = stage.channel.id();
                faults.flow(id, channel, true).flow(id, channel, false);
            });
        }
        assert!(matches!(publish.await, Err(Error::TimedOut(_))));
        assert!(start.elapsed() < Duration::from_secs(13));
    }

    async fn a_publish_without_a_deadline_waits_for_hours() {
        let stage = Stage::<F>::with(patient().blocked_timeout(None)).await;
        stage.flow(false).await;
        let mut publish = pin!(stage.channel.publish("", "q", "patient"));
        waits(publish.as_mut(), "a publish while flow is off").await;
        crate::flavour::sleep::<F>(Duration::from_secs(10_000)).await;
        waits(publish.as_mut(), "a publish while flow is off").await;
        stage.flow(true).await;
        assert!(poll_once(publish).await.is_ready());
    }

    async fn a_server_that_takes_nothing_is_a_timeout() {
        let config = patient().output_water(10, 20).blocked_timeout(Duration::from_secs(3));
        let stage = Stage::<F>::with(config).await;
        stage.hosted.takes(0);
        stage.channel.publish("", "q", &[1; 100]).await.unwrap();
        let full = Waiting::Permission(Forbidden::OutputFull);
        let published = stage.channel.publish("", "q", "x").await.map(drop);
        let called = stage.channel.queue_declare(declare()).await.map(drop);
        for error in [published.unwrap_err(), called.unwrap_err()] {
            let Error::TimedOut(late) = error else {
                panic!("expected a timeout, found {error:?}");
            };
            assert_eq!(late.waiting_for, full);
        }
    }
}
