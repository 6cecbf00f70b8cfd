//! Makes sessions from settings.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientConnection, WantsClientCert};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::Session;
use super::fault::{self, Context, Trust};
use crate::config::tls::{Identity, Pem, Shown, Verify};
use crate::config::{Config, Secret, Tls};
use crate::error::{TlsError, TlsErrorKind};

type Result<T> = std::result::Result<T, TlsError>;

/// Begins a session with the server of `config`, if it is to be encrypted.
///
/// # Errors
/// When the settings cannot be used.
pub(crate) fn session(config: &Config) -> Result<Option<Session>> {
    let Some(tls) = &config.tls else {
        return Ok(None);
    };
    let (client, trust) = client(tls)?;
    // A name may end with the dot of the root, which certificates do not have.
    let name = tls.server_name.as_deref().unwrap_or(&config.host);
    let name = name.strip_suffix('.').unwrap_or(name).to_owned();
    let expected = ServerName::try_from(name.clone()).map_err(|_| {
        settings(format!(
            "expected a DNS name or an IP address as the name of the server, found `{name}`"
        ))
    })?;
    let connection = ClientConnection::new(client, expected)
        .map_err(|error| fault::translate(&error, &Context::default()))?;
    Ok(Some(Session::new(connection, Context { trust, name })))
}

/// Checks whether the settings can be used, if the connection is to be encrypted.
///
/// # Errors
/// When they cannot be.
pub(crate) fn check(config: &Config) -> Result<()> {
    let made = config.tls.as_ref().map(client);
    made.transpose().map(|_made| ())
}

/// The configuration of sessions, and who has said whom it trusts.
fn client(tls: &Tls) -> Result<(Arc<ClientConfig>, Trust)> {
    Ok(match &tls.own {
        Some(own) => (own.clone(), Trust::Program),
        None if tls.roots.is_empty() => (tls.cached(client_config)?, Trust::System),
        None => (tls.cached(client_config)?, Trust::Configured),
    })
}

/// Begins a session with a client.
#[cfg(feature = "broker")]
pub(crate) fn accept(config: Arc<rustls::ServerConfig>) -> Result<Session> {
    let connection = rustls::ServerConnection::new(config);
    let connection = connection.map_err(|error| fault::translate(&error, &Context::default()))?;
    Ok(Session::new(connection, Context::default()))
}

fn settings(detail: impl Into<String>) -> TlsError {
    TlsError::new(TlsErrorKind::Settings, detail)
}

fn client_config(tls: &Tls) -> Result<Arc<ClientConfig>> {
    let provider = provider()?;
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| fault::translate(&error, &Context::default()))?;
    let builder = match tls.verify {
        Verify::Peer if tls.roots.is_empty() => system_roots(builder)?,
        Verify::Peer => builder.with_root_certificates(roots(&tls.roots)?),
        Verify::None => {
            let verifier = AnyCertificate(provider.signature_verification_algorithms);
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
        }
        Verify::NoneRequested => {
            return Err(settings(
                "`verify=verify_none` accepts any server, also one that steals the password; if that \
                 is intended, call `Tls::danger_accept_any_certificate` as well",
            ));
        }
    };
    let mut made = match &tls.identity {
        None => builder.with_no_client_auth(),
        Some(identity) => with_identity(builder, identity)?,
    };
    made.enable_sni = !tls.has_no_indication;
    Ok(Arc::new(made))
}

/// The provider that is installed in the process, else ring where it is compiled in.
fn provider() -> Result<Arc<CryptoProvider>> {
    if let Some(provider) = CryptoProvider::get_default() {
        return Ok(provider.clone());
    }
    #[cfg(feature = "tls")]
    return Ok(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(feature = "tls"))]
    Err(settings(
        "no cryptography provider is installed: enable the feature `tls` of pika-amqp, install one with \
         `CryptoProvider::install_default`, or pass a `ClientConfig`",
    ))
}

type Builder = ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

#[cfg(feature = "tls")]
fn system_roots(builder: Builder) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>> {
    use rustls_platform_verifier::BuilderVerifierExt;
    let made = builder.with_platform_verifier();
    made.map_err(|error| {
        settings(format!(
            "the certificate authorities of the system cannot be read: {error}"
        ))
    })
}

#[cfg(not(feature = "tls"))]
fn system_roots(_: Builder) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>> {
    Err(settings(
        "no certificate authorities are trusted: set some with `Tls::ca_file`, or enable the feature \
         `tls` of pika-amqp for those of the system",
    ))
}

