//! What the server refuses, how it says so, and what goes on after that.

use std::time::{Duration, Instant};

use pika::wire::{ReplyCode, ShortStr};
use pika::{Error, config::Mechanism};

use super::amqp::{basic, channel, exchange, queue};
use super::{Channel, Connection, Desk, connect, connect_with, look, temporary_queue};
use crate::support::{self, Refusal, SOON, eventually, is_4, limited, unique};

const QUEUE_DECLARE: (u16, u16) = (50, 10);

/// The channel and it alone is closed, with this reason, and keeps telling it.
#[track_caller]
fn channel_is_lost(channel: &Channel, error: &Error, refusal: Refusal) {
    refusal.is(error);
    let again = look(channel, &ShortStr::EMPTY).unwrap_err();
    refusal.is(&again);
    refusal.is(&channel.publish("", "", "late").unwrap_err());
    refusal.is(&channel.close().unwrap_err());
    assert!(!channel.is_open());
    assert_eq!(channel.closed().as_deref(), error.closed());

    let connection = channel.connection();
    assert!(connection.is_open() && connection.closed().is_none());
    let other = connection.channel().unwrap();
    other.basic_qos(basic::Qos::new(1)).unwrap();
    refusal.is(&channel.publish("", "", "later").unwrap_err());
    connection.close().unwrap();
}

/// The connection is closed, and the reason stays, on its channels too.
#[track_caller]
fn connection_is_lost(channel: &Channel, error: &Error, refusal: Refusal) {
    refusal.is(error);
    refusal.is(&look(channel, &ShortStr::EMPTY).unwrap_err());
    refusal.is(&channel.publish("", "", "late").unwrap_err());
    let connection = channel.connection();
    assert!(!connection.is_open() && !channel.is_open());
    assert_eq!(connection.closed().as_deref(), error.closed());
    refusal.is(&connection.channel().unwrap_err());
    refusal.is(&connection.close().unwrap_err());
}

/// What a method without an answer led to.
fn soon_closed(channel: &Channel) -> Error {
    eventually("a close", || {
        channel
            .connection()
            .process_events(Duration::from_millis(5))
            .ok();
        channel.closed().map(Error::from)
    })
}

#[test]
fn a_queue_that_is_not_there_is_404() {
    let channel = connect().channel().unwrap();
    let error = look(&channel, &unique("missing")).unwrap_err();
    let refusal = Refusal::channel(
        ReplyCode::NOT_FOUND,
        QUEUE_DECLARE,
        "no queue 'pika-missing",
    );
    channel_is_lost(&channel, &error, refusal);
}

#[test]
fn publishing_to_an_exchange_that_is_not_there_is_404_after_the_fact() {
    let channel = connect().channel().unwrap();
    channel.publish(unique("missing"), "key", "lost").unwrap();
    let error = soon_closed(&channel);
    let refusal = Refusal::channel(ReplyCode::NOT_FOUND, (60, 40), "no exchange 'pika-missing");
    channel_is_lost(&channel, &error, refusal);
}

#[test]
fn consuming_and_fetching_from_a_queue_that_is_not_there_are_404() {
    let connection = connect();
    let channel = connection.channel().unwrap();
    let consume = basic::Consume::new(unique("missing"));
    let error = channel.consume(consume).unwrap_err();
    Refusal::channel(ReplyCode::NOT_FOUND, (60, 20), "no queue").is(&error);
    let channel = connection.channel().unwrap();
    let error = channel.get(basic::Get::new(unique("missing"))).unwrap_err();
    let refusal = Refusal::channel(ReplyCode::NOT_FOUND, (60, 70), "no queue");
    channel_is_lost(&channel, &error, refusal);
}

#[test]
fn another_connections_exclusive_queue_is_405() {
    let desk = Desk::new();
    let channel = connect().channel().unwrap();
    let error = look(&channel, &desk.queue).unwrap_err();
    let text = "cannot obtain exclusive access to locked queue";
    let refusal = Refusal::channel(ReplyCode::RESOURCE_LOCKED, QUEUE_DECLARE, text);
    channel_is_lost(&channel, &error, refusal);
    desk.settles_at(0, 0);
}

#[test]
fn declaring_a_queue_differently_is_406() {
    let desk = Desk::new();
    let declare = queue::Declare::new(&desk.queue)
        .exclusive(true)
        .auto_delete(true);
    let error = desk.channel.queue_declare(declare).unwrap_err();
    let text = "inequivalent arg 'auto_delete'";
    let refusal = Refusal::channel(ReplyCode::PRECONDITION_FAILED, QUEUE_DECLARE, text);
    channel_is_lost(&desk.channel, &error, refusal);
}

