//! `connection.blocked`, which 0-9-1 has.

use pika::error::{Error, Forbidden};

use super::amqp::basic;
use super::kit::{Log, Scene};

#[test]
fn messages_are_refused_or_wait_while_the_connection_is_blocked() {
    let scene = Scene::new();
    let (channel, queue) = scene.channel_and_queue();
    let log = Log::new();
    let noting = log.clone();
    scene
        .connection
        .on_blocked(move |_, reason| noting.note(reason.cloned()));
    scene.until("the state is told", || log.len() == 1);
    scene.faults(|faults, id| {
        faults.blocked(id, "low on memory");
    });
    scene.until("it is blocked", || log.len() == 2);
    assert_eq!(scene.connection.blocked(), Some("low on memory".into()));
    let refused = channel.try_publish("", &queue, "refused").unwrap_err();
    let blocked = Forbidden::Blocked;
    assert!(matches!(refused.error, Error::ContentForbidden(why) if why == blocked));
    let to = basic::Publish::new("", &queue);
    let sent = Log::new();
    for n in 0..3 {
        let sent = sent.clone();
        let held = channel.basic_publish(&to, &basic::Properties::new(), n.to_string());
        held.unwrap().then(move |result| {
            result?;
            sent.note(n);
            Ok(())
        });
    }
    scene.for_a_while();
    assert_eq!(sent.len(), 0);
    assert_eq!(scene.count(&queue), 0, "calls go");
    scene.faults(|faults, id| {
        faults.unblocked(id);
    });
    scene.until("all are sent", || sent.len() == 3);
    assert_eq!(sent.take(), [0, 1, 2]);
    scene.until("it is told", || log.len() == 3);
    assert_eq!(log.take(), [None, Some("low on memory".into()), None]);
    scene.until("all are there", || scene.count(&queue) == 3);
}
