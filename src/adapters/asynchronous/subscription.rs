use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
#[cfg(feature = "asynchronous")]
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

#[cfg(feature = "asynchronous")]
use futures_core::Stream;

use super::channel::WeakChannel;
use super::lane::opened;
use super::link::{Link, Owner, State};
use super::{Channel, ConsumerEnd, Delivery};
use crate::adapters::session::{Hold, Place, Taken, is_kept};
use crate::connection::{ChannelKey, ConsumerId, Delivery as CoreDelivery, Leave};
use crate::error::{Closed, Error, Result};
use crate::protocol::Protocol;
use crate::recovery::keeper::{LaneId, Purpose, Subscribe};
use crate::recovery::{OnCancel, Topology};
use crate::versions::Selected;

/// Default prefetch count. RabbitMQ advises 100 to 300; the lower end keeps redelivery after a gap small.
const PREFETCH: u16 = 100;

/// A subscription that is about to begin; see [`Connection::subscribe`](super::Connection::subscribe).
#[must_use = "a subscription begins when it is opened"]
pub struct SubscriptionBuilder<P: Protocol = Selected> {
    owner: Arc<Owner<P>>,
    subscribe: Subscribe<P>,
    setup: Topology<P>,
}

impl<P: Protocol> SubscriptionBuilder<P> {
    pub(super) fn new(owner: &Arc<Owner<P>>, consume: P::Consume) -> Self {
        Self {
            owner: owner.clone(),
            subscribe: Subscribe {
                consume,
                prefetch: Some(PREFETCH),
                on_cancel: OnCancel::default(),
            },
            setup: Topology::new(),
        }
    }

    /// Sets how many messages may be unacknowledged at once; `None` is unlimited. Default: 100.
    ///
    /// It bounds what is delivered again after a gap, and how often quorum queues count a delivery that was
    /// never handled (`x-delivery-limit`). It has no effect on consumers without acknowledgements.
    pub fn prefetch(mut self, count: impl Into<Option<u16>>) -> Self {
        self.subscribe.prefetch = count.into();
        self
    }

    /// Declares a topology on the channel of the subscription each time before it consumes: for queues that are
    /// exclusive, auto-delete or named by the broker. An empty queue name in later steps and in the
    /// `basic.consume` means the queue that was declared last.
    pub fn setup(mut self, topology: Topology<P>) -> Self {
        self.setup = topology;
        self
    }

    /// Sets what happens when the broker cancels the consumer. Default: subscribe again.
    pub fn on_cancel(mut self, what: OnCancel) -> Self {
        self.subscribe.on_cancel = what;
        self
    }

    /// Begins to consume. While the connection is away it waits.
    ///
    /// # Errors
    /// [`Misuse::NoRecovery`](crate::error::Misuse::NoRecovery) without recovery; why the broker refuses; when
    /// the connection has stopped.
    ///
    /// # Cancel safety
    /// Dropping the future ends the subscription.
    pub async fn open(self) -> Result<Subscription<P>> {
        let link = &self.owner.0;
        let now = link.now();
        let purpose = Purpose::Consume(Box::new(self.subscribe));
        let setup = self.setup;
        let (lane, is_stopped) = link.with(|state| {
            let (keeper, core) = state.keeping()?;
            let lane = keeper.add_lane(core, (purpose, setup), now)?;
            state.session.add_lane(lane);
            Ok::<_, Error>((lane, state.session.stop_flag(lane)))
        })?;
        let handle = SubscriptionHandle {
            shared: Arc::new(Shared {
                owner: self.owner.clone(),
                lane,
                is_stopped,
            }),
        };
        let subscription = Subscription {
            handle,
            current: None,
            batch: VecDeque::new(),
            place: Place::default(),
            gap: None,
            #[cfg(feature = "asynchronous")]
            failed: false,
        };
        opened(link, lane).await?;
        Ok(subscription)
    }
}

impl<P: Protocol> fmt::Debug for SubscriptionBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionBuilder")
            .field("subscribe", &self.subscribe)
            .field("setup", &self.setup)
            .finish_non_exhaustive()
    }
}

