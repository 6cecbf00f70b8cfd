//! Methods and their answers.

use benchkit::wire::{Id, method, short, u16_at, u32_at, u64_at};

use crate::conn::{Conn, Gets};
use crate::content::{Source, content};
use crate::flood::Flood;

/// A short string in arguments, and where the next one is.
fn name(args: &[u8], at: usize) -> (&[u8], usize) {
    let end = at + 1 + args[at] as usize;
    (&args[at + 1..end], end)
}

impl Conn {
    pub(crate) fn on_method(&mut self, ch: u16, payload: &[u8]) {
        let id = (u16_at(payload, 0), u16_at(payload, 2));
        let args = &payload[4..];
        match id.0 {
            10 => self.on_connection(id, args),
            60 => self.on_basic(ch, id, args),
            _ => self.on_other(ch, id, args),
        }
    }

    fn on_connection(&mut self, id: Id, args: &[u8]) {
        let cfg = self.cfg;
        let o = &mut self.out;
        match id {
            (10, 11) => method(o, 0, (10, 30), |o| {
                o.extend_from_slice(&2047_u16.to_be_bytes());
                o.extend_from_slice(&cfg.frame_max.to_be_bytes());
                o.extend_from_slice(&cfg.heartbeat.to_be_bytes());
            }),
            (10, 31) => match u32_at(args, 2) {
                0 => {}
                asked => self.frame_max = asked.min(cfg.frame_max),
            },
            (10, 40) => method(o, 0, (10, 41), |o| short(o, b"")),
            (10, 50) => {
                method(o, 0, (10, 51), |_| {});
                self.closing = true;
            }
            (10, 51) => self.closing = true,
            other => eprintln!("wiresink: unhandled method {other:?}"),
        }
    }

    /// Channels, exchanges, queues and confirms: everything succeeds.
    fn on_other(&mut self, ch: u16, id: Id, args: &[u8]) {
        const ZERO: [u8; 4] = [0; 4];
        let o = &mut self.out;
        match id {
            (20, 10) => method(o, ch, (20, 11), |o| o.extend_from_slice(&ZERO)),
            (20, 20) => method(o, ch, (20, 21), |o| o.push(args[0])),
            (20, 41) => {}
            (50, 10) => {
                let (queue, at) = name(args, 2);
                if args[at] & 16 == 0 {
                    let queue = if queue.is_empty() {
                        b"amq.gen-wiresink"
                    } else {
                        queue
                    };
                    let count = Source::of(queue).map_or(0, |source| source.count) as u32;
                    method(o, ch, (50, 11), |o| {
                        short(o, queue);
                        o.extend_from_slice(&count.to_be_bytes());
                        o.extend_from_slice(&ZERO);
                    });
                }
            }
            (50, 30 | 40) => method(o, ch, (50, id.1 + 1), |o| o.extend_from_slice(&ZERO)),
            (85, 10) => {
                self.confirm = Some(ch);
                self.confirm_first = self.published;
                if args[0] & 1 == 0 {
                    method(o, ch, (85, 11), |_| {});
                }
            }
            // Their answers are the next numbers and say nothing.
            (20, 40) | (40, 10 | 20) | (50, 20 | 50) => method(o, ch, (id.0, id.1 + 1), |_| {}),
            other => eprintln!("wiresink: unhandled method {other:?}"),
        }
    }

    fn on_basic(&mut self, ch: u16, id: Id, args: &[u8]) {
        match id.1 {
            10 => {
                self.prefetch = u64::from(u16_at(args, 4));
                method(&mut self.out, ch, (60, 11), |_| {});
            }
            20 => self.on_consume(ch, args),
            30 => {
                let (tag, at) = name(args, 0);
                if args[at] & 1 == 0 {
                    method(&mut self.out, ch, (60, 31), |o| short(o, tag));
                }
                self.echo = None;
            }
            70 => self.on_get(ch, args),
            80 | 90 | 120 => {
                self.acks_in += 1;
                let tag = u64_at(args, 0);
                if let Some(flood) = &mut self.flood {
                    flood.ack(tag, id.1 == 80 && args[8] & 1 != 0);
                }
            }
            _ => eprintln!("wiresink: unhandled method {id:?}"),
        }
    }

    fn on_consume(&mut self, ch: u16, args: &[u8]) {
        let (queue, at) = name(args, 2);
        let (tag, at) = name(args, at);
        let tag = if tag.is_empty() { b"amq.ctag-1" } else { tag };
        let bits = args[at];
        if bits & 8 == 0 {
            method(&mut self.out, ch, (60, 21), |o| short(o, tag));
        }
        if let Some(source) = Source::of(queue) {
            let mut one = Vec::new();
            method(&mut one, ch, (60, 60), |o| {
                short(o, tag);
                o.extend_from_slice(&[0; 9]); // delivery tag, redelivered
                short(o, b"");
                short(o, queue);
            });
            let tag_at = 7 + 4 + 1 + tag.len();
            let body = vec![b'y'; source.size];
            content(&mut one, ch, &body, source.properties, self.frame_max);
            let prefetch = if bits & 2 != 0 { 0 } else { self.prefetch };
            self.flood = Some(Flood::new(&one, tag_at, source.count, prefetch));
        } else if queue.starts_with(b"echo") {
            self.echo = Some(tag.to_vec());
        }
    }

    fn on_get(&mut self, ch: u16, args: &[u8]) {
        let (queue, _) = name(args, 2);
        let frame_max = self.frame_max;
        let gets = self.gets.entry(queue.to_vec()).or_insert_with(|| {
            let source = Source::of(queue).unwrap_or_default();
            let mut message = Vec::new();
            method(&mut message, ch, (60, 71), |o| {
                o.extend_from_slice(&[0; 9]);
                short(o, b"");
                short(o, queue);
                o.extend_from_slice(&1_u32.to_be_bytes());
            });
            let body = vec![b'y'; source.size];
            content(&mut message, ch, &body, source.properties, frame_max);
            let left = source.count;
            Gets { left, message }
        });
        if gets.left == 0 {
            method(&mut self.out, ch, (60, 72), |o| short(o, b""));
            return;
        }
        gets.left -= 1;
        self.delivered += 1;
        gets.message[11..19].copy_from_slice(&self.delivered.to_be_bytes());
        self.out.extend_from_slice(&gets.message);
    }
}
