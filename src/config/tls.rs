use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use rustls::ClientConfig;

use super::Secret;

/// How a connection is encrypted, and whom it trusts.
///
/// The default trusts the certificate authorities of the system (feature `tls`) and requires that the
/// server's certificate is valid for [`Config::host`](super::Config::host). TLS 1.2 and 1.3 are
/// supported. `amqps://…` sets it; so does [`Config::tls`](super::Config::tls).
///
/// ```
/// use pika::config::{Config, Tls};
///
/// let config = Config::new().host("rabbit.internal").tls(
///     Tls::new()
///         .ca_file("/etc/rabbitmq/ca.pem")
///         .client_certificate("/etc/orders/client.pem", "/etc/orders/client.key"),
/// );
/// assert_eq!(config.port, 5671);
/// ```
///
/// Files are read when a connection is opened. Clones share what was read, and files that have
/// changed since are read again, so that renewed certificates are used by the next connection.
/// [`docs/tls.md`](https://docs.rs/crate/pika-amqp/latest/source/docs/tls.md) explains private CAs,
/// client certificates and errors.
#[derive(Clone, Default)]
pub struct Tls {
    pub(crate) own: Option<Arc<ClientConfig>>,
    pub(crate) roots: Vec<Pem>,
    pub(crate) identity: Option<Identity>,
    pub(crate) server_name: Option<String>,
    pub(crate) has_no_indication: bool,
    pub(crate) verify: Verify,
    cache: Arc<Mutex<Option<Cached>>>,
}

/// Where certificates are read from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Pem {
    File(PathBuf),
    /// All files of a directory.
    Directory(PathBuf),
    Text(Vec<u8>),
}

/// A client certificate and its key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    Files { certificate: PathBuf, key: PathBuf },
    Text { certificate: Vec<u8>, key: Secret },
}

/// Whether the server's certificate is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verify {
    #[default]
    Peer,
    /// A URI asks for none, which the program has not allowed.
    NoneRequested,
    /// The program allows none.
    None,
}

/// What was made of the settings, and the state of the files at that time.
struct Cached {
    stamps: Vec<Stamp>,
    made: Arc<ClientConfig>,
}

/// Tells versions of a file apart: by its path, when it was changed, and its length.
fn stamp(path: PathBuf) -> Stamp {
    let found = path.metadata().ok();
    let changed = found.as_ref().and_then(|found| found.modified().ok());
    (path, changed, found.map_or(0, |found| found.len()))
}

/// See [`stamp`].
type Stamp = (PathBuf, Option<SystemTime>, u64);

impl Tls {
    /// Returns the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the authorities whose certificates are in this PEM file, and no longer those of the
    /// system. Can be called several times.
    #[must_use]
    pub fn ca_file(self, path: impl Into<PathBuf>) -> Self {
        self.root(Pem::File(path.into()))
    }

    /// Trusts the authorities whose certificates are in the files of this directory, as
    /// [`ca_file`](Self::ca_file) does. Files without a certificate are skipped.
    #[must_use]
    pub fn ca_directory(self, path: impl Into<PathBuf>) -> Self {
        self.root(Pem::Directory(path.into()))
    }

    /// Trusts the authorities whose certificates are in this PEM text, as [`ca_file`](Self::ca_file)
    /// does.
    #[must_use]
    pub fn ca_pem(self, pem: impl Into<Vec<u8>>) -> Self {
        self.root(Pem::Text(pem.into()))
    }

    /// Presents a client certificate, followed in its PEM file by the chain up to a CA that the server
    /// trusts. The key is PEM too, in PKCS#8, PKCS#1 or SEC1 form, without a pass phrase.
    #[must_use]
    pub fn client_certificate(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        let (certificate, key) = (certificate.into(), key.into());
        self.identity = Some(Identity::Files { certificate, key });
        self.without_cache()
    }

    /// Presents a client certificate from PEM texts, as
    /// [`client_certificate`](Self::client_certificate) does.
    #[must_use]
    pub fn client_certificate_pem(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Secret>,
    ) -> Self {
        let (certificate, key) = (certificate.into(), key.into());
        self.identity = Some(Identity::Text { certificate, key });
        self.without_cache()
    }

    /// Expects the server's certificate to be valid for this name or address instead of
    /// [`Config::host`](super::Config::host), and sends it as the server name indication.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Does not send the name of the server in the handshake, which is readable on the way. A server
    /// with several names answers with the certificate of one of them.
    #[must_use]
    pub fn without_server_name_indication(mut self) -> Self {
        self.has_no_indication = true;
        self.without_cache()
    }

