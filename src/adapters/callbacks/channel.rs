use std::cell::{RefCell, RefMut};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::handlers::Consumer;
use super::inner::Inner;
use super::{Connection, Delivery, IntoResult, Then, reply};
use crate::connection::{Answer, CallId, ChannelKey, ChannelMut, DeliveryToken, Settled};
use crate::error::{Closed, Error, Forbidden, Result};
use crate::method::{Call, Caller, NoWait, OneWay, SimpleMethod};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::{ChannelId, ReplyCode, ShortStr};

/// A channel of a [`Connection`].
///
/// Every method that a client may send is a method here, under its name in the specification, and
/// returns a [`Then`]: `channel.queue_declare(queue::Declare::new("orders")).then(|queue| …)`. What
/// needs more than a reply has a verb of its own: [`publish`](Self::publish),
/// [`consume`](Self::consume), [`get`](Self::get), [`confirming`](Self::confirming).
///
/// Nothing waits. Calls are written when the connection is served next, and answered in order.
/// While as much waits to be written as
/// [`Config::output_high_water`](crate::config::Config::output_high_water) allows, their result is
/// [`Error::ContentForbidden`] and nothing was sent.
///
/// Clones are the same channel. When the last one is dropped the channel is closed, once all calls
/// are answered and nothing waits for permission or confirms, and unless a consumer still gets
/// messages from it.
pub struct Channel<P: Protocol = Selected> {
    shared: Rc<Shared<P>>,
}

/// What the clones of a handle share.
pub(super) struct Shared<P: Protocol> {
    connection: Connection<P>,
    key: ChannelKey,
}

impl<P: Protocol> Channel<P> {
    /// A handle of this channel.
    pub(super) fn attach(connection: &Connection<P>, key: ChannelKey) -> Self {
        Self::attach_in(&mut connection.inner(), connection, key)
    }

    pub(super) fn attach_in(
        inner: &mut Inner<P>,
        connection: &Connection<P>,
        key: ChannelKey,
    ) -> Self {
        let state = inner.channels.get_mut(&key);
        if let Some(shared) = state.as_ref().and_then(|state| state.handle.upgrade()) {
            return Self { shared };
        }
        let connection = connection.clone();
        let shared = Rc::new(Shared { connection, key });
        if let Some(state) = state {
            state.handle = Rc::downgrade(&shared);
        }
        Self { shared }
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &Connection<P> {
        &self.shared.connection
    }

    /// The channel number.
    #[must_use]
    pub fn id(&self) -> ChannelId {
        self.shared.key.id()
    }

    /// Why messages may not be sent now, if so.
    #[must_use]
    pub fn forbidden(&self) -> Option<Forbidden> {
        let mut inner = self.inner();
        let held = inner.first_held(self.key());
        held.or_else(|| inner.core.channel(self.key()).ok()?.forbidden())
    }

    /// Begins a consumer whose messages go to `handler`; the result is its tag.
    ///
    /// It goes on until it is cancelled with that tag, whether its [`Then`] is dropped or not. See
    /// also [`on_cancelled`](Self::on_cancelled). A set prefetch count bounds how many messages are
    /// on their way; none waits in here, since each is handed out when it has come.
    pub fn consume<D: IntoResult>(
        &self,
        consume: P::Consume,
        mut handler: impl FnMut(Delivery<P>) -> D + 'static,
    ) -> Then<ShortStr, P> {
        let mut inner = self.inner();
        let begun = inner.core.channel(self.key()).and_then(|mut channel| {
            let (id, call) = channel.consume(consume, Instant::now())?;
            let tag = channel.consumer_tag(id).cloned();
            Ok((id, call, tag.unwrap_or_default()))
        });
        let (id, call, tag) = match begun {
            Ok(begun) => begun,
            Err(error) => {
                drop(inner);
                return Then::known(self.connection(), Err(error));
            }
        };
        let consumer = Consumer {
            channel: self.key(),
            tag: tag.clone(),
            handler: Rc::new(RefCell::new(move |delivery| {
                handler(delivery).into_result()
            })),
        };
        inner.add_consumer(id, consumer);
        drop(inner);
        self.connection()
            .promise_anyway(Ok(call), move |connection, answer| {
                let ended = match answer {
                    Ok(_) => None,
                    Err(_) => connection.inner().take_consumer(id),
                };
                drop(ended);
                answer.map(|_| tag)
            })
    }

    /// The specification's name for [`consume`](Self::consume).
    pub fn basic_consume<D: IntoResult>(
        &self,
        consume: P::Consume,
        handler: impl FnMut(Delivery<P>) -> D + 'static,
    ) -> Then<ShortStr, P> {
        self.consume(consume, handler)
    }

    /// Fetches one message, if the queue has one.
    pub fn get(&self, get: P::Get) -> Then<Option<Delivery<P>>, P> {
        let key = self.key();
        let call = self.make_call(|channel| channel.call(get, Instant::now()));
        self.connection()
            .promise(call, move |connection, answer| match answer {
                Answer::Message(message) => {
                    let channel = Self::attach(connection, key);
                    Ok(Some(Delivery::new(*message, channel)))
                }
                Answer::Method(_) => Ok(None),
            })
    }

    /// The specification's name for [`get`](Self::get).
    pub fn basic_get(&self, get: P::Get) -> Then<Option<Delivery<P>>, P> {
        self.get(get)
    }

    /// Sends a method with its no-wait bit set, so that the server does not answer.
    ///
    /// # Errors
    /// When the channel is closed. What the server objects to closes the channel later.
    pub fn no_wait<M: NoWait<Spec = P> + SimpleMethod>(&self, method: M) -> Result<()> {
        self.inner().core.channel(self.key())?.no_wait(method)
    }

    /// Acknowledges a delivery, or with `multiple` all up to it; see also
    /// [`Delivery::ack`](super::Delivery).
    ///
    /// A delivery whose channel or connection is gone, or that was settled before, is
    /// [`Settled::Stale`]: nothing was sent, and nothing is lost.
    ///
    /// # Errors
    /// [`Misuse::NothingToSettle`](crate::error::Misuse::NothingToSettle) when it was delivered
    /// without acknowledgement.
    pub fn ack(&self, delivery: DeliveryToken, multiple: bool) -> Result<Settled> {
        self.inner().core.ack(delivery, multiple)
    }

    /// Refuses a delivery: back to its queue with `requeue`, else discarded or dead-lettered.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(&self, delivery: DeliveryToken, requeue: bool) -> Result<Settled> {
        self.inner().core.reject(delivery, requeue)
    }

