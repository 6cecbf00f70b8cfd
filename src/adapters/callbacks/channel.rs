use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::handles::{Channel, Connection, Consumer};
use super::then::Call;
use super::{Delivery, IntoResult, Then, reply};
use crate::connection::{Answer, CallId, ChannelMut, DeliveryToken, Settled};
use crate::error::{Closed, Error, Forbidden, Result};
use crate::method::{Call as CallMethod, Caller, NoWait, OneWay, SimpleMethod};
use crate::protocol::{Confirming, Protocol};
use crate::wire::{ChannelId, ReplyCode, ShortStr};

impl<P: Protocol> Channel<P> {
    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &Connection<P> {
        &self.connection
    }

    /// The channel number.
    #[must_use]
    pub fn id(&self) -> ChannelId {
        self.key().id()
    }

    /// Why messages may not be sent now, if so.
    #[must_use]
    pub fn forbidden(&self) -> Option<Forbidden> {
        let refusal = self.with(|channel| Ok(channel.refusal(None)));
        refusal.ok()?.or_else(|| self.last_waiting())
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
        let begun = self.with(|channel| {
            let (id, call) = channel.consume(consume, Instant::now())?;
            let tag = channel.consumer_tag(id).cloned();
            Ok((id, call, tag.unwrap_or_default()))
        });
        let (id, call, tag) = match begun {
            Ok(begun) => begun,
            Err(error) => return Then::known(&self.connection, Err(error)),
        };
        let consumer = Rc::new(Consumer {
            record: self.record.clone(),
            tag: tag.clone(),
            handler: RefCell::new(Box::new(move |delivery| handler(delivery).into_result())),
        });
        let consumers = &self.connection.shared.consumers;
        consumers.borrow_mut().insert(id, consumer);
        let call = Call::kept(call, move |connection: &Connection<P>, answer| {
            if answer.is_err() {
                let ended = connection.shared.consumers.borrow_mut().remove(&id);
                drop(ended);
            }
            answer.map(|_| tag)
        });
        self.connection.answered(Ok(call))
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
        self.call_with(
            |channel| channel.call(get, Instant::now()),
            |channel, answer| match answer {
                Answer::Message(message) => Ok(Some(Delivery::new(*message, channel))),
                Answer::Method(_) => Ok(None),
            },
        )
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
        self.with(|channel| channel.no_wait(method))
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
        self.record.front.ack(delivery, multiple)
    }

    /// Refuses a delivery: back to its queue with `requeue`, else discarded or dead-lettered.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(&self, delivery: DeliveryToken, requeue: bool) -> Result<Settled> {
        self.record.front.reject(delivery, requeue)
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
        match self.with(|channel| channel.close(code, text, Instant::now())) {
            Err(Error::Closed(reason)) if reason.is_normal() => {
                Then::known(&self.connection, Ok(()))
            }
            call => {
                let record = self.record.clone();
                let call = call.map(|id| {
                    Call::kept(id, move |_, answer| {
                        drop(record);
                        answer.map(drop)
                    })
                });
                self.connection.answered(call)
            }
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
        self.record.front.closed()
    }

    /// Makes a call that is undone when nothing wants its result.
    pub(super) fn call_with<R: 'static>(
        &self,
        call: impl FnOnce(&mut ChannelMut<'_, P>) -> Result<CallId>,
        convert: impl FnOnce(Self, Answer<P>) -> Result<R> + 'static,
    ) -> Then<R, P> {
        let (made, record) = (self.with(call), self.record.clone());
        let call = made.map(|id| {
            Call::undone(id, move |connection: &Connection<P>, answer| {
                convert(connection.channel_of(record), answer?)
            })
        });
        self.connection.answered(call)
    }

    /// Does something with the channel in the core.
    #[inline]
    fn with<T>(&self, act: impl FnOnce(&mut ChannelMut<'_, P>) -> Result<T>) -> Result<T> {
        let key = self.key();
        let link = self.connection.link();
        link.with(|state| act(&mut state.core.channel(key)?))
    }
}

impl<P: Confirming> Channel<P> {
    /// Refuses a delivery, or with `multiple` all up to it.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack(&self, delivery: DeliveryToken, multiple: bool, requeue: bool) -> Result<Settled> {
        self.record.front.nack(delivery, multiple, requeue)
    }
}

crate::adapters::delivery::settle!(Channel);

impl<P: Protocol> Caller for Channel<P> {
    type Spec = P;
    type Ret<R> = Then<R, P>;
    type Sent = Result<()>;

    fn call<M: CallMethod<Spec = P> + SimpleMethod>(&self, method: M) -> Then<M::Reply, P> {
        self.call_with(
            |channel| channel.call(method, Instant::now()),
            |_, answer| reply(answer, M::NAME),
        )
    }

    fn send<M: OneWay<Spec = P>>(&self, method: M) -> Result<()> {
        self.with(|channel| channel.send(method))
    }
}
