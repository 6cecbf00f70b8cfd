use std::time::{Duration, Instant};

use super::Channel;
use crate::connection::{Body, Outcome, PublishSeq, Returned};
use crate::error::{Error, Forbidden, Misuse, Result, TimedOut, Waiting};
use crate::protocol::{Confirming, Protocol};
use crate::wire::ToShortStr;

/// Publishes that the server did not acknowledge, as [`Channel::wait_for_confirms`] reports them.
#[derive(Clone, Debug)]
pub struct Unconfirmed {
    /// The first publish.
    pub first: PublishSeq,
    /// The last publish.
    pub last: PublishSeq,
    /// What became of each of them.
    pub outcome: Outcome,
}

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
    /// [`Error::TimedOut`] when waiting did not help; the message was not sent and is still the
    /// caller's.
    pub fn basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>> {
        let body = body.into();
        loop {
            match self.try_basic_publish(publish, properties, body.clone()) {
                Err(Error::Forbidden(forbidden)) => self.wait_for_permission(forbidden)?,
                other => return other,
            }
        }
    }

    /// Publishes a message, or says at once why that is not allowed now.
    ///
    /// # Errors
    /// [`Error::Forbidden`] while content may not be sent; the message is still the caller's.
    pub fn try_basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>> {
        let mut inner = self.inner();
        let seq = self
            .target(&mut inner)?
            .publish(publish, properties, body)?;
        inner.service();
        Ok(seq)
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

    fn wait_for_permission(&self, forbidden: Forbidden) -> Result<()> {
        let key = self.key();
        let mut inner = self.inner();
        let timeout = inner.core.config().blocked_timeout;
        let until = timeout.map(|timeout| Instant::now() + timeout);
        let low = inner.core.config().output_low_water;
        let permitted = inner.wait(until, |inner| {
            let waiting = inner.core.outgoing_len();
            match inner.core.channel(key) {
                Ok(channel) => match channel.forbidden() {
                    None if forbidden != Forbidden::OutputFull || waiting <= low => Some(Ok(())),
                    _ => None,
                },
                Err(error) => Some(Err(error)),
            }
        });
        permitted.unwrap_or_else(|| Err(timed_out(Waiting::Permission(forbidden), timeout)))
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
        let body = body.into();
        let seq = loop {
            let mut inner = self.inner();
            let published = self
                .target(&mut inner)?
                .publish(publish, properties, body.clone());
            match published {
                Ok(Some(seq)) => {
                    inner.session.watch_publish(key, seq);
                    break seq;
                }
                Ok(None) => return Err(Misuse::NotConfirming.into()),
                Err(Error::Forbidden(forbidden)) => {
                    drop(inner);
                    self.wait_for_permission(forbidden)?;
                }
                Err(error) => return Err(error),
            }
        };
        let mut inner = self.inner();
        let timeout = inner.core.config().rpc_timeout;
        let until = timeout.map(|timeout| Instant::now() + timeout);
        let outcome = inner.wait(until, |inner| inner.session.outcome(key, seq).map(Ok));
        inner.session.forget_publish(key, seq);
        outcome.unwrap_or_else(|| Err(timed_out(Waiting::Confirms, timeout)))
    }

    /// Waits until it is known what became of all messages published so far, and gives those that
    /// the server did not acknowledge; none is the good case.
    ///
    /// Each is reported once, so this covers what was published since the last call.
    ///
    /// # Errors
    /// [`Misuse::NotConfirming`] when confirms are not turned on; [`Error::TimedOut`] when not all
    /// is known after `timeout`.
    pub fn wait_for_confirms(&self, timeout: Duration) -> Result<Vec<Unconfirmed>> {
        let key = self.key();
        let mut inner = self.inner();
        let Some(target) = self.target(&mut inner)?.next_publish() else {
            return Err(Misuse::NotConfirming.into());
        };
        let until = Instant::now() + timeout;
        let settled = inner.wait(Some(until), |inner| match inner.core.channel(key) {
            Ok(channel) => {
                let base = channel.unconfirmed_from();
                base.is_none_or(|base| base >= target).then_some(Ok(()))
            }
            // Whatever was open is resolved as lost, and that is the answer.
            Err(_) => Some(Ok(())),
        });
        match settled {
            None => return Err(timed_out(Waiting::Confirms, Some(timeout))),
            Some(Err(error)) if inner.core.closed().is_none() => return Err(error),
            Some(_) => {}
        }
        let failed = inner.session.failed_publishes(key).into_iter();
        Ok(failed
            .map(|(first, last, outcome)| Unconfirmed {
                first,
                last,
                outcome,
            })
            .collect())
    }
}

fn timed_out(waiting_for: Waiting, after: Option<Duration>) -> Error {
    TimedOut {
        waiting_for,
        after: after.unwrap_or_default(),
    }
    .into()
}
