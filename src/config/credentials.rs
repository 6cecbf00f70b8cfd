use std::fmt;
use std::io;
use std::sync::Arc;

use super::secret::Secret;

/// Who logs in.
///
/// RabbitMQ has the user `guest` with the password `guest`, which it accepts from the same machine
/// only; these are the default.
///
/// ```
/// use pika::config::Credentials;
///
/// let credentials = Credentials::new("orders", "hunter2");
/// assert_eq!(format!("{credentials:?}"), r#"Credentials { user: "orders", password: *** }"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The name of the user.
    pub user: String,
    /// The password; erased when this is dropped.
    pub password: Secret,
}

impl Credentials {
    /// The credentials of `user`.
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
        }
    }

    /// Erases the password, for a program that will not connect again.
    pub fn erase(&mut self) {
        self.password.erase();
    }
}

impl Default for Credentials {
    fn default() -> Self {
        Self::new("guest", "guest")
    }
}

/// Where credentials come from that are asked for at each login.
#[derive(Clone)]
pub struct Provider(Arc<Provide>);

type Provide = dyn Fn() -> io::Result<Credentials> + Send + Sync;

impl Provider {
    pub(super) fn new(
        provide: impl Fn() -> io::Result<Credentials> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(provide))
    }

    /// Asks for credentials. Hosts of your own do so before they make a
    /// [`Connection`](crate::connection::Connection).
    ///
    /// # Errors
    /// Those of the function of the program.
    pub fn credentials(&self) -> io::Result<Credentials> {
        (self.0)()
    }
}

impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Provider {}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("of the program")
    }
}
