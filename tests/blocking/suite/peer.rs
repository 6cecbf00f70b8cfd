//! The server in memory, and what tests begin with.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::sleep;
use std::time::{Duration, Instant};

use pika::blocking::Transport;
use pika::bytes::{Buf, BytesMut};
use pika::config::{Config, Heartbeat};
use pika::error::{Error, Misuse};
use pika::frame::{self, Decoder, Frame, Frames, Limits};
use pika::method::{Args, MethodSet, Spec, decode_method};
use pika::wire::ChannelId;

use super::{Method, V, answer_to, basic, channel, connection, queue};

pub(crate) type Connection = pika::blocking::Connection<V>;
pub(crate) type Channel = pika::blocking::Channel<V>;
pub(crate) type Consumer = pika::blocking::Consumer<V>;

/// The longest wait for something that the server will never say.
const IN_VAIN: Duration = Duration::from_secs(8);

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// No heartbeats, and deadlines that are never met by chance.
pub(crate) fn patient() -> Config {
    let long = Duration::from_secs(5);
    Config::new()
        .heartbeat(Heartbeat::Off)
        .handshake_timeout(long)
        .rpc_timeout(long)
        .close_timeout(long)
        .blocked_timeout(long)
}

/// An open connection and its server.
pub(crate) fn open() -> (Connection, Peer) {
    open_with(patient())
}

pub(crate) fn open_with(config: Config) -> (Connection, Peer) {
    let peer = Peer::new();
    let connection = Connection::over_transport(peer.clone(), config).unwrap();
    peer.heard();
    (connection, peer)
}

/// A server, as the test holds it and as the client's transport.
#[derive(Clone)]
pub(crate) struct Peer(Arc<Mutex<State>>);

struct State {
    /// Said and not read by the client.
    said: BytesMut,
    /// Taken from the client, as far as it is no whole frame.
    taken: BytesMut,
    /// All bytes taken from the client.
    total: usize,
    /// Names of what the client wrote since the test looked: methods, and kinds of other frames.
    names: Vec<&'static str>,
    later: VecDeque<(Instant, Act)>,
    /// Bytes that are still taken from the client.
    room: usize,
    /// Takes bytes again when the client has read everything.
    reads_once_drained: bool,
    end: Option<io::Result<()>>,
    /// Methods that are not answered; `AMQP` is the protocol header.
    mute: Vec<&'static str>,
    is_shut: bool,
    /// Has closed channel 1 and waits for the client to confirm it.
    closing: bool,
    next_tag: u64,
    /// Since when nothing was said or taken.
    quiet_since: Option<Instant>,
}

type Act = Box<dyn FnOnce(&Peer) + Send>;

// What the server does.
impl Peer {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            said: BytesMut::new(),
            taken: BytesMut::new(),
            total: 0,
            names: Vec::new(),
            later: VecDeque::new(),
            room: usize::MAX,
            reads_once_drained: false,
            end: None,
            mute: Vec::new(),
            is_shut: false,
            closing: false,
            next_tag: 1,
            quiet_since: None,
        })))
    }

    /// Does not answer these methods.
    pub(crate) fn ignores(&self, names: &[&'static str]) {
        self.lock().mute = names.to_vec();
    }

    /// Takes only so many bytes more.
    pub(crate) fn takes(&self, bytes: usize) {
        self.lock().room = bytes;
    }

    /// Takes bytes again when the client has read everything.
    pub(crate) fn takes_once_drained(&self) {
        self.lock().reads_once_drained = true;
    }

    /// Does something after a time, at the first chance from then on.
    pub(crate) fn after(&self, time: Duration, act: impl FnOnce(&Self) + Send + 'static) {
        let at = Instant::now() + time;
        let later = &mut self.lock().later;
        let place = later.partition_point(|(other, _)| *other <= at);
        later.insert(place, (at, Box::new(act)));
    }

    pub(crate) fn says(&self, channel: u16, method: impl Args<Spec = V>) {
        self.says_frames(|said| frame::put_method(said, ChannelId(channel), &method));
    }

    /// Sends what a test made of frames.
    pub(crate) fn says_frames(&self, put: impl FnOnce(&mut BytesMut)) {
        put(&mut self.lock().said);
    }

    /// Sends messages to a consumer on channel 1.
    pub(crate) fn delivers(&self, tag: &'static str, count: usize, body: &[u8]) {
        let mut state = self.lock();
        for _ in 0..count {
            let deliver = basic::Deliver::new(tag, state.next_tag, "", "q");
            state.next_tag += 1;
            let content = (&deliver, &basic::Properties::new(), body);
            frame::put_content(&mut state.said, ChannelId(1), content, 131_072);
        }
    }

    /// Closes channel 1.
    pub(crate) fn closes_channel(&self) {
        self.says(1, channel::Close::new(404, "no such thing", 0, 0));
        self.lock().closing = true;
    }

    /// Ends the transport.
    pub(crate) fn hangs_up(&self) {
        self.lock().end = Some(Ok(()));
    }
}

