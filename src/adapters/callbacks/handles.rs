use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::ops::Deref;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use super::host::Host;
use super::listeners::{HandlerId, Listeners};
use super::news::{Alert, Confirmed};
use super::polled::Polled;
use super::tasks::{Bell, Tasks};
use crate::adapters::asynchronous;
use crate::adapters::asynchronous::link::Link;
use crate::connection::{Answer, CallId, ChannelKey, ConsumerId, Delivery, Returned};
use crate::error::{Closed, Error, Result, TimedOut, Waiting};
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::{ReplyCode, Scope, ShortStr};

/// A connection to a server, see the [module](super).
///
/// Clones are the same connection. When the last handle of it and of its channels is dropped, it is
/// closed without waiting for the server. A [`Loop`](super::Loop) holds one until the connection has
/// ended, or until it is the last one and nothing more can come of the connection.
pub struct Connection<P: Protocol = Selected> {
    pub(super) shared: Rc<Shared<P>>,
}

/// A channel of a [`Connection`].
///
/// Every method that a client may send is a method here, under its name in the specification, and
/// returns a [`Then`](super::Then): `channel.queue_declare(queue::Declare::new("orders")).then(|queue| …)`.
/// What needs more than a reply has a verb of its own: [`publish`](Self::publish),
/// [`consume`](Self::consume), [`get`](Self::get), [`confirming`](Self::confirming).
///
/// Nothing waits. Calls are written when the connection is served next, and answered in order.
/// While as much waits to be written as
/// [`Config::output_high_water`](crate::config::Config::output_high_water) allows, their result is
/// [`Error::ContentForbidden`] and nothing was sent.
///
/// Clones are the same channel. When the last one is dropped the channel is closed, once all calls
/// are answered and nothing waits for permission or confirms, and unless a consumer still gets
/// messages from it. Its handlers are dropped with it.
pub struct Channel<P: Protocol = Selected> {
    pub(super) connection: Connection<P>,
    pub(super) record: Rc<Hold<P>>,
}

/// What all handles of a connection share. No code of the program runs while a part of it is
/// borrowed.
pub(super) struct Shared<P: Protocol> {
    pub(super) front: asynchronous::Connection<Polled, P>,
    pub(super) host: RefCell<Host<P>>,
    /// Rung by whoever wants the host to be driven.
    pub(super) bell: Arc<Bell>,
    pub(super) waker: Waker,
    pub(super) tasks: Tasks<Run<P>>,
    /// What is to be run next: an event becomes one for each handler, so that one that panics takes
    /// nothing from the others.
    pub(super) next: RefCell<VecDeque<Run<P>>>,
    /// What went wrong and was not returned yet.
    pub(super) failures: RefCell<Vec<Error>>,
    pub(super) polled: Polled,
    /// Calls whose completions wait for the answer.
    pub(super) calls: RefCell<BTreeMap<CallId, Awaited<P>>>,
    /// Calls that were answered before they had a completion.
    pub(super) unclaimed: RefCell<BTreeSet<CallId>>,
    pub(super) consumers: RefCell<BTreeMap<ConsumerId, Rc<Consumer<P>>>>,
    pub(super) channels: RefCell<BTreeMap<ChannelKey, Known<P>>>,
    pub(super) handlers: RefCell<ConnectionHandlers<P>>,
    /// The messages that are handed out one by one.
    pub(super) handing_out: RefCell<HandingOut<P>>,
    /// How many handlers were registered, and those whose turn is still to come.
    pub(super) registered: Cell<u64>,
    pub(super) joining: RefCell<BTreeSet<HandlerId>>,
    /// Why the server accepts no messages, as the program was told last.
    pub(super) blocked: RefCell<Option<ShortStr>>,
    /// About how much memory the messages take that wait for permission.
    pub(super) held_bytes: Rc<Cell<usize>>,
    /// Completions and handlers run right now.
    pub(super) is_busy: Cell<bool>,
    /// Everything that was closed was told of.
    pub(super) is_over: Cell<bool>,
    /// A completion was told why the connection closes.
    pub(super) is_told: Cell<bool>,
    /// Some time in the past.
    pub(super) past: Instant,
}

/// Code of the program, or code that leads to it.
pub(super) type Run<P> = Box<dyn FnOnce(&Connection<P>) -> Result<()>>;

/// What to do with the answer to a call.
pub(super) type Resolve<P> = Box<dyn FnOnce(&Connection<P>, Result<Answer<P>>) -> Result<()>>;

/// A call whose completion waits for the answer.
pub(super) struct Awaited<P: Protocol> {
    /// It holds the channel, which is not closed before.
    pub(super) resolve: Resolve<P>,
}

