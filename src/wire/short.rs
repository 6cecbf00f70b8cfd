use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::Utf8Error;

use bytes::{BufMut, Bytes};

use super::debug::{Escaped, Lossy};
use super::{DecodeError, Field, Reader};

/// A string of at most 255 bytes: names of queues and exchanges, routing keys, most properties.
///
/// RabbitMQ relays any bytes, so a received one need not be text; [`as_str`](Self::as_str) checks.
/// Up to 38 bytes (a UUID fits) are held in place without an allocation and without keeping the
/// received memory alive; longer ones are slices of what was received.
///
/// A literal converts by itself, and panics when it is longer than 255 bytes, which the first run
/// of that line shows. Strings made at run time go through [`ShortStr::new`] or `TryFrom`, which
/// return the error instead.
///
/// ```
/// use pika::wire::ShortStr;
///
/// let literal: ShortStr = "orders".into();
/// let built = ShortStr::new(format!("orders.{}", 7))?;
/// assert_eq!(literal, "orders");
/// assert_eq!(built.as_str()?, "orders.7");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ShortStr(Repr);

/// Bytes held in place. With the length and the tag it makes 40, what the shared form takes too.
const INLINE: usize = 38;

#[derive(Clone)]
enum Repr {
    /// The length and the bytes, as on the wire. What stands behind them means nothing.
    Inline([u8; 1 + INLINE]),
    Shared(Bytes),
}

impl ShortStr {
    /// The most bytes a short string can have.
    pub const MAX_LEN: usize = 255;

    /// The empty string.
    pub const EMPTY: Self = Self(Repr::Inline([0; 1 + INLINE]));

    /// Copies `text`.
    ///
    /// # Errors
    /// When it has more than 255 bytes.
    #[inline]
    pub fn new(text: impl AsRef<[u8]>) -> Result<Self, TooLong> {
        let text = text.as_ref();
        match Self::inline(text) {
            Some(short) => Ok(short),
            None => Self::from_bytes(Bytes::copy_from_slice(text)),
        }
    }

    /// Takes `text` without copying what is longer than fits in place.
    ///
    /// # Errors
    /// When it has more than 255 bytes.
    pub fn from_bytes(text: Bytes) -> Result<Self, TooLong> {
        if text.len() > Self::MAX_LEN {
            return Err(TooLong { len: text.len() });
        }
        Ok(Self::inline(&text).unwrap_or(Self(Repr::Shared(text))))
    }

    /// A short string from a literal, also in constants.
    ///
    /// # Panics
    /// When `text` has more than 255 bytes; in a constant that is a compile error.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        let text = text.as_bytes();
        assert!(
            text.len() <= Self::MAX_LEN,
            "a short string holds at most 255 bytes"
        );
        if text.len() > INLINE {
            return Self(Repr::Shared(Bytes::from_static(text)));
        }
        let mut wire = [0; 1 + INLINE];
        let [len, bytes @ ..] = &mut wire;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most INLINE, checked above"
        )]
        {
            *len = text.len() as u8;
        }
        let (start, _) = bytes.split_at_mut(text.len());
        start.copy_from_slice(text);
        Self(Repr::Inline(wire))
    }

    /// The bytes.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline([len, bytes @ ..]) => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Repr::Shared(bytes) => bytes,
        }
    }

    /// The text.
    ///
    /// # Errors
    /// When the bytes are not UTF-8.
    #[inline]
    pub fn as_str(&self) -> Result<&str, Utf8Error> {
        core::str::from_utf8(self.as_bytes())
    }

    /// The number of bytes.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Inline([len, ..]) => usize::from(*len),
            Repr::Shared(bytes) => bytes.len(),
        }
    }

    /// Whether there are no bytes.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes as [`Bytes`]; shares the memory of a long string, copies a short one.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Repr::Inline(_) => Bytes::copy_from_slice(self.as_bytes()),
            Repr::Shared(bytes) => bytes,
        }
    }

    /// At most 255 bytes that lie in `owner`; more are cut off.
    #[cfg(feature = "client")]
    #[inline]
    pub(crate) fn part_of(owner: &Bytes, text: &[u8]) -> Self {
        let text = text
            .get(..text.len().min(Self::MAX_LEN))
            .unwrap_or_default();
        Self::inline(text).unwrap_or_else(|| Self(Repr::Shared(owner.slice_ref(text))))
    }

    #[inline]
    fn inline(text: &[u8]) -> Option<Self> {
        let mut wire = [0; 1 + INLINE];
        let [len, bytes @ ..] = &mut wire;
        *len = u8::try_from(text.len()).ok()?;
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self(Repr::Inline(wire)))
    }

    /// Reads one that is long, or stands near the end of the received memory.
    #[cold]
    #[inline(never)]
    fn take_any(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let len: u8 = input.get()?;
        let text = input.bytes(usize::from(len))?;
        Ok(Self::inline(text).unwrap_or_else(|| Self(Repr::Shared(input.share(text)))))
    }
}

