use std::cell::RefMut;
use std::fmt;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::events::Handled;
use super::inner::Inner;
use super::{Connection, Consumer, Delivery};
use crate::connection::{
    Answer, Body, CallId, ChannelKey, ChannelMut, ConsumerId, DeliveryToken, Outcome, PublishSeq,
    Returned,
};
use crate::error::{Closed, Error, Forbidden, Misuse, Result, TimedOut, Waiting};
use crate::method::{Args, Call, Caller, NoWait, Reply, ToServer};
use crate::protocol::{Confirming, Protocol};
use crate::versions::Selected;
use crate::wire::{ChannelId, ReplyCode, ShortStr, ToShortStr};

/// A channel of a [`Connection`].
///
/// Every method that a client may send is a method here, under its name in the specification, by
/// the `Methods` trait of the version: `channel.queue_declare(queue::Declare::new("orders"))`. What
/// needs more than a reply has a verb of its own: [`publish`](Self::publish),
/// [`consume`](Self::consume), [`get`](Self::get).
///
/// Clones are the same channel. When the last one is dropped the channel is closed, without waiting
/// for the server.
pub struct Channel<P: Protocol = Selected> {
    shared: Rc<Shared<P>>,
}

/// What the handles of a channel share. There is one for a channel at any time.
pub(super) struct Shared<P: Protocol> {
    connection: Connection<P>,
    key: ChannelKey,
}

/// Publishes that the server did not acknowledge, as [`Channel::wait_for_confirms`] reports them.
#[derive(Clone, Debug)]
pub struct Unconfirmed {
    /// The first publish.
    pub first: PublishSeq,
    /// The last publish.
    pub last: PublishSeq,
    /// What became of each of them.
    pub outcome: Outcome,
}

impl<P: Protocol> Channel<P> {
    /// A handle of this channel, which is another clone if there are handles.
    pub(super) fn attach(connection: &Connection<P>, key: ChannelKey) -> Self {
        let mut inner = connection.shared.inner.borrow_mut();
        if let Some(shared) = inner.handles.get(&key).and_then(Weak::upgrade) {
            return Self { shared };
        }
        let shared = Rc::new(Shared {
            connection: connection.clone(),
            key,
        });
        inner.handles.insert(key, Rc::downgrade(&shared));
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

    /// Publishes a message with a body and nothing else.
    ///
    /// # Errors
    /// As for [`basic_publish`](Self::basic_publish), and when a name has more than 255 bytes.
    pub fn publish<'b>(
        &self,
        exchange: impl ToShortStr,
        routing_key: impl ToShortStr,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>>
    where
        P::BasicProperties: Default,
    {
        let publish = P::publish(exchange.to_short_str()?, routing_key.to_short_str()?);
        self.basic_publish(&publish, &P::BasicProperties::default(), body)
    }

    /// Publishes a message.
    ///
    /// While the server stops content, with `channel.flow` or `connection.blocked`, or does not
    /// read what is sent, this waits, but no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout). In confirm mode it
    /// gives the number of the publish.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when waiting did not help; the message was not sent and is still the
    /// caller's.
    pub fn basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>> {
        let body = body.into();
        loop {
            match self.try_basic_publish(publish, properties, body.clone()) {
                Err(Error::Forbidden(forbidden)) => self.wait_for_permission(forbidden)?,
                other => return other,
            }
        }
    }

    /// Publishes a message, or says at once why that is not allowed now.
    ///
    /// # Errors
    /// [`Error::Forbidden`] while content may not be sent; the message is still the caller's.
    pub fn try_basic_publish<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>> {
        let mut inner = self.inner();
        let seq = self
            .target(&mut inner)?
            .publish(publish, properties, body)?;
        inner.service();
        Ok(seq)
    }

    /// Publishes a message in confirm mode and waits until it is known what became of it.
    ///
    /// # Errors
    /// [`Misuse::NotConfirming`] when confirms are not turned on; [`Error::TimedOut`] when the
    /// server says nothing within
    /// [`Config::rpc_timeout`](crate::config::Config::rpc_timeout).
    pub fn publish_confirmed<'b>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Outcome> {
        let key = self.shared.key;
        if !self.target(&mut self.inner())?.is_confirming() {
            return Err(Misuse::NotConfirming.into());
        }
        let body = body.into();
        let seq = loop {
            let mut inner = self.inner();
            let published = self
                .target(&mut inner)?
                .publish(publish, properties, body.clone());
            match published {
                Ok(Some(seq)) => {
                    inner.session.watch_publish(key, seq);
                    break seq;
                }
                Ok(None) => return Err(Misuse::NotConfirming.into()),
                Err(Error::Forbidden(forbidden)) => {
                    drop(inner);
                    self.wait_for_permission(forbidden)?;
                }
                Err(error) => return Err(error),
            }
        };
        let mut inner = self.inner();
        let timeout = inner.core.config().rpc_timeout;
        let until = timeout.map(|timeout| Instant::now() + timeout);
        let outcome = inner.wait(until, |inner| inner.session.outcome(key, seq).map(Ok));
        inner.session.forget_publish(key, seq);
        outcome.unwrap_or_else(|| Err(timed_out(Waiting::Confirms, timeout)))
    }