/// A channel until its end was told, and for as long as it is held.
pub(super) struct Record<P: Protocol> {
    pub(super) front: asynchronous::Channel<P>,
    hold: RefCell<Weak<Hold<P>>>,
    pub(super) handlers: RefCell<ChannelHandlers<P>>,
    /// Whether content may be sent, as the program was told last.
    pub(super) flow: Cell<bool>,
    /// Whether the close was reported to the program.
    pub(super) is_over: Cell<bool>,
    /// How many messages wait for permission.
    pub(super) held: Cell<usize>,
}

/// Held by all who use a channel together: handles, consumers, calls and messages that wait. When it
/// goes, the channel is closed without waiting for the answer.
pub(super) struct Hold<P: Protocol>(Rc<Record<P>>);

/// A channel whose end is still to be told.
pub(super) struct Known<P: Protocol> {
    pub(super) record: Rc<Record<P>>,
    /// A completion was told why the channel closes.
    pub(super) is_told: bool,
}

/// A consumer and its handler.
pub(super) struct Consumer<P: Protocol> {
    pub(super) record: Rc<Hold<P>>,
    pub(super) tag: ShortStr,
    pub(super) handler: RefCell<Box<OnDelivery<P>>>,
}

pub(super) type OnDelivery<P> = dyn FnMut(super::Delivery<P>) -> Result<()>;

/// Messages of one consumer, and whether its handler runs.
pub(super) struct HandingOut<P: Protocol> {
    pub(super) id: Option<ConsumerId>,
    pub(super) consumer: Option<Rc<Consumer<P>>>,
    pub(super) messages: VecDeque<Delivery<P>>,
    pub(super) is_running: bool,
}

/// The handlers of one kind of event. Each can run while the list is not borrowed, and changed.
pub(super) type Handlers<O, A> = Listeners<Handler<O, A>>;

pub(super) type Handler<O, A> = Rc<RefCell<dyn FnMut(&O, &A) -> Result<()>>>;

/// Handlers of something that happens once.
pub(super) type Finals<O, A> = Listeners<Final<O, A>>;

pub(super) type Final<O, A> = Box<dyn FnOnce(&O, &A) -> Result<()>>;

/// What a program wants to hear of a connection.
pub(super) struct ConnectionHandlers<P: Protocol> {
    pub(super) opened: Finals<Connection<P>, ()>,
    pub(super) blocked: Handlers<Connection<P>, Option<ShortStr>>,
    pub(super) closed: Finals<Connection<P>, Arc<Closed>>,
}

/// What a program wants to hear of a channel.
pub(super) struct ChannelHandlers<P: Protocol> {
    pub(super) flow: Handlers<Channel<P>, bool>,
    pub(super) returned: Handlers<Channel<P>, Returned<P>>,
    pub(super) confirmed: Handlers<Channel<P>, Confirmed<P>>,
    pub(super) cancelled: Handlers<Channel<P>, ShortStr>,
    pub(super) alert: Handlers<Channel<P>, Alert>,
    pub(super) closed: Finals<Channel<P>, Arc<Closed>>,
}

impl<P: Protocol> Connection<P> {
    pub(super) fn link(&self) -> &Arc<Link<P>> {
        self.shared.front.link()
    }

    /// Runs something when everything that has happened so far is told.
    pub(super) fn defer(&self, run: Run<P>) {
        let (_, known) = self.link().progress();
        self.shared.tasks.defer(known, run);
    }

    /// The handle of a channel that was opened.
    pub(super) fn attach(&self, front: asynchronous::Channel<P>) -> Channel<P> {
        let key = front.key();
        let record = Rc::new(Record {
            front,
            hold: RefCell::default(),
            handlers: RefCell::default(),
            flow: Cell::new(true),
            is_over: Cell::new(false),
            held: Cell::new(0),
        });
        let channel = self.channel_of(record.hold());
        let known = Known {
            record,
            is_told: false,
        };
        self.shared.channels.borrow_mut().insert(key, known);
        channel
    }

    /// The handle of a channel that a subscription has opened, whose end is not reported by itself.
    pub(super) fn attach_kept(&self, front: asynchronous::Channel<P>) -> Channel<P> {
        let key = front.key();
        let channel = self.attach(front);
        if let Some(known) = self.shared.channels.borrow_mut().get_mut(&key) {
            known.is_told = true;
        }
        channel
    }

    pub(super) fn channel_of(&self, record: Rc<Hold<P>>) -> Channel<P> {
        let connection = self.clone();
        Channel { connection, record }
    }

