use std::time::Instant;

use bytes::Bytes;

use super::held::{Goal, Held};
use super::inner::Inner;
use super::{Channel, Then};
use crate::connection::{Body, Parts, PublishSeq, Publishable};
use crate::error::{Error, Refused, Result};
use crate::protocol::Protocol;
use crate::wire::ShortStr;

#[cfg(doc)]
use crate::connection::Message;
#[cfg(doc)]
use crate::error::Misuse;

impl<P: Protocol> Channel<P> {
    /// Publishes a message as soon as that is permitted, in order: a body, properties and a body, or a
    /// [`Message`]. Its result comes when it is on its way.
    ///
    /// Usually that is at once. It waits no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout), then its result is
    /// [`Error::TimedOut`] and it was not sent. The same holds when the channel closes first, with
    /// the reason. To have the body all the same, keep a clone of its [`Bytes`], which is cheap.
    /// Whether the server has the message is not said; see [`confirming`](Self::confirming).
    ///
    /// # Errors
    /// When it would not be sent by waiting either; and [`Error::ContentForbidden`] when as many
    /// bytes wait already as
    /// [`Config::output_high_water`](crate::config::Config::output_high_water) says. The message comes
    /// back then.
    pub fn publish<'b, M: Publishable<'b, P>>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: M,
    ) -> Result<Then<(), P>, Refused<M>> {
        let mandatory = message.is_mandatory();
        let publish = P::publish(exchange.into(), routing_key.into(), mandatory);
        self.post_or_hold(&publish, message)
    }

    /// Publishes a message with all arguments of `basic.publish`, as [`publish`](Self::publish) does.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn basic_publish<'b, B: Into<Body<'b>>>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: B,
    ) -> Result<Then<(), P>, Refused<B>> {
        self.post_or_hold(publish, Parts::new(properties, body))
            .map_err(|refused| refused.map(|parts| parts.body))
    }

    /// Publishes a message, or returns it at once with the reason why that is not allowed now. A
    /// message that is taken is written when the connection is served next.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`] while the server stops content, while as much waits to be
    /// written as [`Config::output_high_water`](crate::config::Config::output_high_water) allows,
    /// and while messages of [`publish`](Self::publish) wait, which must not be overtaken.
    /// [`Misuse::NameTooLong`] for a name of more than 255 bytes.
    pub fn try_publish<'b, M: Publishable<'b, P>>(
        &self,
        exchange: impl Into<ShortStr>,
        routing_key: impl Into<ShortStr>,
        message: M,
    ) -> Result<(), Refused<M>> {
        let mandatory = message.is_mandatory();
        let publish = P::publish(exchange.into(), routing_key.into(), mandatory);
        self.post(&mut self.inner(), &publish, message).map(drop)
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
        let message = Parts::new(properties, body);
        let posted = self.post(&mut self.inner(), publish, message);
        posted
            .map(drop)
            .map_err(|refused| refused.map(|parts| parts.body))
    }

    fn post_or_hold<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        message: M,
    ) -> Result<Then<(), P>, Refused<M>> {
        let mut inner = self.inner();
        match self.post(&mut inner, publish, message) {
            Ok(_) => Ok(Then::known(self.connection(), Ok(()))),
            Err(refused) => {
                let (then, promise) = Then::waiting(self.connection(), None);
                let held = self.hold(&mut inner, publish, refused, Goal::Sent(promise));
                drop(inner);
                held.map(|()| then)
            }
        }
    }

    /// Sends a message if that is possible now.
    pub(super) fn post<'b, M: Publishable<'b, P>>(
        &self,
        inner: &mut Inner<P>,
        publish: &P::Publish,
        message: M,
    ) -> Result<Option<PublishSeq>, Refused<M>> {
        if let Some(why) = inner.first_held(self.key()) {
            return Err(Refused::new(why.into(), message));
        }
        match inner.core.channel(self.key()) {
            Ok(mut channel) => channel.try_publish(publish, message).map(|(seq, _)| seq),
            Err(error) => Err(Refused::new(error, message)),
        }
    }

    /// Keeps a message that may be sent later; returns others.
    pub(super) fn hold<'b, M: Publishable<'b, P>>(
        &self,
        inner: &mut Inner<P>,
        publish: &P::Publish,
        refused: Refused<M>,
        goal: Goal<P>,
    ) -> Result<(), Refused<M>> {
        let Error::ContentForbidden(why) = refused.error else {
            return Err(refused);
        };
        if inner.held_bytes >= inner.core.config().output_high_water {
            return Err(refused);
        }
        let message = refused.message.into_message();
        let (properties, body, _) = message.parts();
        let body = match body {
            Body::Borrowed(bytes) => Bytes::copy_from_slice(bytes),
            Body::Shared(bytes) => bytes.clone(),
        };
        let mut held = Held {
            publish: publish.clone(),
            properties: properties.cloned().unwrap_or_default(),
            body,
            why,
            ticket: None,
            goal,
        };
        let place = (Some(self.key()), Instant::now());
        // The first time nothing has waited for too long.
        let _waits = inner
            .core
            .wait_to_send(place.0, why, &mut held.ticket, place.1);
        inner.add_held(self.key(), held);
        Ok(())
    }
}
