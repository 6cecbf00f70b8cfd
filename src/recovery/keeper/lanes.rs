//! Lanes: channels that are opened again, each with its purpose.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::lane::{Lane, LaneId, Life, OnCancel, Purpose};
use super::{Keeper, News, Observed};
use crate::connection::{
    CallId, ChannelKey, ChannelMut, Connection, ConsumerId, OrderedMap, later,
};
use crate::error::{Cause, Closed, Error, Result};
use crate::protocol::Protocol;
use crate::recovery::topology::Topology;
use crate::recovery::{ChannelPurpose, Failure, Simple, Strategy as _};
use crate::wire::{ReplyCode, Scope, ShortStr};

/// How long to wait when a lane cannot be opened for lack of room.
const NO_ROOM: Duration = Duration::from_millis(100);

impl<P: Protocol> Keeper<P> {
    /// Adds a lane, which opens as soon as the connection is ready.
    pub(crate) fn add_lane(
        &mut self,
        core: &mut Connection<P>,
        (purpose, setup): (Purpose<P>, Topology<P>),
        now: Instant,
    ) -> Result<LaneId> {
        setup.check()?;
        if let Some(reason) = self.stopped() {
            return Err(reason.clone().into());
        }
        let id = LaneId(self.next_lane);
        self.next_lane += 1;
        let lane = Lane {
            life: Life::Idle,
            purpose,
            setup,
            backoff: Simple::from(&self.settings),
            was_open: false,
        };
        self.lanes.insert(id, lane);
        if self.is_ready {
            self.open_lane(core, id, now);
        }
        Ok(id)
    }

    /// Returns a lane.
    pub(crate) fn lane(&self, id: LaneId) -> Option<&Lane<P>> {
        self.lanes.get(&id)
    }

    /// Returns the lanes of all subscriptions.
    pub(crate) fn subscriptions(&self) -> Vec<LaneId> {
        let lanes = self.lanes.iter();
        let lanes = lanes.filter(|(_, lane)| matches!(lane.purpose, Purpose::Consume(_)));
        lanes.map(|(id, _)| *id).collect()
    }

    /// No handle of the lane is left. A consumer is cancelled by its front end, which holds its channel.
    pub(crate) fn remove_lane(&mut self, core: &mut Connection<P>, id: LaneId, now: Instant) {
        let Some(lane) = self.lanes.remove(&id) else {
            return;
        };
        if let Some(channel) = lane.life.channel() {
            self.by_channel.remove(&channel);
            abandon(core, &lane.life, now);
            if let Purpose::Publish(mut publisher) = lane.purpose {
                core.leave_queue(&mut publisher.ticket);
                core.drop_channel(channel, now);
            }
        }
    }

    /// The connection is ready: opens all lanes, in the order in which they were made.
    pub(super) fn open_lanes(&mut self, core: &mut Connection<P>, now: Instant) {
        let all = self.lanes.iter().map(|(id, _)| *id);
        for id in all.collect::<Vec<_>>() {
            self.open_lane(core, id, now);
        }
    }

