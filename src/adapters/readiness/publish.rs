use std::collections::btree_map::Entry;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::inner::Inner;
use super::state::Confirmed;
use super::then::Promise;
use super::{Channel, Connection, Then};
use crate::connection::{Body, ChannelKey, Outcome, PublishSeq, later};
use crate::error::{Error, Forbidden, Misuse, Refused, Result, TimedOut, Waiting};
use crate::protocol::{Confirming, Protocol};
use crate::wire::ToShortStr;

/// A message that waits for permission.
pub(super) struct Held<P: Protocol> {
    publish: P::Publish,
    properties: P::BasicProperties,
    body: Bytes,
    /// Why it waits.
    why: Forbidden,
    /// How long it waits at most, and until when that is.
    pub(super) until: Option<Instant>,
    goal: Goal,
}

/// What somebody waits for.
enum Goal {
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

impl<P: Protocol> Channel<P> {
    /// Publishes a message with a body and nothing else, or gives the body back at once.
    ///
    /// # Errors
    /// As for [`basic_publish`](Self::basic_publish), and when a name has more than 255 bytes.
    pub fn publish<'b, B: Into<Body<'b>>>(
        &self,
        exchange: impl ToShortStr,
        routing_key: impl ToShortStr,
        body: B,
    ) -> Result<Option<PublishSeq>, Refused<B>>
    where
        P::BasicProperties: Default,
    {
        let names = exchange
            .to_short_str()
            .and_then(|exchange| Ok((exchange, routing_key.to_short_str()?)));
        match names {
            Ok((exchange, routing_key)) => {
                let publish = P::publish(exchange, routing_key);
                self.basic_publish(&publish, &P::BasicProperties::default(), body)
            }
            Err(error) => Err(Refused {
                error: error.into(),
                body,
            }),
        }
    }

    /// Publishes a message, or gives the body back at once. In confirm mode it gives the number of
    /// the publish.
    ///
    /// A message that is taken is written when the connection is served next.
    ///
    /// # Errors
    /// [`Error::ContentForbidden`] while the server stops content, while as much waits to be
    /// written as [`Config::output_high_water`](crate::config::Config::output_high_water) allows,
    /// and while messages of [`publish_when_permitted`](Self::publish_when_permitted) wait, which
    /// must not be overtaken.
    pub fn basic_publish<'b, B: Into<Body<'b>>>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: B,
    ) -> Result<Option<PublishSeq>, Refused<B>> {
        self.post(&mut self.inner(), (publish, properties), body)
    }

    /// Publishes a message as soon as that is permitted, in order. Its result comes when it is on
    /// its way, and is the number of the publish in confirm mode.
    ///
    /// It waits no longer than
    /// [`Config::blocked_timeout`](crate::config::Config::blocked_timeout), then its result is
    /// [`Error::TimedOut`] and it was not sent. The same holds when the channel closes first, with
    /// the reason. To have the body all the same, keep a clone of its [`Bytes`], which is cheap.
    ///
    /// # Errors
    /// When it would not be sent by waiting either; and [`Error::ContentForbidden`] when as many
    /// bytes wait already as
    /// [`Config::output_high_water`](crate::config::Config::output_high_water) says. The body comes
    /// back then.
    pub fn publish_when_permitted<'b, B: Into<Body<'b>>>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: B,
    ) -> Result<Then<Option<PublishSeq>, P>, Refused<B>> {
        let mut inner = self.inner();
        match self.post(&mut inner, (publish, properties), body) {
            Ok(seq) => Ok(Then::known(self.connection(), Ok(seq))),
            Err(refused) => {
                let (then, promise) = Then::waiting(self.connection(), None);
                let goal = Goal::Sent(promise);
                let held = self.hold(&mut inner, (publish, properties), refused, goal);
                drop(inner);
                held.map(|()| then)
            }
        }
    }

    /// Sends a message if that is possible now.
    fn post<'b, B: Into<Body<'b>>>(
        &self,
        inner: &mut Inner<P>,
        (publish, properties): (&P::Publish, &P::BasicProperties),
        body: B,
    ) -> Result<Option<PublishSeq>, Refused<B>> {
        if let Some(why) = inner.first_held(self.key()) {
            let error = why.into();
            return Err(Refused { error, body });
        }
        match self.target(inner) {
            Ok(mut channel) => channel.try_publish(publish, properties, body),
            Err(error) => Err(Refused { error, body }),
        }
    }

    /// Keeps a message that may be sent later; gives others back.
    fn hold<'b, B: Into<Body<'b>>>(
        &self,
        inner: &mut Inner<P>,
        (publish, properties): (&P::Publish, &P::BasicProperties),
        refused: Refused<B>,
        goal: Goal,
    ) -> Result<(), Refused<B>> {
        let Error::ContentForbidden(why) = refused.error else {
            return Err(refused);
        };
        if inner.held_bytes >= inner.core.config().output_high_water {
            return Err(refused);
        }
        let timeout = inner.core.config().blocked_timeout;
        let body = match refused.body.into() {
            Body::Borrowed(bytes) => Bytes::copy_from_slice(bytes),
            Body::Shared(bytes) => bytes,
        };
        let (publish, properties) = (publish.clone(), properties.clone());
        let until = timeout.map(|timeout| later(Instant::now(), timeout));
        inner.add_held(
            self.key(),
            Held {
                publish,
                properties,
                body,
                why,
                until,
                goal,
            },
        );
        Ok(())
    }
}

impl<P: Confirming> Channel<P> {
    /// Publishes a message in confirm mode as soon as that is permitted; its result comes when it is
    /// known what became of it.
    ///
    /// For permission it waits as
    /// [`publish_when_permitted`](Self::publish_when_permitted) does, and then for the server's word
    /// no longer than [`Config::rpc_timeout`](crate::config::Config::rpc_timeout).
    ///
    /// # Errors
    /// As for [`publish_when_permitted`](Self::publish_when_permitted), and
    /// [`Misuse::NotConfirming`] when confirms are not turned on.
    pub fn publish_confirmed<'b, B: Into<Body<'b>>>(
        &self,
        publish: &P::Publish,
        properties: &P::BasicProperties,
        body: B,
    ) -> Result<Then<Outcome, P>, Refused<B>> {
        let mut inner = self.inner();
        let confirms = self
            .target(&mut inner)
            .map(|channel| channel.is_confirming());
        if let Ok(false) = confirms {
            let error = Misuse::NotConfirming.into();
            return Err(Refused { error, body });
        }
        let (then, promise) = Then::waiting(self.connection(), None);
        let posted = self.post(&mut inner, (publish, properties), body);
        let result = match posted {
            Ok(seq) => {
                inner.watch(self.key(), seq, promise);
                Ok(())
            }
            Err(refused) => {
                let goal = Goal::Confirmed(promise);
                self.hold(&mut inner, (publish, properties), refused, goal)
            }
        };
        drop(inner);
        result.map(|()| then)
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

    fn add_held(&mut self, key: ChannelKey, held: Held<P>) {
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
    fn watch(&mut self, key: ChannelKey, seq: Option<PublishSeq>, promise: Rc<Promise<Outcome>>) {
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
