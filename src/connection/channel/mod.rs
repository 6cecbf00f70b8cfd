//! One channel: its calls, consumers, contents, confirms and flow.

mod calls;
mod confirms;
mod consumers;
mod content;
mod handle;
mod inbound;
mod publish;
mod replies;
mod settle;

use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) use calls::{Calls, Effect, Pending};
use confirms::Ledger;
use consumers::{ConsumerState, Consumers};
use content::Assembly;
pub use handle::{ChannelMut, Leave};
use settle::Unsettled;

use super::event::{Event, Outcome};
use super::ids::{CallId, ChannelKey};
use super::later;
use super::shared::Shared;
use crate::error::{Cause, Closed, Error, ProtocolError, TimedOut, Waiting};
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
    pub(super) calls: Calls,
    assembly: Assembly,
    consumers: Consumers,
    confirms: Option<Ledger>,
    /// Whether the server allows content.
    flow: bool,
    unsettled: Unsettled,
    /// Whether everybody was told that it is closed.
    ended: bool,
    version: std::marker::PhantomData<P>,
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
    pub(super) fn new(key: ChannelKey) -> Self {
        Self {
            key,
            state: State::Open,
            calls: Calls::default(),
            assembly: Assembly::Idle,
            consumers: Consumers::default(),
            confirms: None,
            flow: true,
            unsettled: Unsettled::default(),
            ended: false,
            version: std::marker::PhantomData,
        }
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
        let number = self.calls.push(call, effect);
        shared.deadlines.add(deadline, self.key, number);
        CallId {
            channel: self.key,
            number,
        }
    }

    /// Sends `channel.close`.
    pub(super) fn close(&mut self, cause: Cause, shared: &mut Shared<P>, now: Instant) -> CallId {
        let (code, text) = match &cause {
            Cause::Local { code, text } => (*code, text.clone()),
            Cause::Protocol(error) => (error.reply_code(), short(&error.to_string())),
            other => (ReplyCode::REPLY_SUCCESS, short(&other.to_string())),
        };
        self.state = State::Closing(Arc::new(Closed {
            scope: Scope::Channel,
            cause,
        }));
        let close = P::channel_close(Close {
            code,
            text,
            method: MethodId::default(),
        });
        shared.output.method(self.key.id, &close);
        let deadline = Some(later(now, shared.config.close_timeout));
        let call = (P::ChannelClose::NAME, <P::ChannelClose as Call>::Reply::IDS);
        self.expect(call, Effect::ChannelClose, shared, deadline)
    }

    /// How long a call may take that nobody waits for and that has not been answered.
    pub(super) fn unwatched(&mut self, number: u64, shared: &Shared<P>) -> Option<Duration> {
        let call = self.calls.find(number).filter(|call| call.abandoned)?;
        match call.effect {
            Effect::ChannelClose => Some(shared.config.close_timeout),
            _ => shared.config.rpc_timeout,
        }
    }

    /// Gives up waiting for a call whose deadline has passed, and the channel with it.
    pub(super) fn overdue(&mut self, number: u64, shared: &mut Shared<P>, now: Instant) {
        let Some(call) = self.calls.find(number) else {
            return;
        };
        let (name, effect) = (call.name, call.effect);
        let waiting_for = match effect {
            Effect::ChannelClose => Waiting::CloseOk,
            _ => Waiting::Reply(name),
        };
        let after = match effect {
            Effect::ChannelClose => shared.config.close_timeout,
            _ => shared.config.rpc_timeout.unwrap_or_default(),
        };
        let timed_out = TimedOut { waiting_for, after };
        if !call.abandoned {
            let call = CallId {
                channel: self.key,
                number,
            };
            shared.emit(Event::Reply {
                call,
                result: Err(timed_out.into()),
            });
            self.abandon(number);
        }
        match &self.state {
            State::Open => {
                let close = self.close(Cause::TimedOut(timed_out), shared, now);
                self.abandon(close.number);
            }
            State::Closing(reason) if effect == Effect::ChannelClose => {
                // A close that was not confirmed is none in good order.
                let reason = match reason.is_normal() {
                    true => {
                        let (scope, cause) = (Scope::Channel, Cause::TimedOut(timed_out));
                        Arc::new(Closed { scope, cause })
                    }
                    false => reason.clone(),
                };
                self.end(&reason, shared);
                self.state = State::Stuck(reason);
            }
            State::Closing(_) | State::Stuck(_) => {}
        }
    }

    /// Closes the channel over what the server sent on it.
    pub(super) fn refuse(&mut self, error: ProtocolError, shared: &mut Shared<P>, now: Instant) {
        if self.closed().is_none() {
            let call = self.close(Cause::Protocol(error), shared, now);
            self.abandon(call.number);
        }
    }

    /// Nobody waits for this call any more; what its reply brings is undone.
    pub(super) fn abandon(&mut self, number: u64) {
        let Some(call) = self.calls.find(number) else {
            return;
        };
        call.abandoned = true;
        if let Effect::Consume(id) = call.effect {
            if let Some(tag) = self.consumers.tag(id).cloned() {
                self.consumers.set_state(&tag, ConsumerState::Unwanted);
            }
        }
    }

    /// Tells everybody that waits here that the channel is closed.
    pub(super) fn end(&mut self, reason: &Arc<Closed>, shared: &mut Shared<P>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.fail_calls(0, reason, shared);
        self.lose_confirms(reason, shared);
        self.consumers = Consumers::default();
        self.assembly = Assembly::Idle;
        shared.emit(Event::ChannelClosed {
            channel: self.key,
            reason: reason.clone(),
        });
    }

    /// Fails all calls but the newest `kept` ones.
    fn fail_calls(&mut self, kept: usize, reason: &Arc<Closed>, shared: &mut Shared<P>) {
        while self.calls.len() > kept {
            let Some(call) = self.calls.pop() else { return };
            if !call.abandoned {
                let id = CallId {
                    channel: self.key,
                    number: call.number,
                };
                let result = Err(Error::from(reason.clone()));
                shared.emit(Event::Reply { call: id, result });
            }
        }
    }

    fn lose_confirms(&mut self, reason: &Arc<Closed>, shared: &mut Shared<P>) {
        let Some(mut ledger) = self.confirms.take() else {
            return;
        };
        let channel = self.key;
        ledger.lose_all(|range| {
            let outcome = match range.returned {
                true => Outcome::Returned,
                false => Outcome::Lost(reason.clone()),
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

/// The first 255 bytes of `text`, cut at a character.
pub(super) fn short(text: &str) -> ShortStr {
    let mut end = text.len().min(ShortStr::MAX_LEN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    ShortStr::new(text.get(..end).unwrap_or_default()).unwrap_or_default()
}
