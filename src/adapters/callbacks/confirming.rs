use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::time::Instant;

use super::Then;
use super::handles::Channel;
use crate::adapters::asynchronous;
use crate::adapters::asynchronous::confirming::Watch;
use crate::connection::{Body, Outcome, Parts, PublishSeq, Publishable};
use crate::error::{Refused, Result};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::ShortStr;

/// A channel with publisher confirms: the server says of each message what became of it.
///
/// [`Channel::confirming`] makes it. It is the same channel as that handle, whose methods are here
/// too; what differs is publishing. [`publish`](Self::publish) returns a [`Then`] with the outcome of
/// the message. For many messages without one for each, publish on [`channel`](Self::channel) and
/// listen with [`Channel::on_confirmed`]; [`next_publish`](Self::next_publish) is the number that the
/// next message gets.
pub struct ConfirmingChannel<P: Protocol = Selected> {
    channel: Channel<P>,
}

impl<P: Confirming> Channel<P> {
    /// Turns publisher confirms on; the result is this channel as one that hands them out.
    ///
    /// Confirms stay on until the channel closes, for all its handles. Asking again is harmless.
    pub fn confirming(&self) -> Then<ConfirmingChannel<P>, P> {
        self.call_with(
            |channel| channel.confirm_select(Instant::now()),
            |channel, _| Ok(ConfirmingChannel { channel }),
        )
    }
}

impl<P: Confirming> ConfirmingChannel<P> {
    /// Publishes a message as soon as that is permitted; its result comes when it is known what became
    /// of it.
    ///
    /// For permission it waits as [`Channel::publish`] does, and then for the server's word no longer
    /// than [`Config::rpc_timeout`](crate::config::Config::rpc_timeout).
    ///
    /// # Errors
    /// As for [`Channel::publish`].
    pub fn publish<'b, M: Publishable<'b, P>>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: M,
    ) -> Result<Then<Outcome<P>, P>, Refused<M>> {
        let mandatory = message.is_mandatory();
        let publish = P::publish(exchange.into(), routing_key.into(), mandatory);
        self.post_or_hold(&publish, message)
    }

    /// Publishes a message with all arguments of `basic.publish`, as [`publish`](Self::publish) does.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn basic_publish<'b, B: Into<Body<'b>>>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: B,
    ) -> Result<Then<Outcome<P>, P>, Refused<B>> {
        self.post_or_hold(publish, Parts::new(properties, body))
            .map_err(|refused| refused.map(|parts| parts.body))
    }

    /// Publishes a message, or returns it at once with the reason why that is not allowed now.
    ///
    /// # Errors
    /// As for [`Channel::try_publish`].
    pub fn try_publish<'b, M: Publishable<'b, P>>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: M,
    ) -> Result<Then<Outcome<P>, P>, Refused<M>> {
        let mandatory = message.is_mandatory();
        let publish = P::publish(exchange.into(), routing_key.into(), mandatory);
        self.post_now(&publish, message)
    }

    /// Publishes a message with all arguments of `basic.publish`, as
    /// [`try_publish`](Self::try_publish) does.
    ///
    /// # Errors
    /// As for [`try_publish`](Self::try_publish).
    pub fn try_basic_publish<'b, B: Into<Body<'b>>>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: B,
    ) -> Result<Then<Outcome<P>, P>, Refused<B>> {
        self.post_now(publish, Parts::new(properties, body))
            .map_err(|refused| refused.map(|parts| parts.body))
    }

    /// The number that the next message published on this channel gets; none once it is closed.
    #[must_use]
    pub fn next_publish(&self) -> Option<PublishSeq> {
        let key = self.channel.key();
        let link = self.channel.connection().link();
        link.with(|state| state.core.channel(key).ok()?.next_publish())
    }

    /// The same channel without confirms handed out.
    #[must_use]
    pub const fn channel(&self) -> &Channel<P> {
        &self.channel
    }

    fn post_now<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        message: M,
    ) -> Result<Then<Outcome<P>, P>, Refused<M>> {
        if let Some(why) = self.channel.last_waiting() {
            return Err(Refused::new(why.into(), message));
        }
        let front = self.front();
        let confirm = front.try_post(publish, message)?;
        // It keeps the channel open until then.
        let record = self.channel.record.clone();
        Ok(self.outcome(async move {
            let outcome = front.settle(confirm).await;
            drop(record);
            outcome
        }))
    }

    fn post_or_hold<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        message: M,
    ) -> Result<Then<Outcome<P>, P>, Refused<M>> {
        let refused = match self.post_now(publish, message) {
            Err(refused) => refused,
            posted => return posted,
        };
        let (front, held) = (self.front(), self.channel.hold(publish, refused)?);
        Ok(self.outcome(async move {
            let sent = held.send(Watch::Yes).await?;
            let record = held.record.clone();
            drop(held);
            let outcome = front.settle(front.confirm(sent)?).await;
            drop(record);
            outcome
        }))
    }

    fn outcome(
        &self,
        outcome: impl Future<Output = Result<Outcome<P>>> + 'static,
    ) -> Then<Outcome<P>, P> {
        let channel = &self.channel;
        let connection = channel.connection();
        connection.begin(channel.key(), outcome, |_, outcome| outcome)
    }

    /// The same channel in the front end.
    fn front(&self) -> asynchronous::ConfirmingChannel<P> {
        asynchronous::ConfirmingChannel::of(self.channel.record.front.clone())
    }
}

impl<P: Protocol> Deref for ConfirmingChannel<P> {
    type Target = Channel<P>;

    fn deref(&self) -> &Channel<P> {
        &self.channel
    }
}

impl<P: Protocol> Clone for ConfirmingChannel<P> {
    fn clone(&self) -> Self {
        let channel = self.channel.clone();
        Self { channel }
    }
}

impl<P: Protocol> fmt::Debug for ConfirmingChannel<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConfirmingChannel")
            .field(&self.channel.id().0)
            .finish()
    }
}
