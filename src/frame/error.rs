use core::fmt;

use crate::wire::{ChannelId, ReplyCode};

/// Received bytes that do not form a frame.
///
/// After one the stream cannot be read on: where the next frame begins is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameError {
    kind: FrameErrorKind,
    offset: usize,
}

impl FrameError {
    #[cold]
    pub(super) const fn new(kind: FrameErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> FrameErrorKind {
        self.kind
    }

    /// Where, in bytes from the start of the frame.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The code to close the connection with.
    #[must_use]
    pub const fn reply_code(&self) -> ReplyCode {
        match self.kind {
            FrameErrorKind::HeartbeatChannel(_) | FrameErrorKind::Weight(_) => {
                ReplyCode::UNEXPECTED_FRAME
            }
            _ => ReplyCode::FRAME_ERROR,
        }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {} of the frame", self.kind, self.offset)
    }
}

impl core::error::Error for FrameError {}

/// The ways in which a frame can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameErrorKind {
    /// The type octet is not 1 (method), 2 (header), 3 (body) or 8 (heartbeat).
    UnknownType(u8),
    /// The bytes begin like a protocol header but do not go on as one.
    ProtocolHeader([u8; 8]),
    /// The frame is larger than the limit. Both count the payload and the 8 bytes around it.
    TooLarge {
        /// What the frame would take.
        size: u64,
        /// The most that is accepted.
        limit: u32,
    },
    /// The octet behind the payload is not the frame end.
    End(u8),
    /// A method frame without room for the class and method ids.
    ShortMethod {
        /// Bytes of payload.
        len: usize,
    },
    /// A content header frame without room for class, weight and body size.
    ShortHeader {
        /// Bytes of payload.
        len: usize,
    },
    /// A content header whose weight is not 0.
    Weight(u16),
    /// A heartbeat on a channel other than 0.
    HeartbeatChannel(ChannelId),
    /// A heartbeat with a payload.
    HeartbeatPayload {
        /// Bytes of payload.
        len: usize,
    },
}

impl fmt::Display for FrameErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType(found) => write!(
                f,
                "expected a frame of type 1, 2, 3 or 8, found type {found}"
            ),
            Self::ProtocolHeader(bytes) => write!(
                f,
                "expected a frame or a protocol header, found {}",
                bytes.escape_ascii()
            ),
            Self::TooLarge { size, limit } => write!(
                f,
                "expected a frame of at most {limit} bytes, found one of {size} announced"
            ),
            Self::End(found) => write!(
                f,
                "expected the frame end 0xce behind the payload, found 0x{found:02x}"
            ),
            Self::ShortMethod { len } => {
                write!(
                    f,
                    "expected a method frame of at least 4 bytes of payload, found {len}"
                )
            }
            Self::ShortHeader { len } => {
                write!(
                    f,
                    "expected a content header of at least 12 bytes of payload, found {len}"
                )
            }
            Self::Weight(found) => {
                write!(f, "expected weight 0 in a content header, found {found}")
            }
            Self::HeartbeatChannel(channel) => {
                write!(
                    f,
                    "expected heartbeats on channel 0, found one on channel {channel}"
                )
            }
            Self::HeartbeatPayload { len } => {
                write!(
                    f,
                    "expected a heartbeat without payload, found one with {len} bytes"
                )
            }
        }
    }
}