impl Default for ShortStr {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Field for ShortStr {
    #[inline]
    fn encoded_len(&self) -> usize {
        1 + self.len()
    }

    #[inline]
    fn put<B: BufMut>(&self, out: &mut B) {
        let bytes = self.as_bytes();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most 255 by construction"
        )]
        out.put_u8(bytes.len() as u8);
        out.put_slice(bytes);
    }

    #[inline]
    fn take(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        // A copy of fixed size is a few moves, one of varying size a call.
        if let Some(wire) = input.window::<{ 1 + INLINE }>() {
            let [len, ..] = *wire;
            if usize::from(len) <= INLINE && input.bytes(1 + usize::from(len)).is_ok() {
                return Ok(Self(Repr::Inline(*wire)));
            }
        }
        Self::take_any(input)
    }
}

impl From<&'static str> for ShortStr {
    /// # Panics
    /// When the literal has more than 255 bytes.
    #[inline]
    fn from(text: &'static str) -> Self {
        Self::from_static(text)
    }
}

impl TryFrom<String> for ShortStr {
    type Error = TooLong;

    fn try_from(text: String) -> Result<Self, TooLong> {
        Self::from_bytes(text.into())
    }
}

impl TryFrom<&String> for ShortStr {
    type Error = TooLong;

    fn try_from(text: &String) -> Result<Self, TooLong> {
        Self::new(text)
    }
}

impl TryFrom<Vec<u8>> for ShortStr {
    type Error = TooLong;

    fn try_from(text: Vec<u8>) -> Result<Self, TooLong> {
        Self::from_bytes(text.into())
    }
}

impl TryFrom<&[u8]> for ShortStr {
    type Error = TooLong;

    fn try_from(text: &[u8]) -> Result<Self, TooLong> {
        Self::new(text)
    }
}

impl TryFrom<Bytes> for ShortStr {
    type Error = TooLong;

    fn try_from(text: Bytes) -> Result<Self, TooLong> {
        Self::from_bytes(text)
    }
}

impl From<&ShortStr> for ShortStr {
    fn from(text: &ShortStr) -> Self {
        text.clone()
    }
}

impl AsRef<[u8]> for ShortStr {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl core::borrow::Borrow<[u8]> for ShortStr {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for ShortStr {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for ShortStr {}

impl PartialEq<str> for ShortStr {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for ShortStr {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Hash for ShortStr {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialOrd for ShortStr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ShortStr {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Debug for ShortStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(self.as_bytes()).fmt(f)
    }
}

impl fmt::Display for ShortStr {
    /// Writes the text; bytes that are not UTF-8 become U+FFFD.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Lossy(self.as_bytes()).fmt(f)
    }
}

/// Text that may turn out too long for a [`ShortStr`], for functions that report it.
///
/// Where a function takes `impl Into<ShortStr>`, only literals and short strings fit, since nothing
/// else is sure to; where it takes `impl ToShortStr`, any text does.
pub trait ToShortStr {
    /// The short string.
    ///
    /// # Errors
    /// When the text has more than 255 bytes.
    fn to_short_str(self) -> Result<ShortStr, TooLong>;
}

impl ToShortStr for &str {
    fn to_short_str(self) -> Result<ShortStr, TooLong> {
        ShortStr::new(self)
    }
}

impl ToShortStr for String {
    fn to_short_str(self) -> Result<ShortStr, TooLong> {
        self.try_into()
    }
}

impl ToShortStr for &String {
    fn to_short_str(self) -> Result<ShortStr, TooLong> {
        ShortStr::new(self)
    }
}

impl ToShortStr for ShortStr {
    fn to_short_str(self) -> Result<ShortStr, TooLong> {
        Ok(self)
    }
}

impl ToShortStr for &ShortStr {
    fn to_short_str(self) -> Result<ShortStr, TooLong> {
        Ok(self.clone())
    }
}

/// A string with more than the 255 bytes that a [`ShortStr`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The bytes it has.
    pub len: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected a string of at most 255 bytes, found {}",
            self.len
        )
    }
}

impl core::error::Error for TooLong {}
