use std::time::Duration;

use super::Channel;
use super::confirm::Confirm;
use super::wait::{block_on, finish, now};
use super::within;
use crate::adapters::session::Unconfirmed;
use crate::connection::{Body, Outcome, PublishSeq, Returned};
use crate::error::Result;
use crate::protocol::{Confirming, Protocol};
use crate::wire::ToShortStr;

#[cfg(doc)]
use crate::error::{Error, Misuse};

impl<P: Protocol> Channel<P> {
    /// Publishes a message with a body and nothing else.
    ///
    /// # Errors
    /// As for [`basic_publish`](Self::basic_publish), and when a name has more than 255 bytes.
    pub fn publish<'b>(
        &self,
        exchange: impl ToShortStr,
        routing_key: impl ToShortStr,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>>
    where
        P::BasicProperties: Default,
    {
        finish(self.0.publish(exchange, routing_key, body))
    }

    /// Publishes a message.
    ///
    /// Usually that does not wait: the thread of the connection writes the message soon after. While
    /// the server stops content, with `channel.flow` or `connection.blocked`, or does not read what
    /// is sent, it waits, but no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout). In confirm mode it gives
    /// the number of the publish.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when waiting did not help; the message was not sent.
    #[inline]
    pub fn basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>> {
        finish(self.0.basic_publish(publish, properties, body))
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
        self.0.try_basic_publish(publish, properties, body)
    }

    /// The next message that came back, if one did.
    ///
    /// Messages published as mandatory come back when they reach no queue.
    #[must_use]
    pub fn next_returned(&self) -> Option<Returned<P>> {
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

impl<P: Confirming> Channel<P> {
    /// Publishes a message in confirm mode, to learn later what became of it.
    ///
    /// Many can be open at once; how many is the program's choice. Publishing waits as
    /// [`basic_publish`](Self::basic_publish) does.
    ///
    /// # Errors
    /// [`Misuse::NotConfirming`] when confirms are not turned on, and those of
    /// [`basic_publish`](Self::basic_publish); the message was not sent.
    #[inline]
    pub fn publish_tracked<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Confirm<P>> {
        finish(self.0.publish_tracked(publish, properties, body)).map(Confirm::new)
    }

    /// Publishes a message in confirm mode and waits until it is known what became of it.
    ///
    /// # Errors
    /// As for [`publish_tracked`](Self::publish_tracked); [`Error::TimedOut`] also when the server
    /// says nothing within [`Config::rpc_timeout`](crate::config::Config::rpc_timeout).
    pub fn publish_confirmed<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Outcome> {
        block_on(self.0.publish_confirmed(publish, properties, body))
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
    pub fn wait_for_confirms(&self, timeout: Duration) -> Result<Vec<Unconfirmed>> {
        block_on(self.0.wait_for_confirms(timeout))
    }
}
