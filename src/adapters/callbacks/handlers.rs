use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use super::inner::Inner;
use super::state::{Alert, ChannelHandlers, Confirmed, Final, Handler, Handlers};
use super::{Channel, Connection, Delivery, IntoResult};
use crate::connection::{ChannelKey, Returned};
use crate::error::{Closed, Error, Result};
use crate::protocol::Protocol;
use crate::wire::ShortStr;

/// What a program does with the messages of a consumer.
pub(super) type OnDelivery<P> = Rc<RefCell<dyn FnMut(Delivery<P>) -> Result<()>>>;

/// A consumer and its handler.
pub(super) struct Consumer<P: Protocol> {
    pub(super) channel: ChannelKey,
    pub(super) tag: ShortStr,
    pub(super) handler: OnDelivery<P>,
}

/// What a program wants to hear of a connection.
pub(super) struct ConnectionHandlers<P: Protocol> {
    pub(super) opened: Vec<Final<Connection<P>, ()>>,
    pub(super) blocked: Handlers<Connection<P>, Option<ShortStr>>,
    pub(super) closed: Vec<Final<Connection<P>, Arc<Closed>>>,
}

impl<P: Protocol> Default for ConnectionHandlers<P> {
    fn default() -> Self {
        Self {
            opened: Vec::new(),
            blocked: Vec::new(),
            closed: Vec::new(),
        }
    }
}

impl<P: Protocol> ConnectionHandlers<P> {
    pub(super) fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.blocked.is_empty() && self.closed.is_empty()
    }
}

impl<P: Protocol> Connection<P> {
    /// Runs `handler` when the connection is open; if it is already, when it is served next. If it
    /// closes before, the handler is dropped.
    pub fn on_opened<D: IntoResult>(&self, handler: impl FnOnce(&Self) -> D + 'static) {
        self.in_turn(move |connection| {
            let mut inner = connection.inner();
            if inner.is_opening() {
                let handler = move |connection: &Self, ()| handler(connection).into_result();
                let handler: Final<Self, ()> = Box::new(move |own, ()| handler(own, ()));
                inner.handlers.opened.push(handler);
                return Ok(());
            }
            let is_open = inner.core.is_open();
            drop(inner);
            match is_open {
                true => handler(connection).into_result(),
                false => Ok(()),
            }
        });
    }

    /// Runs `handler` with the reason when the connection has closed; if it has already, when it is
    /// served next.
    ///
    /// Where there is no such handler and no completion was told either, whoever serves the
    /// connection gets the reason as an error, unless the program closed it.
    pub fn on_closed<D: IntoResult>(
        &self,
        handler: impl FnOnce(&Self, &Arc<Closed>) -> D + 'static,
    ) {
        self.in_turn(move |connection| {
            let mut inner = connection.inner();
            match inner.core.closed().filter(|_| inner.is_over).cloned() {
                Some(reason) => {
                    drop(inner);
                    handler(connection, &reason).into_result()
                }
                None => {
                    let handler: Final<Self, Arc<Closed>> =
                        Box::new(move |own, reason| handler(own, reason).into_result());
                    inner.handlers.closed.push(handler);
                    Ok(())
                }
            }
        });
    }

    /// Runs `handler` with the server's reason for accepting no messages, and with none while it
    /// accepts them: once when it is registered, and at each change.
    pub fn on_blocked<D: IntoResult>(
        &self,
        mut handler: impl FnMut(&Self, Option<&ShortStr>) -> D + 'static,
    ) {
        let handler: Handler<Self, Option<ShortStr>> = Rc::new(RefCell::new(
            move |own: &Self, reason: &Option<ShortStr>| {
                handler(own, reason.as_ref()).into_result()
            },
        ));
        self.in_turn(move |connection| {
            let reason = {
                let mut inner = connection.inner();
                inner.handlers.blocked.push(handler.clone());
                inner.blocked.clone()
            };
            run(&handler, connection, &reason)
        });
    }

    /// Lets a handler be registered in its turn, when everything that happened before was told.
    pub(super) fn in_turn(&self, register: impl FnOnce(&Self) -> Result<()> + 'static) {
        self.inner().defer(Box::new(register));
    }

    /// Tells each handler of a list, those that are added meanwhile excepted.
    pub(super) fn tell<O: 'static, A: 'static>(
        &self,
        pick: impl Fn(&mut Inner<P>) -> Option<&mut Handlers<O, A>>,
        (owner, what): (&O, &A),
        failures: &mut Vec<Error>,
    ) {
        let count = pick(&mut self.inner()).map_or(0, |handlers| handlers.len());
        for at in 0..count {
            let handler = pick(&mut self.inner()).and_then(|handlers| handlers.get(at).cloned());
            if let Some(handler) = handler {
                failures.extend(run(&handler, owner, what).err());
            }
        }
    }
}

/// Runs a handler. It cannot run already: none runs inside another.
fn run<O, A>(handler: &Handler<O, A>, owner: &O, what: &A) -> Result<()> {
    match handler.try_borrow_mut() {
        Ok(mut handler) => handler(owner, what),
        Err(_) => Ok(()),
    }
}

