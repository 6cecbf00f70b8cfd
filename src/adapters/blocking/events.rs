use std::time::{Duration, Instant};

use super::handlers::{Action, Handled, Handler};
use super::inner::Inner;
use super::{Channel, Connection, ConsumerEnd, Delivery, TimerId};
use crate::adapters::timers::Timers;
use crate::connection::{ChannelKey, ConsumerId, later};
use crate::error::{Misuse, Result};
use crate::protocol::Protocol;

/// A message and the handler that gets it.
struct Work<P: Protocol> {
    consumer: ConsumerId,
    channel: ChannelKey,
    message: crate::connection::Delivery<P>,
    handler: Handler<P>,
}

/// How long handlers are run.
#[derive(Clone, Copy)]
enum Round {
    /// Until this time, as messages come.
    Until(Instant),
    /// Once for what is there at the beginning, however long that takes.
    Once,
}

impl<P: Protocol> Connection<P> {
    /// Serves the connection for this long: sends heartbeats, gives messages to the handlers of
    /// [`Channel::consume_with`], and runs timers.
    ///
    /// Handlers run only in here and in [`run`](Self::run), and never while a call waits for its
    /// reply; so a handler may use the connection as it likes. If a handler calls this, the
    /// connection is served but no handler runs. A handler that keeps a handle of the connection
    /// or of a channel keeps the connection open; the delivery that it gets has a handle for it.
    ///
    /// # Errors
    /// When the connection is closed; what was received before has been handed out then. When a
    /// channel that handlers got messages from is closed, once. Also the error of a handler: the
    /// other handlers ran all the same. After the last two this can be called again.
    pub fn process_events(&self, timeout: Duration) -> Result<()> {
        let until = later(Instant::now(), timeout);
        self.shared.inner.borrow_mut().catch_up();
        loop {
            self.run_due(if timeout.is_zero() {
                Round::Once
            } else {
                Round::Until(until)
            })?;
            let mut inner = self.shared.inner.borrow_mut();
            let next = match inner.busy {
                true => until,
                false => inner.timers.deadline().map_or(until, |at| at.min(until)),
            };
            let waited = inner.wait(Some(next), |inner| {
                let work = !inner.busy && inner.has_work();
                work.then_some(Ok(()))
            });
            if let Some(Err(error)) = waited {
                // In a handler, the others still get what came for them.
                let kept = (!inner.busy).then(|| inner.let_go());
                drop(inner);
                drop(kept);
                return Err(error);
            }
            if Instant::now() >= until {
                return Ok(());
            }
        }
    }

