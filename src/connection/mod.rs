//! A connection without I/O: bytes and time go in, bytes and events come out.
//!
//! ```text
//!            receive(bytes, now)            ┌────────────┐   outgoing(now)
//!  transport ─────────────────────────────▶ │            │ ─────────────────▶ transport
//!                                           │ Connection │
//!  clock ──── handle_timeout(now) ────────▶ │            │ ── poll_timeout() ─▶ clock
//!                                           │            │
//!  program ── channel(key)?.call(…, now) ─▶ │            │ ── poll_event() ───▶ program
//!                                           └────────────┘
//! ```
//!
//! The contract is one sentence: **after any call, drain the events, write what is
//! [`outgoing`](Connection::outgoing), and read [`poll_timeout`](Connection::poll_timeout) again.**
//!
//! There are no sockets, clocks, locks, threads, callbacks or random numbers inside, so the same
//! connection serves blocking calls, event loops and futures, and is tested with none of them.
//!
//! ```
//! # #[cfg(feature = "amqp0-9-1")] {
//! use std::time::{Duration, Instant};
//! use pika::bytes::{Buf, BytesMut};
//! use pika::config::Config;
//! use pika::connection::Connection;
//! use pika::v0_9_1::V0_9_1;
//!
//! let now = Instant::now();
//! let mut connection = Connection::<V0_9_1>::new(Config::default(), now);
//! assert_eq!(connection.outgoing(now).chunk(), b"AMQP\x00\x00\x09\x01");
//! connection.outgoing(now).advance(8);
//!
//! let mut received = BytesMut::from(&b"AMQP\x01\x01\x08\x00"[..]);
//! connection.receive(&mut received, now);
//! assert!(connection.closed().is_some(), "the server speaks another version");
//! # }
//! ```

mod access;
mod batch;
mod body;
mod calls;
mod channel;
mod channels;
mod close;
mod dispatch;
mod event;
mod events;
mod handshake;
mod heartbeat;
mod ids;
mod message;
mod ordered;
mod outgoing;
mod output;
mod permission;
mod refresh;
mod requests;
mod shared;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
mod succession;
mod tickets;

use std::sync::Arc;
use std::time::Instant;

pub use batch::Batch;
pub use body::Body;
pub use channel::{ChannelMut, Leave};
pub use event::{Answer, CancelledBy, Event, Opened, Outcome, Settled};
pub use ids::{CallId, ChannelKey, ConsumerId, DeliveryToken, PublishSeq, Ticket};
pub use message::{Content, Delivery, Returned};
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub(crate) use ordered::OrderedMap;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub(crate) use outgoing::Parts;
pub use outgoing::{Message, Publishable};
pub use output::Output;

use self::handshake::{Login, Step};
use channels::Channels;
use close::Farewell;
use heartbeat::{Due, Heartbeat};
use refresh::Refresh;
use shared::Shared;

pub(crate) use crate::config::later;
use crate::config::{Config, Tuning};
use crate::error::{Cause, Closed, Error, Forbidden, Misuse, TimedOut, Waiting};
use crate::frame::Decoder;
use crate::protocol::Protocol;
use crate::wire::{ShortStr, Table};

/// One connection to a server, see the [module](self).
#[derive(Debug)]
pub struct Connection<P: Protocol> {
    phase: Phase,
    decoder: Decoder,
    shared: Shared<P>,
    channels: Channels<P>,
    heartbeat: Option<Heartbeat>,
    /// When it was last said that nothing is being read.
    paused: Option<Instant>,
    /// When answers that are waited for were left unread last.
    unread_answers: Option<Instant>,
    server_properties: Table,
    /// Bytes of an incomplete frame that were there after the last call of `receive`.
    unread: usize,
    received: u64,
    /// How the program logs in, until it has.
    login: Login,
    /// What replaces the secret before it expires.
    refresh: Option<Box<Refresh>>,
    /// The close that is to be sent.
    farewell: Option<Farewell>,
    /// Why the connection closed whose place this one takes.
    predecessor: Option<Arc<Closed>>,
    /// Why a close was not confirmed.
    close_failure: Option<Cause>,
}

/// ```text
/// Handshake ──▶ Open ── close() ──▶ Closing ── close-ok ──▶ Closed
///     └───────────┴── server closes, error, end of transport ──┘
/// ```
#[derive(Debug)]
enum Phase {
    Handshake {
        step: Step,
        deadline: Instant,
    },
    Open,
    Closing {
        reason: Arc<Closed>,
        deadline: Instant,
    },
    /// The last bytes may still have to be written, until the deadline.
    Closed {
        reason: Arc<Closed>,
        flush_by: Instant,
    },
}

