use std::fmt;
use std::io;

use super::{Error, Result};

/// How many errors are kept; of those beyond only the count is.
const KEPT: usize = 1000;

/// What went wrong in handlers, completions and timers, and with connections and channels, in order.
/// There is at least one error.
///
/// None of them stopped the others. As an [`Error`] it is the first.
#[derive(Clone, Debug)]
pub struct Failures {
    errors: Vec<Error>,
    more: usize,
}

impl Failures {
    /// The errors, up to a thousand.
    #[must_use]
    pub fn errors(&self) -> &[Error] {
        &self.errors
    }

    /// How many errors came after those.
    #[must_use]
    pub const fn more(&self) -> usize {
        self.more
    }

    /// None yet, which only [`into_result`](Self::into_result) may see.
    pub(crate) const fn new() -> Self {
        Self {
            errors: Vec::new(),
            more: 0,
        }
    }

    pub(crate) fn push(&mut self, error: Error) {
        match self.errors.len() < KEPT {
            true => self.errors.push(error),
            false => self.more += 1,
        }
    }

    /// Good if there is none.
    pub(crate) fn into_result(self) -> Result<(), Self> {
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(self),
        }
    }
}

impl IntoIterator for Failures {
    type Item = Error;
    type IntoIter = std::vec::IntoIter<Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}

impl From<Failures> for Error {
    fn from(failures: Failures) -> Self {
        let first = failures.into_iter().next();
        first.unwrap_or_else(|| io::Error::other("no error").into())
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.errors.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for Failures {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Misuse;

    #[test]
    fn so_many_are_kept_and_the_others_are_counted() {
        let mut failures = Failures::new();
        assert!(failures.clone().into_result().is_ok());
        for _ in 0..KEPT + 5 {
            failures.push(Misuse::NotOpen.into());
        }
        assert_eq!((failures.errors().len(), failures.more()), (KEPT, 5));
        assert!(failures.to_string().ends_with("; and 5 more"));
        assert!(matches!(failures.into(), Error::Misuse(Misuse::NotOpen)));
    }
}
