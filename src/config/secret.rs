use std::fmt;
use std::hint::black_box;

use bytes::Bytes;

use crate::wire::LongStr;

/// Bytes that are not shown and do not outlive their use: a password, a SASL response.
///
/// `Debug` prints `***`, and there is no `Display`. The bytes are overwritten with zeros when the
/// value is dropped or [erased](Self::erase), also when they were handed on as a [`LongStr`].
///
/// # Limits
/// This is what safe Rust can do. Copies that were made before the bytes came here (the string a
/// password was read into), those that a moved or grown buffer left behind, the encoded frame on
/// its way to the socket, swapped pages and core dumps are out of its reach. To leave as little as
/// possible, hand over a `String` or a `Vec<u8>`, whose memory is taken and not copied.
///
/// ```
/// use pika::config::Secret;
///
/// let secret = Secret::from("hunter2");
/// assert_eq!(format!("{secret:?}"), "***");
/// assert_eq!(secret.expose(), b"hunter2");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The bytes, for whoever has to send them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Overwrites the bytes with zeros and forgets them; the secret is empty afterwards.
    pub fn erase(&mut self) {
        self.0.fill(0);
        // Memory that is written and never read again is memory that need not be written, unless
        // somebody may be looking.
        black_box(&mut self.0);
        self.0.clear();
    }

    /// The same bytes as a protocol field, without a copy; they are erased when the last clone of
    /// the field is dropped.
    ///
    /// The `Debug` of a [`LongStr`] does show its bytes: keep it out of logs.
    #[must_use]
    pub fn into_long_str(self) -> LongStr {
        Bytes::from_owner(Exposed(self)).into()
    }
}

/// Lets [`Bytes`] own a secret; not public, so that a secret is exposed by that word only.
struct Exposed(Secret);

impl AsRef<[u8]> for Exposed {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.erase();
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "***");
        assert_eq!(
            format!("{:#?}", Some(Secret::default())),
            "Some(\n    ***,\n)"
        );
    }

    #[test]
    fn an_erased_secret_is_empty() {
        let mut secret = Secret::from(String::from("hunter2"));
        secret.erase();
        assert!(secret.is_empty());
    }

    #[test]
    fn a_string_is_taken_without_a_copy() {
        let text = String::from("hunter2");
        let at = text.as_ptr();
        let secret = Secret::from(text);
        assert_eq!(secret.expose().as_ptr(), at);
        assert_eq!(secret.into_long_str().as_bytes().as_ptr(), at);
    }

    #[test]
    fn a_field_has_the_bytes_of_the_secret() {
        assert_eq!(Secret::from("hunter2").into_long_str(), "hunter2");
    }
}
