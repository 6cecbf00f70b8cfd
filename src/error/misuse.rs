use std::fmt;

use crate::versions::UnknownVersion;
use crate::wire::{ShortStr, TooLong};

/// A call that makes no sense where it was made.
///
/// Nothing was sent, and the channel and connection are as usable as before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// The connection is not open yet.
    NotOpen,
    /// All channel numbers that were agreed on are in use.
    NoFreeChannels {
        /// The highest number agreed on.
        channel_max: u16,
    },
    /// No channel with this number was opened, or its number serves a later channel now.
    UnknownChannel,
    /// The channel already has a consumer with this tag.
    DuplicateConsumerTag(ShortStr),
    /// The channel has no consumer with this tag.
    UnknownConsumerTag(ShortStr),
    /// The delivery came on another connection or an earlier channel, or was settled already by an
    /// acknowledgement of several or by `basic.recover`.
    StaleDelivery,
    /// The delivery was consumed or fetched without acknowledgement, so that the server has
    /// forgotten it.
    NothingToSettle,
    /// The no-wait bit is set in a method whose reply would be waited for for ever; send it with
    /// the no-wait verb instead.
    NoWaitInCall(&'static str),
    /// The method belongs to the connection layer, which sends it by itself when it is due.
    Internal(&'static str),
    /// More than a reply comes of the method, so it has a verb of its own.
    OwnVerb(&'static str),
    /// The method does not fit in a frame of the size agreed on.
    FrameTooLarge {
        /// The method, or the one whose content header it is.
        method: &'static str,
        /// Bytes that the frame would take.
        len: usize,
        /// The frame-max agreed on.
        frame_max: u32,
    },
    /// A string is too long for its place.
    ShortStr(TooLong),
    /// A protocol version was asked for that this build does not have.
    Version(UnknownVersion),
    /// So many messages wait for a consumer of this program that nothing more can be read, and what
    /// was waited for may stand behind them. Take them first, or set a prefetch count.
    InboxFull,
    /// A handler tried to serve the connection as the program that runs it does.
    InHandler(&'static str),
    /// The method is followed by a message, so it has a verb of its own.
    CarriesContent(&'static str),
    /// The method has a reply, so it is called and not only sent.
    HasReply(&'static str),
    /// Confirms were asked for on a channel that has not turned them on.
    NotConfirming,
    /// A future that had given its result was polled again.
    Finished(&'static str),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpen => f.write_str("the connection is not open yet"),
            Self::NoFreeChannels { channel_max } => {
                write!(f, "all {channel_max} channels are in use; close one first")
            }
            Self::UnknownChannel => f.write_str("no such channel is open"),
            Self::DuplicateConsumerTag(tag) => {
                write!(f, "the channel already has a consumer with tag `{tag}`")
            }
            Self::UnknownConsumerTag(tag) => {
                write!(f, "the channel has no consumer with tag `{tag}`")
            }
            Self::StaleDelivery => f.write_str(
                "the delivery is of another connection or channel, or was settled already",
            ),
            Self::NothingToSettle => f.write_str(
                "the delivery came without acknowledgement, so there is nothing to settle",
            ),
            Self::NoWaitInCall(method) => write!(
                f,
                "{method} asks for no reply, so none can be waited for; send it without waiting"
            ),
            Self::Internal(method) => write!(f, "{method} is sent by the connection itself"),
            Self::OwnVerb(method) => {
                write!(f, "messages come of {method}; use the verb made for it")
            }
            Self::FrameTooLarge {
                method,
                len,
                frame_max,
            } => write!(
                f,
                "{method} takes a frame of {len} bytes, but frames of at most {frame_max} were agreed on"
            ),
            Self::InboxFull => f.write_str(
                "messages that a consumer has not taken fill its inbox and hold up everything \
                 behind them; take them first, or set a prefetch count with basic.qos",
            ),
            Self::InHandler(verb) => write!(f, "a handler cannot call {verb}"),
            Self::CarriesContent(method) => {
                write!(f, "a message belongs to {method}; publish it")
            }
            Self::HasReply(method) => write!(f, "{method} has a reply; call it"),
            Self::ShortStr(error) => error.fmt(f),
            Self::Version(error) => error.fmt(f),
            Self::NotConfirming => f.write_str("publisher confirms are not turned on"),
            Self::Finished(what) => write!(f, "the result of {what} was given already"),
        }
    }
}

impl std::error::Error for Misuse {}
