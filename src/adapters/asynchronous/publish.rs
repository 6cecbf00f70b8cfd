use std::future::{Future, poll_fn};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::Channel;
use super::confirm::Confirm;
use super::link::Link;
use super::reply::Room;
use crate::adapters::session::{Place, Session, Unconfirmed, Waiters};
use crate::connection::{Body, ChannelKey, Outcome, PublishSeq, later};
use crate::error::{Error, Forbidden, Misuse, Result, TimedOut, Waiting};
use crate::protocol::{Confirming, Protocol};
use crate::wire::ToShortStr;

impl<P: Protocol> Channel<P> {
    /// Publishes a message with a body and nothing else.
    ///
    /// # Errors
    /// As for [`basic_publish`](Self::basic_publish), and when a name has more than 255 bytes.
    ///
    /// # Cancel safety
    /// As for [`basic_publish`](Self::basic_publish).
    pub async fn publish<'b>(
        &self,
        exchange: impl ToShortStr,
        routing_key: impl ToShortStr,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>>
    where
        P::BasicProperties: Default,
    {
        let publish = P::publish(exchange.to_short_str()?, routing_key.to_short_str()?);
        self.basic_publish(&publish, &P::BasicProperties::default(), body)
            .await
    }

    /// Publishes a message.
    ///
    /// Usually that does not wait: the message is on its way when this returns. While the server
    /// stops content, with `channel.flow` or `connection.blocked`, or does not read what is sent, it
    /// waits, but no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout). In confirm mode it gives
    /// the number of the publish.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when waiting did not help; the message was not sent.
    ///
    /// # Cancel safety
    /// If the future is dropped while it waits, nothing was sent.
    #[inline]
    pub async fn basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>> {
        let body = body.into();
        let message = (publish, properties);
        match self.attempt(message, &body, false)? {
            Ok(seq) => Ok(seq),
            Err(why) => self.attempt_later(message, &body, false, why).await,
        }
    }

    /// Publishes a message, or says at once why that is not allowed now.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`] while content may not be sent; the message was not sent.
    pub fn try_basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>> {
        let body = body.into();
        match self.attempt((publish, properties), &body, false)? {
            Ok(seq) => Ok(seq),
            Err(why) => Err(why.into()),
        }
    }

    /// Sends a message as soon as that is allowed; `why` it is not at first.
    async fn attempt_later(
        &self,
        message: (&P::Publish, &P::BasicProperties),
        body: &Body<'_>,
        watched: bool,
        why: Forbidden,
    ) -> Result<Option<PublishSeq>> {
        // Kept from one round to the next, and with it the deadline.
        let mut permission = Permission {
            link: self.link(),
            key: self.key(),
            first: why,
            room: Room::default(),
        };
        loop {
            poll_fn(|cx| permission.poll(cx)).await?;
            match self.attempt(message, body, watched)? {
                Ok(seq) => return Ok(seq),
                Err(why) => permission.first = why,
            }
        }
    }

    /// Sends a message if that is allowed; `watched` if somebody will ask what became of it. The body
    /// stays with the caller, since dropping it may run code of the program.
    #[inline]
    fn attempt(
        &self,
        (publish, properties): (&P::Publish, &P::BasicProperties),
        body: &Body<'_>,
        watched: bool,
    ) -> Result<Result<Option<PublishSeq>, Forbidden>> {
        let key = self.key();
        self.link().with(|state| {
            let starved = state.starved;
            let mut channel = state.channel(key)?;
            if watched && !channel.is_confirming() {
                return Err(Misuse::NotConfirming.into());
            }
            // Who waits for room already comes first.
            let forbidden = channel.forbidden();
            if let Some(forbidden) = forbidden.or(starved.then_some(Forbidden::OutputFull)) {
                return Ok(Err(forbidden));
            }
            let seq = channel.publish(publish, properties, body.share())?;
            if let Some(seq) = seq.filter(|_| watched) {
                state.session.watch_publish(key, seq);
            }
            Ok(Ok(seq))
        })
    }
}

/// Waits until content may be sent.
struct Permission<'a, P: Protocol> {
    link: &'a Link<P>,
    key: ChannelKey,
    /// Why it could not be sent at first.
    first: Forbidden,
    room: Room,
}

impl<P: Protocol> Permission<'_, P> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let now = self.link.now();
        let (key, first, room) = (self.key, self.first, &mut self.room);
        self.link.with(|state| {
            let low = state.core.config().output_low_water;
            let waiting = state.core.outgoing_len();
            let forbidden = match (state.closed(key), state.channel(key)) {
                (Some(error), _) | (None, Err(error)) => return Poll::Ready(Err(error)),
                (None, Ok(channel)) => channel.forbidden(),
            };
            // Who had to wait for room waits until it is worth while.
            let starving = first == Forbidden::OutputFull && waiting > low;
            let forbidden = forbidden.or(starving.then_some(first));
            state
                .poll_permission(forbidden, room, now, cx)
                .map(|late| late.map_or(Ok(()), Err))
        })
    }
}

impl<P: Protocol> Drop for Permission<'_, P> {
    fn drop(&mut self) {
        self.room.leave(self.link);
    }
}

