#![allow(dead_code, reason = "not every test needs everything")]
//! A certificate authority, what it signs, and an embedded broker that shows such a certificate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use pika::broker::{Server, Settings};
use pika::tls::rustls::ServerConfig;
use pika::tls::rustls::crypto::ring;
use pika::tls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// A certificate authority of one test.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A number of its own for each authority: certificates are matched by the name of their issuer.
fn next() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

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
            .push(DnType::CommonName, format!("test authority {}", next()));
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Its certificate.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Its certificate in binary form.
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
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
        let (chain, key) = self.chain_and_key();
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap()
    }
}

impl Identity {
    pub(crate) fn chain_and_key(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        (vec![self.certificate.der().clone()], key)
    }

    /// Its key in PEM form.
    pub(crate) fn pem_key(&self) -> String {
        self.key.serialize_pem()
    }
}

/// Starts an embedded broker that serves TLS. Returns the certificate of its authority too.
pub(crate) fn serve() -> (Server, String) {
    let authority = Authority::new();
    let config = authority.local().server_config();
    let server = Server::bind_tls("127.0.0.1:0", Settings::new(), Arc::new(config)).unwrap();
    (server, authority.pem())
}
