//! AMQP 0-9-1 as bytes, by hand.

/// The last byte of every frame.
pub const FRAME_END: u8 = 0xCE;

/// A method that is only known by its numbers: class and method.
pub type Id = (u16, u16);

pub const BASIC_DELIVER: [u8; 4] = [0, 60, 0, 60];
pub const BASIC_ACK: [u8; 4] = [0, 60, 0, 80];
pub const BASIC_PUBLISH: [u8; 4] = [0, 60, 0, 40];
pub const BASIC_GET_EMPTY: [u8; 4] = [0, 60, 0, 72];

/// The big-endian number in the first bytes.
#[inline]
pub fn u16_at(b: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([b[at], b[at + 1]])
}

#[inline]
pub fn u32_at(b: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(b[at..at + 4].try_into().unwrap())
}

#[inline]
pub fn u64_at(b: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(b[at..at + 8].try_into().unwrap())
}

#[inline]
pub fn short(o: &mut Vec<u8>, s: &[u8]) {
    assert!(s.len() < 256);
    o.push(s.len() as u8);
    o.extend_from_slice(s);
}

pub fn long(o: &mut Vec<u8>, s: &[u8]) {
    o.extend_from_slice(&(s.len() as u32).to_be_bytes());
    o.extend_from_slice(s);
}

/// A length of four bytes and what `f` writes behind it: a table, or most of a frame.
#[inline]
pub fn table(o: &mut Vec<u8>, f: impl FnOnce(&mut Vec<u8>)) {
    let at = o.len();
    o.extend_from_slice(&[0; 4]);
    f(o);
    let n = (o.len() - at - 4) as u32;
    o[at..at + 4].copy_from_slice(&n.to_be_bytes());
}

#[inline]
pub fn frame(o: &mut Vec<u8>, kind: u8, channel: u16, f: impl FnOnce(&mut Vec<u8>)) {
    let c = channel.to_be_bytes();
    o.extend_from_slice(&[kind, c[0], c[1]]);
    table(o, f);
    o.push(FRAME_END);
}

#[inline]
pub fn method(o: &mut Vec<u8>, channel: u16, id: Id, f: impl FnOnce(&mut Vec<u8>)) {
    frame(o, 1, channel, |o| {
        o.extend_from_slice(&id.0.to_be_bytes());
        o.extend_from_slice(&id.1.to_be_bytes());
        f(o);
    });
}

/// The header of a message with the flags and values that `properties` writes.
#[inline]
pub fn header(o: &mut Vec<u8>, channel: u16, size: usize, properties: impl FnOnce(&mut Vec<u8>)) {
    frame(o, 2, channel, |o| {
        o.extend_from_slice(&[0, 60, 0, 0]);
        o.extend_from_slice(&(size as u64).to_be_bytes());
        properties(o);
    });
}

#[inline]
pub fn body(o: &mut Vec<u8>, channel: u16, body: &[u8], frame_max: usize) {
    for part in body.chunks(frame_max - 8) {
        frame(o, 3, channel, |o| o.extend_from_slice(part));
    }
}

/// basic.publish through the default exchange, without properties.
#[inline]
pub fn publish(o: &mut Vec<u8>, channel: u16, queue: &str, content: &[u8], frame_max: usize) {
    method(o, channel, (60, 40), |o| {
        o.extend_from_slice(&[0, 0]);
        short(o, b"");
        short(o, queue.as_bytes());
        o.push(0);
    });
    header(o, channel, content.len(), |o| o.extend_from_slice(&[0, 0]));
    body(o, channel, content, frame_max);
}

#[inline]
pub fn ack(o: &mut Vec<u8>, channel: u16, tag: u64, multiple: bool) {
    method(o, channel, (60, 80), |o| {
        o.extend_from_slice(&tag.to_be_bytes());
        o.push(u8::from(multiple));
    });
}

pub fn qos(o: &mut Vec<u8>, channel: u16, prefetch: u16) {
    method(o, channel, (60, 10), |o| {
        o.extend_from_slice(&[0; 4]);
        o.extend_from_slice(&prefetch.to_be_bytes());
        o.push(0);
    });
}

pub fn consume(o: &mut Vec<u8>, channel: u16, queue: &str, tag: &str, no_ack: bool) {
    method(o, channel, (60, 20), |o| {
        o.extend_from_slice(&[0, 0]);
        short(o, queue.as_bytes());
        short(o, tag.as_bytes());
        o.push(if no_ack { 2 } else { 0 });
        o.extend_from_slice(&[0; 4]);
    });
}

/// queue.declare, passive: its answer comes behind everything sent before it on the channel.
pub fn barrier(o: &mut Vec<u8>, channel: u16, queue: &str) {
    method(o, channel, (50, 10), |o| {
        o.extend_from_slice(&[0, 0]);
        short(o, queue.as_bytes());
        o.push(1);
        o.extend_from_slice(&[0; 4]);
    });
}

pub fn confirm_select(o: &mut Vec<u8>, channel: u16) {
    method(o, channel, (85, 10), |o| o.push(0));
}

pub fn channel_open(o: &mut Vec<u8>, channel: u16) {
    method(o, channel, (20, 10), |o| o.push(0));
}

/// connection.start-ok with PLAIN.
pub fn start_ok(o: &mut Vec<u8>, user: &str, password: &str) {
    method(o, 0, (10, 11), |o| {
        table(o, |_| {});
        short(o, b"PLAIN");
        long(o, format!("\0{user}\0{password}").as_bytes());
        short(o, b"en_US");
    });
}

/// connection.tune-ok with what the server proposes in `tune`, without heartbeats, and
/// connection.open.
pub fn tune_ok_open(o: &mut Vec<u8>, tune: &[u8], vhost: &str) {
    method(o, 0, (10, 31), |o| {
        o.extend_from_slice(&tune[4..10]);
        o.extend_from_slice(&[0, 0]);
    });
    method(o, 0, (10, 40), |o| {
        short(o, vhost.as_bytes());
        o.extend_from_slice(&[0, 0]);
    });
}
