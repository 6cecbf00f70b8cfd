//! One event at a time, for a face whose handlers run in the order of the frames.
//!
//! Elsewhere all that has happened is taken in as soon as it is known, and waits in inboxes. Here it
//! waits in the core, and whoever takes the steps tells each event before the next one. Tasks that
//! wait for something are woken by the step that brings it.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use super::link::{Link, Owner, State, Steps};
use super::wait::{For, change};
use super::{Connection, opening};
use crate::config::{Config, Recovery};
use crate::connection::{Answer, CallId, ChannelKey, ConsumerId, Delivery, Event};
use crate::error::{Closed, Result};
use crate::protocol::Protocol;
use crate::recovery::keeper::News;

/// One thing that has happened.
pub(in crate::adapters) enum Step<P: Protocol> {
    /// A consumer got messages, which have been put into the queue.
    Deliveries(ChannelKey, ConsumerId),
    /// A call that is answered by steps has its reply.
    Reply(CallId, Result<Answer<P>>),
    /// A call has its reply, for which no task waits. It stays where it is until it is taken.
    Unclaimed(CallId),
    /// The tasks that waited for it are woken.
    Woken,
    /// Anything else. Tasks that waited for it are woken.
    Other(Event<P>),
    /// A connection that recovers has ended for good, and everything before was told.
    Stopped(Arc<Closed>),
}

impl<R, P: Protocol> Connection<R, P> {
    /// A connection whose events are told one by one, by [`Link::step`].
    pub(in crate::adapters) fn stepwise(config: Config) -> Self {
        let core = opening::core(config, Instant::now());
        let link = Link::new(core, Box::new(Instant::now), None);
        link.with(|state| state.steps = Some(Steps::default()));
        Self::new(Arc::new(Owner(Arc::new(link))))
    }

    /// As [`stepwise`](Self::stepwise), for a connection that recovers and has no transport yet.
    pub(in crate::adapters) fn stepwise_away(config: Config, recovery: Recovery) -> Self {
        let link = opening::link_away(config, recovery, (Box::new(Instant::now), None));
        link.with(|state| state.steps = Some(Steps::default()));
        Self::new(Arc::new(Owner(link)))
    }

    /// Waits until channels can be opened.
    pub(in crate::adapters) fn wait_opened(&self) -> impl Future<Output = Result<()>> + use<R, P> {
        let owner = self.owner.clone();
        async move { change(&owner.0, For::News, |state| opening::outcome(state)).await }
    }
}

impl<P: Protocol> Link<P> {
    /// Takes one step, if anything has happened; `run` is empty. Replies to the calls that `is_told`
    /// picks are handed out.
    #[inline]
    pub(in crate::adapters) fn step(
        &self,
        run: &mut VecDeque<Delivery<P>>,
        is_told: impl FnOnce(CallId) -> bool,
    ) -> Option<Step<P>> {
        self.with(|state| state.step(run, is_told))
    }

    /// How many steps were taken, and how many will have been when all that is known is told.
    pub(in crate::adapters) fn progress(&self) -> (u64, u64) {
        self.with(|state| {
            let told = state.steps.as_ref().map_or(0, |steps| steps.told);
            (told, told + state.core.events_waiting() as u64)
        })
    }

    /// Stops reading, or goes on.
    pub(in crate::adapters) fn hold_reading(&self, held_back: bool) {
        self.with(|state| {
            state.attention = true;
            if let Some(steps) = &mut state.steps {
                steps.held_back = held_back;
            }
        });
    }
}

impl<P: Protocol> State<P> {
    /// Whether steps are to be taken before anything more is read.
    pub(super) fn has_news(&self) -> bool {
        self.has_steps() && self.steps.is_some()
    }

    /// Whether something has happened that was not told.
    pub(in crate::adapters) fn has_steps(&self) -> bool {
        let keeper = self.keeper.as_ref();
        let is_ending = || self.steps.as_ref().is_some_and(|it| it.ending.is_some());
        self.core.has_events() || keeper.is_some_and(|it| it.has_news()) || is_ending()
    }

    /// Whether the host has to be driven although nothing moves: the connection has no transport.
    pub(in crate::adapters) const fn wants_driver(&self) -> bool {
        self.attention
    }

    /// Takes in something that the keeper of the connection reports, or the next event as the keeper passes
    /// it on.
    fn kept_step(&mut self) -> Option<KeptStep<P>> {
        let (core, session) = (&mut self.core, &mut self.session);
        let Some(keeper) = &mut self.keeper else {
            let event = core.poll_event()?;
            if let Some(steps) = &mut self.steps {
                steps.told += 1;
            }
            return Some(KeptStep::Event(event));
        };
        let now = Instant::now();
        if let Some(news) = keeper.poll_news() {
            if let (News::Stopped, Some(steps)) = (&news, &mut self.steps) {
                steps.ending = keeper.stopped().cloned();
            }
            session.handle_news(core, news, now);
            return Some(KeptStep::Taken);
        }
        let Some(event) = core.poll_event() else {
            let ending = self.steps.as_mut()?.ending.take()?;
            return Some(KeptStep::Stopped(ending));
        };
        if let Some(steps) = &mut self.steps {
            // Also for those that the keeper keeps: others wait for this count.
            steps.told += 1;
        }
        let event = keeper.handle(core, event, now);
        self.attention |= keeper.take_attention();
        match event.and_then(|event| session.take_kept(core, event)) {
            Some(event) => Some(KeptStep::Event(event)),
            None => Some(KeptStep::Taken),
        }
    }

    fn step(
        &mut self,
        run: &mut VecDeque<Delivery<P>>,
        is_told: impl FnOnce(CallId) -> bool,
    ) -> Option<Step<P>> {
        let event = match self.kept_step()? {
            KeptStep::Event(event) => event,
            KeptStep::Taken => return Some(Step::Woken),
            KeptStep::Stopped(reason) => return Some(Step::Stopped(reason)),
        };
        Some(match event {
            Event::Deliveries {
                channel, consumer, ..
            } => {
                self.core.drain_deliveries(run);
                Step::Deliveries(channel, consumer)
            }
            Event::Reply { call } if is_told(call) => match self.core.take_reply(call) {
                Some(reply) => Step::Reply(call, reply),
                None => Step::Woken,
            },
            Event::Reply { call } => match self.session.replied(call) {
                true => Step::Woken,
                false => Step::Unclaimed(call),
            },
            event => match self.session.hear(event) {
                Some(event) => Step::Other(event),
                None => Step::Woken,
            },
        })
    }
}

/// What has happened to a connection that may recover.
enum KeptStep<P: Protocol> {
    /// An event, for others too.
    Event(Event<P>),
    /// Tasks that waited for it are woken.
    Taken,
    Stopped(Arc<Closed>),
}