    fn open_lane(&mut self, core: &mut Connection<P>, id: LaneId, now: Instant) {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return;
        };
        if matches!(lane.life, Life::Ended(_)) {
            return;
        }
        match begin(core, lane, now) {
            Ok((channel, calls, consumer)) => {
                lane.life = Life::Opening {
                    channel,
                    calls,
                    consumer,
                };
                self.by_channel.insert(channel, id);
                if let Some(consumer) = consumer {
                    let lane = id;
                    self.news.push_back(News::Consuming {
                        lane,
                        channel,
                        consumer,
                    });
                }
            }
            Err(Error::ContentForbidden(_)) => {
                lane.life = Life::Delayed(later(now, NO_ROOM));
                self.attention = true;
            }
            // Of a connection that closes the event is on its way.
            Err(_) if !core.is_open() => lane.life = Life::Idle,
            Err(error) => self.lane_failed(id, &self.closed_over(error), now),
        }
    }

    /// A call has its reply. Returns whether it was one of the keeper.
    pub(super) fn replied(&mut self, core: &mut Connection<P>, call: CallId, now: Instant) -> bool {
        if self.declaration_replied(core, call, now) {
            return true;
        }
        let Some(id) = self.by_channel.get(&call.channel()).copied() else {
            return false;
        };
        let Some(lane) = self.lanes.get_mut(&id) else {
            return false;
        };
        let Life::Opening {
            channel,
            calls,
            consumer,
        } = &mut lane.life
        else {
            // A call of a handle that shares the channel.
            return false;
        };
        let (channel, consumer) = (*channel, *consumer);
        // The channel closes over a call that failed, and with it the lane.
        if let Some(Ok(_)) = core.take_reply(call) {
            calls.retain(|due| *due != call);
            if calls.is_empty() {
                lane.life = Life::Open { channel, consumer };
                lane.was_open = true;
                lane.backoff.on_connection_open(now);
                self.lane_opened(core, id, now);
            }
        }
        true
    }

    fn lane_opened(&mut self, core: &mut Connection<P>, id: LaneId, now: Instant) {
        let is_publisher = match self.lanes.get_mut(&id).map(|lane| &mut lane.purpose) {
            Some(Purpose::Publish(_)) => true,
            Some(Purpose::Consume(_)) => false,
            None => return,
        };
        self.news.push_back(match is_publisher {
            true => News::Changed(id),
            false => News::Subscribed(id),
        });
        if is_publisher {
            self.drop_old_publishes(id, now);
            let publisher = self.publisher_mut(id);
            let messages = publisher.map_or(0, |it| it.ledger.in_doubt());
            if messages > 0 {
                self.observe(&Observed::Resending { messages });
            }
            self.pump(core, id, now);
        }
    }

    /// A channel has closed.
    pub(super) fn channel_closed(
        &mut self,
        core: &mut Connection<P>,
        channel: ChannelKey,
        reason: &Arc<Closed>,
        now: Instant,
    ) {
        let Some(id) = self.by_channel.remove(&channel) else {
            return;
        };
        let Some(lane) = self.lanes.get_mut(&id) else {
            return;
        };
        let was_open = matches!(lane.life, Life::Open { .. });
        lane.life = Life::Idle;
        let is_connection = core.closed().is_some();
        let is_progress = match &mut lane.purpose {
            Purpose::Consume(_) => {
                let lane = id;
                let reason = reason.clone();
                self.news.push_back(News::Gap { lane, reason });
                false
            }
            Purpose::Publish(_) => {
                core.drop_channel(channel, now);
                self.publisher_lost(id, reason, (is_connection, was_open))
            }
        };
        if is_connection {
            return;
        }
        if mutant!(
            "a channel that closes over a publish opens after a delay",
            is_progress,
            false
        ) {
            self.observe_lost(id, reason, Some(Duration::ZERO));
            return self.open_lane(core, id, now);
        }
        if let (Some(lane), true) = (self.lanes.get_mut(&id), was_open) {
            let backoff = &mut lane.backoff;
            backoff.on_connection_closed(&(&**reason).into(), now);
            backoff.on_transport_disconnected(now);
            return mutant!(
                "a channel that the broker closes stays closed",
                self.delay_lane(id, reason, now),
                ()
            );
        }
        self.lane_failed(id, reason, now);
    }

    /// A lane could not be opened.
    fn lane_failed(&mut self, id: LaneId, reason: &Arc<Closed>, now: Instant) {
        if let Some(lane) = self.lanes.get_mut(&id) {
            let failure: Failure<'_> = (&**reason).into();
            lane.backoff.on_connect_attempt_failure(&failure, now);
            self.delay_lane(id, reason, now);
        }
    }

    /// Reports that the channel of a lane is lost.
    fn observe_lost(&self, id: LaneId, reason: &Closed, next_in: Option<Duration>) {
        if let Some(lane) = self.lanes.get(&id) {
            self.observe(&Observed::ChannelLost {
                purpose: match lane.purpose {
                    Purpose::Publish(_) => ChannelPurpose::Publisher,
                    Purpose::Consume(_) => ChannelPurpose::Subscription,
                },
                failure: reason.into(),
                next_in,
            });
        }
    }

    /// Opens a lane when its delay is over, or ends it.
    fn delay_lane(&mut self, id: LaneId, reason: &Arc<Closed>, now: Instant) {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return;
        };
        let next = lane.backoff.next_attempt();
        let next_in = next.map(|at| at.saturating_duration_since(now));
        match next {
            Some(at) => {
                lane.life = Life::Delayed(at);
                self.attention = true;
            }
            None => self.end_lane(id, reason),
        }
        self.observe_lost(id, reason, next_in);
    }

    /// Ends a lane for good.
    pub(super) fn end_lane(&mut self, id: LaneId, reason: &Arc<Closed>) {
        if let Some(lane) = self.lanes.get_mut(&id) {
            if let Some(channel) = lane.life.channel() {
                self.by_channel.remove(&channel);
            }
            if !matches!(lane.life, Life::Ended(_)) {
                lane.life = Life::Ended(reason.clone());
                self.publisher_ended(id, reason);
                self.news.push_back(News::Changed(id));
            }
        }
    }

    /// The connection has ended: so have all lanes.
    pub(super) fn end_lanes(&mut self, reason: &Arc<Closed>) {
        let all = self.lanes.iter().map(|(id, _)| *id);
        for id in all.collect::<Vec<_>>() {
            self.end_lane(id, reason);
        }
    }

    /// The broker cancelled a consumer.
    pub(super) fn cancelled(&mut self, channel: ChannelKey, now: Instant) {
        let Some(id) = self.by_channel.remove(&channel) else {
            return;
        };
        let Some(lane) = self.lanes.get_mut(&id) else {
            return;
        };
        // Deliveries in hand can still be settled on the channel, so it is left to its handles.
        lane.life = Life::Idle;
        let again = match &lane.purpose {
            Purpose::Consume(subscribe) => subscribe.on_cancel == OnCancel::SubscribeAgain,
            Purpose::Publish(_) => false,
        };
        lane.backoff.on_transport_disconnected(now);
        let reason = Arc::new(Closed::new(Scope::Channel, Cause::ConsumerCancelled));
        self.news.push_back(News::Gap {
            lane: id,
            reason: reason.clone(),
        });
        match mutant!("a server-sent cancel ends nothing", again, true) {
            true => self.delay_lane(id, &reason, now),
            false => {
                self.end_lane(id, &reason);
                self.observe_lost(id, &reason, None);
            }
        }
    }

    /// The connection is away: lanes wait for it, not for their delays.
    pub(super) fn lanes_away(&mut self) {
        for (_, lane) in self.lanes.iter_mut() {
            if !matches!(lane.life, Life::Ended(_)) {
                lane.life = Life::Idle;
            }
        }
        self.by_channel = OrderedMap::default();
    }

    /// Ends a subscription for the program. Returns the consumer that it has, which is to be cancelled.
    pub(crate) fn stop_lane(
        &mut self,
        core: &mut Connection<P>,
        id: LaneId,
        now: Instant,
    ) -> Option<(ChannelKey, ConsumerId)> {
        let lane = self.lanes.get(&id)?;
        abandon(core, &lane.life, now);
        let consumer = match &lane.life {
            Life::Opening {
                channel, consumer, ..
            }
            | Life::Open { channel, consumer } => consumer.map(|it| (*channel, it)),
            Life::Idle | Life::Delayed(_) | Life::Ended(_) => None,
        };
        let cause = Cause::Local {
            code: ReplyCode::REPLY_SUCCESS,
            text: ShortStr::from_static("stopped by the program"),
        };
        self.end_lane(id, &Arc::new(Closed::new(Scope::Channel, cause)));
        consumer
    }

    pub(super) fn lanes_deadline(&self) -> Option<Instant> {
        let times = self.lanes.values().flat_map(|lane| {
            let delay = match &lane.life {
                Life::Delayed(at) => Some(*at),
                _ => None,
            };
            let confirm = match &lane.purpose {
                Purpose::Publish(publisher) => publisher.deadline(),
                Purpose::Consume(_) => None,
            };
            delay.into_iter().chain(confirm)
        });
        times.min()
    }

    /// Opens the lanes whose delay is over, and gives up publishes that were not confirmed in time.
    pub(super) fn lanes_due(&mut self, core: &mut Connection<P>, now: Instant) {
        if self.lanes_deadline().is_none_or(|at| at > now) {
            return;
        }
        let all = self.lanes.iter().map(|(id, _)| *id);
        for id in all.collect::<Vec<_>>() {
            let life = self.lanes.get(&id).map(|lane| &lane.life);
            if let Some(Life::Delayed(at)) = life {
                if *at <= now && self.is_ready {
                    self.open_lane(core, id, now);
                }
            }
            self.publishes_due(core, id, now);
        }
    }
}