    /// Waits until it is known what became of all messages published so far, and gives those that
    /// the server did not acknowledge; none is the good case.
    ///
    /// Each is reported once, so this covers what was published since the last call.
    ///
    /// # Errors
    /// [`Misuse::NotConfirming`] when confirms are not turned on; [`Error::TimedOut`] when not all
    /// is known after `timeout`.
    pub fn wait_for_confirms(&self, timeout: Duration) -> Result<Vec<Unconfirmed>> {
        let key = self.shared.key;
        let mut inner = self.inner();
        let Some(target) = self.target(&mut inner)?.next_publish() else {
            return Err(Misuse::NotConfirming.into());
        };
        let until = Instant::now() + timeout;
        let settled = inner.wait(Some(until), |inner| match inner.core.channel(key) {
            Ok(channel) => {
                let base = channel.unconfirmed_from();
                base.is_none_or(|base| base >= target).then_some(Ok(()))
            }
            // Whatever was open is resolved as lost, and that is the answer.
            Err(_) => Some(Ok(())),
        });
        match settled {
            None => return Err(timed_out(Waiting::Confirms, Some(timeout))),
            Some(Err(error)) if inner.core.closed().is_none() => return Err(error),
            Some(_) => {}
        }
        let failed = inner.session.failed_publishes(key).into_iter();
        Ok(failed
            .map(|(first, last, outcome)| Unconfirmed {
                first,
                last,
                outcome,
            })
            .collect())
    }

    /// The next message that came back, if one did.
    ///
    /// Messages published as mandatory come back when they reach no queue.
    #[must_use]
    pub fn next_returned(&self) -> Option<Returned<P>> {
        let mut inner = self.inner();
        inner.service();
        inner.session.returned(self.shared.key)
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
    /// It goes on until it is cancelled with the tag that this returns, or the channel closes.
    ///
    /// # Errors
    /// As for [`consume`](Self::consume).
    pub fn consume_with(
        &self,
        consume: P::Consume,
        handler: impl FnMut(Delivery<P>) + 'static,
    ) -> Result<ShortStr> {
        let id = self.begin_consumer(consume)?;
        let mut inner = self.inner();
        let handler: Box<dyn FnMut(Delivery<P>)> = Box::new(handler);
        let handled = Handled {
            channel: self.shared.key,
            handler: Some(handler),
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
        match self.make_call(get)? {
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
    pub fn no_wait<M: NoWait<Spec = P> + ToServer>(&self, method: M) -> Result<()> {
        if M::ID == P::Consume::ID {
            return Err(Misuse::OwnVerb(M::NAME).into());
        }
        self.with(|channel| channel.no_wait(method))
    }

    /// Acknowledges a delivery, or with `multiple` all up to it; see also [`Delivery::ack`].
    ///
    /// # Errors
    /// When the channel is closed or the delivery was settled with others already; nothing is sent.
    pub fn ack(&self, delivery: DeliveryToken, multiple: bool) -> Result<()> {
        self.with(|channel| channel.ack(delivery, multiple))
    }

    /// Refuses a delivery; see also [`Delivery::reject`].
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(&self, delivery: DeliveryToken, requeue: bool) -> Result<()> {
        self.with(|channel| channel.reject(delivery, requeue))
    }

    /// Closes the channel in good order, with code 200.
    ///
    /// Closing one that is closed does nothing.
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
        if let Some(reason) = inner.session.channel_reason(self.shared.key) {
            return if reason.is_normal() {
                Ok(())
            } else {
                Err(reason.clone().into())
            };
        }
        let call = self.target(&mut inner)?.close(code, text, Instant::now())?;
        inner.reply(call).map(drop)
    }

    /// Whether the channel can be used, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.inner()
            .core
            .channel(self.shared.key)
            .is_ok_and(|channel| channel.is_open())
    }

    /// Why the channel is closed, if it is.
    #[must_use]
    pub fn closed(&self) -> Option<Arc<Closed>> {
        self.inner()
            .session
            .channel_reason(self.shared.key)
            .cloned()
    }

    pub(super) fn key(&self) -> ChannelKey {
        self.shared.key
    }

    /// Ends a consumer that nobody holds any more; what it did not hand out goes back.
    pub(super) fn drop_consumer(&self, consumer: ConsumerId) {
        let mut inner = self.inner();
        let left = inner.session.remove_consumer(consumer);
        let Ok(mut channel) = inner.core.channel(self.shared.key) else {
            return;
        };
        channel.drop_consumer(consumer, Instant::now());
        for message in left {
            // One that needs no acknowledgement, or is settled, cannot go back.
            let _settled = channel.reject(message.into_token(), true);
        }
    }

    pub(super) fn inner(&self) -> RefMut<'_, Inner<P>> {
        self.shared.connection.shared.inner.borrow_mut()
    }

    /// Does something that has no reply.
    fn with(&self, act: impl FnOnce(&mut ChannelMut<'_, P>) -> Result<()>) -> Result<()> {
        let mut inner = self.inner();
        inner.make_room()?;
        act(&mut self.target(&mut inner)?)?;
        inner.service();
        Ok(())
    }

    /// The channel of the core. A closed one tells why also when its number has a new owner.
    fn target<'a>(&self, inner: &'a mut Inner<P>) -> Result<ChannelMut<'a, P>> {
        let known = inner.session.channel_reason(self.shared.key).cloned();
        let target = inner.core.channel(self.shared.key);
        match (target, known) {
            (Err(Error::Misuse(_)), Some(reason)) => Err(reason.into()),
            (target, _) => target,
        }
    }

