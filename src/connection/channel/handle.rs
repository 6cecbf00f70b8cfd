use std::time::Instant;

use super::Channel;
use super::confirms::Ledger;
use super::consumers::{Consumer, ConsumerState};
use crate::connection::calls::Effect;
use crate::connection::event::Settled;
use crate::connection::ids::{CallId, ChannelKey, ConsumerId, DeliveryToken, PublishSeq, Ticket};
use crate::connection::shared::Shared;
use crate::error::{Cause, Error, Forbidden, Misuse};
use crate::method::{Call, ChannelMethod, Intent, NoWait, OneWay};
use crate::protocol::{Confirming, Protocol};
use crate::wire::{ReplyCode, ShortStr};

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

    /// Sends a method; its reply comes as [`Event::Reply`](crate::connection::Event::Reply).
    ///
    /// # Errors
    /// When the channel is closing, too much output waits, or the method does not fit in a frame or
    /// makes no sense here. Nothing was sent then.
    pub fn call<M: Call<Spec = P> + ChannelMethod>(
        &mut self,
        mut method: M,
        now: Instant,
    ) -> Result<CallId, Error> {
        if method.declines_reply() {
            return Err(Misuse::NoWaitInCall(M::NAME).into());
        }
        let effect = self.prepare(&mut method)?;
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
    pub fn no_wait<M: NoWait<Spec = P> + ChannelMethod>(
        &mut self,
        mut method: M,
    ) -> Result<(), Error> {
        method.set_no_wait(true);
        let effect = self.prepare(&mut method)?;
        if let Effect::Cancel(consumer) = effect {
            self.channel.gone(consumer, self.shared);
        }
        self.shared.output.method(self.channel.key.id, &method);
        Ok(())
    }

    /// Sends a method that has no reply.
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub fn send<M: OneWay<Spec = P>>(&mut self, mut method: M) -> Result<(), Error> {
        let effect = self.prepare(&mut method)?;
        self.shared.output.method(self.channel.key.id, &method);
        if effect == Effect::Recover {
            self.channel.unsettled.recovered();
        }
        Ok(())
    }

    /// Begins a consumer.
    ///
    /// With an empty tag it gets one made here (`ctag0`, `ctag1`, …), so that deliveries that come
    /// early find it known. A tag whose consumer is being ended may be used at once.
    ///
    /// # Errors
    /// As for [`call`](Self::call); also when the channel has a consumer with this tag.
    pub fn consume(
        &mut self,
        consume: P::Consume,
        now: Instant,
    ) -> Result<(ConsumerId, CallId), Error> {
        let id = self.shared.next_consumer();
        Ok((id, self.call(consume, now)?))
    }

    /// Begins a consumer without waiting for the server's answer.
    ///
    /// # Errors
    /// As for [`consume`](Self::consume).
    pub fn consume_no_wait(&mut self, consume: P::Consume) -> Result<ConsumerId, Error> {
        let id = self.shared.next_consumer();
        self.no_wait(consume)?;
        Ok(id)
    }

    /// The tag of a consumer of this channel; none once it has ended.
    #[must_use]
    pub fn consumer_tag(&self, consumer: ConsumerId) -> Option<&ShortStr> {
        self.channel.consumers.live_tag(consumer)
    }

    /// Ends a consumer.
    ///
    /// # Errors
    /// When the channel is closing. [`Misuse::ConsumerEnded`] when the consumer has ended.
    pub fn cancel(
        &mut self,
        consumer: ConsumerId,
        leave: Leave,
        now: Instant,
    ) -> Result<CallId, Error> {
        self.check_open()?;
        let Some(tag) = self.consumer_tag(consumer).cloned() else {
            return Err(Misuse::ConsumerEnded.into());
        };
        let state = match leave {
            Leave::HandOver => ConsumerState::Leaving,
            Leave::Requeue => ConsumerState::Returning,
        };
        self.channel.consumers.set_state(consumer, state);
        Ok(self
            .channel
            .call(&P::cancel(tag), Effect::Cancel(consumer), self.shared, now))
    }

    /// Ends a consumer without waiting for the server. Messages that still come go back to the queue.
    pub fn drop_consumer(&mut self, consumer: ConsumerId, now: Instant) {
        self.channel.leave(consumer, self.shared, now);
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

    /// Why content must not be sent now by the holder of this ticket, or by one without: what
    /// [`forbidden`](Self::forbidden) says, or for one without what others wait for already.
    #[must_use]
    #[inline]
    pub fn refusal(&self, ticket: Option<Ticket>) -> Option<Forbidden> {
        if !self.is_open() {
            // Publishing says why.
            return None;
        }
        let ahead = match ticket {
            None => self.shared.tickets.ahead(Some(self.channel.key)),
            Some(_) => None,
        };
        self.channel.forbidden(self.shared).or(ahead)
    }

    /// What the last of those waits for that wait to send here, whether it was notified or not: a
    /// message that must not overtake them waits for the same.
    #[must_use]
    pub fn last_waiting(&self) -> Option<Forbidden> {
        self.shared.tickets.last_of(self.channel.key)
    }

    /// Acknowledges a delivery, or with `multiple` all up to it.
    ///
    /// # Errors
    /// [`Misuse::NothingToSettle`] when it came without acknowledgement; nothing is sent.
    #[inline]
    pub fn ack(&mut self, delivery: DeliveryToken, multiple: bool) -> Result<Settled, Error> {
        Ok(self.channel.ack(delivery, multiple, self.shared)?)
    }

    /// Refuses a delivery: back to its queue with `requeue`, else discarded or dead-lettered.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn reject(&mut self, delivery: DeliveryToken, requeue: bool) -> Result<Settled, Error> {
        Ok(self.channel.reject(delivery, requeue, self.shared)?)
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
        self.shared.calls.count(self.channel.key)
    }

    pub(super) fn check_open(&self) -> Result<(), Error> {
        match self.channel.closed() {
            Some(reason) => Err(reason.clone().into()),
            None => Ok(()),
        }
    }

    /// Checks a method that is about to be sent, and notes what it changes.
    fn prepare<M: ChannelMethod<Spec = P>>(&mut self, method: &mut M) -> Result<Effect, Error> {
        self.check_open()?;
        // Output is bounded whatever is sent; only settling, which each delivery allows once, is
        // always possible.
        if self.shared.is_output_full() {
            return Err(Forbidden::OutputFull.into());
        }
        if let Intent::Consume { consumer_tag, .. } = method.intent() {
            if consumer_tag.is_empty() {
                *consumer_tag = self.free_tag(self.shared.next_consumer());
            }
        }
        self.shared.check_size(method)?;
        Ok(match method.intent() {
            Intent::Plain => Effect::None,
            Intent::Settle { tag, multiple } => {
                if multiple {
                    self.channel.unsettled.settle_up_to(tag);
                }
                Effect::None
            }
            Intent::Consume {
                consumer_tag,
                no_ack,
            } => Effect::Consume(self.begin_consumer(consumer_tag, no_ack)?),
            Intent::Cancel { consumer_tag } => {
                let found = self.channel.consumers.latest(consumer_tag);
                let Some(Consumer { id, .. }) = found.filter(|consumer| !consumer.state.is_over())
                else {
                    return Err(Misuse::UnknownConsumerTag(consumer_tag.clone()).into());
                };
                self.channel.consumers.set_state(id, ConsumerState::Leaving);
                Effect::Cancel(id)
            }
            Intent::Get { no_ack } => Effect::Get { no_ack },
            Intent::ConfirmSelect => {
                self.channel.confirms.get_or_insert_with(Ledger::new);
                Effect::None
            }
            Intent::Recover => Effect::Recover,
        })
    }

    fn begin_consumer(&mut self, tag: &ShortStr, no_ack: bool) -> Result<ConsumerId, Error> {
        let id = self.shared.next_consumer();
        let consumer = Consumer {
            id,
            no_ack,
            state: ConsumerState::Active,
        };
        if !self.channel.consumers.begin(tag.clone(), consumer) {
            return Err(Misuse::DuplicateConsumerTag(tag.clone()).into());
        }
        Ok(self.shared.new_consumer())
    }

    fn free_tag(&self, id: ConsumerId) -> ShortStr {
        let mut tags = (id.0..).map(|n| ShortStr::from(format!("ctag{n}")));
        let is_free = |tag: &ShortStr| self.channel.consumers.is_free(tag);
        tags.find(is_free).unwrap_or_default()
    }
}

impl<P: Confirming> ChannelMut<'_, P> {
    /// Refuses a delivery, or with `multiple` all up to it.
    ///
    /// # Errors
    /// As for [`ack`](Self::ack).
    pub fn nack(
        &mut self,
        delivery: DeliveryToken,
        multiple: bool,
        requeue: bool,
    ) -> Result<Settled, Error> {
        let how = (multiple, requeue);
        Ok(self.channel.nack(delivery, how, self.shared)?)
    }

    /// Turns publisher confirms on. The reply comes as any other; publishes from now on get numbers.
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub fn confirm_select(&mut self, now: Instant) -> Result<CallId, Error> {
        self.call(P::confirm_select(), now)
    }
}
