use std::time::Instant;

use super::consumers::ConsumerState;
use super::{Channel, Fate, State};
use crate::connection::calls::{Effect, Pending};
use crate::connection::event::{Answer, CancelledBy, Event};
use crate::connection::ids::ConsumerId;
use crate::connection::shared::Shared;
use crate::error::{Cause, Expected, ProtocolError};
use crate::method::{MethodSet, NoWait as _};
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
            if shared.calls.close_is_answered_by(self.key, method.id()) {
                shared.fail_calls(self.key, 1, &reason);
            }
        }
        let consumer = P::answered_consumer(&method);
        let consumer = consumer.and_then(|tag| Some(self.consumers.find(tag)?.id));
        let Some(call) = shared.calls.replied(self.key, method.id(), consumer) else {
            return Err(self.unexpected(method.name(), self.expected_reply(shared)));
        };
        match call.effect {
            Effect::ChannelClose => return Ok(self.close_confirmed(&call, method, shared)),
            Effect::Consume(id) if call.abandoned => self.leave(id, shared, now),
            Effect::Cancel(id) => self.left(id, &call, shared),
            Effect::Recover => self.unsettled.recovered(),
            _ => {}
        }
        shared.answer(call.id, Ok(Answer::Method(method)));
        if call.effect == Effect::ChannelOpen && call.abandoned {
            self.close_unwanted(shared, now);
        }
        Ok(Fate::Lives)
    }

    /// What a reply could have been to.
    pub(super) fn expected_reply(&self, shared: &Shared<P>) -> Expected {
        match shared.calls.oldest(self.key) {
            Some(call) => Expected::Reply(call.name),
            None => Expected::NoReply,
        }
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
        let answer = match reason.cause {
            Cause::Server { .. } => Err(reason.clone().into()),
            _ => Ok(Answer::Method(method)),
        };
        shared.answer(call.id, answer);
        Fate::Ends(reason)
    }

    /// The server confirms that a consumer ended. One that was cancelled more often keeps its tag for
    /// the other confirmations: they name no consumer but by it.
    fn left(&mut self, consumer: ConsumerId, cancel: &Pending, shared: &mut Shared<P>) {
        let state = self.consumers.state(consumer);
        if shared.calls.has_other(cancel) {
            self.consumers.set_state(consumer, ConsumerState::Unwanted);
        } else {
            self.consumers.remove(consumer);
        }
        let is_news = match state {
            Some(ConsumerState::Leaving) => true,
            Some(ConsumerState::Returning) => !cancel.abandoned,
            _ => false,
        };
        if is_news {
            self.emit_cancelled(consumer, CancelledBy::Us, shared);
        }
    }

    /// A cancel was sent that the server will not confirm. It may still have an earlier one to
    /// confirm.
    pub(super) fn gone(&mut self, consumer: ConsumerId, shared: &mut Shared<P>) {
        let state = match shared.calls.has(self.key, Effect::Cancel(consumer)) {
            true => ConsumerState::Unwanted,
            false => ConsumerState::Gone,
        };
        self.consumers.set_state(consumer, state);
        self.emit_cancelled(consumer, CancelledBy::Us, shared);
    }

    pub(super) fn emit_cancelled(
        &self,
        consumer: ConsumerId,
        by: CancelledBy,
        shared: &mut Shared<P>,
    ) {
        let channel = self.key;
        shared.emit(Event::ConsumerCancelled {
            channel,
            consumer,
            by,
        });
    }

    /// Ends a consumer that has ended as far as the program knows. What still comes goes back to the
    /// queue until the server confirms the end.
    pub(super) fn leave(&mut self, id: ConsumerId, shared: &mut Shared<P>, now: Instant) {
        let Some(tag) = self.consumers.tag(id).cloned() else {
            return;
        };
        self.consumers.set_state(id, ConsumerState::Unwanted);
        if self.closed().is_none() && !shared.calls.has(self.key, Effect::Cancel(id)) {
            let call = self.call(&P::cancel(tag), Effect::Cancel(id), shared, now);
            shared.calls.abandon(call);
        }
    }

    /// Cancels the consumers of a channel that is about to be closed. Returns how many answers come.
    ///
    /// RabbitMQ (3.10 to 4.3) loses acknowledgements for quorum queues that a close follows at once:
    /// of 1,500 messages up to 1,467 came back. None did behind a cancel in the same write where the
    /// channel was closed. Where the connection is, the answers have to be waited for.
    pub(in crate::connection) fn cancel_all(&self, no_wait: bool, shared: &mut Shared<P>) -> usize {
        let mut answers = 0;
        if !matches!(self.state, State::Open) {
            return answers;
        }
        for tag in self.consumers.acknowledging() {
            let mut cancel = P::cancel(tag.clone());
            cancel.set_no_wait(no_wait);
            shared.output.method(self.key.id, &cancel);
            answers += usize::from(!no_wait);
        }
        answers
    }

    /// Closes a channel that is not wanted, without waiting for the answer.
    pub(in crate::connection) fn close_unwanted(&mut self, shared: &mut Shared<P>, now: Instant) {
        if matches!(self.state, State::Open) {
            let text = ShortStr::from_static("channel dropped");
            let code = ReplyCode::REPLY_SUCCESS;
            let call = self.close(Cause::Local { code, text }, shared, now);
            shared.calls.abandon(call);
        }
    }
}
