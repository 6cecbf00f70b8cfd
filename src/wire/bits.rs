use bytes::BufMut;

/// Octets that a run of `bits` consecutive bit fields takes.
#[must_use]
pub const fn bit_octets(bits: usize) -> usize {
    bits.div_ceil(8)
}

/// Writes a run of consecutive bit fields: the first is the least significant of its octet, and a
/// new octet begins after eight. Unused bits are zero.
#[inline]
pub fn put_bits<const N: usize, B: BufMut>(out: &mut B, bits: [bool; N]) {
    for group in bits.chunks(8) {
        let mut octet = 0u8;
        for (place, bit) in group.iter().enumerate() {
            octet |= u8::from(*bit) << place;
        }
        out.put_u8(octet);
    }
}

/// Which properties of a content header are present.
///
/// The flag of the first property of a class is the most significant bit of a 16-bit word
/// (AMQP 0-9-1, 4.2.6.1). No class of the family has more than 14, so one word always suffices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u16);

impl Flags {
    const FIRST: u16 = 1 << 15;

    /// No property present.
    #[must_use]
    #[inline]
    pub const fn none() -> Self {
        Self(0)
    }

    /// No class has a property beyond the word, so there is no bit for one.
    const fn bit(index: u8) -> u16 {
        match Self::FIRST.checked_shr(index as u32) {
            Some(bit) => bit,
            None => 0,
        }
    }

    pub(super) const fn from_word(word: u16) -> Self {
        Self(word)
    }

    /// The same flags with the one at `index` (0 is the first property) set or cleared.
    #[must_use]
    #[inline]
    pub const fn set(self, index: u8, present: bool) -> Self {
        let bit = Self::bit(index);
        Self(if present { self.0 | bit } else { self.0 & !bit })
    }

    /// Whether the property at `index` is present.
    #[must_use]
    #[inline]
    pub const fn has(self, index: u8) -> bool {
        self.0 & Self::bit(index) != 0
    }

    /// Bytes that [`encode`](Self::encode) writes.
    #[must_use]
    #[inline]
    pub const fn encoded_len(self) -> usize {
        2
    }

    /// Writes the flag word.
    #[inline]
    pub fn encode<B: BufMut>(self, out: &mut B) {
        out.put_u16(self.0);
    }
}
