//! The part of a session that is about publishers and subscriptions, which outlive transports.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;
use std::time::Instant;

use super::inbox::Inbox;
use super::publishes::Publishes;
use super::{Progress, Session, Waiters};
use crate::connection::{ChannelKey, Connection, ConsumerId, Delivery, Event, Outcome, PublishSeq};
use crate::error::Closed;
use crate::protocol::Protocol;
use crate::recovery::keeper::{LaneId, News};

/// What handles of one publisher or subscription wait for.
#[derive(Debug)]
pub(super) struct LaneBox<P: Protocol> {
    publishes: Publishes<P>,
    /// Tasks that wait for the lane to change.
    changes: Waiters,
    /// Consumers that the subscription has not taken over yet, the oldest first.
    upcoming: VecDeque<(ChannelKey, ConsumerId)>,
    /// The channel that the subscription reads from, and the flag that is set when it closes.
    reading: Option<(ChannelKey, Arc<AtomicBool>)>,
    /// What keeps that channel open.
    hold: Option<Hold>,
    /// Set when the program stops the subscription.
    is_stopped: Arc<AtomicBool>,
    /// Why and when its consumer was lost, until it takes over the next.
    lost: Option<(Arc<Closed>, Instant)>,
}

/// What keeps a channel open. It must be dropped while nothing is locked.
pub(in crate::adapters) type Hold = Arc<dyn Any + Send + Sync>;

/// A consumer that a subscription has taken over.
#[derive(Debug)]
pub(in crate::adapters) struct Taken {
    pub(in crate::adapters) channel: ChannelKey,
    pub(in crate::adapters) consumer: ConsumerId,
    pub(in crate::adapters) is_lost: Arc<AtomicBool>,
    pub(in crate::adapters) lost: Option<(Arc<Closed>, Instant)>,
}

/// Whether a message that was not handed out survives the loss of its channel: the broker has forgotten it.
pub(in crate::adapters) fn is_kept<P: Protocol>(delivery: &Delivery<P>) -> bool {
    let needs_ack = delivery.token().is_settled(u64::MAX);
    mutant!(
        "no-ack messages are lost with their channel",
        !needs_ack,
        false
    )
}

impl<P: Protocol> Session<P> {
    /// Notifies those who wait for it.
    pub(in crate::adapters) fn handle_news(
        &mut self,
        connection: &mut Connection<P>,
        news: News<P>,
        now: Instant,
    ) {
        match news {
            News::Resolved {
                lane,
                first,
                last,
                outcome,
            } => {
                if let Some(target) = self.lanes.get_mut(&lane) {
                    let range = (PublishSeq(first), PublishSeq(last));
                    let publishes = &mut target.publishes;
                    drop(publishes.confirmed(range, outcome, &mut self.woken));
                    // Nothing asks for those whose confirm was dropped.
                    drop(publishes.take_failed());
                }
            }
            News::Changed(lane) => self.lane_changed(lane),
            News::Consuming {
                lane,
                channel,
                consumer,
            } => {
                self.add_channel(channel);
                self.add_consumer(channel, consumer);
                if let Some(target) = self.lanes.get_mut(&lane) {
                    target.upcoming.push_back((channel, consumer));
                }
            }
            News::Subscribed(lane) => self.lane_changed(lane),
            News::Gap { lane, reason } => self.gap(connection, lane, (reason, now)),
            News::Status => self.changes.wake(&mut self.woken),
            News::Stopped => {
                self.over = true;
                self.changes.wake(&mut self.woken);
            }
        }
    }

    fn lane_changed(&mut self, lane: LaneId) {
        if let Some(target) = self.lanes.get_mut(&lane) {
            mutant!(
                "those who wait for a lane are not woken",
                target.changes.wake(&mut self.woken),
                ()
            );
        }
    }

    /// The consumer of a subscription is lost.
    fn gap(&mut self, connection: &mut Connection<P>, lane: LaneId, lost: (Arc<Closed>, Instant)) {
        let Some(target) = self.lanes.get_mut(&lane) else {
            return;
        };
        let now = lost.1;
        target.lost.get_or_insert(lost);
        let upcoming = std::mem::take(&mut target.upcoming);
        for (channel, consumer) in upcoming {
            // Of a consumer that the broker cancelled the channel is open, so its messages count.
            let is_over = self.consumers.get(&consumer).is_none_or(Inbox::is_lost);
            if !is_over {
                if let Some(target) = self.lanes.get_mut(&lane) {
                    target.upcoming.push_back((channel, consumer));
                }
                continue;
            }
            let mut queue = VecDeque::new();
            self.take_deliveries(consumer, &mut queue);
            let target = self.lanes.get_mut(&lane);
            match target.filter(|_| queue.iter().any(is_kept)) {
                Some(target) => {
                    target.upcoming.push_back((channel, consumer));
                    if let Some(inbox) = self.consumers.get_mut(&consumer) {
                        inbox.swap(&mut queue);
                    }
                }
                None => self.forget_consumer(connection, (channel, consumer), now),
            }
        }
        self.lane_changed(lane);
    }

    /// Takes in what is for publishers and subscriptions. Returns an event that is for others too.
    pub(in crate::adapters) fn take_kept(
        &mut self,
        connection: &mut Connection<P>,
        event: Event<P>,
    ) -> Option<Event<P>> {
        match &event {
            Event::Deliveries { consumer, .. } | Event::ConsumerCancelled { consumer, .. }
                if self.consumers.get(consumer).is_some() =>
            {
                self.handle_event(connection, event);
                None
            }
            Event::ChannelClosed { channel, reason } => {
                self.channel_closed(*channel, reason);
                Some(event)
            }
            _ => Some(event),
        }
    }

