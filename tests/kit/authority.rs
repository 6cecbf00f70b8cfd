//! A certificate authority, what it signs, and an embedded broker that shows such a certificate.

use std::sync::Arc;

use pika::broker::{Server, Settings};
use pika::tls::rustls::ServerConfig;
use pika::tls::rustls::crypto::ring;
use pika::tls::rustls::pki_types::PrivateKeyDer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// An authority that nobody knows but the test.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key.
pub(crate) struct Identity {
    pub(crate) certificate: rcgen::Certificate,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "an authority of a test");
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Its certificate.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Signs a certificate.
    pub(crate) fn sign(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity { certificate, key }
    }

    /// Signs a certificate for the names by which a test reaches its own machine.
    pub(crate) fn local(&self) -> Identity {
        let names = ["localhost", "127.0.0.1", "::1"].map(String::from);
        self.sign(CertificateParams::new(names).unwrap())
    }
}

impl Identity {
    /// What a server needs to show it.
    pub(crate) fn server_config(&self) -> ServerConfig {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.der().clone()], key)
            .unwrap()
    }
}

/// Starts an embedded broker that serves TLS. Returns the certificate of its authority too.
pub(crate) fn serve() -> (Server, String) {
    let authority = Authority::new();
    let config = authority.local().server_config();
    let server = Server::bind_tls("127.0.0.1:0", Settings::new(), Arc::new(config)).unwrap();
    (server, authority.pem())
}
