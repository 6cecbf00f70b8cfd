use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

/// Opens the streams of a connection in place of the sockets of a runtime: through a proxy or a tunnel, or in
/// memory. With recovery it is called for each attempt.
///
/// See [`Runtime::connector`](super::Runtime::connector), and for tokio `Tokio::with_connector`.
pub struct Connector<S>(Arc<Connect<S>>);

type Connect<S> = dyn Fn(String, u16) -> Connecting<S> + Send + Sync;

type Connecting<S> = Pin<Box<dyn Future<Output = io::Result<S>> + Send>>;

impl<S> Connector<S> {
    /// Returns a connector that calls a function with the name of the host and its port.
    pub fn new<F>(connect: impl Fn(String, u16) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
    {
        Self(Arc::new(move |host, port| Box::pin(connect(host, port))))
    }
}

impl<S> Connector<S> {
    pub(super) fn connect(&self, host: String, port: u16) -> Connecting<S> {
        (self.0)(host, port)
    }
}

impl<S> Clone for Connector<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> fmt::Debug for Connector<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}
