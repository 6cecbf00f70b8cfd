//! One channel: its calls, consumers, contents, confirms and flow.

mod confirms;
mod consumers;
mod content;
mod fingerprint;
mod handle;
mod inbound;
mod publish;
mod replies;
mod settle;

use std::sync::Arc;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use confirms::Ledger;
use consumers::{ConsumerState, Consumers};
use content::Assembly;
pub use handle::{ChannelMut, Leave};
use settle::Unsettled;

use super::calls::{Effect, Pending};
use super::event::{Answer, Event, Outcome};
use super::ids::{CallId, ChannelKey};
use super::later;
use super::shared::Shared;
use crate::error::{Cause, Closed, ProtocolError, TimedOut};
use crate::method::{Args, Call, Reply};
use crate::protocol::{Close, Protocol};
use crate::wire::{MethodId, ReplyCode, Scope, ShortStr};

/// A channel from the moment it is asked for until its number is free again.
///
/// ```text
/// Open ── we close ──▶ Closing ── close-ok ──▶ (number free)
///   │                     └────── deadline ──▶ Stuck ── late close-ok ──▶ (number free)
///   └── server closes, close-ok sent ──▶ (number free)
/// ```
///
/// A channel counts as open while `channel.open` is still on its way: what is sent after it is
/// handled after it.
#[derive(Debug)]
pub(super) struct Channel<P: Protocol> {
    pub(super) key: ChannelKey,
    state: State,
    assembly: Assembly,
    consumers: Consumers,
    confirms: Option<Ledger<P>>,
    /// Whether the server allows content.
    flow: bool,
    unsettled: Unsettled,
    /// Whether everybody was told that it is closed.
    ended: bool,
}

#[derive(Clone, Debug)]
enum State {
    Open,
    /// We sent `channel.close`.
    Closing(Arc<Closed>),
    /// The server never confirmed the close.
    Stuck(Arc<Closed>),
}

/// Whether a channel goes on after something happened.
#[derive(Debug)]
pub(super) enum Fate {
    Lives,
    /// Its number is free.
    Ends(Arc<Closed>),
}

