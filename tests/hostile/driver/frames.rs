//! What a hostile peer says.

use pika::bytes::{BufMut, Bytes, BytesMut};
use pika::frame;
use pika::method::MethodSet;
use pika::wire::{ChannelId, LongStr, MethodId, Reader, ShortStr, Table};

use super::client::{FRAME_MAX, MESSAGE_MAX};
use super::input::Input;
use super::version::Version;

/// The longest frame that is made, and then some.
const LONGEST: usize = 140_000;

/// A channel number, most likely of a channel that is open.
pub(crate) fn channel(input: &mut Input<'_>) -> ChannelId {
    ChannelId(match input.below(16) {
        0..=8 => 1,
        9..=11 => 2,
        12 => 3,
        13 | 14 => 0,
        _ => input.number() as u16,
    })
}

/// A frame with any method of the version, its fields filled with whatever comes.
pub(crate) fn any_method<V: Version>(input: &mut Input<'_>) -> BytesMut {
    let id = *input
        .pick(V::ids())
        .expect("a version has methods, whichever it is");
    // Methods of the connection belong on channel 0, all others elsewhere; not always.
    let on = match (id.class, input.chance(8)) {
        (10, false) => ChannelId(0),
        _ => channel(input),
    };
    let mut frame = BytesMut::new();
    frame::put_any_method(&mut frame, on, &filled::<V>(id, input));
    frame
}

fn filled<V: Version>(id: MethodId, input: &mut Input<'_>) -> V::Method {
    let count = input.below(64);
    let mut bytes = input.bytes(count).to_vec();
    bytes.resize(2500, 0);
    loop {
        let all = Bytes::from(bytes.clone());
        match V::Method::decode(id, &mut Reader::new(&all)) {
            Ok(method) => return method,
            // The length before the place is too large for what is there.
            Err(error) => {
                let at = error.offset();
                bytes[at.saturating_sub(4)..at.saturating_sub(1)].fill(0);
            }
        }
    }
}

/// A step of the handshake, with values that need not make sense.
pub(crate) fn step<V: Version>(input: &mut Input<'_>) -> BytesMut {
    let method = match input.below(6) {
        0 | 1 => {
            let version = match input.chance(6) {
                true => (input.byte(), input.byte()),
                false => (V::MAJOR, V::MINOR),
            };
            let mechanisms = match input.below(4) {
                0 => LongStr::from("PLAIN AMQPLAIN"),
                1 => LongStr::from("EXTERNAL"),
                2 => LongStr::from(vec![input.byte(); input.below(8300)]),
                _ => LongStr::from("AMQPLAIN \u{fffd}"),
            };
            let own = Table::from_wire(Bytes::copy_from_slice(input.bytes(20)));
            V::start(version, mechanisms, own)
        }
        2 | 3 => {
            let honest = input.below(2) == 0;
            match honest {
                true => V::tune(2047, 131_072, 2),
                false => {
                    let heartbeat = input.number() as u16;
                    V::tune(input.number() as u16, input.number() as u32, heartbeat)
                }
            }
        }
        _ => V::open_ok(),
    };
    let mut frame = BytesMut::new();
    frame::put_any_method(&mut frame, ChannelId(0), &method);
    frame
}

/// Damages a frame: cut short, too long, of another type or size, without its end.
pub(crate) fn damage(mut frame: BytesMut, input: &mut Input<'_>) -> BytesMut {
    let last = frame.len() - 1;
    match input.below(6) {
        0 => frame.truncate(input.below(last + 1)),
        1 => frame.put_bytes(input.byte(), input.below(20)),
        2 => frame[0] = [1, 2, 3, 8, b'A', input.byte()][input.below(6)],
        3 => frame[3..7].copy_from_slice(&(input.number() as u32).to_be_bytes()),
        4 => frame[last] = input.byte(),
        _ => {
            let at = input.below(last + 1);
            frame[at] ^= 1 << input.below(8);
        }
    }
    frame
}

