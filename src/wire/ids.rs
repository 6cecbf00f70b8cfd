use core::fmt;

/// The number of a channel; 0 is the connection itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelId(pub u16);

impl ChannelId {
    /// Channel 0, which carries the connection's own methods and heartbeats.
    pub const CONNECTION: Self = Self(0);
}

impl From<u16> for ChannelId {
    fn from(number: u16) -> Self {
        Self(number)
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The ids of a class and of one of its methods, which mean something only together with a
/// protocol version: 10/60 is `connection.close` in 0-8 and `connection.blocked` in 0-9-1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MethodId {
    /// The class id.
    pub class: u16,
    /// The method id within the class.
    pub method: u16,
}

impl MethodId {
    /// The method `method` of class `class`.
    #[must_use]
    pub const fn new(class: u16, method: u16) -> Self {
        Self { class, method }
    }
}

impl fmt::Display for MethodId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.class, self.method)
    }
}

/// Numbers a message on the channel that delivered it, from 1 on; 0 means "all so far" where
/// `multiple` is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryTag(pub u64);

impl From<u64> for DeliveryTag {
    fn from(tag: u64) -> Self {
        Self(tag)
    }
}

impl fmt::Display for DeliveryTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A point in time in whole seconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

impl From<u64> for Timestamp {
    fn from(seconds: u64) -> Self {
        Self(seconds)
    }
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for Timestamp {
    /// The whole seconds of `time`; a time before 1970 becomes 0, which the wire cannot go below.
    fn from(time: std::time::SystemTime) -> Self {
        Self(
            time.duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
        )
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How much an error ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The channel; the connection goes on. The specification calls it a soft error.
    Channel,
    /// The connection and all its channels. The specification calls it a hard error.
    Connection,
}

/// Why a peer closes a channel or a connection or returns a message.
///
/// The list is open: RabbitMQ sends 312, 406 and 505 on 0-8 connections though 0-8 does not know
/// them.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplyCode(pub u16);

/// Defines the named reply codes and their names.
macro_rules! reply_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        impl ReplyCode {
            $($(#[$doc])* pub const $name: Self = Self($code);)*

            /// The name in the specification, as RabbitMQ writes it in reply texts.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

reply_codes! {
    /// The peer ends the channel or connection in good order.
    REPLY_SUCCESS = 200;
    /// 0-8 and 0-9: the message could not be delivered.
    NOT_DELIVERED = 310;
    /// The body is larger than the peer accepts now.
    CONTENT_TOO_LARGE = 311;
    /// A mandatory message reached no queue.
    NO_ROUTE = 312;
    /// An immediate message found no consumer that was ready.
    NO_CONSUMERS = 313;
    /// An operator closed the connection.
    CONNECTION_FORCED = 320;
    /// The virtual host is unknown.
    INVALID_PATH = 402;
    /// The user may not do this.
    ACCESS_REFUSED = 403;
    /// The exchange or queue does not exist.
    NOT_FOUND = 404;
    /// Another connection or consumer holds the queue exclusively.
    RESOURCE_LOCKED = 405;
    /// The entity exists with other properties, or a condition of the method does not hold.
    PRECONDITION_FAILED = 406;
    /// A frame could not be decoded.
    FRAME_ERROR = 501;
    /// A field holds a value that is not allowed.
    SYNTAX_ERROR = 502;
    /// The method is not allowed in this state.
    COMMAND_INVALID = 503;
    /// The channel is not open, or cannot be.
    CHANNEL_ERROR = 504;
    /// A frame came where another kind was due.
    UNEXPECTED_FRAME = 505;
    /// The peer has not enough of something.
    RESOURCE_ERROR = 506;
    /// The method is forbidden here, or the virtual host does not exist.
    NOT_ALLOWED = 530;
    /// The peer does not implement this.
    NOT_IMPLEMENTED = 540;
    /// The peer failed.
    INTERNAL_ERROR = 541;
}

impl From<u16> for ReplyCode {
    fn from(code: u16) -> Self {
        Self(code)
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} {name}", self.0),
            None => self.0.fmt(f),
        }
    }
}

impl fmt::Debug for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplyCode({self})")
    }
}