/// A consumer that goes on after reconnects.
///
/// [`next`](Self::next) waits for one message, across gaps; [`next_event`](Self::next_event) reports gaps too.
/// It is a [`Stream`] as well. After a gap the broker delivers again what was not acknowledged, so a program
/// sees messages twice whose delivery it had in hand; settling the first one is
/// [`Settled::Stale`](crate::connection::Settled::Stale) then.
///
/// Messages that wait here count like those of a [`Consumer`](super::Consumer).
///
/// Dropping it cancels the consumer without waiting; messages that it did not hand out go back to the queue.
pub struct Subscription<P: Protocol = Selected> {
    handle: SubscriptionHandle<P>,
    /// The consumer that is read from.
    current: Option<Current<P>>,
    /// Messages taken out of its inbox in one go.
    batch: VecDeque<CoreDelivery<P>>,
    /// Its place among the tasks that wait for the lane to change.
    place: Place,
    /// The gap before the current consumer, until it is reported.
    gap: Option<(Arc<Closed>, Duration)>,
    /// Whether the stream has yielded its error.
    #[cfg(feature = "asynchronous")]
    failed: bool,
}

/// One consumer of a subscription.
struct Current<P: Protocol> {
    key: ChannelKey,
    /// Its channel, which is open until the subscription is stopped and nothing is in hand.
    channel: WeakChannel<P>,
    id: ConsumerId,
    /// Set when it is lost. Messages that come again are not handed out then.
    is_lost: Arc<AtomicBool>,
}

/// What a subscription yields.
#[derive(Debug)]
#[non_exhaustive]
pub enum SubscriptionEvent<P: Protocol = Selected> {
    /// A message.
    Delivery(Delivery<P>),
    /// The subscription was interrupted and goes on now. Unacknowledged messages from before come again.
    Gap {
        /// Why its consumer was lost.
        reason: Arc<Closed>,
        /// How long there was no consumer.
        away: Duration,
    },
}

impl<P: Protocol> Subscription<P> {
    /// Waits for the next message, across gaps; none once the subscription was stopped, or the program closed
    /// the connection.
    ///
    /// # Errors
    /// When the subscription has ended otherwise: the connection stopped, or the broker refuses the consumer for
    /// longer than [`Recovery::refused_for`](crate::recovery::Recovery::refused_for).
    ///
    /// # Cancel safety
    /// No message is lost by dropping it.
    pub async fn next(&mut self) -> Result<Option<Delivery<P>>> {
        loop {
            match self.next_event().await? {
                Some(SubscriptionEvent::Delivery(delivery)) => return Ok(Some(delivery)),
                Some(SubscriptionEvent::Gap { .. }) => {}
                None => return Ok(None),
            }
        }
    }

    /// Waits for the next message or gap; none as for [`next`](Self::next).
    ///
    /// # Errors
    /// As for [`next`](Self::next).
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping it.
    pub async fn next_event(&mut self) -> Result<Option<SubscriptionEvent<P>>> {
        if let Some(delivery) = self.pop() {
            return Ok(Some(SubscriptionEvent::Delivery(delivery)));
        }
        let waiting = Waiting(self);
        poll_fn(|cx| waiting.0.poll_event(cx)).await
    }

    /// Returns the next message, if one is here already.
    pub fn try_next(&mut self) -> Option<Delivery<P>> {
        loop {
            if let Some(delivery) = self.pop() {
                return Some(delivery);
            }
            match self.step(None) {
                Step::Again => {}
                Step::Pending | Step::Over(_) => return None,
            }
        }
    }

    /// Returns a handle that stops the subscription from elsewhere.
    #[must_use]
    pub fn handle(&self) -> SubscriptionHandle<P> {
        self.handle.clone()
    }

    /// Returns the next message of the batch that does not come again.
    fn pop(&mut self) -> Option<Delivery<P>> {
        let current = self.current.as_ref()?;
        if self.handle.shared.is_stopped.load(Ordering::Relaxed) {
            return None;
        }
        loop {
            // A stopped subscription hands out nothing more.
            let channel = current.channel.upgrade()?;
            let message = self.batch.pop_front()?;
            let is_lost = current.is_lost.load(Ordering::Relaxed) && !is_kept(&message);
            if !is_lost && !channel.is_stale(&message) {
                return Some(Delivery::new(message, channel));
            }
        }
    }

