//! How bytes that are usually text are shown, and structs of many fields.

use core::fmt::{self, Write};

/// Shows bytes as a quoted string in which everything outside printable text is escaped.
pub(super) struct Escaped<'a>(pub(super) &'a [u8]);

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for chunk in self.0.utf8_chunks() {
            write!(f, "{}", chunk.valid().escape_debug())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        f.write_char('"')
    }
}

/// Writes bytes as text, with U+FFFD for what is not UTF-8.
pub(super) struct Lossy<'a>(pub(super) &'a [u8]);

impl fmt::Display for Lossy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

/// Shows a struct by its fields that are not as they are by default. Generated code uses it.
#[allow(missing_debug_implementations, reason = "it writes one")]
pub struct NotDefault<'a, 'b>(fmt::DebugStruct<'a, 'b>);

impl<'a, 'b> NotDefault<'a, 'b> {
    /// Begins with the name of the struct.
    pub fn new(f: &'a mut fmt::Formatter<'b>, name: &str) -> Self {
        Self(f.debug_struct(name))
    }

    /// A field that is shown in any case.
    #[must_use]
    pub fn given(mut self, name: &str, value: &dyn fmt::Debug) -> Self {
        self.0.field(name, value);
        self
    }

    /// A field that is shown where it is not the default.
    #[must_use]
    pub fn field<T: Default + PartialEq + fmt::Debug>(self, name: &str, value: &T) -> Self {
        match *value == T::default() {
            true => self,
            false => self.given(name, value),
        }
    }

    /// A field that is shown where it is there.
    #[must_use]
    pub fn optional<T: fmt::Debug>(self, name: &str, value: &Option<T>) -> Self {
        match value {
            Some(value) => self.given(name, value),
            None => self,
        }
    }

    /// A field that holds a password or a token; its value is never shown.
    #[must_use]
    pub fn secret(self, name: &str) -> Self {
        self.given(name, &format_args!("***"))
    }

    /// The end of the struct.
    ///
    /// # Errors
    /// Those of the formatter.
    pub fn finish(mut self) -> fmt::Result {
        self.0.finish()
    }
}
