//! Choices out of bytes. When the bytes are over, every choice is the first.

#[derive(Debug)]
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        if end <= 256 {
            return usize::from(self.byte()) % end;
        }
        self.number() as usize % end
    }

    /// A number that is likely small or at some edge.
    pub(crate) fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=127 => u64::from(small % 32),
            128..=159 => u64::from(self.byte()),
            160..=191 => u64::from_be_bytes(self.array()) >> 48,
            192..=223 => u64::from_be_bytes(self.array()),
            edge => [u64::MAX, 1 << 63, 1 << 32, 131_072, 8192, 4096, 65_535, 256]
                [usize::from(edge) % 8]
                .wrapping_sub(u64::from(edge / 8 % 4)),
        }
    }

    pub(crate) fn chance(&mut self, of: usize) -> bool {
        self.below(of) == of - 1
    }

    /// As many bytes as there are, `count` at the most.
    pub(crate) fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub(crate) fn pick<'b, T>(&mut self, items: &'b [T]) -> Option<&'b T> {
        let at = (!items.is_empty()).then(|| self.below(items.len()))?;
        items.get(at)
    }

    fn array(&mut self) -> [u8; 8] {
        std::array::from_fn(|_| self.byte())
    }
}
