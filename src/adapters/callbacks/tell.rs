//! Events become news for handlers.

use std::rc::Rc;
use std::sync::Arc;

use super::Channel;
use super::handles::{ChannelHandlers, Connection, Handler, Handlers, Record, Run};
use super::listeners::HandlerId;
use super::news::{Alert, Confirmed};
use crate::connection::{CancelledBy, ChannelKey, ConsumerId, Event, Outcome};
use crate::error::{Closed, Result};
use crate::protocol::Protocol;
use crate::wire::{Scope, ShortStr};

impl<P: Protocol> Connection<P> {
    /// Makes of an event what is to be run, a handler at a time.
    pub(super) fn tell_event(&self, event: Event<P>) -> Result<()> {
        match event {
            Event::Confirmed {
                channel,
                first,
                last,
                outcome,
            } => {
                let confirmed = Confirmed {
                    first,
                    last,
                    outcome: outcome.clone(),
                };
                self.tell_channel(channel, |to| &to.confirmed, confirmed);
                // Before that.
                if let Outcome::Returned(message) = outcome {
                    self.tell_channel(channel, |to| &to.returned, *message);
                }
            }
            Event::Returned { channel, message } => {
                self.tell_channel(channel, |to| &to.returned, *message);
            }
            Event::ConsumerCancelled { consumer, by, .. } => self.consumer_ended(consumer, by),
            Event::Flow { channel, active } => {
                if let Some(record) = self.record(channel) {
                    record.flow.set(active);
                }
                self.tell_channel(channel, |to| &to.flow, active);
            }
            Event::Alert {
                channel,
                code,
                text,
                details,
            } => {
                let alert = Alert {
                    code,
                    text,
                    details,
                };
                self.tell_channel(channel, |to| &to.alert, alert);
            }
            Event::Blocked { reason } => self.blocked_changed(Some(reason)),
            Event::Unblocked => self.blocked_changed(None),
            // Whoever serves the connection is told; the connection goes on.
            Event::CredentialsFailed { reason } => return Err(std::io::Error::other(reason).into()),
            Event::Opened(_) => {
                let handlers = std::mem::take(&mut self.shared.handlers.borrow_mut().opened);
                let runs = handlers.into_iter().map(|handler| -> Run<P> {
                    Box::new(move |connection| handler(connection, &()))
                });
                self.run_first(runs.collect());
            }
            Event::ChannelClosed { channel, reason } => {
                return self.channel_closed(channel, &reason);
            }
            Event::Closed(reason) => return self.all_closed(&reason),
            // These become steps of their own.
            Event::Deliveries { .. } | Event::Reply { .. } | Event::TicketReady { .. } => {}
        }
        Ok(())
    }

    /// Runs these before all else that was told, one after the other.
    fn run_first(&self, runs: Vec<Run<P>>) {
        let mut next = self.shared.next.borrow_mut();
        for run in runs.into_iter().rev() {
            next.push_front(run);
        }
    }

    fn record(&self, key: ChannelKey) -> Option<Rc<Record<P>>> {
        Some(self.shared.channels.borrow().get(&key)?.record.clone())
    }

    fn consumer_ended(&self, consumer: ConsumerId, by: CancelledBy) {
        let ended = self.shared.consumers.borrow_mut().remove(&consumer);
        let last = self.shared.handing_out.borrow_mut().consumer.take();
        drop(last);
        if let (Some(ended), CancelledBy::Server) = (ended, by) {
            let key = ended.record.front.key();
            self.tell_channel(key, |to| &to.cancelled, ended.tag.clone());
        }
    }

    fn blocked_changed(&self, reason: Option<ShortStr>) {
        self.shared.blocked.borrow_mut().clone_from(&reason);
        let until = self.shared.handlers.borrow().blocked.last();
        let next =
            |connection: &Self, last| connection.shared.handlers.borrow().blocked.after(last);
        let tell = |connection: &Self, handler: &Handler<Self, _>, reason: &_| {
            run(handler, connection, reason)
        };
        self.tell_all(until, next, tell, reason);
    }

