//! Much at once: full inboxes, full outputs, and both.

use std::time::{Duration, Instant};

use pika::bytes::Bytes;

use super::amqp::{basic, channel, queue};
use super::{Channel, Desk, connect, connect_with, look, next, temporary_queue};
use crate::support::{self, BRIEFLY, SOON, eventually, noise, unique};

/// A body that says which one it is.
fn numbered(number: usize, len: usize) -> Bytes {
    let mut body = noise(len);
    body[..8].copy_from_slice(&(number as u64).to_be_bytes());
    body.into()
}

fn number_of(body: &[u8]) -> usize {
    usize::from_be_bytes(body[..8].try_into().unwrap())
}

#[test]
fn a_consumer_that_may_keep_few_messages_gets_all_in_order() {
    let desk = Desk::on(connect_with(support::config().incoming(10, 1 << 20)));
    for number in 0..1000 {
        let body = numbered(number, 100);
        desk.channel.publish("", &desk.queue, body).unwrap();
    }
    let consume = basic::Consume::new(&desk.queue).no_ack(true);
    let mut consumer = desk.channel.consume(consume).unwrap();
    for number in 0..1000 {
        assert_eq!(number_of(next(&mut consumer).body()), number);
    }
    assert!(consumer.next_within(BRIEFLY).unwrap().is_none());
}

#[test]
fn publishing_goes_on_while_a_full_inbox_waits() {
    let desk = Desk::on(connect_with(support::config().incoming(10, 100_000)));
    let consume = basic::Consume::new(&desk.queue).no_ack(true);
    let mut consumer = desk.channel.consume(consume).unwrap();
    for number in 0..2000 {
        let body = numbered(number, 10_000);
        desk.channel.publish("", &desk.queue, body).unwrap();
    }
    for number in 0..2000 {
        assert_eq!(number_of(next(&mut consumer).body()), number);
    }
}

#[test]
fn a_call_gets_past_a_consumer_with_more_messages_than_it_may_keep() {
    let desk = Desk::on(connect_with(support::config().incoming(10, 1 << 20)));
    for number in 0..500 {
        let body = numbered(number, 100);
        desk.channel.publish("", &desk.queue, body).unwrap();
    }
    desk.settles_at(500, 0);
    let consume = basic::Consume::new(&desk.queue).no_ack(true);
    let mut consumer = desk.channel.consume(consume).unwrap();
    let began = Instant::now();
    temporary_queue(&desk.channel);
    assert!(began.elapsed() < SOON);
    for number in 0..500 {
        assert_eq!(number_of(next(&mut consumer).body()), number);
    }
}

#[test]
fn two_publishers_and_consumers_in_one_connection_do_not_block_each_other() {
    let config = support::config().output_water(10_000, 20_000);
    let connection = connect_with(config);
    let (left, right) = (Desk::on(connection.clone()), Desk::on(connection));
    let consume = |desk: &Desk| {
        let consume = basic::Consume::new(&desk.queue).no_ack(true);
        desk.channel.consume(consume).unwrap()
    };
    let (mut lefts, mut rights) = (consume(&left), consume(&right));
    for number in 0..1000 {
        let body = numbered(number, 20_000);
        let (from, to) = (&left.channel, &right.queue);
        from.publish("", to, body.clone()).unwrap();
        let (from, to) = (&right.channel, &left.queue);
        from.publish("", to, body).unwrap();
    }
    for number in 0..1000 {
        assert_eq!(number_of(next(&mut lefts).body()), number);
        assert_eq!(number_of(next(&mut rights).body()), number);
    }
}

#[test]
fn a_heartbeat_is_held_while_much_is_published_and_nothing_read() {
    let lively = pika::config::Heartbeat::AtMost(Duration::from_secs(1));
    let desk = Desk::on(connect_with(support::config().heartbeat(lively)));
    let body = Bytes::from(noise(1 << 20));
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        desk.channel
            .publish("", "nowhere-at-all", body.clone())
            .unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
    desk.settles_at(0, 0);
}

/// A queue for several connections, deleted with the helper's connection in the end.
struct Common {
    helper: Channel,
    queue: pika::wire::ShortStr,
}

impl Common {
    fn new() -> Self {
        let helper = connect().channel().unwrap();
        let queue = unique("common");
        let declare = queue::Declare::new(&queue).arguments([("x-expires", 60_000)]);
        helper.queue_declare(declare).unwrap();
        Self { helper, queue }
    }

    fn consumers_settle_at(&self, count: u32) {
        eventually("the consumers", || {
            let found = look(&self.helper, &self.queue).unwrap();
            (found.consumer_count == count).then_some(())
        });
    }
}

impl Drop for Common {
    fn drop(&mut self) {
        let delete = queue::Delete::new(&self.queue);
        let _cleaned_up = self.helper.queue_delete(delete);
    }
}

#[test]
fn what_is_dropped_is_gone_from_the_server_without_another_call() {
    let common = Common::new();
    let connection = connect();
    let channel = connection.channel().unwrap();
    let consume = basic::Consume::new(&common.queue);
    let consumer = channel.consume(consume.clone()).unwrap();
    common.consumers_settle_at(1);
    drop(consumer);
    common.consumers_settle_at(0);

    let other = connection.channel().unwrap();
    let tag = other.consume(consume).unwrap();
    common.consumers_settle_at(1);
    drop((other, tag));
    common.consumers_settle_at(0);
    let flow = channel::Flow::new().active(true);
    channel.channel_flow(flow).unwrap();
}
