use std::time::Instant;

use super::consumers::ConsumerState;
use super::{Channel, Effect, Fate, Pending, State};
use crate::connection::event::{Answer, CancelledBy, Event};
use crate::connection::ids::{CallId, ConsumerId};
use crate::connection::shared::Shared;
use crate::error::{Cause, Expected, ProtocolError};
use crate::method::MethodSet;
use crate::protocol::Protocol;
use crate::wire::{ReplyCode, ShortStr};

impl<P: Protocol> Channel<P> {
    /// Takes what answers a call.
    pub(super) fn reply(
        &mut self,
        method: P::Method,
        shared: &mut Shared<P>,
        now: Instant,
    ) -> Result<Fate, ProtocolError> {
        if let Some(reason) = self.closed().cloned() {
            // A server that closes or skips a message does not answer the calls before.
            if self.calls.close_is_answered_by(method.id()) {
                self.fail_calls(1, &reason, shared);
            }
        }
        let consumer = P::answered_consumer(&method);
        let consumer = consumer.and_then(|tag| Some(self.consumers.find(tag)?.id));
        let Some(call) = self.calls.answer(method.id(), consumer) else {
            let expected = match self.calls.front() {
                Some(call) => Expected::Reply(call.name),
                None => Expected::NoReply,
            };
            return Err(self.unexpected(method.name(), expected));
        };
        match call.effect {
            Effect::ChannelClose => return Ok(self.close_confirmed(&call, method, shared)),
            Effect::ChannelOpen if call.abandoned && matches!(self.state, State::Open) => {
                let text = ShortStr::from_static("not wanted any more");
                let code = ReplyCode::REPLY_SUCCESS;
                let id = self.close(Cause::Local { code, text }, shared, now);
                self.abandon(id.number);
            }
            Effect::Consume(id) if call.abandoned => self.leave(id, shared, now),
            Effect::Cancel(id) => self.left(id, call.abandoned, shared),
            Effect::Recover => self.unsettled.recovered(),
            _ => {}
        }
        if !call.abandoned {
            self.answer(&call, Answer::Method(method), shared);
        }
        Ok(Fate::Lives)
    }

    fn close_confirmed(
        &mut self,
        call: &Pending,
        method: P::Method,
        shared: &mut Shared<P>,
    ) -> Fate {
        let Some(reason) = self.closed().cloned() else {
            return Fate::Lives;
        };
        if call.abandoned {
            return Fate::Ends(reason);
        }
        match reason.cause {
            Cause::Server { .. } => {
                let call = CallId {
                    channel: self.key,
                    number: call.number,
                };
                let result = Err(reason.clone().into());
                shared.emit(Event::Reply { call, result });
            }
            _ => self.answer(call, Answer::Method(method), shared),
        }
        Fate::Ends(reason)
    }

    /// The server confirms that a consumer ended.
    fn left(&mut self, consumer: ConsumerId, abandoned: bool, shared: &mut Shared<P>) {
        let Some(ended) = self.consumers.remove_id(consumer) else {
            return;
        };
        // Of a consumer that nobody wants nobody wants to hear.
        if !abandoned || ended.state == ConsumerState::Leaving {
            let (channel, by) = (self.key, CancelledBy::Us);
            shared.emit(Event::ConsumerCancelled {
                channel,
                consumer,
                by,
            });
        }
    }

    /// The server was told that a consumer ended, and will not confirm it.
    pub(super) fn gone(&mut self, consumer: ConsumerId, shared: &mut Shared<P>) {
        let Some(tag) = self.consumers.tag(consumer).cloned() else {
            return;
        };
        self.consumers.set_state(&tag, ConsumerState::Gone);
        let (channel, by) = (self.key, CancelledBy::Us);
        shared.emit(Event::ConsumerCancelled {
            channel,
            consumer,
            by,
        });
    }

    /// Ends a consumer that nobody wants, in a call that nobody waits for.
    pub(super) fn leave(&mut self, id: ConsumerId, shared: &mut Shared<P>, now: Instant) {
        let Some(tag) = self.consumers.tag(id).cloned() else {
            return;
        };
        self.consumers.set_state(&tag, ConsumerState::Unwanted);
        if self.closed().is_none() && !self.calls.has(Effect::Cancel(id)) {
            let call = self.call(&P::cancel(tag), Effect::Cancel(id), shared, now);
            self.abandon(call.number);
        }
    }

    pub(super) fn answer(&self, call: &Pending, answer: Answer<P>, shared: &mut Shared<P>) {
        let id = CallId {
            channel: self.key,
            number: call.number,
        };
        shared.emit(Event::Reply {
            call: id,
            result: Ok(answer),
        });
    }
}
