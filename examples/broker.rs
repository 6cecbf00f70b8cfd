//! An AMQP broker in memory, for trying things out with nothing installed.
//!
//! ```text
//! cargo run --example broker -- 127.0.0.1:5673 -v
//! cargo run --features tls --example broker -- 127.0.0.1:5671 --tls
//! ```
//!
//! It prints its URL and serves until it is interrupted. With `-v` it prints a line for each
//! method that it receives (`<`) or sends (`>`), behind the numbers of connection and channel. With
//! `--tls` it makes a certificate authority of its own, whose certificate the URL names.

use std::env;
use std::error::Error;
use std::thread;

use pika::broker::{Server, Settings};

const USAGE: &str = "usage: broker [ADDRESS] [-v] [--tls]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut address = None;
    let (mut settings, mut is_encrypted) = (Settings::new(), false);
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "-v" => settings = settings.log(|trace| println!("{trace}")),
            "--tls" => is_encrypted = true,
            option if option.starts_with('-') => {
                return Err(format!("unknown option {option}; {USAGE}").into());
            }
            _ => address = Some(argument),
        }
    }
    let default = match is_encrypted {
        false => "127.0.0.1:5672",
        true => "127.0.0.1:5671",
    };
    let address = address.unwrap_or_else(|| default.to_owned());
    let _server = match is_encrypted {
        false => {
            let server = Server::bind_with(&*address, settings)?;
            println!("serving on {}", server.local_addr());
            server
        }
        true => tls::serve(&address, settings)?,
    };
    loop {
        thread::park();
    }
}

#[cfg(feature = "tls")]
mod tls {
    use std::error::Error;
    use std::sync::Arc;

    use pika::broker::{Server, Settings};
    use pika::tls::rustls::ServerConfig;
    use pika::tls::rustls::crypto::ring;
    use pika::tls::rustls::pki_types::PrivateKeyDer;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    /// Serves with a certificate for this machine, and prints the URL.
    pub(crate) fn serve(address: &str, settings: Settings) -> Result<Server, Box<dyn Error>> {
        let mut params = CertificateParams::new([])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

        let names = ["localhost", "127.0.0.1", "::1"].map(String::from);
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(names)?.signed_by(&key, &authority)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der())?,
            )?;
        let server = Server::bind_tls(address, settings, Arc::new(config))?;

        let port = server.local_addr().port();
        let ca = std::env::temp_dir().join(format!("pika-broker-{port}-ca.pem"));
        std::fs::write(&ca, authority.pem())?;
        println!("{}/%2f?cacertfile={}", server.url(), ca.display());
        Ok(server)
    }
}

#[cfg(not(feature = "tls"))]
mod tls {
    use std::error::Error;

    use pika::broker::{Server, Settings};

    pub(crate) fn serve(_: &str, _: Settings) -> Result<Server, Box<dyn Error>> {
        Err(
            "--tls takes the feature tls: cargo run --features tls --example broker -- --tls"
                .into(),
        )
    }
}