    /// Closes the channel in good order, with code 200.
    ///
    /// Closing one that the program has closed does nothing; the result is an error when something
    /// else closed the channel first. Messages that
    /// [wait for permission](Self::publish) are not sent any more.
    pub fn close(&self) -> Then<(), P> {
        self.close_with(
            ReplyCode::REPLY_SUCCESS,
            ShortStr::from_static("Normal shutdown"),
        )
    }

    /// Closes the channel with a code and a text for the server's log.
    ///
    /// It ends as [`close`](Self::close) does.
    pub fn close_with(&self, code: ReplyCode, text: ShortStr) -> Then<(), P> {
        match self.make_call(|channel| channel.close(code, text, Instant::now())) {
            Err(Error::Closed(reason)) if reason.is_normal() => {
                Then::known(self.connection(), Ok(()))
            }
            call => self
                .connection()
                .promise_anyway(call, |_, answer| answer.map(drop)),
        }
    }

    /// Whether the channel can be used, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closed().is_none()
    }

    /// Why the channel is closed or closing, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<Arc<Closed>> {
        self.inner().core.channel_closed(self.key()).cloned()
    }

    pub(super) fn key(&self) -> ChannelKey {
        self.shared.key
    }

    pub(super) fn inner(&self) -> RefMut<'_, Inner<P>> {
        self.shared.connection.inner()
    }

    pub(super) fn make_call(
        &self,
        call: impl FnOnce(&mut ChannelMut<'_, P>) -> Result<CallId>,
    ) -> Result<CallId> {
        call(&mut self.inner().core.channel(self.key())?)
    }
}

impl<P: Confirming> Channel<P> {
    /// Refuses a delivery, or with `multiple` all up to it.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack(&self, delivery: DeliveryToken, multiple: bool, requeue: bool) -> Result<Settled> {
        self.inner().core.nack(delivery, multiple, requeue)
    }
}

crate::adapters::delivery::settle!(Channel);

impl<P: Protocol> Caller for Channel<P> {
    type Spec = P;
    type Ret<R> = Then<R, P>;
    type Sent = Result<()>;

    fn call<M: Call<Spec = P> + SimpleMethod>(&self, method: M) -> Then<M::Reply, P> {
        let call = self.make_call(|channel| channel.call(method, Instant::now()));
        self.connection()
            .promise(call, |_, answer| reply(answer, M::NAME))
    }

    fn send<M: OneWay<Spec = P>>(&self, method: M) -> Result<()> {
        self.inner().core.channel(self.key())?.send(method)
    }
}

impl<P: Protocol> Clone for Channel<P> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<P: Protocol> fmt::Debug for Channel<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Channel").field(&self.id().0).finish()
    }
}

impl<P: Protocol> Drop for Shared<P> {
    /// Closes the channel, unless something is still to come of it.
    fn drop(&mut self) {
        let Ok(mut inner) = self.connection.shared.inner.try_borrow_mut() else {
            return;
        };
        let unused = inner.release_unused(self.key);
        drop(inner);
        drop(unused);
    }
}
