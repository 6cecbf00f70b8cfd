//! What the project promises at the top of its list, as far as this front end keeps it.

use std::time::Duration;

use pika::Error;
use pika::error::{Forbidden, Refused, Waiting};

use super::amqp::{basic, queue};
use super::stage::{consume, declare, get, get_soon, text};
use super::*;
use crate::task::{spawn, waits};

fn attempt(channel: &Channel, body: &'static str) -> pika::Result<()> {
    let (publish, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
    Ok(channel.try_basic_publish(&publish, &properties, body)?)
}

in_each_runtime! {
    async fn r04_calls_are_futures_consumers_are_streams_and_both_combine() {
        let stage = Stage::<F>::new().await;
        let declared: Vec<_> = ["a", "b", "c"]
            .map(|name| stage.channel.queue_declare(queue::Declare::new(name)))
            .into_iter()
            .collect();
        for (call, name) in declared.into_iter().zip(["a", "b", "c"]) {
            assert_eq!(call.await.unwrap().queue, name);
        }
        stage.fill(3).await;
        let consumer = stage.channel.consume(consume()).await.unwrap();
        let bodies = smol::stream::StreamExt::take(consumer, 3);
        let bodies = smol::stream::StreamExt::map(bodies, |received| {
            let delivery = received.unwrap();
            let body = text(&delivery);
            delivery.ack().unwrap();
            body
        });
        let bodies: Vec<_> = smol::stream::StreamExt::collect(bodies).await;
        assert_eq!(bodies, ["0", "1", "2"]);
        stage.settles_at(0, 0, 0).await;
    }

    async fn r12_content_is_refused_while_flow_is_off_and_all_else_goes() {
        let stage = Stage::<F>::new().await;
        stage.fill(1).await;
        stage.flow(false).await;
        assert_eq!(stage.channel.forbidden(), Some(Forbidden::Flow));
        let refused = attempt(&stage.channel, "refused").unwrap_err();
        assert!(matches!(refused, Error::ContentForbidden(Forbidden::Flow)), "{refused:?}");
        stage.channel.queue_declare(declare()).await.unwrap();
        stage.channel.get(get()).await.unwrap().unwrap().ack().unwrap();
        stage.settles_at(0, 0, 0).await;
    }

    async fn r13_a_publish_waits_for_flow_or_for_its_deadline() {
        let config = patient().blocked_timeout(Duration::from_millis(300));
        let stage = Stage::<F>::with(config).await;
        stage.flow(false).await;
        let mut publish = Box::pin(stage.channel.publish("", "q", "in time"));
        waits(publish.as_mut(), "a publish while flow is off").await;
        stage.flow(true).await;
        publish.await.unwrap();
        stage.flow(false).await;
        let late = stage.channel.publish("", "q", "late").await.unwrap_err();
        let Error::TimedOut(late) = late else {
            panic!("expected a timeout, found {late:?}");
        };
        assert_eq!(late.waiting_for, Waiting::Permission(Forbidden::Flow));
        stage.settles_at(1, 0, 0).await;
    }

    async fn r14_a_watcher_is_told_the_state_now_and_each_change() {
        let stage = Stage::<F>::new().await;
        let mut changes = stage.channel.flow_changes();
        for active in [true, false, true, false] {
            assert_eq!(changes.next().await.unwrap(), active);
            stage.flow(!active).await;
        }
    }

    async fn r15_a_refusal_can_be_matched_and_the_message_sent_again() {
        let stage = Stage::<F>::new().await;
        stage.flow(false).await;
        let body = vec![7; 20_000];
        let (publish, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
        let sent = stage.channel.try_basic_publish(&publish, &properties, &body);
        let retried = match sent {
            Err(Refused { error: Error::ContentForbidden(_), message }) => {
                stage.flow(true).await;
                stage.channel.basic_publish(&publish, &properties, message).await
            }
            other => other.map_err(Error::from),
        };
        retried.unwrap();
        assert_eq!(get_soon::<F>(&stage.side).await.body(), body);
    }

    async fn r19_tasks_on_any_threads_use_the_same_handles() {
        let stage = Stage::<F>::new().await;
        let mut consumer = stage.channel.consume(consume()).await.unwrap();
        let channel = stage.side.clone();
        let producer = spawn::<F, _>(async move {
            for number in 0..100_u32 {
                channel.publish("", "q", &number.to_be_bytes()).await.unwrap();
            }
        });
        let worker = spawn::<F, _>(async move {
            for number in 0..100_u32 {
                let delivery = consumer.next().await.unwrap().unwrap();
                assert_eq!(delivery.body()[..], number.to_be_bytes());
                delivery.ack().unwrap();
            }
            consumer
        });
        soon::<F, _>(producer).await.unwrap();
        let consumer = soon::<F, _>(worker).await.unwrap();
        stage.settles_at(0, 0, 1).await;
        consumer.cancel().await.unwrap();
    }
}
