//! Publishing without anything in its way.

use pika::wire::ReplyCode;

use super::amqp::{Methods as _, basic, tx};
use super::{Log, Scene};

#[test]
fn a_message_that_reaches_no_queue_comes_back_to_all_handlers() {
    let scene = Scene::new();
    let channel = scene.channel();
    let log = Log::new();
    for _ in 0..2 {
        let log = log.clone();
        channel.on_returned(move |channel, message| {
            log.note((channel.id().0, message.code, message.content.body().clone()));
        });
    }
    let nowhere = basic::Publish::new("", super::unique("nowhere")).mandatory(true);
    let properties = basic::Properties::new();
    channel
        .basic_publish(&nowhere, &properties, "back")
        .unwrap();
    scene.until("both heard of it", || log.len() == 2);
    let expected = (1, ReplyCode::NO_ROUTE, "back".into());
    assert_eq!(log.take(), [expected.clone(), expected]);
}

#[test]
fn a_permitted_publish_completes_in_order_with_everything_else() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let to = basic::Publish::new("", &queue);
    let properties = basic::Properties::new();
    let log = Log::new();
    for n in 0..10 {
        let log = log.clone();
        let sent = channel.publish_when_permitted(&to, &properties, format!("{n}"));
        sent.unwrap().then(move |sent| {
            assert_eq!(sent?, None, "no confirms are turned on");
            log.note(n);
            Ok(())
        });
    }
    scene.until("all are sent", || log.len() == 10);
    assert_eq!(log.take(), (0..10).collect::<Vec<_>>());
    scene.until("all are there", || scene.count(&queue) == 10);
}

#[test]
fn large_bodies_arrive_whole() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let bodies: Vec<Vec<u8>> = [0, 1, 4096, 131_065, 1 << 20, 5 << 20]
        .iter()
        .map(|len| (0..*len).map(|at| (at % 251) as u8).collect())
        .collect();
    let log = Log::new();
    let noting = log.clone();
    let consume = basic::Consume::new(&queue).no_ack(true);
    let handler = move |delivery: super::Delivery| noting.note(delivery.body().to_vec());
    drop(channel.consume(consume, handler));
    let to = basic::Publish::new("", &queue);
    for body in &bodies {
        let sent = channel.publish_when_permitted(&to, &basic::Properties::new(), body);
        drop(sent.unwrap());
    }
    scene.until("all came", || log.len() == bodies.len());
    assert!(log.take() == bodies);
}

#[test]
fn a_transaction_tells_that_messages_arrived() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    scene.result(channel.tx_select(tx::Select::new())).unwrap();
    channel.publish("", &queue, "message").unwrap();
    scene.result(channel.tx_commit(tx::Commit::new())).unwrap();
    assert_eq!(scene.count(&queue), 1);
}
