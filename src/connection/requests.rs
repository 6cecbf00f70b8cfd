//! Calls from the side of those who make them: sent, answered, abandoned, overdue.

use std::time::Instant;

use super::calls::{Abandoned, Effect, Pending};
use super::event::Answer;
use super::ids::{CallId, ChannelKey};
use super::{Connection, later};
use crate::error::{Cause, Error, TimedOut, Waiting};
use crate::method::{ConnectionCall, Reply};
use crate::protocol::Protocol;

#[cfg(doc)]
use super::Event;

impl<P: Protocol> Connection<P> {
    /// Makes a call on the connection itself, such as `connection.update-secret`.
    ///
    /// # Errors
    /// When the connection is not open, or the method does not fit in a frame.
    pub fn call<M: ConnectionCall<Spec = P>>(
        &mut self,
        method: M,
        now: Instant,
    ) -> Result<CallId, Error> {
        self.check_open()?;
        self.shared.check_size(&method)?;
        let channel = ChannelKey::CONNECTION;
        self.shared.output.method(channel.id, &method);
        let deadline = self.shared.call_deadline(now);
        let call = (M::NAME, M::Reply::IDS);
        let id = self.shared.calls.push(channel, call, Effect::None);
        self.shared.deadlines.add(deadline, id);
        Ok(id)
    }

    /// The answer to a call that [`Event::Reply`] has announced, once. Until it is taken, or the call is
    /// [abandoned](Self::abandon), it is kept.
    pub fn take_reply(&mut self, call: CallId) -> Option<Result<Answer<P>, Error>> {
        self.shared.calls.take(call)
    }

    /// Whether a reply is still to come to a call that was not abandoned.
    #[must_use]
    pub fn awaits_reply(&self) -> bool {
        self.shared.calls.is_any_awaited()
    }

    /// Nothing waits for this call any more, whether its answer has come or not. Returns why the call
    /// had failed, if it had.
    ///
    /// What it brings is undone, now or when it comes: a consumer is cancelled, a message goes back to
    /// its queue, a channel is closed.
    pub fn abandon(&mut self, call: CallId, now: Instant) -> Option<Error> {
        let shared = &mut self.shared;
        let channel = self.channels.find(call.channel);
        match (shared.calls.abandon(call)?, channel) {
            (Abandoned::Pending(call, error), Some(channel)) => {
                channel.abandoned(call, shared, now);
                return error;
            }
            (Abandoned::Answered(call, Ok(answer)), Some(channel)) => {
                channel.undo(call, answer, shared, now);
            }
            (Abandoned::Answered(_, Err(error)), _) => return Some(error),
            (_, None) => {}
        }
        None
    }

    pub(super) fn give_up_overdue(&mut self, now: Instant) {
        self.drop_answered_deadlines();
        while let Some(deadline) = self.shared.deadlines.pop_passed(now) {
            let call = deadline.call;
            let Some(pending) = self.shared.calls.find(call) else {
                continue;
            };
            if let Some(at) = self.overdue_later(pending, deadline.first, now) {
                self.shared.deadlines.put_off(deadline, at);
                continue;
            }
            let timed_out = self.timed_out(pending, now);
            match self.channels.find(call.channel) {
                Some(channel) => channel.overdue(pending, timed_out, &mut self.shared, now),
                None => return self.fail(Cause::TimedOut(timed_out), now),
            }
            self.drop_answered_deadlines();
        }
    }

    /// When to look again at a call whose time is over: where its answer was not looked for, or where the
    /// server blocked the connection, and reads nothing until it has memory again.
    fn overdue_later(&self, call: Pending, first: Instant, now: Instant) -> Option<Instant> {
        let config = &self.shared.config;
        let timeout = match call.effect {
            Effect::ChannelClose => config.close_timeout,
            _ => config.rpc_timeout?,
        };
        let unread = self.paused.filter(|_| call.abandoned);
        let unread = unread.max(self.unread_answers);
        let unread = unread.map(|at| later(at, timeout));
        let blocked = self.shared.block_changed.map(|changed| {
            let limit = config.blocked_timeout;
            let end = match (&self.shared.blocked, limit) {
                (Some(_), limit) => limit.map(|limit| later(changed, limit)),
                (None, _) => Some(later(changed, timeout)),
            };
            // A server that blocks and unblocks in turn does not put it off for ever. How it stands is
            // looked at again after each timeout, since the block may end meanwhile.
            let last = limit.map(|limit| later(first, limit));
            let at = later(now, timeout);
            end.into_iter().chain(last).fold(at, Instant::min)
        });
        unread.max(blocked).filter(|at| *at > now)
    }

    /// Why a call is given up at `now`.
    fn timed_out(&self, call: Pending, now: Instant) -> TimedOut {
        let config = &self.shared.config;
        let (waiting_for, after) = match call.effect {
            _ if self.shared.blocked.is_some() => {
                (Waiting::Unblocked(call.name), config.blocked_timeout)
            }
            Effect::ChannelClose => (Waiting::CloseOk, Some(config.close_timeout)),
            _ if self.paused == Some(now) => (Waiting::Inbox, config.rpc_timeout),
            _ => (Waiting::Reply(call.name), config.rpc_timeout),
        };
        let after = after.unwrap_or_default();
        TimedOut { waiting_for, after }
    }

    /// Drops the deadlines at the front whose calls were answered.
    pub(super) fn drop_answered_deadlines(&mut self) {
        while let Some(next) = self.shared.deadlines.next() {
            if self.shared.calls.find(next.call).is_some() {
                return;
            }
            self.shared.deadlines.drop_next();
        }
    }
}