// What the test sees.
impl Peer {
    /// What the client wrote since this was last asked.
    pub(crate) fn heard(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.lock().names)
    }

    /// Whether the client has written a method or frame of this name.
    pub(crate) fn has_heard(&self, name: &str) -> bool {
        self.lock().names.contains(&name)
    }

    pub(crate) fn bytes_taken(&self) -> usize {
        self.lock().total
    }

    /// Whether the client has ended the transport.
    pub(crate) fn is_shut(&self) -> bool {
        self.lock().is_shut
    }

    /// Whether nobody but the test holds this.
    pub(crate) fn is_alone(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

impl State {
    /// Takes bytes as a socket does: some, as far as there is room.
    fn take(&mut self, pieces: &[IoSlice<'_>]) -> usize {
        const AT_ONCE: usize = 64 * 1024;
        let most = self.room.min(AT_ONCE);
        let mut left = most;
        for piece in pieces {
            let count = piece.len().min(left);
            self.taken.extend_from_slice(&piece[..count]);
            left -= count;
        }
        let count = most - left;
        if self.room != usize::MAX {
            self.room -= count;
        }
        self.total += count;
        count
    }

    /// Looks at what was taken and answers what is usually answered.
    fn answer(&mut self) {
        let mut decoder = Decoder::new();
        decoder.set_limits(Limits::agreed(131_072));
        loop {
            let chunk = decoder.split_one(&mut self.taken).unwrap();
            let Some(frame) = Frames::new(&chunk).next() else {
                return;
            };
            match frame.unwrap() {
                Frame::ProtocolHeader(_) => {
                    self.names.push("AMQP");
                    let start = connection::Start::new(V::MAJOR, V::MINOR, "PLAIN", "en_US");
                    self.reply("AMQP", 0, start);
                }
                Frame::Method { channel, payload } => {
                    let method = decode_method::<V>(&mut payload.reader()).unwrap();
                    self.names.push(method.name());
                    self.answer_method(channel.0, method);
                }
                Frame::Header { .. } => self.names.push("header"),
                Frame::Body { .. } => self.names.push("body"),
                Frame::Heartbeat => self.names.push("heartbeat"),
            }
        }
    }

    fn answer_method(&mut self, number: u16, method: Method) {
        let name = method.name();
        if name == "channel.close-ok" {
            self.closing = false;
        }
        if self.closing && number == 1 {
            return;
        }
        match method {
            Method::Connection(method) => match method {
                connection::Method::StartOk(_) => {
                    self.reply(name, 0, connection::Tune::new(2047, 131_072, 1));
                }
                connection::Method::Open(_) => self.reply(name, 0, connection::OpenOk::new()),
                connection::Method::Close(_) => self.reply(name, 0, connection::CloseOk::new()),
                _ => {}
            },
            Method::Channel(method) => match method {
                channel::Method::Open(_) => self.reply(name, number, channel::OpenOk::new()),
                channel::Method::Close(_) => self.reply(name, number, channel::CloseOk::new()),
                _ => {}
            },
            Method::Queue(queue::Method::Declare(declare)) => {
                self.reply(name, number, queue::DeclareOk::new(declare.queue, 0, 0));
            }
            Method::Basic(method) => match method {
                basic::Method::Consume(consume) => {
                    self.reply(name, number, basic::ConsumeOk::new(consume.consumer_tag));
                }
                basic::Method::Cancel(cancel) => {
                    self.reply(name, number, basic::CancelOk::new(cancel.consumer_tag));
                }
                basic::Method::Get(_) => self.reply(name, number, basic::GetEmpty::new()),
                _ => {}
            },
            other => {
                if let Some(answer) = answer_to(&other) {
                    frame::put_any_method(&mut self.said, ChannelId(number), &answer);
                }
            }
        }
    }

    fn reply(&mut self, to: &str, channel: u16, method: impl Args<Spec = V>) {
        if !self.mute.contains(&to) {
            frame::put_method(&mut self.said, ChannelId(channel), &method);
        }
    }
}

impl Peer {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Does what is due.
    fn act(&self) {
        loop {
            let now = Instant::now();
            let mut state = self.lock();
            let due = state.later.front().is_some_and(|(at, _)| *at <= now);
            let Some((_, act)) = due.then(|| state.later.pop_front()).flatten() else {
                return;
            };
            drop(state);
            act(self);
        }
    }

    /// Lets time pass until something is due or `until`; gives whether there is any left.
    fn pass(&self, until: Option<Instant>) -> bool {
        let now = Instant::now();
        if until.is_some_and(|until| until <= now) {
            return false;
        }
        let mut state = self.lock();
        let next = state.later.front().map(|(at, _)| *at);
        // The client reads in short steps.
        let quiet_since = *state.quiet_since.get_or_insert(now);
        let in_vain = next.is_none() && now > quiet_since + IN_VAIN;
        drop(state);
        assert!(!in_vain, "the client waits for what the server never says");
        let at = next.into_iter().chain(until).min().unwrap_or(now);
        sleep(at.saturating_duration_since(now));
        true
    }
}

/// When a wait is over; one that no clock can tell is none.
fn end(wait: Option<Duration>) -> Option<Instant> {
    Instant::now().checked_add(wait?)
}

impl Transport for Peer {
    fn read(&mut self, space: &mut [u8], wait: Option<Duration>) -> io::Result<usize> {
        let until = end(wait);
        loop {
            self.act();
            let mut state = self.lock();
            if !state.said.is_empty() {
                let count = state.said.len().min(space.len());
                state.said.copy_to_slice(&mut space[..count]);
                state.quiet_since = None;
                return Ok(count);
            }
            if state.reads_once_drained {
                state.room = usize::MAX;
            }
            match &state.end {
                Some(Ok(())) => return Ok(0),
                Some(Err(error)) => return Err(error.kind().into()),
                None => {}
            }
            drop(state);
            if !self.pass(until) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
    }

    fn write(&mut self, pieces: &[IoSlice<'_>], wait: Option<Duration>) -> io::Result<usize> {
        let until = end(wait);
        loop {
            self.act();
            let mut state = self.lock();
            let count = state.take(pieces);
            if count > 0 {
                state.quiet_since = None;
                state.answer();
                return Ok(count);
            }
            drop(state);
            if !self.pass(until) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
    }

    fn shut_down(&mut self) {
        self.lock().is_shut = true;
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Peer")
    }
}

/// A channel with a consumer that has the tag `t`.
pub(crate) fn consuming(connection: &Connection) -> (Channel, Consumer) {
    let channel = connection.channel().unwrap();
    let consumer = channel.consume(tagged("t")).unwrap();
    (channel, consumer)
}

pub(crate) fn tagged(tag: &'static str) -> basic::Consume {
    basic::Consume::new("q").consumer_tag(tag)
}

pub(crate) fn declare() -> queue::Declare {
    queue::Declare::new("q")
}

/// What the program did wrong.
pub(crate) fn misuse<T: fmt::Debug>(result: pika::Result<T>) -> Misuse {
    match result {
        Err(Error::Misuse(misuse)) => misuse,
        other => panic!("expected a misuse, found {other:?}"),
    }
}
