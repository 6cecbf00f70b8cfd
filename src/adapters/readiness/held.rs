use std::collections::btree_map::Entry;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::Connection;
use super::inner::Inner;
use super::state::Confirmed;
use super::then::Promise;
use crate::connection::{ChannelKey, Outcome, PublishSeq, later};
use crate::error::{Error, Forbidden, Refused, Result, TimedOut, Waiting};
use crate::protocol::Protocol;

/// A message that waits for permission.
pub(super) struct Held<P: Protocol> {
    pub(super) publish: P::Publish,
    pub(super) properties: P::BasicProperties,
    pub(super) body: Bytes,
    /// Why it waits.
    pub(super) why: Forbidden,
    /// How long it waits at most, and until when that is.
    pub(super) until: Option<Instant>,
    pub(super) goal: Goal,
}

/// What somebody waits for.
pub(super) enum Goal {
    Sent(Rc<Promise<Option<PublishSeq>>>),
    Confirmed(Rc<Promise<Outcome>>),
}

/// A publish whose fate somebody waits for.
pub(super) struct Watched {
    promise: Rc<Promise<Outcome>>,
    pub(super) until: Option<Instant>,
}

impl<P: Protocol> Held<P> {
    /// About how much memory it takes, without what names and properties take.
    fn footprint(&self) -> usize {
        self.body.len() + size_of::<Self>()
    }
}

impl<P: Protocol> Inner<P> {
    /// Why the first message that waits on a channel does so.
    pub(super) fn first_held(&self, key: ChannelKey) -> Option<Forbidden> {
        if self.waiting.is_empty() {
            return None;
        }
        Some(self.channels.get(&key)?.held.front()?.why)
    }

    pub(super) fn add_held(&mut self, key: ChannelKey, held: Held<P>) {
        if let Some(state) = self.channels.get_mut(&key) {
            self.held_bytes += held.footprint();
            state.held.push_back(held);
            self.waiting.insert(key);
        }
    }

    fn pop_held(&mut self, key: ChannelKey) -> Option<Goal> {
        let held = self.channels.get_mut(&key)?.held.pop_front()?;
        self.held_bytes -= held.footprint();
        self.is_waiting(key);
        Some(held.goal)
    }

    /// Whether something still waits on a channel; if not, it is taken off the list.
    fn is_waiting(&mut self, key: ChannelKey) -> bool {
        let waiting = self
            .channels
            .get(&key)
            .is_some_and(|state| state.is_waiting());
        if !waiting {
            self.waiting.remove(&key);
        }
        waiting
    }

    /// Somebody waits for the fate of a publish.
    pub(super) fn watch(
        &mut self,
        key: ChannelKey,
        seq: Option<PublishSeq>,
        promise: Rc<Promise<Outcome>>,
    ) {
        let timeout = self.core.config().rpc_timeout;
        let until = timeout.map(|timeout| later(Instant::now(), timeout));
        if let (Some(state), Some(seq)) = (self.channels.get_mut(&key), seq) {
            if let Entry::Vacant(place) = state.watched.entry(seq) {
                place.insert(Watched { promise, until });
                self.waiting.insert(key);
            }
        }
    }

    /// Sends messages that have waited, as far as they may be sent. Gives whether any was.
    pub(super) fn send_held(&mut self) -> bool {
        let mut sent = false;
        let waiting: Vec<_> = self.waiting.iter().copied().collect();
        for key in waiting {
            sent |= self.send_held_of(key);
        }
        sent
    }

    fn send_held_of(&mut self, key: ChannelKey) -> bool {
        let low = self.core.config().output_low_water;
        let mut sent = false;
        while let Some(held) = self
            .channels
            .get_mut(&key)
            .and_then(|state| state.held.front_mut())
        {
            if held.why == Forbidden::OutputFull && !sent && self.core.outgoing_len() > low {
                break;
            }
            let body = std::mem::take(&mut held.body);
            let posted = match self.core.channel(key) {
                Ok(mut channel) => channel.try_publish(&held.publish, &held.properties, body),
                Err(error) => Err(Refused { error, body }),
            };
            match posted {
                Ok(seq) => {
                    sent = true;
                    self.sent_held(key, seq);
                }
                Err(Refused {
                    error: Error::ContentForbidden(why),
                    body,
                }) => {
                    held.why = why;
                    held.body = body;
                    break;
                }
                Err(refused) => {
                    self.fail_held(key, &refused.error);
                    break;
                }
            }
        }
        sent
    }

