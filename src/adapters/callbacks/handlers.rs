use std::cell::{RefCell, RefMut};
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use super::IntoResult;
use super::handles::{Channel, ChannelHandlers, Connection, Final, Handler, Handlers};
use super::host::Host;
use super::listeners::HandlerId;
use super::news::{Alert, Confirmed};
use super::tell::run;
use crate::connection::Returned;
use crate::error::{Closed, Result};
use crate::protocol::Protocol;
use crate::wire::ShortStr;

impl<P: Protocol> Connection<P> {
    /// Runs `handler` when the connection is open; if it is already, when it is served next. If it
    /// closes before, the handler is dropped.
    pub fn on_opened<D: IntoResult>(
        &self,
        handler: impl FnOnce(&Self) -> D + 'static,
    ) -> HandlerId {
        self.join(move |connection, id| {
            if connection.is_open() {
                return handler(connection).into_result();
            }
            if connection.closed().is_none() {
                let handler: Final<Self, ()> = Box::new(move |own, ()| handler(own).into_result());
                let handlers = &connection.shared.handlers;
                handlers.borrow_mut().opened.add(id, handler);
            }
            Ok(())
        })
    }

    /// Runs `handler` with the reason when the connection has closed; if it has already, when it is
    /// served next.
    ///
    /// Where there is no such handler and no completion was told either, whoever serves the
    /// connection gets the reason as an error, unless the program closed it.
    pub fn on_closed<D: IntoResult>(
        &self,
        handler: impl FnOnce(&Self, &Arc<Closed>) -> D + 'static,
    ) -> HandlerId {
        self.join(move |connection, id| {
            if let Some(reason) = connection
                .closed()
                .filter(|_| connection.shared.is_over.get())
            {
                return handler(connection, &reason).into_result();
            }
            let handler: Final<Self, Arc<Closed>> =
                Box::new(move |own, reason| handler(own, reason).into_result());
            let handlers = &connection.shared.handlers;
            handlers.borrow_mut().closed.add(id, handler);
            Ok(())
        })
    }

    /// Runs `handler` with the server's reason for accepting no messages, and with none while it
    /// accepts them: once when it is registered, and at each change.
    pub fn on_blocked<D: IntoResult>(
        &self,
        mut handler: impl FnMut(&Self, Option<&ShortStr>) -> D + 'static,
    ) -> HandlerId {
        let handler: Handler<Self, Option<ShortStr>> = Rc::new(RefCell::new(
            move |own: &Self, reason: &Option<ShortStr>| {
                handler(own, reason.as_ref()).into_result()
            },
        ));
        self.join(move |connection, id| {
            let handlers = &connection.shared.handlers;
            handlers.borrow_mut().blocked.add(id, handler.clone());
            let reason = connection.shared.blocked.borrow().clone();
            run(&handler, connection, &reason)
        })
    }

    /// Removes a handler of this connection or of one of its channels, whatever it is for. Returns
    /// whether it was there; one for something that happens once is not, after that has happened.
    pub fn remove_handler(&self, handler: HandlerId) -> bool {
        let me = &*self.shared;
        if me.joining.borrow_mut().remove(&handler) {
            return true;
        }
        let records: Vec<_> = {
            let known = me.channels.borrow();
            known.values().map(|known| known.record.clone()).collect()
        };
        // Dropped when nothing is borrowed.
        let removed = me.handlers.borrow_mut().remove(handler);
        let mut all = records.iter();
        let of_channel = || all.find_map(|it| it.handlers.borrow_mut().remove(handler));
        removed.or_else(of_channel).is_some()
    }

    /// Lets a handler join when its turn comes, unless it is removed before.
    fn join(&self, register: impl FnOnce(&Self, HandlerId) -> Result<()> + 'static) -> HandlerId {
        let me = &*self.shared;
        let id = HandlerId(me.registered.get());
        me.registered.set(id.0 + 1);
        me.joining.borrow_mut().insert(id);
        self.in_turn(move |connection| {
            let joins = connection.shared.joining.borrow_mut().remove(&id);
            match joins {
                true => register(connection, id),
                false => Ok(()),
            }
        });
        id
    }
}

impl<P: Protocol> Channel<P> {
    /// Runs `handler` with whether the server allows messages on this channel: once when it is
    /// registered, and at each change.
    ///
    /// The server stops them with `channel.flow`; it was answered already.
    pub fn on_flow<D: IntoResult>(
        &self,
        mut handler: impl FnMut(&Self, bool) -> D + 'static,
    ) -> HandlerId {
        let handler: Handler<Self, bool> =
            Rc::new(RefCell::new(move |own: &Self, active: &bool| {
                handler(own, *active).into_result()
            }));
        self.join(move |channel, id| {
            let record = &channel.record;
            if record.is_over.get() {
                return Ok(());
            }
            record.handlers.borrow_mut().flow.add(id, handler.clone());
            run(&handler, channel, &record.flow.get())
        })
    }

