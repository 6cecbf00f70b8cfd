//! Opens connections in the styles whose ways to move bytes differ.

use std::future::Future;

use pika::config::Config;
use pika::error::{Cause, Error, TlsError, TransportEnd};
use pika::{blocking, callbacks, tokio};

/// Opens a connection and closes it in good order.
type Open = fn(Config) -> Result<(), Error>;

/// The styles: the callers' own threads, a thread of the connection, tasks, and a loop.
pub(crate) const STYLES: &[(&str, Open)] = &[
    ("blocking", open_blocking),
    ("background", open_background),
    ("tokio", open_tokio),
    ("callbacks", open_callbacks),
];

fn open_blocking(config: Config) -> Result<(), Error> {
    blocking::Connection::open(config)?.close()
}

fn open_background(config: Config) -> Result<(), Error> {
    blocking::background::open(config)?.close()
}

fn open_tokio(config: Config) -> Result<(), Error> {
    on_tokio(async { tokio::Connection::open(config).await?.close().await })
}

pub(crate) fn on_tokio<T>(future: impl Future<Output = T>) -> T {
    let mut builder = ::tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(future)
}

fn open_callbacks(config: Config) -> Result<(), Error> {
    let connection = callbacks::Connection::connect(config)?;
    let events = callbacks::Loop::new()?;
    events.add(&connection)?;
    connection.open_channel().then(|channel| {
        channel?.connection().close();
        Ok(())
    });
    Ok(events.run()?)
}

/// The TLS failure that an error is about.
#[track_caller]
pub(crate) fn tls(error: &Error) -> &TlsError {
    match error.closed().map(|closed| &closed.cause) {
        Some(Cause::Transport {
            end: TransportEnd::Tls(error),
            ..
        }) => error,
        _ => panic!("expected a failure of TLS, found: {error}"),
    }
}
