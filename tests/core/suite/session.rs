//! A recorded session, cut into pieces in every way: the same events, the same bytes.

use std::fmt::Write as _;
use std::time::Instant;

use pika::bytes::{Buf, BytesMut};
use pika::connection::{ChannelKey, Connection, Event};
use pika::frame;
use pika::method::{ContentArgs, MethodSet};
use pika::protocol::Protocol as _;
use pika::wire::{ChannelId, ReplyCode, Table};

use super::*;
use crate::kit::{method_frame, quiet};

/// All that happened to a client: its events as text, and what it wrote.
#[derive(Debug, PartialEq)]
struct Story {
    events: String,
    written: Vec<u8>,
}

/// What a peer says after the handshake.
#[derive(Default)]
struct Script(BytesMut);

impl Script {
    fn method(&mut self, channel: u16, method: impl Into<<V as pika::method::Spec>::Method>) {
        self.0
            .extend_from_slice(&method_frame::<V>(channel, method));
    }

    fn content<M: ContentArgs<Spec = V>>(
        &mut self,
        channel: u16,
        (method, properties): (&M, &M::Properties),
        body: &[u8],
    ) {
        frame::put_content(
            &mut self.0,
            ChannelId(channel),
            (method, properties, body),
            4096,
        );
    }
}

fn handshake() -> BytesMut {
    let mut bytes = method_frame::<V>(0, V::start("PLAIN", Table::new().with("product", "Peer")));
    bytes.extend_from_slice(&method_frame::<V>(0, V::tune(10, 4096, 60)));
    bytes.extend_from_slice(&method_frame::<V>(0, V::open_ok()));
    bytes
}

/// What the client asks for in one go; the script answers it.
fn ask(client: &mut Connection<V>, now: Instant) -> ChannelKey {
    let (one, _) = client.open_channel(now).unwrap();
    let (two, _) = client.open_channel(now).unwrap();
    let mut on = client.channel(one).unwrap();
    on.call(queue::Declare::new("a"), now).unwrap();
    on.call(queue::Declare::new("b"), now).unwrap();
    on.consume(basic::Consume::new("a"), now).unwrap();
    let abandoned = on.call(basic::Get::new("b"), now).unwrap();
    assert!(client.abandon(abandoned, now).is_none());
    let mut on = client.channel(one).unwrap();
    on.call(basic::Get::new("b"), now).unwrap();
    on.call(basic::Get::new("b"), now).unwrap();
    let mut on = client.channel(two).unwrap();
    on.no_wait(basic::Consume::new("a").consumer_tag("t").no_ack(true))
        .unwrap();
    on.call(queue::Delete::new("none"), now).unwrap();
    let (publish, body) = (
        basic::Publish::new("", "nobody").mandatory(true),
        vec![1; 4100],
    );
    on.publish(&publish, &basic::Properties::new(), body)
        .unwrap();
    one
}

fn script() -> BytesMut {
    let mut peer = Script::default();
    let none = basic::Properties::new();
    let some = basic::Properties::new()
        .content_type("text/plain")
        .priority(9);
    peer.method(1, channel::OpenOk::new());
    peer.method(2, channel::OpenOk::new());
    peer.method(1, queue::DeclareOk::new("a", 2, 0));
    peer.content(2, (&basic::Deliver::new("t", 1, "", "a"), &some), b"early");
    peer.method(1, queue::DeclareOk::new("b", 0, 0));
    peer.content(1, (&basic::Deliver::new("ctag0", 1, "", "a"), &none), b"");
    peer.method(1, basic::ConsumeOk::new("ctag0"));
    frame::put_heartbeat(&mut peer.0);
    peer.content(1, (&basic::GetOk::new(2, "", "b", 1), &some), b"abandoned");
    peer.content(1, (&basic::GetOk::new(3, "x", "b", 0), &some), &[7; 4100]);
    peer.method(1, basic::GetEmpty::new());
    peer.content(
        2,
        (&basic::Return::new(312, "NO_ROUTE", "", "nobody"), &none),
        &[1; 4100],
    );
    peer.method(1, channel::Flow::new().active(false));
    peer.method(2, channel::Close::new(404, "NOT_FOUND", 50, 40));
    peer.content(
        1,
        (
            &basic::Deliver::new("ctag0", 4, "", "a").redelivered(true),
            &none,
        ),
        &[8; 4088],
    );
    peer.method(1, channel::Flow::new().active(true));
    peer.method(1, basic::Cancel::new("ctag0"));
    peer.0
}

/// The ends that a session can have.
fn ends() -> Vec<Vec<u8>> {
    vec![
        Vec::new(),
        method_frame::<V>(0, connection::Close::new(320, "CONNECTION_FORCED", 0, 0)).to_vec(),
        b"garbage".to_vec(),
        method_frame::<V>(5, queue::PurgeOk::new(1)).to_vec(),
        method_frame::<V>(1, queue::PurgeOk::new(1)).to_vec(),
        vec![3, 0, 1, 0, 0, 0x10, 0],
        b"AMQP\x00\x00\x09\x01".to_vec(),
    ]
}

