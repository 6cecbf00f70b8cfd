//! One socket: what the client's end can do with it, and how its bytes move.

use std::fmt;
use std::io::{self, IoSlice};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use pika::broker::{Broker, ConnectionId};
use pika::bytes::{Buf, BytesMut};
use pika::connection::Batch;

use super::sealed::Sealed;
use super::wire::Wire;
use crate::link::Pipe;
use crate::rng::Rng;

/// How many bytes one read gives at the most.
pub(crate) const READ: usize = 2 * 1024;

pub(crate) struct Socket {
    /// The client whose it is.
    pub(crate) who: usize,
    pub(crate) link: ConnectionId,
    pub(crate) up: Pipe,
    pub(crate) down: Pipe,
    /// What goes over it.
    pub(crate) wire: Wire,
    /// Whether the client and the broker are still there.
    pub(crate) ends: (bool, bool),
    pub(crate) reset: bool,
    /// Bytes that wait to go up are no more than this.
    window: usize,
    arrived: BytesMut,
    at_broker: BytesMut,
    /// The server's side of TLS, where the client speaks it.
    sealed: Option<Sealed>,
    eof: bool,
    /// What is written after the broker has gone fails, instead of vanishing.
    breaks: bool,
    /// What was written has to be flushed, which takes a moment.
    unflushed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    flusher: Option<Waker>,
    /// Bytes and beats of the client, to be counted.
    pub(crate) sent: u64,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("who", &self.who)
            .field("ends", &self.ends)
            .field("silent", &(self.up.silent, self.down.silent))
            .field("under way", &(self.up.len(), self.down.room()))
            .field("close", &self.wire.close)
            .finish_non_exhaustive()
    }
}

impl Socket {
    pub(crate) fn new(
        who: usize,
        link: ConnectionId,
        sealed: Option<Sealed>,
        rng: &mut Rng,
    ) -> Self {
        let windows = [700, 5_000, 60_000, 200_000];
        Self {
            who,
            link,
            up: Pipe::default(),
            down: Pipe::default(),
            wire: Wire::new(),
            ends: (true, true),
            reset: false,
            window: *rng.pick(&windows).expect("there are some"),
            arrived: BytesMut::new(),
            at_broker: BytesMut::new(),
            sealed,
            eof: false,
            breaks: rng.once_in(2),
            unflushed: false,
            reader: None,
            writer: None,
            flusher: None,
            sent: 0,
        }
    }

    /// Whether bytes go both ways and both ends are there.
    pub(crate) fn is_healthy(&self) -> bool {
        self.ends == (true, true) && !self.reset && !self.up.silent && !self.down.silent
    }

    /// Whether the client has read all that was sent to it.
    pub(crate) fn is_drained(&self) -> bool {
        self.is_read() && self.down.is_empty()
    }

