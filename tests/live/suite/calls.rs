//! Every call that RabbitMQ answers, under its name in the specification.

use pika::Error;
use pika::error::Misuse;
use pika::wire::{ReplyCode, Table};

use super::amqp::{access, basic, channel, exchange, queue, tx};
use super::{Desk, connect, look, next, temporary_exchange, temporary_queue};
use crate::support::{eventually, unique};

#[test]
fn active_flow_is_confirmed() {
    let channel = connect().channel().unwrap();
    let flow = channel.channel_flow(channel::Flow::new().active(true));
    assert!(flow.unwrap().active);
}

#[test]
fn access_is_granted_with_a_ticket() {
    let channel = connect().channel().unwrap();
    let request = access::Request::new("/data").active(true).read(true);
    let granted = channel.access_request(request).unwrap();
    assert_eq!(granted, access::RequestOk::new(1));
}

#[test]
fn an_exchange_is_declared_looked_at_and_deleted() {
    let channel = connect().channel().unwrap();
    for kind in ["direct", "fanout", "topic", "headers"] {
        let name = unique(kind);
        let declare = exchange::Declare::new(&name, kind);
        let declared = channel.exchange_declare(declare.clone()).unwrap();
        assert_eq!(declared, exchange::DeclareOk::new());
        let seen = channel.exchange_declare(declare.passive(true)).unwrap();
        assert_eq!(seen, exchange::DeclareOk::new());
        let delete = exchange::Delete::new(&name).if_unused(true);
        let deleted = channel.exchange_delete(delete).unwrap();
        assert_eq!(deleted, exchange::DeleteOk::new());
    }
}

#[test]
fn a_queue_declared_without_a_name_is_named_by_the_server() {
    let channel = connect().channel().unwrap();
    let declare = queue::Declare::new("").exclusive(true);
    let declared = channel.queue_declare(declare).unwrap();
    assert!(declared.queue.as_str().unwrap().starts_with("amq.gen-"));

    // An empty name means the last queue declared.
    let consume = basic::Consume::new("").no_ack(true);
    let mut consumer = channel.consume(consume).unwrap();
    channel.publish("", &declared.queue, "found").unwrap();
    assert_eq!(next(&mut consumer).body(), b"found");
    consumer.cancel().unwrap();
    let purged = channel.queue_purge(queue::Purge::new("")).unwrap();
    assert_eq!(purged, queue::PurgeOk::new(0));
}

#[test]
fn a_queue_gets_what_its_binding_says_and_nothing_once_unbound() {
    let desk = Desk::new();
    let Desk { channel, queue, .. } = &desk;
    let exchange = temporary_exchange(channel, "topic");
    // A second binding, so that the exchange outlives the first.
    let other = temporary_queue(channel);
    let bind = queue::Bind::new(&other, &exchange, "other");
    channel.queue_bind(bind).unwrap();

    let bind = queue::Bind::new(queue, &exchange, "orders.*").arguments([("note", 1)]);
    let bound = channel.queue_bind(bind).unwrap();
    assert_eq!(bound, queue::BindOk::new());
    channel.publish(&exchange, "orders.new", "yes").unwrap();
    channel.publish(&exchange, "invoices.new", "no").unwrap();
    desk.settles_at(1, 0);

    let unbind = queue::Unbind::new(queue, &exchange, "orders.*").arguments([("note", 1)]);
    let unbound = channel.queue_unbind(unbind).unwrap();
    assert_eq!(unbound, queue::UnbindOk::new());
    channel.publish(&exchange, "orders.new", "no more").unwrap();
    desk.publish("straight to the queue");
    desk.settles_at(2, 0);
}

#[test]
fn purging_and_deleting_a_queue_tell_how_many_messages_it_had() {
    let desk = Desk::new();
    for _ in 0..3 {
        desk.publish("gone");
    }
    desk.settles_at(3, 0);
    let purge = queue::Purge::new(&desk.queue);
    let purged = desk.channel.queue_purge(purge).unwrap();
    assert_eq!(purged, queue::PurgeOk::new(3));

    desk.publish("gone");
    desk.settles_at(1, 0);
    let delete = queue::Delete::new(&desk.queue).if_unused(true);
    let deleted = desk.channel.queue_delete(delete).unwrap();
    assert_eq!(deleted, queue::DeleteOk::new(1));
    // RabbitMQ is content when there is nothing to delete.
    let delete = queue::Delete::new(&desk.queue);
    let deleted = desk.channel.queue_delete(delete).unwrap();
    assert_eq!(deleted, queue::DeleteOk::new(0));
}

