use alloc::borrow::Cow;
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
/// Every kind of text converts, so that a function that takes `impl Into<ShortStr>` takes `&str`,
/// `String`, `Cow<str>` and bytes alike. More than 255 bytes convert too, and make a string that
/// [`is_overlong`](Self::is_overlong): it keeps its text, compares by it, and cannot be sent. A
/// connection refuses it with
/// [`Misuse::NameTooLong`](https://docs.rs/pika-amqp/latest/pika/error/enum.Misuse.html), which
/// names the argument, and sends nothing. [`ShortStr::new`] refuses it at once. Decoding never
/// makes one.
///
/// ```
/// use pika::wire::ShortStr;
///
/// let literal: ShortStr = "orders".into();
/// let built: ShortStr = format!("orders.{}", 7).into();
/// assert_eq!(literal, "orders");
/// assert_eq!(built.as_str()?, "orders.7");
/// assert!(ShortStr::new("x".repeat(256)).is_err());
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
    /// Bytes that do not fit in place; overlong if there are more than 255.
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
        if text.len() > Self::MAX_LEN {
            return Err(TooLong { len: text.len() });
        }
        Ok(Self::copy(text))
    }

    /// Takes `text` without copying what is longer than fits in place.
    ///
    /// # Errors
    /// When it has more than 255 bytes.
    pub fn from_bytes(text: Bytes) -> Result<Self, TooLong> {
        if text.len() > Self::MAX_LEN {
            return Err(TooLong { len: text.len() });
        }
        Ok(Self::keep(text))
    }

    fn keep(text: Bytes) -> Self {
        Self::inline(&text).unwrap_or(Self(Repr::Shared(text)))
    }

    fn copy(text: &[u8]) -> Self {
        Self::inline(text).unwrap_or_else(|| Self(Repr::Shared(Bytes::copy_from_slice(text))))
    }

    /// The first 255 bytes of `text`, cut at a character, for texts that people read.
    #[cfg(feature = "client")]
    pub(crate) fn cut(text: &str) -> Self {
        let mut end = text.len().min(Self::MAX_LEN);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self::copy(text.get(..end).unwrap_or_default().as_bytes())
    }

    /// This string without what stands behind its first 255 bytes.
    #[cfg(feature = "client")]
    pub(crate) fn into_sendable(self) -> Self {
        match &self.0 {
            Repr::Shared(bytes) if bytes.len() > Self::MAX_LEN => {
                Self::cut(&alloc::string::String::from_utf8_lossy(bytes))
            }
            _ => self,
        }
    }

    /// Whether there are more than 255 bytes, so that it cannot be sent.
    #[must_use]
    #[inline]
    pub fn is_overlong(&self) -> bool {
        matches!(&self.0, Repr::Shared(bytes) if bytes.len() > Self::MAX_LEN)
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
        match &self.0 {
            Repr::Inline([len, ..]) => 1 + usize::from(*len),
            Repr::Shared(bytes) if bytes.len() > Self::MAX_LEN => UNSENDABLE,
            Repr::Shared(bytes) => 1 + bytes.len(),
        }
    }

    /// Writes the length and the bytes; of an overlong string the first 255.
    #[inline]
    fn encode<B: BufMut>(&self, out: &mut B) {
        let bytes = match &self.0 {
            Repr::Inline([len, bytes @ ..]) => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Repr::Shared(bytes) => bytes.get(..Self::MAX_LEN).unwrap_or(bytes),
        };
        #[expect(clippy::cast_possible_truncation, reason = "at most 255")]
        out.put_u8(bytes.len() as u8);
        out.put_slice(bytes);
    }

    #[inline]
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
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

impl From<&str> for ShortStr {
    #[inline]
    fn from(text: &str) -> Self {
        Self::copy(text.as_bytes())
    }
}

impl From<String> for ShortStr {
    fn from(text: String) -> Self {
        Self::keep(text.into())
    }
}

impl From<&String> for ShortStr {
    fn from(text: &String) -> Self {
        Self::copy(text.as_bytes())
    }
}

impl From<Cow<'_, str>> for ShortStr {
    fn from(text: Cow<'_, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

impl From<Vec<u8>> for ShortStr {
    fn from(text: Vec<u8>) -> Self {
        Self::keep(text.into())
    }
}

impl From<&[u8]> for ShortStr {
    fn from(text: &[u8]) -> Self {
        Self::copy(text)
    }
}

impl From<Bytes> for ShortStr {
    fn from(text: Bytes) -> Self {
        Self::keep(text)
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

/// The encoded length of a value that cannot be sent: a string or a table with a name of more than
/// 255 bytes.
///
/// No frame is that long, so code that compares the length of a frame with frame-max finds it without
/// looking at each string. Some dozen of them add up without an overflow on 32 bits.
pub const UNSENDABLE: usize = 1 << 27;

/// An argument with a string of more than 255 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlong {
    /// The argument or property, by its name in the specification; the string may be a name in it.
    pub argument: &'static str,
    /// The bytes that the string has.
    pub len: usize,
}

/// What may hold an overlong string, for generated code.
#[doc(hidden)]
pub trait CheckOverlong {
    /// The length of the first overlong string, if there is one.
    fn overlong_len(&self) -> Option<usize>;
}

impl CheckOverlong for ShortStr {
    fn overlong_len(&self) -> Option<usize> {
        self.is_overlong().then(|| self.len())
    }
}

impl<T: CheckOverlong> CheckOverlong for Option<T> {
    fn overlong_len(&self) -> Option<usize> {
        self.as_ref()?.overlong_len()
    }
}

/// Finds the first overlong string among arguments, for generated code.
#[doc(hidden)]
#[must_use]
pub fn find_overlong(arguments: &[(&'static str, &dyn CheckOverlong)]) -> Option<Overlong> {
    arguments.iter().find_map(|(argument, value)| {
        let len = value.overlong_len()?;
        Some(Overlong { argument, len })
    })
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
