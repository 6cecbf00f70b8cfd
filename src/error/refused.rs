use std::fmt;

use super::Error;

/// A message that was not sent, and why.
///
/// The message comes back as it was given, so that it can be published again later, elsewhere, or put
/// aside. `?` turns this into the [`Error`] alone.
///
/// ```
/// use pika::error::{Error, Forbidden, Refused};
///
/// let refused = Refused { error: Forbidden::Flow.into(), message: vec![1, 2, 3] };
/// match refused {
///     Refused { error: Error::ContentForbidden(_), message } => assert_eq!(message, [1, 2, 3]),
///     Refused { error, .. } => panic!("trying again does not help: {error}"),
/// }
/// ```
#[derive(Clone)]
pub struct Refused<M> {
    /// Why; [`is_retriable`](Error::is_retriable) says whether trying again later helps.
    pub error: Error,
    /// The message as it was given, or its body where that was given alone.
    pub message: M,
}

impl<M> Refused<M> {
    pub(crate) const fn new(error: Error, message: M) -> Self {
        Self { error, message }
    }

    /// The same refusal, with the message in another form.
    #[must_use]
    pub fn map<N>(self, convert: impl FnOnce(M) -> N) -> Refused<N> {
        let Self { error, message } = self;
        Refused::new(error, convert(message))
    }
}

impl<M> From<Refused<M>> for Error {
    fn from(refused: Refused<M>) -> Self {
        refused.error
    }
}

impl<M> fmt::Debug for Refused<M> {
    /// Shows why and not what, which may be long and nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused")
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<M> fmt::Display for Refused<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the message was not sent: {}", self.error)
    }
}

impl<M> std::error::Error for Refused<M> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