/// Feeds `bytes` in pieces as long as `next_len` says.
fn feed(
    client: &mut Connection<V>,
    (bytes, next_len): (&[u8], &mut dyn FnMut() -> usize),
    (now, story): (Instant, &mut Story),
) {
    let mut buffer = BytesMut::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(next_len().clamp(1, rest.len()));
        rest = later;
        buffer.extend_from_slice(piece);
        client.receive(&mut buffer, now);
        listen(client, now, story);
    }
}

fn listen(client: &mut Connection<V>, now: Instant, story: &mut Story) {
    while let Some(event) = client.poll_event() {
        match event {
            // One line for each, since how many come at once depends on the pieces.
            Event::Deliveries { consumer, .. } => {
                while let Some(delivery) = client.next_delivery() {
                    writeln!(story.events, "Delivery {consumer:?} {delivery:?}").unwrap();
                }
            }
            Event::Reply { call } => {
                let answer = client.take_reply(call).unwrap();
                writeln!(story.events, "Reply {call:?} {answer:?}").unwrap();
            }
            event => writeln!(story.events, "{event:?}").unwrap(),
        }
    }
    let out = client.outgoing(now);
    while out.has_remaining() {
        let chunk = out.chunk();
        story.written.extend_from_slice(chunk);
        out.advance(chunk.len());
    }
}

/// The whole session with its pieces as long as `next_len` says.
fn tell(end: &[u8], next_len: &mut dyn FnMut() -> usize) -> Story {
    tell_of(&[&script()[..], end].concat(), next_len)
}

fn tell_of(script: &[u8], next_len: &mut dyn FnMut() -> usize) -> Story {
    let now = Instant::now();
    let mut client = Connection::<V>::new(quiet(), now);
    let mut story = Story {
        events: String::new(),
        written: Vec::new(),
    };
    feed(&mut client, (&handshake(), next_len), (now, &mut story));
    let one = ask(&mut client, now);
    feed(&mut client, (script, next_len), (now, &mut story));
    if let Ok(mut on) = client.channel(one) {
        let closing = on.close(ReplyCode::REPLY_SUCCESS, "".into(), now);
        writeln!(story.events, "{closing:?}").unwrap();
    }
    listen(&mut client, now, &mut story);
    story
}

#[test]
fn the_session_is_what_it_should_be() {
    let story = tell(&[], &mut || usize::MAX);
    let count = |name: &str| {
        story
            .events
            .lines()
            .filter(|line| line.starts_with(name))
            .count()
    };
    let counts = [
        ("Opened", 1),
        ("Reply", 8),
        ("Delivery", 3),
        ("Returned", 1),
        ("Flow", 2),
    ];
    for (name, times) in counts {
        assert_eq!(count(name), times, "{name} in\n{}", story.events);
    }
    assert_eq!(count("ConsumerCancelled") + count("ChannelClosed"), 2);
    let reject = method_frame::<V>(1, basic::Reject::new(2).requeue(true));
    assert!(
        story
            .written
            .windows(reject.len())
            .any(|bytes| bytes == reject)
    );
    for end in ends().iter().skip(1).filter(|end| end[0] != 3) {
        assert!(
            tell(end, &mut || usize::MAX).events.contains("\nClosed("),
            "{end:?}"
        );
    }
    let close_ok = <V as pika::protocol::Protocol>::close_ok();
    assert_eq!(close_ok.name(), "connection.close-ok");
    assert_eq!(V::channel_close_ok().name(), "channel.close-ok");
}

#[test]
fn single_bytes_tell_the_same_story() {
    for end in ends() {
        let whole = tell(&end, &mut || usize::MAX);
        assert!(tell(&end, &mut || 1) == whole, "{end:?}");
    }
}

#[test]
fn a_cut_anywhere_near_the_edge_of_a_frame_tells_the_same_story() {
    let end = &ends()[1];
    let whole = tell(end, &mut || usize::MAX);
    let script = [&script()[..], end].concat();
    for edge in edges(&script) {
        for cut in edge.saturating_sub(10)..edge + 40 {
            let mut lengths = [usize::MAX, cut].into_iter();
            let told = tell(end, &mut || lengths.next().unwrap_or(usize::MAX));
            assert!(told == whole, "cut at {cut}");
        }
    }
}

/// Where frames begin.
fn edges(frames: &[u8]) -> Vec<usize> {
    let mut edges = vec![0];
    let mut at = 0;
    while let Some(size) = frames.get(at + 3..at + frame::HEAD_LEN) {
        at += frame::OVERHEAD + u32::from_be_bytes(size.try_into().unwrap()) as usize;
        edges.push(at);
    }
    assert_eq!(at, frames.len());
    edges
}

