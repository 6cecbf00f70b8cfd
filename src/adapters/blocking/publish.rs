use std::time::Duration;

use super::Channel;
use super::wait::{now, sent, within};
use crate::adapters::asynchronous::confirming::Watch;
use crate::connection::{Body, Message, PublishSeq, Publishable, Returned};
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
    /// far faster: 15 million messages of 100 bytes a second instead of 0.23 million. A connection
    /// with a thread of its own does that by itself.
    ///
    /// While the server stops content, with `channel.flow` or `connection.blocked`, or does not read
    /// what is sent, this waits, but no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout). Whether the server has the
    /// message is not known; see [`confirming`](Self::confirming). A program that ends without
    /// [`close`](super::Connection::close) may lose the last messages that it published.
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
    #[inline]
    pub fn publish<'b>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: impl Publishable<'b, P>,
    ) -> Result<()> {
        let names = (exchange.into(), routing_key.into());
        self.post_message(names, &message.into_message(), Watch::No)
            .map(drop)
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
    ) -> Result<()> {
        self.post((publish, properties, &body.into()), Watch::No)
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
        self.sent(self.0.try_publish(exchange, routing_key, message))
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
        self.sent(self.0.try_basic_publish(publish, properties, body))
    }

    /// Sends a message as soon as that is allowed. Usually it is allowed now, so no future is made.
    #[inline]
    pub(super) fn post(
        &self,
        message: (&P::Publish, &P::BasicProperties, &Body<'_>),
        watch: Watch,
    ) -> Result<Option<PublishSeq>> {
        match self.0.post_now(message, watch)? {
            Ok(seq) => {
                sent(self.0.link());
                Ok(seq)
            }
            Err(_) => self.block_on(self.0.post_later(message, watch)),
        }
    }

    /// As [`post`](Self::post), for a message with its properties.
    #[inline]
    pub(super) fn post_message(
        &self,
        (exchange, routing_key): (ShortStr, ShortStr),
        message: &Message<'_, P>,
        watch: Watch,
    ) -> Result<Option<PublishSeq>> {
        let (properties, body, mandatory) = message.parts();
        let publish = P::publish(exchange, routing_key, mandatory);
        match properties {
            Some(properties) => self.post((&publish, properties, body), watch),
            None => {
                let none = P::BasicProperties::default();
                self.post((&publish, &none, body), watch)
            }
        }
    }

    /// The next message that came back, if one did.
    ///
    /// Messages published as mandatory come back when they reach no queue. On a channel with confirms
    /// a message comes with the [`Outcome`](crate::connection::Outcome) of its publish, and here only
    /// if that was not waited for.
    #[must_use]
    pub fn try_next_returned(&self) -> Option<Returned<P>> {
        now(self.0.link(), self.0.next_returned())?.ok()
    }

    /// The next message that comes back, waiting for it no longer than `timeout`.
    ///
    /// # Errors
    /// When the channel is closed and all that came back was taken.
    pub fn next_returned_within(&self, timeout: Duration) -> Result<Option<Returned<P>>> {
        within(self.0.link(), self.0.next_returned(), timeout)
    }
}
