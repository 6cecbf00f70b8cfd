use std::time::Instant;

use bytes::Bytes;

use super::ConnectionId;
use super::dialect::{Close, Reply};
use super::machine::Broker;
use super::plan::{Ending, Plan};
use super::refusal::reply_text;
use super::session::Session;
use crate::frame;
use crate::method::Args;
use crate::wire::{ChannelId, MethodId, ReplyCode, ShortStr};

/// Everything that a broker can be made to do wrong, or do unasked.
///
/// What is said here is ready to be written after the next call of
/// [`Broker::handle_timeout`], which [`Broker::poll_timeout`] then asks for.
#[derive(Debug)]
pub struct Faults<'a> {
    broker: &'a mut Broker,
}

impl Broker {
    /// Ways to make the broker misbehave.
    pub fn faults(&mut self) -> Faults<'_> {
        Faults { broker: self }
    }
}

impl Faults<'_> {
    /// What goes wrong on the next connection; called again, on the one after it.
    pub fn on_next(&mut self, plan: Plan) -> &mut Self {
        self.broker.plans.push_back(plan);
        self
    }

    /// What goes wrong from now on on a connection; [`Plan::new`] ends it. Bytes are counted from
    /// the start of the connection all the same.
    pub fn on(&mut self, id: ConnectionId, plan: Plan) -> &mut Self {
        self.with(id, |session, _| {
            session.output.faults = plan.output.clone();
            session.plan = plan;
        })
    }

    /// Sends `channel.flow`.
    pub fn flow(&mut self, id: ConnectionId, channel: ChannelId, active: bool) -> &mut Self {
        self.say(id, channel, Reply::Flow { active })
    }

    /// Sends `connection.blocked`, where the version has it.
    pub fn blocked(&mut self, id: ConnectionId, reason: impl Into<ShortStr>) -> &mut Self {
        let reason = reason.into();
        self.say(id, ChannelId::CONNECTION, Reply::Blocked { reason })
    }

    /// Sends `connection.unblocked`, where the version has it.
    pub fn unblocked(&mut self, id: ConnectionId) -> &mut Self {
        self.say(id, ChannelId::CONNECTION, Reply::Unblocked)
    }

    /// Cancels a consumer and tells its client so, whatever capabilities it has.
    pub fn cancel(
        &mut self,
        id: ConnectionId,
        channel: ChannelId,
        tag: impl Into<ShortStr>,
    ) -> &mut Self {
        let tag = tag.into();
        self.broker.drop_consumer(id.at(channel.0), &tag);
        self.say(id, channel, Reply::Cancel { tag })
    }

    /// Closes a channel.
    pub fn close_channel(
        &mut self,
        id: ConnectionId,
        channel: ChannelId,
        code: ReplyCode,
        text: &str,
    ) -> &mut Self {
        self.broker
            .close_channel(id.at(channel.0), code, text, MethodId::default());
        self
    }

    /// Closes a connection.
    pub fn close(&mut self, id: ConnectionId, code: ReplyCode, text: &str) -> &mut Self {
        self.broker
            .close_connection(id, (code, text), MethodId::default());
        self
    }

    /// Ends the transport of a connection.
    pub fn end(&mut self, id: ConnectionId, ending: Ending) -> &mut Self {
        self.with(id, |session, _| session.end(ending))
    }

    /// Sends any method of any version.
    pub fn method<M: Args>(
        &mut self,
        id: ConnectionId,
        channel: ChannelId,
        method: &M,
    ) -> &mut Self {
        self.with(id, |session, _| {
            frame::put_method(session.output.tail(), channel, method);
        })
    }

    /// Sends any bytes.
    pub fn bytes(&mut self, id: ConnectionId, bytes: impl Into<Bytes>) -> &mut Self {
        let bytes = bytes.into();
        self.with(id, |session, _| session.output.push(&bytes))
    }

    /// Sends `channel.close` without closing the channel, as a broker gone mad does.
    pub fn say_channel_close(
        &mut self,
        id: ConnectionId,
        channel: ChannelId,
        code: ReplyCode,
        text: &str,
    ) -> &mut Self {
        let close = Close {
            code,
            text: reply_text(code, text),
            method: MethodId::default(),
        };
        self.say(id, channel, Reply::ChannelClose(close))
    }

    fn say(&mut self, id: ConnectionId, channel: ChannelId, reply: Reply) -> &mut Self {
        self.with(id, |session, _| {
            session.say(channel.0, reply);
        })
    }

    fn with(&mut self, id: ConnectionId, act: impl FnOnce(&mut Session, Instant)) -> &mut Self {
        self.broker.is_disturbed = true;
        let Some(now) = self.broker.now else {
            return self;
        };
        if let Some(session) = self.broker.sessions.get_mut(&id) {
            act(session, now);
        }
        self
    }
}