#[test]
fn acknowledging_what_was_never_delivered_is_406() {
    let channel = connect().channel().unwrap();
    channel.basic_ack(basic::Ack::new(999)).unwrap();
    let error = soon_closed(&channel);
    let text = "unknown delivery tag 999";
    let refusal = Refusal::channel(ReplyCode::PRECONDITION_FAILED, (60, 80), text);
    channel_is_lost(&channel, &error, refusal);
}

#[test]
fn deleting_a_queue_that_is_not_empty_is_406_if_that_was_asked() {
    let desk = Desk::new();
    desk.publish("still here");
    let delete = queue::Delete::new(&desk.queue).if_empty(true);
    let error = desk.channel.queue_delete(delete).unwrap_err();
    let refusal = Refusal::channel(ReplyCode::PRECONDITION_FAILED, (50, 40), "not empty");
    channel_is_lost(&desk.channel, &error, refusal);
}

#[test]
fn a_refused_no_wait_call_closes_the_channel_later() {
    let channel = connect().channel().unwrap();
    let declare = queue::Declare::new(unique("missing")).passive(true);
    channel.no_wait(declare).unwrap();
    let error = soon_closed(&channel);
    let refusal = Refusal::channel(ReplyCode::NOT_FOUND, QUEUE_DECLARE, "no queue");
    channel_is_lost(&channel, &error, refusal);
}

#[test]
fn what_the_user_may_not_do_is_403_on_the_channel() {
    let channel = connect_with(limited()).channel().unwrap();
    let error = channel
        .queue_declare(queue::Declare::new(unique("forbidden")))
        .unwrap_err();
    let text = "access to queue 'pika-forbidden";
    let refusal = Refusal::channel(ReplyCode::ACCESS_REFUSED, QUEUE_DECLARE, text);
    channel_is_lost(&channel, &error, refusal);
}

#[test]
fn what_the_user_may_do_is_done() {
    let channel = connect_with(limited()).channel().unwrap();
    let name = ShortStr::new(format!("allowed-{}", unique("queue"))).unwrap();
    let declare = queue::Declare::new(&name).exclusive(true);
    assert_eq!(channel.queue_declare(declare).unwrap().queue, name);
}

#[test]
fn an_unknown_virtual_host_is_530_and_the_error_says_where_to_look() {
    let config = support::config().vhost("pika-nowhere");
    let error = Connection::open_as(config).unwrap_err();
    let refusal = Refusal::connection(
        ReplyCode::NOT_ALLOWED,
        (10, 40),
        "vhost pika-nowhere not found",
    );
    refusal.is(&error);
    assert!(
        error.to_string().contains("check the virtual host"),
        "{error}"
    );
    assert!(!error.closed().unwrap().is_retriable());
}

#[test]
fn a_virtual_host_that_is_closed_to_the_user_is_530() {
    let config = support::config().vhost("pika-closed");
    let error = Connection::open_as(config).unwrap_err();
    let text = "access to vhost 'pika-closed' refused";
    Refusal::connection(ReplyCode::NOT_ALLOWED, (10, 40), text).is(&error);
}

#[test]
fn a_wrong_password_is_403_at_once_with_every_mechanism() {
    for mechanism in [Mechanism::Plain, Mechanism::AmqPlain] {
        let config = support::config()
            .login("guest", "wrong")
            .mechanisms([mechanism]);
        let began = Instant::now();
        let error = Connection::open_as(config).unwrap_err();
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "{:?}",
            began.elapsed()
        );
        let refusal = Refusal::connection(ReplyCode::ACCESS_REFUSED, (0, 0), "Login was refused");
        refusal.of_no_method().is(&error);
        assert!(
            error
                .to_string()
                .contains("check the user name and the password")
        );
    }
}

#[test]
fn both_mechanisms_log_in() {
    for mechanism in [Mechanism::Plain, Mechanism::AmqPlain] {
        let config = support::config().mechanisms([mechanism]);
        connect_with(config).close().unwrap();
    }
}

#[test]
fn a_prefetch_size_is_540() {
    let channel = connect().channel().unwrap();
    let qos = basic::Qos::new(1).prefetch_size(1000);
    let error = channel.basic_qos(qos).unwrap_err();
    let refusal = Refusal::connection(ReplyCode::NOT_IMPLEMENTED, (60, 10), "prefetch_size!=0");
    connection_is_lost(&channel, &error, refusal);
}