/// A frame of any type whose size is at the edge of what is allowed, all of it or its beginning.
pub(crate) fn large(input: &mut Input<'_>) -> BytesMut {
    let kind = [1, 2, 3, 8, 1, 2, 3, 4][input.below(8)];
    let edges = [FRAME_MAX, MESSAGE_MAX, 8192, 131_072, LONGEST];
    let size = edges[input.below(5)] + 8 - input.below(24);
    let mut frame = BytesMut::with_capacity(size);
    frame.put_u8(kind);
    frame.put_u16(channel(input).0);
    frame.put_u32(size.saturating_sub(8) as u32);
    // A deliver or a table may begin here, with lengths that lie.
    let fill = input.byte();
    frame.put_slice(input.bytes(12));
    frame.resize(size - 1, fill);
    frame.put_u8(frame::END);
    if input.chance(3) {
        frame.truncate(input.below(size));
    }
    frame
}

/// The method, the header and the bodies of a message, which need not fit each other. `tag` is that
/// of a consumer.
pub(crate) fn content(tag: &ShortStr, input: &mut Input<'_>) -> BytesMut {
    let on = channel(input);
    let mut out = BytesMut::new();
    let mut method = BytesMut::new();
    let kind = input.below(8);
    method.put_u16(60);
    match kind {
        // basic.return
        0 => method.put_slice(b"\x00\x32\x01\x38\x08NO_ROUTE\x00\x01q"),
        // basic.get-ok
        1 => {
            method.put_slice(b"\x00\x47");
            method.put_u64(input.number());
            method.put_slice(b"\x00\x00\x01q\x00\x00\x00\x00");
        }
        // basic.deliver
        _ => {
            method.put_slice(b"\x00\x3c");
            method.put_u8(tag.as_bytes().len() as u8);
            method.put_slice(tag.as_bytes());
            method.put_u64(input.number());
            method.put_slice(b"\x00\x00\x01q");
        }
    }
    put(&mut out, 1, on, &method);
    let sizes = [0, 1, 100, 5000, MESSAGE_MAX, MESSAGE_MAX + 1];
    let honest = sizes[input.below(6)];
    let mut header = BytesMut::new();
    header.put_u16(if input.chance(16) {
        input.byte().into()
    } else {
        60
    });
    header.put_u16(if input.chance(16) { 1 } else { 0 });
    let announced = match input.chance(6) {
        true => input.number(),
        false => honest as u64,
    };
    header.put_u64(announced);
    header.put_slice(if input.chance(4) {
        input.bytes(12)
    } else {
        b"\0\0"
    });
    put(&mut out, 2, on, &header);
    let room = 1 + input.below(FRAME_MAX - 8);
    let room = if input.chance(2) {
        FRAME_MAX - 8
    } else {
        room.max(40)
    };
    let mut left = honest;
    while left > 0 && !input.chance(16) {
        let piece = left.min(room);
        left -= piece;
        let other = if input.chance(16) { channel(input) } else { on };
        put(&mut out, 3, other, &vec![piece as u8; piece]);
    }
    out
}

/// A confirm of one or several publishes.
pub(crate) fn confirm(input: &mut Input<'_>) -> BytesMut {
    let mut method = BytesMut::new();
    method.put_u16(60);
    method.put_u16(if input.below(2) == 0 { 80 } else { 120 });
    method.put_u64(input.number() % 10);
    method.put_u8(input.byte() & 1);
    let mut out = BytesMut::new();
    put(&mut out, 1, channel(input), &method);
    out
}

fn put(out: &mut BytesMut, kind: u8, on: ChannelId, payload: &[u8]) {
    out.put_u8(kind);
    out.put_u16(on.0);
    out.put_u32(payload.len() as u32);
    out.put_slice(payload);
    out.put_u8(frame::END);
}
