use std::fmt;
use std::ops::Deref;
use std::time::{Duration, Instant};

use super::Channel;
use crate::adapters::session::Unconfirmed;
use crate::connection::{Body, Outcome, Parts, PublishSeq, Publishable, later};
use crate::error::{Error, Misuse, Refused, Result, TimedOut, Waiting};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::ShortStr;

/// A channel with publisher confirms: the server says of each message what became of it.
///
/// [`Channel::confirming`] makes it. It is the same channel as that handle, whose methods are here
/// too; what differs is publishing. [`publish`](Self::publish) returns a [`Confirm`] for each message.
/// Messages that plain handles of the channel publish are confirmed by the server as well:
/// [`wait_for_confirms`](Self::wait_for_confirms) waits for them and reports them.
///
/// ```no_run
/// # #[cfg(feature = "amqp0-9-1")] {
/// # let channel = pika::open_channel("amqp://localhost")?;
/// use pika::connection::Outcome;
///
/// let channel = channel.confirming()?;
/// match channel.publish_confirmed("", "orders", "one apple")? {
///     Outcome::Acked => println!("the server has it"),
///     Outcome::Returned(message) => println!("no queue took it: {}", message.text),
///     Outcome::Nacked => println!("the server could not keep it; publish it again"),
///     Outcome::Lost(reason) => println!("it may have arrived or not: {reason}"),
/// }
/// # }
/// # Ok::<_, pika::Error>(())
/// ```
pub struct ConfirmingChannel<P: Protocol = Selected> {
    channel: Channel<P>,
}

/// Whether something will ask what became of a publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    No,
    Yes,
}

impl<P: Confirming> Channel<P> {
    /// Turns publisher confirms on, and returns this channel as one that hands them out.
    ///
    /// Confirms stay on until the channel closes, for all its handles. Asking again is harmless.
    ///
    /// # Errors
    /// When the channel is closed, or the server refuses, which closes the channel.
    pub fn confirming(&self) -> Result<ConfirmingChannel<P>> {
        self.make_call(|channel| channel.confirm_select(Instant::now()))?;
        let channel = self.clone();
        Ok(ConfirmingChannel { channel })
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
    pub fn publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<Confirm<P>> {
        let names = (exchange.into(), routing_key.into());
        let message = message.into_message();
        let sent = self.channel.post_message(names, message, Watch::Yes)?;
        self.confirm(sent)
    }

    /// Publishes a message with all arguments of `basic.publish`, as [`publish`](Self::publish) does.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Confirm<P>> {
        let message = (publish, properties);
        let sent = self.channel.post(message, body.into(), Watch::Yes)?;
        self.confirm(sent)
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
        self.settle(self.publish(exchange, routing_key, message)?)
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
        self.settle(self.basic_publish(publish, properties, body)?)
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
        let mandatory = message.is_mandatory();
        let publish = P::publish(exchange.into(), routing_key.into(), mandatory);
        self.try_post(&publish, message)
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
        self.try_post(publish, Parts::new(properties, body))
            .map_err(|refused| refused.map(|parts| parts.body))
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
        let key = self.channel.key();
        let mut inner = self.channel.inner();
        let target = match inner.core.confirm_target(key) {
            Ok(target) => target,
            Err(error) => {
                let failed = inner.session.unconfirmed(key);
                return match failed.is_empty() {
                    true => Err(error),
                    false => Ok(failed),
                };
            }
        };
        let until = later(Instant::now(), timeout);
        let settled = inner.wait_behind(Some(until), |inner| {
            let open = inner.core.channel(key).ok();
            let base = open.and_then(|channel| channel.unconfirmed_from());
            (base.is_none() || base >= target).then_some(Ok(()))
        });
        match settled {
            None => return Err(timed_out(Some(timeout))),
            Some(Err(error)) if inner.core.closed().is_none() => return Err(error),
            Some(_) => {}
        }
        Ok(inner.session.unconfirmed(key))
    }

    /// The same channel without confirms handed out.
    #[must_use]
    pub const fn channel(&self) -> &Channel<P> {
        &self.channel
    }

    fn try_post<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        message: M,
    ) -> Result<Confirm<P>, Refused<M>> {
        let sent = self.channel.try_post(publish, message, Watch::Yes)?;
        Ok(Confirm::new(&self.channel, sent.unwrap_or(PublishSeq(0))))
    }

    fn confirm(&self, seq: Option<PublishSeq>) -> Result<Confirm<P>> {
        let seq = seq.ok_or(Misuse::NotOpen)?;
        Ok(Confirm::new(&self.channel, seq))
    }

    /// Waits for a confirm, but not longer than for a reply.
    fn settle(&self, mut confirm: Confirm<P>) -> Result<Outcome<P>> {
        let timeout = self.channel.inner().core.config().rpc_timeout;
        let until = timeout.map(|timeout| later(Instant::now(), timeout));
        let outcome = confirm.wait_until(until)?;
        outcome.ok_or_else(|| timed_out(timeout))
    }
}

fn timed_out(after: Option<Duration>) -> Error {
    TimedOut {
        waiting_for: Waiting::Confirms,
        after: after.unwrap_or_default(),
    }
    .into()
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

/// What will become of one publish on a [`ConfirmingChannel`].
///
/// It always resolves: acknowledged, refused, returned with the message, or lost with the reason.
/// Dropping it costs nothing; what goes wrong is then reported by
/// [`ConfirmingChannel::wait_for_confirms`].
#[must_use = "only the outcome says whether the server has the message; `forget` leaves it to `wait_for_confirms`"]
pub struct Confirm<P: Protocol = Selected> {
    channel: Channel<P>,
    seq: PublishSeq,
    is_over: bool,
}

impl<P: Protocol> Confirm<P> {
    fn new(channel: &Channel<P>, seq: PublishSeq) -> Self {
        Self {
            channel: channel.clone(),
            seq,
            is_over: false,
        }
    }

    /// The number of the publish on its channel.
    #[must_use]
    pub const fn seq(&self) -> PublishSeq {
        self.seq
    }

    /// Leaves the outcome to [`ConfirmingChannel::wait_for_confirms`], as dropping it does.
    pub fn forget(self) {}

    /// Waits until it is known what became of the publish. How long a server takes is its own affair,
    /// so there is no limit.
    ///
    /// # Errors
    /// [`Misuse::InboxFull`] while messages that a consumer does not take keep confirms from being
    /// read.
    pub fn wait(mut self) -> Result<Outcome<P>> {
        let outcome = self.wait_until(None)?;
        outcome.ok_or_else(|| Misuse::NotOpen.into())
    }

    /// Waits no longer than `timeout`; none when nothing is known by then.
    ///
    /// # Errors
    /// As for [`wait`](Self::wait).
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<Outcome<P>>> {
        self.wait_until(Some(later(Instant::now(), timeout)))
    }

    fn wait_until(&mut self, until: Option<Instant>) -> Result<Option<Outcome<P>>> {
        let publish = (self.channel.key(), self.seq);
        let mut inner = self.channel.inner();
        let outcome =
            inner.wait_behind(until, |inner| inner.session.outcome(publish, None).map(Ok));
        self.is_over = matches!(outcome, Some(Ok(_)));
        outcome.transpose()
    }
}

impl<P: Protocol> Drop for Confirm<P> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if let Ok(mut inner) = self.channel.try_inner() {
            inner.session.forget_publish(self.channel.key(), self.seq);
        }
    }
}

impl<P: Protocol> fmt::Debug for Confirm<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Confirm").field(&self.seq.0).finish()
    }
}
