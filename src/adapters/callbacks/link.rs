use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::event::Source;
use mio::{Interest, Registry, Token};

use super::stream::{Socket, Stream};
use crate::adapters::connect::look_up;
use crate::adapters::driver::Driver;
use crate::connection::later;
use crate::dial::{Dial, Step};
use crate::error::{Cause, TimedOut, TransportEnd, Unreachable, Waiting};

/// The transport of a connection, from the first attempt until it is let go.
#[derive(Debug)]
pub(super) struct Link {
    state: State,
    /// Where the socket is registered, to register the next one there too.
    registration: Option<Registration>,
}

/// ```text
/// Connecting ──▶ Live ──▶ Gone
///  │      ▲  └────────────▲
///  └──────┘ next address
/// ```
#[derive(Debug)]
enum State {
    Connecting(Box<Connecting>),
    Live(Driver<Stream>),
    Gone,
}

#[derive(Debug)]
struct Connecting {
    /// The attempt that is under way; none when the last one has failed.
    stream: Option<Stream>,
    /// When to give it up.
    until: Instant,
    /// What else there is to try; none where a socket was given.
    dial: Option<Dial>,
    /// Why the last attempt failed.
    failure: Option<Cause>,
}

#[derive(Debug)]
struct Registration {
    registry: Registry,
    token: Token,
    interests: Interest,
}

/// How far connecting has come.
#[derive(Debug)]
pub(super) enum Progress {
    /// The attempt is still under way.
    Waiting,
    /// The transport has just been connected.
    Connected,
    /// No address is left.
    Failed(Cause),
    /// There is nothing to connect.
    Done,
}

impl Link {
    /// Begins to connect to one of the addresses. If a name has to be looked up, this waits for it.
    ///
    /// # Errors
    /// When there is none that it could begin with.
    pub(super) fn connecting(dial: Dial, now: Instant) -> Result<Self, Unreachable> {
        let mut connecting = Connecting {
            stream: None,
            until: now,
            dial: Some(dial),
            failure: None,
        };
        connecting.next(now)?;
        Ok(Self::new(State::Connecting(Box::new(connecting))))
    }

    /// Waits for a socket to be connected.
    pub(super) fn connecting_over(stream: Stream, limit: Duration, now: Instant) -> Self {
        let timed_out = TimedOut {
            waiting_for: Waiting::Connect,
            after: limit,
        };
        Self::new(State::Connecting(Box::new(Connecting {
            stream: Some(stream),
            until: later(now, limit),
            dial: None,
            failure: Some(Cause::TimedOut(timed_out)),
        })))
    }

    /// Takes a transport that is connected.
    pub(super) fn live(stream: Stream) -> Self {
        Self::new(State::Live(Driver::new(stream)))
    }

    const fn new(state: State) -> Self {
        Self {
            state,
            registration: None,
        }
    }

    /// Goes on with connecting.
    pub(super) fn progress(&mut self, now: Instant) -> Progress {
        let State::Connecting(connecting) = &mut self.state else {
            return Progress::Done;
        };
        while let Some(stream) = &mut connecting.stream {
            match is_connected(stream) {
                Ok(true) => {
                    if let Some(stream) = connecting.stream.take() {
                        self.state = State::Live(Driver::new(stream));
                    }
                    return Progress::Connected;
                }
                Ok(false) if now < connecting.until => return Progress::Waiting,
                Ok(false) => connecting.failed(&io::ErrorKind::TimedOut.into(), now),
                Err(error) => connecting.failed(&error, now),
            }
            connecting.register(self.registration.as_ref(), now);
        }
        let failure = connecting.failure.take();
        Progress::Failed(failure.unwrap_or(Cause::Transport {
            end: TransportEnd::Failed(io::ErrorKind::NotConnected),
            during: Some("the connection"),
        }))
    }

