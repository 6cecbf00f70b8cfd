use crate::connection::Settled;
use crate::error::Result;

/// What a completion or a handler may return: nothing, whether it went well, or what settling a
/// delivery came to.
///
/// An error stops nothing. It is returned by what serves the connection.
pub trait IntoResult: sealed::Sealed {
    /// The result.
    ///
    /// # Errors
    /// What the handler gave up over.
    fn into_result(self) -> Result<()>;
}

impl IntoResult for () {
    fn into_result(self) -> Result<()> {
        Ok(())
    }
}

impl IntoResult for Result<()> {
    fn into_result(self) -> Self {
        self
    }
}

impl IntoResult for Result<Settled> {
    fn into_result(self) -> Result<()> {
        self.map(drop)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl Sealed for crate::error::Result<()> {}
    impl Sealed for crate::error::Result<crate::connection::Settled> {}
}
