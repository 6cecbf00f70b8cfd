//! A connection: its bytes, its frames, its state.

use std::collections::HashMap;
use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::time::Duration;

use benchkit::wire::{BASIC_PUBLISH, FRAME_END, method, short, u16_at, u32_at, u64_at};

use crate::Cfg;
use crate::content::{content, start};
use crate::flood::Flood;

const HEADER: &[u8; 8] = b"AMQP\x00\x00\x09\x01";

/// From how many bytes of a body on they are dropped in the kernel.
const DROP_FROM: usize = 16 * 1024;

/// A queue that `basic.get` is called on: what is left, and the message.
pub(crate) struct Gets {
    pub(crate) left: u64,
    pub(crate) message: Vec<u8>,
}

pub(crate) struct Conn {
    pub(crate) stream: TcpStream,
    id: u64,
    pub(crate) cfg: Cfg,
    pub(crate) frame_max: u32,
    pub(crate) buf: Vec<u8>,
    pub(crate) pos: usize,
    pub(crate) end: usize,
    /// Bytes of a body frame, and its end, that are still to come and thrown away.
    skip: usize,
    pub(crate) out: Vec<u8>,
    /// Publishing: bytes of the body to come, messages so far.
    remaining: u64,
    pub(crate) published: u64,
    body_bytes: u64,
    pub(crate) confirm: Option<u16>,
    pub(crate) confirm_first: u64,
    confirmed: u64,
    /// Consuming.
    pub(crate) prefetch: u64,
    pub(crate) flood: Option<Flood>,
    pub(crate) delivered: u64,
    pub(crate) acks_in: u64,
    pub(crate) gets: HashMap<Vec<u8>, Gets>,
    /// Echoing: the consumer's tag, the body so far, how many.
    pub(crate) echo: Option<Vec<u8>>,
    echo_body: Vec<u8>,
    echoed: u64,
    pub(crate) closing: bool,
    reads: u64,
}

impl Conn {
    pub(crate) fn new(stream: TcpStream, id: u64, cfg: Cfg) -> Self {
        Self {
            stream,
            id,
            cfg,
            frame_max: cfg.frame_max,
            buf: vec![0; 512 * 1024],
            pos: 0,
            end: 0,
            skip: 0,
            out: Vec::with_capacity(64 * 1024),
            remaining: 0,
            published: 0,
            body_bytes: 0,
            confirm: None,
            confirm_first: 0,
            confirmed: 0,
            prefetch: 0,
            flood: None,
            delivered: 0,
            acks_in: 0,
            gets: HashMap::new(),
            echo: None,
            echo_body: Vec::new(),
            echoed: 0,
            closing: false,
            reads: 0,
        }
    }

    pub(crate) fn report(&self, result: &Result<()>) {
        println!(
            "{{\"conn\":{},\"published\":{},\"body_bytes\":{},\"delivered\":{},\"acks_in\":{},\"reads\":{},\"clean\":{}}}",
            self.id,
            self.published,
            self.body_bytes,
            self.delivered,
            self.acks_in,
            self.reads,
            result.is_ok() && self.closing
        );
    }

    pub(crate) fn run(&mut self) -> Result<()> {
        let mut asked = [0; 8];
        self.stream.read_exact(&mut asked)?;
        if &asked != HEADER {
            return self.stream.write_all(HEADER);
        }
        method(&mut self.out, 0, (10, 10), start);
        self.flush()?;
        loop {
            while self.step() {}
            self.confirm();
            self.flush()?;
            if self.closing {
                // The client closes first: some take the end behind close-ok for an error.
                self.stream
                    .set_read_timeout(Some(Duration::from_millis(500)))?;
                let _end = self.stream.read(&mut [0; 64]);
                return Ok(());
            }
            if let Some(flood) = self.flood.take() {
                self.run_flood(flood)?;
            } else if self.fill()? == 0 {
                return Ok(());
            }
        }
    }

    fn flush(&mut self) -> Result<()> {
        if !self.out.is_empty() {
            self.stream.write_all(&self.out)?;
            self.out.clear();
        }
        Ok(())
    }

