use std::cell::RefCell;
use std::fmt;
use std::pin::pin;
use std::rc::Rc;
use std::task::Context;
use std::time::{Duration, Instant};

use super::{Channel, Connection, Consumer, ConsumerEnd, Delivery, IntoResult, TimerId};
use crate::adapters::timers::Timers;
use crate::connection::later;
use crate::error::{Misuse, Result};
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::ShortStr;

/// Handlers of messages and timers, run on one thread.
///
/// ```no_run
/// use pika::amqp::basic;
/// use pika::blocking::Connection;
///
/// let connection = Connection::open("amqp://localhost")?;
/// let channel = connection.channel()?;
/// let events = connection.event_loop();
/// events.consume_with(&channel, basic::Consume::new("orders"), |delivery| {
///     println!("{}", String::from_utf8_lossy(delivery.body()));
///     delivery.ack()
/// })?;
/// events.run()?;
/// # Ok::<_, pika::Error>(())
/// ```
///
/// Handlers run only in [`process_events`](Self::process_events) and [`run`](Self::run), never while
/// a call waits for its reply; so a handler may make calls, and may use a clone of the event loop. It
/// keeps its connection open until it is dropped.
pub struct EventLoop<P: Protocol = Selected> {
    shared: Rc<Shared<P>>,
}

/// What the clones of an event loop share.
struct Shared<P: Protocol> {
    connection: Connection<P>,
    inner: RefCell<Inner<P>>,
}

struct Inner<P: Protocol> {
    /// The next one to be served is in front.
    handlers: Vec<Handled<P>>,
    timers: Timers<Action>,
    /// Whether a handler or a timer runs right now.
    busy: bool,
}

/// A consumer and what is done with its messages.
struct Handled<P: Protocol> {
    consumer: Consumer<P>,
    handler: Handler<P>,
}

type Handler<P> = Box<dyn FnMut(Delivery<P>) -> Result<()>>;

type Action = Box<dyn FnOnce()>;

/// How long handlers are run.
#[derive(Clone, Copy)]
enum Round {
    /// Until this time, as messages come.
    Until(Instant),
    /// Once for what is there at the beginning, however long that takes.
    Once,
}

impl<P: Protocol> EventLoop<P> {
    pub(super) fn new(connection: Connection<P>) -> Self {
        let inner = Inner {
            handlers: Vec::new(),
            timers: Timers::default(),
            busy: false,
        };
        let inner = RefCell::new(inner);
        Self {
            shared: Rc::new(Shared { connection, inner }),
        }
    }

    /// Begins a consumer on a channel of this connection whose messages go to `handler`.
    ///
    /// It goes on until it is cancelled with the tag that this returns, or the channel closes. An
    /// error of the handler ends neither it nor the others; [`process_events`](Self::process_events)
    /// returns it. A handler that panics ends its consumer: the messages that it did not see go back
    /// to their queue.
    ///
    /// # Errors
    /// As for [`Channel::consume`].
    pub fn consume_with<D: IntoResult>(
        &self,
        channel: &Channel<P>,
        consume: P::Consume,
        mut handler: impl FnMut(Delivery<P>) -> D + 'static,
    ) -> Result<ShortStr> {
        let consumer = channel.consume(consume)?;
        let tag = consumer.tag().unwrap_or_default();
        let handled = Handled {
            consumer,
            handler: Box::new(move |delivery| handler(delivery).into_result()),
        };
        self.shared.inner.borrow_mut().handlers.push(handled);
        Ok(tag)
    }

    /// Runs `action` once, when `delay` has passed and the loop is served.
    pub fn call_later(&self, delay: Duration, action: impl FnOnce() + 'static) -> TimerId {
        let at = later(Instant::now(), delay);
        let mut inner = self.shared.inner.borrow_mut();
        inner.timers.add(at, Box::new(action))
    }

    /// Forgets a timer. Returns whether it was still to run.
    pub fn cancel_timer(&self, timer: TimerId) -> bool {
        let forgotten = self.shared.inner.borrow_mut().timers.cancel(timer);
        // The action is dropped here, where what it holds can use the loop.
        forgotten.is_some()
    }

