use std::fmt;
use std::sync::Arc;

use super::credentials::Credentials;
use super::secret::Secret;

/// A SASL mechanism of the program.
///
/// ```
/// use pika::config::{Config, Credentials, Exchange, Mechanism, Sasl, Secret};
///
/// /// Sends the name of the user, and the password when the server asks for it.
/// #[derive(Debug)]
/// struct OnRequest;
///
/// impl Sasl for OnRequest {
///     fn name(&self) -> &str {
///         "RABBIT-CR-DEMO"
///     }
///
///     fn begin(&self, credentials: &Credentials) -> Box<dyn Exchange> {
///         Box::new(Begun(credentials.clone()))
///     }
/// }
///
/// struct Begun(Credentials);
///
/// impl Exchange for Begun {
///     fn initial(&mut self) -> Secret {
///         self.0.user.as_str().into()
///     }
///
///     fn answer(&mut self, challenge: &[u8]) -> Result<Secret, String> {
///         if challenge != b"Please tell me your password" {
///             return Err("expected to be asked for the password".into());
///         }
///         Ok([b"My password is ", self.0.password.expose()].concat().into())
///     }
/// }
///
/// let config = Config::new().mechanisms([Mechanism::own(OnRequest), Mechanism::Plain]);
/// ```
pub trait Sasl: fmt::Debug + Send + Sync {
    /// Returns the name, as the server lists it in `connection.start`.
    fn name(&self) -> &str;

    /// Returns whether the mechanism must not be used on a connection that pika does not encrypt. Such a
    /// mechanism is passed over there. Default: no.
    fn needs_tls(&self) -> bool {
        false
    }

    /// Begins to log in. It is called once for each connection, and must not block.
    fn begin(&self, credentials: &Credentials) -> Box<dyn Exchange>;
}

/// One login by a mechanism of the program.
pub trait Exchange: Send {
    /// Returns the `response` of `connection.start-ok`.
    fn initial(&mut self) -> Secret;

    /// Answers `connection.secure`; the answer is the `response` of `connection.secure-ok`. Must not
    /// block.
    ///
    /// # Errors
    /// When the server cannot be answered, or has failed to prove itself. The connection is closed, and
    /// the text is a part of the reason; it must not have a secret in it.
    fn answer(&mut self, challenge: &[u8]) -> Result<Secret, String>;
}

/// A mechanism of the program as one of the [`Mechanism`](super::Mechanism)s.
#[derive(Clone, Debug)]
pub struct Own(pub(super) Arc<dyn Sasl>);

impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Own {}
