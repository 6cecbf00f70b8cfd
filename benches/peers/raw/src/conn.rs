//! A blocking connection with a read buffer, and no more than it takes to log in.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::ops::Range;

use benchkit::{Args, wire};

/// The channel that everything happens on.
pub(crate) const CH: u16 = 1;

/// The size of a write, and the least of a read buffer; RAW_BLOCK changes it.
pub(crate) fn block() -> usize {
    let block = std::env::var("RAW_BLOCK").ok();
    block
        .and_then(|block| block.parse().ok())
        .unwrap_or(64 * 1024)
}

pub(crate) struct Conn {
    pub(crate) stream: TcpStream,
    pub(crate) buf: Vec<u8>,
    pub(crate) pos: usize,
    pub(crate) end: usize,
    pub(crate) frame_max: usize,
}

impl Conn {
    pub(crate) fn open(a: &Args) -> Self {
        let stream = TcpStream::connect((a.host.as_str(), a.port)).expect("a server");
        stream.set_nodelay(true).unwrap();
        let mut c = Self {
            stream,
            buf: vec![0; block().max(256 * 1024)],
            pos: 0,
            end: 0,
            frame_max: 131_072,
        };
        c.stream.write_all(b"AMQP\x00\x00\x09\x01").unwrap();
        c.expect((10, 10));
        let tune = c.call((10, 30), |o| wire::start_ok(o, &a.user, &a.pass));
        match wire::u32_at(&tune, 6) {
            0 => {}
            frame_max => c.frame_max = frame_max as usize,
        }
        c.call((10, 41), |o| wire::tune_ok_open(o, &tune, &a.vhost));
        c.call((20, 11), |o| wire::channel_open(o, CH));
        c
    }

    pub(crate) fn fill(&mut self) {
        if self.pos == self.end {
            (self.pos, self.end) = (0, 0);
        } else if self.buf.len() - self.end < 8192 {
            self.buf.copy_within(self.pos..self.end, 0);
            self.end -= self.pos;
            self.pos = 0;
        }
        let n = self.stream.read(&mut self.buf[self.end..]).expect("bytes");
        assert!(n > 0, "the server ended the connection");
        self.end += n;
    }

    /// Whether a whole frame has been read.
    pub(crate) fn frame_ready(&self) -> bool {
        let here = self.end - self.pos;
        here >= 8 && here >= wire::u32_at(&self.buf, self.pos + 3) as usize + 8
    }

    /// The next frame: its type, and where its payload is.
    pub(crate) fn next(&mut self) -> (u8, Range<usize>) {
        while !self.frame_ready() {
            self.fill();
        }
        let (kind, start) = (self.buf[self.pos], self.pos + 7);
        let end = start + wire::u32_at(&self.buf, self.pos + 3) as usize;
        self.pos = end + 1;
        (kind, start..end)
    }

    /// Waits for a method, past everything else.
    pub(crate) fn expect(&mut self, id: wire::Id) -> Vec<u8> {
        loop {
            let (kind, range) = self.next();
            let payload = &self.buf[range];
            if kind != 1 {
                continue;
            }
            let got = (wire::u16_at(payload, 0), wire::u16_at(payload, 2));
            if got == id {
                return payload.to_vec();
            }
            let close = got == (10, 50) || got == (20, 40);
            assert!(!close, "closed: {}", String::from_utf8_lossy(&payload[7..]));
        }
    }

    /// Sends what `f` writes and waits for a method.
    pub(crate) fn call(&mut self, id: wire::Id, f: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut o = Vec::new();
        f(&mut o);
        self.stream.write_all(&o).unwrap();
        self.expect(id)
    }

    /// Returns when the server has taken everything in.
    pub(crate) fn barrier(&mut self, queue: &str) {
        self.call((50, 11), |o| wire::barrier(o, CH, queue));
    }

    /// Begins to consume, with qos where that is asked for.
    pub(crate) fn start_consume(&mut self, a: &Args) {
        if a.prefetch > 0 {
            self.call((60, 11), |o| wire::qos(o, CH, a.prefetch));
        }
        self.call((60, 21), |o| {
            wire::consume(o, CH, &a.queue, "ctag", a.no_ack())
        });
    }

    /// Reads header and body of one message.
    pub(crate) fn read_content(&mut self) {
        let (_, range) = self.next();
        let mut left = wire::u64_at(&self.buf, range.start + 4);
        while left > 0 {
            left -= self.next().1.len() as u64;
        }
    }
}
