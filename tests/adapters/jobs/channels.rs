//! Channels beside each other, and what ends them.

use pika::error::{Closed, ClosedBy};
use pika::wire::{MethodId, ReplyCode, Scope, ShortStr};

use super::super::amqp::{Methods as _, basic, queue};
use super::{Broker, Desk, SOON, Style, look, message, settles_at, unique};

in_every_style! {
    two_channels_do_not_disturb_each_other
    a_refused_call_closes_its_channel_alone_and_says_why
    what_waits_ends_with_the_servers_reason
    what_waits_ends_when_the_program_closes_the_channel
}

fn two_channels_do_not_disturb_each_other<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let other = desk.connection.channel().unwrap();
    let queue = unique("other");
    let declare = queue::Declare::new(&queue).exclusive(true);
    other.queue_declare(declare).unwrap();
    // Consumers of the same name.
    let consume = |queue| basic::Consume::new(queue).consumer_tag("same");
    let mut ours = desk.channel.consume(consume(&desk.queue)).unwrap();
    let mut theirs = other.consume(consume(&queue)).unwrap();
    for number in 0..10 {
        other
            .publish(desk.message(format!("ours {number}")))
            .unwrap();
        let message = message(&ShortStr::EMPTY, &queue, format!("theirs {number}"));
        desk.channel.publish(message).unwrap();
    }
    let mut kept = Vec::new();
    for number in 0..10 {
        let (our, their) = (
            ours.next(SOON).unwrap().unwrap(),
            theirs.next(SOON).unwrap().unwrap(),
        );
        assert_eq!(our.body(), format!("ours {number}").as_bytes());
        assert_eq!(their.body(), format!("theirs {number}").as_bytes());
        kept.push(our);
        their.ack().unwrap();
    }
    other.close().unwrap();
    // Each channel counts for itself: what the other one acknowledged under these numbers was its own.
    kept.remove(9).ack_all().unwrap();
    desk.channel.close().unwrap();
    let third = desk.connection.channel().unwrap();
    settles_at(&third, &desk.queue, 0);
    settles_at(&third, &queue, 0);
}

/// The server closed the channel since something was not there.
#[track_caller]
fn is_not_found(reason: &Closed, method: (u16, u16), what: &str) {
    assert_eq!(reason.code(), Some(ReplyCode::NOT_FOUND));
    assert_eq!(
        (reason.scope, reason.by()),
        (Scope::Channel, ClosedBy::Server)
    );
    assert_eq!(reason.method(), Some(MethodId::new(method.0, method.1)));
    let text = reason.text().unwrap().as_str().unwrap();
    assert!(
        text.starts_with("NOT_FOUND") && text.contains(what),
        "{text}"
    );
}

fn a_refused_call_closes_its_channel_alone_and_says_why<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let (refused, missing) = (desk.connection.channel().unwrap(), unique("missing"));
    let error = look(&refused, &missing).unwrap_err();
    is_not_found(error.closed().unwrap(), (50, 10), missing.as_str().unwrap());

    assert_eq!(refused.closed().as_deref(), error.closed());
    let late = look(&refused, &desk.queue).unwrap_err();
    assert_eq!(late.closed(), error.closed(), "it keeps telling why");
    let late = refused.publish(desk.message("late")).unwrap_err();
    assert_eq!(late.closed(), error.closed());

    assert!(desk.connection.closed().is_none() && desk.channel.closed().is_none());
    desk.publish("here");
    desk.fetch().ack().unwrap();
    let next = desk.connection.channel().unwrap();
    assert_eq!(look(&next, &desk.queue).unwrap().message_count, 0);
}

fn what_waits_ends_with_the_servers_reason<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let missing = unique("missing");
    let mut consumer = desk.consume();
    desk.channel
        .publish(message(&missing, "", "nowhere"))
        .unwrap();
    let error = consumer.next(SOON).unwrap_err();
    is_not_found(error.closed().unwrap(), (60, 40), missing.as_str().unwrap());

    let other = desk.connection.channel().unwrap();
    other.publish(message(&missing, "", "nowhere")).unwrap();
    let error = look(&other, &desk.queue).unwrap_err();
    is_not_found(error.closed().unwrap(), (60, 40), missing.as_str().unwrap());
}

fn what_waits_ends_when_the_program_closes_the_channel<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let mut consumer = desk.consume();
    let message = consumer.next_while_closing(&desk.channel).unwrap();
    assert!(message.is_none());
    let reason = desk.channel.closed().unwrap();
    assert_eq!((reason.scope, reason.by()), (Scope::Channel, ClosedBy::Us));
    assert!(reason.is_normal(), "{reason}");
    assert!(desk.connection.closed().is_none());
}
