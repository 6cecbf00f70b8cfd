use std::fmt;
use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::Channel;
use super::lane::PublisherLane;
use super::link::Link;
use super::permission::Place as Queue;
use crate::adapters::session::{Place, Progress, Unconfirmed};
use crate::connection::{Body, Outcome, Parts, PublishSeq, Publishable, later};
use crate::error::{Error, Misuse, Refused, Result, TimedOut, Waiting as WaitingFor};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::ShortStr;

use super::reply::Waiting;

/// A channel with publisher confirms: the server says of each message what became of it.
///
/// [`Channel::confirming`] makes it. It is the same channel as that handle, whose methods are here
/// too; what differs is publishing. [`publish`](Self::publish) yields a [`Confirm`] for each message.
/// Messages that plain handles of the channel publish are confirmed by the server as well:
/// [`wait_for_confirms`](Self::wait_for_confirms) waits for them and reports them.
///
/// ```no_run
/// # #[cfg(feature = "amqp0-9-1")]
/// # async fn publish(channel: pika::asynchronous::Channel) -> pika::Result<()> {
/// use pika::connection::Outcome;
///
/// let channel = channel.confirming().await?;
/// match channel.publish_confirmed("", "orders", "one apple").await? {
///     Outcome::Acked => println!("the server has it"),
///     Outcome::Returned(message) => println!("no queue took it: {}", message.text),
///     Outcome::Nacked => println!("the server could not keep it; publish it again"),
///     Outcome::Lost(reason) => println!("it may have arrived or not: {reason}"),
/// }
/// # Ok(())
/// # }
/// ```
pub struct ConfirmingChannel<P: Protocol = Selected> {
    channel: Channel<P>,
}

/// Whether something will ask what became of a publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::adapters) enum Watch {
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
    ///
    /// # Cancel safety
    /// Confirms may be on or not if the future is dropped.
    pub fn confirming(&self) -> impl Future<Output = Result<ConfirmingChannel<P>>> + Send + use<P> {
        let key = self.key();
        let place = (self.link(), Some(key));
        let waiting = Waiting::begin(place, "confirm.select", move |state, now| {
            Ok((state.core.channel(key)?.confirm_select(now)?, ()))
        });
        let channel = self.clone();
        async move {
            waiting.await?;
            Ok(ConfirmingChannel { channel })
        }
    }
}

impl<P: Confirming> ConfirmingChannel<P> {
    /// Publishes a message, and returns a future of what becomes of it.
    ///
    /// Many can be open at once; how many is the program's choice. Publishing waits as
    /// [`Channel::publish`] does.
    ///
    /// # Errors
    /// Those of [`Channel::publish`]; the message was not sent.
    ///
    /// # Cancel safety
    /// If the future is dropped while it waits, nothing was sent.
    #[inline]
    pub async fn publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<Confirm<P>> {
        let names = (exchange.into(), routing_key.into());
        let message = message.into_message();
        let sent = self.channel.post_message(names, &message, Watch::Yes);
        self.confirm(sent.await?)
    }

    /// Publishes a message with all arguments of `basic.publish`, as [`publish`](Self::publish) does.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    ///
    /// # Cancel safety
    /// As for [`publish`](Self::publish).
    #[inline]
    pub async fn basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Confirm<P>> {
        let body = body.into();
        let sent = self.channel.post((publish, properties, &body), Watch::Yes);
        self.confirm(sent.await?)
    }

    /// Publishes a message and waits until it is known what became of it.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish); [`Error::TimedOut`] also when the server says nothing within
    /// [`Config::rpc_timeout`](crate::config::Config::rpc_timeout).
    ///
    /// # Cancel safety
    /// Dropped before the message could be sent, nothing was sent; else what goes wrong is reported by
    /// [`wait_for_confirms`](Self::wait_for_confirms).
    pub async fn publish_confirmed<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<Outcome<P>> {
        self.settle(self.publish(exchange, routing_key, message).await?)
            .await
    }