impl<P: Protocol> Channel<P> {
    /// The highest tag up to which all deliveries are settled, to be read at any time.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(super) const fn settled(&self) -> &Arc<AtomicU64> {
        self.unsettled.settled()
    }

    pub(super) fn new(key: ChannelKey) -> Self {
        Self {
            key,
            state: State::Open,
            assembly: Assembly::Idle,
            consumers: Consumers::default(),
            confirms: None,
            flow: true,
            unsettled: Unsettled::default(),
            ended: false,
        }
    }

    /// Whether it was reported as closed for good.
    pub(super) const fn is_ended(&self) -> bool {
        self.ended
    }

    /// Why nothing can be sent here any more, if that is so.
    pub(super) const fn closed(&self) -> Option<&Arc<Closed>> {
        match &self.state {
            State::Open => None,
            State::Closing(reason) | State::Stuck(reason) => Some(reason),
        }
    }

    /// Sends a call and arranges for its reply.
    pub(super) fn call<M: Call<Spec = P>>(
        &mut self,
        method: &M,
        effect: Effect,
        shared: &mut Shared<P>,
        now: Instant,
    ) -> CallId {
        shared.output.method(self.key.id, method);
        let deadline = shared.call_deadline(now);
        self.expect((M::NAME, M::Reply::IDS), effect, shared, deadline)
    }

    /// Arranges for the reply to a call that was sent.
    fn expect(
        &mut self,
        call: (&'static str, &'static [MethodId]),
        effect: Effect,
        shared: &mut Shared<P>,
        deadline: Option<Instant>,
    ) -> CallId {
        let id = shared.calls.push(self.key, call, effect);
        shared.deadlines.add(deadline, id);
        id
    }

    /// Sends `channel.close`.
    pub(super) fn close(&mut self, cause: Cause, shared: &mut Shared<P>, now: Instant) -> CallId {
        let (code, text) = match &cause {
            Cause::Local { code, text } => (*code, text.clone().into_sendable()),
            other => (ReplyCode::REPLY_SUCCESS, ShortStr::cut(&other.to_string())),
        };
        let is_failure = !matches!(cause, Cause::Local { .. });
        if !is_failure {
            self.cancel_all(true, shared);
        }
        let reason = Arc::new(Closed::new(Scope::Channel, cause));
        self.state = State::Closing(reason.clone());
        if is_failure {
            // Nothing that still comes could be believed.
            self.lose_confirms(&reason, shared);
        }
        shared.tickets.closed(Some(self.key), &mut shared.events);
        self.send_close(code, text, shared);
        let deadline = Some(later(now, shared.config.close_timeout));
        let call = (P::ChannelClose::NAME, <P::ChannelClose as Call>::Reply::IDS);
        self.expect(call, Effect::ChannelClose, shared, deadline)
    }

    fn send_close(&self, code: ReplyCode, text: ShortStr, shared: &mut Shared<P>) {
        let method = MethodId::default();
        let close = P::channel_close(Close { code, text, method });
        shared.output.method(self.key.id, &close);
    }

    /// Gives up waiting for a call whose deadline has passed, and the channel with it.
    pub(super) fn overdue(
        &mut self,
        call: Pending,
        timed_out: TimedOut,
        shared: &mut Shared<P>,
        now: Instant,
    ) {
        let effect = call.effect;
        if let Effect::Consume(id) = effect {
            self.consumers.set_state(id, ConsumerState::Unwanted);
        }
        shared.overdue(call.id, timed_out.into());
        match &self.state {
            State::Open => {
                let close = self.close(Cause::TimedOut(timed_out), shared, now);
                shared.calls.abandon(close);
            }
            State::Closing(reason) if effect == Effect::ChannelClose => {
                // A close that was not confirmed is none in good order.
                let reason = match reason.is_normal() {
                    true => {
                        let (scope, cause) = (Scope::Channel, Cause::TimedOut(timed_out));
                        Arc::new(Closed::new(scope, cause))
                    }
                    false => reason.clone(),
                };
                self.end(&reason, shared);
                self.state = State::Stuck(reason);
            }
            State::Closing(_) | State::Stuck(_) => {}
        }
    }

    /// Ends the channel over what the server sent on it: at once, since nothing that still comes could be
    /// believed. Its number is free when the server has confirmed the close.
    pub(super) fn refuse(&mut self, error: ProtocolError, shared: &mut Shared<P>) {
        if self.closed().is_none() {
            let text = ShortStr::cut(&error.to_string());
            self.send_close(error.reply_code(), text, shared);
            let reason = Arc::new(Closed::new(Scope::Channel, Cause::Protocol(error)));
            self.end(&reason, shared);
            self.state = State::Stuck(reason);
        }
    }

    /// Undoes what an abandoned call has begun, as far as that can be done before its reply.
    pub(super) fn abandoned(&mut self, call: Pending, shared: &mut Shared<P>, now: Instant) {
        if let Effect::Consume(id) = call.effect {
            // At once: a server that answers late would send what goes back again and again.
            self.leave(id, shared, now);
        }
    }

    /// Undoes what the answer to an abandoned call has brought.
    pub(super) fn undo(
        &mut self,
        call: Pending,
        answer: Answer<P>,
        shared: &mut Shared<P>,
        now: Instant,
    ) {
        match (call.effect, answer) {
            (Effect::Consume(id), _) => self.leave(id, shared, now),
            (Effect::ChannelOpen, _) => self.close_unwanted(shared, now),
            (_, Answer::Message(message)) => {
                // One that needs no acknowledgement cannot go back.
                let _gone = self.reject(message.into_token(), true, shared);
            }
            _ => {}
        }
    }

    /// Tells everything that waits here that the channel is closed.
    pub(super) fn end(&mut self, reason: &Arc<Closed>, shared: &mut Shared<P>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        shared.fail_calls(self.key, 0, reason);
        mutant!(
            "open publishes are forgotten at the close",
            self.lose_confirms(reason, shared),
            self.confirms = None
        );
        shared.tickets.closed(Some(self.key), &mut shared.events);
        self.consumers = Consumers::default();
        self.assembly = Assembly::Idle;
        shared.emit(Event::ChannelClosed {
            channel: self.key,
            reason: reason.clone(),
        });
    }

    /// Resolves all publishes that are open as lost. The ledger stays, so that later calls find the
    /// channel in confirm mode.
    fn lose_confirms(&mut self, reason: &Arc<Closed>, shared: &mut Shared<P>) {
        let Some(ledger) = &mut self.confirms else {
            return;
        };
        let channel = self.key;
        ledger.lose_all(|range| {
            let outcome = match range.returned {
                Some(message) => Outcome::Returned(message),
                None => Outcome::Lost(reason.clone()),
            };
            shared.emit(Event::Confirmed {
                channel,
                first: range.first,
                last: range.last,
                outcome,
            });
        });
    }
}
