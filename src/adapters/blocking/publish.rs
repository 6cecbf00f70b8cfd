use std::time::{Duration, Instant};

use super::Channel;
use crate::adapters::session::Unconfirmed;
use crate::connection::{Body, Outcome, PublishSeq, Returned, later};
use crate::error::{Error, Forbidden, Misuse, Result, TimedOut, Waiting};
use crate::protocol::{Confirming, Protocol};
use crate::wire::ToShortStr;

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
        let publish = P::publish(exchange.to_short_str()?, routing_key.to_short_str()?);
        self.basic_publish(&publish, &P::BasicProperties::default(), body)
    }

    /// Publishes a message.
    ///
    /// While the server stops content, with `channel.flow` or `connection.blocked`, or does not
    /// read what is sent, this waits, but no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout). In confirm mode it
    /// gives the number of the publish.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when waiting did not help; the message was not sent.
    pub fn basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>> {
        self.wait_until_allowed()?;
        self.post(publish, properties, body.into(), false)
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
        if let Some(forbidden) = self.why_forbidden()? {
            return Err(forbidden.into());
        }
        self.post(publish, properties, body.into(), false)
    }

    /// The next message that came back, if one did.
    ///
    /// Messages published as mandatory come back when they reach no queue.
    #[must_use]
    pub fn next_returned(&self) -> Option<Returned<P>> {
        let mut inner = self.inner();
        inner.service();
        inner.session.returned(self.key())
    }

    /// Sends a message that is allowed; `watched` if somebody will ask what became of it.
    fn post(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: Body<'_>,
        watched: bool,
    ) -> Result<Option<PublishSeq>> {
        let mut inner = self.inner();
        let seq = self
            .target(&mut inner)?
            .publish(publish, properties, body)?;
        if let Some(seq) = seq.filter(|_| watched) {
            inner.session.watch_publish(self.key(), seq);
        }
        inner.service();
        Ok(seq)
    }

    /// Why content may not be sent now, after looking whether that has changed.
    fn why_forbidden(&self) -> Result<Option<Forbidden>> {
        let mut inner = self.inner();
        if self.target(&mut inner)?.forbidden().is_some() {
            inner.service();
        }
        Ok(self.target(&mut inner)?.forbidden())
    }

    /// Waits until content may be sent.
    fn wait_until_allowed(&self) -> Result<()> {
        let key = self.key();
        while let Some(forbidden) = self.why_forbidden()? {
            let mut inner = self.inner();
            let timeout = inner.core.config().blocked_timeout;
            let until = timeout.map(|timeout| later(Instant::now(), timeout));
            let low = inner.core.config().output_low_water;
            let permitted = inner.wait_behind(until, |inner| {
                let waiting = inner.core.outgoing_len();
                match inner.core.channel(key) {
                    Ok(channel) => match channel.forbidden() {
                        None if forbidden != Forbidden::OutputFull || waiting <= low => {
                            Some(Ok(()))
                        }
                        _ => None,
                    },
                    Err(error) => Some(Err(error)),
                }
            });
            permitted.unwrap_or_else(|| Err(timed_out(Waiting::Permission(forbidden), timeout)))?;
        }
        Ok(())
    }
}

impl<P: Confirming> Channel<P> {
    /// Publishes a message in confirm mode and waits until it is known what became of it.
    ///
    /// # Errors
    /// [`Misuse::NotConfirming`] when confirms are not turned on; [`Error::TimedOut`] when the
    /// server says nothing within
    /// [`Config::rpc_timeout`](crate::config::Config::rpc_timeout).
    pub fn publish_confirmed<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Outcome> {
        let key = self.key();
        if !self.target(&mut self.inner())?.is_confirming() {
            return Err(Misuse::NotConfirming.into());
        }
        self.wait_until_allowed()?;
        let Some(seq) = self.post(publish, properties, body.into(), true)? else {
            return Err(Misuse::NotConfirming.into());
        };
        let mut inner = self.inner();
        let timeout = inner.core.config().rpc_timeout;
        let until = timeout.map(|timeout| later(Instant::now(), timeout));
        let outcome = inner.wait_behind(until, |inner| {
            inner.session.outcome((key, seq), None).map(Ok)
        });
        inner.session.forget_publish(key, seq);
        outcome.unwrap_or_else(|| Err(timed_out(Waiting::Confirms, timeout)))
    }

    /// Waits until it is known what became of all messages published so far, and gives those that
    /// the server did not acknowledge; none is the good case.
    ///
    /// Each is reported once, so this covers what was published since the last call.
    /// What was not acknowledged is kept for that, so a program that publishes without end asks now
    /// and then.
    ///
    /// # Errors
    /// [`Misuse::NotConfirming`] when confirms are not turned on; [`Error::TimedOut`] when not all
    /// is known after `timeout`.
    pub fn wait_for_confirms(&self, timeout: Duration) -> Result<Vec<Unconfirmed>> {
        let key = self.key();
        let mut inner = self.inner();
        // Where the channel is closed, what was open is known to be lost, and that is the answer.
        let target = match self.target(&mut inner) {
            Ok(channel) => channel.next_publish().ok_or(Misuse::NotConfirming)?,
            Err(error) => {
                let failed = inner.session.unconfirmed(key);
                return if failed.is_empty() {
                    Err(error)
                } else {
                    Ok(failed)
                };
            }
        };
        let until = later(Instant::now(), timeout);
        let settled = inner.wait_behind(Some(until), |inner| match inner.core.channel(key) {
            Ok(channel) => {
                let base = channel.unconfirmed_from();
                base.is_none_or(|base| base >= target).then_some(Ok(()))
            }
            Err(_) => Some(Ok(())),
        });
        match settled {
            None => return Err(timed_out(Waiting::Confirms, Some(timeout))),
            Some(Err(error)) if inner.core.closed().is_none() => return Err(error),
            Some(_) => {}
        }
        Ok(inner.session.unconfirmed(key))
    }
}

fn timed_out(waiting_for: Waiting, after: Option<Duration>) -> Error {
    TimedOut {
        waiting_for,
        after: after.unwrap_or_default(),
    }
    .into()
}