    /// Publishes a message with all arguments of `basic.publish`, as
    /// [`publish_confirmed`](Self::publish_confirmed) does.
    ///
    /// # Errors
    /// As for [`publish_confirmed`](Self::publish_confirmed).
    ///
    /// # Cancel safety
    /// As for [`publish_confirmed`](Self::publish_confirmed).
    pub async fn basic_publish_confirmed<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Outcome<P>> {
        self.settle(self.basic_publish(publish, properties, body).await?)
            .await
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
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn wait_for_confirms(&self, timeout: Duration) -> Result<Vec<Unconfirmed>> {
        let (key, link) = (self.channel.key(), self.channel.link());
        let until = link.with(|state| {
            let failed = state.core.confirm_target(key);
            failed.map_err(|error| (error, state.session.unconfirmed(key)))
        });
        let until = match until {
            Ok(until) => until,
            Err((error, failed)) if failed.is_empty() => return Err(error),
            Err((_, failed)) => return Ok(failed),
        };
        let mut queue = Queue::new(link);
        let mut limit = Limit::new(link, Some(timeout), WaitingFor::Confirms);
        poll_fn(|cx| {
            let waits = until.is_some_and(|until| {
                link.with(|state| {
                    state.wait_for_confirms((key, until), &mut queue.ticket, cx.waker())
                })
            });
            match waits {
                true => limit.poll(cx).map(Err),
                false => Poll::Ready(Ok(())),
            }
        })
        .await?;
        Ok(link.with(|state| state.session.unconfirmed(key)))
    }

    /// The same channel without confirms handed out.
    #[must_use]
    pub const fn channel(&self) -> &Channel<P> {
        &self.channel
    }

    pub(in crate::adapters) fn try_post<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        message: M,
    ) -> Result<Confirm<P>, Refused<M>> {
        let sent = self.channel.try_post(publish, message, Watch::Yes)?;
        let seq = sent.unwrap_or(PublishSeq(0));
        Ok(Confirm::new(self.channel.clone(), seq))
    }

    pub(in crate::adapters) const fn of(channel: Channel<P>) -> Self {
        Self { channel }
    }

    pub(in crate::adapters) fn confirm(&self, seq: Option<PublishSeq>) -> Result<Confirm<P>> {
        let seq = seq.ok_or(Misuse::NotOpen)?;
        Ok(Confirm::new(self.channel.clone(), seq))
    }

    /// Waits for a confirm, but not longer than for a reply.
    pub(in crate::adapters) async fn settle(&self, confirm: Confirm<P>) -> Result<Outcome<P>> {
        let link = self.channel.link();
        let timeout = link.with(|state| state.core.config().rpc_timeout);
        let mut limit = Limit::new(link, timeout, WaitingFor::Confirms);
        let mut confirm = pin!(confirm);
        poll_fn(|cx| match confirm.as_mut().poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(Ok(outcome)),
            Poll::Pending => limit.poll(cx).map(Err),
        })
        .await
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

/// How long a wait may take. What is waited for wakes the task by itself.
pub(super) struct Limit<'a, P: Protocol> {
    link: &'a Link<P>,
    place: Place,
    deadline: Option<(Instant, Duration)>,
    waiting_for: WaitingFor,
}

impl<'a, P: Protocol> Limit<'a, P> {
    pub(super) fn new(
        link: &'a Link<P>,
        timeout: Option<Duration>,
        waiting_for: WaitingFor,
    ) -> Self {
        let deadline = timeout.map(|timeout| (later(link.now(), timeout), timeout));
        let place = Place::default();
        Self {
            link,
            place,
            deadline,
            waiting_for,
        }
    }

    /// Ready with an error when it has taken too long; else the task is woken then.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<Error> {
        let Some((at, after)) = self.deadline else {
            return Poll::Pending;
        };
        if at <= self.link.now() {
            let waiting_for = self.waiting_for;
            return Poll::Ready(TimedOut { waiting_for, after }.into());
        }
        let place = &mut self.place;
        self.link.with(|state| {
            let is_new = state.session.expecting.wait(place, cx.waker(), Some(at));
            state.attention |= is_new;
        });
        Poll::Pending
    }
}