fn roots(sources: &[Pem]) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for source in sources {
        match source {
            Pem::File(path) => trust(&mut roots, &read(path)?, &shown(path))?,
            Pem::Text(text) => trust(&mut roots, text, "the text of the CA")?,
            Pem::Directory(path) => trust_directory(&mut roots, path)?,
        }
    }
    Ok(roots)
}

fn trust(roots: &mut RootCertStore, pem: &[u8], place: &str) -> Result<()> {
    for certificate in certificates(pem, place)? {
        roots
            .add(certificate)
            .map_err(|_| settings(format!("a certificate in {place} is damaged")))?;
    }
    Ok(())
}

/// Directories of certificates also contain keys, revocation lists and notes, some of them for others to
/// read. What is no certificate is skipped.
fn trust_directory(roots: &mut RootCertStore, path: &Path) -> Result<()> {
    let unreadable = |error| settings(format!("{} cannot be read: {error}", shown(path)));
    let before = roots.len();
    for entry in path.read_dir().map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let pem = match path.is_file() {
            true => std::fs::read(&path).unwrap_or_default(),
            false => continue,
        };
        let found = CertificateDer::pem_slice_iter(&pem).filter_map(std::result::Result::ok);
        roots.add_parsable_certificates(found);
    }
    match roots.len() > before {
        true => Ok(()),
        false => Err(settings(format!(
            "expected certificates that can be read in {}, found none",
            shown(path)
        ))),
    }
}

fn with_identity(
    builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    identity: &Identity,
) -> Result<ClientConfig> {
    let (chain, key, place) = match identity {
        Identity::Files { certificate, key } => {
            let place = shown(certificate);
            let chain = certificates(&read(certificate)?, &place)?;
            let pem = Secret::from(read(key)?);
            (chain, private_key(&pem, &shown(key))?, place)
        }
        Identity::Text { certificate, key } => {
            let place = "the client certificate";
            let key = private_key(key, "the text of its key")?;
            (certificates(certificate, place)?, key, place.to_owned())
        }
    };
    builder.with_client_auth_cert(chain, key).map_err(|error| {
        settings(match error {
            Error::InconsistentKeys(_) => format!("the key does not belong to {place}"),
            _ => format!("{place} or its key cannot be used: {error}"),
        })
    })
}

/// Returns the certificates in a PEM text, of which there is at least one.
fn certificates(pem: &[u8], place: &str) -> Result<Vec<CertificateDer<'static>>> {
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(unusable(&pem::Error::NoItemsFound, "a certificate", place)),
        Err(error) => Err(unusable(&error, "a certificate", place)),
    }
}

fn private_key(pem: &Secret, place: &str) -> Result<PrivateKeyDer<'static>> {
    const ENCRYPTED: &[u8] = b"ENCRYPTED";
    let mut words = pem.expose().windows(ENCRYPTED.len());
    if words.any(|word| word == ENCRYPTED) {
        return Err(settings(format!(
            "expected a private key without a pass phrase in {place}, found one that is encrypted; \
             decrypt it with `openssl pkey`"
        )));
    }
    PrivateKeyDer::from_pem_slice(pem.expose()).map_err(|error| {
        let is_certificate = CertificateDer::from_pem_slice(pem.expose()).is_ok();
        match error {
            pem::Error::NoItemsFound if is_certificate => settings(format!(
                "expected a private key in {place}, found a certificate"
            )),
            _ => unusable(&error, "a private key", place),
        }
    })
}

/// The text of a PEM error may quote a line of the file, which may be one of a key.
fn unusable(error: &pem::Error, what: &str, place: &str) -> TlsError {
    let found = match error {
        pem::Error::NoItemsFound => "none",
        _ => "PEM that is damaged",
    };
    settings(format!(
        "expected {what} in PEM form in {place}, found {found}"
    ))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    if Shown(path).is_pem() {
        return Err(settings(
            "expected a path, found PEM text; use `Tls::ca_pem` and `Tls::client_certificate_pem` for that",
        ));
    }
    let found = std::fs::read(path);
    found.map_err(|error| {
        let place = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        settings(format!("{} cannot be read: {error}", shown(&place)))
    })
}

fn shown(path: &Path) -> String {
    Shown(path).to_string()
}

/// Accepts any certificate. Signatures of the handshake are verified, so that the peer has the key
/// of whatever certificate it shows.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
