use std::cell::RefCell;
use std::fmt;
use std::future::Future as _;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::{Channel, Connection, Consumer, ConsumerEnd, Delivery, IntoResult, TimerId};
use crate::adapters::timers::Timers;
use crate::connection::later;
use crate::error::{Closed, Error, Failures, Misuse, Result};
use crate::protocol::Protocol;
use crate::versions::Selected;
use crate::wire::{Scope, ShortStr};

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
    on_failure: Option<OnFailure>,
    /// The ends of channels that were reported last, so that none is twice.
    reported: Vec<Arc<Closed>>,
}

/// A consumer and what is done with its messages.
struct Handled<P: Protocol> {
    consumer: Consumer<P>,
    handler: Handler<P>,
}

type Handler<P> = Box<dyn FnMut(Delivery<P>) -> Result<()>>;

type Action = Box<dyn FnOnce() -> Result<()>>;

/// What the program does with an error instead of having it returned.
type OnFailure = Box<dyn FnMut(Error)>;

/// How long handlers are run.
#[derive(Clone, Copy)]
enum Round {
    /// Until this time, if there is one, as messages come.
    Until(Option<Instant>),
    /// Once for what is there at the beginning, however long that takes.
    Once,
}

impl<P: Protocol> EventLoop<P> {
    pub(super) fn new(connection: Connection<P>) -> Self {
        let inner = Inner {
            handlers: Vec::new(),
            timers: Timers::default(),
            busy: false,
            on_failure: None,
            reported: Vec::new(),
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
    /// and [`run`](Self::run) return it. A handler that panics ends its consumer: the messages that it did not see go back
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
    pub fn call_later<D: IntoResult>(
        &self,
        delay: Duration,
        action: impl FnOnce() -> D + 'static,
    ) -> TimerId {
        let at = later(Instant::now(), delay);
        let action = Box::new(move || action().into_result());
        self.shared.inner.borrow_mut().timers.add(at, action)
    }

    /// Forgets a timer. Returns whether it was still to run.
    pub fn cancel_timer(&self, timer: TimerId) -> bool {
        let forgotten = self.shared.inner.borrow_mut().timers.cancel(timer);
        // The action is dropped here, where what it holds can use the loop.
        forgotten.is_some()
    }

    /// Runs `handler` with each error, which is not returned then. A later handler takes its place.
    pub fn on_failure(&self, handler: impl FnMut(Error) + 'static) {
        let handler: OnFailure = Box::new(handler);
        let last = self.shared.inner.borrow_mut().on_failure.replace(handler);
        drop(last);
    }

    /// Serves the connection for this long, hands messages to the handlers and runs timers. What goes
    /// wrong stops nothing.
    ///
    /// With zero it runs what is due and what has arrived, and returns. Called by a handler it serves
    /// the connection, but runs no handler. When the connection closes it returns at once.
    ///
    /// # Errors
    /// The errors of handlers and timers; the reason for which a channel closed that handlers got
    /// messages from, once; and that of the connection, where the program did not close it. When it is
    /// closed already, its reason, whoever closed it. What was received before was handed out.
    pub fn process_events(&self, timeout: Duration) -> Result<(), Failures> {
        let Shared { connection, inner } = &*self.shared;
        let mut failures = Failures::new();
        if inner.borrow().busy {
            if let Err(error) = connection.process_events(timeout) {
                failures.push(error);
            }
            return failures.into_result();
        }
        let was_closed = connection.closed();
        let until = later(Instant::now(), timeout);
        let round = match timeout.is_zero() {
            true => Round::Once,
            false => Round::Until(Some(until)),
        };
        connection.look();
        let ended = self.serve(round, Some(until), &mut failures);
        if let (Some(reason), Some(_)) = (ended, was_closed) {
            if reason.is_normal() {
                self.failed(reason.into(), &mut failures);
            }
        }
        failures.into_result()
    }

    /// Serves the connection as [`process_events`](Self::process_events) does, until no consumer
    /// with a handler and no timer is left, or the connection is closed.
    ///
    /// # Errors
    /// As for [`process_events`](Self::process_events), with all that went wrong. A program that runs
    /// for long hears of it meanwhile by [`on_failure`](Self::on_failure). To close the connection is no
    /// error. [`Misuse::InHandler`] in a handler, which would wait for itself to end.
    pub fn run(&self) -> Result<(), Failures> {
        let mut failures = Failures::new();
        if self.shared.inner.borrow().busy {
            failures.push(Misuse::InHandler("run").into());
            return failures.into_result();
        }
        self.serve(Round::Until(None), None, &mut failures);
        failures.into_result()
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &Connection<P> {
        &self.shared.connection
    }

    /// Runs what there is to run until a time, or without one until nothing is left. Returns the reason
    /// if the connection is closed.
    fn serve(
        &self,
        round: Round,
        until: Option<Instant>,
        failures: &mut Failures,
    ) -> Option<Arc<Closed>> {
        loop {
            self.run_due(round, failures);
            let is_done = until.is_none() && self.shared.inner.borrow_mut().is_idle();
            let ended = match is_done {
                true => self.shared.connection.closed(),
                false => self.wait(until),
            };
            if let Some(reason) = ended {
                // They may hold handles, which would otherwise keep the connection in memory.
                let left = self.shared.inner.borrow_mut().take_all();
                drop(left);
                if !reason.is_normal() {
                    self.failed(reason.clone().into(), failures);
                }
                return Some(reason);
            }
            if is_done || until.is_some_and(|until| Instant::now() >= until) {
                return None;
            }
        }
    }

    /// Waits until a handler or a timer has something to do, or until a time. Returns the reason if
    /// the connection is closed and nothing is left to be handed out.
    fn wait(&self, until: Option<Instant>) -> Option<Arc<Closed>> {
        let Shared { connection, inner } = &*self.shared;
        let link = connection.inner.link();
        let host = link.host()?;
        let mut closed = pin!(connection.inner.wait_closed());
        let mut reason = None;
        let mut inner = inner.borrow_mut();
        let until = inner.timers.deadline().into_iter().chain(until).min();
        let mut poll = |cx: &mut Context<'_>| {
            let mut handlers = inner.handlers.iter_mut();
            if handlers.any(|handled| handled.consumer.poll_ready(cx)) {
                return true;
            }
            if let Poll::Ready(found) = closed.as_mut().poll(cx) {
                reason = Some(found);
            }
            reason.is_some()
        };
        // Also where nothing is read, since another consumer is slow: timers go on.
        host.wait(link, &mut poll, until);
        reason
    }

    /// Runs what can run now.
    fn run_due(&self, round: Round, failures: &mut Failures) {
        let (mut left, before, began) = {
            let mut inner = self.shared.inner.borrow_mut();
            inner.busy = true;
            (inner.messages(), inner.timers.next_id(), Instant::now())
        };
        let _idle = Idle(&self.shared.inner);
        loop {
            self.forget_ended(failures);
            let action = {
                // Timers that become due meanwhile have the next round, so that one which sets itself
                // again keeps nothing else from running.
                let timers = &mut self.shared.inner.borrow_mut().timers;
                timers.due(began, Some(before))
            };
            let result = match action {
                Some(action) => action(),
                None if left == 0 => return,
                None => {
                    left = left.saturating_sub(1);
                    match self.handle_one() {
                        Some(result) => result,
                        None => return,
                    }
                }
            };
            if let Err(error) = result {
                self.failed(error, failures);
            }
            if matches!(round, Round::Until(Some(stop)) if Instant::now() >= stop) {
                return;
            }
        }
    }

    /// Something went wrong: the program hears of it now, or when this returns.
    fn failed(&self, error: Error, failures: &mut Failures) {
        // It may use the loop, and even register another.
        let handler = self.shared.inner.borrow_mut().on_failure.take();
        let Some(mut handler) = handler else {
            return failures.push(error);
        };
        handler(error);
        let mut inner = self.shared.inner.borrow_mut();
        let replaced = match inner.on_failure {
            Some(_) => Some(handler),
            None => {
                inner.on_failure = Some(handler);
                None
            }
        };
        drop(inner);
        drop(replaced);
    }

    /// Hands out one message, if there is one. The handlers take turns.
    fn handle_one(&self) -> Option<Result<()>> {
        let (mut handled, delivery) = self.shared.inner.borrow_mut().next_work()?;
        // A panic drops the consumer with its handler.
        let result = (handled.handler)(delivery);
        self.shared.inner.borrow_mut().handlers.push(handled);
        Some(result)
    }

    /// Drops the handlers that get no more messages. Why a channel closed is reported once; why the
    /// connection did, by whoever waits for it.
    fn forget_ended(&self, failures: &mut Failures) {
        let ended = self.shared.inner.borrow_mut().take_ended();
        for (handled, end) in ended {
            let channel = &handled.consumer.channel().0;
            let key = channel.key();
            if let ConsumerEnd::Closed(reason) = &end {
                let is_new = self.shared.inner.borrow_mut().is_news(reason);
                if is_new && !reason.is_normal() && reason.scope == Scope::Channel {
                    self.failed(reason.clone().into(), failures);
                }
            }
            channel
                .link()
                .with(|state| state.session.handler_ended(key, end));
        }
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

    /// Whether no consumer with a handler and no timer is left.
    fn is_idle(&mut self) -> bool {
        self.handlers.is_empty() && self.timers.deadline().is_none()
    }

    /// Whether the end of a channel was not reported yet.
    fn is_news(&mut self, reason: &Arc<Closed>) -> bool {
        // Those that nothing else keeps cannot come again.
        self.reported.retain(|known| Arc::strong_count(known) > 1);
        let is_new = !self.reported.iter().any(|known| Arc::ptr_eq(known, reason));
        if is_new {
            self.reported.push(reason.clone());
        }
        is_new
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
