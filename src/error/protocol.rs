use std::fmt;

use crate::frame::{FrameError, ProtocolHeader};
use crate::wire::{ChannelId, DecodeError, DeliveryTag, ReplyCode, ShortStr};

/// How the peer broke the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The bytes form no frame.
    Frame(FrameError),
    /// A frame holds no method of this version, or its arguments are broken.
    Decode(DecodeError),
    /// A protocol header in the middle of the stream.
    Header(ProtocolHeader),
    /// A method that does not belong here.
    UnexpectedMethod {
        /// The channel.
        channel: ChannelId,
        /// What came.
        found: &'static str,
        /// What could have come.
        expected: Expected,
    },
    /// A content header or body that does not belong here.
    UnexpectedContent {
        /// The channel.
        channel: ChannelId,
        /// What came: a header or a body.
        found: &'static str,
        /// What could have come.
        expected: Expected,
    },
    /// A content header of another class than the method before it.
    WrongClass {
        /// The class of the method.
        expected: u16,
        /// The class in the header.
        found: u16,
    },
    /// More body than the header announced.
    BodyTooLong {
        /// Bytes that were still due.
        left: u64,
        /// Bytes in the frame.
        found: usize,
    },
    /// A message larger than the configured limit.
    MessageTooLarge {
        /// Bytes of body that the header announced.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// A frame on a channel that is not open.
    UnknownChannel(ChannelId),
    /// A delivery to a consumer that was never begun.
    UnknownConsumer(ShortStr),
    /// The server asks for answers and does not read them.
    NotReading {
        /// Bytes of answers that wait.
        unread: usize,
    },
    /// A confirm of a message that was not published, or was confirmed before.
    UnknownConfirm(DeliveryTag),
}

impl ProtocolError {
    /// The code to close with.
    #[must_use]
    pub fn reply_code(&self) -> ReplyCode {
        match self {
            Self::Frame(error) => error.reply_code(),
            Self::Decode(_) => ReplyCode::FRAME_ERROR,
            Self::Header(_)
            | Self::UnexpectedContent { .. }
            | Self::WrongClass { .. }
            | Self::BodyTooLong { .. } => ReplyCode::UNEXPECTED_FRAME,
            Self::UnexpectedMethod {
                expected: Expected::Header | Expected::Body,
                ..
            } => ReplyCode::UNEXPECTED_FRAME,
            Self::UnexpectedMethod { .. } => ReplyCode::COMMAND_INVALID,
            Self::MessageTooLarge { .. } => ReplyCode::CONTENT_TOO_LARGE,
            Self::UnknownChannel(_) => ReplyCode::CHANNEL_ERROR,
            Self::UnknownConsumer(_) => ReplyCode::NOT_ALLOWED,
            Self::UnknownConfirm(_) => ReplyCode::PRECONDITION_FAILED,
            Self::NotReading { .. } => ReplyCode::RESOURCE_ERROR,
        }
    }
}

impl From<FrameError> for ProtocolError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

impl From<DecodeError> for ProtocolError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::Header(header) => {
                write!(f, "expected a frame, found the protocol header {header}")
            }
            Self::UnexpectedMethod {
                channel,
                found,
                expected,
            }
            | Self::UnexpectedContent {
                channel,
                found,
                expected,
            } => misplaced(f, *channel, found, *expected),
            Self::WrongClass { expected, found } => {
                write!(
                    f,
                    "expected a content header of class {expected}, found class {found}"
                )
            }
            Self::BodyTooLong { left, found } => {
                write!(
                    f,
                    "expected at most {left} more bytes of body, found {found}"
                )
            }
            Self::MessageTooLarge { size, limit } => {
                write!(
                    f,
                    "expected a message of at most {limit} bytes, found one of {size}"
                )
            }
            Self::UnknownChannel(channel) => {
                write!(
                    f,
                    "expected a frame on an open channel, found one on channel {channel}"
                )
            }
            Self::UnknownConsumer(tag) => {
                write!(
                    f,
                    "expected a delivery to a known consumer, found one to `{tag}`"
                )
            }
            Self::NotReading { unread } => {
                write!(
                    f,
                    "expected a server that reads its answers, found {unread} bytes unread"
                )
            }
            Self::UnknownConfirm(tag) => {
                write!(
                    f,
                    "expected a confirm of an open publish, found one of {tag}"
                )
            }
        }
    }
}

fn misplaced(
    f: &mut fmt::Formatter<'_>,
    channel: ChannelId,
    found: &str,
    expected: Expected,
) -> fmt::Result {
    write!(f, "expected {expected} on channel {channel}, found {found}")
}

impl std::error::Error for ProtocolError {}

/// What could have come where something else did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// One method of the handshake.
    Step(&'static str),
    /// A method.
    Method,
    /// The answer to the named method.
    Reply(&'static str),
    /// Something that answers no call.
    NoReply,
    /// A content header.
    Header,
    /// A content body.
    Body,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(name) => f.write_str(name),
            Self::Method => f.write_str("a method"),
            Self::Reply(name) => write!(f, "the reply to {name}"),
            Self::NoReply => f.write_str("no reply, since nothing was asked,"),
            Self::Header => f.write_str("a content header"),
            Self::Body => f.write_str("a content body"),
        }
    }
}
