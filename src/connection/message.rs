use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;

use super::ids::{DeliveryToken, PublishSeq};
use crate::method::decode_properties;
use crate::protocol::Protocol;
use crate::wire::{DecodeError, Reader, ReplyCode, ShortStr};

/// A message that a consumer got or `basic.get` fetched.
#[derive(PartialEq)]
pub struct Delivery<P: Protocol> {
    pub(super) token: DeliveryToken,
    pub(super) redelivered: bool,
    pub(super) exchange: ShortStr,
    pub(super) routing_key: ShortStr,
    pub(super) message_count: Option<u32>,
    pub(super) content: Content<P>,
}

impl<P: Protocol> Delivery<P> {
    /// The right to settle it, to be given to `ack` and its kin.
    #[must_use]
    pub fn into_token(self) -> DeliveryToken {
        self.token
    }

    /// The token and the content apart.
    #[must_use]
    pub fn into_parts(self) -> (DeliveryToken, Content<P>) {
        (self.token, self.content)
    }

    /// The right to settle it.
    #[must_use]
    pub const fn token(&self) -> &DeliveryToken {
        &self.token
    }

    /// Whether it was delivered before, to anybody.
    #[must_use]
    pub const fn redelivered(&self) -> bool {
        self.redelivered
    }

    /// The exchange it was published to; empty for the default exchange.
    #[must_use]
    pub const fn exchange(&self) -> &ShortStr {
        &self.exchange
    }

    /// The routing key it was published with.
    #[must_use]
    pub const fn routing_key(&self) -> &ShortStr {
        &self.routing_key
    }

    /// Messages left in the queue, where `basic.get` fetched it.
    #[must_use]
    pub const fn message_count(&self) -> Option<u32> {
        self.message_count
    }

    /// Properties and body.
    #[must_use]
    pub const fn content(&self) -> &Content<P> {
        &self.content
    }
}

impl<P: Protocol> fmt::Debug for Delivery<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("channel", &self.token.channel.id().0)
            .field("delivery_tag", &self.token.tag.0)
            .field("redelivered", &self.redelivered)
            .field("exchange", &self.exchange)
            .field("routing_key", &self.routing_key)
            .field("content", &self.content)
            .finish()
    }
}

/// A message that was published and came back, and why.
#[derive(Debug, PartialEq)]
pub struct Returned<P: Protocol> {
    /// Why: [`ReplyCode::NO_ROUTE`] when it was mandatory and reached no queue.
    pub code: ReplyCode,
    /// Why, in the server's words.
    pub text: ShortStr,
    /// The exchange it was published to.
    pub exchange: ShortStr,
    /// The routing key it was published with.
    pub routing_key: ShortStr,
    /// The publish that it was, in confirm mode.
    pub publish: Option<PublishSeq>,
    /// Properties and body.
    pub content: Content<P>,
}

/// The properties and the body of a received message.
#[derive(Clone, PartialEq)]
pub struct Content<P: Protocol> {
    properties: Bytes,
    body: Bytes,
    version: PhantomData<P>,
}

impl<P: Protocol> Content<P> {
    pub(super) const fn new(properties: Bytes, body: Bytes) -> Self {
        Self {
            properties,
            body,
            version: PhantomData,
        }
    }

    /// Reads the properties.
    ///
    /// They are read when asked for: most programs that consume look at few messages' properties,
    /// and a property list that makes no sense spoils nothing but itself.
    ///
    /// # Errors
    /// When the list is malformed; publishers can send such lists, and RabbitMQ relays some.
    pub fn properties(&self) -> Result<P::BasicProperties, DecodeError> {
        decode_properties(&mut Reader::new(&self.properties))
    }

    /// The property list as it was received: flags, then values.
    #[must_use]
    pub const fn raw_properties(&self) -> &Bytes {
        &self.properties
    }

    /// The body.
    ///
    /// A body that came in one frame is a slice of the read buffer: cheap, but while it lives so
    /// does the buffer, up to some hundred kibibytes. Copy what is kept for long.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body alone.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }
}

impl<P: Protocol> fmt::Debug for Content<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut content = f.debug_struct("Content");
        match self.properties() {
            Ok(properties) => content.field("properties", &properties),
            Err(error) => content.field("properties", &format_args!("malformed: {error}")),
        };
        content.field("body", &self.body).finish()
    }
}