    /// Runs `handler` with each message that comes back.
    ///
    /// Messages published as mandatory come back when they reach no queue. In confirm mode that is reported
    /// with the confirm of the message.
    pub fn on_returned<D: IntoResult>(
        &self,
        mut handler: impl FnMut(&Self, &Returned<P>) -> D + 'static,
    ) -> HandlerId {
        let handler = move |own: &Self, what: &Returned<P>| handler(own, what).into_result();
        self.listen(handler, |handlers| &mut handlers.returned)
    }

    /// Runs `handler` with what became of publishes in confirm mode, each once, many at a time.
    pub fn on_confirmed<D: IntoResult>(
        &self,
        mut handler: impl FnMut(&Self, &Confirmed<P>) -> D + 'static,
    ) -> HandlerId {
        let handler = move |own: &Self, what: &Confirmed<P>| handler(own, what).into_result();
        self.listen(handler, |handlers| &mut handlers.confirmed)
    }

    /// Runs `handler` with the tag of each consumer that the server cancels, as when its queue is
    /// deleted. No message for it follows.
    pub fn on_cancelled<D: IntoResult>(
        &self,
        mut handler: impl FnMut(&Self, &ShortStr) -> D + 'static,
    ) -> HandlerId {
        let handler = move |own: &Self, what: &ShortStr| handler(own, what).into_result();
        self.listen(handler, |handlers| &mut handlers.cancelled)
    }

    /// Runs `handler` with what the server has to tell (0-8).
    pub fn on_alert<D: IntoResult>(
        &self,
        mut handler: impl FnMut(&Self, &Alert) -> D + 'static,
    ) -> HandlerId {
        let handler = move |own: &Self, what: &Alert| handler(own, what).into_result();
        self.listen(handler, |handlers| &mut handlers.alert)
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
    ) -> HandlerId {
        self.join(move |channel, id| {
            if let Some(reason) = channel.closed().filter(|_| channel.record.is_over.get()) {
                return handler(channel, &reason).into_result();
            }
            let handler: Final<Self, Arc<Closed>> =
                Box::new(move |own, reason| handler(own, reason).into_result());
            let record = &channel.record;
            record.handlers.borrow_mut().closed.add(id, handler);
            Ok(())
        })
    }

    /// Removes a handler, as [`Connection::remove_handler`] does.
    pub fn remove_handler(&self, handler: HandlerId) -> bool {
        self.connection.remove_handler(handler)
    }

    fn join(&self, register: impl FnOnce(&Self, HandlerId) -> Result<()> + 'static) -> HandlerId {
        // Not a handle: one that waits inside its own connection would keep it for ever.
        let record = Rc::downgrade(&**self.record);
        self.connection
            .join(move |connection, id| match record.upgrade() {
                Some(record) => register(&connection.channel_of(record.hold()), id),
                None => Ok(()),
            })
    }

    fn listen<A: 'static>(
        &self,
        handler: impl FnMut(&Self, &A) -> Result<()> + 'static,
        pick: impl FnOnce(&mut ChannelHandlers<P>) -> &mut Handlers<Self, A> + 'static,
    ) -> HandlerId {
        let handler: Handler<Self, A> = Rc::new(RefCell::new(handler));
        self.join(move |channel, id| {
            // Of a channel that is over nothing comes, and nothing would let the handler go.
            if !channel.record.is_over.get() {
                pick(&mut channel.record.handlers.borrow_mut()).add(id, handler);
            }
            Ok(())
        })
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
        borrowed(&self.shared.host)?.register(registry, token, interests)
    }

    fn reregister(
        &mut self,
        registry: &mio::Registry,
        token: mio::Token,
        interests: mio::Interest,
    ) -> io::Result<()> {
        borrowed(&self.shared.host)?.reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &mio::Registry) -> io::Result<()> {
        borrowed(&self.shared.host)?.deregister(registry)
    }
}

/// The host, unless it is at work: a transport of the program's own may lead here.
fn borrowed<P: Protocol>(host: &RefCell<Host<P>>) -> io::Result<RefMut<'_, Host<P>>> {
    host.try_borrow_mut().map_err(|_| {
        let text = "the connection is moving bytes right now";
        io::Error::new(io::ErrorKind::ResourceBusy, text)
    })
}
