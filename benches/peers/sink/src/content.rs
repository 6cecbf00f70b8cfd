//! What the sink has to send.

use benchkit::wire::{body, header, long, short, table};

pub(crate) fn t_str(o: &mut Vec<u8>, key: &str, value: &str) {
    short(o, key.as_bytes());
    o.push(b'S');
    long(o, value.as_bytes());
}

pub(crate) fn t_bool(o: &mut Vec<u8>, key: &str, value: bool) {
    short(o, key.as_bytes());
    o.push(b't');
    o.push(u8::from(value));
}

fn t_i32(o: &mut Vec<u8>, key: &str, value: i32) {
    short(o, key.as_bytes());
    o.push(b'I');
    o.extend_from_slice(&value.to_be_bytes());
}

/// Header and body frames of one message.
pub(crate) fn content(o: &mut Vec<u8>, ch: u16, bytes: &[u8], properties: bool, frame_max: u32) {
    header(o, ch, bytes.len(), |o| match properties {
        true => six_properties(o),
        false => o.extend_from_slice(&[0, 0]),
    });
    body(o, ch, bytes, frame_max as usize);
}

/// content-type, headers, delivery-mode, correlation-id, message-id, timestamp.
fn six_properties(o: &mut Vec<u8>) {
    let flags: u16 = 0x8000 | 0x2000 | 0x1000 | 0x0400 | 0x0080 | 0x0040;
    o.extend_from_slice(&flags.to_be_bytes());
    short(o, b"application/json");
    table(o, |o| {
        t_str(o, "x-trace", "4bf92f3577b34da6");
        t_i32(o, "x-attempt", 3);
        t_bool(o, "x-flag", true);
    });
    o.push(1);
    short(o, b"6fa459ea-ee8a-3ca4-894e-db77e160355e");
    short(o, b"msg-0000000000000001");
    o.extend_from_slice(&1_700_000_000_u64.to_be_bytes());
}

/// connection.start's arguments.
pub(crate) fn start(o: &mut Vec<u8>) {
    const CAPABILITIES: [&str; 9] = [
        "publisher_confirms",
        "exchange_exchange_bindings",
        "basic.nack",
        "consumer_cancel_notify",
        "connection.blocked",
        "consumer_priorities",
        "authentication_failure_close",
        "per_consumer_qos",
        "direct_reply_to",
    ];
    o.extend_from_slice(&[0, 9]);
    table(o, |o| {
        short(o, b"capabilities");
        o.push(b'F');
        table(o, |o| {
            for capability in CAPABILITIES {
                t_bool(o, capability, true);
            }
        });
        t_str(o, "product", "wiresink");
        t_str(o, "version", "3.10.8");
        t_str(o, "platform", "rust");
        t_str(o, "cluster_name", "bench@localhost");
    });
    long(o, b"PLAIN AMQPLAIN");
    long(o, b"en_US");
}

/// The source that the name of a queue stands for: `src.<count>.<size>[.<p>]`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Source {
    pub(crate) count: u64,
    pub(crate) size: usize,
    pub(crate) properties: bool,
}

impl Source {
    pub(crate) fn of(queue: &[u8]) -> Option<Self> {
        let queue = std::str::from_utf8(queue).ok()?;
        let mut parts = queue.strip_prefix("src.")?.split('.');
        Some(Self {
            count: parts.next()?.parse().ok()?,
            size: parts.next()?.parse().ok()?,
            properties: parts.next().is_some_and(|p| p != "0"),
        })
    }
}