    fn channel_closed(&self, key: ChannelKey, reason: &Arc<Closed>) -> Result<()> {
        self.drop_consumers_of(key);
        let known = self.shared.channels.borrow_mut().remove(&key);
        let Some(known) = known else { return Ok(()) };
        let record = known.record;
        record.is_over.set(true);
        // Nothing more is told to any of them.
        let handlers = record.handlers.take().closed;
        let is_told = known.is_told || record.held.get() > 0 || !handlers.is_empty();
        let runs = handlers.into_iter().map(|handler| -> Run<P> {
            let (record, reason) = (record.clone(), reason.clone());
            Box::new(move |connection| handler(&connection.channel_of(record.hold()), &reason))
        });
        self.run_first(runs.collect());
        // What ends with its connection is not told of by itself.
        match !is_told && reason.scope == Scope::Channel && !reason.is_normal() {
            true => Err(reason.clone().into()),
            false => Ok(()),
        }
    }

    /// No consumer of a channel gets anything more.
    fn drop_consumers_of(&self, key: ChannelKey) {
        let (ended, last) = {
            let mut consumers = self.shared.consumers.borrow_mut();
            let all = std::mem::take(&mut *consumers).into_iter();
            let (ended, left) = all.partition(|(_, it)| it.record.front.key() == key);
            *consumers = left;
            let last = self.shared.handing_out.borrow_mut().consumer.take();
            let ended: std::collections::BTreeMap<_, _> = ended;
            (ended, last)
        };
        drop((ended, last));
    }

    pub(super) fn all_closed(&self, reason: &Arc<Closed>) -> Result<()> {
        if self.shared.is_over.replace(true) {
            return Ok(());
        }
        let (opened, handlers) = {
            let mut handlers = self.shared.handlers.borrow_mut();
            let opened = std::mem::take(&mut handlers.opened);
            (opened, std::mem::take(&mut handlers.closed))
        };
        drop(opened);
        let is_told = self.shared.is_told.get() || !handlers.is_empty();
        let runs = handlers.into_iter().map(|handler| -> Run<P> {
            let reason = reason.clone();
            Box::new(move |connection| handler(connection, &reason))
        });
        self.run_first(runs.collect());
        match !is_told && !reason.is_normal() {
            true => Err(reason.clone().into()),
            false => Ok(()),
        }
    }

    /// Tells the handlers of a channel.
    fn tell_channel<A: 'static>(
        &self,
        key: ChannelKey,
        pick: impl Fn(&ChannelHandlers<P>) -> &Handlers<Channel<P>, A> + 'static,
        what: A,
    ) {
        let Some(record) = self.record(key) else {
            return;
        };
        let until = pick(&record.handlers.borrow()).last();
        let of = record.clone();
        let next = move |_: &Self, last| pick(&of.handlers.borrow()).after(last);
        let tell = move |connection: &Self, handler: &Handler<Channel<P>, A>, what: &A| {
            run(handler, &connection.channel_of(record.hold()), what)
        };
        self.tell_all(until, next, tell, what);
    }

    /// Tells all handlers up to one, the last there was, each by itself; those that are added meanwhile
    /// are not told.
    fn tell_all<F: 'static, A: 'static>(
        &self,
        until: Option<HandlerId>,
        next: impl Fn(&Self, Option<HandlerId>) -> Option<(HandlerId, F)> + 'static,
        tell: impl Fn(&Self, &F, &A) -> Result<()> + 'static,
        what: A,
    ) {
        if until.is_some() {
            let telling = Rc::new((until, next, tell, what));
            self.run_first(vec![Box::new(move |own| own.tell_after(None, &telling))]);
        }
    }

    fn tell_after<F: 'static, A: 'static>(
        &self,
        last: Option<HandlerId>,
        telling: &Rc<(
            Option<HandlerId>,
            impl Fn(&Self, Option<HandlerId>) -> Option<(HandlerId, F)> + 'static,
            impl Fn(&Self, &F, &A) -> Result<()> + 'static,
            A,
        )>,
    ) -> Result<()> {
        let (until, next, tell, what) = &**telling;
        let Some((id, handler)) = next(self, last).filter(|(id, _)| Some(*id) <= *until) else {
            return Ok(());
        };
        if Some(id) < *until {
            let rest = telling.clone();
            self.run_first(vec![Box::new(move |own| own.tell_after(Some(id), &rest))]);
        }
        tell(self, &handler, what)
    }
}

/// Runs a handler. It cannot run already: none runs inside another.
pub(super) fn run<O, A>(handler: &Handler<O, A>, owner: &O, what: &A) -> Result<()> {
    match handler.try_borrow_mut() {
        Ok(mut handler) => handler(owner, what),
        Err(_) => Ok(()),
    }
}
