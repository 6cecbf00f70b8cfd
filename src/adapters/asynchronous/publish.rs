use std::future::poll_fn;
use std::task::Poll;

use super::Channel;
use super::confirming::Watch;
use super::link::State;
use super::permission::Place;
use crate::connection::{Body, Message, Parts, PublishSeq, Publishable, Ticket};
use crate::error::{Error, Forbidden, Refused, Result};
use crate::protocol::Protocol;
use crate::wire::ShortStr;

impl<P: Protocol> Channel<P> {
    /// Publishes a message: a body, properties and a body, or a [`Message`].
    ///
    /// Usually that does not wait: the message is queued when this returns, and the driver writes it.
    /// While the server
    /// stops content, with `channel.flow` or `connection.blocked`, or does not read what is sent, it
    /// waits, but no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout). Whether the server has the
    /// message is not said; see [`confirming`](Self::confirming). A driver that is dropped,
    /// as when the runtime ends, writes what its stream takes at once; the rest is lost, so end with
    /// [`close`](super::Connection::close).
    ///
    /// ```no_run
    /// # async fn publish(channel: pika::asynchronous::Channel) -> pika::Result<()> {
    /// use pika::amqp::basic;
    ///
    /// channel.publish("", "orders", "one apple").await?;
    /// let persistent = basic::Properties::new().persistent();
    /// channel.publish("", "orders", (&persistent, "two pears")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::TimedOut`](crate::Error::TimedOut) when waiting did not help,
    /// [`Misuse::NameTooLong`](crate::error::Misuse::NameTooLong) for a name of more than 255 bytes;
    /// the message was not sent.
    ///
    /// # Cancel safety
    /// If the future is dropped while it waits, nothing was sent.
    #[inline]
    pub async fn publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<()> {
        let (exchange, routing_key) = (exchange.into(), routing_key.into());
        let message = message.into_message();
        self.post_message((exchange, routing_key), &message, Watch::No)
            .await
            .map(drop)
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
    ) -> Result<()> {
        let body = body.into();
        self.post((publish, properties, &body), Watch::No)
            .await
            .map(drop)
    }

    /// Publishes a message, or returns it at once with the reason why that is not allowed now.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`](crate::Error::ContentForbidden) while content may not be sent, or
    /// others wait to send, which must not be overtaken; and the errors of [`publish`](Self::publish).
    /// The message was not sent.
    pub fn try_publish<'b, M: Publishable<'b, P>>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: M,
    ) -> Result<(), Refused<M>> {
        let mandatory = message.is_mandatory();
        let publish = P::publish(exchange.into(), routing_key.into(), mandatory);
        self.try_post(&publish, message, Watch::No).map(drop)
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
    ) -> Result<(), Refused<B>> {
        let sent = self.try_post(publish, Parts::new(properties, body), Watch::No);
        sent.map(drop)
            .map_err(|refused| refused.map(|parts| parts.body))
    }

    /// Sends a message as soon as that is allowed.
    #[inline]
    pub(super) async fn post(
        &self,
        message: (&P::Publish, &P::BasicProperties, &Body<'_>),
        watch: Watch,
    ) -> Result<Option<PublishSeq>> {
        match self.post_now(message, watch)? {
            Ok(seq) => Ok(seq),
            Err(_) => self.post_later(message, watch).await,
        }
    }

    /// Sends a message if that is allowed now.
    #[inline]
    pub(in crate::adapters) fn post_now(
        &self,
        message: (&P::Publish, &P::BasicProperties, &Body<'_>),
        watch: Watch,
    ) -> Result<Result<Option<PublishSeq>, Forbidden>> {
        let attempt = |state: &mut State<P>| self.attempt(state, message, watch, None);
        self.link().with(attempt)
    }

    /// As [`post`](Self::post), for a message with its properties.
    #[inline]
    pub(super) async fn post_message(
        &self,
        (exchange, routing_key): (ShortStr, ShortStr),
        message: &Message<'_, P>,
        watch: Watch,
    ) -> Result<Option<PublishSeq>> {
        let (properties, body, mandatory) = message.parts();
        let publish = P::publish(exchange, routing_key, mandatory);
        match properties {
            Some(properties) => self.post((&publish, properties, body), watch).await,
            None => {
                let none = P::BasicProperties::default();
                self.post((&publish, &none, body), watch).await
            }
        }
    }

    /// Waits until a message can be sent.
    pub(in crate::adapters) async fn post_later(
        &self,
        message: (&P::Publish, &P::BasicProperties, &Body<'_>),
        watch: Watch,
    ) -> Result<Option<PublishSeq>> {
        self.post_in_line(message, watch, false).await
    }

    /// Waits until a message can be sent, and where it is `behind` others, for them too. Asking and
    /// waiting are one step under the lock, so that nothing that happens in between is missed.
    pub(in crate::adapters) async fn post_in_line(
        &self,
        message: (&P::Publish, &P::BasicProperties, &Body<'_>),
        watch: Watch,
        mut behind: bool,
    ) -> Result<Option<PublishSeq>> {
        let (key, link) = (Some(self.key()), self.link());
        let mut place = Place::new(link);
        poll_fn(|cx| {
            let (now, ticket) = (link.now(), &mut place.ticket);
            link.with(|state| {
                let others = std::mem::take(&mut behind)
                    .then(|| state.core.channel(self.key()).ok()?.last_waiting())
                    .flatten();
                let attempt = match others {
                    Some(why) => Ok(Err(why)),
                    None => self.attempt(state, message, watch, *ticket),
                };
                match attempt {
                    Ok(Ok(seq)) => Poll::Ready(Ok(seq)),
                    Ok(Err(why)) => match state.wait_to_send((key, why), ticket, now, cx.waker()) {
                        Ok(()) => Poll::Pending,
                        Err(late) => Poll::Ready(Err(late)),
                    },
                    Err(error) => Poll::Ready(Err(error)),
                }
            })
        })
        .await
    }

    /// Sends a message if that is allowed. The body stays with the caller, since dropping it may run
    /// code of the program.
    #[inline]
    fn attempt(
        &self,
        state: &mut State<P>,
        (publish, properties, body): (&P::Publish, &P::BasicProperties, &Body<'_>),
        watch: Watch,
        ticket: Option<Ticket>,
    ) -> Result<Result<Option<PublishSeq>, Forbidden>> {
        let key = self.key();
        let mut channel = state.core.channel(key)?;
        let message = (publish, Some(properties), body.share());
        let seq = match channel.publish_permitted(message, ticket) {
            Ok(seq) => seq,
            Err(Error::ContentForbidden(forbidden)) => return Ok(Err(forbidden)),
            Err(error) => return Err(error),
        };
        if let (Some(seq), Watch::Yes) = (seq, watch) {
            state.session.watch_publish(key, seq);
        }
        Ok(Ok(seq))
    }

    /// Sends a message now, or returns it.
    pub(in crate::adapters) fn try_post<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        message: M,
        watch: Watch,
    ) -> Result<Option<PublishSeq>, Refused<M>> {
        let key = self.key();
        let sent = self.link().with(|state| {
            let mut channel = match state.core.channel(key) {
                Ok(channel) => channel,
                Err(error) => return Err(Refused::new(error, message)),
            };
            let (seq, message) = channel.try_publish(publish, message)?;
            if let (Some(seq), Watch::Yes) = (seq, watch) {
                state.session.watch_publish(key, seq);
            }
            // What the message owns is dropped when nothing is locked.
            Ok((seq, message))
        });
        sent.map(|(seq, _)| seq)
    }
}
