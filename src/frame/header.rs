use core::fmt;

/// The eight bytes that open a connection: `AMQP` and four octets that name the version.
///
/// A server that does not speak the version answers with a header of its own and closes
/// (AMQP 0-9-1, 4.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProtocolHeader([u8; 4]);

impl ProtocolHeader {
    /// The four octets that begin every protocol header.
    pub const MAGIC: [u8; 4] = *b"AMQP";

    /// Bytes of a protocol header.
    pub const LEN: usize = 8;

    /// The header with these four octets behind `AMQP`.
    #[must_use]
    pub const fn new(version: [u8; 4]) -> Self {
        Self(version)
    }

    /// The header in these bytes, if they begin with `AMQP`.
    #[must_use]
    pub const fn parse(bytes: &[u8; Self::LEN]) -> Option<Self> {
        match *bytes {
            [b'A', b'M', b'Q', b'P', a, b, c, d] => Some(Self([a, b, c, d])),
            _ => None,
        }
    }

    /// All eight bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let [a, b, c, d] = self.0;
        [b'A', b'M', b'Q', b'P', a, b, c, d]
    }

    /// The four octets behind `AMQP`.
    #[must_use]
    pub const fn version(self) -> [u8; 4] {
        self.0
    }
}

impl fmt::Display for ProtocolHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "AMQP {a} {b} {c} {d}")
    }
}

impl fmt::Debug for ProtocolHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProtocolHeader({self})")
    }
}
