use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::{BufMut, Bytes};

use super::{
    Array, DecodeError, DecodeErrorKind, Field, LongStr, MAX_DEPTH, Reader, ShortStr, Table,
    Timestamp,
};

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
                super::long::put_len(bytes.len(), out);
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

/// Converts into a value with the tag of the type's own width.
macro_rules! from_rust {
    ($($type:ty => $variant:ident;)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from_rust! {
    bool => Bool;
    i8 => I8;
    u8 => U8;
    i16 => I16;
    u16 => U16;
    i32 => I32;
    u32 => U32;
    i64 => I64;
    f32 => F32;
    f64 => F64;
    Decimal => Decimal;
    &str => LongStr;
    String => LongStr;
    &String => LongStr;
    Cow<'_, str> => LongStr;
    ShortStr => LongStr;
    &ShortStr => LongStr;
    LongStr => LongStr;
    Bytes => Bytes;
    Vec<u8> => Bytes;
    Timestamp => Timestamp;
    Array => Array;
    Table => Table;
}

/// Converts a number that may need more than the 63 bits that the wire has for it.
macro_rules! try_from_rust {
    ($($type:ty),*) => {$(
        impl TryFrom<$type> for Value {
            type Error = OutOfRange;

            fn try_from(value: $type) -> Result<Self, OutOfRange> {
                i64::try_from(value).map(Self::I64).map_err(|_| OutOfRange)
            }
        }
    )*};
}

try_from_rust! { u64, usize, isize, i128, u128 }

/// An integer outside of the 64 bits, signed, that a [`Value`] holds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an integer from -2^63 to 2^63 - 1, found one outside of that")
    }
}

impl core::error::Error for OutOfRange {}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::Void
    }
}

/// Converts a value back, when it has a tag that holds such a thing.
macro_rules! try_into_rust {
    ($($type:ty, $expected:literal, $convert:expr;)*) => {$(
        impl TryFrom<Value> for $type {
            type Error = WrongType;

            fn try_from(value: Value) -> Result<Self, WrongType> {
                let wrong = WrongType { expected: $expected, found: value.tag() };
                let convert: fn(Value) -> Option<Self> = $convert;
                convert(value).ok_or(wrong)
            }
        }
    )*};
}

try_into_rust! {
    bool, "a truth value", |value| value.as_bool();
    i8, "an integer from -2^7 to 2^7 - 1", |value| value.as_i64()?.try_into().ok();
    i16, "an integer from -2^15 to 2^15 - 1", |value| value.as_i64()?.try_into().ok();
    i32, "an integer from -2^31 to 2^31 - 1", |value| value.as_i64()?.try_into().ok();
    i64, "an integer", |value| value.as_i64();
    isize, "an integer that fits the platform", |value| value.as_i64()?.try_into().ok();
    u8, "an integer from 0 to 2^8 - 1", |value| value.as_i64()?.try_into().ok();
    u16, "an integer from 0 to 2^16 - 1", |value| value.as_i64()?.try_into().ok();
    u32, "an integer from 0 to 2^32 - 1", |value| value.as_i64()?.try_into().ok();
    usize, "an integer not below 0 that fits the platform", |value| value.as_i64()?.try_into().ok();
    u64, "an integer not below 0", |value| value.as_i64()?.try_into().ok();
    f64, "a floating point number", |value| value.as_f64();
    String, "a string of UTF-8", |value| value.as_str().map(String::from);
    LongStr, "a string", |value| match value {
        Value::LongStr(text) => Some(text),
        _ => None,
    };
    Bytes, "bytes", |value| match value {
        Value::LongStr(text) => Some(text.into_bytes()),
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    };
    Timestamp, "a timestamp", |value| match value {
        Value::Timestamp(time) => Some(time),
        _ => None,
    };
    Array, "an array", |value| match value {
        Value::Array(array) => Some(array),
        _ => None,
    };
    Table, "a table", |value| match value {
        Value::Table(table) => Some(table),
        _ => None,
    };
}

/// A [`Value`] of another type than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongType {
    /// What was asked for.
    pub expected: &'static str,
    /// The tag that was found.
    pub found: u8,
}

impl fmt::Display for WrongType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = char::from(self.found);
        write!(
            f,
            "expected {}, found a value with tag `{tag}`",
            self.expected
        )
    }
}

impl core::error::Error for WrongType {}
