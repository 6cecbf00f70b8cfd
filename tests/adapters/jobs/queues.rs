//! Queues, and messages fetched from them one by one.

use pika::connection::Settled;

use super::super::amqp::{Methods as _, basic, exchange, queue, tx};
use super::{Broker, Desk, SOON, Style, message, unique};

in_every_style! {
    a_queue_lives_from_declare_to_delete
    fetching_finds_messages_and_finds_none
    unsettled_messages_come_again_after_recover
    transactions_commit_and_roll_back
}

fn a_queue_lives_from_declare_to_delete<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let (channel, exchange) = (&desk.channel, unique("exchange"));
    let declare = exchange::Declare::new(&exchange, "direct").auto_delete(true);
    channel.exchange_declare(declare).unwrap();
    let bind = queue::Bind::new(&desk.queue, &exchange, "ours");
    channel.queue_bind(bind).unwrap();

    let mut consumer = desk.consume();
    channel
        .publish(message(&exchange, "theirs", "lost"))
        .unwrap();
    channel
        .publish(message(&exchange, "ours", "found"))
        .unwrap();
    let delivery = consumer.next(SOON).unwrap().unwrap();
    assert_eq!(delivery.body(), b"found");
    assert_eq!(
        (delivery.exchange(), delivery.routing_key()),
        (exchange.clone(), "ours".into())
    );
    assert!(!delivery.redelivered());
    delivery.ack().unwrap();
    consumer.cancel().unwrap();

    for body in ["one", "two", "three"] {
        channel.publish(message(&exchange, "ours", body)).unwrap();
    }
    desk.settles_at(3);
    let purged = channel.queue_purge(queue::Purge::new(&desk.queue));
    assert_eq!(purged.unwrap(), queue::PurgeOk::new(3));
    desk.publish("left");
    desk.settles_at(1);
    let deleted = channel.queue_delete(queue::Delete::new(&desk.queue));
    assert_eq!(deleted.unwrap(), queue::DeleteOk::new(1));
}

fn fetching_finds_messages_and_finds_none<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let get = || desk.channel.get(basic::Get::new(&desk.queue)).unwrap();
    assert!(get().is_none());
    assert!(get().is_none(), "asking twice gives two answers");
    desk.publish("first");
    desk.publish("second");
    desk.settles_at(2);
    let (first, second) = (get().unwrap(), get().unwrap());
    assert_eq!(
        (first.body(), first.message_count()),
        (&b"first"[..], Some(1))
    );
    assert_eq!(
        (second.body(), second.message_count()),
        (&b"second"[..], Some(0))
    );
    second.ack_all().unwrap();
    is_stale(first.ack(), "it was settled with the second");
    assert!(get().is_none());
}

fn unsettled_messages_come_again_after_recover<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    desk.publish("again");
    let stale = desk.fetch();
    let recover = basic::Recover::new().requeue(true);
    let recovered = desk.channel.basic_recover(recover);
    assert_eq!(recovered.unwrap(), basic::RecoverOk::new());
    is_stale(stale.ack(), "it has gone back");
    let again = desk.fetch();
    assert!(again.redelivered());
    let second = basic::Ack::new(2).multiple(true);
    desk.channel.basic_ack(second).unwrap();
    is_stale(again.ack(), "it was acknowledged by its number");
    desk.channel.close().unwrap();
    let other = desk.connection.channel().unwrap();
    super::settles_at(&other, &desk.queue, 0);
}

#[track_caller]
fn is_stale(result: pika::Result<Settled>, why: &str) {
    assert!(matches!(result, Ok(Settled::Stale)), "{why}: {result:?}");
}

fn transactions_commit_and_roll_back<S: Style>(broker: &Broker) {
    let desk = Desk::<S>::new(broker);
    let channel = &desk.channel;
    channel.tx_select(tx::Select::new()).unwrap();
    desk.publish("rolled back");
    channel.tx_rollback(tx::Rollback::new()).unwrap();
    desk.publish("committed");
    channel.tx_commit(tx::Commit::new()).unwrap();
    let fetched = desk.fetch();
    assert_eq!(fetched.body(), b"committed");
    fetched.ack().unwrap();
    channel.tx_commit(tx::Commit::new()).unwrap();
    channel.close().unwrap();
    let other = desk.connection.channel().unwrap();
    super::settles_at(&other, &desk.queue, 0);
}