/// A delivery on channel 1 to the consumer with this tag, each frame by itself.
fn delivery(tag: &'static str, size: u64, bodies: &[&[u8]]) -> Vec<BytesMut> {
    let mut frames = vec![method_frame::<V>(1, basic::Deliver::new(tag, 9, "", "a"))];
    let mut header = BytesMut::new();
    frame::put_header(&mut header, ChannelId(1), size, &basic::Properties::new());
    frames.push(header);
    for body in bodies {
        let mut frame = BytesMut::new();
        frame::put_body(&mut frame, ChannelId(1), body);
        frames.push(frame);
    }
    frames
}

/// A delivery with one octet changed.
fn bent(frame: usize, at: usize, octet: u8) -> Vec<BytesMut> {
    let mut frames = delivery("ctag0", 2, &[b"ab"]);
    frames[frame][at] = octet;
    frames
}

#[test]
fn deliveries_out_of_the_ordinary_tell_the_same_story_in_one_piece() {
    let mut trailing = delivery("ctag0", 2, &[b"ab"]);
    let end = trailing[0].len() - 1;
    trailing[0].extend_from_slice(&[frame::END]);
    trailing[0][end] = 0;
    trailing[0][6] += 1;
    let odd = [
        delivery("ctag0", 0, &[]),
        delivery("ctag0", 0, &[b""]),
        delivery("ctag0", 2, &[b"", b"ab"]),
        delivery("ctag0", 2, &[b"a", b"b"]),
        delivery("ctag0", 2, &[b"abc"]),
        delivery("ctag0", 3, &[b"ab"]),
        delivery("ctag0", u64::MAX, &[b"ab"]),
        delivery("none", 2, &[b"ab"]),
        bent(0, 2, 2),
        bent(1, 2, 2),
        bent(2, 2, 2),
        bent(0, 2, 7),
        bent(0, 11, 0xff),
        bent(1, 8, 50),
        bent(1, 10, 1),
        bent(1, 20, 0x80),
        bent(2, 9, 0),
        trailing,
    ];
    // The consumer is still there before the server cancels it at the end of the script.
    let cancel = method_frame::<V>(1, basic::Cancel::new("ctag0")).len();
    let script = script();
    let script = &script[..script.len() - cancel];
    for (n, frames) in odd.into_iter().enumerate() {
        let bytes = [script, &frames.concat(), script_end()].concat();
        let whole = tell_of(&bytes, &mut || usize::MAX);
        assert!(tell_of(&bytes, &mut || 1) == whole, "delivery {n}");
        let mut frames = frames.iter().map(|frame| frame.len());
        let mut first = Some(usize::MAX).into_iter().chain([script.len()]);
        let mut next = || first.next().or_else(|| frames.next()).unwrap_or(usize::MAX);
        assert!(
            tell_of(&bytes, &mut next) == whole,
            "delivery {n}, frame by frame"
        );
    }
}

/// A heartbeat, to see that the stream goes on.
const fn script_end() -> &'static [u8] {
    &[8, 0, 0, 0, 0, 0, 0, frame::END]
}

#[test]
fn damaged_bytes_tell_one_story_and_end_it_at_most_once() {
    let script = script();
    for seed in 0..400_u64 {
        let mut random = random(seed);
        let mut damaged = script.to_vec();
        for _ in 0..=random() % 3 {
            // Most bytes are those of bodies; frame heads and methods matter more.
            let edges = edges(&script);
            let at = edges[random() % (edges.len() - 1)] + random() % 30;
            let at = at.min(damaged.len() - 1);
            damaged[at] ^= 1 << (random() % 8);
        }
        let story = tell_of(&damaged, &mut || usize::MAX);
        let pieces = tell_of(&damaged, &mut || random() % 40);
        assert!(story == pieces, "seed {seed}");
        let ends: Vec<_> = story
            .events
            .lines()
            .map(|line| line.starts_with("Closed("))
            .collect();
        let count = ends.iter().filter(|end| **end).count();
        assert!(
            count == 0 || (count == 1 && ends.last() == Some(&true)),
            "seed {seed}"
        );
    }
}

/// A linear congruential generator; its upper bits are random enough.
fn random(seed: u64) -> impl FnMut() -> usize {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005);
        state = state.wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    }
}

#[test]
fn random_pieces_tell_the_same_story() {
    let ends = ends();
    let wholes: Vec<_> = ends
        .iter()
        .map(|end| tell(end, &mut || usize::MAX))
        .collect();
    for seed in 0..200_u64 {
        let mut random = random(seed);
        let mut next = || {
            let random = random();
            // Lengths of all magnitudes, up to a few thousand bytes.
            random % (2 << ((random >> 20) % 12)) + 1
        };
        let which = seed as usize % ends.len();
        assert!(
            tell(&ends[which], &mut next) == wholes[which],
            "seed {seed}, end {which}"
        );
    }
}
