//! The world as tasks see it: one clock, one broker, and sockets whose bytes arrive late and in
//! pieces, or stop arriving.
//!
//! It belongs to the thread, since a runtime's clock and sockets have no other way to find it.
//! Handles hold numbers only.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use pika::asynchronous::{Runtime, Spawn, Stream, Timer};
use pika::broker::{Broker, Settings};
use pika::bytes::BytesMut;
use pika::connection::Batch;

use super::sealed::Sealed;
use super::socket::Socket;
use crate::model::Broken;
use crate::rng::Rng;

thread_local! {
    static NET: RefCell<Option<Net>> = const { RefCell::new(None) };
}

/// A task that is to be run.
pub(crate) type Spawned = (String, Pin<Box<dyn Future<Output = ()>>>);

pub(crate) struct Net {
    pub(crate) rng: Rng,
    pub(crate) now: Instant,
    pub(crate) start: Instant,
    pub(crate) broker: Broker,
    pub(crate) sockets: Vec<Socket>,
    /// Timers that are set: when, and whom they wake.
    alarms: BTreeMap<u64, (Instant, Waker)>,
    last_alarm: u64,
    /// What has to be over by when.
    limits: BTreeMap<u64, (Instant, String)>,
    last_limit: u64,
    /// Tasks that the next turn begins.
    pub(crate) spawned: Vec<Spawned>,
    /// Counts everything that happens: bytes that move, operations that end.
    pub(crate) progress: u64,
    /// Tasks are polled to see that they do not get on.
    pub(crate) probing: bool,
    /// The program is over: nobody waits any more for what has no limit.
    pub(crate) over: bool,
    /// Whether connecting may fail or take long.
    pub(crate) hostile: bool,
    /// Whether the clients speak TLS.
    pub(crate) is_encrypted: bool,
    /// The first rule that was broken inside a task.
    pub(crate) broken: Option<Broken>,
    trace: Option<Vec<String>>,
}

/// A world has begun on this thread, and the one before is over.
pub(crate) struct Begun(());

impl Begun {
    pub(crate) fn plain(seed: u64, traced: bool) -> Self {
        begin(seed, traced, false);
        Self(())
    }

    /// A world whose clients speak TLS.
    pub(crate) fn encrypted(seed: u64, traced: bool) -> Self {
        begin(seed, traced, true);
        Self(())
    }
}

fn begin(seed: u64, traced: bool, is_encrypted: bool) {
    let start = Instant::now();
    let net = Net {
        rng: Rng::new(seed),
        now: start,
        start,
        broker: Broker::new(Settings::new().seed(seed)),
        sockets: Vec::new(),
        alarms: BTreeMap::new(),
        last_alarm: 0,
        limits: BTreeMap::new(),
        last_limit: 0,
        spawned: Vec::new(),
        progress: 0,
        probing: false,
        over: false,
        hostile: false,
        broken: None,
        is_encrypted,
        trace: traced.then(Vec::new),
    };
    NET.set(Some(net));
}

/// Does something with the world.
pub(crate) fn net<T>(act: impl FnOnce(&mut Net) -> T) -> T {
    NET.with_borrow_mut(|net| act(net.as_mut().expect("a world was begun on this thread")))
}

/// Notes what happens, for a run that is looked at.
pub(crate) fn note(text: impl FnOnce() -> String) {
    if net(|net| net.trace.is_none()) {
        return;
    }
    let text: String = text().chars().take(1000).collect();
    net(|net| net.write_down(&text));
}

/// A rule is broken; the first one counts.
pub(crate) fn broken(rule: impl Into<Broken>) {
    let rule = rule.into();
    net(|net| {
        net.broken.get_or_insert(rule);
    });
}

pub(crate) fn below(end: usize) -> usize {
    net(|net| net.rng.below(end))
}

pub(crate) fn once_in(n: usize) -> bool {
    net(|net| net.rng.once_in(n))
}

