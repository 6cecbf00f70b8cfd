//! Deliveries out of one block of bytes, as fast as the socket takes them.

use std::io::{ErrorKind, Result, Write};
use std::os::fd::AsRawFd;

use benchkit::wire::{BASIC_ACK, u16_at, u32_at, u64_at};

use crate::conn::Conn;

/// The size of a block.
const BLOCK: usize = 256 * 1024;

/// A consumer that is served.
pub(crate) struct Flood {
    /// As many messages as fit, one after the other; only their delivery tags change.
    block: Vec<u8>,
    message: usize,
    tag_at: usize,
    total: u64,
    sent: u64,
    acked: u64,
    /// 0: no limit.
    prefetch: u64,
}

impl Flood {
    pub(crate) fn new(one: &[u8], tag_at: usize, total: u64, prefetch: u64) -> Self {
        Self {
            block: one.repeat((BLOCK / one.len()).clamp(1, 4096)),
            message: one.len(),
            tag_at,
            total,
            sent: 0,
            acked: 0,
            prefetch,
        }
    }

    pub(crate) fn ack(&mut self, tag: u64, multiple: bool) {
        match (multiple, tag) {
            (true, 0) => self.acked = self.sent,
            (true, tag) => self.acked = self.acked.max(tag),
            (false, _) => self.acked += 1,
        }
    }

    fn left(&self) -> u64 {
        self.total - self.sent
    }

    /// How many messages the prefetch window has room for, if it is worth a write.
    fn credit(&self) -> u64 {
        let refill = (self.prefetch / 8).max(1);
        let credit = self.prefetch.saturating_sub(self.sent - self.acked);
        if credit >= refill || credit >= self.left() {
            credit.min(self.left())
        } else {
            0
        }
    }

    /// Takes up to `most` messages; they are in the block's first bytes.
    fn take(&mut self, most: u64) -> (u64, usize) {
        let fit = (self.block.len() / self.message) as u64;
        let n = most.min(fit).min(self.left());
        let mut at = self.tag_at;
        for tag in self.sent + 1..=self.sent + n {
            self.block[at..at + 8].copy_from_slice(&tag.to_be_bytes());
            at += self.message;
        }
        self.sent += n;
        (n, n as usize * self.message)
    }
}

impl Conn {
    /// Serves a consumer until all is sent, and acknowledged where that is wanted.
    pub(crate) fn run_flood(&mut self, mut flood: Flood) -> Result<()> {
        if flood.prefetch == 0 {
            while flood.left() > 0 {
                let (n, bytes) = flood.take(u64::MAX);
                self.stream.write_all(&flood.block[..bytes])?;
                self.delivered += n;
            }
            return Ok(());
        }
        self.stream.set_nonblocking(true)?;
        let result = self.run_window(flood);
        self.stream.set_nonblocking(false)?;
        result
    }

    fn run_window(&mut self, mut flood: Flood) -> Result<()> {
        let (mut at, mut end) = (0, 0);
        loop {
            if at == end {
                if flood.left() == 0 && flood.acked >= flood.total {
                    return Ok(());
                }
                let credit = flood.credit();
                if credit > 0 {
                    let (n, bytes) = flood.take(credit);
                    (at, end) = (0, bytes);
                    self.delivered += n;
                }
            }
            while at < end {
                match self.stream.write(&flood.block[at..end]) {
                    Ok(n) => at += n,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            // With more to send, look for acks; without, wait for them.
            let wait = at < end || flood.credit() == 0;
            if self.poll(at < end, wait) {
                self.flood = Some(flood);
                let open = self.take_acks()?;
                match self.flood.take() {
                    Some(back) if open => flood = back,
                    _ => return Ok(()),
                }
            }
        }
    }

    /// Whether there is something to read; `wait`s until there is, or room to write if `write`.
    fn poll(&self, write: bool, wait: bool) -> bool {
        let mut poll = libc::pollfd {
            fd: self.stream.as_raw_fd(),
            events: libc::POLLIN | if write { libc::POLLOUT } else { 0 },
            revents: 0,
        };
        // SAFETY: one structure, which lives until the call returns.
        unsafe { libc::poll(&mut poll, 1, if wait { -1 } else { 0 }) };
        poll.revents & (libc::POLLIN | libc::POLLHUP | libc::POLLERR) != 0
    }

    /// Reads once, and deals with what is whole; false at the end of the connection.
    fn take_acks(&mut self) -> Result<bool> {
        match self.fill() {
            Ok(0) => return Ok(false),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        while self.end - self.pos >= 8 {
            let b = &self.buf[self.pos..self.end];
            let total = u32_at(b, 3) as usize + 8;
            if b.len() < total {
                break;
            }
            // Acks are the only method that must be fast.
            if let (true, Some(flood)) = (b[0] == 1 && b[7..11] == BASIC_ACK, &mut self.flood) {
                flood.ack(u64_at(b, 11), b[19] & 1 != 0);
                self.acks_in += 1;
            } else if b[0] == 1 {
                let (channel, payload) = (u16_at(b, 1), b[7..total - 1].to_vec());
                self.on_method(channel, &payload);
            }
            self.pos += total;
        }
        Ok(!self.closing)
    }
}