    /// Reads more bytes behind `end`.
    pub(crate) fn fill(&mut self) -> Result<usize> {
        self.reads += 1;
        if self.pos == self.end {
            (self.pos, self.end) = (0, 0);
            if self.skip >= DROP_FROM {
                return self.drop_body();
            }
        } else if self.buf.len() - self.end < 4096 {
            self.buf.copy_within(self.pos..self.end, 0);
            self.end -= self.pos;
            self.pos = 0;
        }
        if self.end == self.buf.len() {
            let twice = self.buf.len() * 2;
            self.buf.resize(twice, 0);
        }
        let n = self.stream.read(&mut self.buf[self.end..])?;
        self.end += n;
        Ok(n)
    }

    /// Drops bytes of a body in the kernel, so that the sink stays cheaper than any client.
    fn drop_body(&mut self) -> Result<usize> {
        let most = self.skip.min(self.buf.len());
        let (fd, to) = (self.stream.as_raw_fd(), self.buf.as_mut_ptr());
        // SAFETY: `to` has room for `most` bytes, and with MSG_TRUNC TCP writes none of them.
        let n = unsafe { libc::recv(fd, to.cast(), most, libc::MSG_TRUNC) };
        let n = usize::try_from(n).map_err(|_| Error::last_os_error())?;
        self.skip -= n;
        Ok(n)
    }

    /// Confirms all messages that are whole with one ack.
    fn confirm(&mut self) {
        let Some(channel) = self.confirm else { return };
        let begun = self.published - self.confirm_first;
        // A message is counted by its header; the last may still miss some of its body.
        let whole = begun - u64::from(begun > 0 && self.remaining > 0);
        if whole > self.confirmed {
            benchkit::wire::ack(&mut self.out, channel, whole, true);
            self.confirmed = whole;
        }
    }

    /// Deals with one frame, or a part of a body; false when more bytes are needed, or when
    /// something begins that is not done frame by frame.
    #[inline]
    fn step(&mut self) -> bool {
        let here = self.end - self.pos;
        if self.skip > 0 {
            let n = here.min(self.skip);
            self.pos += n;
            self.skip -= n;
            return n > 0;
        }
        if here < 8 {
            return false;
        }
        let b = &self.buf[self.pos..self.end];
        let len = u32_at(b, 3) as usize;
        let total = len + 8;
        if b[0] == 3 && self.echo.is_none() {
            self.remaining = self.remaining.saturating_sub(len as u64);
            self.body_bytes += len as u64;
            let n = here.min(total);
            debug_assert!(n < total || b[total - 1] == FRAME_END);
            self.pos += n;
            self.skip = total - n;
            return true;
        }
        if here < total {
            return false;
        }
        let channel = u16_at(b, 1);
        self.pos += total;
        match b[0] {
            // basic.publish is the only method that must be fast.
            1 if b[7..11] == BASIC_PUBLISH => {}
            1 => {
                let payload = b[7..7 + len].to_vec();
                self.on_method(channel, &payload);
                return self.flood.is_none() && !self.closing;
            }
            2 => {
                self.remaining = u64_at(b, 11);
                self.published += 1;
                self.echo_whole(channel);
            }
            3 => {
                self.echo_body.extend_from_slice(&b[7..7 + len]);
                self.remaining = self.remaining.saturating_sub(len as u64);
                self.body_bytes += len as u64;
                self.echo_whole(channel);
            }
            _ => {} // a heartbeat
        }
        true
    }

    /// Sends a message back when it is whole and somebody wants it.
    #[inline]
    fn echo_whole(&mut self, channel: u16) {
        if self.remaining > 0 {
            return;
        }
        let Some(consumer) = &self.echo else { return };
        self.echoed += 1;
        let tag = self.echoed;
        method(&mut self.out, channel, (60, 60), |o| {
            short(o, consumer);
            o.extend_from_slice(&tag.to_be_bytes());
            o.push(0);
            short(o, b"");
            short(o, b"echo");
        });
        content(
            &mut self.out,
            channel,
            &self.echo_body,
            false,
            self.frame_max,
        );
        self.echo_body.clear();
        self.delivered += 1;
    }
}