#[test]
fn an_immediate_message_is_540() {
    let channel = connect().channel().unwrap();
    let publish = basic::Publish::new("", "anywhere").immediate(true);
    channel
        .basic_publish(&publish, &basic::Properties::new(), "now")
        .unwrap();
    let error = soon_closed(&channel);
    let refusal = Refusal::connection(ReplyCode::NOT_IMPLEMENTED, (60, 40), "immediate=true");
    connection_is_lost(&channel, &error, refusal);
}

#[test]
fn stopping_the_servers_flow_is_540() {
    let channel = connect().channel().unwrap();
    let flow = channel::Flow::new().active(false);
    let error = channel.channel_flow(flow).unwrap_err();
    let refusal = Refusal::connection(ReplyCode::NOT_IMPLEMENTED, (20, 20), "active=false");
    connection_is_lost(&channel, &error, refusal);
}

#[test]
fn recovering_without_requeueing_is_540() {
    let channel = connect().channel().unwrap();
    let error = channel.basic_recover(basic::Recover::new()).unwrap_err();
    let refusal = Refusal::connection(ReplyCode::NOT_IMPLEMENTED, (60, 110), "requeue=false");
    connection_is_lost(&channel, &error, refusal);

    let channel = connect().channel().unwrap();
    let recover = basic::RecoverAsync::new();
    channel.basic_recover_async(recover).unwrap();
    let error = soon_closed(&channel);
    let refusal = Refusal::connection(ReplyCode::NOT_IMPLEMENTED, (60, 100), "requeue=false");
    connection_is_lost(&channel, &error, refusal);
}

#[test]
fn an_exchange_of_an_unknown_type_is_refused() {
    let channel = connect().channel().unwrap();
    let declare = exchange::Declare::new(unique("odd"), "no-such-type");
    let error = channel.exchange_declare(declare).unwrap_err();
    let text = "unknown exchange type 'no-such-type'";
    if is_4() {
        return Refusal::channel(ReplyCode::PRECONDITION_FAILED, (40, 10), text).is(&error);
    }
    let refusal = Refusal::connection(ReplyCode::COMMAND_INVALID, (40, 10), text);
    connection_is_lost(&channel, &error, refusal);
}

#[test]
fn a_queue_name_that_is_not_utf8_is_501() {
    let channel = connect().channel().unwrap();
    let name = ShortStr::new([0xff, 0xfe]).unwrap();
    let error = look(&channel, &name).unwrap_err();
    let refusal = Refusal::connection(ReplyCode::FRAME_ERROR, (0, 0), "Malformed UTF-8");
    connection_is_lost(&channel, &error, refusal.of_no_method());
}

#[test]
fn other_channels_go_on_after_one_is_closed_and_its_number_is_used_again() {
    let connection = connect();
    let (first, second) = (connection.channel().unwrap(), connection.channel().unwrap());
    let queue = temporary_queue(&second);
    let mut consumer = second.consume(basic::Consume::new(&queue)).unwrap();
    let refused = look(&first, &unique("missing")).unwrap_err();

    second.publish("", &queue, "still here").unwrap();
    let message = consumer.next_within(SOON).unwrap().unwrap();
    message.ack().unwrap();
    let third = connection.channel().unwrap();
    assert_eq!(third.id(), first.id(), "the number is free again");
    assert_eq!(look(&third, &queue).unwrap().consumer_count, 1);
    // The old handle does not become the new channel.
    let reason = first.publish("", &queue, "late").unwrap_err();
    assert_eq!(reason.closed(), refused.closed());
    drop(first);
    assert_eq!(look(&third, &queue).unwrap().message_count, 0);
}

#[test]
fn an_operators_close_is_320_and_worth_another_try() {
    let name = unique("victim");
    let config = support::config().connection_name(name.to_string());
    let channel = connect_with(config).channel().unwrap();
    let list = support::ctl(&["list_connections", "pid", "client_properties"]);
    let line = list
        .lines()
        .find(|line| line.contains(name.as_str().unwrap()));
    let pid = line.unwrap().split('\t').next().unwrap();
    support::ctl(&["close_connection", pid, "time to go"]);
    let error = soon_closed(&channel);
    let refusal = Refusal::connection(ReplyCode::CONNECTION_FORCED, (0, 0), "time to go");
    connection_is_lost(&channel, &error, refusal.of_no_method());
    assert!(error.closed().unwrap().is_retriable());
}
