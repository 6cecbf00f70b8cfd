use std::time::Instant;

use super::confirms::Ledger;
use super::consumers::{Consumer, ConsumerState};
use super::{Channel, Effect};
use crate::connection::body::Body;
use crate::connection::ids::{CallId, ChannelKey, ConsumerId, DeliveryToken, PublishSeq};
use crate::connection::shared::Shared;
use crate::error::{Cause, Error, Forbidden, Misuse, Refused};
use crate::frame::header_frame_len;
use crate::method::{Args, Call, ContentArgs, MethodSet, NoWait, ToServer};
use crate::protocol::{Confirming, Intent, Protocol};
use crate::wire::{DeliveryTag, ReplyCode, ShortStr};

/// One open channel, to send on.
///
/// Nothing here waits or does I/O: methods are appended to the connection's output, and what comes
/// of them arrives as [`Event`](crate::connection::Event)s.
#[derive(Debug)]
pub struct ChannelMut<'a, P: Protocol> {
    pub(in crate::connection) channel: &'a mut Channel<P>,
    pub(in crate::connection) shared: &'a mut Shared<P>,
}

/// What becomes of messages that still come while a consumer is being ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leave {
    /// They are handed out like the ones before.
    #[default]
    HandOver,
    /// They go back to the queue. Those that need no acknowledgement are lost, since the server
    /// has forgotten them already.
    Requeue,
}

