//! TLS under a connection, with [`rustls`](https://docs.rs/rustls).
//!
//! A URL with the scheme `amqps` is all that a broker takes whose certificate is signed by a public
//! authority:
//!
//! ```no_run
//! # #[cfg(feature = "blocking")] {
//! let connection = pika::blocking::Connection::open("amqps://orders:hunter2@rabbit.example")?;
//! # }
//! # Ok::<_, pika::Error>(())
//! ```
//!
//! [`Tls`](crate::config::Tls) has the settings: a private CA, a client certificate, another server
//! name, or a configuration of the program. Every style, and every stream that a connection is opened
//! over, is encrypted in the same way where [`Config::tls`](crate::config::Config::tls) is set. There
//! is no fallback to an unencrypted connection, and nothing of the login is sent before the server
//! has proved its name.
//!
//! # Features
//!
//! | feature | brings | use it when |
//! |---|---|---|
//! | `tls` | rustls, ring, the roots of the system | it should just work |
//! | `rustls` | rustls alone | the program chooses the cryptography: a provider that it installs in the process, or its own [`ClientConfig`](rustls::ClientConfig) |
//!
//! The provider is the one of the `ClientConfig`, else the one that is installed in the process, else
//! ring where the feature `tls` is enabled.
//!
//! # Errors
//!
//! A failure closes the connection with [`TransportEnd::Tls`](crate::error::TransportEnd::Tls). The
//! [`TlsError`](crate::error::TlsError) says which kind it is, and what to do.

pub use rustls;

mod fault;
mod make;
mod session;

#[cfg(feature = "broker")]
pub(crate) use self::make::accept;
pub(crate) use self::make::{check, session};
pub(crate) use self::session::Session;
