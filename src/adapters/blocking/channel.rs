use std::cell::{BorrowMutError, RefMut};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::handlers::Handled;
use super::inner::Inner;
use super::{Connection, Consumer, Delivery, IntoResult};
use crate::connection::{
    Answer, CallId, ChannelKey, ChannelMut, Connection as Core, ConsumerId, DeliveryToken, Settled,
};
use crate::error::{Closed, Forbidden, Misuse, Result};
use crate::method::{Call, Caller, NoWait, OneWay, SimpleMethod};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::{ChannelId, ReplyCode, ShortStr};

/// A channel of a [`Connection`].
///
/// Every method that a client may send is a method here, under its name in the specification:
/// `channel.queue_declare(queue::Declare::new("orders"))`. What needs more than a reply has a verb of
/// its own: [`publish`](Self::publish), [`consume`](Self::consume), [`get`](Self::get),
/// [`confirming`](Self::confirming).
///
/// Clones are the same channel. When the last one is dropped the channel is closed, without waiting
/// for the server.
pub struct Channel<P: Protocol = Selected> {
    shared: Rc<Shared<P>>,
}

/// What the clones of a handle share.
struct Shared<P: Protocol> {
    connection: Connection<P>,
    key: ChannelKey,
}

impl<P: Protocol> Channel<P> {
    /// A new handle of this channel.
    pub(super) fn attach(connection: &Connection<P>, key: ChannelKey) -> Self {
        let mut inner = connection.shared.inner.borrow_mut();
        *inner.handles.entry(key).or_default() += 1;
        let connection = connection.clone();
        Self {
            shared: Rc::new(Shared { connection, key }),
        }
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

    /// Why content may not be sent now, if so.
    #[must_use]
    pub fn forbidden(&self) -> Option<Forbidden> {
        self.inner()
            .core
            .channel(self.shared.key)
            .ok()
            .and_then(|channel| channel.forbidden())
    }

    /// Begins a consumer, to be read as an iterator.
    ///
    /// # Errors
    /// When the server refuses, which closes the channel, or the tag is in use.
    pub fn consume(&self, consume: P::Consume) -> Result<Consumer<P>> {
        self.begin_consumer(consume)
            .map(|id| Consumer::new(self.clone(), id))
    }

    /// The specification's name for [`consume`](Self::consume).
    ///
    /// # Errors
    /// As for [`consume`](Self::consume).
    pub fn basic_consume(&self, consume: P::Consume) -> Result<Consumer<P>> {
        self.consume(consume)
    }

    /// Begins a consumer whose messages go to `handler`, whenever
    /// [`Connection::process_events`] or [`Connection::run`] serves the connection.
    ///
    /// It goes on until it is cancelled with the tag that this returns, or the channel closes. An
    /// error of the handler ends neither it nor the others; whoever serves the connection gets it.
    ///
    /// # Errors
    /// As for [`consume`](Self::consume).
    pub fn consume_with<D: IntoResult>(
        &self,
        consume: P::Consume,
        mut handler: impl FnMut(Delivery<P>) -> D + 'static,
    ) -> Result<ShortStr> {
        let id = self.begin_consumer(consume)?;
        let mut inner = self.inner();
        let handled = Handled {
            channel: self.shared.key,
            handler: Some(Box::new(move |delivery| handler(delivery).into_result())),
        };
        inner.handlers.0.insert(id, handled);
        let channel = inner.core.channel(self.shared.key)?;
        Ok(channel.consumer_tag(id).cloned().unwrap_or_default())
    }

    /// Fetches one message, if the queue has one.
    ///
    /// # Errors
    /// When the server refuses, which closes the channel.
    pub fn get(&self, get: P::Get) -> Result<Option<Delivery<P>>> {
        match self.make_call(|channel| channel.call(get, Instant::now()))? {
            Answer::Message(message) => Ok(Some(Delivery::new(*message, self.clone()))),
            Answer::Method(_) => Ok(None),
        }
    }

    /// The specification's name for [`get`](Self::get).
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub fn basic_get(&self, get: P::Get) -> Result<Option<Delivery<P>>> {
        self.get(get)
    }

    /// Sends a method with its no-wait bit set, so that the server does not answer.
    ///
    /// # Errors
    /// When the channel is closed. What the server objects to closes the channel later.
    pub fn no_wait<M: NoWait<Spec = P> + SimpleMethod>(&self, method: M) -> Result<()> {
        self.with(|channel| channel.no_wait(method))
    }

    /// Acknowledges a delivery, or with `multiple` all up to it; see also [`Delivery::ack`].
    ///
    /// A delivery whose channel or connection is gone, or that was settled before, is
    /// [`Settled::Stale`]: nothing was sent, and nothing is lost.
    ///
    /// # Errors
    /// [`Misuse::NothingToSettle`](crate::error::Misuse::NothingToSettle) when it was delivered
    /// without acknowledgement.
    pub fn ack(&self, delivery: DeliveryToken, multiple: bool) -> Result<Settled> {
        self.settle(|core| core.ack(delivery, multiple))
    }

    /// Refuses a delivery; see also [`Delivery::reject`].
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(&self, delivery: DeliveryToken, requeue: bool) -> Result<Settled> {
        self.settle(|core| core.reject(delivery, requeue))
    }

    /// Closes the channel in good order, with code 200.
    ///
    /// Closing one that the program has closed does nothing; one that something else closed gives
    /// that reason.
    ///
    /// # Errors
    /// When something else closed the channel first; the error is that reason.
    pub fn close(&self) -> Result<()> {
        self.close_with(
            ReplyCode::REPLY_SUCCESS,
            ShortStr::from_static("Normal shutdown"),
        )
    }

    /// Closes the channel with a code and a text for the server's log.
    ///
    /// # Errors
    /// As for [`close`](Self::close).
    pub fn close_with(&self, code: ReplyCode, text: ShortStr) -> Result<()> {
        let mut inner = self.inner();
        let closing = inner.core.channel(self.shared.key);
        let closed = match closing.and_then(|mut open| open.close(code, text, Instant::now())) {
            Ok(call) => inner.reply(call).map(drop),
            Err(error) => Err(error),
        };
        match closed {
            Err(error) if error.closed().is_some_and(Closed::is_normal) => Ok(()),
            other => other,
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
        self.inner().core.channel_closed(self.shared.key).cloned()
    }

    pub(super) fn key(&self) -> ChannelKey {
        self.shared.key
    }

    /// Ends a consumer that nobody holds any more; what it did not hand out goes back.
    pub(super) fn drop_consumer(&self, consumer: ConsumerId) {
        let Ok(mut inner) = self.try_inner() else {
            return;
        };
        let left = inner.session.remove_consumer(consumer);
        let Ok(mut channel) = inner.core.channel(self.shared.key) else {
            return;
        };
        channel.drop_consumer(consumer, Instant::now());
        for message in left {
            // One that needs no acknowledgement, or is settled, cannot go back.
            let _settled = channel.reject(message.into_token(), true);
        }
        inner.write_now();
    }

    pub(super) fn try_inner(&self) -> Result<RefMut<'_, Inner<P>>, BorrowMutError> {
        self.shared.connection.shared.inner.try_borrow_mut()
    }

    pub(super) fn inner(&self) -> RefMut<'_, Inner<P>> {
        self.shared.connection.shared.inner.borrow_mut()
    }