impl Net {
    pub(crate) fn write_down(&mut self, text: &str) {
        let at = (self.now - self.start).as_secs_f64();
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{at:>9.3} s  {text}"));
        }
    }

    /// Notes the frames that have just gone over a socket.
    fn note_frames(&mut self, which: usize) {
        let Some(socket) = self.sockets.get_mut(which) else {
            return;
        };
        let who = socket.who;
        let frames = socket.wire.log.as_mut().map(std::mem::take);
        for frame in frames.into_iter().flatten() {
            self.write_down(&format!("client {who} {frame}"));
        }
    }

    pub(crate) fn take_trace(&mut self) -> Vec<String> {
        self.trace.take().unwrap_or_default()
    }

    /// Lets bytes of a socket move.
    pub(crate) fn network(&mut self, which: usize) {
        let moved = match self.sockets.get_mut(which) {
            Some(socket) => socket.network(&mut self.broker, &mut self.rng, self.now),
            None => false,
        };
        self.progress += u64::from(moved);
    }

    /// Lets time pass, to the next deadline of anybody at the most.
    pub(crate) fn pass(&mut self, most: Duration) {
        let alarms = self.alarms.values().map(|(at, _)| *at);
        let next = alarms.chain(self.broker.poll_timeout()).min();
        let until = self.now + most;
        self.now = next.map_or(until, |next| next.max(self.now).min(until));
        self.broker.handle_timeout(self.now);
        let now = self.now;
        self.alarms.retain(|_, (at, waker)| {
            let due = *at <= now;
            if due {
                waker.wake_by_ref();
            }
            !due
        });
    }

    /// Something has to be over by a time; gives its number.
    pub(crate) fn limit(&mut self, name: &str, within: Duration) -> u64 {
        self.last_limit += 1;
        let limit = (self.now + within, name.to_owned());
        self.limits.insert(self.last_limit, limit);
        self.last_limit
    }

    pub(crate) fn within_limit(&mut self, number: u64) {
        self.limits.remove(&number);
    }

    /// Whatever should have been over for some time.
    pub(crate) fn check_limits(&self) -> Result<(), Broken> {
        const GRACE: Duration = Duration::from_secs(2);
        match self.limits.values().find(|(at, _)| *at + GRACE < self.now) {
            Some((_, name)) => Err(format!("{name} hangs")),
            None => Ok(()),
        }
    }
}

/// A runtime whose clock and network are those of the world.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Virtual;

impl Runtime for Virtual {
    type Stream = Handle;
    type Timer = Alarm;

    fn now(&self) -> Instant {
        net(|net| net.now)
    }

    fn timer(&self) -> Alarm {
        net(|net| {
            net.last_alarm += 1;
            Alarm(net.last_alarm)
        })
    }

    async fn look_up(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(vec![SocketAddr::from(([127, 0, 0, 1], port))])
    }

    /// The port says who connects.
    async fn connect(&self, address: SocketAddr) -> io::Result<Handle> {
        let patience = net(|net| if net.hostile { net.rng.below(12) } else { 11 });
        match patience {
            0 => return Err(io::ErrorKind::ConnectionRefused.into()),
            1 => std::future::pending().await,
            2..=4 => Pause::new(Duration::from_millis(700)).await,
            _ => {}
        }
        let who = usize::from(address.port());
        Ok(net(|net| {
            let link = net.broker.accept(net.now);
            let sealed = net.is_encrypted.then(Sealed::new);
            let mut socket = Socket::new(who, link, sealed, &mut net.rng);
            socket.wire.log = net.trace.is_some().then(Vec::new);
            net.sockets.push(socket);
            Handle(net.sockets.len() - 1)
        }))
    }
}

impl Spawn for Virtual {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        net(|net| net.spawned.push((DRIVER.into(), Box::pin(task))));
    }
}

/// The name of tasks that are drivers.
pub(crate) const DRIVER: &str = "a driver";

/// The client's end of a socket.
#[derive(Debug)]
pub(crate) struct Handle(usize);

impl Handle {
    fn with<T>(&self, act: impl FnOnce(&mut Socket, &mut Rng) -> Poll<T>) -> Poll<T> {
        net(|net| {
            let found = net.sockets.get_mut(self.0).expect("sockets stay");
            let result = act(found, &mut net.rng);
            net.progress += u64::from(result.is_ready());
            net.note_frames(self.0);
            result
        })
    }
}

impl Stream for Handle {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut BytesMut,
    ) -> Poll<io::Result<usize>> {
        self.with(|socket, rng| socket.poll_read(cx, buffer, rng))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, batch: &Batch) -> Poll<io::Result<usize>> {
        self.with(|socket, rng| socket.poll_write(cx, batch, rng))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|socket, _| socket.poll_flush(cx))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let _done = self.with(|socket, _| {
            socket.leave();
            Poll::Ready(())
        });
    }
}

/// A timer of the world.
#[derive(Debug)]
pub(crate) struct Alarm(u64);

impl Timer for Alarm {
    fn poll_until(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        net(|net| {
            if net.now >= deadline {
                net.alarms.remove(&self.0);
                return Poll::Ready(());
            }
            net.alarms.insert(self.0, (deadline, cx.waker().clone()));
            Poll::Pending
        })
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        net(|net| net.alarms.remove(&self.0));
    }
}

/// Lets some time pass.
#[derive(Debug)]
pub(crate) struct Pause {
    alarm: Alarm,
    until: Instant,
}

impl Pause {
    pub(crate) fn new(time: Duration) -> Self {
        let until = Virtual.now() + time;
        let alarm = Virtual.timer();
        Self { alarm, until }
    }
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let until = self.until;
        self.alarm.poll_until(cx, until)
    }
}
