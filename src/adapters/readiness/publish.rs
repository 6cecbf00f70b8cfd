use std::time::Instant;

use bytes::Bytes;

use super::held::{Goal, Held};
use super::inner::Inner;
use super::{Channel, Then};
use crate::connection::{Body, Outcome, PublishSeq, later};
use crate::error::{Error, Misuse, Refused, Result};
use crate::protocol::{Confirming, Protocol};
use crate::wire::ToShortStr;

impl<P: Protocol> Channel<P> {
    /// Publishes a message with a body and nothing else, or gives the body back at once.
    ///
    /// # Errors
    /// As for [`basic_publish`](Self::basic_publish), and when a name has more than 255 bytes.
    pub fn publish<'b, B: Into<Body<'b>>>(
        &self,
        exchange: impl ToShortStr,
        routing_key: impl ToShortStr,
        body: B,
    ) -> Result<Option<PublishSeq>, Refused<B>>
    where
        P::BasicProperties: Default,
    {
        let names = exchange
            .to_short_str()
            .and_then(|exchange| Ok((exchange, routing_key.to_short_str()?)));
        match names {
            Ok((exchange, routing_key)) => {
                let publish = P::publish(exchange, routing_key);
                self.basic_publish(&publish, &P::BasicProperties::default(), body)
            }
            Err(error) => Err(Refused {
                error: error.into(),
                body,
            }),
        }
    }

    /// Publishes a message, or gives the body back at once. In confirm mode it gives the number of
    /// the publish.
    ///
    /// A message that is taken is written when the connection is served next.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`] while the server stops content, while as much waits to be
    /// written as [`Config::output_high_water`](crate::config::Config::output_high_water) allows,
    /// and while messages of [`publish_when_permitted`](Self::publish_when_permitted) wait, which
    /// must not be overtaken.
    pub fn basic_publish<'b, B: Into<Body<'b>>>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: B,
    ) -> Result<Option<PublishSeq>, Refused<B>> {
        self.post(&mut self.inner(), (publish, properties), body)
    }

    /// Publishes a message as soon as that is permitted, in order. Its result comes when it is on
    /// its way, and is the number of the publish in confirm mode.
    ///
    /// It waits no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout), then its result is
    /// [`Error::TimedOut`] and it was not sent. The same holds when the channel closes first, with
    /// the reason. To have the body all the same, keep a clone of its [`Bytes`], which is cheap.
    ///
    /// # Errors
    /// When it would not be sent by waiting either; and [`Error::ContentForbidden`] when as many
    /// bytes wait already as
    /// [`Config::output_high_water`](crate::config::Config::output_high_water) says. The body comes
    /// back then.
    pub fn publish_when_permitted<'b, B: Into<Body<'b>>>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: B,
    ) -> Result<Then<Option<PublishSeq>, P>, Refused<B>> {
        let mut inner = self.inner();
        match self.post(&mut inner, (publish, properties), body) {
            Ok(seq) => Ok(Then::known(self.connection(), Ok(seq))),
            Err(refused) => {
                let (then, promise) = Then::waiting(self.connection(), None);
                let goal = Goal::Sent(promise);
                let held = self.hold(&mut inner, (publish, properties), refused, goal);
                drop(inner);
                held.map(|()| then)
            }
        }
    }

    /// Sends a message if that is possible now.
    fn post<'b, B: Into<Body<'b>>>(
        &self,
        inner: &mut Inner<P>,
        (publish, properties): (&P::Publish, &P::BasicProperties),
        body: B,
    ) -> Result<Option<PublishSeq>, Refused<B>> {
        if let Some(why) = inner.first_held(self.key()) {
            let error = why.into();
            return Err(Refused { error, body });
        }
        match self.target(inner) {
            Ok(mut channel) => channel.try_publish(publish, properties, body),
            Err(error) => Err(Refused { error, body }),
        }
    }

    /// Keeps a message that may be sent later; gives others back.
    fn hold<'b, B: Into<Body<'b>>>(
        &self,
        inner: &mut Inner<P>,
        (publish, properties): (&P::Publish, &P::BasicProperties),
        refused: Refused<B>,
        goal: Goal,
    ) -> Result<(), Refused<B>> {
        let Error::ContentForbidden(why) = refused.error else {
            return Err(refused);
        };
        if inner.held_bytes >= inner.core.config().output_high_water {
            return Err(refused);
        }
        let timeout = inner.core.config().blocked_timeout;
        let body = match refused.body.into() {
            Body::Borrowed(bytes) => Bytes::copy_from_slice(bytes),
            Body::Shared(bytes) => bytes,
        };
        let (publish, properties) = (publish.clone(), properties.clone());
        let until = timeout.map(|timeout| later(Instant::now(), timeout));
        inner.add_held(
            self.key(),
            Held {
                publish,
                properties,
                body,
                why,
                until,
                goal,
            },
        );
        Ok(())
    }
}

impl<P: Confirming> Channel<P> {
    /// Publishes a message in confirm mode as soon as that is permitted; its result comes when it is
    /// known what became of it.
    ///
    /// For permission it waits as
    /// [`publish_when_permitted`](Self::publish_when_permitted) does, and then for the server's word
    /// no longer than [`Config::rpc_timeout`](crate::config::Config::rpc_timeout).
    ///
    /// # Errors
    /// As for [`publish_when_permitted`](Self::publish_when_permitted), and
    /// [`Misuse::NotConfirming`] when confirms are not turned on.
    pub fn publish_confirmed<'b, B: Into<Body<'b>>>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: B,
    ) -> Result<Then<Outcome, P>, Refused<B>> {
        let mut inner = self.inner();
        let confirms = self
            .target(&mut inner)
            .map(|channel| channel.is_confirming());
        if let Ok(false) = confirms {
            let error = Misuse::NotConfirming.into();
            return Err(Refused { error, body });
        }
        let (then, promise) = Then::waiting(self.connection(), None);
        let posted = self.post(&mut inner, (publish, properties), body);
        let result = match posted {
            Ok(seq) => {
                inner.watch(self.key(), seq, promise);
                Ok(())
            }
            Err(refused) => {
                let goal = Goal::Confirmed(promise);
                self.hold(&mut inner, (publish, properties), refused, goal)
            }
        };
        drop(inner);
        result.map(|()| then)
    }
}
