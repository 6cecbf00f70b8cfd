use std::hint::black_box;
use std::io::Write;

use benchkit::{Args, Meter, Mode, wire};

use crate::conn::{CH, Conn};

/// A delivery, seen where it was read.
pub(crate) struct View<'a> {
    pub(crate) tag: u64,
    exchange: &'a [u8],
    routing_key: &'a [u8],
}

#[inline]
pub(crate) fn parse_deliver<'a>(payload: &'a [u8], consumer: &[u8]) -> View<'a> {
    let string = |at: usize| &payload[at + 1..at + 1 + payload[at] as usize];
    let tag = string(4);
    assert_eq!(tag, consumer);
    let at = 5 + tag.len();
    black_box(payload[at + 8]); // redelivered
    let exchange = string(at + 9);
    let routing_key = string(at + 10 + exchange.len());
    std::str::from_utf8(routing_key).unwrap();
    View {
        tag: wire::u64_at(payload, at),
        exchange,
        routing_key,
    }
}

/// Where it is in the stream of deliveries.
struct Scan<'a> {
    a: &'a Args,
    model: bool,
    acks: bool,
    /// Messages so far, and what is left of the one that is being read.
    n: u64,
    remaining: u64,
    tag: u64,
    /// The rest of a body's frame that is longer than what was read.
    skip: usize,
    out: Vec<u8>,
    sum: usize,
}

pub(crate) fn run(a: &Args, c: &mut Conn) {
    let meter = Meter::start(a);
    c.start_consume(a);
    let mut scan = Scan {
        a,
        model: !a.is("raw"),
        acks: a.mode == Mode::ConsumeAck,
        n: 0,
        remaining: 0,
        tag: 0,
        skip: 0,
        out: Vec::with_capacity(64 * 1024),
        sum: 0,
    };
    while scan.n < a.count {
        scan.buffered(c);
        if !scan.out.is_empty() {
            c.stream.write_all(&scan.out).unwrap();
            scan.out.clear();
        }
        if scan.n < a.count {
            c.fill();
        }
    }
    if scan.acks {
        c.barrier(&a.queue);
    }
    meter.finish(a, scan.n, None);
    black_box(scan.sum);
}

impl Scan<'_> {
    /// Goes through what has been read.
    #[inline]
    fn buffered(&mut self, c: &mut Conn) {
        loop {
            let here = c.end - c.pos;
            if self.skip > 0 {
                let n = here.min(self.skip);
                c.pos += n;
                self.skip -= n;
                if self.skip > 0 {
                    return;
                }
                self.whole();
                continue;
            }
            if here < 8 {
                return;
            }
            let b = &c.buf[c.pos..c.end];
            let len = wire::u32_at(b, 3) as usize;
            let total = len + 8;
            if b[0] == 3 {
                self.remaining -= len as u64;
                if here < total {
                    self.skip = total - here;
                    c.pos = c.end;
                    return;
                }
                if self.model {
                    self.sum = self.sum.wrapping_add(b[7] as usize + len);
                    assert_eq!(b[len + 7], wire::FRAME_END);
                }
                c.pos += total;
                self.whole();
                continue;
            }
            if here < total {
                return;
            }
            self.head(b[0], &b[7..7 + len]);
            c.pos += total;
        }
    }

    /// A method or a header.
    #[inline]
    fn head(&mut self, kind: u8, p: &[u8]) {
        if kind == 1 && p.starts_with(&wire::BASIC_DELIVER) {
            if self.model {
                let view = parse_deliver(p, b"ctag");
                self.tag = view.tag;
                let names = view.exchange.len() + view.routing_key.len();
                self.sum = self.sum.wrapping_add(names);
            } else if self.acks {
                self.tag = wire::u64_at(p, 5 + p[4] as usize);
            }
        } else if kind == 2 {
            self.remaining = wire::u64_at(p, 4);
            if self.model {
                self.sum = self.sum.wrapping_add(wire::u16_at(p, 12) as usize);
            }
            self.whole();
        }
    }

    /// Counts and acknowledges a message, if it is whole.
    #[inline]
    fn whole(&mut self) {
        if self.remaining > 0 {
            return;
        }
        self.n += 1;
        if self.acks && self.a.acks(self.n) {
            wire::ack(&mut self.out, CH, self.tag, self.a.multiple());
        }
    }
}