    fn poll_event(&mut self, cx: &Context<'_>) -> Poll<Result<Option<SubscriptionEvent<P>>>> {
        loop {
            if let Some((reason, away)) = self.gap.take() {
                return Poll::Ready(Ok(Some(SubscriptionEvent::Gap { reason, away })));
            }
            if let Some(delivery) = self.pop() {
                return Poll::Ready(Ok(Some(SubscriptionEvent::Delivery(delivery))));
            }
            match self.step(Some(cx)) {
                Step::Again => {}
                Step::Pending => return Poll::Pending,
                Step::Over(reason) if reason.is_normal() => return Poll::Ready(Ok(None)),
                Step::Over(reason) => return Poll::Ready(Err(reason.into())),
            }
        }
    }

    /// Takes what the current consumer has got, or goes on to the next one. The batch is empty.
    fn step(&mut self, wait: Option<&Context<'_>>) -> Step {
        let shared = self.handle.shared.clone();
        let (lane, link) = (shared.lane, &shared.owner.0);
        let (batch, current, place) = (&mut self.batch, &mut self.current, &mut self.place);
        let is_stopped = shared.is_stopped.load(Ordering::Relaxed);
        let (step, next) = link.with(|state| {
            if let (true, Some(current)) = (is_stopped, &*current) {
                let inbox = state.session.remove_consumer(current.id);
                let unseen = batch.drain(..).chain(inbox);
                mutant!(
                    "a stopped subscription keeps what was not handed out",
                    state.give_back(current.key, unseen),
                    drop(unseen)
                );
            } else if let Some(current) = &*current {
                state.take(current.id, batch);
                if !batch.is_empty() {
                    return (Step::Again, None);
                }
                let is_over = state.session.consumer_end(current.id).is_some();
                if !is_over {
                    if let Some(cx) = wait {
                        state.attention |= state.session.is_full();
                        state.session.wait_for_delivery(current.id, cx.waker());
                    }
                    return (Step::Pending, None);
                }
            }
            let next = (!is_stopped).then(|| state.session.next_consumer(lane));
            if let Some(taken) = next.flatten() {
                return (Step::Again, Some(taken));
            }
            if let Some(reason) = state.lane_ended(lane) {
                return (Step::Over(reason), None);
            }
            if let Some(cx) = wait {
                if let Some(changes) = state.session.lane_changes(lane) {
                    changes.wait_for_news(place, cx.waker());
                }
                state.attention |= state.session.is_full();
            }
            (Step::Pending, None)
        });
        if let Some(taken) = next {
            self.take_over(taken);
        }
        step
    }

    /// Goes on with the next consumer.
    fn take_over(&mut self, taken: Taken) {
        let shared = &self.handle.shared;
        let (lane, link) = (shared.lane, &shared.owner.0);
        let now = link.now();
        let channel = Channel::adopt(&shared.owner, taken.channel);
        let (hold, channel) = channel.into_hold();
        let last = link.with(|state| state.session.hold(lane, hold));
        drop(last);
        let before = self.current.replace(Current {
            key: taken.channel,
            channel,
            id: taken.consumer,
            is_lost: taken.is_lost,
        });
        self.gap = taken
            .lost
            .map(|(reason, at)| (reason, now.saturating_duration_since(at)))
            .filter(|_| before.is_some());
        if let Some(before) = before {
            link.with(|state| drop(state.session.remove_consumer(before.id)));
        }
    }
}

/// A task that waits for a message. It leaves when it is dropped.
struct Waiting<'a, P: Protocol>(&'a mut Subscription<P>);

impl<P: Protocol> Drop for Waiting<'_, P> {
    fn drop(&mut self) {
        let place = std::mem::take(&mut self.0.place);
        let shared = &self.0.handle.shared;
        if place.is_taken() {
            shared.owner.0.with(|state| {
                if let Some(changes) = state.session.lane_changes(shared.lane) {
                    changes.leave(&place);
                }
            });
        }
    }
}

/// What became of looking for messages.
enum Step {
    Again,
    Pending,
    Over(Arc<Closed>),
}

#[cfg(feature = "asynchronous")]
impl<P: Protocol> Stream for Subscription<P> {
    type Item = Result<SubscriptionEvent<P>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.failed {
            return Poll::Ready(None);
        }
        self.poll_event(cx).map(|event| {
            self.failed = event.is_err();
            event.transpose()
        })
    }
}