    fn make_call<M: Call<Spec = P> + ToServer>(&self, method: M) -> Result<Answer<P>> {
        let mut inner = self.inner();
        inner.make_room()?;
        let call = self.target(&mut inner)?.call(method, Instant::now())?;
        inner.reply(call)
    }

    fn begin_consumer(&self, consume: P::Consume) -> Result<ConsumerId> {
        let mut inner = self.inner();
        inner.make_room()?;
        let key = self.shared.key;
        let (id, call) = self.target(&mut inner)?.consume(consume, Instant::now())?;
        inner.session.add_consumer(key, id);
        match inner.reply(call) {
            Ok(_) => Ok(id),
            Err(error) => {
                inner.session.remove_consumer(id);
                Err(error)
            }
        }
    }

    /// Ends a consumer and waits for the server to confirm it.
    pub(super) fn end_consumer(
        &self,
        call: impl FnOnce(&mut Inner<P>) -> Result<CallId>,
    ) -> Result<()> {
        let mut inner = self.inner();
        let call = call(&mut inner)?;
        inner.reply(call).map(drop)
    }

    fn wait_for_permission(&self, forbidden: Forbidden) -> Result<()> {
        let key = self.shared.key;
        let mut inner = self.inner();
        let timeout = inner.core.config().blocked_timeout;
        let until = timeout.map(|timeout| Instant::now() + timeout);
        let low = inner.core.config().output_low_water;
        let permitted = inner.wait(until, |inner| {
            let waiting = inner.core.outgoing_len();
            match inner.core.channel(key) {
                Ok(channel) => match channel.forbidden() {
                    None if forbidden != Forbidden::OutputFull || waiting <= low => Some(Ok(())),
                    _ => None,
                },
                Err(error) => Some(Err(error)),
            }
        });
        permitted.unwrap_or_else(|| Err(timed_out(Waiting::Permission(forbidden), timeout)))
    }
}

impl<P: Confirming> Channel<P> {
    /// Refuses a delivery, or with `multiple` all up to it; see also [`Delivery::reject`].
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack(&self, delivery: DeliveryToken, multiple: bool, requeue: bool) -> Result<()> {
        self.with(|channel| channel.nack(delivery, multiple, requeue))
    }
}

impl<P: Protocol> Caller for Channel<P> {
    type Spec = P;
    type Ret<R> = Result<R>;
    type Sent = Result<()>;

    fn call<M: Call<Spec = P> + ToServer>(&self, method: M) -> Result<M::Reply> {
        if M::ID == P::Consume::ID || M::ID == P::Get::ID {
            return Err(Misuse::OwnVerb(M::NAME).into());
        }
        match self.make_call(method)? {
            Answer::Method(method) => {
                M::Reply::from_method(method).map_err(|_| Misuse::OwnVerb(M::NAME).into())
            }
            Answer::Message(_) => Err(Misuse::OwnVerb(M::NAME).into()),
        }
    }

    fn send<M: ToServer<Spec = P>>(&self, method: M) -> Result<()> {
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
        inner.handles.remove(&self.key);
        inner.close_unheld(self.key);
    }
}

fn timed_out(waiting_for: Waiting, after: Option<Duration>) -> Error {
    TimedOut {
        waiting_for,
        after: after.unwrap_or_default(),
    }
    .into()
}