    /// The first message that waited is on its way.
    fn sent_held(&mut self, key: ChannelKey, seq: Option<PublishSeq>) {
        match self.pop_held(key) {
            Some(Goal::Sent(promise)) => self.resolve_later(key, promise, Ok(seq)),
            Some(Goal::Confirmed(promise)) => self.watch(key, seq, promise),
            None => {}
        }
    }

    /// Gives up all messages that wait on a channel.
    pub(super) fn fail_held(&mut self, key: ChannelKey, error: &Error) {
        while let Some(goal) = self.pop_held(key) {
            self.fail(key, goal, error.clone());
        }
    }

    fn fail(&mut self, key: ChannelKey, goal: Goal, error: Error) {
        match goal {
            Goal::Sent(promise) => self.resolve_later(key, promise, Err(error)),
            Goal::Confirmed(promise) => self.resolve_later(key, promise, Err(error)),
        }
    }

    /// Gives up what has waited long enough.
    pub(super) fn give_up_waiting(&mut self, now: Instant) {
        let waiting: Vec<_> = self.waiting.iter().copied().collect();
        let config = self.core.config();
        let (blocked, rpc) = (config.blocked_timeout, config.rpc_timeout);
        let is_over = |until: Option<Instant>| until.is_some_and(|until| until <= now);
        for key in waiting {
            while let Some(why) = self
                .channels
                .get(&key)
                .and_then(|state| state.held.front())
                .and_then(|held| is_over(held.until).then_some(held.why))
            {
                if let Some(goal) = self.pop_held(key) {
                    self.fail(key, goal, late(Waiting::Permission(why), blocked));
                }
            }
            if self.core.has_events() {
                // The confirm may be among them.
                continue;
            }
            while let Some(watched) = self.channels.get_mut(&key).and_then(|state| {
                let first = state.watched.first_entry()?;
                is_over(first.get().until).then(|| first.remove())
            }) {
                let error = late(Waiting::Confirms, rpc);
                self.resolve_later(key, watched.promise, Err(error));
                self.is_waiting(key);
            }
        }
    }

    fn resolve_later<R: 'static>(
        &mut self,
        key: ChannelKey,
        promise: Rc<Promise<R>>,
        result: Result<R>,
    ) {
        self.defer(Box::new(move |connection| {
            let result = promise.resolve(result);
            connection.tidy(key);
            result
        }));
    }

    /// Takes out those who wait for the fate of these publishes.
    fn take_watched(&mut self, key: ChannelKey, confirmed: &Confirmed) -> Vec<Watched> {
        let Some(state) = self.channels.get_mut(&key) else {
            return Vec::new();
        };
        let mut taken = Vec::new();
        let range = confirmed.first..=confirmed.last;
        while let Some((seq, _)) = state.watched.range(range.clone()).next() {
            let seq = *seq;
            taken.extend(state.watched.remove(&seq));
        }
        if !taken.is_empty() {
            self.is_waiting(key);
        }
        taken
    }
}

impl<P: Protocol> Connection<P> {
    /// It is known what became of some publishes.
    pub(super) fn confirmed(
        &self,
        key: ChannelKey,
        confirmed: &Confirmed,
        failures: &mut Vec<Error>,
    ) {
        let taken = self.inner().take_watched(key, confirmed);
        for watched in taken {
            let outcome = Ok(confirmed.outcome.clone());
            failures.extend(watched.promise.resolve(outcome).err());
        }
        self.tell_channel(key, |to| &mut to.confirmed, confirmed, failures);
        self.tidy(key);
    }
}

fn late(waiting_for: Waiting, after: Option<Duration>) -> Error {
    let after = after.unwrap_or_default();
    TimedOut { waiting_for, after }.into()
}
