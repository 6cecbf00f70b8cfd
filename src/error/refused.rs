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
/// let refused = Refused { error: Forbidden::Flow.into(), body: vec![1, 2, 3] };
/// match refused {
///     Refused { error: Error::ContentForbidden(_), body } => assert_eq!(body, [1, 2, 3]),
///     Refused { error, .. } => panic!("trying again does not help: {error}"),
/// }
/// ```
#[derive(Clone)]
pub struct Refused<B> {
    /// Why; [`Error::ContentForbidden`] where trying again later helps.
    pub error: Error,
    /// The message, or its body where that was given alone.
    pub body: B,
}

impl<B> Refused<B> {
    pub(crate) const fn new(error: Error, body: B) -> Self {
        Self { error, body }
    }

    /// The same refusal, with the message in another form.
    #[must_use]
    pub fn map<C>(self, convert: impl FnOnce(B) -> C) -> Refused<C> {
        let Self { error, body } = self;
        Refused::new(error, convert(body))
    }
}

impl<B> From<Refused<B>> for Error {
    fn from(refused: Refused<B>) -> Self {
        refused.error
    }
}

impl<B> fmt::Debug for Refused<B> {
    /// Shows why and not what, which may be long and nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused")
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<B> fmt::Display for Refused<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the message was not sent: {}", self.error)
    }
}

impl<B> std::error::Error for Refused<B> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
