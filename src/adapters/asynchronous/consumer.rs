use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
#[cfg(feature = "asynchronous")]
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

#[cfg(feature = "asynchronous")]
use futures_core::Stream;

use super::reply::{Waiting, over};
use super::{Channel, ConsumerEnd, Delivery};
use crate::adapters::session::Place;
use crate::connection::{ConsumerId, Delivery as CoreDelivery, Leave, later};
use crate::error::{Error, Misuse, Result};
use crate::method::Args;
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::ShortStr;

/// A consumer of a queue, as a stream of its messages.
///
/// [`next`](Self::next) waits for one message; `Consumer` is a [`Stream`] too, for those who combine
/// streams. (With `StreamExt` in scope `consumer.next()` is still the method here, which gives
/// `Result<Option<_>>`; the items of the stream are `Result<_>`.) Both end when the consumer is cancelled
/// or the program closes its channel or connection, and [`end`](Self::end) tells why.
///
/// What was received waits here. Above [`Config::incoming_messages`] or a sixteenth of
/// [`Config::incoming_bytes`] the socket is read only while somebody waits for something else, such
/// as a reply or another consumer's message; above [`Config::incoming_bytes`] not at all. A prefetch
/// count (`basic.qos`) keeps one slow consumer from stopping the others.
///
/// [`Config::incoming_messages`]: crate::config::Config::incoming_messages
/// [`Config::incoming_bytes`]: crate::config::Config::incoming_bytes
///
/// Dropping it cancels it without waiting; messages that it did not hand out go back to the queue.
pub struct Consumer<P: Protocol = Selected> {
    channel: Channel<P>,
    id: ConsumerId,
    /// Messages taken out of the inbox in one go.
    batch: VecDeque<CoreDelivery<P>>,
    /// Whether the stream has yielded its error.
    #[cfg(feature = "asynchronous")]
    failed: bool,
    cancelled: bool,
}

