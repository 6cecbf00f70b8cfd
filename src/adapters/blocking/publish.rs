use super::Channel;
use super::confirming::Watch;
use crate::connection::{
    Body, Connection as Core, Message, Parts, PublishSeq, Publishable, Returned,
};
use crate::error::{Refused, Result};
use crate::protocol::Protocol;
use crate::wire::ShortStr;

#[cfg(doc)]
use crate::error::{Error, Misuse};

impl<P: Protocol> Channel<P> {
    /// Publishes a message: a body, properties and a body, or a [`Message`].
    ///
    /// Each message is written at once, with a system call of its own, unless
    /// [`Connection::hold_back`](super::Connection::hold_back) lets many of them share one, which is
    /// far faster. While the server stops content, with `channel.flow` or
    /// `connection.blocked`, or does not read what is sent, this waits, but no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout). Whether the server has the
    /// message is not said; see [`confirming`](Self::confirming). A program that ends without
    /// [`close`](super::Connection::close) may lose the last messages it published.
    ///
    /// ```no_run
    /// # let channel = pika::open_channel("amqp://localhost")?;
    /// use pika::amqp::basic;
    ///
    /// channel.publish("", "orders", "one apple")?;
    /// let persistent = basic::Properties::new().persistent();
    /// channel.publish("", "orders", (&persistent, "two pears"))?;
    /// # Ok::<_, pika::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::TimedOut`] when waiting did not help, [`Misuse::NameTooLong`] for a name of more than
    /// 255 bytes; the message was not sent.
    pub fn publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<()> {
        let (exchange, routing_key) = (exchange.into(), routing_key.into());
        let message = message.into_message();
        self.post_message((exchange, routing_key), message, Watch::No)
            .map(drop)
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
    ) -> Result<()> {
        self.post((publish, properties), body.into(), Watch::No)
            .map(drop)
    }

    /// Publishes a message, or returns it at once with the reason why that is not allowed now.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`] while content may not be sent, or others wait to send, which must not
    /// be overtaken; and the errors of [`publish`](Self::publish). The message was not sent.
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

    /// The next message that came back, if one did.
    ///
    /// Messages published as mandatory come back when they reach no queue. On a channel with confirms
    /// a message comes with the [`Outcome`](crate::connection::Outcome) of its publish, and here only
    /// if that was not waited for.
    #[must_use]
    pub fn try_next_returned(&self) -> Option<Returned<P>> {
        let mut inner = self.inner();
        inner.service();
        inner.session.returned(self.key())
    }

    /// Sends a message as soon as that is allowed.
    pub(super) fn post(
        &self,
        (publish, properties): (&P::Publish, &P::BasicProperties),
        body: Body<'_>,
        watch: Watch,
    ) -> Result<Option<PublishSeq>> {
        let key = self.key();
        let mut inner = self.inner();
        let mut channel = inner.core.channel(key)?;
        if channel.refusal(None).is_some() {
            inner.wait_to_publish(key)?;
            channel = inner.core.channel(key)?;
        }
        let seq = channel.publish(publish, properties, body)?;
        if let (Some(seq), Watch::Yes) = (seq, watch) {
            inner.session.watch_publish(key, seq);
        }
        inner.service();
        Ok(seq)
    }

    /// As [`post`](Self::post), for a message with its properties.
    pub(super) fn post_message(
        &self,
        (exchange, routing_key): (ShortStr, ShortStr),
        message: Message<'_, P>,
        watch: Watch,
    ) -> Result<Option<PublishSeq>> {
        let (properties, body, mandatory) = message.parts();
        let publish = P::publish(exchange, routing_key, mandatory);
        match properties {
            Some(properties) => self.post((&publish, properties), body.share(), watch),
            None => {
                let none = P::BasicProperties::default();
                self.post((&publish, &none), body.share(), watch)
            }
        }
    }

    /// Sends a message now, or returns it.
    pub(super) fn try_post<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        message: M,
        watch: Watch,
    ) -> Result<Option<PublishSeq>, Refused<M>> {
        let key = self.key();
        let mut inner = self.inner();
        let is_refused = |core: &mut Core<P>| {
            let channel = core.channel(key);
            channel.is_ok_and(|channel| channel.refusal(None).is_some())
        };
        if is_refused(&mut inner.core) {
            // What has come may permit it.
            inner.service();
        }
        let mut channel = match inner.core.channel(key) {
            Ok(channel) => channel,
            Err(error) => return Err(Refused::new(error, message)),
        };
        let (seq, message) = channel.try_publish(publish, message)?;
        if let (Some(seq), Watch::Yes) = (seq, watch) {
            inner.session.watch_publish(key, seq);
        }
        inner.service();
        drop(inner);
        drop(message);
        Ok(seq)
    }
}
