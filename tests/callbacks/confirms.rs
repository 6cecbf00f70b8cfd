//! Publisher confirms, which 0-9-1 has.

use pika::connection::{Outcome, PublishSeq};
use pika::error::{Error, Misuse};

use super::amqp::{Version, basic};
use super::kit::{Log, Scene};

type Confirming = pika::callbacks::ConfirmingChannel<Version>;

fn confirming() -> (Scene, Confirming, basic::Publish) {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let channel = scene.result(channel.confirming()).unwrap();
    (scene, channel, basic::Publish::new("", queue))
}

#[test]
fn every_confirmed_publish_completes_once_with_its_own_fate() {
    let (scene, channel, to) = confirming();
    let properties = basic::Properties::new();
    let nowhere = basic::Publish::new("", "nowhere at all").mandatory(true);
    let log = Log::new();
    for n in 0..100 {
        let to = if n % 10 == 0 { &nowhere } else { &to };
        let log = log.clone();
        let confirmed = channel.basic_publish(to, &properties, format!("{n}"));
        confirmed.unwrap().then(move |outcome| {
            log.note((n, outcome?));
            Ok(())
        });
    }
    scene.until("all are known", || log.len() == 100);
    let mut fates = log.take();
    fates.sort_by_key(|(n, _)| *n);
    for (at, (n, outcome)) in fates.iter().enumerate() {
        assert_eq!(at, *n);
        let came_back = matches!(outcome, Outcome::Returned(_));
        assert_eq!(came_back, n % 10 == 0, "{n}: {outcome:?}");
        if let Outcome::Returned(message) = outcome {
            assert_eq!(message.content.body(), n.to_string().as_bytes());
        }
    }
}

#[test]
fn a_handler_hears_of_each_publish_once() {
    let (scene, channel, to) = confirming();
    let log = Log::new();
    let noting = log.clone();
    channel.on_confirmed(move |_, confirmed| {
        assert!(confirmed.outcome.is_acked());
        confirmed.publishes().for_each(|seq| noting.note(seq));
    });
    for n in 1..=50 {
        assert_eq!(channel.next_publish(), Some(PublishSeq(n)));
        let plain = channel.channel();
        let properties = basic::Properties::new();
        plain.try_basic_publish(&to, &properties, "x").unwrap();
    }
    scene.until("all are confirmed", || log.len() == 50);
    let mut heard = log.take();
    heard.sort_unstable();
    assert_eq!(heard, (1..=50).map(PublishSeq).collect::<Vec<_>>());
}

#[test]
fn a_dropped_channel_is_closed_only_when_its_publishes_are_confirmed() {
    let (scene, channel, to) = confirming();
    let log = Log::new();
    for _ in 0..10 {
        let log = log.clone();
        let properties = basic::Properties::new();
        let confirmed = channel.basic_publish(&to, &properties, "x");
        confirmed
            .unwrap()
            .then(move |outcome| log.note(outcome.unwrap().is_acked()));
    }
    drop(channel);
    scene.until("all are known", || log.len() == 10);
    assert_eq!(log.take(), [true; 10]);
    scene.until("the number is free", || scene.channel().id().0 == 1);
}

#[test]
fn a_confirmed_publish_that_cannot_be_sent_is_refused_with_its_message() {
    let (_scene, channel, _) = confirming();
    let (long, body) = ("x".repeat(256), vec![1, 2, 3]);
    let refused = channel.publish("", &long, body).unwrap_err();
    assert!(matches!(
        refused.error,
        Error::Misuse(Misuse::NameTooLong { len: 256, .. })
    ));
    assert_eq!(refused.message, [1, 2, 3]);
    assert_eq!(channel.next_publish(), Some(PublishSeq(1)));
}
