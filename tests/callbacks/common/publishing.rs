//! Publishing without anything in its way.

use pika::wire::ReplyCode;

use super::amqp::basic;
use super::{Log, Scene};

#[test]
fn a_message_that_reaches_no_queue_comes_back_to_all_handlers() {
    let scene = Scene::new();
    let channel = scene.channel();
    let log = Log::new();
    for _ in 0..2 {
        let log = log.clone();
        channel.on_returned(move |channel, message| {
            log.note((channel.id().0, message.code, message.content.shared_body()));
        });
    }
    let nowhere = basic::Publish::new("", super::unique("nowhere")).mandatory(true);
    let properties = basic::Properties::new();
    channel
        .try_basic_publish(&nowhere, &properties, "back")
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
        let sent = channel.basic_publish(&to, &properties, format!("{n}"));
        sent.unwrap().then(move |sent| {
            sent?;
            log.note(n);
            Ok(())
        });
    }
    scene.until("all are sent", || log.len() == 10);
    assert_eq!(log.take(), (0..10).collect::<Vec<_>>());
    scene.until("all are there", || scene.count(&queue) == 10);
}