    /// Settles a delivery, for which there is always room.
    fn settle(&self, act: impl FnOnce(&mut Core<P>) -> Result<Settled>) -> Result<Settled> {
        let mut inner = self.inner();
        let settled = act(&mut inner.core)?;
        inner.service();
        Ok(settled)
    }

    /// Does something that has no reply.
    fn with(&self, act: impl FnOnce(&mut ChannelMut<'_, P>) -> Result<()>) -> Result<()> {
        let mut inner = self.inner();
        inner.make_room(self.shared.key)?;
        act(&mut inner.core.channel(self.shared.key)?)?;
        inner.service();
        Ok(())
    }

    /// Makes a call, and waits for its answer.
    pub(super) fn make_call(
        &self,
        call: impl FnOnce(&mut ChannelMut<'_, P>) -> Result<CallId>,
    ) -> Result<Answer<P>> {
        let mut inner = self.inner();
        inner.make_room(self.shared.key)?;
        let call = call(&mut inner.core.channel(self.shared.key)?)?;
        inner.reply(call)
    }

    fn begin_consumer(&self, consume: P::Consume) -> Result<ConsumerId> {
        let mut inner = self.inner();
        let key = self.shared.key;
        inner.make_room(key)?;
        let mut channel = inner.core.channel(key)?;
        let (id, call) = channel.consume(consume, Instant::now())?;
        inner.session.add_consumer(key, id);
        match inner.reply(call) {
            Ok(_) => Ok(id),
            Err(error) => {
                inner.session.remove_consumer(id);
                Err(error)
            }
        }
    }
}

impl<P: Confirming> Channel<P> {
    /// Refuses a delivery, or with `multiple` all up to it; see also [`Delivery::reject`].
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack(&self, delivery: DeliveryToken, multiple: bool, requeue: bool) -> Result<Settled> {
        self.settle(|core| core.nack(delivery, multiple, requeue))
    }
}

impl<P: Protocol> Caller for Channel<P> {
    type Spec = P;
    type Ret<R> = Result<R>;
    type Sent = Result<()>;

    fn call<M: Call<Spec = P> + SimpleMethod>(&self, method: M) -> Result<M::Reply> {
        let answer = self.make_call(|channel| channel.call(method, Instant::now()))?;
        answer
            .into_reply()
            .ok_or_else(|| Misuse::Finished(M::NAME).into())
    }

    fn send<M: OneWay<Spec = P>>(&self, method: M) -> Result<()> {
        self.with(|channel| channel.send(method))
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
    /// Closes the channel, unless a handler still gets messages from it.
    fn drop(&mut self) {
        let Ok(mut inner) = self.connection.shared.inner.try_borrow_mut() else {
            return;
        };
        inner.release(self.key);
    }
}
