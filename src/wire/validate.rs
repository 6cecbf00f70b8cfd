use core::fmt;

/// A field value that the wire can carry but the specification forbids.
///
/// Nothing checks these by itself: RabbitMQ enforces neither the patterns nor the length of 127 on
/// names, and enforcing them here would break names that work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field, by its specification name.
    pub field: &'static str,
    /// The rule it breaks.
    pub rule: Rule,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Rule::Empty => write!(f, "`{}` must not be empty", self.field),
            Rule::TooLong { max } => write!(f, "`{}` must not exceed {max} bytes", self.field),
            Rule::Equals(value) => write!(f, "`{}` must not be {value}", self.field),
        }
    }
}

impl core::error::Error for Violation {}

/// The rules that a [`Violation`] can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The value must hold something.
    Empty,
    /// The value is longer than allowed.
    TooLong {
        /// The most it may have, in bytes.
        max: usize,
    },
    /// The value must not be this one.
    Equals(u64),
}

/// Checks that `value` holds something.
///
/// # Errors
/// [`Rule::Empty`] when it does not.
pub fn check_not_empty(field: &'static str, value: &impl AsRef<[u8]>) -> Result<(), Violation> {
    check(field, Rule::Empty, !value.as_ref().is_empty())
}

/// Checks that `value` has at most `max` bytes.
///
/// # Errors
/// [`Rule::TooLong`] when it has more.
pub fn check_length(
    field: &'static str,
    value: &impl AsRef<[u8]>,
    max: usize,
) -> Result<(), Violation> {
    check(field, Rule::TooLong { max }, value.as_ref().len() <= max)
}

/// Checks that `value` is not `forbidden`.
///
/// # Errors
/// [`Rule::Equals`] when it is.
pub fn check_not_equal(field: &'static str, value: u64, forbidden: u64) -> Result<(), Violation> {
    check(field, Rule::Equals(forbidden), value != forbidden)
}

fn check(field: &'static str, rule: Rule, holds: bool) -> Result<(), Violation> {
    if holds {
        Ok(())
    } else {
        Err(Violation { field, rule })
    }
}