    /// Serves the connection as [`process_events`](Self::process_events) does, until no consumer
    /// with a handler and no timer is left.
    ///
    /// # Errors
    /// When the connection is closed, and the errors of handlers. [`Misuse::InHandler`] in a
    /// handler, which would wait for itself to end.
    pub fn run(&self) -> Result<()> {
        const STEP: Duration = Duration::from_secs(1);
        loop {
            let step = {
                let mut inner = self.shared.inner.borrow_mut();
                if inner.busy {
                    return Err(Misuse::InHandler("run").into());
                }
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
        let at = later(Instant::now(), delay);
        self.shared
            .inner
            .borrow_mut()
            .timers
            .add(at, Box::new(action))
    }

    /// Forgets a timer; gives whether it was still to run.
    pub fn cancel_timer(&self, timer: TimerId) -> bool {
        let forgotten = self.shared.inner.borrow_mut().timers.cancel(timer);
        // The action is dropped here, where what it holds can use the connection.
        forgotten.is_some()
    }

    /// Runs what can run now. The connection is not borrowed while a handler runs.
    ///
    /// # Errors
    /// The first error of a handler; the others ran all the same.
    fn run_due(&self, round: Round) -> Result<()> {
        let (mut left, before, at) = {
            let mut inner = self.shared.inner.borrow_mut();
            if std::mem::replace(&mut inner.busy, true) {
                return Ok(());
            }
            (inner.waiting(), inner.timers.next_id(), Instant::now())
        };
        let _idle = Idle(self);
        let mut done = Ok(());
        loop {
            let mut inner = self.shared.inner.borrow_mut();
            let ended = inner.forget_ended();
            for (_, end) in &ended {
                if let ConsumerEnd::Closed(reason) = end {
                    done = done.and(Err(reason.clone().into()));
                }
            }
            let (action, work) = match round {
                Round::Until(_) => {
                    inner.catch_up();
                    let action = inner.timers.due(Instant::now(), None);
                    let work = if action.is_none() {
                        inner.next_work()
                    } else {
                        None
                    };
                    (action, work)
                }
                Round::Once => {
                    let action = inner.timers.due(at, Some(before));
                    let work = if action.is_none() && left > 0 {
                        inner.next_work()
                    } else {
                        None
                    };
                    left -= usize::from(work.is_some());
                    (action, work)
                }
            };
            drop(inner);
            drop(ended);
            match (action, work) {
                (Some(action), _) => action(),
                (None, Some(work)) => done = done.and(self.hand_out(work)),
                (None, None) => return done,
            }
            if matches!(round, Round::Until(stop) if Instant::now() >= stop) {
                return done;
            }
        }
    }

    fn hand_out(&self, work: Work<P>) -> Result<()> {
        let Work {
            consumer,
            channel,
            message,
            mut handler,
        } = work;
        let result = handler(Delivery::new(message, Channel::attach(self, channel)));
        self.put_back(consumer, handler);
        result
    }

    fn put_back(&self, consumer: ConsumerId, handler: Handler<P>) {
        let mut inner = self.shared.inner.borrow_mut();
        let unplaced = match inner.handlers.0.get_mut(&consumer) {
            Some(handled) => handled.handler.replace(handler),
            None => Some(handler),
        };
        drop(inner);
        drop(unplaced);
    }
}

/// Says that no handler runs any more. One that panicked is gone, and its consumer with it.
struct Idle<'a, P: Protocol>(&'a Connection<P>);

impl<P: Protocol> Drop for Idle<'_, P> {
    fn drop(&mut self) {
        if let Ok(mut inner) = self.0.shared.inner.try_borrow_mut() {
            inner.busy = false;
            if std::thread::panicking() {
                inner.forget_broken();
            }
        }
    }
}

impl<P: Protocol> Inner<P> {
    /// Messages that wait for handlers.
    fn waiting(&self) -> usize {
        self.handlers
            .0
            .keys()
            .map(|consumer| self.session.waiting(*consumer))
            .sum()
    }

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

    /// Takes out the handlers that get nothing more. They are to be dropped when the connection is
    /// not borrowed, since they may hold handles of it.
    fn forget_ended(&mut self) -> Vec<(Handled<P>, ConsumerEnd)> {
        let Self {
            session, handlers, ..
        } = self;
        let ends = handlers
            .0
            .keys()
            .map(|consumer| (*consumer, session.consumer_end(*consumer)));
        let ended: Vec<_> = ends
            .filter_map(|(consumer, end)| Some((consumer, end?.clone())))
            .collect();
        let mut gone = Vec::new();
        for (consumer, end) in ended {
            if let Some(handled) = self.forget_handler(consumer) {
                self.session.handler_ended(handled.channel, end.clone());
                gone.push((handled, end));
            }
        }
        gone
    }

    fn forget_handler(&mut self, consumer: ConsumerId) -> Option<Handled<P>> {
        self.session.remove_consumer(consumer);
        let handled = self.handlers.0.remove(&consumer)?;
        self.close_unheld(handled.channel);
        Some(handled)
    }

    /// Ends the consumers whose handlers are not in their places.
    fn forget_broken(&mut self) {
        let places = self
            .handlers
            .0
            .iter()
            .filter(|(_, handled)| handled.handler.is_none());
        let broken: Vec<_> = places
            .map(|(consumer, handled)| (*consumer, handled.channel))
            .collect();
        for (consumer, channel) in broken {
            if let Ok(mut channel) = self.core.channel(channel) {
                channel.drop_consumer(consumer, Instant::now());
            }
            self.forget_handler(consumer);
        }
    }

    /// Takes out all handlers and timers of a closed connection, to be dropped when it is not
    /// borrowed. They may hold handles, which would otherwise keep the connection for ever.
    pub(super) fn let_go(&mut self) -> (Vec<Handled<P>>, Timers<Action>) {
        if self.core.closed().is_none() {
            return (Vec::new(), Timers::default());
        }
        let handlers = std::mem::take(&mut self.handlers.0).into_values().collect();
        (handlers, std::mem::take(&mut self.timers))
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
        self.core.drop_channel(key, Instant::now());
        self.write_now();
    }
}