impl<P: Protocol> Consumer<P> {
    pub(super) const fn new(channel: Channel<P>, id: ConsumerId) -> Self {
        Self {
            channel,
            id,
            batch: VecDeque::new(),
            #[cfg(feature = "asynchronous")]
            failed: false,
            cancelled: false,
        }
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> &Channel<P> {
        &self.channel
    }

    /// The consumer tag; none once the consumer has ended.
    #[must_use]
    pub fn tag(&self) -> Option<ShortStr> {
        let (key, id) = (self.channel.key(), self.id);
        self.channel
            .link()
            .with(|state| state.core.channel(key).ok()?.consumer_tag(id).cloned())
    }

    /// The next message, waiting for it without limit; none when the consumer was cancelled, or the
    /// program closed its channel or connection. [`end`](Self::end) tells which.
    ///
    /// # Errors
    /// When the channel or the connection closed otherwise.
    ///
    /// # Cancel safety
    /// No message is lost by dropping it.
    pub async fn next(&mut self) -> Result<Option<Delivery<P>>> {
        if let Some(message) = self.pop() {
            return Ok(Some(Delivery::new(message, self.channel.clone())));
        }
        poll_fn(|cx| self.poll_message(cx)).await
    }

    /// The next message, waiting for it no longer than `timeout`; none when none came, or when the
    /// consumer has ended as for [`next`](Self::next), which [`end`](Self::end) tells.
    ///
    /// The time counts from when the future is polled first. It is kept by the driver of the
    /// connection, so this needs no timer of the runtime.
    ///
    /// # Errors
    /// As for [`next`](Self::next).
    ///
    /// # Cancel safety
    /// No message is lost by dropping it.
    pub async fn next_within(&mut self, timeout: Duration) -> Result<Option<Delivery<P>>> {
        if let Some(message) = self.pop() {
            return Ok(Some(Delivery::new(message, self.channel.clone())));
        }
        let mut expecting = Expecting {
            until: later(self.channel.link().now(), timeout),
            place: Place::default(),
            consumer: self,
        };
        poll_fn(|cx| expecting.poll(cx)).await
    }

    /// The next message, if one is here already.
    pub fn try_next(&mut self) -> Option<Delivery<P>> {
        if self.batch.is_empty() {
            let (id, batch) = (self.id, &mut self.batch);
            self.channel.link().with(|state| state.take(id, batch));
        }
        let message = self.pop()?;
        Some(Delivery::new(message, self.channel.clone()))
    }

    /// The next message of the batch. Those that were settled with others are dropped: the server has
    /// put them back, or knows.
    #[inline]
    fn pop(&mut self) -> Option<CoreDelivery<P>> {
        loop {
            let message = self.batch.pop_front()?;
            if !self.channel.is_stale(&message) {
                return Some(message);
            }
        }
    }

    /// Why no more messages come, once all are handed out.
    #[must_use]
    pub fn end(&self) -> Option<ConsumerEnd> {
        if !self.batch.is_empty() {
            return None;
        }
        let id = self.id;
        self.channel
            .link()
            .with(|state| state.session.consumer_end(id).cloned())
    }

    /// Ends the consumer and waits for the server to confirm it. Messages that were received and
    /// not handed out go back to the queue.
    ///
    /// # Errors
    /// When the channel or the connection closed.
    ///
    /// # Cancel safety
    /// The consumer is over as soon as this was polled.
    pub async fn cancel(mut self) -> Result<()> {
        let (key, id) = (self.channel.key(), self.id);
        let ended = self
            .channel
            .link()
            .with(|state| state.session.consumer_end(id).cloned());
        if let Some(ConsumerEnd::Cancelled | ConsumerEnd::CancelledByServer) = ended {
            return Ok(());
        }
        let (batch, cancelled) = (&mut self.batch, &mut self.cancelled);
        let waiting = Waiting::at_once(self.channel.link(), P::Cancel::NAME, |state, now| {
            let call = state.core.channel(key)?.cancel(id, Leave::Requeue, now)?;
            *cancelled = true;
            // Not later: the answer may stand behind what there would be no room for.
            let inbox = state.session.remove_consumer(id);
            state.give_back(key, batch.drain(..).chain(inbox));
            Ok((call, ()))
        });
        match waiting.await {
            // The server was quicker, and some of its messages are not handed out.
            Err(Error::Misuse(Misuse::ConsumerEnded)) => Ok(()),
            other => other.map(drop),
        }
    }

    /// How many messages wait for it.
    pub(in crate::adapters) fn waiting(&self) -> usize {
        let id = self.id;
        let inbox = self.channel.link().with(|state| state.session.waiting(id));
        self.batch.len() + inbox
    }

    /// Whether a message is here, or none will come. Wakes the task when that changes.
    pub(in crate::adapters) fn poll_ready(&mut self, cx: &mut Context<'_>) -> bool {
        let polled = self.poll_message(cx);
        let is_ready = polled.is_ready();
        if let Poll::Ready(Ok(Some(message))) = polled {
            self.batch.push_front(message.into_core());
        }
        is_ready
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Delivery<P>>>> {
        loop {
            if let Some(message) = self.pop() {
                let channel = self.channel.clone();
                return Poll::Ready(Ok(Some(Delivery::new(message, channel))));
            }
            let (id, batch) = (self.id, &mut self.batch);
            let end = self.channel.link().with(|state| {
                state.take(id, batch);
                if !batch.is_empty() {
                    return None;
                }
                // Its message may stand behind those of a slow consumer.
                state.attention |= state.session.is_full();
                state.session.wait_for_delivery(id, cx.waker());
                state.session.consumer_end(id).cloned()
            });
            match end {
                Some(ConsumerEnd::Closed(reason)) if !reason.is_normal() => {
                    return Poll::Ready(Err(reason.into()));
                }
                Some(_) => return Poll::Ready(Ok(None)),
                None if self.batch.is_empty() => return Poll::Pending,
                None => {}
            }
        }
    }
}

impl<P: Protocol> Channel<P> {
    /// Begins a consumer, to be read as a stream.
    ///
    /// # Errors
    /// When the server refuses, which closes the channel, or the tag is in use.
    ///
    /// # Cancel safety
    /// The consumer is asked for at once; dropping the future cancels it again, and messages that
    /// came go back to the queue.
    pub fn consume(
        &self,
        consume: P::Consume,
    ) -> impl Future<Output = Result<Consumer<P>>> + Send + use<P> {
        let (key, channel) = (self.key(), self.clone());
        let (place, mut consume) = ((self.link(), Some(key)), Some(consume));
        let waiting = Waiting::begin(place, P::Consume::NAME, move |state, now| {
            let consume = consume.take().ok_or_else(|| over(P::Consume::NAME))?;
            let (id, call) = state.core.channel(key)?.consume(consume, now)?;
            state.session.add_consumer(key, id);
            Ok((call, Consumer::new(channel.clone(), id)))
        });
        async move { waiting.await.map(|(_, consumer)| consumer) }
    }

    /// The specification's name for [`consume`](Self::consume).
    ///
    /// # Errors
    /// As for [`consume`](Self::consume).
    ///
    /// # Cancel safety
    /// As for [`consume`](Self::consume).
    pub fn basic_consume(
        &self,
        consume: P::Consume,
    ) -> impl Future<Output = Result<Consumer<P>>> + Send + use<P> {
        self.consume(consume)
    }
}

/// Waits for a message, but not for ever.
struct Expecting<'a, P: Protocol> {
    consumer: &'a mut Consumer<P>,
    until: Instant,
    place: Place,
}

impl<P: Protocol> Expecting<'_, P> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Delivery<P>>>> {
        // A message that is here counts, also when the time is over.
        if let Poll::Ready(received) = self.consumer.poll_message(cx) {
            return Poll::Ready(received);
        }
        let (link, until) = (self.consumer.channel.link(), self.until);
        if until <= link.now() {
            return Poll::Ready(Ok(None));
        }
        let place = &mut self.place;
        link.with(|state| {
            let expecting = &mut state.session.expecting;
            state.attention |= expecting.wait(place, cx.waker(), Some(until));
        });
        Poll::Pending
    }
}