impl<P: Confirming> Channel<P> {
    /// Publishes a message in confirm mode, and gives a future of what becomes of it.
    ///
    /// Many can be open at once; how many is the program's choice. Publishing waits as
    /// [`basic_publish`](Self::basic_publish) does.
    ///
    /// # Errors
    /// [`Misuse::NotConfirming`] when confirms are not turned on, and those of
    /// [`basic_publish`](Self::basic_publish); the message was not sent.
    ///
    /// # Cancel safety
    /// If the future is dropped while it waits, nothing was sent.
    #[inline]
    pub async fn publish_tracked<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Confirm<P>> {
        let body = body.into();
        let message = (publish, properties);
        let seq = match self.attempt(message, &body, true)? {
            Ok(seq) => seq,
            Err(why) => self.attempt_later(message, &body, true, why).await?,
        };
        let seq = seq.ok_or(Misuse::NotConfirming)?;
        Ok(Confirm::new(self.clone(), seq))
    }

    /// Publishes a message in confirm mode and waits until it is known what became of it.
    ///
    /// # Errors
    /// As for [`publish_tracked`](Self::publish_tracked); [`Error::TimedOut`] also when the server
    /// says nothing within [`Config::rpc_timeout`](crate::config::Config::rpc_timeout).
    ///
    /// # Cancel safety
    /// Dropped before the message could be sent, nothing was sent; else what goes wrong is told by
    /// [`wait_for_confirms`](Self::wait_for_confirms).
    pub async fn publish_confirmed<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Outcome> {
        let mut confirm = self.publish_tracked(publish, properties, body).await?;
        let link = self.link();
        let timeout = link.with(|state| state.core.config().rpc_timeout);
        // The confirm itself wakes the task, so that no more than the deadline is to be waited for.
        let mut settling = Settling::new(link, timeout, |session| &mut session.expecting);
        poll_fn(|cx| {
            if let Poll::Ready(outcome) = std::pin::Pin::new(&mut confirm).poll(cx) {
                return Poll::Ready(Ok(outcome));
            }
            settling.poll(cx).map(Err)
        })
        .await
    }

    /// Waits until it is known what became of all messages published so far, and gives those that
    /// the server did not acknowledge; none is the good case.
    ///
    /// Each is reported once, so this covers what was published since the last call. Publishes with
    /// a [`Confirm`] are waited for, but their outcome is told by that.
    /// What was not acknowledged is kept for that, so a program that publishes without end asks now
    /// and then.
    ///
    /// # Errors
    /// [`Misuse::NotConfirming`] when confirms are not turned on; [`Error::TimedOut`] when not all
    /// is known after `timeout`.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn wait_for_confirms(&self, timeout: Duration) -> Result<Vec<Unconfirmed>> {
        let (key, link) = (self.key(), self.link());
        // Where the channel is closed, what was open is known to be lost, and that is the answer.
        let target = match link.with(|state| state.channel(key).map(|open| open.next_publish())) {
            Ok(target) => target.ok_or(Misuse::NotConfirming)?,
            Err(error) => {
                let failed = link.with(|state| state.session.unconfirmed(key));
                return if failed.is_empty() {
                    Err(error)
                } else {
                    Ok(failed)
                };
            }
        };
        let mut settling = Settling::new(link, Some(timeout), |session| &mut session.settling);
        poll_fn(|cx| {
            // Registered first: what happens in between is seen or wakes.
            let late = settling.poll(cx);
            let open = link.with(|state| match state.channel(key) {
                Ok(channel) => channel.unconfirmed_from().is_some_and(|base| base < target),
                Err(_) => false,
            });
            match (open, late) {
                (false, _) => Poll::Ready(Ok(())),
                (true, Poll::Ready(error)) => Poll::Ready(Err(error)),
                (true, Poll::Pending) => Poll::Pending,
            }
        })
        .await?;
        Ok(link.with(|state| state.session.unconfirmed(key)))
    }
}

/// Waits for confirms, with a deadline.
struct Settling<'a, P: Protocol> {
    link: &'a Link<P>,
    place: Place,
    deadline: Option<(Instant, Duration)>,
    /// With whom it waits.
    waiters: fn(&mut Session<P>) -> &mut Waiters,
}

impl<'a, P: Protocol> Settling<'a, P> {
    fn new(
        link: &'a Link<P>,
        timeout: Option<Duration>,
        waiters: fn(&mut Session<P>) -> &mut Waiters,
    ) -> Self {
        let deadline = timeout.map(|timeout| (later(link.now(), timeout), timeout));
        Self {
            link,
            place: Place::default(),
            deadline,
            waiters,
        }
    }

    /// Ready with an error when it has taken too long; else the task is woken then, or before.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        let now = self.link.now();
        if let Some((_, after)) = self.deadline.filter(|(at, _)| *at <= now) {
            let waiting_for = Waiting::Confirms;
            return Poll::Ready(TimedOut { waiting_for, after }.into());
        }
        let (place, at) = (&mut self.place, self.deadline.map(|(at, _)| at));
        self.link.with(|state| {
            let is_new = (self.waiters)(&mut state.session).wait(place, cx.waker(), at);
            state.attention |= (is_new && at.is_some()) || state.session.is_full();
        });
        Poll::Pending
    }
}

impl<P: Protocol> Drop for Settling<'_, P> {
    fn drop(&mut self) {
        let (place, waiters) = (&self.place, self.waiters);
        self.link
            .with(|state| waiters(&mut state.session).leave(place));
    }
}
