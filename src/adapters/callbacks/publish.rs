use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;

use super::Then;
use super::handles::{Channel, Hold};
use crate::adapters::asynchronous::confirming::Watch;
use crate::connection::{Body, Parts, PublishSeq, Publishable};
use crate::error::{Error, Forbidden, Refused, Result};
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
        self.post(&publish, message).map(drop)
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
        self.post(publish, message)
            .map(drop)
            .map_err(|refused| refused.map(|parts| parts.body))
    }

    fn post_or_hold<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        message: M,
    ) -> Result<Then<(), P>, Refused<M>> {
        let refused = match self.post(publish, message) {
            Ok(_) => return Ok(Then::known(&self.connection, Ok(()))),
            Err(refused) => refused,
        };
        let held = self.hold(publish, refused)?;
        let sent = async move { held.send(Watch::No).await };
        Ok(self.connection.begin(self.key(), sent, |_, _| ()))
    }

    /// Sends a message, if it overtakes none that waits.
    fn post<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        message: M,
    ) -> Result<Option<PublishSeq>, Refused<M>> {
        match self.last_waiting() {
            Some(why) => Err(Refused::new(why.into(), message)),
            None => self.record.front.try_post(publish, message, Watch::No),
        }
    }

    /// What messages of this channel wait for, if any do: none may overtake them.
    pub(super) fn last_waiting(&self) -> Option<Forbidden> {
        if self.record.held.get() == 0 {
            return None;
        }
        let key = self.key();
        let link = self.connection.link();
        link.with(|state| state.core.channel(key).ok()?.last_waiting())
    }

    /// Keeps a message that may be sent later; returns others.
    pub(super) fn hold<'b, M: Publishable<'b, P>>(
        &self,
        publish: &P::Publish,
        refused: Refused<M>,
    ) -> Result<Held<P>, Refused<M>> {
        let Error::ContentForbidden(_) = refused.error else {
            return Err(refused);
        };
        let held_bytes = &self.connection.shared.held_bytes;
        let high_water = self
            .connection
            .link()
            .with(|state| state.core.config().output_high_water);
        if held_bytes.get() >= high_water {
            return Err(refused);
        }
        let message = refused.message.into_message();
        let (properties, body, _) = message.parts();
        let body = match body {
            Body::Borrowed(bytes) => Bytes::copy_from_slice(bytes),
            Body::Shared(bytes) => bytes.clone(),
        };
        let footprint = body.len() + size_of::<Held<P>>();
        held_bytes.set(held_bytes.get() + footprint);
        self.record.held.set(self.record.held.get() + 1);
        Ok(Held {
            record: self.record.clone(),
            publish: publish.clone(),
            properties: properties.cloned().unwrap_or_default(),
            body: Body::Shared(body),
            footprint,
            all: held_bytes.clone(),
        })
    }
}

/// A message that waits for permission.
pub(super) struct Held<P: Protocol> {
    pub(super) record: Rc<Hold<P>>,
    publish: P::Publish,
    properties: P::BasicProperties,
    body: Body<'static>,
    /// About how much memory it takes, without what names and properties take.
    footprint: usize,
    /// What all messages take that wait.
    all: Rc<Cell<usize>>,
}

impl<P: Protocol> Held<P> {
    /// Waits for permission, from when this is polled first, and sends the message.
    pub(super) async fn send(&self, watch: Watch) -> Result<Option<PublishSeq>> {
        let message = (&self.publish, &self.properties, &self.body);
        self.record.front.post_in_line(message, watch, true).await
    }
}

impl<P: Protocol> Drop for Held<P> {
    fn drop(&mut self) {
        self.all.set(self.all.get() - self.footprint);
        self.record.held.set(self.record.held.get() - 1);
    }
}
