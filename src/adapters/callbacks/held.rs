use std::collections::btree_map::Entry;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;

use super::Connection;
use super::inner::Inner;
use super::state::Confirmed;
use super::then::Promise;
use crate::connection::{Body, ChannelKey, Outcome, PublishSeq, Ticket, later};
use crate::error::{Error, Forbidden, Result, TimedOut, Waiting};
use crate::protocol::Protocol;

/// A message that waits for permission.
pub(super) struct Held<P: Protocol> {
    pub(super) publish: P::Publish,
    pub(super) properties: P::BasicProperties,
    pub(super) body: Bytes,
    /// Why it waits.
    pub(super) why: Forbidden,
    /// Its place in the queue.
    pub(super) ticket: Option<Ticket>,
    pub(super) goal: Goal<P>,
}

/// What is waited for.
pub(super) enum Goal<P: Protocol> {
    Sent(Rc<Promise<()>>),
    Confirmed(Rc<Promise<Outcome<P>>>),
}

/// A publish whose outcome is waited for.
pub(super) struct Watched<P: Protocol> {
    promise: Rc<Promise<Outcome<P>>>,
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
            self.tickets.extend(held.ticket.map(|ticket| (ticket, key)));
            state.held.push_back(held);
            self.waiting.insert(key);
        }
    }

    fn pop_held(&mut self, key: ChannelKey) -> Option<Goal<P>> {
        let mut held = self.channels.get_mut(&key)?.held.pop_front()?;
        self.held_bytes -= held.footprint();
        if let Some(ticket) = held.ticket {
            self.tickets.remove(&ticket);
            self.core.leave_queue(&mut held.ticket);
        }
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

    /// The outcome of a publish is waited for.
    pub(super) fn watch(
        &mut self,
        key: ChannelKey,
        seq: Option<PublishSeq>,
        promise: Rc<Promise<Outcome<P>>>,
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

    /// A message that waits should ask again; it is the first of its channel that does.
    pub(super) fn ticket_ready(&mut self, ticket: Ticket) {
        if let Some(key) = self.tickets.get(&ticket).copied() {
            self.send_held(key);
        }
    }

    /// Sends the messages that have waited on a channel, as far as they may be sent.
    fn send_held(&mut self, key: ChannelKey) {
        let now = Instant::now();
        loop {
            let Self { core, channels, .. } = self;
            let Some(held) = channels.get_mut(&key).and_then(|it| it.held.front_mut()) else {
                return;
            };
            let sent = core.channel(key).and_then(|mut channel| {
                if let Some(why) = channel.refusal(held.ticket) {
                    return Ok(Err(why));
                }
                let body = Body::Shared(held.body.clone());
                let sent = channel.publish(&held.publish, &held.properties, body);
                sent.map(Ok)
            });
            match sent {
                Ok(Ok(seq)) => self.sent_held(key, seq),
                Ok(Err(why)) => {
                    held.why = why;
                    match core.wait_to_send(Some(key), why, &mut held.ticket, now) {
                        Ok(()) => return,
                        Err(late) => self.fail_first(key, late),
                    }
                }
                Err(error) => return self.fail_held(key, &error),
            }
        }
    }

    /// The first message that waited is on its way.
    fn sent_held(&mut self, key: ChannelKey, seq: Option<PublishSeq>) {
        match self.pop_held(key) {
            Some(Goal::Sent(promise)) => self.resolve_later(key, promise, Ok(())),
            Some(Goal::Confirmed(promise)) => self.watch(key, seq, promise),
            None => {}
        }
    }

    /// Gives up all messages that wait on a channel.
    pub(super) fn fail_held(&mut self, key: ChannelKey, error: &Error) {
        while self.first_held(key).is_some() {
            self.fail_first(key, error.clone());
        }
    }

    /// Fails the first message that waits on a channel.
    fn fail_first(&mut self, key: ChannelKey, error: Error) {
        self.note_told(key, &error);
        match self.pop_held(key) {
            Some(Goal::Sent(promise)) => self.resolve_later(key, promise, Err(error)),
            Some(Goal::Confirmed(promise)) => self.resolve_later(key, promise, Err(error)),
            None => {}
        }
    }

    /// Stops waiting for confirms that take too long.
    pub(super) fn give_up_waiting(&mut self, now: Instant) {
        let rpc = self.core.config().rpc_timeout;
        let is_over = |until: Option<Instant>| until.is_some_and(|until| until <= now);
        let waiting: Vec<_> = self.waiting.iter().copied().collect();
        for key in waiting {
            if self.core.has_events() {
                // The confirm may be among them.
                return;
            }
            while let Some(watched) = self.channels.get_mut(&key).and_then(|state| {
                let first = state.watched.first_entry()?;
                is_over(first.get().until).then(|| first.remove())
            }) {
                let after = rpc.unwrap_or_default();
                let waiting_for = Waiting::Confirms;
                let late = TimedOut { waiting_for, after };
                self.resolve_later(key, watched.promise, Err(late.into()));
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
    fn take_watched(&mut self, key: ChannelKey, confirmed: &Confirmed<P>) -> Vec<Watched<P>> {
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
        confirmed: &Confirmed<P>,
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