impl<P: Protocol> Drop for Expecting<'_, P> {
    fn drop(&mut self) {
        let (link, place) = (self.consumer.channel.link(), &self.place);
        link.with(|state| state.session.expecting.leave(place));
    }
}

impl<P: Protocol> super::link::State<P> {
    /// Takes all messages of a consumer. If that makes room to read again the driver is told.
    pub(super) fn take(&mut self, id: ConsumerId, batch: &mut VecDeque<CoreDelivery<P>>) {
        let could_read = self.may_read();
        self.session.take_deliveries(id, batch);
        self.attention |= !could_read && self.may_read();
    }
}

#[cfg(feature = "asynchronous")]
impl<P: Protocol> Stream for Consumer<P> {
    type Item = Result<Delivery<P>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.failed {
            return Poll::Ready(None);
        }
        self.poll_message(cx).map(|received| {
            self.failed = received.is_err();
            received.transpose()
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.batch.len(), None)
    }
}

impl<P: Protocol> fmt::Debug for Consumer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer")
            .field("channel", &self.channel)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl<P: Protocol> Drop for Consumer<P> {
    fn drop(&mut self) {
        let (key, id) = (self.channel.key(), self.id);
        let (batch, cancelled) = (std::mem::take(&mut self.batch), self.cancelled);
        let link = self.channel.link();
        let now = link.now();
        link.with(|state| {
            state.handle_dropped();
            let inbox = state.session.remove_consumer(id);
            if let Ok(mut channel) = state.core.channel(key) {
                if !cancelled {
                    channel.drop_consumer(id, now);
                }
            }
            let unseen = batch.into_iter().chain(inbox);
            mutant!(
                "messages of a dropped consumer do not go back",
                state.give_back(key, unseen),
                drop(unseen)
            );
        });
    }
}
