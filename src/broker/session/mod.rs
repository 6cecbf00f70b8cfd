//! One connection as the broker sees it: bytes in, bytes out, and how far it has got.

mod channel;
mod handshake;
mod output;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use super::dialect::{Close, Dialect, Named, Reply};
use super::plan::{Ending, Plan};
use super::refusal::{Refusal, reply_text};
use super::store::Message;
use super::trace::{Side, Step};
use crate::frame::{self, Decoder, FrameError, Limits, OVERHEAD};
use crate::wire::{ChannelId, MethodId, ReplyCode, ShortStr};

pub(crate) use channel::{
    Channel, Confirms, Content, Header, Mode, Received, Replies, Subscription, Transaction, Unacked,
};
pub use output::Output;
pub(crate) use output::OutputFaults;

/// How long the broker waits for the answer to its `connection.close`, and for a client to end the
/// transport once its own close was answered.
const LINGER: Duration = Duration::from_secs(10);

/// One connection.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) state: State,
    pub(crate) dialect: Option<&'static Dialect>,
    pub(crate) output: Output,
    pub(crate) decoder: Decoder,
    pub(crate) channels: BTreeMap<u16, Channel>,
    pub(crate) virtual_host: ShortStr,
    pub(crate) user: String,
    pub(crate) client: Client,
    pub(crate) channel_max: u16,
    pub(crate) frame_max: u32,
    pub(crate) ending: Option<Ending>,
    pub(crate) plan: Plan,
    pub(crate) received: u64,
    /// Bytes that were there already when the last ones came.
    pub(crate) unread: usize,
    /// It published while there was no room, and is not read on until there is.
    pub(crate) is_blocked: bool,
    /// Consumers were left waiting because too much output waits.
    pub(crate) is_starved: bool,
    pub(crate) steps: Option<Vec<Step>>,
    /// The input cannot be cut into frames any more.
    pub(crate) decoder_failed: bool,
    heartbeat: Duration,
    last_in: Instant,
    last_out: Instant,
    deadline: Option<Instant>,
}

/// How far a connection has got.
///
/// ```text
/// Header ── Start ── Tune ── Open ── Running ── Closing ─┐
///    └────────┴───────┴───────┴── Doomed ──┐     │       │
///                                          └── Ended ── Closed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Waits for a protocol header.
    Header,
    /// Waits for `connection.start-ok`.
    Start,
    /// Waits for `connection.tune-ok`.
    Tune,
    /// Waits for `connection.open`.
    Open,
    /// Open.
    Running,
    /// The broker has closed and waits for the answer; everything else is passed over.
    Closing,
    /// The client has closed and was answered; it has to end the transport.
    Closed,
    /// The broker says nothing any more and will drop the connection.
    Doomed,
    /// Over, once what is to be written is written.
    Ended,
}

/// What the client told of itself.
#[derive(Debug, Default)]
pub(crate) struct Client {
    pub(crate) wants_cancel: bool,
    pub(crate) wants_blocked: bool,
    pub(crate) wants_refusal: bool,
}

impl Session {
    pub(crate) fn new(plan: Plan, handshake: Duration, trace: bool, now: Instant) -> Self {
        let mut output = Output::default();
        output.faults = plan.output.clone();
        Self {
            state: State::Header,
            dialect: None,
            output,
            decoder: Decoder::new(),
            channels: BTreeMap::new(),
            virtual_host: ShortStr::EMPTY,
            user: String::new(),
            client: Client::default(),
            channel_max: 0,
            frame_max: frame::MIN_FRAME_MAX,
            ending: None,
            plan,
            received: 0,
            unread: 0,
            is_blocked: false,
            is_starved: false,
            steps: trace.then(Vec::new),
            decoder_failed: false,
            heartbeat: Duration::ZERO,
            last_in: now,
            last_out: now,
            deadline: now.checked_add(handshake),
        }
    }

    /// Takes the next frame off the input.
    pub(crate) fn next_frame(&mut self, input: &mut BytesMut) -> Result<Bytes, FrameError> {
        let frame = self.decoder.split_one(input)?;
        self.received += frame.len() as u64;
        Ok(frame)
    }

    /// Whether input is of any use now.
    pub(crate) fn reads(&self) -> bool {
        !self.is_blocked && !self.plan.stopped_reading && self.state != State::Ended
    }

    /// Says something on a channel.
    pub(crate) fn say(&mut self, channel: u16, reply: Reply) -> bool {
        let Some(dialect) = self.dialect else {
            return false;
        };
        let out = self.output.tail();
        let before = out.len();
        let Some(method) = (dialect.encode)(ChannelId(channel), reply, out) else {
            return false;
        };
        if self.plan.withholds(method.name) {
            self.output.tail().truncate(before);
            return false;
        }
        self.note(channel, Side::Sent, method);
        true
    }

    /// Says something on a channel that a message follows.
    pub(crate) fn say_content(&mut self, channel: u16, reply: Reply, message: &Message) {
        if !self.say(channel, reply) {
            return;
        }
        let at = ChannelId(channel);
        let body = &message.body;
        let version = self.dialect.map_or("", |dialect| dialect.name);
        let properties = message.properties_for(version);
        put_header(self.output.tail(), at, body.len(), &properties);
        let room = self.frame_max as usize - OVERHEAD;
        for piece in body.pieces() {
            for start in (0..piece.len()).step_by(room) {
                let part = piece.slice(start..piece.len().min(start + room));
                frame::put_body_head(self.output.tail(), at, part.len());
                self.output.push(&part);
                self.output.tail().extend_from_slice(&[frame::END]);
            }
        }
    }