    /// A channel has closed. Messages that it brought and that need an acknowledgement come again, so they
    /// are not handed out.
    pub(super) fn lanes_channel_closed(&mut self, channel: ChannelKey) {
        for (_, target) in self.lanes.iter_mut() {
            if let Some((_, is_lost)) = target.reading.take_if(|it| it.0 == channel) {
                is_lost.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Nothing will read from a consumer of a lane.
    fn forget_consumer(
        &mut self,
        connection: &mut Connection<P>,
        (channel, consumer): (ChannelKey, ConsumerId),
        now: Instant,
    ) {
        self.remove_consumer(consumer);
        self.remove_channel(channel);
        connection.drop_channel(channel, now);
    }

    /// Takes over the next consumer of a subscription. Returns it, with the flag that is set when it is
    /// lost, and why and when the one before was.
    pub(in crate::adapters) fn next_consumer(&mut self, lane: LaneId) -> Option<Taken> {
        let target = self.lanes.get_mut(&lane)?;
        let (channel, consumer) = target.upcoming.pop_front()?;
        if let Some(taken) = self.channels.get_mut(&channel) {
            taken.is_kept = mutant!("nothing is in hand at a shutdown", true, false);
        }
        let inbox = self.consumers.get(&consumer);
        let is_lost = Arc::new(AtomicBool::new(inbox.is_none_or(Inbox::is_lost)));
        target.reading = Some((channel, is_lost.clone()));
        let lost = match inbox.is_none_or(Inbox::is_ended) {
            true => None,
            false => target.lost.take(),
        };
        Some(Taken {
            channel,
            consumer,
            is_lost,
            lost,
        })
    }

    /// Keeps the channel of a subscription open. Returns what kept the one before.
    pub(in crate::adapters) fn hold(&mut self, lane: LaneId, hold: Hold) -> Option<Hold> {
        match self.lanes.get_mut(&lane) {
            // One that was stopped meanwhile keeps nothing open.
            Some(target) if !target.is_stopped.load(Ordering::Relaxed) => target.hold.replace(hold),
            _ => Some(hold),
        }
    }

    /// A subscription is stopped: consumers that it has not taken over are given up. Returns what keeps its
    /// channel open.
    pub(in crate::adapters) fn release(
        &mut self,
        connection: &mut Connection<P>,
        lane: LaneId,
        now: Instant,
    ) -> Option<Hold> {
        let target = self.lanes.get_mut(&lane)?;
        let hold = mutant!(
            "a stopped subscription holds its channel",
            target.hold.take(),
            None
        );
        let upcoming = std::mem::take(&mut target.upcoming);
        for consumer in upcoming {
            self.forget_consumer(connection, consumer, now);
        }
        hold
    }

    /// The flag that is set when the program stops a subscription.
    pub(in crate::adapters) fn stop_flag(&self, lane: LaneId) -> Arc<AtomicBool> {
        let target = self.lanes.get(&lane);
        target.map_or_else(Arc::default, |target| target.is_stopped.clone())
    }

    /// No handle of a lane is left.
    pub(in crate::adapters) fn remove_lane(
        &mut self,
        connection: &mut Connection<P>,
        lane: LaneId,
        now: Instant,
    ) -> Option<Hold> {
        let target = self.lanes.remove(&lane)?;
        for consumer in target.upcoming {
            self.forget_consumer(connection, consumer, now);
        }
        target.hold
    }

    /// The channels that subscriptions have taken over, and that still have handles, of subscriptions that are
    /// dropped too.
    pub(in crate::adapters) fn read_channels(&self) -> Vec<ChannelKey> {
        let channels = self.channels.iter();
        let kept = channels.filter(|(_, channel)| channel.is_kept);
        kept.map(|(key, _)| *key).collect()
    }

    /// The tasks that wait for a lane to change.
    pub(in crate::adapters) fn lane_changes(&mut self, lane: LaneId) -> Option<&mut Waiters> {
        Some(&mut self.lanes.get_mut(&lane)?.changes)
    }

    /// Something will ask what became of a publish of a publisher, the latest one.
    #[inline]
    pub(in crate::adapters) fn watch_kept(&mut self, lane: LaneId, number: u64) {
        if let Some(target) = self.lanes.get_mut(&lane) {
            target.publishes.watch(PublishSeq(number));
        }
    }

    /// What became of a publish of a publisher, once it is known.
    pub(in crate::adapters) fn kept_outcome(
        &mut self,
        lane: LaneId,
        number: u64,
        waker: &Waker,
    ) -> Option<Outcome<P>> {
        let target = self.lanes.get_mut(&lane)?;
        target.publishes.outcome(PublishSeq(number), Some(waker))
    }

    /// Nothing asks for the publish any more.
    pub(in crate::adapters) fn forget_kept(&mut self, lane: LaneId, number: u64) {
        if let Some(target) = self.lanes.get_mut(&lane) {
            drop(target.publishes.forget(PublishSeq(number)));
            drop(target.publishes.take_failed());
        }
    }

    /// Whether a task waits for something that the server has to say to a lane.
    pub(super) fn lanes_await_news(&self) -> bool {
        let mut lanes = self.lanes.values();
        lanes.any(|target| target.publishes.is_awaited() || target.changes.awaits_news())
    }

    /// A publisher or subscription begins.
    pub(in crate::adapters) fn add_lane(&mut self, lane: LaneId) -> Arc<Progress> {
        let publishes = Publishes::default();
        let progress = publishes.progress().clone();
        let fresh = LaneBox {
            publishes,
            changes: Waiters::default(),
            upcoming: VecDeque::new(),
            reading: None,
            hold: None,
            is_stopped: Arc::default(),
            lost: None,
        };
        self.lanes.insert(lane, fresh);
        progress
    }
}
