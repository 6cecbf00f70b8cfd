//! Tags of consumers that have ended, through the adapters.

use pika::broker::{Plan, Server};
use pika::bytes::BytesMut;
use pika::frame;
use pika::wire::ChannelId;

use super::amqp::{Methods as _, Version};
use super::desk::{Desk, first, ms, patient, tagged};
use super::{basic, queue};
use crate::runner::fault;
use crate::styles::{SOON, Style};

in_styles!(a_late_delivery_ends_nothing);
in_styles!(a_tag_can_be_used_again_after_its_consumer_was_dropped: blocking Blocking background Background tokio TokioCurrentThread);

/// Right today.
fn a_late_delivery_ends_nothing<S: Style>() {
    let desk = Desk::<S>::new();
    desk.declare("other");
    desk.publish("q", 1);
    let mut ended = desk.channel.consume(tagged("q", "t")).unwrap();
    let mut other = desk.channel.consume(tagged("other", "other")).unwrap();
    let _kept = ended.next(SOON).unwrap().unwrap();
    let mut late = BytesMut::new();
    let deliver = basic::Deliver::new("t", 1, "", "q");
    let content = (&deliver, &basic::Properties::new(), &b"late"[..]);
    frame::put_content(&mut late, ChannelId(1), content, 4096);
    desk.server.with(|broker| {
        let id = first(broker);
        let mut faults = broker.faults();
        faults.cancel(id, ChannelId(1), "t");
        faults.bytes(id, late.freeze());
    });
    assert!(ended.next(SOON).unwrap().is_none());
    desk.channel.basic_qos(basic::Qos::new(0)).unwrap();
    desk.publish("other", 1);
    other.next(SOON).unwrap().unwrap().ack().unwrap();
}

/// Right today.
fn a_tag_can_be_used_again_after_its_consumer_was_dropped<S: Style>() {
    let desk = Desk::<S>::new();
    for _ in 0..20 {
        drop(desk.channel.consume(tagged("q", "t")).unwrap());
    }
    let mut last = desk.channel.consume(tagged("q", "t")).unwrap();
    desk.publish("q", 1);
    last.next(SOON).unwrap().unwrap().ack().unwrap();
}

/// Right today.
#[test]
fn a_dropped_consume_does_not_keep_the_connection_busy() {
    fault(|| {
        let server = Server::bind("127.0.0.1:0").unwrap();
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().unwrap();
        runtime.block_on(async {
            let config = patient(&server);
            let connection = pika::tokio::Connection::<Version>::open_as(config).await;
            let connection = connection.unwrap();
            let channel = connection.channel().await.unwrap();
            let declare = queue::Declare::new("q");
            channel.queue_declare(declare).await.unwrap();
            channel.publish("", "q", "body").await.unwrap();
            server.with(|broker| {
                let id = first(broker);
                let plan = Plan::new().withhold("basic.consume-ok");
                broker.faults().on(id, plan);
            });
            let consume = channel.consume(basic::Consume::new("q"));
            let consumed = tokio::time::timeout(ms(100), consume).await;
            assert!(consumed.is_err(), "its consume-ok is withheld");
            tokio::time::sleep(ms(50)).await;
            let before = connection.traffic().1;
            tokio::time::sleep(ms(200)).await;
            let sent = connection.traffic().1 - before;
            assert!(sent < 1000, "{sent} bytes were sent in 200 ms");
            assert!(connection.is_open());
        });
    });
}
