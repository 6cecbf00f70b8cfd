//! `channel.flow`: the server stops content on a channel, and nothing else.

use pika::connection::Event;
use pika::error::Forbidden;
use pika::wire::ReplyCode;

use super::*;
use crate::kit::forbidden;

fn flow(active: bool) -> channel::Flow {
    channel::Flow::new().active(active)
}

fn publish() -> basic::Publish {
    basic::Publish::new("", "q")
}

#[test]
fn a_stopped_channel_takes_no_content_and_says_so_at_once() {
    let (mut it, key) = Dialogue::with_channel();
    it.says(1, flow(false));
    it.hears(1, channel::FlowOk::new().active(false));
    assert!(matches!(it.event(), Event::Flow { channel, active: false } if channel == key));
    assert_eq!(it.on(key).forbidden(), Some(Forbidden::Flow));
    let refused = it
        .on(key)
        .publish(&publish(), &basic::Properties::new(), b"x");
    assert_eq!(forbidden(refused), Forbidden::Flow);
    it.hears_nothing();
}

#[test]
fn acknowledgements_and_calls_go_on_while_content_is_stopped() {
    let (mut it, key) = Dialogue::with_channel();
    it.on(key)
        .no_wait(basic::Consume::new("q").consumer_tag("t"))
        .unwrap();
    it.hears_any::<basic::Consume>(1);
    it.says(1, flow(false));
    it.hears(1, channel::FlowOk::new().active(false));
    it.event();
    let message = basic::Deliver::new("t", 1, "", "q");
    it.says_content(1, (&message, &basic::Properties::new()), b"x");
    let token = it.delivery().into_token();
    it.on(key).ack(token, false).unwrap();
    it.hears(1, basic::Ack::new(1));
    let call = it.calls(key, queue::Purge::new("q"));
    it.says(1, queue::PurgeOk::new(1));
    it.replies(call);
}

#[test]
fn content_goes_on_when_the_server_says_so() {
    let (mut it, key) = Dialogue::with_channel();
    it.says(1, flow(false));
    it.says(1, flow(true));
    it.hears(1, channel::FlowOk::new().active(false));
    it.hears(1, channel::FlowOk::new().active(true));
    assert!(matches!(it.event(), Event::Flow { active: false, .. }));
    assert!(matches!(it.event(), Event::Flow { active: true, .. }));
    it.on(key)
        .publish(&publish(), &basic::Properties::new(), b"x")
        .unwrap();
    assert_eq!(it.hears_content(1, &publish()), b"x");
}

#[test]
fn other_channels_are_not_stopped() {
    let (mut it, _) = Dialogue::with_channel();
    let other = it.channel();
    it.says(1, flow(false));
    it.hears(1, channel::FlowOk::new().active(false));
    it.event();
    it.on(other)
        .publish(&publish(), &basic::Properties::new(), b"x")
        .unwrap();
    assert_eq!(it.hears_content(2, &publish()), b"x");
}

#[test]
fn a_message_that_was_taken_before_is_written_whole() {
    let (mut it, key) = Dialogue::with_channel();
    it.stalls();
    let body = vec![7; 200_000];
    it.on(key)
        .publish(&publish(), &basic::Properties::new(), body.clone())
        .unwrap();
    it.says(1, flow(false));
    it.event();
    it.resumes();
    assert!(it.hears_content(1, &publish()) == body);
    it.hears(1, channel::FlowOk::new().active(false));
}

#[test]
fn the_next_channel_of_a_number_is_not_stopped() {
    let (mut it, key) = Dialogue::with_channel();
    it.says(1, flow(false));
    it.hears_any::<channel::FlowOk>(1);
    it.event();
    it.says(1, channel::Close::new(404, "", 0, 0));
    it.hears_any::<channel::CloseOk>(1);
    it.channel_closed(key);
    let next = it.channel();
    assert_eq!(it.on(next).forbidden(), None);
}

#[test]
fn a_client_may_stop_the_server() {
    let (mut it, key) = Dialogue::with_channel();
    let call = it.calls(key, flow(false));
    it.says(1, channel::FlowOk::new().active(false));
    assert_eq!(
        it.replies(call),
        channel::FlowOk::new().active(false).into()
    );
    assert_eq!(it.on(key).forbidden(), None);
}

#[test]
fn after_our_close_the_server_is_not_answered_any_more() {
    let (mut it, key) = Dialogue::with_channel();
    it.on(key)
        .no_wait(basic::Consume::new("q").consumer_tag("t"))
        .unwrap();
    it.hears_any::<basic::Consume>(1);
    let now = it.now();
    let call = it
        .on(key)
        .close(ReplyCode::REPLY_SUCCESS, "".into(), now)
        .unwrap();
    it.hears_any::<basic::Cancel>(1);
    it.hears_any::<channel::Close>(1);
    // Both were sent before the server saw the close; the answers would come after it.
    it.says(1, flow(false));
    it.says(1, basic::Cancel::new("t"));
    it.hears_nothing();
    it.says(1, channel::CloseOk::new());
    assert!(matches!(it.event(), Event::Flow { active: false, .. }));
    assert!(matches!(it.event(), Event::ConsumerCancelled { .. }));
    it.replies(call);
    it.channel_closed(key);
}