    /// A completion of a channel, or of the connection itself, is told why it failed, which may be why
    /// everything closes.
    pub(super) fn note_told(&self, key: ChannelKey, error: &Error) {
        let is_of_channel = match error {
            // The channel whose reply did not come in time is closed for that.
            Error::TimedOut(TimedOut {
                waiting_for:
                    Waiting::Reply(_) | Waiting::Unblocked(_) | Waiting::Inbox | Waiting::CloseOk,
                ..
            }) => true,
            other => match other.closed() {
                Some(reason) => reason.scope == Scope::Channel,
                // It closes nothing.
                None => return,
            },
        };
        if key == ChannelKey::CONNECTION || !is_of_channel {
            self.shared.is_told.set(true);
        } else if let Some(known) = self.shared.channels.borrow_mut().get_mut(&key) {
            known.is_told = true;
        }
    }
}

impl<P: Protocol> Record<P> {
    /// Holds the channel. One that nobody held before is closed already, or about to be.
    pub(super) fn hold(self: &Rc<Self>) -> Rc<Hold<P>> {
        let mut known = self.hold.borrow_mut();
        known.upgrade().unwrap_or_else(|| {
            let fresh = Rc::new(Hold(self.clone()));
            *known = Rc::downgrade(&fresh);
            fresh
        })
    }
}

impl<P: Protocol> Deref for Hold<P> {
    type Target = Rc<Record<P>>;

    fn deref(&self) -> &Rc<Record<P>> {
        &self.0
    }
}

impl<P: Protocol> Drop for Hold<P> {
    fn drop(&mut self) {
        let (key, now) = (self.front.key(), Instant::now());
        self.front.link().with(|state| {
            let text = ShortStr::from_static("channel dropped");
            let channel = state.core.channel(key);
            let closed = channel.and_then(|mut it| it.close(ReplyCode::REPLY_SUCCESS, text, now));
            if let Ok(call) = closed {
                state.core.abandon(call, now);
            }
        });
    }
}

impl<P: Protocol> Channel<P> {
    pub(super) fn key(&self) -> ChannelKey {
        self.record.front.key()
    }
}

impl<P: Protocol> Default for ConnectionHandlers<P> {
    fn default() -> Self {
        Self {
            opened: Listeners::default(),
            blocked: Listeners::default(),
            closed: Listeners::default(),
        }
    }
}

impl<P: Protocol> ConnectionHandlers<P> {
    /// Takes a handler out, to be dropped when nothing is borrowed.
    pub(super) fn remove(&mut self, id: HandlerId) -> Option<Box<dyn Any>> {
        let opened = self.opened.remove(id).map(erased);
        let blocked = || self.blocked.remove(id).map(erased);
        let opened = opened.or_else(blocked);
        opened.or_else(|| self.closed.remove(id).map(erased))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.blocked.is_empty() && self.closed.is_empty()
    }
}

impl<P: Protocol> ChannelHandlers<P> {
    /// Takes a handler out, to be dropped when nothing is borrowed.
    pub(super) fn remove(&mut self, id: HandlerId) -> Option<Box<dyn Any>> {
        let removed = self.flow.remove(id).map(erased);
        let removed = removed.or_else(|| self.returned.remove(id).map(erased));
        let removed = removed.or_else(|| self.confirmed.remove(id).map(erased));
        let removed = removed.or_else(|| self.cancelled.remove(id).map(erased));
        let removed = removed.or_else(|| self.alert.remove(id).map(erased));
        removed.or_else(|| self.closed.remove(id).map(erased))
    }
}

/// A handler of any kind.
fn erased<F: 'static>(handler: F) -> Box<dyn Any> {
    Box::new(handler)
}

impl<P: Protocol> Default for ChannelHandlers<P> {
    fn default() -> Self {
        Self {
            flow: Listeners::default(),
            returned: Listeners::default(),
            confirmed: Listeners::default(),
            cancelled: Listeners::default(),
            alert: Listeners::default(),
            closed: Listeners::default(),
        }
    }
}

impl<P: Protocol> Default for HandingOut<P> {
    fn default() -> Self {
        Self {
            id: None,
            consumer: None,
            messages: VecDeque::new(),
            is_running: false,
        }
    }
}

impl<P: Protocol> Clone for Connection<P> {
    fn clone(&self) -> Self {
        let shared = self.shared.clone();
        Self { shared }
    }
}

impl<P: Protocol> fmt::Debug for Connection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.front.fmt(f)
    }
}

impl<P: Protocol> Clone for Channel<P> {
    fn clone(&self) -> Self {
        self.connection.channel_of(self.record.clone())
    }
}

impl<P: Protocol> fmt::Debug for Channel<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Channel").field(&self.key().id().0).finish()
    }
}

impl<P: Protocol> Drop for Shared<P> {
    /// Says good-bye if that can be done at once.
    fn drop(&mut self) {
        let (link, host) = (self.front.link(), self.host.get_mut());
        if link.is_forked() {
            return host.abandon();
        }
        let text = ShortStr::from_static("connection dropped");
        let now = Instant::now();
        link.with(|state| state.close(ReplyCode::REPLY_SUCCESS, text, now));
        host.hang_up();
    }
}
