//! Recovery as a state machine without I/O.
//!
//! A [`Keeper`] stands beside the connection core of one transport. The events of the core pass through
//! [`handle`](Keeper::handle), and [`next`](Keeper::next) says what the host of the connection has to do:
//! drive the transport, open the next one, or wait.
//!
//! ```text
//!  Waiting ── time ──▶ Dialling ── connected ──▶ LoggingIn ── opened ──▶ Open
//!     ▲                   │                          │                    │
//!     └────── failed ─────┴──────── closed ──────────┴────────────────────┘
//!                   given up, or closed by the program ──▶ Stopped
//! ```
//!
//! Once the core is open the kept topology is declared and answered as a whole (`declaring`). Then each
//! *lane*, which is a kept channel with its purpose, opens its channel (`lanes`), and publishers send what is
//! not resolved (`publishing`).

mod accepting;
mod declaring;
mod lane;
mod lanes;
mod publisher;
mod publishing;
mod transports;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::{Status, Strategy};
use crate::config::recovery::Event as Observed;
use crate::config::{Config, Endpoint, Recovery, Secret};
use crate::connection::{
    CancelledBy, ChannelKey, Connection, ConsumerId, Event, OrderedMap, Outcome,
};
use crate::error::{Cause, Closed, Error, Target, TransportEnd};
use crate::protocol::Protocol;
use crate::wire::{ReplyCode, Scope, ShortStr};

use declaring::Declared;
pub use lane::OnCancel;
pub(crate) use lane::{Lane, LaneId, Purpose, Subscribe};
pub(crate) use publisher::{Publish, Publisher, PublisherOptions};
pub use publisher::{Resend, Unresolved};

/// The part of a connection that outlives its transports.
pub(crate) struct Keeper<P: Protocol> {
    config: Config,
    settings: Recovery,
    strategy: Box<dyn Strategy + Send>,
    phase: Phase,
    /// Whether the topology is declared, so that lanes may open.
    is_ready: bool,
    /// Attempts since the connection was ready.
    attempt: u32,
    /// Since when it is away, and why.
    since: Instant,
    reason: Option<Arc<Closed>>,
    /// The hosts that are not tried again without a delay.
    failed_hosts: Vec<Endpoint>,
    /// The host of the current transport.
    host: Option<Endpoint>,
    declared: Declared<P>,
    lanes: OrderedMap<LaneId, Lane<P>>,
    /// How large a message may be on this transport, once the broker has said so.
    largest_message: Option<usize>,
    next_lane: u32,
    /// The lanes by the channels that they have now.
    by_channel: OrderedMap<ChannelKey, LaneId>,
    news: VecDeque<News<P>>,
    /// Whether a deadline changed, or what the host has to do.
    attention: bool,
}

#[derive(Debug)]
enum Phase {
    Waiting(Instant),
    Dialling,
    LoggingIn,
    Open,
    Stopped(Arc<Closed>),
}

/// What the host of the connection has to do.
#[derive(Debug)]
pub(crate) enum Next {
    /// Open the next transport with [`Keeper::config`], then call [`Keeper::connected`] or
    /// [`Keeper::failed`].
    Dial,
    /// Ask again at this time.
    Wait(Instant),
    /// Drive the transport.
    Drive,
    /// The connection has ended for good.
    Stop,
}

/// What handles have to be notified of.
#[derive(Debug)]
pub(crate) enum News<P: Protocol> {
    /// Publishes of a publisher were resolved.
    Resolved {
        lane: LaneId,
        first: u64,
        last: u64,
        outcome: Outcome<P>,
    },
    /// Something about a lane changed: it opened, has room again, or ended.
    Changed(LaneId),
    /// The lane asks for a consumer, whose messages may come from now on.
    Consuming {
        lane: LaneId,
        channel: ChannelKey,
        consumer: ConsumerId,
    },
    /// The consumer that was asked for last is confirmed.
    Subscribed(LaneId),
    /// The consumer of a lane is lost.
    Gap { lane: LaneId, reason: Arc<Closed> },
    /// The status changed, or a topology is declared or refused.
    Status,
    /// The connection has ended for good.
    Stopped,
}

impl<P: Protocol> Keeper<P> {
    /// Begins a connection; [`next`](Self::next) asks for its first transport.
    pub(crate) fn new(config: Config, settings: Recovery, now: Instant) -> Self {
        Self {
            strategy: settings.to_strategy(),
            config,
            settings,
            phase: Phase::Waiting(now),
            is_ready: false,
            attempt: 0,
            since: now,
            reason: None,
            failed_hosts: Vec::new(),
            host: None,
            declared: Declared::new(),
            lanes: OrderedMap::default(),
            largest_message: None,
            next_lane: 0,
            by_channel: OrderedMap::default(),
            news: VecDeque::new(),
            attention: false,
        }
    }

    /// The secret was replaced while the connection was open: the next login uses the new one.
    pub(crate) fn set_secret(&mut self, secret: Secret) {
        self.config.credentials.password = secret;
    }