impl<P: Protocol> ChannelMut<'_, P> {
    /// Which channel it is.
    #[must_use]
    pub const fn key(&self) -> ChannelKey {
        self.channel.key
    }

    /// Sends a method and waits for its reply, which comes as
    /// [`Event::Reply`](crate::connection::Event::Reply).
    ///
    /// # Errors
    /// When the channel is closing, the method does not fit in a frame or makes no sense here.
    pub fn call<M: Call<Spec = P> + ToServer>(
        &mut self,
        method: M,
        now: Instant,
    ) -> Result<CallId, Error> {
        if method.declines_reply() {
            return Err(Misuse::NoWaitInCall(M::NAME).into());
        }
        let mut any = method.into_method();
        let effect = self.prepare(&mut any, M::NAME)?;
        let method = match M::from_method(any) {
            Ok(method) => method,
            Err(_) => return Err(Misuse::Internal(M::NAME).into()),
        };
        if let Err(error) = self.shared.check_size(&method) {
            return self.undo(effect, error);
        }
        if effect == Effect::Recover {
            self.channel.unsettled.recover();
        }
        Ok(self.channel.call(&method, effect, self.shared, now))
    }

    /// Sends a method with its no-wait bit set, so that no reply comes.
    ///
    /// If the server cannot do what is asked, it closes the channel.
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub fn no_wait<M: NoWait<Spec = P> + ToServer>(&mut self, mut method: M) -> Result<(), Error> {
        method.set_no_wait(true);
        let mut any = method.into_method();
        let effect = self.prepare(&mut any, M::NAME)?;
        let Ok(method) = M::from_method(any) else {
            return Err(Misuse::Internal(M::NAME).into());
        };
        if let Err(error) = self.shared.check_size(&method) {
            return self.undo(effect, error).map(drop);
        }
        if let Effect::Cancel(consumer) = effect {
            self.channel.gone(consumer, self.shared);
        }
        self.shared.output.method(self.channel.key.id, &method);
        Ok(())
    }

    /// Sends a method that has no reply, as it is.
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub fn send<M: ToServer<Spec = P>>(&mut self, method: M) -> Result<(), Error> {
        if M::HAS_REPLY {
            return Err(Misuse::HasReply(M::NAME).into());
        }
        let mut any = method.into_method();
        Self::check_bare(&any)?;
        let (recovers, settled) = match P::intent(&mut any) {
            Intent::Plain => (false, None),
            Intent::Recover => (true, None),
            Intent::Settle { tag, multiple } => (false, Some(tag).filter(|_| multiple)),
            _ => return Err(Misuse::Internal(M::NAME).into()),
        };
        self.check_open()?;
        self.check_room()?;
        let Ok(method) = M::from_method(any) else {
            return Err(Misuse::Internal(M::NAME).into());
        };
        self.shared.check_size(&method)?;
        self.shared.output.method(self.channel.key.id, &method);
        if recovers {
            self.channel.unsettled.recovered();
        }
        if let Some(tag) = settled {
            self.channel.unsettled.settle_up_to(tag);
        }
        Ok(())
    }

    /// Begins a consumer.
    ///
    /// With an empty tag it gets one made here (`ctag0`, `ctag1`, …), so that deliveries that come
    /// early find it known.
    ///
    /// # Errors
    /// As for [`call`](Self::call); also when the channel has a consumer with this tag.
    pub fn consume(
        &mut self,
        consume: P::Consume,
        now: Instant,
    ) -> Result<(ConsumerId, CallId), Error> {
        let call = self.call(consume, now)?;
        match self
            .channel
            .calls
            .find(call.number)
            .map(|pending| pending.effect)
        {
            Some(Effect::Consume(id)) => Ok((id, call)),
            _ => Err(Misuse::Internal(P::Consume::NAME).into()),
        }
    }

    /// Begins a consumer without waiting for the server's answer.
    ///
    /// # Errors
    /// As for [`consume`](Self::consume).
    pub fn consume_no_wait(&mut self, mut consume: P::Consume) -> Result<ConsumerId, Error> {
        consume.set_no_wait(true);
        let mut any = consume.into_method();
        let effect = self.prepare(&mut any, P::Consume::NAME)?;
        let (Effect::Consume(id), Ok(method)) = (effect, P::Consume::from_method(any)) else {
            return Err(Misuse::Internal(P::Consume::NAME).into());
        };
        if let Err(error) = self.shared.check_size(&method) {
            self.channel.consumers.remove_id(id);
            return Err(error);
        }
        self.shared.output.method(self.channel.key.id, &method);
        Ok(id)
    }

    /// The tag of a consumer of this channel.
    #[must_use]
    pub fn consumer_tag(&self, consumer: ConsumerId) -> Option<&ShortStr> {
        self.channel.consumers.tag(consumer)
    }

    /// Ends a consumer.
    ///
    /// # Errors
    /// When the channel is closing or has no such consumer.
    pub fn cancel(
        &mut self,
        consumer: ConsumerId,
        leave: Leave,
        now: Instant,
    ) -> Result<CallId, Error> {
        self.check_open()?;
        let Some(tag) = self.channel.consumers.tag(consumer).cloned() else {
            return Err(Misuse::UnknownConsumerTag(ShortStr::EMPTY).into());
        };
        let state = match leave {
            Leave::HandOver => ConsumerState::Leaving,
            Leave::Requeue => ConsumerState::Unwanted,
        };
        self.channel.consumers.set_state(&tag, state);
        Ok(self
            .channel
            .call(&P::cancel(tag), Effect::Cancel(consumer), self.shared, now))
    }

    /// Ends a consumer that nobody looks at any more. Its messages go back to the queue.
    pub fn drop_consumer(&mut self, consumer: ConsumerId, now: Instant) {
        self.channel.leave(consumer, self.shared, now);
    }

    /// Nobody waits for this call any more.
    ///
    /// Its reply will be swallowed and undone: a consumer is cancelled, a message goes back to its
    /// queue, a channel is closed.
    pub fn abandon(&mut self, call: CallId) {
        if call.channel == self.channel.key {
            self.channel.abandon(call.number);
        }
    }

    /// Publishes a message: all of it, or in case of an error nothing.
    ///
    /// In confirm mode it gives the number that
    /// [`Event::Confirmed`](crate::connection::Event::Confirmed) will name.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`] while content may not be sent; the message is still the caller's.
    /// [`Misuse::FrameTooLarge`] when the method or the properties do not fit in a frame.
    #[inline]
    pub fn publish<'b>(
        &mut self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: impl Into<Body<'b>>,
    ) -> Result<Option<PublishSeq>, Error> {
        self.channel
            .publish(publish, properties, body.into(), self.shared)
    }

    /// As [`publish`](Self::publish), but an error gives the body back.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn try_publish<'b, B: Into<Body<'b>>>(
        &mut self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: B,
    ) -> Result<Option<PublishSeq>, Refused<B>> {
        // What can go wrong is looked for while the body is still what was given.
        let fits = self.shared.check_size(publish).and_then(|()| {
            let header = header_frame_len(properties);
            self.shared.check_len(P::Publish::NAME, header)
        });
        let refused = fits.and_then(|()| self.channel.check_content(self.shared));
        match refused {
            Err(error) => Err(Refused { error, body }),
            Ok(()) => {
                let sent = self
                    .channel
                    .publish(publish, properties, body.into(), self.shared);
                debug_assert!(sent.is_ok(), "everything was looked at before");
                Ok(sent.unwrap_or_default())
            }
        }
    }

    /// Sends a content of another class than `basic`.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn send_content<'b, M: ContentArgs<Spec = P> + ToServer>(
        &mut self,
        method: &M,
        properties: &M::Properties,
        body: impl Into<Body<'b>>,
    ) -> Result<(), Error> {
        if M::ID == P::Publish::ID {
            return Err(Misuse::Internal(M::NAME).into());
        }
        self.channel
            .send_content(method, properties, body.into(), self.shared)
    }

    /// Whether the server lets content through here, as `channel.flow` said last.
    #[must_use]
    pub const fn flow(&self) -> bool {
        self.channel.flow
    }

    /// Why content may not be sent now, if so.
    #[must_use]
    pub fn forbidden(&self) -> Option<Forbidden> {
        self.channel.forbidden(self.shared)
    }

    /// Acknowledges a delivery, or with `multiple` all up to it.
    ///
    /// # Errors
    /// [`Misuse::StaleDelivery`] when it is not this channel's to settle any more; nothing is sent.
    #[inline]
    pub fn ack(&mut self, delivery: DeliveryToken, multiple: bool) -> Result<(), Error> {
        let tag = self.settle(delivery, multiple)?;
        self.shared
            .output
            .method(self.channel.key.id, &P::ack(tag, multiple));
        Ok(())
    }

    /// Refuses a delivery: back to its queue with `requeue`, else discarded or dead-lettered.
    ///
    /// # Errors
    /// [`Misuse::StaleDelivery`] when it is not this channel's to settle any more; nothing is sent.
    pub fn reject(&mut self, delivery: DeliveryToken, requeue: bool) -> Result<(), Error> {
        let tag = self.settle(delivery, false)?;
        self.shared
            .output
            .method(self.channel.key.id, &P::reject(tag, requeue));
        Ok(())
    }

    /// Closes the channel. Replies to calls made before still come.
    ///
    /// # Errors
    /// When it is closed or closing already; the error is the reason.
    pub fn close(
        &mut self,
        code: ReplyCode,
        text: ShortStr,
        now: Instant,
    ) -> Result<CallId, Error> {
        self.check_open()?;
        Ok(self
            .channel
            .close(Cause::Local { code, text }, self.shared, now))
    }

    /// The lowest publish not resolved in confirm mode; all before it are.
    #[must_use]
    pub fn unconfirmed_from(&self) -> Option<PublishSeq> {
        self.channel.confirms.as_ref().map(Ledger::base)
    }

    /// The number that the next publish gets in confirm mode.
    #[must_use]
    pub fn next_publish(&self) -> Option<PublishSeq> {
        self.channel
            .confirms
            .as_ref()
            .map(|ledger| PublishSeq(ledger.next()))
    }

    /// Whether nothing has closed the channel.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.channel.closed().is_none()
    }

    /// Whether the channel is in confirm mode with no publish open.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.channel
            .confirms
            .as_ref()
            .is_none_or(Ledger::is_settled)
    }

    /// Whether confirms are turned on.
    #[must_use]
    pub const fn is_confirming(&self) -> bool {
        self.channel.confirms.is_some()
    }

    /// Calls that wait for their replies.
    #[must_use]
    pub fn pending_calls(&self) -> usize {
        self.channel.calls.len()
    }

    fn check_open(&self) -> Result<(), Error> {
        match self.channel.closed() {
            Some(reason) => Err(reason.clone().into()),
            None => Ok(()),
        }
    }

    #[inline]
    fn settle(&mut self, delivery: DeliveryToken, multiple: bool) -> Result<DeliveryTag, Error> {
        self.check_open()?;
        let tag = delivery.tag();
        if delivery.no_ack {
            return Err(Misuse::NothingToSettle.into());
        }
        let ours =
            delivery.connection == self.shared.identity && delivery.channel() == self.channel.key;
        if !ours || !self.channel.unsettled.contains(tag) {
            return Err(Misuse::StaleDelivery.into());
        }
        if multiple {
            self.channel.unsettled.settle_up_to(tag);
        }
        Ok(tag)
    }

    /// A method that a content follows is not sent without it.
    fn check_bare(any: &P::Method) -> Result<(), Error> {
        if any.has_content() {
            return Err(Misuse::CarriesContent(any.name()).into());
        }
        Ok(())
    }

    /// Output is bounded whatever is sent; only settling, which each delivery allows once, is
    /// always possible.
    fn check_room(&self) -> Result<(), Error> {
        if self.shared.is_output_full() {
            return Err(Forbidden::OutputFull.into());
        }
        Ok(())
    }

    /// Checks a method that is about to be sent and notes what it changes.
    fn prepare(&mut self, any: &mut P::Method, name: &'static str) -> Result<Effect, Error> {
        self.check_open()?;
        self.check_room()?;
        Self::check_bare(any)?;
        Ok(match P::intent(any) {
            Intent::Plain | Intent::Settle { .. } => Effect::None,
            Intent::Consume {
                consumer_tag,
                no_ack,
            } => {
                let id = self.shared.new_consumer();
                if consumer_tag.is_empty() {
                    *consumer_tag = self.free_tag(id);
                } else if self.channel.consumers.contains(consumer_tag) {
                    return Err(Misuse::DuplicateConsumerTag(consumer_tag.clone()).into());
                }
                let consumer = Consumer {
                    id,
                    no_ack,
                    state: ConsumerState::Active,
                };
                self.channel
                    .consumers
                    .insert(consumer_tag.clone(), consumer);
                Effect::Consume(id)
            }
            Intent::Cancel { consumer_tag } => {
                let found = self.channel.consumers.find(consumer_tag);
                let Some(Consumer { id, .. }) =
                    found.filter(|consumer| consumer.state != ConsumerState::Gone)
                else {
                    return Err(Misuse::UnknownConsumerTag(consumer_tag.clone()).into());
                };
                self.channel
                    .consumers
                    .set_state(consumer_tag, ConsumerState::Leaving);
                Effect::Cancel(id)
            }
            Intent::Get { no_ack } => Effect::Get { no_ack },
            Intent::ConfirmSelect => {
                self.channel.confirms.get_or_insert_with(Ledger::new);
                Effect::None
            }
            Intent::Recover => Effect::Recover,
            Intent::ChannelOpen | Intent::ChannelClose | Intent::Connection | Intent::Internal => {
                return Err(Misuse::Internal(name).into());
            }
        })
    }

    fn free_tag(&self, id: ConsumerId) -> ShortStr {
        let tags = (id.0..).filter_map(|n| ShortStr::new(format!("ctag{n}")).ok());
        let mut free = tags.filter(|tag| !self.channel.consumers.contains(tag));
        free.next().unwrap_or_default()
    }

    /// Takes back what [`prepare`](Self::prepare) noted.
    fn undo(&mut self, effect: Effect, error: Error) -> Result<CallId, Error> {
        if let Effect::Consume(id) = effect {
            self.channel.consumers.remove_id(id);
        }
        Err(error)
    }
}

impl<P: Confirming> ChannelMut<'_, P> {
    /// Refuses a delivery, or with `multiple` all up to it.
    ///
    /// # Errors
    /// [`Misuse::StaleDelivery`] when it is not this channel's to settle any more; nothing is sent.
    pub fn nack(
        &mut self,
        delivery: DeliveryToken,
        multiple: bool,
        requeue: bool,
    ) -> Result<(), Error> {
        let tag = self.settle(delivery, multiple)?;
        self.shared
            .output
            .method(self.channel.key.id, &P::nack(tag, multiple, requeue));
        Ok(())
    }
}