    /// Accepts any certificate: the connection is encrypted, but an attacker in the middle can read and
    /// change everything, the password included. For tests only.
    ///
    /// `verify=verify_none` in a URI is an error unless the program calls this as well.
    #[must_use]
    pub fn danger_accept_any_certificate(mut self) -> Self {
        self.verify = Verify::None;
        self.without_cache()
    }

    /// Accepts any certificate if the program allows it.
    pub(crate) fn request_no_verification(mut self) -> Self {
        self.verify = Verify::NoneRequested;
        self.without_cache()
    }

    pub(crate) fn root(mut self, pem: Pem) -> Self {
        self.roots.push(pem);
        self.without_cache()
    }

    /// Settings that have changed share nothing with those they were cloned from.
    pub(crate) fn without_cache(mut self) -> Self {
        self.cache = Arc::default();
        self
    }

    /// Returns what was made of the settings, or makes it anew if a file has changed.
    pub(crate) fn cached<E>(
        &self,
        make: impl FnOnce(&Self) -> Result<Arc<ClientConfig>, E>,
    ) -> Result<Arc<ClientConfig>, E> {
        let stamps = self.stamps();
        let mut cache = self.lock();
        if let Some(cached) = cache.as_ref().filter(|cached| cached.stamps == stamps) {
            return Ok(cached.made.clone());
        }
        let made = make(self)?;
        *cache = Some(Cached {
            stamps,
            made: made.clone(),
        });
        Ok(made)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Cached>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stamps(&self) -> Vec<Stamp> {
        let roots = self.roots.iter().filter_map(|pem| match pem {
            Pem::File(path) | Pem::Directory(path) => Some(path),
            Pem::Text(_) => None,
        });
        let own = match &self.identity {
            Some(Identity::Files { certificate, key }) => vec![certificate, key],
            _ => Vec::new(),
        };
        let within = roots.clone().flat_map(|path| {
            let entries = path.read_dir().into_iter().flatten().flatten();
            entries.map(|entry| entry.path())
        });
        let mut within: Vec<_> = within.collect();
        within.sort();
        let all = roots.chain(own).cloned().chain(within);
        all.map(stamp).collect()
    }
}

impl From<Arc<ClientConfig>> for Tls {
    /// Uses a configuration of the program: its roots, its provider, its client certificates. Settings
    /// of [`Tls`] other than [`server_name`](Self::server_name) have no effect then.
    fn from(own: Arc<ClientConfig>) -> Self {
        Self {
            own: Some(own),
            ..Self::default()
        }
    }
}

impl PartialEq for Tls {
    fn eq(&self, other: &Self) -> bool {
        let own = match (&self.own, &other.own) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        };
        own && self.roots == other.roots
            && self.identity == other.identity
            && self.server_name == other.server_name
            && self.has_no_indication == other.has_no_indication
            && self.verify == other.verify
    }
}

impl Eq for Tls {}

/// A path, unless it is the text of a certificate or key that was taken for one.
pub(crate) struct Shown<'a>(pub(crate) &'a Path);

impl Shown<'_> {
    pub(crate) fn is_pem(&self) -> bool {
        self.0
            .as_os_str()
            .as_encoded_bytes()
            .windows(5)
            .any(|it| it == b"-----")
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_pem() {
            true => f.write_str("PEM text in place of a path"),
            false => write!(f, "`{}`", self.0.display()),
        }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Tls {
    /// Shows paths and names, and no key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Tls");
        if self.own.is_some() {
            shown.field("config", &format_args!("of the program"));
        }
        for pem in &self.roots {
            match pem {
                Pem::File(path) => shown.field("ca_file", &Shown(path)),
                Pem::Directory(path) => shown.field("ca_directory", &Shown(path)),
                Pem::Text(pem) => shown.field("ca_pem", &format_args!("{} bytes", pem.len())),
            };
        }
        match &self.identity {
            None => {}
            Some(Identity::Files { certificate, key }) => {
                shown
                    .field("certificate", &Shown(certificate))
                    .field("key", &Shown(key));
            }
            Some(Identity::Text { certificate, .. }) => {
                shown
                    .field("certificate", &format_args!("{} bytes", certificate.len()))
                    .field("key", &format_args!("***"));
            }
        }
        if let Some(name) = &self.server_name {
            shown.field("server_name", name);
        }
        if self.has_no_indication {
            shown.field("server_name_indication", &format_args!("none"));
        }
        if self.verify != Verify::Peer {
            shown.field("verify", &self.verify);
        }
        shown.finish()
    }
}
