use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use mio::event::Source;
use mio::{Interest, Registry, Token};

use super::interest::Ready;
use super::polled::{Io, Polled, Registration};
use super::stream::{Socket, Stream};
use crate::adapters::asynchronous::link::Link;
use crate::adapters::asynchronous::opening::{connect, within};
use crate::adapters::asynchronous::pump::Pump;
use crate::adapters::asynchronous::redial::Redial;
use crate::adapters::transport::Transport as _;
use crate::config::Config;
use crate::connection::later;
use crate::error::{Cause, Error, TimedOut, TransportEnd, Waiting};
use crate::protocol::Protocol;

/// The transport of a connection, from the first attempt to connect until it is let go.
///
/// ```text
/// Dialling ──▶ Live ──▶ Gone
///     └──────────────────▲
///
/// Away ◀──────▶ Live                with recovery
///   └──────────────────▶ Gone
/// ```
pub(super) struct Host<P: Protocol> {
    state: State<P>,
    polled: Polled,
}

enum State<P: Protocol> {
    Dialling(Dialling),
    Live(Box<Pump<Polled, P>>),
    /// The next transport of a connection that recovers is being opened.
    Away(Box<Redial<Polled, P>>),
    Gone,
}

/// Ends with the transport, and with the name of the server that was reached.
type Dialling = Pin<Box<dyn Future<Output = Result<(Io, Config), Cause>>>>;

impl<P: Protocol> Host<P> {
    /// Connects to one of the addresses of a server.
    pub(super) fn dial(mut config: Config) -> Self {
        let polled = Polled::default();
        let runtime = polled.clone();
        let dialling = async move {
            let io = connect(&runtime, &mut config).await.map_err(cause)?;
            Ok((io, config))
        };
        Self::new(State::Dialling(Box::pin(dialling)), polled)
    }

    /// Opens all transports of a connection that recovers.
    pub(super) fn away(link: &Arc<Link<P>>) -> Self {
        let polled = Polled::default();
        let redial = Redial::new(polled.clone(), link.clone());
        Self::new(State::Away(Box::new(redial)), polled)
    }

    /// Waits for a socket to be connected.
    pub(super) fn dialled(socket: mio::net::TcpStream, config: &Config) -> Self {
        let polled = Polled::default();
        let (runtime, after) = (polled.clone(), config.connect_timeout);
        let config = config.clone();
        let until = later(Instant::now(), after);
        let dialling = async move {
            let connected = within(&runtime, until, runtime.connected(socket)).await;
            let connected = connected.map(|io| (io, config));
            connected.map_err(|error| match error.kind() {
                io::ErrorKind::TimedOut => Cause::TimedOut(TimedOut {
                    waiting_for: Waiting::Connect,
                    after,
                }),
                _ => cause(error.into()),
            })
        };
        Self::new(State::Dialling(Box::pin(dialling)), polled)
    }

    /// Takes a transport that is connected.
    pub(super) fn live(stream: Stream, link: &Arc<Link<P>>) -> Self {
        let polled = Polled::default();
        // It costs one attempt to find out.
        polled.tell(Ready::BOTH);
        let io = Io::new(stream, polled.clone());
        let driver = Pump::new(polled.clone(), link.clone(), io);
        Self::new(State::Live(Box::new(driver)), polled)
    }

    const fn new(state: State<P>, polled: Polled) -> Self {
        Self { state, polled }
    }

    pub(super) fn is_dialling(&self) -> bool {
        match self.state {
            State::Dialling(_) => true,
            State::Away(_) => self.polled.dialled().is_some(),
            State::Live(_) | State::Gone => false,
        }
    }

    /// Whether there is no transport for now.
    pub(super) const fn is_away(&self) -> bool {
        matches!(self.state, State::Away(_))
    }

    pub(super) const fn is_gone(&self) -> bool {
        matches!(self.state, State::Gone)
    }

    pub(super) const fn polled(&self) -> &Polled {
        &self.polled
    }

