use bytes::BufMut;

use super::reader::Field;
use super::{DecodeError, DeliveryTag, LongStr, Reader, ReplyCode, Timestamp};

/// Bytes that [`put_optional`] writes.
#[must_use]
#[inline]
pub fn optional_len<T: Field>(value: &Option<T>) -> usize {
    value.as_ref().map_or(0, Field::encoded_len)
}

/// Writes the value if there is one.
#[inline]
pub fn put_optional<T: Field, B: BufMut>(value: &Option<T>, out: &mut B) {
    if let Some(value) = value {
        value.encode(out);
    }
}

/// Implements [`Field`] for integers, and for newtypes over them.
macro_rules! integer_field {
    ($($type:ty: $int:ty, $wrap:expr, $unwrap:expr;)*) => {$(
        impl Field for $type {
            #[inline]
            fn encoded_len(&self) -> usize {
                size_of::<$int>()
            }

            #[inline]
            fn encode<B: BufMut>(&self, out: &mut B) {
                let unwrap: fn($type) -> $int = $unwrap;
                out.put_slice(&unwrap(*self).to_be_bytes());
            }

            #[inline]
            fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
                input.array().map(<$int>::from_be_bytes).map($wrap)
            }
        }
    )*};
}

integer_field! {
    u8: u8, |n| n, |n| n;
    u16: u16, |n| n, |n| n;
    u32: u32, |n| n, |n| n;
    u64: u64, |n| n, |n| n;
    Timestamp: u64, Timestamp, |stamp| stamp.0;
    DeliveryTag: u64, DeliveryTag, |tag| tag.0;
    ReplyCode: u16, ReplyCode, |code| code.0;
}

/// The body argument of 0-9's `message.transfer`: the bytes themselves or the name of a body sent
/// before.
///
/// The specification files use a domain `content` for it that they define nowhere; on the wire it
/// is an octet (0 inline, 1 reference) and a long string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferBody {
    /// The body itself.
    Inline(LongStr),
    /// The reference under which the body was opened and appended.
    Reference(LongStr),
}

impl Default for TransferBody {
    fn default() -> Self {
        Self::Inline(LongStr::default())
    }
}

impl From<LongStr> for TransferBody {
    fn from(body: LongStr) -> Self {
        Self::Inline(body)
    }
}

impl Field for TransferBody {
    fn encoded_len(&self) -> usize {
        let (Self::Inline(text) | Self::Reference(text)) = self;
        1 + text.encoded_len()
    }

    fn encode<B: BufMut>(&self, out: &mut B) {
        let (kind, text) = match self {
            Self::Inline(text) => (0, text),
            Self::Reference(text) => (1, text),
        };
        out.put_u8(kind);
        text.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let reference = input.get::<u8>()? != 0;
        let text = input.get()?;
        Ok(if reference {
            Self::Reference(text)
        } else {
            Self::Inline(text)
        })
    }
}
