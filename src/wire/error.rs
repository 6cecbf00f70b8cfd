use core::fmt;

use super::MethodId;

/// Received bytes that are not what the protocol allows at this place.
///
/// It names what was expected, what was found and the offset, counted in bytes from the start of
/// the piece that was read (a method's arguments, a property list, a table).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    kind: DecodeErrorKind,
    offset: usize,
    method: Option<MethodId>,
}

impl DecodeError {
    /// An error of `kind`, found `offset` bytes into the piece being read.
    #[must_use]
    pub const fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        Self {
            kind,
            offset,
            method: None,
        }
    }

    /// The error for a method id that the protocol version does not define.
    #[must_use]
    pub const fn unknown_method(id: MethodId) -> Self {
        Self {
            kind: DecodeErrorKind::UnknownMethod,
            offset: 0,
            method: Some(id),
        }
    }

    /// The error for a content header of a class that carries no content.
    #[must_use]
    pub const fn unknown_content(class: u16) -> Self {
        Self::new(DecodeErrorKind::UnknownContent { class }, 0)
    }

    /// The same error, saying that it was found in the arguments of `id`.
    #[must_use]
    pub const fn in_method(mut self, id: MethodId) -> Self {
        self.method = Some(id);
        self
    }

    /// The same error, when the piece that was read stands `bytes` behind the start of a larger one.
    #[must_use]
    pub(super) const fn behind(mut self, bytes: usize) -> Self {
        self.offset += bytes;
        self
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// Where, in bytes from the start of the piece that was read.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The method whose arguments were being read, if it was a method.
    #[must_use]
    pub const fn method(&self) -> Option<MethodId> {
        self.method
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (DecodeErrorKind::UnknownMethod, Some(id)) = (self.kind, self.method) {
            return write!(f, "no method {id} in this protocol version");
        }
        if let (DecodeErrorKind::OtherMethod { .. }, Some(id)) = (self.kind, self.method) {
            return write!(f, "{}, found {id}", self.kind);
        }
        write!(f, "{} at byte {}", self.kind, self.offset)?;
        match self.method {
            Some(id) => write!(f, " of the arguments of method {id}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for DecodeError {}

/// The ways in which received bytes can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// A value needs more bytes than are there.
    Truncated {
        /// Bytes the value needs.
        needed: usize,
        /// Bytes that are there.
        left: usize,
    },
    /// All values were read and bytes are left over.
    Trailing {
        /// Bytes left over.
        left: usize,
    },
    /// The class or the method id is not in the protocol version.
    UnknownMethod,
    /// Another method than the one that is to be read.
    OtherMethod {
        /// The method that is to be read.
        expected: MethodId,
    },
    /// A content header of a class that carries no content.
    UnknownContent {
        /// The class id of the header.
        class: u16,
    },
    /// A table or array holds a value with a tag of no known meaning, so that its length is unknown.
    UnknownTag(u8),
    /// Tables and arrays are nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    TooDeep,
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { needed, left } => {
                write!(f, "expected {needed} more bytes, found {left}")
            }
            Self::Trailing { left } => write!(f, "expected the end, found {left} more bytes"),
            Self::UnknownMethod => f.write_str("unknown method"),
            Self::OtherMethod { expected } => write!(f, "expected method {expected}"),
            Self::UnknownContent { class } => write!(f, "class {class} carries no content"),
            Self::UnknownTag(tag) => {
                write!(f, "expected the tag of a table value, found 0x{tag:02x}")
            }
            Self::TooDeep => write!(f, "tables nested deeper than {}", super::MAX_DEPTH),
        }
    }
}
