use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::link::Link;
use super::pump::Pump;
use super::redial::Redial;
use super::runtime::Runtime;
use crate::protocol::Protocol;

/// Moves the bytes of a connection, as a future that ends with it. With
/// [`Config::recovery`](crate::config::Config::recovery) it opens the next transport when one is lost.
///
/// It has to be polled for anything to happen: it writes what handles say, reads what the server
/// says, sends heartbeats and keeps the deadlines. [`Connection::open`](super::Connection::open)
/// spawns it; those who begin a connection with [`Connection::start`](super::Connection::start) run
/// it as they like, on any executor or by hand.
///
/// Dropping it writes what the stream takes at once and ends the connection, for all that wait on it.
#[must_use = "nothing happens on a connection whose driver is not run"]
pub struct Driver<R: Runtime, P: Protocol> {
    runtime: R,
    link: Arc<Link<P>>,
    transport: Transport<R, P>,
}

/// Where the transport of a connection is.
#[allow(
    clippy::large_enum_variant,
    reason = "there is one for each connection, most of the time the large one"
)]
enum Transport<R: Runtime, P: Protocol> {
    Connected(Pump<R, P>),
    /// The next one is being opened.
    Away(Redial<R, P>),
    Over,
}

impl<R: Runtime, P: Protocol> Driver<R, P> {
    /// A driver of a transport that is connected.
    pub(in crate::adapters) fn connected(
        runtime: R,
        link: Arc<Link<P>>,
        stream: R::Stream,
    ) -> Self {
        let pump = Pump::new(runtime.clone(), link.clone(), stream);
        Self {
            runtime,
            link,
            transport: Transport::Connected(pump),
        }
    }

    /// A driver that opens its first transport too.
    pub(in crate::adapters) fn away(runtime: R, link: Arc<Link<P>>) -> Self {
        let redial = Redial::new(runtime.clone(), link.clone());
        Self {
            runtime,
            link,
            transport: Transport::Away(redial),
        }
    }
}

#[cfg(feature = "background")]
impl<R: Runtime, P: Protocol> Driver<R, P> {
    /// Writes what the transport takes without waiting, for a connection that is dropped.
    pub(in crate::adapters) fn write_at_once(&mut self) {
        if let Transport::Connected(pump) = &mut self.transport {
            pump.write_at_once();
        }
    }
}

impl<R: Runtime, P: Protocol> Future for Driver<R, P> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let me = &mut *self;
        loop {
            me.transport = match &mut me.transport {
                Transport::Connected(pump) => {
                    ready!(Pin::new(pump).poll(cx));
                    match me.link.with(|state| state.keeper.is_some()) {
                        true => Transport::Away(Redial::new(me.runtime.clone(), me.link.clone())),
                        false => Transport::Over,
                    }
                }
                Transport::Away(redial) => match ready!(redial.poll(cx)) {
                    Some(stream) => {
                        let (runtime, link) = (me.runtime.clone(), me.link.clone());
                        Transport::Connected(Pump::new(runtime, link, stream))
                    }
                    None => Transport::Over,
                },
                Transport::Over => return Poll::Ready(()),
            };
        }
    }
}

impl<R: Runtime, P: Protocol> Drop for Driver<R, P> {
    /// Ends the connection. A pump that is dropped ends it by itself.
    fn drop(&mut self) {
        if let Transport::Away(_) = self.transport {
            self.link.with(|state| state.undriven());
        }
    }
}

impl<R: Runtime, P: Protocol> fmt::Debug for Driver<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Driver");
        if let Transport::Connected(pump) = &self.transport {
            debug.field("stream", pump.stream());
        }
        debug.field("link", &self.link).finish_non_exhaustive()
    }
}
