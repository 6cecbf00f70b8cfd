use bytes::Bytes;

/// Bodies from this size on are queued as they are, smaller ones are copied.
///
/// A copy of 16 KiB costs about as much as the bookkeeping of one more piece in a vectored write.
pub(super) const SHARE_FROM: usize = 16 * 1024;

/// The body of a message to be published.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// Bytes that are copied into the output.
    Borrowed(&'a [u8]),
    /// Bytes that may be queued without a copy.
    Shared(Bytes),
}

impl<'a> Body<'a> {
    /// The body that these bytes are, as [`share`](Self::share) returns it.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    #[inline]
    pub(crate) fn of(bytes: &'a Bytes) -> Self {
        match bytes.len() >= SHARE_FROM {
            true => Self::Shared(bytes.clone()),
            false => Self::Borrowed(bytes),
        }
    }

    /// The same body once more, without a copy. One that would be copied anyway is borrowed, so that
    /// the original alone decides when its memory is given back.
    #[inline]
    pub(crate) fn share(&self) -> Body<'_> {
        match self.uncopied() {
            Some(bytes) => Body::Shared(bytes.clone()),
            None => Body::Borrowed(self.as_bytes()),
        }
    }

    /// The body, if it is queued as it is.
    #[inline]
    pub(super) fn uncopied(&self) -> Option<&Bytes> {
        match self {
            Self::Shared(bytes) if bytes.len() >= SHARE_FROM => Some(bytes),
            Self::Shared(_) | Self::Borrowed(_) => None,
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl<'a> From<&'a [u8]> for Body<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Borrowed(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Body<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Borrowed(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Body<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Borrowed(bytes)
    }
}

impl<'a> From<&'a str> for Body<'a> {
    fn from(text: &'a str) -> Self {
        Self::Borrowed(text.as_bytes())
    }
}

impl<'a> From<&'a String> for Body<'a> {
    fn from(text: &'a String) -> Self {
        Self::Borrowed(text.as_bytes())
    }
}

impl From<Vec<u8>> for Body<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Shared(bytes.into())
    }
}

impl From<String> for Body<'_> {
    fn from(text: String) -> Self {
        Self::Shared(text.into())
    }
}

impl From<Bytes> for Body<'_> {
    fn from(bytes: Bytes) -> Self {
        Self::Shared(bytes)
    }
}

impl From<&Bytes> for Body<'_> {
    #[inline]
    fn from(bytes: &Bytes) -> Self {
        Self::Shared(bytes.clone())
    }
}
