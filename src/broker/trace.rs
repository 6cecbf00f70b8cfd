use std::fmt;

use super::ConnectionId;
use crate::wire::ChannelId;

/// A method that the broker saw or sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace {
    /// The connection.
    pub connection: ConnectionId,
    /// The channel.
    pub channel: ChannelId,
    /// Who said it.
    pub side: Side,
    /// The name in the specification, `queue.declare`.
    pub method: &'static str,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The client.
    Received,
    /// The broker.
    Sent,
}

/// As [`Trace`], before it is known which connection it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) channel: ChannelId,
    pub(crate) side: Side,
    pub(crate) method: &'static str,
}

impl Step {
    pub(crate) fn on(self, connection: ConnectionId) -> Trace {
        Trace {
            connection,
            channel: self.channel,
            side: self.side,
            method: self.method,
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = match self.side {
            Side::Received => '<',
            Side::Sent => '>',
        };
        let Self {
            connection,
            channel,
            method,
            ..
        } = self;
        write!(f, "{connection}.{channel} {arrow} {method}")
    }
}
