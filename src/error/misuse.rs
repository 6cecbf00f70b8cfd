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
    /// The consumer has ended, or its channel never had it.
    ConsumerEnded,
    /// The delivery was consumed or fetched without acknowledgement, so that the server has
    /// forgotten it.
    NothingToSettle,
    /// The no-wait bit is set in a method whose reply would be waited for for ever; send it with
    /// the no-wait verb instead.
    NoWaitInCall(&'static str),
    /// The method cannot be a step of a topology, which declares exchanges, queues and bindings.
    NoTopology(&'static str),
    /// The method does not fit in a frame of the size agreed on.
    FrameTooLarge {
        /// The method, or the one whose content header it is.
        method: &'static str,
        /// Bytes that the frame would take.
        len: usize,
        /// The frame-max agreed on.
        frame_max: u32,
    },
    /// A name has more than the 255 bytes that the wire has room for.
    NameTooLong {
        /// The method, or the one whose message it is.
        method: &'static str,
        /// The argument or property that is, or holds, the name.
        argument: &'static str,
        /// The bytes that the name has.
        len: usize,
    },
    /// The message has more bytes than the broker takes, as it said when it closed a channel over one.
    MessageTooLarge {
        /// The bytes of the body.
        len: usize,
        /// How many the broker takes.
        limit: usize,
    },
    /// The expiration is no count of milliseconds, which RabbitMQ closes the channel over.
    Expiration(ShortStr),
    /// The delivery mode is neither 1 nor 2, which RabbitMQ closes the channel over.
    DeliveryMode(u8),
    /// A string is too long for its place.
    ShortStr(TooLong),
    /// A protocol version was asked for that this build does not have.
    Version(UnknownVersion),
    /// A handler tried to serve the connection as the program that runs it does.
    InHandler(&'static str),
    /// Recovery was asked for over a single stream, which cannot be opened again, or for a blocking connection
    /// that the calling threads drive, which nothing drives while no thread calls.
    OneTransport,
    /// The connection has no recovery, which publishers, subscriptions and kept topologies need.
    NoRecovery,
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
            Self::ConsumerEnded => f.write_str("the consumer has ended already"),
            Self::NothingToSettle => f.write_str(
                "the delivery came without acknowledgement, so there is nothing to settle",
            ),
            Self::NoWaitInCall(method) => write!(
                f,
                "{method} asks for no reply, so none can be waited for; send it without waiting"
            ),
            Self::NoTopology(method) => write!(
                f,
                "expected a method of exchange, queue or access in a topology, found {method}"
            ),
            Self::NameTooLong { .. }
            | Self::FrameTooLarge { .. }
            | Self::MessageTooLarge { .. }
            | Self::Expiration(_)
            | Self::DeliveryMode(_) => self.fmt_content(f),
            Self::OneTransport => f.write_str(
                "recovery is set, but this connection has one stream only, or is blocking and driven by its \
                 callers (use blocking::background::open)",
            ),
            Self::NoRecovery => f.write_str(
                "publishers, subscriptions and kept topologies need recovery: set Config::recovery",
            ),
            Self::InHandler(verb) => write!(f, "a handler cannot call {verb}"),
            Self::ShortStr(error) => error.fmt(f),
            Self::Version(error) => error.fmt(f),
            Self::Finished(what) => write!(f, "the result of {what} was given already"),
        }
    }
}

impl Misuse {
    /// What cannot be sent.
    fn fmt_content(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameTooLong {
                method,
                argument,
                len,
            } => write!(
                f,
                "expected a name of at most 255 bytes in {argument} of {method}, found {len}"
            ),
            Self::FrameTooLarge {
                method,
                len,
                frame_max,
            } => write!(
                f,
                "{method} takes a frame of {len} bytes, but frames of at most {frame_max} were agreed on"
            ),
            Self::MessageTooLarge { len, limit } => write!(
                f,
                "the message has {len} bytes, but the broker takes at most {limit} (its max_message_size)"
            ),
            Self::Expiration(text) => write!(
                f,
                "expected milliseconds as decimal digits in the expiration, found `{text}`"
            ),
            Self::DeliveryMode(mode) => write!(
                f,
                "expected delivery mode 1 (transient) or 2 (persistent), found {mode}"
            ),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Misuse {}