#[test]
fn a_declare_with_all_flags_reaches_the_server_bit_by_bit() {
    let channel = connect().channel().unwrap();
    let name = unique("flags");
    let declare = queue::Declare::new(&name)
        .durable(true)
        .auto_delete(true)
        .arguments(
            Table::new()
                .with("x-expires", 60_000)
                .with("x-max-length", 9),
        );
    channel.queue_declare(declare.clone()).unwrap();
    // The same again is equivalent; one bit less is not, see the refusals.
    let again = channel.queue_declare(declare).unwrap();
    assert_eq!(again.queue, name);
    channel.queue_delete(queue::Delete::new(&name)).unwrap();
}

#[test]
fn prefetch_limits_are_set_for_consumer_and_channel() {
    let channel = connect().channel().unwrap();
    let qos = channel.basic_qos(basic::Qos::new(10));
    assert_eq!(qos.unwrap(), basic::QosOk::new());
    let qos = channel.basic_qos(basic::Qos::new(20).global(true));
    assert_eq!(qos.unwrap(), basic::QosOk::new());
}

#[test]
fn a_committed_transaction_shows_and_one_rolled_back_does_not() {
    let desk = Desk::new();
    let channel = desk.connection.channel().unwrap();
    let select = channel.tx_select(tx::Select::new());
    assert_eq!(select.unwrap(), tx::SelectOk::new());

    channel.publish("", &desk.queue, "kept").unwrap();
    let flow = channel::Flow::new().active(true);
    channel.channel_flow(flow).unwrap();
    assert_eq!(desk.count(), (0, 0), "nothing shows before the commit");
    let commit = channel.tx_commit(tx::Commit::new());
    assert_eq!(commit.unwrap(), tx::CommitOk::new());
    desk.settles_at(1, 0);

    channel.publish("", &desk.queue, "dropped").unwrap();
    let rollback = channel.tx_rollback(tx::Rollback::new());
    assert_eq!(rollback.unwrap(), tx::RollbackOk::new());
    let commit = channel.tx_commit(tx::Commit::new());
    assert_eq!(commit.unwrap(), tx::CommitOk::new());
    desk.settles_at(1, 0);
}

#[test]
fn calls_without_waiting_take_effect_all_the_same() {
    let channel = connect().channel().unwrap();
    let (queue, exchange) = (unique("quiet"), unique("quiet"));
    let declare = queue::Declare::new(&queue).exclusive(true);
    channel.no_wait(declare).unwrap();
    channel
        .no_wait(exchange::Declare::new(&exchange, "fanout").auto_delete(true))
        .unwrap();
    channel
        .no_wait(queue::Bind::new(&queue, &exchange, ""))
        .unwrap();
    channel.publish(&exchange, "", "heard").unwrap();
    let count = || look(&channel, &queue).unwrap().message_count;
    eventually("the message", || (count() == 1).then_some(()));

    channel.no_wait(queue::Purge::new(&queue)).unwrap();
    eventually("the purge", || (count() == 0).then_some(()));
    channel.no_wait(exchange::Delete::new(&exchange)).unwrap();
    channel.no_wait(queue::Delete::new(&queue)).unwrap();
    let missing = look(&channel, &queue).unwrap_err();
    assert_eq!(missing.closed().unwrap().code(), Some(ReplyCode::NOT_FOUND));
}

#[test]
fn what_cannot_be_waited_for_or_said_is_misuse_and_sends_nothing() {
    let desk = Desk::new();
    let before = desk.connection.traffic().1;
    let mut declare = queue::Declare::new("never");
    declare.no_wait = true;
    let waits = desk.channel.queue_declare(declare).unwrap_err();
    assert!(
        matches!(waits, Error::Misuse(Misuse::NoWaitInCall(_))),
        "{waits}"
    );
    let long = queue::Declare::new("x".repeat(256));
    let long = desk.channel.queue_declare(long).unwrap_err();
    assert!(
        matches!(long, Error::Misuse(Misuse::NameTooLong { len: 256, .. })),
        "{long}"
    );
    assert_eq!(desk.connection.traffic().1, before);
    assert_eq!(desk.count(), (0, 0), "the channel goes on");
}
