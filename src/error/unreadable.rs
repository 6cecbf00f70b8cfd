use std::fmt;
use std::str::Utf8Error;

use super::Error;
use crate::wire::DecodeError;

/// Why a message that came cannot be read.
///
/// Brokers relay what publishers send, so a program that must go on rejects such a message:
///
/// ```
/// # #[cfg(all(feature = "amqp0-9-1", feature = "blocking"))]
/// # fn example(delivery: pika::blocking::Delivery) -> pika::Result<()> {
/// let Ok(properties) = delivery.properties() else {
///     delivery.reject(false)?;
///     return Ok(());
/// };
/// # drop(properties);
/// # Ok(())
/// # }
/// ```
///
/// In a function that returns [`pika::Result`](crate::Result), `?` will do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// Its properties, or a value in a table of them, are malformed.
    Properties(DecodeError),
    /// A text that the program wants is not UTF-8.
    Text(Utf8Error),
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Unreadable(Unreadable::Properties(error))
    }
}

impl From<Utf8Error> for Error {
    fn from(error: Utf8Error) -> Self {
        Self::Unreadable(Unreadable::Text(error))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Properties(error) => write!(f, "the message cannot be read: {error}"),
            Self::Text(error) => write!(f, "the message cannot be read as text: {error}"),
        }
    }
}

impl std::error::Error for Unreadable {}
