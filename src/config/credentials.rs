use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

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
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// The name of the user.
    pub user: String,
    /// The password; erased when this is dropped.
    pub password: Secret,
    /// How long it is valid, where it expires.
    pub expires_in: Option<Duration>,
}

impl Credentials {
    /// The credentials of `user`.
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
            expires_in: None,
        }
    }

    /// Sets how long the password is valid from now on, for tokens.
    ///
    /// When they come from [`Config::credentials_provider`](super::Config::credentials_provider), the connection asks
    /// it again after 80 % of that time, and replaces the secret on the open connection (`connection.update-secret`,
    /// RabbitMQ 3.8 and later, 0-9-1). If the provider has none, it is asked again after half of the time that is
    /// left, at least 1 s and at most 60 s. That is reported, and the connection goes on for as long as the broker
    /// lets it.
    #[must_use]
    pub const fn expires_in(mut self, time: Duration) -> Self {
        self.expires_in = Some(time);
        self
    }

    /// Erases the password, for a program that will not connect again.
    pub fn erase(&mut self) {
        self.password.erase();
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Credentials");
        debug.field("user", &self.user);
        debug.field("password", &self.password);
        if let Some(time) = &self.expires_in {
            debug.field("expires_in", time);
        }
        debug.finish()
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
