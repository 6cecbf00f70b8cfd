//! Events become news for handlers.

use std::rc::Rc;
use std::sync::Arc;

use super::Channel;
use super::handles::{ChannelHandlers, Connection, Handler, Handlers, Record};
use super::listeners::HandlerId;
use super::news::{Alert, Confirmed};
use crate::connection::{CancelledBy, ChannelKey, ConsumerId, Event, Outcome};
use crate::error::{Closed, Error, Result};
use crate::protocol::Protocol;
use crate::wire::{Scope, ShortStr};

impl<P: Protocol> Connection<P> {
    pub(super) fn tell_event(&self, event: Event<P>, failures: &mut Vec<Error>) {
        match event {
            Event::Confirmed {
                channel,
                first,
                last,
                outcome,
            } => {
                if let Outcome::Returned(message) = &outcome {
                    self.tell_channel(channel, |to| &to.returned, &**message, failures);
                }
                let confirmed = Confirmed {
                    first,
                    last,
                    outcome,
                };
                self.tell_channel(channel, |to| &to.confirmed, &confirmed, failures);
            }
            Event::Returned { channel, message } => {
                self.tell_channel(channel, |to| &to.returned, &*message, failures);
            }
            Event::ConsumerCancelled { consumer, by, .. } => {
                self.consumer_ended(consumer, by, failures);
            }
            Event::Flow { channel, active } => {
                if let Some(record) = self.record(channel) {
                    record.flow.set(active);
                }
                self.tell_channel(channel, |to| &to.flow, &active, failures);
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
                self.tell_channel(channel, |to| &to.alert, &alert, failures);
            }
            Event::Blocked { reason } => self.blocked_changed(Some(reason), failures),
            Event::Unblocked => self.blocked_changed(None, failures),
            Event::Opened(_) => {
                let handlers = std::mem::take(&mut self.shared.handlers.borrow_mut().opened);
                for handler in handlers {
                    failures.extend(handler(self, &()).err());
                }
            }
            Event::ChannelClosed { channel, reason } => {
                self.channel_closed(channel, &reason, failures);
            }
            Event::Closed(reason) => self.all_closed(&reason, failures),
            // These become steps of their own.
            Event::Deliveries { .. } | Event::Reply { .. } | Event::TicketReady { .. } => {}
        }
    }

    fn record(&self, key: ChannelKey) -> Option<Rc<Record<P>>> {
        Some(self.shared.channels.borrow().get(&key)?.record.clone())
    }

    fn consumer_ended(&self, consumer: ConsumerId, by: CancelledBy, failures: &mut Vec<Error>) {
        let ended = self.shared.consumers.borrow_mut().remove(&consumer);
        let mut handing_out = self.shared.handing_out.borrow_mut();
        let last = handing_out.consumer.take();
        drop(handing_out);
        drop(last);
        if let (Some(ended), CancelledBy::Server) = (ended, by) {
            let key = ended.record.front.key();
            self.tell_channel(key, |to| &to.cancelled, &ended.tag, failures);
        }
    }

    fn blocked_changed(&self, reason: Option<ShortStr>, failures: &mut Vec<Error>) {
        self.shared.blocked.borrow_mut().clone_from(&reason);
        let handlers = &self.shared.handlers;
        let next = |last| handlers.borrow().blocked.after(last);
        let until = handlers.borrow().blocked.last();
        tell(until, next, (self, &reason), failures);
    }

    fn channel_closed(&self, key: ChannelKey, reason: &Arc<Closed>, failures: &mut Vec<Error>) {
        self.drop_consumers_of(key);
        let known = self.shared.channels.borrow_mut().remove(&key);
        let Some(known) = known else { return };
        let record = known.record;
        record.is_over.set(true);
        // Nothing more is told to any of them.
        let handlers = record.handlers.take().closed;
        let is_told = known.is_told || record.held.get() > 0 || !handlers.is_empty();
        // What ends with its connection is not told of by itself.
        if !is_told && reason.scope == Scope::Channel && !reason.is_normal() {
            failures.push(reason.clone().into());
        }
        if !handlers.is_empty() {
            let channel = self.channel_of(record.hold());
            for handler in handlers {
                failures.extend(handler(&channel, reason).err());
            }
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

    fn all_closed(&self, reason: &Arc<Closed>, failures: &mut Vec<Error>) {
        self.shared.is_over.set(true);
        let (opened, handlers) = {
            let mut handlers = self.shared.handlers.borrow_mut();
            let opened = std::mem::take(&mut handlers.opened);
            (opened, std::mem::take(&mut handlers.closed))
        };
        drop(opened);
        if handlers.is_empty() && !self.shared.is_told.get() && !reason.is_normal() {
            failures.push(reason.clone().into());
        }
        for handler in handlers {
            failures.extend(handler(self, reason).err());
        }
    }

    /// Tells the handlers of a channel.
    fn tell_channel<A: 'static>(
        &self,
        key: ChannelKey,
        pick: impl Fn(&ChannelHandlers<P>) -> &Handlers<Channel<P>, A>,
        what: &A,
        failures: &mut Vec<Error>,
    ) {
        let Some(record) = self.record(key) else {
            return;
        };
        let until = pick(&record.handlers.borrow()).last();
        if until.is_some() {
            let channel = self.channel_of(record.hold());
            let next = |last| pick(&channel.record.handlers.borrow()).after(last);
            tell(until, next, (&channel, what), failures);
        }
    }
}

/// Tells all handlers up to one, the last there was; those that are added meanwhile are not told.
fn tell<O, A>(
    until: Option<HandlerId>,
    next: impl Fn(Option<HandlerId>) -> Option<(HandlerId, Handler<O, A>)>,
    (owner, what): (&O, &A),
    failures: &mut Vec<Error>,
) {
    let mut last = None;
    while let Some((id, handler)) = next(last).filter(|(id, _)| Some(*id) <= until) {
        failures.extend(run(&handler, owner, what).err());
        last = Some(id);
    }
}

/// Runs a handler. It cannot run already: none runs inside another.
pub(super) fn run<O, A>(handler: &Handler<O, A>, owner: &O, what: &A) -> Result<()> {
    match handler.try_borrow_mut() {
        Ok(mut handler) => handler(owner, what),
        Err(_) => Ok(()),
    }
}
