use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::Utf8Error;

use bytes::{BufMut, Bytes};

use super::debug::{Escaped, Lossy};
use super::{DecodeError, Field, Reader, ShortStr};

/// A string of any bytes with a four-octet length: SASL challenges, string values in tables.
///
/// A received one is a slice of the received memory.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LongStr(Bytes);

impl LongStr {
    /// Copies `text`.
    #[must_use]
    pub fn new(text: impl AsRef<[u8]>) -> Self {
        Self(Bytes::copy_from_slice(text.as_ref()))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text.
    ///
    /// # Errors
    /// When the bytes are not UTF-8.
    pub fn as_str(&self) -> Result<&str, Utf8Error> {
        core::str::from_utf8(&self.0)
    }

    /// The number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

/// Writes the four-octet length of a value of `len` bytes.
///
/// More than four octets can say cannot be sent anyway: whoever builds a frame compares its length
/// with frame-max, a 32-bit number, before anything is written.
#[inline]
pub(super) fn put_len<B: BufMut>(len: usize, out: &mut B) {
    out.put_u32(u32::try_from(len).unwrap_or(u32::MAX));
}

/// Reads a four-octet length.
///
/// Where a length does not fit the platform the bytes are surely not there.
#[inline]
pub(super) fn take_len(input: &mut Reader<'_>) -> Result<usize, DecodeError> {
    Ok(usize::try_from(input.get::<u32>()?).unwrap_or(usize::MAX))
}

impl Field for LongStr {
    #[inline]
    fn encoded_len(&self) -> usize {
        4 + self.0.len()
    }

    #[inline]
    fn encode<B: BufMut>(&self, out: &mut B) {
        put_len(self.0.len(), out);
        out.put_slice(&self.0);
    }

    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let len = take_len(input)?;
        input.shared(len).map(Self)
    }
}

impl From<&str> for LongStr {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<&String> for LongStr {
    fn from(text: &String) -> Self {
        Self::new(text)
    }
}

impl From<Cow<'_, str>> for LongStr {
    fn from(text: Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

impl From<ShortStr> for LongStr {
    fn from(text: ShortStr) -> Self {
        Self(text.into_bytes())
    }
}

impl From<&ShortStr> for LongStr {
    fn from(text: &ShortStr) -> Self {
        Self::new(text)
    }
}

impl From<&[u8]> for LongStr {
    fn from(text: &[u8]) -> Self {
        Self::new(text)
    }
}

impl From<String> for LongStr {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Vec<u8>> for LongStr {
    fn from(text: Vec<u8>) -> Self {
        Self(text.into())
    }
}

impl From<Bytes> for LongStr {
    fn from(text: Bytes) -> Self {
        Self(text)
    }
}

impl AsRef<[u8]> for LongStr {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<str> for LongStr {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for LongStr {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Debug for LongStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(&self.0).fmt(f)
    }
}

impl fmt::Display for LongStr {
    /// Writes the text; bytes that are not UTF-8 become U+FFFD.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Lossy(&self.0).fmt(f)
    }
}