impl<P: Protocol> Channel<P> {
    /// Runs `handler` with whether the server allows messages on this channel: once when it is
    /// registered, and at each change.
    ///
    /// The server stops them with `channel.flow`; it was answered already.
    pub fn on_flow<D: IntoResult>(&self, mut handler: impl FnMut(&Self, bool) -> D + 'static) {
        let handler: Handler<Self, bool> =
            Rc::new(RefCell::new(move |own: &Self, active: &bool| {
                handler(own, *active).into_result()
            }));
        self.in_turn(move |channel| {
            let active = {
                let mut inner = channel.connection().inner();
                let state = inner.channels.get_mut(&channel.key());
                state.map(|state| {
                    state.handlers.flow.push(handler.clone());
                    state.flow
                })
            };
            match active {
                Some(active) => run(&handler, channel, &active),
                None => Ok(()),
            }
        });
    }

    /// Runs `handler` with each message that comes back.
    ///
    /// Messages published as mandatory come back when they reach no queue. In confirm mode that is reported
    /// with the confirm of the message.
    pub fn on_returned<D: IntoResult>(
        &self,
        mut handler: impl FnMut(&Self, &Returned<P>) -> D + 'static,
    ) {
        let handler = move |own: &Self, what: &Returned<P>| handler(own, what).into_result();
        self.listen(handler, |handlers| &mut handlers.returned);
    }

    /// Runs `handler` with what became of publishes in confirm mode, each once, many at a time.
    pub fn on_confirmed<D: IntoResult>(
        &self,
        mut handler: impl FnMut(&Self, &Confirmed<P>) -> D + 'static,
    ) {
        let handler = move |own: &Self, what: &Confirmed<P>| handler(own, what).into_result();
        self.listen(handler, |handlers| &mut handlers.confirmed);
    }

    /// Runs `handler` with the tag of each consumer that the server cancels, as when its queue is
    /// deleted. No message for it follows.
    pub fn on_cancelled<D: IntoResult>(
        &self,
        mut handler: impl FnMut(&Self, &ShortStr) -> D + 'static,
    ) {
        let handler = move |own: &Self, what: &ShortStr| handler(own, what).into_result();
        self.listen(handler, |handlers| &mut handlers.cancelled);
    }

    /// Runs `handler` with what the server has to tell (0-8).
    pub fn on_alert<D: IntoResult>(&self, mut handler: impl FnMut(&Self, &Alert) -> D + 'static) {
        let handler = move |own: &Self, what: &Alert| handler(own, what).into_result();
        self.listen(handler, |handlers| &mut handlers.alert);
    }

    /// Runs `handler` with the reason when the channel has closed; if it has already, when the
    /// connection is served next.
    ///
    /// Where there is no such handler and no completion was told either, whoever serves the
    /// connection gets the reason as an error, unless the program closed the channel or the whole
    /// connection closed.
    pub fn on_closed<D: IntoResult>(
        &self,
        handler: impl FnOnce(&Self, &Arc<Closed>) -> D + 'static,
    ) {
        self.in_turn(move |channel| {
            let mut inner = channel.connection().inner();
            let state = inner.channels.get_mut(&channel.key());
            if let Some(state) = state.filter(|state| !state.is_over) {
                let handler: Final<Self, Arc<Closed>> =
                    Box::new(move |own, reason| handler(own, reason).into_result());
                state.handlers.closed.push(handler);
                return Ok(());
            }
            let closed = inner.core.channel_closed(channel.key()).cloned();
            drop(inner);
            match closed {
                Some(reason) => handler(channel, &reason).into_result(),
                None => Ok(()),
            }
        });
    }

    fn in_turn(&self, register: impl FnOnce(&Self) -> Result<()> + 'static) {
        // Not a handle: one that waits inside its own connection would keep it for ever.
        let key = self.key();
        self.connection()
            .in_turn(move |connection| register(&Self::attach(connection, key)));
    }

    fn listen<A: 'static>(
        &self,
        handler: impl FnMut(&Self, &A) -> Result<()> + 'static,
        pick: impl FnOnce(&mut ChannelHandlers<P>) -> &mut Handlers<Self, A> + 'static,
    ) {
        let handler: Handler<Self, A> = Rc::new(RefCell::new(handler));
        self.in_turn(move |channel| {
            let mut inner = channel.connection().inner();
            if let Some(state) = inner.channels.get_mut(&channel.key()) {
                pick(&mut state.handlers).push(handler);
            }
            Ok(())
        });
    }
}

/// Registered once for both directions it serves a poll that tells of changes; see the
/// [module](super). It can be registered while it has a socket that the program does not hold.
impl<P: Protocol> mio::event::Source for Connection<P> {
    fn register(
        &mut self,
        registry: &mio::Registry,
        token: mio::Token,
        interests: mio::Interest,
    ) -> io::Result<()> {
        self.inner().link.register(registry, token, interests)
    }

    fn reregister(
        &mut self,
        registry: &mio::Registry,
        token: mio::Token,
        interests: mio::Interest,
    ) -> io::Result<()> {
        self.inner().link.reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &mio::Registry) -> io::Result<()> {
        self.inner().link.deregister(registry)
    }
}
