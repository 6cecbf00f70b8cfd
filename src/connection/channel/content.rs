use std::fmt;
use std::marker::PhantomData;

use bytes::{Bytes, BytesMut};

use crate::connection::ids::{ConsumerId, DeliveryToken};
use crate::error::{Expected, ProtocolError};
use crate::frame::{ContentHeader, Payload};
use crate::method::{Args, decode_properties};
use crate::protocol::{Deliver, GetOk, Protocol, Return};
use crate::wire::{ChannelId, DecodeError, ReplyCode, ShortStr};

/// Puts a content together from its method, its header and its body frames.
///
/// ```text
/// Idle ── method ──▶ Header ── header ──▶ Body ── last body frame ──▶ Idle
///                        ├── header of size 0 ──▶ Idle
///                        └── header beyond the limit ──▶ Skip ── last body frame ──▶ Idle
/// ```
#[derive(Debug, Default)]
pub(crate) enum Assembly {
    /// No content has begun.
    #[default]
    Idle,
    /// The method came.
    Header(Carrier),
    /// The header came.
    Body {
        carrier: Carrier,
        properties: Bytes,
        left: u64,
        body: BytesMut,
    },
    /// The message is too large; its body is passed over.
    Skip { left: u64 },
}

/// The method that a content came with.
#[derive(Debug)]
pub(crate) enum Carrier {
    Deliver(Deliver, Recipient),
    Return(Return),
    GetOk(GetOk),
}

/// Who gets a delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Recipient {
    Consumer {
        id: ConsumerId,
        no_ack: bool,
    },
    /// Nobody: it goes back to the queue, if it has to be acknowledged at all.
    Nobody {
        no_ack: bool,
    },
}

/// A content that is whole.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) carrier: Carrier,
    pub(crate) properties: Bytes,
    pub(crate) body: Bytes,
}

/// How a message's size is limited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SizeLimit(pub(crate) u64);

impl Assembly {
    /// What can come next.
    pub(crate) const fn expected(&self) -> Expected {
        match self {
            Self::Idle => Expected::Method,
            Self::Header(_) => Expected::Header,
            Self::Body { .. } | Self::Skip { .. } => Expected::Body,
        }
    }

    /// Takes a content header.
    pub(crate) fn header<P: Protocol>(
        &mut self,
        channel: ChannelId,
        header: &ContentHeader<'_>,
        limit: SizeLimit,
    ) -> Result<Option<Whole>, ProtocolError> {
        let expected = self.expected();
        let Self::Header(carrier) = std::mem::take(self) else {
            return Err(unexpected(channel, "a content header", expected));
        };
        let class = P::Publish::ID.class;
        if header.class != class {
            return Err(ProtocolError::WrongClass {
                expected: class,
                found: header.class,
            });
        }
        let (left, properties) = (header.body_size, share_properties(header.properties));
        if left > limit.0 {
            *self = Self::Skip { left };
            return Err(ProtocolError::MessageTooLarge {
                size: left,
                limit: limit.0,
            });
        }
        if left == 0 {
            return Ok(Some(Whole {
                carrier,
                properties,
                body: Bytes::new(),
            }));
        }
        *self = Self::Body {
            carrier,
            properties,
            left,
            body: BytesMut::new(),
        };
        Ok(None)
    }

    /// Takes a body frame. A body in one frame stays where it was received.
    pub(crate) fn body(
        &mut self,
        channel: ChannelId,
        payload: Payload<'_>,
    ) -> Result<Option<Whole>, ProtocolError> {
        let expected = self.expected();
        let found = payload.as_bytes().len();
        if let Self::Skip { left } = self {
            *left = left.saturating_sub(found as u64);
            if *left == 0 {
                *self = Self::Idle;
            }
            return Ok(None);
        }
        let Self::Body {
            carrier,
            properties,
            left,
            mut body,
        } = std::mem::take(self)
        else {
            return Err(unexpected(channel, "a content body", expected));
        };
        let Some(rest) = left.checked_sub(found as u64) else {
            return Err(ProtocolError::BodyTooLong { left, found });
        };
        if rest == 0 && body.is_empty() {
            return Ok(Some(Whole {
                carrier,
                properties,
                body: payload.to_bytes(),
            }));
        }
        // Grows by doubling with what has come, not by what the header announced.
        body.extend_from_slice(payload.as_bytes());
        if rest == 0 {
            return Ok(Some(Whole {
                carrier,
                properties,
                body: body.freeze(),
            }));
        }
        *self = Self::Body {
            carrier,
            properties,
            left: rest,
            body,
        };
        Ok(None)
    }
}

fn unexpected(channel: ChannelId, found: &'static str, expected: Expected) -> ProtocolError {
    ProtocolError::UnexpectedContent {
        channel,
        found,
        expected,
    }
}

/// Property flags with nothing set.
const NO_PROPERTIES: &[u8] = &[0, 0];

/// Shares the received memory only where there is something in it.
fn share_properties(properties: Payload<'_>) -> Bytes {
    if properties.as_bytes() == NO_PROPERTIES {
        Bytes::from_static(NO_PROPERTIES)
    } else {
        properties.to_bytes()
    }
}

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
        decode_properties(&self.properties)
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
