//! Two threads: one of the user, one for I/O.

use std::collections::VecDeque;
use std::hint::black_box;
use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex};

use benchkit::{Args, Meter, wire};
use bytes::{Buf, Bytes, BytesMut};

use crate::conn::{CH, Conn, block};
use crate::consume::parse_deliver;

/// Between the threads: what is handed over, whether that was all; something came, something went.
struct Shared<T> {
    queue: Mutex<(T, bool)>,
    more: Condvar,
    room: Condvar,
}

impl<T: Default> Shared<T> {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            queue: Mutex::default(),
            more: Condvar::new(),
            room: Condvar::new(),
        })
    }
}

/// The user's thread encodes into a shared buffer, the other swaps it out and writes it.
pub(crate) fn publish(a: &Args, mut c: Conn) {
    let shared = Shared::<Vec<u8>>::new();
    let body = a.body();
    let high = block().max(256 * 1024);
    let meter = Meter::start(a);
    let writer = {
        let (shared, mut stream) = (shared.clone(), c.stream.try_clone().unwrap());
        std::thread::spawn(move || {
            let mut mine = Vec::with_capacity(256 * 1024);
            loop {
                let mut queue = shared.queue.lock().unwrap();
                while queue.0.is_empty() {
                    if queue.1 {
                        return;
                    }
                    queue = shared.more.wait(queue).unwrap();
                }
                std::mem::swap(&mut queue.0, &mut mine);
                drop(queue);
                shared.room.notify_one();
                stream.write_all(&mine).unwrap();
                mine.clear();
            }
        })
    };
    for _ in 0..a.count {
        let mut queue = shared.queue.lock().unwrap();
        while queue.0.len() > high {
            queue = shared.room.wait(queue).unwrap();
        }
        let wake = queue.0.is_empty();
        wire::publish(&mut queue.0, CH, &a.queue, &body, c.frame_max);
        drop(queue);
        if wake {
            shared.more.notify_one();
        }
    }
    let mut queue = shared.queue.lock().unwrap();
    wire::barrier(&mut queue.0, CH, &a.queue);
    queue.1 = true;
    drop(queue);
    shared.more.notify_one();
    c.expect((50, 11));
    writer.join().unwrap();
    meter.finish(a, a.count, None);
}

/// A delivery that outlives the read buffer.
struct Owned {
    tag: u64,
    _method: Bytes,
    _header: Bytes,
    body: Bytes,
}

/// Makes deliveries of frames.
#[derive(Default)]
struct Parser {
    tag: u64,
    method: Bytes,
    header: Bytes,
    left: u64,
    parts: Vec<Bytes>,
    batch: Vec<Owned>,
}

impl Parser {
    /// Takes all frames that are whole.
    fn take(&mut self, buf: &mut BytesMut) {
        while buf.len() >= 8 {
            let len = wire::u32_at(buf, 3) as usize;
            if buf.len() < len + 8 {
                return;
            }
            let kind = buf[0];
            let mut payload = buf.split_to(len + 8).freeze();
            payload.advance(7);
            payload.truncate(len);
            self.frame(kind, payload);
        }
    }

    fn frame(&mut self, kind: u8, payload: Bytes) {
        match kind {
            1 => {
                self.tag = parse_deliver(&payload, b"ctag").tag;
                self.method = payload;
                return;
            }
            2 => {
                self.left = wire::u64_at(&payload, 4);
                self.header = payload;
            }
            _ => {
                self.left -= payload.len() as u64;
                self.parts.push(payload);
            }
        }
        if self.left == 0 {
            self.batch.push(Owned {
                tag: self.tag,
                _method: std::mem::take(&mut self.method),
                _header: std::mem::take(&mut self.header),
                body: joined(&mut self.parts),
            });
        }
    }
}

fn joined(parts: &mut Vec<Bytes>) -> Bytes {
    match parts.len() {
        0 | 1 => parts.pop().unwrap_or_default(),
        _ => {
            let mut body = BytesMut::with_capacity(parts.iter().map(Bytes::len).sum());
            parts
                .drain(..)
                .for_each(|part| body.extend_from_slice(&part));
            body.freeze()
        }
    }
}

/// One thread reads and parses, the user's gets deliveries in batches.
pub(crate) fn consume(a: &Args, mut c: Conn) {
    let shared = Shared::<VecDeque<Owned>>::new();
    let meter = Meter::start(a);
    c.start_consume(a);
    let (count, behind) = (a.count, shared.clone());
    let _reader = std::thread::spawn(move || read(&mut c, count, &behind));
    let mut mine = VecDeque::new();
    let (mut n, mut sum) = (0, 0_u64);
    while n < a.count {
        let mut queue = shared.queue.lock().unwrap();
        while queue.0.is_empty() {
            queue = shared.more.wait(queue).unwrap();
        }
        std::mem::swap(&mut queue.0, &mut mine);
        drop(queue);
        shared.room.notify_one();
        for delivery in mine.drain(..) {
            sum = sum.wrapping_add(delivery.tag + delivery.body.len() as u64);
            n += 1;
        }
    }
    meter.finish(a, n, None);
    black_box(sum);
}

fn read(c: &mut Conn, count: u64, shared: &Shared<VecDeque<Owned>>) {
    let mut buf = BytesMut::from(&c.buf[c.pos..c.end]);
    let size = block().max(64 * 1024);
    let mut parser = Parser::default();
    let mut n = 0;
    loop {
        parser.take(&mut buf);
        if !parser.batch.is_empty() {
            n += parser.batch.len() as u64;
            let mut queue = shared.queue.lock().unwrap();
            while queue.0.len() > 8192 {
                queue = shared.room.wait(queue).unwrap();
            }
            let wake = queue.0.is_empty();
            queue.0.extend(parser.batch.drain(..));
            drop(queue);
            if wake {
                shared.more.notify_one();
            }
        }
        if n >= count {
            return;
        }
        // Into the spare room of the buffer, which takes no zeros first.
        buf.reserve(size);
        let spare = buf.spare_capacity_mut();
        // SAFETY: the bytes are written by the kernel before anything reads them, and the socket's
        // `read` does not look at what it is given.
        let room =
            unsafe { std::slice::from_raw_parts_mut(spare.as_mut_ptr().cast::<u8>(), spare.len()) };
        let got = c.stream.read(room).unwrap();
        assert!(got > 0, "the server ended the connection");
        // SAFETY: so many bytes were just written behind the length.
        unsafe { buf.set_len(buf.len() + got) };
    }
}
