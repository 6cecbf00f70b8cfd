use std::fmt;
use std::ops::Deref;
use std::time::Instant;

use super::held::Goal;
use super::{Channel, Then};
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
        let key = self.key();
        let call = self.make_call(|channel| channel.confirm_select(Instant::now()));
        self.connection().promise(call, move |connection, _| {
            let channel = Self::attach(connection, key);
            Ok(ConfirmingChannel { channel })
        })
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
        let mut inner = self.channel.inner();
        inner.core.channel(self.channel.key()).ok()?.next_publish()
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
        let mut inner = self.channel.inner();
        let seq = self.channel.post(&mut inner, publish, message)?;
        let (then, promise) = Then::waiting(self.connection(), None);
        inner.watch(self.channel.key(), seq, promise);
        Ok(then)
    }

    fn post_or_hold<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        message: M,
    ) -> Result<Then<Outcome<P>, P>, Refused<M>> {
        let channel = &self.channel;
        let (then, promise) = Then::waiting(channel.connection(), None);
        let mut inner = channel.inner();
        let result = match channel.post(&mut inner, publish, message) {
            Ok(seq) => {
                inner.watch(channel.key(), seq, promise);
                Ok(())
            }
            Err(refused) => {
                let goal = Goal::Confirmed(promise);
                channel.hold(&mut inner, publish, refused, goal)
            }
        };
        drop(inner);
        result.map(|()| then)
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
