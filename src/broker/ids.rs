use std::fmt;

/// The number of a connection, from 1 on; no number is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub(crate) u64);

/// A channel of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) connection: ConnectionId,
    pub(crate) channel: u16,
}

impl ConnectionId {
    pub(crate) const fn at(self, channel: u16) -> At {
        At {
            connection: self,
            channel,
        }
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
