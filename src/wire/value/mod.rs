//! Values, and what holds them: each is made of the others, so they are one module.

mod array;
mod convert;
mod table;

use core::fmt;

use bytes::{BufMut, Bytes};

pub use self::array::{Array, TryValues, Values};
pub use self::convert::{OutOfRange, WrongType};
pub use self::table::{Fields, Table, TryFields};
use super::long::{LongStr, put_len};
use super::{DecodeError, DecodeErrorKind, Field, MAX_DEPTH, Reader, Timestamp};

/// A value in a [`Table`] or an [`Array`].
///
/// The tags are those RabbitMQ reads and writes, in both protocol versions; they follow the
/// published errata and not the text of 0-9-1 (there `s` is a short string; on the wire it is a
/// 16-bit integer). `l` and `L` both mean a signed 64-bit integer; written is `l`. There is no tag
/// for an unsigned 64-bit integer. RabbitMQ closes the connection with 541 over `NaN` and
/// infinities.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `V`: no value.
    Void,
    /// `t`: true or false.
    Bool(bool),
    /// `b`: 8 bits, signed.
    I8(i8),
    /// `B`: 8 bits, unsigned.
    U8(u8),
    /// `s`: 16 bits, signed.
    I16(i16),
    /// `u`: 16 bits, unsigned.
    U16(u16),
    /// `I`: 32 bits, signed.
    I32(i32),
    /// `i`: 32 bits, unsigned.
    U32(u32),
    /// `l` or `L`: 64 bits, signed.
    I64(i64),
    /// `f`: 32-bit floating point.
    F32(f32),
    /// `d`: 64-bit floating point.
    F64(f64),
    /// `D`: a decimal number.
    Decimal(Decimal),
    /// `S`: text, or any bytes.
    LongStr(LongStr),
    /// `x`: bytes that are not meant as text.
    Bytes(Bytes),
    /// `T`: seconds since 1970.
    Timestamp(Timestamp),
    /// `A`: values in a row.
    Array(Array),
    /// `F`: a nested table.
    Table(Table),
}

/// The number `value / 10^scale`.
///
/// The specification leaves the sign open; RabbitMQ reads the value as unsigned, the errata say
/// signed. The 32 bits are kept as they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// Digits after the decimal point.
    pub scale: u8,
    /// The number without its point.
    pub value: u32,
}

impl Value {
    /// The tag that the value is written with.
    #[must_use]
    pub const fn tag(&self) -> u8 {
        match self {
            Self::Void => b'V',
            Self::Bool(_) => b't',
            Self::I8(_) => b'b',
            Self::U8(_) => b'B',
            Self::I16(_) => b's',
            Self::U16(_) => b'u',
            Self::I32(_) => b'I',
            Self::U32(_) => b'i',
            Self::I64(_) => b'l',
            Self::F32(_) => b'f',
            Self::F64(_) => b'd',
            Self::Decimal(_) => b'D',
            Self::LongStr(_) => b'S',
            Self::Bytes(_) => b'x',
            Self::Timestamp(_) => b'T',
            Self::Array(_) => b'A',
            Self::Table(_) => b'F',
        }
    }

