//! What publishers wait for may stand behind messages for a slow consumer.

use std::time::Duration;

use pika::bytes::Bytes;
use pika::tokio::{ConfirmingChannel, Consumer};

use super::amqp::{Version, basic};
use super::suite::stage::{Stage, consume, patient, soon};
use crate::flavour::{Flavour, sleep};
use crate::task::{spawn, waits};

type Confirming = ConfirmingChannel<Version>;

/// A stage with a consumer that takes nothing, at whose bound reading has stopped, and its two
/// channels with confirms.
async fn flooded<F: Flavour>() -> (Stage<F>, Confirming, Confirming, Consumer<Version>) {
    let stage = Stage::<F>::with(patient().incoming(10, 1 << 30)).await;
    let channel = stage.channel.confirming().await.unwrap();
    let side = stage.side.confirming().await.unwrap();
    for _ in 0..200 {
        let body = Bytes::from(vec![1; 5_000]);
        stage.side.publish("", "q", body).await.unwrap();
    }
    side.wait_for_confirms(Duration::from_secs(10))
        .await
        .unwrap();
    let consumer = stage.channel.consume(consume()).await.unwrap();
    let mut before = usize::MAX;
    while stage.hosted.unread() < before {
        before = stage.hosted.unread();
        sleep::<F>(Duration::from_millis(10)).await;
    }
    assert!(before > 0, "everything was read");
    (stage, channel, side, consumer)
}

in_each_runtime! {
    async fn a_confirmed_publish_hears_of_it_behind_a_full_inbox() {
        let (_stage, _channel, side, _consumer) = flooded::<F>().await;
        let (publish, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
        let confirmed = side.basic_publish_confirmed(&publish, &properties, "x");
        assert!(soon::<F, _>(confirmed).await.expect("confirmed").unwrap().is_acked());
    }

    async fn a_confirm_is_told_behind_a_full_inbox() {
        let (_stage, _channel, side, _consumer) = flooded::<F>().await;
        let (publish, properties) = (basic::Publish::new("", "q"), basic::Properties::new());
        let confirm = side.basic_publish(&publish, &properties, "x").await.unwrap();
        assert!(soon::<F, _>(confirm).await.expect("confirmed").is_acked());
    }

    async fn who_waits_for_confirms_hears_of_them_behind_a_full_inbox() {
        let (stage, channel, _side, _consumer) = flooded::<F>().await;
        stage.channel.publish("", "q", "x").await.unwrap();
        let waited = channel.wait_for_confirms(Duration::from_secs(9));
        assert!(soon::<F, _>(waited).await.unwrap().unwrap().is_empty());
    }

    async fn a_publisher_hears_that_it_is_unblocked_behind_a_full_inbox() {
        let stage = Stage::<F>::with(patient().incoming(10, 1 << 30)).await;
        stage.fill(100).await;
        stage.hosted.faults(|faults, id| { faults.blocked(id, "low on memory"); });
        stage.settled().await;
        let _consumer = stage.channel.consume(consume()).await.unwrap();
        sleep::<F>(Duration::from_millis(10)).await;
        let mut publish = Box::pin(stage.channel.publish("", "q", "waits"));
        waits(publish.as_mut(), "a publish while blocked").await;
        stage.hosted.faults(|faults, id| { faults.unblocked(id); });
        soon::<F, _>(publish).await.expect("unblocked").unwrap();
    }

    async fn a_relay_that_confirms_each_message_never_stops() {
        let (stage, _channel, side, mut consumer) = flooded::<F>().await;
        let relay = spawn::<F, _>(async move {
            let (publish, properties) = (basic::Publish::new("", "out"), basic::Properties::new());
            for _ in 0..200 {
                let delivery = consumer.next().await.unwrap().unwrap();
                let body = delivery.shared_body();
                let sent = side.basic_publish_confirmed(&publish, &properties, body);
                assert!(sent.await.unwrap().is_acked());
                delivery.ack().unwrap();
            }
            stage.settles_at(0, 0, 1).await;
        });
        soon::<F, _>(relay).await.expect("the relay goes on");
    }
}