    /// When it wants to be driven again, whatever has happened since.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.polled.deadline().filter(|_| !self.is_gone())
    }

    /// Whether some of the output is here that the transport has not taken.
    pub(super) fn wants_write(&self) -> bool {
        matches!(&self.state, State::Live(driver) if driver.wants_write())
    }

    /// Writes what can be written at once, and does nothing else: whatever is due may be prevented by
    /// what has come and was not read.
    pub(super) fn flush(&mut self, link: &Arc<Link<P>>) {
        if let State::Live(driver) = &mut self.state {
            driver.write_ready();
            if link.with(|state| state.core.is_finished()) {
                self.transport_over(link);
            }
        }
    }

    /// The transport has ended: that is all, or the next one follows.
    fn transport_over(&mut self, link: &Arc<Link<P>>) {
        if !link.with(|state| state.keeper.is_some()) {
            return self.end();
        }
        self.end_transport();
        let redial = Redial::new(self.polled.clone(), link.clone());
        self.state = State::Away(Box::new(redial));
    }

    /// Connects, moves bytes and time, as far as that is possible at once.
    pub(super) fn drive(&mut self, link: &Arc<Link<P>>, waker: &Waker) {
        let mut cx = Context::from_waker(waker);
        self.polled.begin_turn();
        if let State::Dialling(dialling) = &mut self.state {
            if link.with(|state| state.core.closed().is_some()) {
                // The program has closed it.
                return self.end();
            }
            let dialled = dialling.as_mut().poll(&mut cx);
            let now = Instant::now();
            match dialled {
                Poll::Pending => return,
                Poll::Ready(Ok((io, config))) => {
                    link.with(|state| state.core.connected_to(&config.host, config.port, now));
                    self.polled.tell(Ready::BOTH);
                    let driver = Pump::new(self.polled.clone(), link.clone(), io);
                    self.state = State::Live(Box::new(driver));
                }
                Poll::Ready(Err(cause)) => {
                    link.with(|state| state.core.never_connected(cause, now));
                    return self.end();
                }
            }
        }
        self.drive_transports(link, &mut cx);
    }

    fn drive_transports(&mut self, link: &Arc<Link<P>>, cx: &mut Context<'_>) {
        loop {
            match &mut self.state {
                State::Live(driver) => {
                    if Pin::new(&mut **driver).poll(cx).is_pending() {
                        return;
                    }
                    self.transport_over(link);
                }
                State::Away(redial) => {
                    if link.with(|state| state.has_steps()) {
                        // What decides about the next transport may be among what is still to be told.
                        return;
                    }
                    let Poll::Ready(next) = redial.poll(cx) else {
                        return;
                    };
                    let Some(io) = next else { return self.end() };
                    self.polled.tell(Ready::BOTH);
                    let driver = Pump::new(self.polled.clone(), link.clone(), io);
                    self.state = State::Live(Box::new(driver));
                }
                State::Dialling(_) | State::Gone => return,
            }
        }
    }

    /// Writes what can be written at once, and ends the transport.
    pub(super) fn hang_up(&mut self) {
        self.polled.tell(Ready::BOTH);
        if let State::Live(driver) = &mut self.state {
            driver.write_at_once();
        }
        self.end();
    }

    /// Lets the transport go without a word: it belongs to the parent of this process too.
    pub(super) fn abandon(&mut self) {
        self.polled.drop_dialled();
        self.state = State::Gone;
    }

    fn end(&mut self) {
        self.polled.drop_dialled();
        self.end_transport();
        self.polled.set_registration(None);
        self.state = State::Gone;
    }

    /// Ends the transport. The next one is registered where this one is.
    fn end_transport(&mut self) {
        let registration = self.polled.take_registration();
        if let State::Live(driver) = &mut self.state {
            driver.announce_end();
            let stream = driver.stream_mut().stream_mut();
            stream.shut_down();
            if let Some(registration) = &registration {
                // A socket that is held by the program would go on waking the loop up.
                let _not_registered = stream.deregister(&registration.registry);
            }
        }
        self.polled.set_registration(registration);
    }

    pub(super) fn socket(&self) -> Option<Socket> {
        match &self.state {
            State::Dialling(_) | State::Away(_) => self.polled.dialled(),
            State::Live(driver) => driver.stream().stream().socket(),
            State::Gone => None,
        }
    }

    fn stream(&mut self) -> io::Result<&mut Stream> {
        match &mut self.state {
            State::Live(driver) => Ok(driver.stream_mut().stream_mut()),
            State::Dialling(_) | State::Away(_) | State::Gone => {
                Err(io::ErrorKind::NotConnected.into())
            }
        }
    }
}

/// Why there is no transport.
fn cause(error: Error) -> Cause {
    match error {
        Error::Unreachable(unreachable) => Cause::Unreachable(unreachable),
        other => {
            let kind = match &other {
                Error::Io(error) => error.kind(),
                _ => io::ErrorKind::NotConnected,
            };
            Cause::Transport {
                end: TransportEnd::Failed(kind),
                during: Some("the connection"),
            }
        }
    }
}

impl<P: Protocol> Source for Host<P> {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        if self.polled.is_registered() {
            let text = "the connection is registered with a poll already";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
        }
        let registration = Registration {
            registry: registry.try_clone()?,
            token,
            interests,
        };
        if self.is_dialling() {
            return self.polled.register_dialled(registration);
        }
        if self.is_away() {
            // The sockets to come.
            self.polled.set_registration(Some(registration));
            return Ok(());
        }
        self.stream()?.register(registry, token, interests)?;
        self.polled.set_registration(Some(registration));
        Ok(())
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.deregister(registry)?;
        self.register(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        if self.is_dialling() {
            return self.polled.deregister_dialled(registry);
        }
        self.polled.set_registration(None);
        if self.is_away() {
            return Ok(());
        }
        self.stream()?.deregister(registry)
    }
}

impl<P: Protocol> fmt::Debug for Host<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("polled", &self.polled)
            .finish_non_exhaustive()
    }
}
