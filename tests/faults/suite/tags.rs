//! Tags of consumers that have ended, through the adapters.

use pika::bytes::BytesMut;
use pika::frame;
use pika::wire::ChannelId;

use super::amqp::Methods as _;
use super::basic;
use super::desk::{Desk, first, tagged};
use crate::styles::{SOON, Style};

in_styles!(a_late_delivery_ends_nothing);
in_styles!(a_tag_can_be_used_again_after_its_consumer_was_dropped: blocking Blocking threaded Threaded tokio TokioCurrentThread);

/// Today a delivery that comes after the server's `basic.cancel` closes the connection with 530.
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

/// Today `consume` refuses the tag of a dropped consumer until its cancel-ok has come.
fn a_tag_can_be_used_again_after_its_consumer_was_dropped<S: Style>() {
    let desk = Desk::<S>::new();
    for _ in 0..20 {
        drop(desk.channel.consume(tagged("q", "t")).unwrap());
    }
    let mut last = desk.channel.consume(tagged("q", "t")).unwrap();
    desk.publish("q", 1);
    last.next(SOON).unwrap().unwrap().ack().unwrap();
}