    /// The text of a string value, if it is one and is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::LongStr(text) => text.as_str().ok(),
            _ => None,
        }
    }

    /// The bytes of a string or of a byte value.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::LongStr(text) => Some(text.as_bytes()),
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The number in an integer of any width.
    ///
    /// Clients choose the width by taste or by size, so whoever reads should not care.
    #[must_use]
    pub const fn as_i64(&self) -> Option<i64> {
        Some(match *self {
            Self::I8(n) => n as i64,
            Self::U8(n) => n as i64,
            Self::I16(n) => n as i64,
            Self::U16(n) => n as i64,
            Self::I32(n) => n as i64,
            Self::U32(n) => n as i64,
            Self::I64(n) => n,
            _ => return None,
        })
    }

    /// The number in an integer of any width that is not below 0.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.as_i64()?.try_into().ok()
    }

    /// The length of a name below it that is too long to be sent.
    pub(super) fn overlong_name(&self) -> Option<usize> {
        match self {
            Self::Array(array) => array.overlong_name(),
            Self::Table(table) => table.overlong_name(),
            _ => None,
        }
    }

    /// The number in a floating point value of either width.
    #[must_use]
    pub const fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::F32(n) => Some(n as f64),
            Self::F64(n) => Some(n),
            _ => None,
        }
    }

    /// The truth value.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match *self {
            Self::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The nested table.
    #[must_use]
    pub const fn as_table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The array.
    #[must_use]
    pub const fn as_array(&self) -> Option<&Array> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// Bytes that [`encode`](Self::encode) writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        1 + match self {
            Self::Void => 0,
            Self::Bool(_) | Self::I8(_) | Self::U8(_) => 1,
            Self::I16(_) | Self::U16(_) => 2,
            Self::I32(_) | Self::U32(_) | Self::F32(_) => 4,
            Self::I64(_) | Self::F64(_) | Self::Timestamp(_) => 8,
            Self::Decimal(_) => 5,
            Self::LongStr(text) => text.encoded_len(),
            Self::Bytes(bytes) => 4 + bytes.len(),
            Self::Array(array) => array.encoded_len(),
            Self::Table(table) => table.encoded_len(),
        }
    }

    /// Writes the tag and the value.
    pub fn encode<B: BufMut>(&self, out: &mut B) {
        out.put_u8(self.tag());
        match self {
            Self::Void => {}
            Self::Bool(truth) => out.put_u8(u8::from(*truth)),
            Self::I8(n) => out.put_i8(*n),
            Self::U8(n) => out.put_u8(*n),
            Self::I16(n) => out.put_i16(*n),
            Self::U16(n) => out.put_u16(*n),
            Self::I32(n) => out.put_i32(*n),
            Self::U32(n) => out.put_u32(*n),
            Self::I64(n) => out.put_i64(*n),
            Self::F32(n) => out.put_f32(*n),
            Self::F64(n) => out.put_f64(*n),
            Self::Decimal(Decimal { scale, value }) => {
                out.put_u8(*scale);
                out.put_u32(*value);
            }
            Self::LongStr(text) => text.encode(out),
            Self::Bytes(bytes) => {
                put_len(bytes.len(), out);
                out.put_slice(bytes);
            }
            Self::Timestamp(time) => time.encode(out),
            Self::Array(array) => array.encode(out),
            Self::Table(table) => table.encode(out),
        }
    }

    /// Reads a tag and a value; `depth` is that of the table or array around it.
    pub(super) fn decode(input: &mut Reader<'_>, depth: u8) -> Result<Self, DecodeError> {
        let place = input.clone();
        let tag: u8 = input.get()?;
        let nested = || match depth.checked_add(1).filter(|depth| *depth <= MAX_DEPTH) {
            Some(depth) => Ok(depth),
            None => Err(place.error(DecodeErrorKind::TooDeep)),
        };
        Ok(match tag {
            b'V' => Self::Void,
            b't' => Self::Bool(input.get::<u8>()? != 0),
            b'b' => Self::I8(i8::from_be_bytes(input.array()?)),
            b'B' => Self::U8(input.get()?),
            b's' => Self::I16(i16::from_be_bytes(input.array()?)),
            b'u' => Self::U16(input.get()?),
            b'I' => Self::I32(i32::from_be_bytes(input.array()?)),
            b'i' => Self::U32(input.get()?),
            b'l' | b'L' => Self::I64(i64::from_be_bytes(input.array()?)),
            b'f' => Self::F32(f32::from_be_bytes(input.array()?)),
            b'd' => Self::F64(f64::from_be_bytes(input.array()?)),
            b'D' => Self::Decimal(Decimal {
                scale: input.get()?,
                value: input.get()?,
            }),
            b'S' => Self::LongStr(input.get()?),
            b'x' => Self::Bytes(input.get::<LongStr>()?.into_bytes()),
            b'T' => Self::Timestamp(input.get()?),
            b'A' => Self::Array(Array::take_at(input, nested()?)?),
            b'F' => Self::Table(Table::take_at(input, nested()?)?),
            _ => return Err(place.error(DecodeErrorKind::UnknownTag(tag))),
        })
    }

    /// Reads everything below this value, which ends at `end` of the piece it is in.
    pub(super) fn validate(&self, end: usize) -> Result<(), DecodeError> {
        match self {
            Self::Array(array) => array.validate_before(end),
            Self::Table(table) => table.validate_before(end),
            _ => Ok(()),
        }
    }
}

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
