use std::sync::Arc;
use std::sync::atomic::Ordering::Release;

use benchkit::wire::{BASIC_ACK, BASIC_DELIVER, FRAME_END, u32_at, u64_at};
use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::net::tcp::OwnedReadHalf;

use crate::client::{CONSUMER, Delivery, MAX_QUEUED, Shared};

/// From which size on a body is taken frame by frame.
const LARGE: u64 = 32 * 1024;

/// Reads, makes deliveries, and hands over those of a read at once.
pub(crate) async fn reader(shared: Arc<Shared>, mut stream: OwnedReadHalf) {
    let mut parser = Parser {
        buf: BytesMut::with_capacity(128 * 1024),
        batch: Vec::with_capacity(1024),
        open: None,
    };
    loop {
        parser.buf.reserve(64 * 1024);
        if stream.read_buf(&mut parser.buf).await.unwrap_or(0) == 0 {
            return;
        }
        while parser.step(&shared) {}
        while !parser.batch.is_empty() {
            let wake = {
                let mut inbox = shared.inbox.lock().unwrap();
                if inbox.len() < MAX_QUEUED {
                    let empty = inbox.is_empty();
                    inbox.extend(parser.batch.drain(..));
                    Some(empty)
                } else {
                    None
                }
            };
            match wake {
                Some(true) => shared.arrived.notify_one(),
                Some(false) => {}
                None => shared.drained.notified().await,
            }
        }
    }
}

struct Parser {
    buf: BytesMut,
    batch: Vec<Delivery>,
    /// A delivery whose body spans reads, the body so far, and what is left of it.
    open: Option<(Delivery, BytesMut, u64)>,
}

impl Parser {
    /// Takes one frame or one message; false when more bytes are needed.
    #[inline]
    fn step(&mut self, shared: &Shared) -> bool {
        let b = &self.buf[..];
        if b.len() < 8 {
            return false;
        }
        let len = u32_at(b, 3) as usize;
        if b.len() < len + 8 {
            let missing = len + 8 - b.len();
            if self.open.is_some() {
                self.buf.reserve(missing);
            }
            return false;
        }
        assert_eq!(b[len + 7], FRAME_END);
        if self.open.is_some() {
            self.more_body(len);
            return true;
        }
        if b[0] == 1 && b[7..11] == BASIC_DELIVER {
            return self.deliver(len);
        }
        if b[0] == 1 && b[7..11] == BASIC_ACK {
            confirm(shared, u64_at(b, 11), b[19] & 1 != 0);
            self.buf.advance(len + 8);
            return true;
        }
        let frame = self.buf.split_to(len + 8).freeze();
        let waiting = (frame[0] == 1).then(|| shared.reply.lock().unwrap().take());
        if let Some(reply) = waiting.flatten() {
            let _gone = reply.send(frame.slice(7..7 + len));
        }
        true
    }

    fn more_body(&mut self, len: usize) {
        let Some((mut delivery, mut body, left)) = self.open.take() else {
            return;
        };
        assert_eq!(self.buf[0], 3);
        body.extend_from_slice(&self.buf[7..len + 7]);
        self.buf.advance(len + 8);
        match left - len as u64 {
            0 => {
                delivery.body = body.freeze();
                self.batch.push(delivery);
            }
            left => self.open = Some((delivery, body, left)),
        }
    }

    /// Takes a delivery when its method and header are whole, and its body if that is small.
    #[inline]
    fn deliver(&mut self, len: usize) -> bool {
        let b = &self.buf[..];
        let header = &b[len + 8..];
        if header.len() < 8 {
            return false;
        }
        let header_len = u32_at(header, 3) as usize;
        if header.len() < header_len + 8 {
            return false;
        }
        assert!(header[0] == 2 && header[header_len + 7] == FRAME_END);
        let head = len + 8 + header_len + 8;
        let size = u64_at(header, 11);
        let mut delivery = parse(&b[7..len + 7]);
        delivery.props = ((len + 8 + 21) as u32, (head - 1) as u32);
        let frame = &b[head..];
        if size == 0 {
            delivery.raw = self.buf.split_to(head).freeze();
            self.batch.push(delivery);
        } else if frame.len() as u64 >= size + 8 && u64::from(u32_at(frame, 3)) == size {
            let size = size as usize;
            assert!(frame[0] == 3 && frame[size + 7] == FRAME_END);
            delivery.raw = self.buf.split_to(head + size + 8).freeze();
            delivery.body = delivery.raw.slice(head + 7..head + 7 + size);
            self.batch.push(delivery);
        } else if size < LARGE {
            return false;
        } else {
            delivery.raw = self.buf.split_to(head).freeze();
            self.open = Some((delivery, BytesMut::with_capacity(size as usize), size));
        }
        true
    }
}

/// Reads basic.deliver. Places are those in the frame.
#[inline]
fn parse(p: &[u8]) -> Delivery {
    let n = p[4] as usize;
    assert_eq!(&p[5..5 + n], CONSUMER.as_bytes());
    let at = 5 + n;
    let exchange = at + 10;
    let exchange_end = exchange + p[at + 9] as usize;
    let key = exchange_end + 1;
    let key_end = key + p[exchange_end] as usize;
    std::str::from_utf8(&p[exchange..exchange_end]).unwrap();
    std::str::from_utf8(&p[key..key_end]).unwrap();
    Delivery {
        tag: u64_at(p, at),
        redelivered: p[at + 8] != 0,
        raw: Bytes::new(),
        exchange: (exchange as u16 + 7, exchange_end as u16 + 7),
        routing_key: (key as u16 + 7, key_end as u16 + 7),
        props: (0, 0),
        body: Bytes::new(),
    }
}

#[inline]
fn confirm(shared: &Shared, tag: u64, multiple: bool) {
    let mut conf = shared.conf.lock().unwrap();
    conf.c.ack(tag, multiple);
    let upto = conf.c.base();
    shared.confirmed.store(upto, Release);
    if conf
        .waiting
        .as_ref()
        .is_some_and(|waiting| waiting.0 <= upto)
    {
        let waiting = conf.waiting.take();
        drop(conf);
        if let Some((_, waker)) = waiting {
            waker.wake();
        }
    }
}