    /// Whether nothing is there to be read.
    fn is_read(&self) -> bool {
        self.arrived.is_empty() && self.sealed.as_ref().is_none_or(Sealed::is_empty)
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut BytesMut,
        rng: &mut Rng,
    ) -> Poll<io::Result<usize>> {
        let room = buffer.capacity() - buffer.len();
        assert!(room > 0, "a read into nothing");
        if self.reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let most = if rng.once_in(4) {
            1 + rng.below(20)
        } else {
            READ
        };
        if let Some(sealed) = &mut self.sealed {
            if sealed.is_empty() {
                let count = READ.min(self.arrived.len());
                if sealed.seal(&self.arrived[..count]) {
                    self.arrived.advance(count);
                }
            }
            let (bytes, plain) = sealed.take(most.min(room));
            self.wire.came(&plain);
            if !bytes.is_empty() {
                buffer.extend_from_slice(&bytes);
                return Poll::Ready(Ok(bytes.len()));
            }
        }
        if self.arrived.is_empty() || self.sealed.is_some() {
            if self.eof {
                return Poll::Ready(Ok(0));
            }
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let count = most.min(room).min(self.arrived.len());
        self.wire.came(&self.arrived[..count]);
        buffer.extend_from_slice(&self.arrived[..count]);
        self.arrived.advance(count);
        Poll::Ready(Ok(count))
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        batch: &Batch,
        rng: &mut Rng,
    ) -> Poll<io::Result<usize>> {
        assert!(!batch.is_empty(), "a write of nothing");
        if self.reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if !self.ends.1 {
            return Poll::Ready(match self.breaks {
                true => Err(io::ErrorKind::BrokenPipe.into()),
                false => Ok(batch.len()),
            });
        }
        let room = self.window.saturating_sub(self.up.len());
        if room == 0 {
            self.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let most = if rng.once_in(3) {
            1 + rng.below(300)
        } else {
            room
        };
        let mut pieces = [IoSlice::new(&[]); 8];
        let count = batch.chunks_vectored(&mut pieces);
        let mut left = most.min(room);
        let mut written = 0;
        for piece in &pieces[..count] {
            let piece = &piece[..piece.len().min(left)];
            match &mut self.sealed {
                None => {
                    self.wire.went(piece);
                    self.up.put(piece);
                    self.sent += piece.len() as u64;
                }
                Some(sealed) => {
                    let plain = sealed.open(piece);
                    self.wire.went(&plain);
                    self.up.put(&plain);
                    self.sent += plain.len() as u64;
                }
            }
            left -= piece.len();
            written += piece.len();
        }
        self.unflushed = rng.once_in(3);
        Poll::Ready(Ok(written))
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if self.unflushed && self.ends.1 {
            self.flusher = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    /// The client has dropped its end.
    pub(crate) fn leave(&mut self) {
        self.ends.0 = false;
        self.arrived.clear();
        (self.reader, self.writer, self.flusher) = (None, None, None);
    }

    /// Lets some bytes move; gives whether something happened.
    pub(crate) fn network(&mut self, broker: &mut Broker, rng: &mut Rng, now: Instant) -> bool {
        let mut moved = std::mem::take(&mut self.unflushed);
        if self.ends.1 && broker.reads(self.link) {
            let bytes = self.up.take(rng);
            moved |= !bytes.is_empty();
            self.at_broker.extend_from_slice(&bytes);
            broker.receive(self.link, &mut self.at_broker, now);
        }
        if let Some(output) = broker.outgoing(self.link).filter(|_| self.ends.1) {
            while output.has_remaining() && self.down.room() > 0 {
                let count = output.chunk().len().min(self.down.room());
                self.down.put(&output.chunk()[..count]);
                output.advance(count);
                moved = true;
            }
        }
        let bytes = self.down.take(rng);
        moved |= !bytes.is_empty();
        if self.ends.0 {
            self.arrived.extend_from_slice(&bytes);
        }
        moved |= self.end(broker, now);
        self.wake();
        moved
    }

    /// Ends the transport where one side is done with it; gives whether that happened.
    fn end(&mut self, broker: &mut Broker, now: Instant) -> bool {
        let mut ended = false;
        if self.ends.1 && broker.is_finished(self.link) {
            self.ends.1 = false;
            broker.transport_ended(self.link, now);
            ended = true;
        }
        if self.ends == (true, false) && self.down.is_empty() && !self.down.silent && !self.eof {
            self.eof = true;
            // Servers announce it, or they do not.
            if let Some(sealed) = self.sealed.as_mut().filter(|_| self.breaks) {
                sealed.close();
            }
            ended = true;
        }
        if self.ends == (false, true) && self.up.is_empty() && !self.up.silent {
            self.ends.1 = false;
            broker.transport_ended(self.link, now);
            ended = true;
        }
        ended
    }

    /// Cuts the link at once: what is under way is lost.
    pub(crate) fn cut(&mut self, broker: &mut Broker, now: Instant) {
        self.up.lose();
        self.down.lose();
        self.arrived.clear();
        self.sealed = None;
        self.reset = true;
        if std::mem::take(&mut self.ends.1) {
            broker.transport_ended(self.link, now);
        }
        self.wake();
    }

    /// Wakes who can go on.
    fn wake(&mut self) {
        if self.reset || self.eof || !self.is_read() {
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
        let over = self.reset || !self.ends.1;
        if over || self.up.len() < self.window {
            if let Some(writer) = self.writer.take() {
                writer.wake();
            }
        }
        if over || !self.unflushed {
            if let Some(flusher) = self.flusher.take() {
                flusher.wake();
            }
        }
    }
}
