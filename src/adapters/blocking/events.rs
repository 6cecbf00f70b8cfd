use std::time::{Duration, Instant};

use super::handlers::{Handler, TimerId};
use super::inner::Inner;
use super::{Channel, Connection, Delivery};
use crate::connection::{ChannelKey, ConsumerId};
use crate::error::Result;
use crate::protocol::Protocol;
use crate::wire::{ReplyCode, ShortStr};

/// A message and the handler that gets it.
struct Work<P: Protocol> {
    consumer: ConsumerId,
    channel: ChannelKey,
    message: crate::connection::Delivery<P>,
    handler: Handler<P>,
}

impl<P: Protocol> Connection<P> {
    /// Serves the connection for this long: sends heartbeats, gives messages to the handlers of
    /// [`Channel::consume_with`], and runs timers.
    ///
    /// Handlers run only in here and in [`run`](Self::run), and never while a call waits for its
    /// reply; so a handler may use the connection as it likes. If a handler calls this, the
    /// connection is served but no handler runs.
    ///
    /// # Errors
    /// When the connection is closed; what was received before has been handed out then. Also the
    /// error of a handler: the other handlers ran all the same, and this can be called again.
    pub fn process_events(&self, timeout: Duration) -> Result<()> {
        let until = Instant::now() + timeout;
        loop {
            self.run_due()?;
            let mut inner = self.shared.inner.borrow_mut();
            let next = match inner.timers.busy {
                true => until,
                false => inner.timers.deadline().map_or(until, |at| at.min(until)),
            };
            let waited = inner.wait(Some(next), |inner| {
                (!inner.timers.busy && inner.has_work()).then_some(Ok(()))
            });
            if let Some(result) = waited {
                result?;
            } else if Instant::now() >= until {
                return Ok(());
            }
        }
    }

    /// Serves the connection as [`process_events`](Self::process_events) does, until no consumer
    /// with a handler and no timer is left.
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn run(&self) -> Result<()> {
        const STEP: Duration = Duration::from_secs(1);
        loop {
            let step = {
                let mut inner = self.shared.inner.borrow_mut();
                let deadline = inner.timers.deadline();
                if inner.handlers.0.is_empty() && deadline.is_none() {
                    return Ok(());
                }
                let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
                left.map_or(STEP, |left| left.min(STEP))
            };
            self.process_events(step)?;
        }
    }

    /// Runs `action` once, when `delay` has passed and the connection is served.
    pub fn call_later(&self, delay: Duration, action: impl FnOnce() + 'static) -> TimerId {
        let at = Instant::now() + delay;
        self.shared
            .inner
            .borrow_mut()
            .timers
            .add(at, Box::new(action))
    }

    /// Forgets a timer; gives whether it was still to run.
    pub fn cancel_timer(&self, timer: TimerId) -> bool {
        self.shared
            .inner
            .borrow_mut()
            .timers
            .actions
            .remove(&timer)
            .is_some()
    }

    /// Runs what can run now. The connection is not borrowed while a handler runs.
    ///
    /// # Errors
    /// The first error of a handler; the others ran all the same.
    fn run_due(&self) -> Result<()> {
        if std::mem::replace(&mut self.shared.inner.borrow_mut().timers.busy, true) {
            return Ok(());
        }
        let idle = Idle(self);
        let mut done = Ok(());
        loop {
            let mut inner = self.shared.inner.borrow_mut();
            if let Some(action) = inner.timers.due(Instant::now()) {
                drop(inner);
                action();
                continue;
            }
            let Some(Work {
                consumer,
                channel,
                message,
                mut handler,
            }) = inner.next_work()
            else {
                break;
            };
            drop(inner);
            done = done.and(handler(Delivery::new(
                message,
                Channel::attach(self, channel),
            )));
            idle.0.put_back(consumer, handler);
        }
        done
    }

    fn put_back(&self, consumer: ConsumerId, handler: Handler<P>) {
        let mut inner = self.shared.inner.borrow_mut();
        if let Some(handled) = inner.handlers.0.get_mut(&consumer) {
            handled.handler = Some(handler);
        }
    }
}

/// Says that no handler runs any more, also when one panicked.
struct Idle<'a, P: Protocol>(&'a Connection<P>);

impl<P: Protocol> Drop for Idle<'_, P> {
    fn drop(&mut self) {
        if let Ok(mut inner) = self.0.shared.inner.try_borrow_mut() {
            inner.timers.busy = false;
        }
    }
}

impl<P: Protocol> Inner<P> {
    /// Whether a handler has something to do.
    fn has_work(&mut self) -> bool {
        let Self {
            session, handlers, ..
        } = self;
        handlers
            .0
            .keys()
            .any(|consumer| session.has_delivery(*consumer))
    }

    /// A message and its handler, taken from their places.
    fn next_work(&mut self) -> Option<Work<P>> {
        self.forget_ended();
        let Self {
            session, handlers, ..
        } = self;
        let found = handlers.0.iter_mut().find(|(consumer, handled)| {
            handled.handler.is_some() && session.has_delivery(**consumer)
        });
        let (consumer, handled) = found?;
        let (consumer, channel) = (*consumer, handled.channel);
        let message = session.next_delivery(consumer)?;
        Some(Work {
            consumer,
            channel,
            message,
            handler: handled.handler.take()?,
        })
    }

    /// Lets go of handlers that get nothing more.
    fn forget_ended(&mut self) {
        let Self {
            session, handlers, ..
        } = self;
        let consumers = handlers.0.keys().copied();
        let ended: Vec<_> = consumers
            .filter(|consumer| session.consumer_end(*consumer).is_some())
            .collect();
        for consumer in ended {
            self.session.remove_consumer(consumer);
            if let Some(handled) = self.handlers.0.remove(&consumer) {
                self.close_unheld(handled.channel);
            }
        }
    }

    /// A handle of a channel is gone.
    pub(super) fn release(&mut self, key: ChannelKey) {
        if let Some(count) = self.handles.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                self.handles.remove(&key);
                self.close_unheld(key);
            }
        }
    }

    /// Closes a channel that has no handle and no handler; nobody waits for the answer.
    fn close_unheld(&mut self, key: ChannelKey) {
        let handled = self
            .handlers
            .0
            .values()
            .any(|handled| handled.channel == key);
        if handled || self.handles.contains_key(&key) {
            return;
        }
        self.session.remove_channel(key);
        let text = ShortStr::from_static("channel dropped");
        if let Ok(mut channel) = self.core.channel(key) {
            if let Ok(call) = channel.close(ReplyCode::REPLY_SUCCESS, text, Instant::now()) {
                channel.abandon(call);
            }
        }
    }
}