    /// When the attempt to connect that is under way is given up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Connecting(connecting) => Some(connecting.until),
            State::Live(_) | State::Gone => None,
        }
    }

    pub(super) const fn is_connecting(&self) -> bool {
        matches!(self.state, State::Connecting(_))
    }

    /// Whether every attempt to connect has failed and nobody was told yet.
    pub(super) const fn has_failed(&self) -> bool {
        matches!(&self.state, State::Connecting(connecting) if connecting.stream.is_none())
    }

    pub(super) const fn is_gone(&self) -> bool {
        matches!(self.state, State::Gone)
    }

    /// What moves bytes, once the transport is connected.
    pub(super) fn driver(&mut self) -> Option<&mut Driver<Stream>> {
        match &mut self.state {
            State::Live(driver) => Some(driver),
            State::Connecting(_) | State::Gone => None,
        }
    }

    /// Ends the transport and lets it go.
    pub(super) fn end(&mut self) {
        if let State::Live(driver) = &mut self.state {
            driver.shut_down();
        }
        if let (Some(registration), Ok(stream)) = (self.registration.take(), self.stream()) {
            // A socket that is held by the program would go on waking the loop up.
            let _not_registered = stream.deregister(&registration.registry);
        }
        self.state = State::Gone;
    }

    pub(super) fn socket(&self) -> Option<Socket> {
        match &self.state {
            State::Connecting(connecting) => connecting.stream.as_ref()?.socket(),
            State::Live(driver) => driver.transport().socket(),
            State::Gone => None,
        }
    }

    fn stream(&mut self) -> io::Result<&mut Stream> {
        let stream = match &mut self.state {
            State::Connecting(connecting) => connecting.stream.as_mut(),
            State::Live(driver) => Some(driver.transport_mut()),
            State::Gone => None,
        };
        stream.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Connecting {
    /// Begins the next attempt that can be begun.
    fn next(&mut self, now: Instant) -> Result<(), Unreachable> {
        let Some(dial) = &mut self.dial else {
            return Ok(());
        };
        loop {
            match dial.next(now)? {
                Step::LookUp { .. } => dial.found(look_up(dial.host())),
                Step::Connect { address, until } => match mio::net::TcpStream::connect(address) {
                    Ok(stream) => {
                        self.stream = Some(Stream::Tcp(Rc::new(stream)));
                        self.until = until;
                        return Ok(());
                    }
                    Err(error) => dial.failed(&error, now),
                },
            }
        }
    }

    /// The attempt that is under way has failed.
    fn failed(&mut self, error: &io::Error, now: Instant) {
        self.stream = None;
        match &mut self.dial {
            Some(dial) => dial.failed(error, now),
            None if error.kind() == io::ErrorKind::TimedOut => return,
            None => {
                self.failure = Some(Cause::Transport {
                    end: TransportEnd::Failed(error.kind()),
                    during: Some("the connection"),
                });
            }
        }
        if let Err(unreachable) = self.next(now) {
            self.failure = Some(Cause::Unreachable(Arc::new(unreachable)));
        }
    }

    /// Registers the attempt where the one before was; one that cannot be waited for has failed.
    fn register(&mut self, registration: Option<&Registration>, now: Instant) {
        while let (Some(stream), Some(registration)) = (&mut self.stream, registration) {
            let Registration {
                registry,
                token,
                interests,
            } = registration;
            match stream.register(registry, *token, *interests) {
                Ok(()) => return,
                Err(error) => self.failed(&error, now),
            }
        }
    }
}

/// Whether an attempt has come to its good end; the error is its bad one.
fn is_connected(stream: &Stream) -> io::Result<bool> {
    let Stream::Tcp(socket) = stream else {
        return Ok(true);
    };
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Ok(_) => {
            // Without it small messages wait for the acknowledgement of those before.
            socket.set_nodelay(true)?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}

impl Source for Link {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.stream()?.register(registry, token, interests)?;
        self.registration = Some(Registration {
            registry: registry.try_clone()?,
            token,
            interests,
        });
        Ok(())
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        self.stream()?.reregister(registry, token, interests)?;
        if let Some(registration) = &mut self.registration {
            registration.token = token;
            registration.interests = interests;
        }
        Ok(())
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.registration = None;
        self.stream()?.deregister(registry)
    }
}

#[cfg(test)]
mod tests;