    /// Serves the connection for this long, hands messages to the handlers and runs timers.
    ///
    /// With zero it runs what is due and what has arrived, and returns. Called by a handler it serves
    /// the connection, but runs no handler.
    ///
    /// # Errors
    /// When the connection is closed; what was received before has been handed out then. When a
    /// channel that handlers got messages from is closed, once. Also the error of a handler: the
    /// other handlers ran all the same. After the last two this can be called again.
    pub fn process_events(&self, timeout: Duration) -> Result<()> {
        let Shared { connection, inner } = &*self.shared;
        if inner.borrow().busy {
            return connection.process_events(timeout);
        }
        let until = later(Instant::now(), timeout);
        let round = match timeout.is_zero() {
            true => Round::Once,
            false => Round::Until(until),
        };
        connection.look();
        let served = self.serve(round, until);
        if served.is_err() && connection.closed().is_some() {
            // They may hold handles, which would otherwise keep the connection in memory.
            let left = inner.borrow_mut().take_all();
            drop(left);
        }
        served
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
                if inner.handlers.is_empty() && deadline.is_none() {
                    return Ok(());
                }
                let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
                left.map_or(STEP, |left| left.min(STEP))
            };
            self.process_events(step)?;
        }
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &Connection<P> {
        &self.shared.connection
    }

    /// Waits until a handler or a timer has something to do, or until a time.
    ///
    /// # Errors
    /// When the connection is closed.
    fn wait(&self, until: Instant) -> Result<()> {
        let Shared { connection, inner } = &*self.shared;
        let link = connection.inner.link();
        let Some(host) = link.host() else {
            return Err(Misuse::NotOpen.into());
        };
        let mut closed = pin!(connection.inner.wait_closed());
        let mut reason = None;
        {
            let mut inner = inner.borrow_mut();
            let until = inner.timers.deadline().map_or(until, |at| at.min(until));
            let mut poll = |cx: &mut Context<'_>| {
                let mut handlers = inner.handlers.iter_mut();
                if handlers.any(|handled| handled.consumer.poll_ready(cx)) {
                    return true;
                }
                if let std::task::Poll::Ready(found) = closed.as_mut().poll(cx) {
                    reason = Some(found);
                }
                reason.is_some()
            };
            // Also where nothing is read, since another consumer is slow: timers go on.
            host.wait(link, &mut poll, Some(until));
        }
        reason.map_or(Ok(()), |reason| Err(reason.into()))
    }

    fn serve(&self, round: Round, until: Instant) -> Result<()> {
        loop {
            self.run_due(round)?;
            self.wait(until)?;
            if Instant::now() >= until {
                return Ok(());
            }
        }
    }

    /// Runs what can run now.
    ///
    /// # Errors
    /// The first error of a handler; the others ran all the same.
    fn run_due(&self, round: Round) -> Result<()> {
        let (mut left, before, began) = {
            let mut inner = self.shared.inner.borrow_mut();
            inner.busy = true;
            (inner.messages(), inner.timers.next_id(), Instant::now())
        };
        let _idle = Idle(&self.shared.inner);
        let mut done = Ok(());
        loop {
            done = done.and(self.forget_ended());
            let action = {
                let timers = &mut self.shared.inner.borrow_mut().timers;
                match round {
                    Round::Until(_) => timers.due(Instant::now(), None),
                    Round::Once => timers.due(began, Some(before)),
                }
            };
            if let Some(action) = action {
                action();
            } else if matches!(round, Round::Until(_)) || left > 0 {
                left = left.saturating_sub(1);
                match self.handle_one() {
                    Some(result) => done = done.and(result),
                    None => return done,
                }
            } else {
                return done;
            }
            if matches!(round, Round::Until(stop) if Instant::now() >= stop) {
                return done;
            }
        }
    }

    /// Hands out one message, if there is one. The handlers take turns.
    fn handle_one(&self) -> Option<Result<()>> {
        let (mut handled, delivery) = self.shared.inner.borrow_mut().next_work()?;
        // A panic drops the consumer with its handler.
        let result = (handled.handler)(delivery);
        self.shared.inner.borrow_mut().handlers.push(handled);
        Some(result)
    }

    /// Drops the handlers that get no more messages.
    ///
    /// # Errors
    /// The reason, if a channel closed.
    fn forget_ended(&self) -> Result<()> {
        let ended = self.shared.inner.borrow_mut().take_ended();
        let mut done = Ok(());
        for (handled, end) in ended {
            let channel = &handled.consumer.channel().0;
            let key = channel.key();
            if let ConsumerEnd::Closed(reason) = &end {
                done = done.and(Err(reason.clone().into()));
            }
            channel
                .link()
                .with(|state| state.session.handler_ended(key, end));
        }
        done
    }
}

impl<P: Protocol> Inner<P> {
    /// Messages that wait for handlers.
    fn messages(&mut self) -> usize {
        let waiting = self.handlers.iter_mut();
        waiting.map(|handled| handled.consumer.waiting()).sum()
    }

    /// A message and its handler, taken out.
    fn next_work(&mut self) -> Option<(Handled<P>, Delivery<P>)> {
        let mut handlers = self.handlers.iter_mut().enumerate();
        let (at, delivery) =
            handlers.find_map(|(at, handled)| Some((at, handled.consumer.try_next()?)))?;
        Some((self.handlers.remove(at), delivery))
    }

    fn take_all(&mut self) -> (Vec<Handled<P>>, Timers<Action>) {
        let Self {
            handlers, timers, ..
        } = self;
        (std::mem::take(handlers), std::mem::take(timers))
    }

    fn take_ended(&mut self) -> Vec<(Handled<P>, ConsumerEnd)> {
        let mut ended = Vec::new();
        let mut at = 0;
        while let Some(handled) = self.handlers.get(at) {
            match handled.consumer.end() {
                Some(end) => ended.push((self.handlers.remove(at), end)),
                None => at += 1,
            }
        }
        ended
    }
}

/// Says that no handler runs any more.
struct Idle<'a, P: Protocol>(&'a RefCell<Inner<P>>);

impl<P: Protocol> Drop for Idle<'_, P> {
    fn drop(&mut self) {
        if let Ok(mut inner) = self.0.try_borrow_mut() {
            inner.busy = false;
        }
    }
}

impl<P: Protocol> Clone for EventLoop<P> {
    fn clone(&self) -> Self {
        let shared = self.shared.clone();
        Self { shared }
    }
}

impl<P: Protocol> fmt::Debug for EventLoop<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLoop")
            .field("connection", &self.shared.connection)
            .finish_non_exhaustive()
    }
}