    /// Sends the confirms that were put off, as few as will do.
    pub(crate) fn confirm(&mut self) {
        let numbers: Vec<u16> = self.channels.keys().copied().collect();
        for number in numbers {
            let Some(Mode::Confirm(confirms)) = self
                .channels
                .get_mut(&number)
                .map(|channel| &mut channel.mode)
            else {
                continue;
            };
            let settled = std::mem::take(&mut confirms.settled);
            for run in settled.chunk_by(|one, other| one.1 == other.1) {
                // Whatever came before this run is settled, so `multiple` covers the run alone.
                let Some((tag, accepted)) = run.last().copied() else {
                    continue;
                };
                let multiple = run.len() > 1;
                let reply = match accepted {
                    true => Reply::Ack { tag, multiple },
                    false => Reply::Nack { tag, multiple },
                };
                self.say(number, reply);
            }
        }
    }

    /// Notes a method, if anyone asked for notes.
    pub(crate) fn note(&mut self, channel: u16, side: Side, method: Named) {
        if let Some(steps) = &mut self.steps {
            steps.push(Step {
                channel: ChannelId(channel),
                side,
                method: method.name,
            });
        }
    }

    /// Closes the connection from the broker's side.
    pub(crate) fn close(&mut self, code: ReplyCode, text: &str, method: MethodId, now: Instant) {
        let text = reply_text(code, text);
        self.say(0, Reply::Close(Close { code, text, method }));
        self.state = State::Closing;
        self.deadline = now.checked_add(LINGER);
    }

    /// Says nothing any more and drops the connection after a while.
    pub(crate) fn doom(&mut self, after: Duration, now: Instant) {
        self.state = State::Doomed;
        self.deadline = now.checked_add(after);
    }

    /// The client has closed and was answered.
    pub(crate) fn closed(&mut self, now: Instant) {
        self.state = State::Closed;
        self.deadline = now.checked_add(LINGER);
    }

    /// Ends the connection: what is there to write is still written, unless it is reset.
    pub(crate) fn end(&mut self, ending: Ending) {
        if ending == Ending::Reset {
            self.output.clear();
        }
        self.ending.get_or_insert(ending);
        self.state = State::Ended;
    }

    /// Whether the transport can be dropped.
    pub(crate) fn is_finished(&self) -> bool {
        self.output.is_cut() || (self.state == State::Ended && self.output.len() == 0)
    }

    /// What an error before the connection is open does: RabbitMQ tells nobody.
    pub(crate) fn refuse(
        &mut self,
        refusal: Refusal,
        method: MethodId,
        silence: Duration,
        now: Instant,
    ) {
        match refusal {
            Refusal::Connection(code, text) | Refusal::Channel(code, text)
                if matches!(self.state, State::Open | State::Running) =>
            {
                self.close(code, &text, method, now);
            }
            Refusal::Gone => {}
            // What RabbitMQ cannot decode ends its process, and the socket with it.
            Refusal::Reset if self.state == State::Running => self.end(Ending::Reset),
            _ => self.doom(silence, now),
        }
    }

    /// What tuning came to.
    pub(crate) fn tuned(&mut self, channel_max: u16, frame_max: u32, heartbeat: u16) {
        self.channel_max = channel_max;
        self.frame_max = frame_max;
        self.heartbeat = Duration::from_secs(heartbeat.into());
        // RabbitMQ compares frame-max with the payload alone.
        let most = frame_max.saturating_add(OVERHEAD as u32);
        self.decoder.set_limits(Limits {
            body: most,
            other: most,
        });
    }

    /// The connection is open: there is no hurry any more.
    pub(crate) fn opened(&mut self) {
        self.state = State::Running;
        self.deadline = None;
    }

    /// So many bytes are there to be read; if they are more than before, the client lives.
    pub(crate) fn heard(&mut self, bytes: usize, now: Instant) {
        if bytes > self.unread {
            self.last_in = now;
        }
    }

    /// Makes what was said ready to be written.
    pub(crate) fn seal(&mut self, now: Instant) {
        let before = self.output.total();
        self.output.seal(now);
        if self.output.total() > before {
            self.last_out = now;
        }
    }

    /// When the session has to be looked at again.
    pub(crate) fn due(&self) -> Option<Instant> {
        let beats = self.beats().map(|(send, dead)| send.min(dead));
        [self.deadline, beats, self.output.due()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            let ending = match self.state {
                State::Closed => Ending::Close,
                _ => Ending::Reset,
            };
            self.end(ending);
        }
        let Some((send, dead)) = self.beats() else {
            return;
        };
        if dead <= now {
            self.end(Ending::Reset);
        } else if send <= now {
            if !self.plan.withholds("heartbeat") && self.output.len() == 0 {
                frame::put_heartbeat(self.output.tail());
            }
            self.last_out = now;
        }
    }

    /// When to give a sign of life, and when to take the client for dead.
    fn beats(&self) -> Option<(Instant, Instant)> {
        let alive = matches!(self.state, State::Open | State::Running);
        if self.heartbeat.is_zero() || !alive {
            return None;
        }
        let send = self.last_out.checked_add(self.heartbeat / 2)?;
        // A client that is not read cannot show that it lives.
        let patience = if self.reads() { 3 } else { 3000 };
        let dead = self.last_in.checked_add(self.heartbeat * patience)?;
        Some((send, dead))
    }
}

/// Writes a content header of class basic with a property list that is bytes already.
fn put_header(out: &mut BytesMut, channel: ChannelId, body_len: usize, properties: &Bytes) {
    const BASIC: u16 = 60;
    let len = u32::try_from(12 + properties.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&[2]);
    out.extend_from_slice(&channel.0.to_be_bytes());
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(&BASIC.to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&(body_len as u64).to_be_bytes());
    out.extend_from_slice(properties);
    out.extend_from_slice(&[frame::END]);
}
