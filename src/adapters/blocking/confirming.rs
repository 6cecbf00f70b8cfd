use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use super::Channel;
use super::wait::{finish, within};
use crate::adapters::asynchronous::{self, confirming::Watch};
use crate::adapters::session::Unconfirmed;
use crate::connection::{Body, Outcome, PublishSeq, Publishable};
use crate::error::{Refused, Result};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::ShortStr;

#[cfg(doc)]
use crate::error::Error;

/// A channel with publisher confirms: the server says of each message what became of it.
///
/// [`Channel::confirming`] makes it. It is the same channel as that handle, whose methods are here
/// too; what differs is publishing. [`publish`](Self::publish) yields a [`Confirm`] for each message.
/// Messages that plain handles of the channel publish are confirmed by the server as well:
/// [`wait_for_confirms`](Self::wait_for_confirms) waits for them and reports them.
pub struct ConfirmingChannel<P: Protocol = Selected> {
    inner: asynchronous::ConfirmingChannel<P>,
    channel: Channel<P>,
}

impl<P: Confirming> Channel<P> {
    /// Turns publisher confirms on, and returns this channel as one that hands them out.
    ///
    /// Confirms stay on until the channel closes, for all its handles. Asking again is harmless.
    ///
    /// # Errors
    /// When the channel is closed, or the server refuses, which closes the channel.
    pub fn confirming(&self) -> Result<ConfirmingChannel<P>> {
        let inner = self.block_on(self.0.confirming())?;
        let channel = self.clone();
        Ok(ConfirmingChannel { inner, channel })
    }
}

impl<P: Confirming> ConfirmingChannel<P> {
    /// Publishes a message, to learn later what became of it.
    ///
    /// Many can be open at once; how many is the program's choice. Publishing waits as
    /// [`Channel::publish`] does.
    ///
    /// # Errors
    /// Those of [`Channel::publish`]; the message was not sent.
    #[inline]
    pub fn publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<Confirm<P>> {
        let names = (exchange.into(), routing_key.into());
        let message = message.into_message();
        let sent = self.channel.post_message(names, &message, Watch::Yes)?;
        self.inner.confirm(sent).map(|inner| Confirm { inner })
    }

    /// Publishes a message with all arguments of `basic.publish`, as [`publish`](Self::publish) does.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    #[inline]
    pub fn basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Confirm<P>> {
        let message = (publish, properties, &body.into());
        let sent = self.channel.post(message, Watch::Yes)?;
        self.inner.confirm(sent).map(|inner| Confirm { inner })
    }

    /// Publishes a message and waits until it is known what became of it.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish); [`Error::TimedOut`] also when the server says nothing within
    /// [`Config::rpc_timeout`](crate::config::Config::rpc_timeout).
    pub fn publish_confirmed<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<Outcome<P>> {
        let publishing = self.inner.publish_confirmed(exchange, routing_key, message);
        self.channel.block_on(publishing)
    }

    /// Publishes a message with all arguments of `basic.publish`, as
    /// [`publish_confirmed`](Self::publish_confirmed) does.
    ///
    /// # Errors
    /// As for [`publish_confirmed`](Self::publish_confirmed).
    pub fn basic_publish_confirmed<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Outcome<P>> {
        let publishing = self
            .inner
            .basic_publish_confirmed(publish, properties, body);
        self.channel.block_on(publishing)
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
    ) -> Result<Confirm<P>, Refused<M>> {
        let sent = self.inner.try_publish(exchange, routing_key, message);
        self.channel.sent(sent.map(|inner| Confirm { inner }))
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
    ) -> Result<Confirm<P>, Refused<B>> {
        let sent = self.inner.try_basic_publish(publish, properties, body);
        self.channel.sent(sent.map(|inner| Confirm { inner }))
    }

    /// Waits until it is known what became of all messages published so far on the channel, and
    /// returns those that the server did not acknowledge; none is the good case.
    ///
    /// Each is reported once, so this covers what was published since the last call. Publishes with a
    /// [`Confirm`] are waited for, but their outcome is reported by that, unless it was dropped or
    /// [forgotten](Confirm::forget). After the channel closed, what was open is reported as lost. What
    /// was not acknowledged is kept until this is called, in runs of neighbours.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when not all is known after `timeout`. When the channel is closed and there
    /// is nothing to report; the error is the reason.
    pub fn wait_for_confirms(&self, timeout: Duration) -> Result<Vec<Unconfirmed>> {
        self.channel.block_on(self.inner.wait_for_confirms(timeout))
    }

    /// The same channel without confirms handed out.
    #[must_use]
    pub const fn channel(&self) -> &Channel<P> {
        &self.channel
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
        let (inner, channel) = (self.inner.clone(), self.channel.clone());
        Self { inner, channel }
    }
}

impl<P: Protocol> fmt::Debug for ConfirmingChannel<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// What will become of one publish on a [`ConfirmingChannel`].
///
/// It always resolves: acknowledged, refused, returned with the message, or lost with the reason.
/// Dropping it costs nothing; what goes wrong is then reported by
/// [`ConfirmingChannel::wait_for_confirms`].
#[must_use = "only the outcome says whether the server has the message; `forget` drops it, and a confirming channel reports failures by `wait_for_confirms`"]
pub struct Confirm<P: Protocol = Selected> {
    inner: asynchronous::Confirm<P>,
}

impl<P: Protocol> Confirm<P> {
    pub(super) const fn new(inner: asynchronous::Confirm<P>) -> Self {
        Self { inner }
    }

    /// The number of the publish on its channel, or among those of its publisher.
    #[must_use]
    pub const fn seq(&self) -> PublishSeq {
        self.inner.seq()
    }

    /// Drops it. A [`ConfirmingChannel`] reports what goes wrong by
    /// [`wait_for_confirms`](ConfirmingChannel::wait_for_confirms); a [`Publisher`](super::Publisher) does not report it.
    pub fn forget(self) {}

    /// Waits until it is known what became of the publish. How long a server takes is its own affair,
    /// so there is no limit.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when messages that a consumer does not take kept the confirm from being read
    /// for [`Config::blocked_timeout`](crate::config::Config::blocked_timeout).
    #[inline]
    pub fn wait(self) -> Result<Outcome<P>> {
        let Self { inner } = self;
        let link = inner.link().clone();
        finish(&link, async { Ok(inner.await) })
    }

    /// Waits no longer than `timeout`; none when nothing is known by then.
    ///
    /// # Errors
    /// As for [`wait`](Self::wait).
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<Outcome<P>>> {
        let link = self.inner.link().clone();
        within(&link, async { Ok((&mut self.inner).await) }, timeout)
    }
}

impl<P: Protocol> fmt::Debug for Confirm<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
