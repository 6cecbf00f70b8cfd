//! What single inputs cost, where a limit is easily missed.

use std::time::Instant;

use pika::broker::loopback::Loopback;
use pika::broker::{Moment, Plan, Refuse, Settings};
use pika::bytes::{BufMut, BytesMut};
use pika::config::Config;
use pika::connection::{Connection, Event};
use pika::error::Cause;
use pika::frame;
use pika::v0_9_1::{V0_9_1, basic, connection, queue};
use pika::wire::{ChannelId, LongStr};

use crate::measured;

type Client = Connection<V0_9_1>;

/// What is granted to any input beside the limit.
const SLACK: u64 = 4096;

/// What it costs that a client receives this, with the events that come of it.
fn cost(client: &mut Client, bytes: &[u8]) -> u64 {
    let mut input = BytesMut::from(bytes);
    let cost = measured(&mut || client.receive(&mut input, Instant::now()));
    assert!(input.is_empty());
    cost
}

#[test]
fn a_message_in_pieces_takes_its_size_and_no_more() {
    const SIZE: usize = 100_000;
    let mut world = Loopback::new(Settings::new(), Instant::now());
    let id = world.connect(Client::new(Config::new(), world.now()));
    world.settle();
    let now = world.now();
    let client = world.peer(id);
    let (key, _) = client.open_channel(now).unwrap();
    let mut on = client.channel(key).unwrap();
    on.call(queue::Declare::new("q"), now).unwrap();
    let consume = basic::Consume::new("q").consumer_tag("me");
    on.consume(consume, now).unwrap();
    world.settle();
    let client = world.peer(id);
    while let Some(event) = client.poll_event() {
        assert!(!matches!(event, Event::Deliveries { .. }), "{event:?}");
    }
    let mut head = BytesMut::new();
    let deliver = basic::Deliver::new("me", 1, "", "q");
    frame::put_method(&mut head, ChannelId(1), &deliver);
    let properties = basic::Properties::new();
    frame::put_header(&mut head, ChannelId(1), SIZE as u64, &properties);
    assert!(cost(client, &head) < SLACK);
    for piece in vec![7; SIZE].chunks(1000) {
        let mut bytes = BytesMut::new();
        frame::put_body(&mut bytes, ChannelId(1), piece);
        let cost = cost(client, &bytes);
        assert!(cost <= SIZE as u64 + SLACK, "{cost} bytes");
    }
    let event = client.poll_event();
    assert!(
        matches!(event, Some(Event::Deliveries { count: 1, .. })),
        "{event:?}"
    );
    let delivery = client.next_delivery().unwrap();
    assert_eq!(delivery.content().body(), &vec![7; SIZE]);
}

#[test]
fn a_server_that_offers_nonsense_to_log_in_with_costs_little() {
    let mut world = Loopback::new(Settings::new(), Instant::now());
    let plan = Plan::new().refuse_at(Moment::Header, Refuse::Silence);
    world.broker().faults().on_next(plan);
    let id = world.connect(Client::new(Config::new(), world.now()));
    world.settle();
    let mechanisms = LongStr::from(vec![0xff; 8100]);
    let start = connection::Start::new(0, 9, mechanisms, "en_US");
    let mut bytes = BytesMut::new();
    frame::put_method(&mut bytes, ChannelId(0), &start);
    assert!(bytes.len() <= 8192);
    let client = world.peer(id);
    let cost = cost(client, &bytes);
    assert!(cost <= SLACK, "{cost} bytes");
    let cause = &client.closed().unwrap().cause;
    assert!(matches!(cause, Cause::NoMechanism { .. }), "{cause:?}");
}

#[test]
fn a_frame_whose_size_lies_costs_nothing() {
    for size in [8184_u32, 8185, 1 << 20, u32::MAX] {
        let mut client = Client::new(Config::new(), Instant::now());
        let mut head = BytesMut::new();
        head.put_slice(&[1, 0, 0]);
        head.put_u32(size);
        let cost = measured(&mut || client.receive(&mut head, Instant::now()));
        let refused = client.closed().is_some();
        assert_eq!(refused, size > 8184);
        let most = if refused { SLACK } else { 0 };
        assert!(cost <= most, "{cost} bytes for a size of {size}");
    }
}
