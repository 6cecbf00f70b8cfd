//! Channels between their `channel.close` and its close-ok.

use std::fmt::Debug;

use pika::broker::Plan;
use pika::error::{Cause, Error};

use super::amqp::Methods as _;
use super::desk::{Desk, SHORT, message, tagged};
use super::{basic, queue};
use crate::styles::Style;

in_styles!(a_closing_channel_has_its_reason_at_once);
in_styles!(calls_on_a_closing_channel_fail_with_its_reason);

/// A channel that is closing because a call has timed out. Its close-ok does not come.
pub(crate) fn closing<S: Style>() -> Desk<S> {
    let desk = Desk::<S>::with(|config| config.rpc_timeout(SHORT));
    time_out(&desk);
    desk
}

pub(crate) fn time_out<S: Style>(desk: &Desk<S>) {
    desk.plan(unanswered());
    let late = desk.channel.queue_declare(queue::Declare::new("late"));
    assert!(matches!(late, Err(Error::TimedOut(_))), "{late:?}");
}

/// Answers nothing that the tests of this file ask for.
pub(crate) fn unanswered() -> Plan {
    Plan::new()
        .ignore("queue.declare")
        .ignore("channel.close")
        .withhold("basic.ack")
}

/// A call failed with the reason that the channel is closing for.
#[track_caller]
pub(crate) fn is_reason<T: Debug>(call: &str, result: pika::Result<T>) {
    match result {
        Err(Error::Closed(closed)) if matches!(closed.cause, Cause::TimedOut(_)) => {}
        other => panic!("{call}: expected the reason, found {other:?}"),
    }
}

/// Right today.
fn a_closing_channel_has_its_reason_at_once<S: Style>() {
    let desk = closing::<S>();
    let reason = desk
        .channel
        .closed()
        .expect("the reason of a closing channel");
    assert!(matches!(reason.cause, Cause::TimedOut(_)), "{reason:?}");
}

/// Calls that both versions have. Right today.
fn calls_on_a_closing_channel_fail_with_its_reason<S: Style>() {
    let desk = closing::<S>();
    let channel = &desk.channel;
    is_reason("qos", channel.basic_qos(basic::Qos::new(1)));
    is_reason("declare", channel.queue_declare(queue::Declare::new("q")));
    is_reason("publish", channel.publish(message("q")));
    is_reason("get", channel.get(basic::Get::new("q")).map(drop));
    is_reason("consume", channel.consume(tagged("q", "t")).map(drop));
    assert!(desk.connection.closed().is_none());
}
