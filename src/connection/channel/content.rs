use bytes::Bytes;

use super::consumers::Consumer;
use crate::error::{Expected, ProtocolError};
use crate::frame::{ContentHeader, Payload};
use crate::method::Args;
use crate::protocol::{Deliver, GetOk, Protocol, Return};
use crate::wire::{ChannelId, MethodId};

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
        body: Vec<u8>,
    },
    /// The message is too large; its body is passed over.
    Skip { left: u64 },
}

/// The method that a content came with.
#[derive(Debug)]
pub(crate) enum Carrier {
    /// The consumer is as it was when the delivery began.
    Deliver(Deliver, Consumer),
    Return(Return),
    GetOk(MethodId, GetOk),
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
            body: Vec::new(),
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
        make_room(&mut body, found, left);
        body.extend_from_slice(payload.as_bytes());
        if rest == 0 {
            return Ok(Some(Whole {
                carrier,
                properties,
                body: body.into(),
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

/// Makes room for `found` bytes more, of `left` that are still to come. It grows by doubling what
/// has come, not by what the header announced, but never beyond that.
fn make_room(body: &mut Vec<u8>, found: usize, left: u64) {
    if body.capacity() - body.len() < found {
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        body.reserve_exact(body.len().max(found).min(left));
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