    /// Returns an error as the reason of a close.
    fn closed_over(&self, error: Error) -> Arc<Closed> {
        let cause = match error {
            Error::Closed(reason) | Error::Protocol(reason) => return reason,
            Error::Unreachable(unreachable) => Cause::Unreachable(unreachable),
            Error::TimedOut(timed_out) => Cause::TimedOut(timed_out),
            Error::Misuse(misuse) => Cause::Unsendable(Box::new(misuse)),
            Error::Io(error) => {
                let end = TransportEnd::Failed(error.kind());
                Cause::Transport { end, during: None }
            }
            Error::ContentForbidden(_) | Error::Unreadable(_) | Error::Uri(_) => {
                let end = TransportEnd::Failed(std::io::ErrorKind::Other);
                Cause::Transport { end, during: None }
            }
        };
        let mut closed = Closed::new(Scope::Connection, cause);
        closed.opening = Some(Box::new(Target::of(&self.config)));
        Arc::new(closed)
    }

    /// Handles an event of the core. Returns it, if it is not for the keeper alone.
    pub(crate) fn handle(
        &mut self,
        core: &mut Connection<P>,
        event: Event<P>,
        now: Instant,
    ) -> Option<Event<P>> {
        let is_ours = match &event {
            Event::Opened(_) => {
                self.opened(core, now);
                false
            }
            Event::Closed(reason) => !self.closed(reason, now),
            Event::Reply { call } => self.replied(core, *call, now),
            Event::Confirmed {
                channel,
                first,
                last,
                outcome,
            } => match self.by_channel.get(channel) {
                Some(lane) => {
                    self.confirmed((*lane, core), (first.0, last.0), outcome, now);
                    true
                }
                None => false,
            },
            Event::TicketReady { ticket } => self.ticket_ready(core, *ticket, now),
            Event::ConsumerCancelled {
                channel,
                by: CancelledBy::Server,
                ..
            } => {
                self.cancelled(*channel, now);
                false
            }
            Event::ChannelClosed { channel, reason } => {
                self.channel_closed(core, *channel, reason, now);
                false
            }
            Event::Blocked { .. } | Event::Unblocked => {
                self.news.push_back(News::Status);
                false
            }
            _ => false,
        };
        (!is_ours).then_some(event)
    }

    fn opened(&mut self, core: &mut Connection<P>, now: Instant) {
        self.phase = Phase::Open;
        self.largest_message = None;
        self.strategy.on_connection_open(now);
        self.declare_all(core, now);
    }

    /// The topology is declared.
    fn ready(&mut self, core: &mut Connection<P>, now: Instant) {
        self.is_ready = true;
        (self.attempt, self.reason) = (0, None);
        let away = now.saturating_duration_since(self.since);
        self.since = now;
        self.observe(&Observed::Ready { away });
        self.news.push_back(News::Status);
        self.open_lanes(core, now);
    }

    /// Ends the connection for good.
    fn stop(&mut self, reason: &Arc<Closed>) {
        if self.is_stopped() {
            return;
        }
        self.phase = Phase::Stopped(reason.clone());
        self.observe(&Observed::Stopped { reason: &**reason });
        self.attention = true;
        self.is_ready = false;
        self.stop_declaring(reason);
        self.end_lanes(reason);
        self.news.push_back(News::Stopped);
    }

    /// The program closes the connection. The core closes itself, where it has a transport.
    pub(crate) fn close(&mut self, code: ReplyCode, text: ShortStr) {
        if matches!(self.phase, Phase::Waiting(_) | Phase::Dialling) {
            let cause = Cause::Local { code, text };
            self.stop(&Arc::new(Closed::new(Scope::Connection, cause)));
        }
    }

    /// Reports a decision to the program.
    fn observe(&self, event: &Observed<'_>) {
        mutant!(
            "decisions are not reported",
            self.settings.observe(event),
            ()
        );
    }

    fn is_stopped(&self) -> bool {
        matches!(self.phase, Phase::Stopped(_))
    }

    /// Why the connection has ended for good, if it has.
    pub(crate) const fn stopped(&self) -> Option<&Arc<Closed>> {
        match &self.phase {
            Phase::Stopped(reason) => Some(reason),
            _ => None,
        }
    }

    /// The driver was dropped, so there will be no other transport.
    pub(crate) fn undriven(&mut self) {
        let end = TransportEnd::Undriven;
        let cause = Cause::Transport { end, during: None };
        self.stop(&Arc::new(Closed::new(Scope::Connection, cause)));
    }

    /// Returns whether the host has to ask again what to do, and when.
    pub(crate) const fn take_attention(&mut self) -> bool {
        std::mem::replace(&mut self.attention, false)
    }

    /// Returns whether there is something that handles have to be notified of.
    pub(crate) fn has_news(&self) -> bool {
        !self.news.is_empty()
    }

    /// Returns the next thing that handles have to be notified of.
    pub(crate) fn poll_news(&mut self) -> Option<News<P>> {
        self.news.pop_front()
    }

    /// Returns how the connection stands.
    pub(crate) fn status(&self, core: &Connection<P>) -> Status {
        match &self.phase {
            Phase::Stopped(reason) => Status::Stopped(reason.clone()),
            Phase::Open if self.is_ready => match core.blocked() {
                Some(reason) => Status::Blocked(reason.clone()),
                None => Status::Open,
            },
            phase => Status::Away {
                since: self.since,
                attempt: self.attempt,
                next_attempt: match phase {
                    Phase::Waiting(at) => Some(*at),
                    _ => None,
                },
                reason: self.reason.clone(),
            },
        }
    }

    /// Returns when [`handle_timeout`](Self::handle_timeout) has to be called at the latest.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let declaring = self.declared.deadline();
        declaring.into_iter().chain(self.lanes_deadline()).min()
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, core: &mut Connection<P>, now: Instant) {
        self.retry_declaring(core, now);
        self.lanes_due(core, now);
    }
}
