//! The data types of the wire: how a number, a string or a table looks in bytes.
//!
//! Nothing here knows a method or a protocol version; the generated types and the frame codec are
//! built from these parts. All integers are unsigned and big-endian (AMQP 0-9-1, 4.2.5).
//!
//! | type | wire form |
//! |---|---|
//! | [`ShortStr`] | one length octet, then up to 255 bytes |
//! | [`LongStr`] | four length octets, then the bytes |
//! | [`Table`] | four length octets, then fields of name, tag and value |
//! | [`Array`] | four length octets, then values of tag and value |
//! | [`Timestamp`] | eight octets, seconds since 1970 |
//! | [`ReplyCode`], [`DeliveryTag`] | two and eight octets, kept apart from plain numbers |
//!
//! A connection checks what it sends: a string of more than 255 bytes where a [`ShortStr`] belongs is
//! refused before anything is written. Code that encodes by hand does the same by comparing the length
//! of each frame ([`method_frame_len`](crate::frame::method_frame_len)) with frame-max first: the
//! encoded length of what cannot be sent is [`UNSENDABLE`], which no frame-max allows.
//!
//! Reading goes through a [`Reader`] over [`Bytes`](bytes::Bytes): what is large is a slice of the
//! received memory, what is short is copied in place, and nothing is allocated from a length field.

mod bits;
mod debug;
mod error;
mod field;
mod ids;
mod long;
mod reader;
mod short;
mod validate;
mod value;

pub use bits::{Flags, bit_octets, put_bits};
#[doc(hidden)]
pub use debug::NotDefault;
pub use error::{DecodeError, DecodeErrorKind};
pub use field::{TransferBody, optional_len, put_optional};
pub use ids::{ChannelId, DeliveryTag, MethodId, ReplyCode, Scope, Timestamp};
pub use long::LongStr;
pub use reader::{Field, Reader};
#[doc(hidden)]
pub use short::{CheckOverlong, find_overlong};
pub use short::{Overlong, ShortStr, TooLong, UNSENDABLE};
pub use validate::{Rule, Violation, check_length, check_not_empty, check_not_equal};
pub use value::{
    Array, Decimal, Fields, OutOfRange, Table, TryFields, TryValues, Value, ValueRef, Values,
    WrongType,
};

/// How deep tables and arrays may be nested before reading stops with
/// [`DecodeErrorKind::TooDeep`].
///
/// A frame of 128 KiB can hold some 18 000 levels, and RabbitMQ relays them; 32 is far above what
/// programs use and far below what a stack can hold.
pub const MAX_DEPTH: u8 = 32;
