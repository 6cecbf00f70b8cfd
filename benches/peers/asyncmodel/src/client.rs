use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Acquire};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use benchkit::{Args, Confirms, wire};
use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{Notify, oneshot};

use crate::reader::reader;

/// The one channel.
pub(crate) const CH: u16 = 1;
/// The one consumer.
pub(crate) const CONSUMER: &str = "ctag";
const FRAME_MAX: usize = 131_072;
/// From how many bytes on that wait to be written a publish waits.
const HIGH: usize = 256 * 1024;
/// How many deliveries may wait.
pub(crate) const MAX_QUEUED: usize = 8192;

#[derive(Default)]
pub(crate) struct Out {
    pub(crate) buf: Vec<u8>,
    pub(crate) next_tag: u64,
}
#[derive(Default)]
pub(crate) struct Conf {
    pub(crate) c: Confirms,
    pub(crate) waiting: Option<(u64, Waker)>,
}
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) out: Mutex<Out>,
    pub(crate) more: Notify,
    pub(crate) room: Notify,
    pub(crate) conf: Mutex<Conf>,
    pub(crate) confirmed: AtomicU64,
    pub(crate) inbox: Mutex<VecDeque<Delivery>>,
    pub(crate) arrived: Notify,
    pub(crate) drained: Notify,
    pub(crate) reply: Mutex<Option<oneshot::Sender<Bytes>>>,
}

#[allow(dead_code)]
pub(crate) struct Delivery {
    pub(crate) tag: u64,
    pub(crate) redelivered: bool,
    /// the method and header frames (and the body, if it came in one read)
    pub(crate) raw: Bytes,
    pub(crate) exchange: (u16, u16),
    pub(crate) routing_key: (u16, u16),
    pub(crate) props: (u32, u32),
    pub(crate) body: Bytes,
}
impl Delivery {
    pub(crate) fn routing_key(&self) -> &str {
        // checked when parsed
        std::str::from_utf8(&self.raw[self.routing_key.0 as usize..self.routing_key.1 as usize])
            .unwrap_or("")
    }
}

#[derive(Clone)]
pub(crate) struct Client(Arc<Shared>);

pub(crate) struct Confirm(Client, u64);
impl Future for Confirm {
    type Output = ();
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let s = &self.0.0;
        if s.confirmed.load(Acquire) >= self.1 {
            return Poll::Ready(());
        }
        let mut g = s.conf.lock().unwrap();
        if s.confirmed.load(Acquire) >= self.1 {
            return Poll::Ready(());
        }
        g.waiting = Some((self.1, cx.waker().clone()));
        Poll::Pending
    }
}

impl Client {
    pub(crate) async fn publish(&self, queue: &str, body: &[u8]) -> Confirm {
        let s = &*self.0;
        loop {
            {
                let mut g = s.out.lock().unwrap();
                if g.buf.len() < HIGH {
                    let wake = g.buf.is_empty();
                    wire::publish(&mut g.buf, CH, queue, body, FRAME_MAX);
                    g.next_tag += 1;
                    let tag = g.next_tag;
                    drop(g);
                    if wake {
                        s.more.notify_one();
                    }
                    return Confirm(self.clone(), tag);
                }
            }
            s.room.notified().await;
        }
    }
    pub(crate) async fn send(&self, f: impl FnOnce(&mut Vec<u8>)) {
        let s = &*self.0;
        loop {
            if s.out.lock().unwrap().buf.len() < HIGH {
                break;
            }
            s.room.notified().await;
        }
        let mut g = s.out.lock().unwrap();
        let wake = g.buf.is_empty();
        f(&mut g.buf);
        drop(g);
        if wake {
            s.more.notify_one();
        }
    }
    pub(crate) async fn ack(&self, tag: u64, multiple: bool) {
        self.send(|o| wire::ack(o, CH, tag, multiple)).await;
    }
    pub(crate) async fn rpc(&self, f: impl FnOnce(&mut Vec<u8>)) -> Bytes {
        let (tx, rx) = oneshot::channel();
        *self.0.reply.lock().unwrap() = Some(tx);
        self.send(f).await;
        rx.await.unwrap()
    }
    /// Returns when the server has taken everything in.
    pub(crate) async fn barrier(&self, queue: &str) {
        self.rpc(|o| wire::barrier(o, CH, queue)).await;
    }
    pub(crate) async fn recv(&self, mine: &mut VecDeque<Delivery>) -> Delivery {
        loop {
            if let Some(d) = mine.pop_front() {
                return d;
            }
            {
                let mut g = self.0.inbox.lock().unwrap();
                if !g.is_empty() {
                    std::mem::swap(&mut *g, mine);
                    drop(g);
                    self.0.drained.notify_one();
                    continue;
                }
            }
            self.0.arrived.notified().await;
        }
    }
}

async fn writer(s: Arc<Shared>, mut w: OwnedWriteHalf) {
    let mut mine = Vec::with_capacity(HIGH);
    loop {
        {
            let mut g = s.out.lock().unwrap();
            std::mem::swap(&mut g.buf, &mut mine);
        }
        if mine.is_empty() {
            s.more.notified().await;
            continue;
        }
        s.room.notify_one();
        w.write_all(&mine).await.unwrap();
        mine.clear();
        if mine.capacity() > 4 * HIGH {
            mine = Vec::with_capacity(HIGH);
        }
    }
}

pub(crate) async fn connect(a: &Args) -> Client {
    let s = TcpStream::connect((a.host.as_str(), a.port)).await.unwrap();
    s.set_nodelay(true).unwrap();
    let (r, mut w) = s.into_split();
    w.write_all(b"AMQP\x00\x00\x09\x01").await.unwrap();
    let sh = Arc::new(Shared::default());
    sh.out.lock().unwrap().buf.reserve(HIGH);
    let c = Client(sh.clone());
    let (tx, rx) = oneshot::channel();
    *sh.reply.lock().unwrap() = Some(tx);
    tokio::spawn(reader(sh.clone(), r));
    tokio::spawn(writer(sh, w));
    rx.await.unwrap();
    let t = c.rpc(|o| wire::start_ok(o, &a.user, &a.pass)).await;
    c.rpc(|o| wire::tune_ok_open(o, &t, &a.vhost)).await;
    c.rpc(|o| wire::channel_open(o, CH)).await;
    c
}
