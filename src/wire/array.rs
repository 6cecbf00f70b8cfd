use core::fmt;
use core::hash::{Hash, Hasher};

use bytes::{BufMut, Bytes};

use super::long::{put_len, take_len};
use super::table::append;
use super::{DecodeError, Reader, Value};

/// Values in a row, each with a tag of its own.
///
/// Like a [`Table`](super::Table), an array is its wire bytes: read when asked, built by appending.
///
/// ```
/// use pika::wire::{Array, Value};
///
/// let mut array = Array::from(["a", "b"]);
/// array.push(3);
/// assert_eq!(array.get(2), Some(Value::I32(3)));
/// ```
#[derive(Clone, Default)]
pub struct Array {
    bytes: Bytes,
    /// Tables and arrays around this one.
    depth: u8,
}

impl Array {
    /// An array without values.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: Bytes::new(),
            depth: 0,
        }
    }

    /// An array from its wire bytes, without the length in front.
    #[must_use]
    pub const fn from_wire(bytes: Bytes) -> Self {
        Self { bytes, depth: 0 }
    }

    /// The wire bytes, without the length in front.
    #[must_use]
    pub const fn as_wire(&self) -> &Bytes {
        &self.bytes
    }

    /// Appends a value.
    pub fn push(&mut self, value: impl Into<Value>) {
        let value = value.into();
        append(&mut self.bytes, value.encoded_len(), |out| value.put(out));
    }

    /// The value at `index`, if it stands before any malformed place.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.iter().map_while(Result::ok).nth(index)
    }

    /// Walks the values in their order; a malformed one yields the error and ends the walk.
    #[must_use]
    pub fn iter(&self) -> Values<'_> {
        Values {
            input: Reader::new(&self.bytes),
            depth: self.depth,
        }
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
        while let Some(value) = values.next() {
            value?.validate(values.input.offset())?;
        }
        Ok(())
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
        })
    }

    pub(super) fn encoded_len(&self) -> usize {
        4 + self.bytes.len()
    }

    pub(super) fn put<B: BufMut>(&self, out: &mut B) {
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
    type Item = Result<Value, DecodeError>;
    type IntoIter = Values<'a>;

    fn into_iter(self) -> Values<'a> {
        self.iter()
    }
}

impl PartialEq for Array {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
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
        for value in self {
            match value {
                Ok(value) => list.entry(&value),
                Err(error) => list.entry(&format_args!("malformed: {error}")),
            };
        }
        list.finish()
    }
}

/// The values of an [`Array`], read one by one.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    input: Reader<'a>,
    depth: u8,
}

impl Iterator for Values<'_> {
    type Item = Result<Value, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.input.is_empty() {
            return None;
        }
        let value = Value::take(&mut self.input, self.depth);
        if value.is_err() {
            self.input.end();
        }
        Some(value)
    }
}

impl core::iter::FusedIterator for Values<'_> {}
