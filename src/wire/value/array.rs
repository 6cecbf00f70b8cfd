use core::fmt;
use core::hash::{Hash, Hasher};

use bytes::{BufMut, Bytes};

use super::table::append;
use super::{Value, ValueRef};
use crate::wire::long::{put_len, take_len};
use crate::wire::{DecodeError, Reader, UNSENDABLE};

/// Values in a row, each with a tag of its own.
///
/// Like a [`Table`](super::Table), an array is its wire bytes: read when asked, built by appending.
///
/// ```
/// use pika::wire::Array;
///
/// let mut array = Array::from(["a", "b"]);
/// array.push(3);
/// assert_eq!(array.get(2).and_then(|value| value.as_i64()), Some(3));
/// ```
#[derive(Clone, Default)]
pub struct Array {
    bytes: Bytes,
    /// Tables and arrays around this one.
    depth: u8,
    /// The length of the first name in a table in it that is too long; else 0.
    overlong: u32,
}

impl Array {
    /// An array without values.
    #[must_use]
    pub const fn new() -> Self {
        Self::from_wire(Bytes::new())
    }

    /// An array from its wire bytes, without the length in front.
    #[must_use]
    pub const fn from_wire(bytes: Bytes) -> Self {
        Self {
            bytes,
            depth: 0,
            overlong: 0,
        }
    }

    /// The wire bytes, without the length in front.
    #[must_use]
    pub const fn as_wire(&self) -> &Bytes {
        &self.bytes
    }

    /// Appends a value.
    pub fn push(&mut self, value: impl Into<Value>) {
        let value = value.into();
        if let Some(len) = value.overlong_name() {
            if self.overlong == 0 {
                self.overlong = u32::try_from(len).unwrap_or(u32::MAX);
            }
            return;
        }
        append(&mut self.bytes, value.encoded_len(), |out| {
            value.encode(out)
        });
    }

    /// The value at `index`, if it stands before any malformed place.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<ValueRef<'_>> {
        self.iter().nth(index)
    }

    /// The values in their order. A malformed one ends the walk; where that matters, use
    /// [`try_iter`](Self::try_iter).
    #[must_use]
    pub fn iter(&self) -> Values<'_> {
        Values {
            input: Reader::new(&self.bytes),
            depth: self.depth,
        }
    }

    /// The values in their order. A malformed one yields the error and ends the walk.
    #[must_use]
    pub fn try_iter(&self) -> TryValues<'_> {
        TryValues(self.iter())
    }

    /// How many values there are before any malformed place. This walks them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Reads everything, nested values too.
    ///
    /// # Errors
    /// The first malformed place, with its offset from the start of this array's
    /// [`wire bytes`](Self::as_wire).
    pub fn validate(&self) -> Result<(), DecodeError> {
        let mut values = self.iter();
        while let Some(value) = values.read() {
            value?.to_value().validate(values.input.offset())?;
        }
        Ok(())
    }

    /// The length of a name in it that is too long to be sent.
    pub(super) fn overlong_name(&self) -> Option<usize> {
        (self.overlong > 0).then_some(self.overlong as usize)
    }

    /// As [`validate`](Self::validate), for an array that ends at `end` of the piece it is in.
    pub(super) fn validate_before(&self, end: usize) -> Result<(), DecodeError> {
        self.validate()
            .map_err(|error| error.behind(end - self.bytes.len()))
    }

    pub(super) fn take_at(input: &mut Reader<'_>, depth: u8) -> Result<Self, DecodeError> {
        let len = take_len(input)?;
        Ok(Self {
            bytes: input.shared(len)?,
            depth,
            overlong: 0,
        })
    }

    pub(super) fn encoded_len(&self) -> usize {
        match self.overlong {
            0 => 4 + self.bytes.len(),
            _ => UNSENDABLE,
        }
    }

    pub(super) fn encode<B: BufMut>(&self, out: &mut B) {
        put_len(self.bytes.len(), out);
        out.put_slice(&self.bytes);
    }
}

impl<V: Into<Value>> Extend<V> for Array {
    fn extend<I: IntoIterator<Item = V>>(&mut self, values: I) {
        for value in values {
            self.push(value);
        }
    }
}

impl<V: Into<Value>> FromIterator<V> for Array {
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        let mut array = Self::new();
        array.extend(values);
        array
    }
}

impl<V: Into<Value>, const N: usize> From<[V; N]> for Array {
    fn from(values: [V; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<'a> IntoIterator for &'a Array {
    type Item = ValueRef<'a>;
    type IntoIter = Values<'a>;

    fn into_iter(self) -> Values<'a> {
        self.iter()
    }
}

impl PartialEq for Array {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes && self.overlong == other.overlong
    }
}

impl Eq for Array {}

impl Hash for Array {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for value in self.try_iter() {
            match value {
                Ok(value) => list.entry(&value),
                Err(error) => list.entry(&format_args!("malformed: {error}")),
            };
        }
        list.finish()
    }
}

/// The values of an [`Array`] before any malformed place, see [`Array::iter`].
#[derive(Clone, Debug)]
pub struct Values<'a> {
    input: Reader<'a>,
    depth: u8,
}

impl<'a> Values<'a> {
    fn read(&mut self) -> Option<Result<ValueRef<'a>, DecodeError>> {
        if self.input.is_empty() {
            return None;
        }
        let before = self.input.clone();
        let value = ValueRef::find(&mut self.input, self.depth);
        if value.is_err() {
            self.input = before;
        }
        Some(value)
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = ValueRef<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read()?.ok()
    }
}

impl core::iter::FusedIterator for Values<'_> {}

/// The values of an [`Array`], and the error that ends them, see [`Array::try_iter`].
#[derive(Clone, Debug)]
pub struct TryValues<'a>(Values<'a>);

impl<'a> Iterator for TryValues<'a> {
    type Item = Result<ValueRef<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.0.read()?;
        if value.is_err() {
            self.0.input.end();
        }
        Some(value)
    }
}

impl core::iter::FusedIterator for TryValues<'_> {}