impl<P: Protocol> Drop for Limit<'_, P> {
    fn drop(&mut self) {
        if self.place.is_taken() {
            let place = &self.place;
            self.link.with(|state| state.session.expecting.leave(place));
        }
    }
}

/// What became of one publish on a [`ConfirmingChannel`], as a future.
///
/// It always resolves: acknowledged, refused, returned with the message, or lost with the reason. How
/// long a server takes is its own affair, so there is no deadline here; put one around it if one is
/// needed. Polled again, it resolves to the same outcome again.
///
/// # Cancel safety
/// Dropping it costs nothing. On a [`ConfirmingChannel`] what goes wrong is then reported by
/// [`wait_for_confirms`](ConfirmingChannel::wait_for_confirms). Of a [`Publisher`](super::Publisher) the message is sent
/// until its outcome is known all the same, but the outcome is not reported.
#[must_use = "only the outcome says whether the server has the message; `forget` drops it, and a confirming channel reports failures by `wait_for_confirms`"]
pub struct Confirm<P: Protocol = Selected> {
    of: Of<P>,
    seq: PublishSeq,
    /// The outcome, once it was yielded.
    known: Option<Outcome<P>>,
}

/// Who has published.
enum Of<P: Protocol> {
    Channel(Channel<P>),
    Publisher(Arc<PublisherLane<P>>),
}

impl<P: Protocol> Of<P> {
    fn progress(&self) -> &Progress {
        match self {
            Self::Channel(channel) => channel.progress(),
            Self::Publisher(publisher) => &publisher.progress,
        }
    }

    fn link(&self) -> &Arc<Link<P>> {
        match self {
            Self::Channel(channel) => channel.link(),
            Self::Publisher(publisher) => publisher.link(),
        }
    }
}

impl<P: Protocol> Confirm<P> {
    pub(super) const fn new(channel: Channel<P>, seq: PublishSeq) -> Self {
        Self {
            of: Of::Channel(channel),
            seq,
            known: None,
        }
    }

    /// The confirm of a message that a publisher has accepted.
    pub(super) const fn kept(publisher: Arc<PublisherLane<P>>, number: u64) -> Self {
        Self {
            of: Of::Publisher(publisher),
            seq: PublishSeq(number),
            known: None,
        }
    }

    /// The number of the publish on its channel, or among those of its publisher.
    #[must_use]
    pub const fn seq(&self) -> PublishSeq {
        self.seq
    }

    /// Drops it. A [`ConfirmingChannel`] reports what goes wrong by
    /// [`wait_for_confirms`](ConfirmingChannel::wait_for_confirms); a [`Publisher`](super::Publisher) does not report it.
    pub fn forget(self) {}

    pub(in crate::adapters) fn link(&self) -> &Arc<Link<P>> {
        self.of.link()
    }
}

impl<P: Protocol> Future for Confirm<P> {
    type Output = Outcome<P>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome<P>> {
        let seq = self.seq;
        if let Some(known) = &self.known {
            return Poll::Ready(known.clone());
        }
        let outcome = if self.of.progress().is_acked(seq) {
            Some(Outcome::Acked)
        } else {
            let waker = cx.waker();
            self.of.link().with(|state| {
                // The driver reads on for this.
                state.attention |= state.session.is_full();
                match &self.of {
                    Of::Channel(channel) => {
                        state.session.outcome((channel.key(), seq), Some(waker))
                    }
                    Of::Publisher(publisher) => {
                        state.session.kept_outcome(publisher.lane, seq.0, waker)
                    }
                }
            })
        };
        self.known.clone_from(&outcome);
        outcome.map_or(Poll::Pending, Poll::Ready)
    }
}

impl<P: Protocol> Drop for Confirm<P> {
    fn drop(&mut self) {
        let seq = self.seq;
        if self.known.is_none() && !self.of.progress().is_acked(seq) {
            self.of.link().with(|state| match &self.of {
                Of::Channel(channel) => state.session.forget_publish(channel.key(), seq),
                Of::Publisher(publisher) => state.session.forget_kept(publisher.lane, seq.0),
            });
        }
    }
}

impl<P: Protocol> fmt::Debug for Confirm<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Confirm").field(&self.seq.0).finish()
    }
}
