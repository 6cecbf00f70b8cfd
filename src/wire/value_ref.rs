use core::fmt;

use super::{
    Array, DecodeError, DecodeErrorKind, MAX_DEPTH, Reader, Table, Timestamp, Value, WrongType,
};

/// A value in a [`Table`] or an [`Array`], read where it lies.
///
/// The typed accessors return `None` for a value of another type. What they return borrows from the
/// table, not from this reference, so it outlives an expression such as
/// `table.get("queue")?.as_str()`. [`to_value`](Self::to_value) makes a [`Value`] of its own.
///
/// ```
/// let death = pika::table! { "queue" => "orders", "count" => 3i64 };
/// let queue = death.get("queue").and_then(|value| value.as_str());
/// let count = death.get("count").and_then(|value| value.as_u64());
/// assert_eq!((queue, count), (Some("orders"), Some(3)));
/// ```
#[derive(Clone, Copy)]
pub struct ValueRef<'a> {
    /// The tag, then the value with its length.
    whole: &'a [u8],
    /// The value without tag and length.
    bytes: &'a [u8],
    memory: &'a bytes::Bytes,
    /// Tables and arrays around it.
    depth: u8,
}

impl<'a> ValueRef<'a> {
    /// Finds a value's end; `depth` is that of the table or array around it.
    pub(super) fn find(input: &mut Reader<'a>, depth: u8) -> Result<Self, DecodeError> {
        let place = input.clone();
        let start = input.rest();
        let tag: u8 = input.get()?;
        let bytes = match tag {
            b'V' => input.bytes(0),
            b't' | b'b' | b'B' => input.bytes(1),
            b's' | b'u' => input.bytes(2),
            b'I' | b'i' | b'f' => input.bytes(4),
            b'D' => input.bytes(5),
            b'l' | b'L' | b'd' | b'T' => input.bytes(8),
            b'S' | b'x' => {
                let len = super::long::take_len(input)?;
                input.bytes(len)
            }
            b'A' | b'F' if depth >= MAX_DEPTH => Err(place.error(DecodeErrorKind::TooDeep)),
            b'A' | b'F' => {
                let len = super::long::take_len(input)?;
                input.bytes(len)
            }
            _ => Err(place.error(DecodeErrorKind::UnknownTag(tag))),
        }?;
        let len = start.len() - input.rest().len();
        Ok(Self {
            whole: start.get(..len).unwrap_or_default(),
            bytes,
            memory: input.memory(),
            depth,
        })
    }

    /// The tag that it has on the wire.
    #[must_use]
    pub fn tag(self) -> u8 {
        self.whole.first().copied().unwrap_or(b'V')
    }

    /// The value, whose strings, tables and arrays share the memory of the table.
    #[must_use]
    pub fn to_value(self) -> Value {
        let mut input = Reader::within(self.memory, self.whole);
        // Where it ends was found before, so it is whole.
        Value::decode(&mut input, self.depth).unwrap_or(Value::Void)
    }

    /// The text of a string, if it is UTF-8.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        let bytes = (self.tag() == b'S').then_some(self.bytes)?;
        core::str::from_utf8(bytes).ok()
    }

    /// The bytes of a string or of a byte value.
    #[must_use]
    pub fn as_bytes(self) -> Option<&'a [u8]> {
        matches!(self.tag(), b'S' | b'x').then_some(self.bytes)
    }

    /// The number in an integer of any width.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        self.to_number().as_i64()
    }

    /// The number in an integer of any width that is not below 0.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        self.as_i64()?.try_into().ok()
    }

    /// The number in a floating point value of either width.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        self.to_number().as_f64()
    }

    /// The truth value.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        self.to_number().as_bool()
    }

    /// The time.
    #[must_use]
    pub fn as_timestamp(self) -> Option<Timestamp> {
        match self.to_number() {
            Value::Timestamp(time) => Some(time),
            _ => None,
        }
    }

    /// The nested table, which shares the memory.
    #[must_use]
    pub fn as_table(self) -> Option<Table> {
        match self.tag() {
            b'F' => self.to_value().try_into().ok(),
            _ => None,
        }
    }

    /// The array, which shares the memory.
    #[must_use]
    pub fn as_array(self) -> Option<Array> {
        match self.tag() {
            b'A' => self.to_value().try_into().ok(),
            _ => None,
        }
    }

    /// Whether it means the same as another value; see [`Table::has_same_fields`].
    #[must_use]
    pub fn is_same(self, other: Self) -> bool {
        if let (Some(own), Some(other)) = (self.as_i64(), other.as_i64()) {
            return own == other;
        }
        if let (Some(own), Some(other)) = (self.as_table(), other.as_table()) {
            return own.has_same_fields(&other);
        }
        if let (Some(own), Some(other)) = (self.as_array(), other.as_array()) {
            let pairs = own.iter().zip(other.iter());
            return own.len() == other.len() && pairs.into_iter().all(|(a, b)| a.is_same(b));
        }
        self == other
    }

    /// Whether it is the value that means nothing.
    #[must_use]
    pub fn is_void(self) -> bool {
        self.tag() == b'V'
    }

    /// What has a fixed length, decoded; nothing for the rest, which would be shared.
    fn to_number(self) -> Value {
        match self.tag() {
            b'S' | b'x' | b'A' | b'F' => Value::Void,
            _ => self.to_value(),
        }
    }
}

impl PartialEq for ValueRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.to_value() == other.to_value()
    }
}

impl PartialEq<Value> for ValueRef<'_> {
    fn eq(&self, other: &Value) -> bool {
        self.to_value() == *other
    }
}

impl PartialEq<str> for ValueRef<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == Some(other.as_bytes())
    }
}

impl PartialEq<&str> for ValueRef<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        value.to_value()
    }
}

impl fmt::Debug for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_value().fmt(f)
    }
}

/// Converts a value, when it has a tag that holds such a thing, as `TryFrom<Value>` does.
macro_rules! try_into_rust {
    ($($type:ty),*) => {$(
        impl TryFrom<ValueRef<'_>> for $type {
            type Error = WrongType;

            fn try_from(value: ValueRef<'_>) -> Result<Self, WrongType> {
                value.to_value().try_into()
            }
        }
    )*};
}

try_into_rust! { bool, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f64, alloc::string::String }
