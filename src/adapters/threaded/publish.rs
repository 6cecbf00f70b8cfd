use std::time::Duration;

use super::Channel;
use super::wait::{finish, now};
use super::within;
use crate::connection::{Body, Publishable, Returned};
use crate::error::{Refused, Result};
use crate::protocol::Protocol;
use crate::wire::ShortStr;

#[cfg(doc)]
use crate::connection::Message;
#[cfg(doc)]
use crate::error::{Error, Misuse};

impl<P: Protocol> Channel<P> {
    /// Publishes a message: a body, properties and a body, or a [`Message`].
    ///
    /// Usually that does not wait: the thread of the connection writes the message soon after. While
    /// the server stops content, with `channel.flow` or `connection.blocked`, or does not read what
    /// is sent, it waits, but no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout). Whether the server has the
    /// message is not said; see [`confirming`](Self::confirming).
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
        finish(self.0.publish(exchange, routing_key, message))
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
        finish(self.0.basic_publish(publish, properties, body))
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
        self.0.try_publish(exchange, routing_key, message)
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
        self.0.try_basic_publish(publish, properties, body)
    }

    /// The next message that came back, if one did.
    ///
    /// Messages published as mandatory come back when they reach no queue. On a channel with confirms
    /// a message comes with the [`Outcome`](crate::connection::Outcome) of its publish, and here only
    /// if that was not waited for.
    #[must_use]
    pub fn try_next_returned(&self) -> Option<Returned<P>> {
        now(self.0.next_returned())?.ok()
    }

    /// The next message that comes back, waiting for it no longer than `timeout`.
    ///
    /// # Errors
    /// When the channel is closed and all that came back was taken.
    pub fn next_returned_within(&self, timeout: Duration) -> Result<Option<Returned<P>>> {
        within(self.0.next_returned(), timeout).transpose()
    }
}