/// Nothing waits for the replies any more that are due to a lane.
fn abandon<P: Protocol>(core: &mut Connection<P>, life: &Life, now: Instant) {
    if let Life::Opening { calls, .. } = life {
        for call in calls {
            core.abandon(*call, now);
        }
    }
}

/// Opens a channel for a lane and sends all that prepares it. Returns the channel, the calls whose replies
/// are due, and the consumer.
fn begin<P: Protocol>(
    core: &mut Connection<P>,
    lane: &Lane<P>,
    now: Instant,
) -> Result<(ChannelKey, Vec<CallId>, Option<ConsumerId>)> {
    let (key, opening) = core.open_channel(now)?;
    let mut calls = vec![opening];
    let prepared = core
        .channel(key)
        .and_then(|mut channel| prepare(&mut channel, lane, &mut calls, now));
    match prepared {
        Ok(consumer) => Ok((key, calls, consumer)),
        Err(error) => {
            for call in calls {
                core.abandon(call, now);
            }
            core.drop_channel(key, now);
            Err(error)
        }
    }
}

fn prepare<P: Protocol>(
    channel: &mut ChannelMut<'_, P>,
    lane: &Lane<P>,
    calls: &mut Vec<CallId>,
    now: Instant,
) -> Result<Option<ConsumerId>> {
    let steps = lane.setup.len();
    let steps = match mutant!("a setup is declared once", true, !lane.was_open) {
        true => steps,
        false => 0,
    };
    for step in 0..steps {
        calls.push(lane.setup.send(step, channel, now)?);
    }
    Ok(match &lane.purpose {
        Purpose::Publish(publisher) => {
            calls.push((publisher.confirm_select)(channel, now)?);
            None
        }
        Purpose::Consume(subscribe) => {
            if let Some(prefetch) = subscribe.prefetch {
                calls.push(channel.call(P::prefetch(prefetch), now)?);
            }
            let (consumer, call) = channel.consume(subscribe.consume.clone(), now)?;
            calls.push(call);
            Some(consumer)
        }
    })
}