impl<P: Protocol> fmt::Debug for Subscription<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("lane", &self.handle.shared.lane)
            .finish_non_exhaustive()
    }
}

impl<P: Protocol> Drop for Subscription<P> {
    fn drop(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        self.handle.shared.end(self.current.as_ref(), batch);
    }
}

/// Stops a [`Subscription`] from elsewhere. Clones stop the same one.
pub struct SubscriptionHandle<P: Protocol = Selected> {
    shared: Arc<Shared<P>>,
}

struct Shared<P: Protocol> {
    owner: Arc<Owner<P>>,
    lane: LaneId,
    /// Set when the program stops it.
    is_stopped: Arc<AtomicBool>,
}

impl<P: Protocol> SubscriptionHandle<P> {
    fn link(&self) -> &Arc<Link<P>> {
        &self.shared.owner.0
    }

    /// Ends the subscription gracefully: the consumer is cancelled, messages that were not handed out go back to
    /// the queue, and `next` yields none. Deliveries in hand can still be settled.
    pub fn stop(&self) {
        let (lane, link) = (self.shared.lane, self.link());
        let now = link.now();
        let hold = link.with(|state| state.stop_lane(lane, now));
        drop(hold);
    }
}

impl<P: Protocol> Clone for SubscriptionHandle<P> {
    fn clone(&self) -> Self {
        let shared = self.shared.clone();
        Self { shared }
    }
}

impl<P: Protocol> fmt::Debug for SubscriptionHandle<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SubscriptionHandle")
            .field(&self.shared.lane)
            .finish()
    }
}

impl<P: Protocol> Shared<P> {
    /// The subscription is dropped.
    fn end(&self, current: Option<&Current<P>>, batch: VecDeque<CoreDelivery<P>>) {
        let link = &self.owner.0;
        let now = link.now();
        let hold = link.with(|state| {
            state.handle_dropped();
            if let Some(current) = current {
                let key = current.key;
                let inbox = state.session.remove_consumer(current.id);
                if let Ok(mut channel) = state.core.channel(key) {
                    channel.drop_consumer(current.id, now);
                }
                state.give_back(key, batch.into_iter().chain(inbox));
            }
            state.remove_lane(self.lane, now)
        });
        drop(hold);
    }
}

impl<P: Protocol> State<P> {
    /// Ends all subscriptions. Returns the channels whose deliveries may be in hand, and what is to be dropped.
    pub(super) fn stop_lanes(&mut self, now: std::time::Instant) -> (Vec<ChannelKey>, Vec<Hold>) {
        let lanes = self.keeper.as_ref().map(|keeper| keeper.subscriptions());
        let lanes = lanes.unwrap_or_default().into_iter();
        let holds = lanes.filter_map(|lane| self.stop_lane(lane, now)).collect();
        (self.session.read_channels(), holds)
    }

    /// Ends a subscription, and sends back what was not handed out. Returns what is to be dropped.
    #[must_use]
    fn stop_lane(&mut self, lane: LaneId, now: std::time::Instant) -> Option<Hold> {
        let flag = self.session.stop_flag(lane);
        flag.store(true, Ordering::Relaxed);
        let (keeper, core) = self.keeping().ok()?;
        let consuming = keeper.stop_lane(core, lane, now);
        let hold = self.session.release(&mut self.core, lane, now);
        if let Some(consuming) = consuming {
            self.stop_consumer(consuming, now);
        }
        hold
    }

    /// Cancels a consumer. What it has got and was not handed out goes back.
    fn stop_consumer(
        &mut self,
        (channel, consumer): (ChannelKey, ConsumerId),
        now: std::time::Instant,
    ) {
        let core = &mut self.core;
        let call = core.channel(channel).and_then(|mut channel| {
            // One that has ended already needs no cancel.
            channel.cancel(consumer, Leave::Requeue, now)
        });
        if let Ok(call) = call {
            core.abandon(call, now);
        }
        let mut unseen = VecDeque::new();
        self.session.take_deliveries(consumer, &mut unseen);
        mutant!(
            "a stopped subscription keeps what was not handed out",
            self.give_back(channel, unseen),
            drop(unseen)
        );
        self.session.end(consumer, ConsumerEnd::Cancelled);
    }
}
