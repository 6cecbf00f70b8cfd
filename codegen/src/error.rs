//! What can be wrong with a specification file, and where.

use std::fmt;

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// A mistake in a specification file, or one made while reading it or writing code from it.
///
/// `Display` gives one line that an editor can jump to:
/// `amqp0-9-1.xml:12:5: unknown element `colour` in `class`; expected one of …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Details>);

/// Behind a box, to keep results small.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    kind: ErrorKind,
    file: String,
    place: Option<Place>,
    found: String,
    expected: Option<String>,
    hint: Option<String>,
}

/// What sort of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file could not be read or written.
    Io,
    /// The file is not well-formed XML, or uses a part of XML that this family does without.
    Xml,
    /// An element, an attribute or a value that the family does not have, or one that is missing.
    Schema,
    /// Well-formed parts that do not fit together: an undefined domain, an id given twice.
    Meaning,
    /// A named repair found nothing to repair.
    Fixup,
    /// The call to this crate asks for something impossible.
    Config,
    /// The generated code is not Rust: a mistake of this crate.
    Output,
}

/// A position in a file, counted from 1; columns count bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The byte in the line.
    pub column: usize,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, found: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            file: String::new(),
            place: None,
            found: found.into(),
            expected: None,
            hint: None,
        }))
    }

    pub(crate) fn xml(place: Place, found: impl Into<String>) -> Self {
        Self::new(ErrorKind::Xml, found).at(place)
    }

    pub(crate) fn schema(place: Place, found: impl Into<String>) -> Self {
        Self::new(ErrorKind::Schema, found).at(place)
    }

    pub(crate) fn meaning(place: Place, found: impl Into<String>) -> Self {
        Self::new(ErrorKind::Meaning, found).at(place)
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    pub(crate) fn expected(mut self, what: impl Into<String>) -> Self {
        self.0.expected = Some(what.into());
        self
    }

    pub(crate) fn hint(mut self, what: impl Into<String>) -> Self {
        self.0.hint = Some(what.into());
        self
    }

    pub(crate) fn in_file(mut self, file: &str) -> Self {
        if self.0.file.is_empty() {
            file.clone_into(&mut self.0.file);
        }
        self
    }

    /// What sort of mistake it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The file, as it was named to [`Config`](crate::Config).
    #[must_use]
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// Where in the file; `None` when the mistake is not at one place.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.0.place
    }

    /// What was found.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// What would have been right, where that can be said.
    #[must_use]
    pub fn expectation(&self) -> Option<&str> {
        self.0.expected.as_deref()
    }

    /// What to do about it, where that is not plain.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.file.is_empty() {
            write!(f, "{}:", self.0.file)?;
            if let Some(Place { line, column }) = self.0.place {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.0.found)?;
        if let Some(expected) = &self.0.expected {
            write!(f, "; expected {expected}")?;
        }
        if let Some(hint) = &self.0.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
