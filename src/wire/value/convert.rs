use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use super::{Array, Decimal, Table, Value, ValueRef};
use crate::wire::{LongStr, ShortStr, Timestamp};

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

/// Converts a value, when it has a tag that holds such a thing, as `TryFrom<Value>` does.
macro_rules! try_from_ref {
    ($($type:ty),*) => {$(
        impl TryFrom<ValueRef<'_>> for $type {
            type Error = WrongType;

            fn try_from(value: ValueRef<'_>) -> Result<Self, WrongType> {
                value.to_value().try_into()
            }
        }
    )*};
}

try_from_ref! { bool, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f64, String }
