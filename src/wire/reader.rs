use bytes::{BufMut, Bytes};

use super::bits::{Flags, bit_octets};
use super::{DecodeError, DecodeErrorKind};

/// A value with a fixed place in a method's arguments or a property list.
///
/// Single bits are not fields: consecutive ones share octets, see [`put_bits`](super::put_bits).
pub trait Field: Sized {
    /// Bytes that [`encode`](Self::encode) writes.
    fn encoded_len(&self) -> usize;

    /// Writes the value.
    fn encode<B: BufMut>(&self, out: &mut B);

    /// Reads a value.
    ///
    /// # Errors
    /// When the bytes end inside the value.
    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// Reads wire values from received memory, front to back.
///
/// The reader knows the [`Bytes`] that own the memory, so a long value comes out as a slice of it
/// and not as a copy. Every read checks the length first; nothing here panics.
///
/// ```
/// use pika::bytes::Bytes;
/// use pika::wire::{Reader, ShortStr};
///
/// let payload = Bytes::from_static(b"\x00\x07\x05hello");
/// let mut reader = Reader::new(&payload);
/// assert_eq!(reader.get::<u16>()?, 7);
/// assert_eq!(reader.get::<ShortStr>()?, "hello");
/// reader.finish()?;
/// # Ok::<_, pika::wire::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    owner: &'a Bytes,
    rest: &'a [u8],
    len: usize,
    strict: bool,
}

impl<'a> Reader<'a> {
    /// A reader over all of `payload`.
    #[must_use]
    pub fn new(payload: &'a Bytes) -> Self {
        Self {
            owner: payload,
            rest: payload,
            len: payload.len(),
            strict: false,
        }
    }

    /// The same reader, but a table that is malformed inside is an error where it is taken.
    ///
    /// Without this it is an error only for those who look into the table. A peer that has to
    /// refuse such frames, or a tool that reports them, wants to know at once.
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// A reader over `part`, which must be a part of `owner`'s memory.
    pub(crate) fn within(owner: &'a Bytes, part: &'a [u8]) -> Self {
        Self {
            owner,
            rest: part,
            len: part.len(),
            strict: false,
        }
    }

    /// A reader over what is left, whose offsets count from here.
    pub(crate) const fn fork(&self) -> Self {
        Self {
            owner: self.owner,
            rest: self.rest,
            len: self.rest.len(),
            strict: self.strict,
        }
    }

    /// Whether tables are to be read through when they are taken.
    pub(super) const fn is_strict(&self) -> bool {
        self.strict
    }

    /// Reads one value.
    ///
    /// # Errors
    /// When the bytes end inside the value.
    #[inline]
    pub fn get<T: Field>(&mut self) -> Result<T, DecodeError> {
        T::decode(self)
    }

    /// Reads a run of `N` consecutive bits: the first is the least significant of its octet, and a
    /// new octet begins after eight (AMQP 0-9-1, 4.2.5.2). Bits beyond `N` are ignored.
    ///
    /// # Errors
    /// When the bytes end before the run does.
    #[inline]
    pub fn bits<const N: usize>(&mut self) -> Result<[bool; N], DecodeError> {
        let octets = self.bytes(bit_octets(N))?;
        let mut bits = [false; N];
        for (group, octet) in bits.chunks_mut(8).zip(octets) {
            for (place, bit) in group.iter_mut().enumerate() {
                *bit = octet >> place & 1 != 0;
            }
        }
        Ok(bits)
    }

    /// Reads the property flags at the head of a property list.
    ///
    /// Bit 0 of a flag word announces another word (AMQP 0-9-1, 4.2.6.1). No class of the family
    /// has more than 14 properties, so further words are passed over. RabbitMQ relays the bit with
    /// no word behind it; where nothing is left the list simply ends.
    ///
    /// # Errors
    /// When not even one whole word is there.
    #[inline]
    pub fn flags(&mut self) -> Result<Flags, DecodeError> {
        let first: u16 = self.get()?;
        let mut word = first;
        while word & 1 != 0 && self.rest.len() >= 2 {
            word = self.get()?;
        }
        Ok(Flags::from_word(first))
    }

    /// Reads the property at `index` (0 is the first of the class) if its flag is set.
    ///
    /// # Errors
    /// When the bytes end inside the value.
    #[inline]
    pub fn optional<T: Field>(
        &mut self,
        flags: Flags,
        index: u8,
    ) -> Result<Option<T>, DecodeError> {
        if flags.has(index) {
            self.get().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Takes the next `n` bytes as they are.
    ///
    /// # Errors
    /// When fewer than `n` are left.
    #[inline]
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let Some((taken, rest)) = self.rest.split_at_checked(n) else {
            return Err(self.truncated(n));
        };
        self.rest = rest;
        Ok(taken)
    }

    /// Takes the next `n` bytes as a slice of the received memory.
    ///
    /// # Errors
    /// When fewer than `n` are left.
    #[inline]
    pub fn shared(&mut self, n: usize) -> Result<Bytes, DecodeError> {
        let part = self.bytes(n)?;
        Ok(self.owner.slice_ref(part))
    }

    /// Takes the next `N` bytes as an array.
    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.truncated(N));
        };
        self.rest = rest;
        Ok(*taken)
    }

    /// `N` bytes of the received memory from the place reached on, if it has so many; they may
    /// reach beyond what this reader is to read.
    #[inline]
    pub(super) fn window<const N: usize>(&self) -> Option<&'a [u8; N]> {
        let place = self.rest.as_ptr().addr();
        let offset = place.wrapping_sub(self.owner.as_ptr().addr());
        self.owner.get(offset..)?.first_chunk()
    }

    /// The memory that `part`, taken from this reader, is a slice of.
    #[inline]
    pub(crate) fn share(&self, part: &'a [u8]) -> Bytes {
        self.owner.slice_ref(part)
    }

    /// The memory that it reads from.
    pub(super) const fn memory(&self) -> &'a Bytes {
        self.owner
    }

    /// The bytes not read yet.
    #[must_use]
    #[inline]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Bytes read so far.
    #[must_use]
    #[inline]
    pub fn offset(&self) -> usize {
        self.len - self.rest.len()
    }

    /// Bytes left to read.
    #[must_use]
    #[inline]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Whether everything was read.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Checks that everything was read.
    ///
    /// # Errors
    /// When bytes are left over.
    #[inline]
    pub fn finish(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.error(DecodeErrorKind::Trailing {
            left: self.rest.len(),
        }))
    }

    /// Gives up what is left.
    pub(crate) fn end(&mut self) {
        self.rest = &[];
    }

    /// An error at the place reached.
    #[cold]
    pub(crate) fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, self.offset())
    }

    #[cold]
    fn truncated(&self, needed: usize) -> DecodeError {
        self.error(DecodeErrorKind::Truncated {
            needed,
            left: self.rest.len(),
        })
    }
}
