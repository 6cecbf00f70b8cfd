use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;

use super::ids::{DeliveryToken, PublishSeq};
use crate::method::decode_properties;
use crate::protocol::Protocol;
use crate::wire::{DecodeError, Field as _, Reader, ReplyCode, ShortStr};

/// A message that a consumer got or `basic.get` fetched.
#[derive(PartialEq)]
pub struct Delivery<P: Protocol> {
    pub(super) token: DeliveryToken,
    pub(super) redelivered: bool,
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
    pub fn exchange(&self) -> ShortStr {
        let (exchange, _) = self.content.route();
        self.content.name(exchange)
    }

    /// The routing key it was published with.
    #[must_use]
    pub fn routing_key(&self) -> ShortStr {
        let (_, rest) = self.content.route();
        self.content.name(split_name(rest).0)
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
            .field("exchange", &self.exchange())
            .field("routing_key", &self.routing_key())
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
#[derive(Clone)]
pub struct Content<P: Protocol> {
    /// What was received before the body: the names of exchange and routing key, where the message
    /// was delivered, and the property list at the end. It is kept as it came and read when asked
    /// for, since what is not copied costs nothing.
    head: Bytes,
    /// Where the property list begins in `head`; the names stand at the front if that is not 0.
    properties_at: usize,
    body: Bytes,
    version: PhantomData<P>,
}

impl<P: Protocol> Content<P> {
    pub(super) const fn new(properties: Bytes, body: Bytes) -> Self {
        Self::received(properties, 0, body)
    }

    /// A message with received memory in front of its body.
    #[inline]
    pub(super) const fn received(head: Bytes, properties_at: usize, body: Bytes) -> Self {
        Self {
            head,
            properties_at,
            body,
            version: PhantomData,
        }
    }

    /// A message that was delivered in pieces.
    pub(super) fn routed(
        exchange: &ShortStr,
        routing_key: &ShortStr,
        properties: &[u8],
        body: Bytes,
    ) -> Self {
        let names = exchange.encoded_len() + routing_key.encoded_len();
        let mut head = Vec::with_capacity(names + properties.len());
        exchange.put(&mut head);
        routing_key.put(&mut head);
        head.extend_from_slice(properties);
        Self::received(head.into(), names, body)
    }

    /// The name of the exchange, and what follows it: the routing key and more.
    #[inline]
    fn route(&self) -> (&[u8], &[u8]) {
        let names = self.head.get(..self.properties_at).unwrap_or_default();
        split_name(names)
    }

    fn name(&self, bytes: &[u8]) -> ShortStr {
        ShortStr::part_of(&self.head, bytes)
    }

    /// Reads the properties.
    ///
    /// They are read when asked for: most programs that consume look at few messages' properties,
    /// and a property list that makes no sense spoils nothing but itself.
    ///
    /// # Errors
    /// When the list is malformed; publishers can send such lists, and RabbitMQ relays some.
    pub fn properties(&self) -> Result<P::BasicProperties, DecodeError> {
        decode_properties(&mut Reader::within(&self.head, self.raw_properties()))
    }

    /// The property list as it was received: flags, then values.
    #[must_use]
    pub fn raw_properties(&self) -> &[u8] {
        self.head.get(self.properties_at..).unwrap_or_default()
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

/// A short string in front, and what follows. It was walked over when it came, so it is whole.
#[inline]
fn split_name(bytes: &[u8]) -> (&[u8], &[u8]) {
    let name = bytes
        .split_first()
        .and_then(|(len, rest)| rest.split_at_checked(usize::from(*len)));
    name.unwrap_or_default()
}

impl<P: Protocol> PartialEq for Content<P> {
    /// Whether properties and body are the same; how they were received does not matter.
    fn eq(&self, other: &Self) -> bool {
        self.raw_properties() == other.raw_properties()
            && self.body == other.body
            && self.route() == other.route()
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