impl<P: Protocol> Connection<P> {
    /// Begins a connection over a transport that is connected.
    ///
    /// Where the settings ask for TLS nothing is sent before [`secured`](Self::secured), so that no
    /// login leaves unencrypted by mistake. A [transport of the client room](crate::client) calls it.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let deadline = later(now, config.handshake_timeout);
        let is_encrypted = config.is_encrypted();
        let mut connection = Self {
            phase: Phase::Handshake {
                step: Step::Secure,
                deadline,
            },
            decoder: Decoder::new(),
            shared: Shared::new(config),
            channels: Channels::default(),
            heartbeat: None,
            paused: None,
            unread_answers: None,
            server_properties: Table::new(),
            unread: 0,
            received: 0,
            farewell: None,
            predecessor: None,
            login: Login::default(),
            refresh: None,
            close_failure: None,
        };
        if !is_encrypted {
            connection.secured();
        }
        connection
    }

    /// Tells this connection apart from others of the program, so that a delivery of one is refused
    /// by another. Whoever holds several gives each its number before it opens; by default it is 0.
    pub fn set_identity(&mut self, identity: u64) {
        self.shared.identity = identity;
    }

    /// The next thing that happened. To be called until there is none.
    #[inline]
    pub fn poll_event(&mut self) -> Option<Event<P>> {
        if self.shared.output.take_drained() {
            let Shared {
                tickets, events, ..
            } = &mut self.shared;
            tickets.permitted(None, Forbidden::OutputFull, events);
        }
        self.shared.events.pop()
    }

    /// Whether events wait to be polled.
    #[must_use]
    #[inline]
    pub fn has_events(&self) -> bool {
        !self.shared.events.is_empty() || self.shared.output.is_drained()
    }

    /// How many events wait to be polled at least.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(crate) fn events_waiting(&self) -> usize {
        self.shared.events.len()
    }

    /// When [`handle_timeout`](Self::handle_timeout) has to be called at the latest, if nothing
    /// happens before. Changes with every other call.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Handshake { deadline, .. } => Some(*deadline),
            Phase::Closing { deadline, .. } => {
                let farewell = self.farewell.as_ref().map_or(*deadline, |it| it.by);
                Some(farewell.min(*deadline))
            }
            Phase::Closed { flush_by, .. } => (!self.shared.output.is_empty()).then_some(*flush_by),
            Phase::Open => {
                let taken = self.shared.output.taken();
                let beat = self
                    .heartbeat
                    .as_ref()
                    .map(|heartbeat| heartbeat.deadline(taken));
                let call = self.shared.deadlines.next().map(|next| next.at);
                let ticket = mutant!(
                    "publishers wait without a deadline",
                    self.shared.tickets.deadline(),
                    None
                );
                let refresh = self.refresh_deadline();
                let deadlines = beat.into_iter().chain(call).chain(ticket);
                deadlines.chain(refresh).min()
            }
        }
    }

    /// Does what is due at `now`: heartbeats, and giving up what did not come in time.
    ///
    /// Calling it early or late does no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        match &self.phase {
            Phase::Handshake { step, deadline } if now >= *deadline => {
                let waiting_for = Waiting::Handshake(step.name());
                let after = self.shared.config.handshake_timeout;
                self.fail(Cause::TimedOut(TimedOut { waiting_for, after }), now);
            }
            Phase::Closing { reason, deadline } if now >= *deadline => {
                let reason = reason.clone();
                let after = self.shared.config.close_timeout;
                let waiting_for = Waiting::CloseOk;
                self.close_failure = Some(Cause::TimedOut(TimedOut { waiting_for, after }));
                self.finish(reason, now);
                self.shared.output.clear();
            }
            Phase::Closing { .. } if self.farewell.as_ref().is_some_and(|it| now >= it.by) => {
                self.say_farewell();
            }
            Phase::Closed { flush_by, .. } if now >= *flush_by => self.shared.output.clear(),
            Phase::Open => {
                self.give_up_overdue(now);
                self.shared.tickets.expire(now, &mut self.shared.events);
                self.beat(now);
                self.refresh_if_due(now);
            }
            _ => {}
        }
    }

    /// The bytes to be written, to be handed to the transport at `now`.
    pub fn outgoing(&mut self, now: Instant) -> &mut Output {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.handing_out(self.shared.output.taken(), now);
        }
        &mut self.shared.output
    }

    /// Hands everything that waits to be written over to `batch`, so that it can be written while
    /// the connection is used for something else.
    ///
    /// The batch has to be empty: what was lent before is written first. Until
    /// [`written`](Self::written) is told, lent bytes count as waiting.
    pub fn lend(&mut self, batch: &mut Batch) {
        self.shared.output.lend(batch);
    }

    /// Says that `count` bytes of what was lent were written at `now`.
    pub fn written(&mut self, count: usize, now: Instant) {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.handing_out(self.shared.output.taken(), now);
        }
        self.shared.output.written(count);
    }

    /// Bytes that wait to be written.
    #[must_use]
    pub const fn outgoing_len(&self) -> usize {
        self.shared.output.len()
    }

    /// Whether bytes wait to be written.
    #[must_use]
    pub const fn wants_write(&self) -> bool {
        !self.shared.output.is_empty()
    }

    /// Whether the transport is not needed any more: the connection is closed and everything is
    /// written. Drop the transport then.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        matches!(self.phase, Phase::Closed { .. }) && self.shared.output.is_empty()
    }

    /// Whether the handshake is done and nothing has ended the connection.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open)
    }

    /// Why the connection is closed or closing, if it is.
    #[must_use]
    pub const fn closed(&self) -> Option<&Arc<Closed>> {
        match &self.phase {
            Phase::Closing { reason, .. } | Phase::Closed { reason, .. } => Some(reason),
            Phase::Handshake { .. } | Phase::Open => None,
        }
    }

    /// Why the server did not confirm the program's close, if it did not.
    ///
    /// What was sent before such a close may not have arrived.
    #[must_use]
    pub const fn close_failure(&self) -> Option<&Cause> {
        self.close_failure.as_ref()
    }

    /// What was agreed on in the handshake; before that, what holds during it.
    #[must_use]
    pub const fn tuning(&self) -> &Tuning {
        &self.shared.tuning
    }

    /// What the server says of itself; empty before the handshake.
    #[must_use]
    pub const fn server_properties(&self) -> &Table {
        &self.server_properties
    }

    /// Whether the server announced this capability. RabbitMQ announces none on 0-8.
    #[must_use]
    pub fn server_can(&self, capability: &str) -> bool {
        let capabilities = self.server_properties.get("capabilities");
        let Some(capabilities) = capabilities.and_then(|value| value.as_table()) else {
            return false;
        };
        let found = capabilities.get(capability);
        found.and_then(|value| value.as_bool()).unwrap_or(false)
    }

    /// Why the server accepts no messages, while it does not.
    #[must_use]
    pub const fn blocked(&self) -> Option<&ShortStr> {
        self.shared.blocked.as_ref()
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Bytes received so far.
    #[must_use]
    pub const fn bytes_received(&self) -> u64 {
        self.received
    }

    /// Bytes handed out for writing so far.
    #[must_use]
    pub const fn bytes_sent(&self) -> u64 {
        self.shared.output.taken()
    }

    /// How many bytes the frame at the front of `buffer` lacks; worth reserving before reading.
    #[must_use]
    pub fn bytes_missing(&self, buffer: &[u8]) -> usize {
        self.decoder.missing(buffer)
    }

    /// Says that nothing is being read for now, because what was received is not consumed.
    ///
    /// Silence then says nothing about the peer, so it is not held against it: it is not taken for
    /// dead, and calls that nobody waits for are not overdue. To be called in each turn that does
    /// not read.
    pub fn reading_paused(&mut self, now: Instant) {
        self.paused = Some(now);
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.received(now);
        }
    }

    /// As [`reading_paused`](Self::reading_paused), where what is not read may well be the answers that
    /// are waited for: the program itself wants nothing to be read, or is slow with what came before
    /// them. No call is overdue for that, and its time begins anew when reading goes on.
    #[cfg(feature = "callbacks")]
    pub(crate) fn answers_unread(&mut self, now: Instant) {
        self.reading_paused(now);
        self.unread_answers = Some(now);
        let timeout = self.shared.config.handshake_timeout;
        if let Phase::Handshake { deadline, .. } = &mut self.phase {
            *deadline = later(now, timeout).max(*deadline);
        }
    }

    #[inline]
    fn check_open(&self) -> Result<(), Error> {
        match &self.phase {
            Phase::Open => Ok(()),
            Phase::Handshake { .. } => Err(match &self.predecessor {
                Some(reason) => reason.clone().into(),
                None => Misuse::NotOpen.into(),
            }),
            Phase::Closing { reason, .. } | Phase::Closed { reason, .. } => {
                Err(reason.clone().into())
            }
        }
    }

    fn beat(&mut self, now: Instant) {
        let taken = self.shared.output.taken();
        let Some(heartbeat) = &mut self.heartbeat else {
            return;
        };
        match heartbeat.due(taken, now) {
            Due::Nothing => {}
            // A beat behind bytes that nobody takes would only pile up.
            Due::Beat if self.shared.output.is_empty() => self.shared.output.heartbeat(),
            Due::Beat => {}
            Due::Dead => {
                let heartbeat = heartbeat.interval();
                self.shared.output.clear();
                self.fail(Cause::Silence { heartbeat }, now);
            }
        }
    }
}
