use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::state::{Alert, ChannelHandlers, Confirmed, Handlers};
use super::then::Undecided;
use super::{Channel, Connection, Interest, Ready, Socket};
use crate::connection::{
    Answer, CallId, CancelledBy, ChannelKey, ConsumerId, Delivery, Event, Outcome,
};
use crate::error::{Closed, Error, Result};
use crate::protocol::Protocol;
use crate::wire::{Scope, ShortStr};

/// How much is run in one turn; others want their turn too.
const TASKS_AT_A_TURN: usize = 4096;

/// Something to be run when its turn comes.
pub(super) enum Task<P: Protocol> {
    /// Tell the program of it.
    Event(Event<P>),
    /// Hand out a message.
    Delivery(ConsumerId, Delivery<P>),
    /// Hand out messages of one consumer, one at a time.
    Deliveries(ConsumerId, VecDeque<Delivery<P>>),
    /// What was known before its turn.
    Run(Run<P>),
}

/// Code of the program, or code that leads to it.
pub(super) type Run<P> = Box<dyn FnOnce(&Connection<P>) -> Result<()>>;

/// What to do with the answer to a call.
pub(super) type Resolve<P> = Box<dyn FnOnce(&Connection<P>, Result<Answer<P>>) -> Result<()>>;

/// A call whose answer is waited for.
pub(super) struct Awaited<P: Protocol> {
    pub(super) resolve: Resolve<P>,
    /// While it is open, the answer stays with the connection when it comes, to be undone or taken.
    undecided: Option<Rc<dyn Undecided>>,
    /// Whether it came and stayed there.
    pub(super) is_answered: bool,
}

impl<P: Protocol> Awaited<P> {
    pub(super) const fn new(resolve: Resolve<P>, undecided: Option<Rc<dyn Undecided>>) -> Self {
        Self {
            resolve,
            undecided,
            is_answered: false,
        }
    }

    /// The answer came. Returns whether it stays with the connection.
    fn answered(&mut self) -> bool {
        let stays = self.undecided.as_ref().is_some_and(|it| it.is_open());
        self.is_answered = stays;
        stays
    }
}

impl<P: Protocol> Connection<P> {
    /// What the connection waits for.
    ///
    /// It changes with every call of anything; ask each time before you wait. Polls that tell of
    /// changes and not of states need no such thing, see the [module](super).
    #[must_use]
    pub fn interest(&self) -> Interest {
        self.inner().interest()
    }

    /// When [`on_ready`](Self::on_ready) has to be called at the latest, if nothing happens before.
    ///
    /// It changes with every call of anything. A time that has passed means at once; none means that
    /// only the transport matters.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.inner().deadline()
    }

    /// The socket as it is now; none over a [`Transport`](super::Transport), and none when the
    /// connection has let go of it. While the connection tries one address after the other it
    /// changes.
    #[must_use]
    pub fn socket(&self) -> Option<Socket> {
        self.inner().link.socket()
    }

    /// Serves the connection: reads and writes what can be, does what is due, and runs completions
    /// and handlers. It does not block.
    ///
    /// `ready` says what the transport is ready for; with [`Ready::NOTHING`] time alone has passed.
    /// If a handler calls this, bytes and time move but no handler runs.
    ///
    /// # Errors
    /// The first error of a completion or handler; all others ran all the same, and the connection
    /// is as alive as before. An error that no completion takes, since its [`Then`](super::Then) was
    /// dropped. Why a channel or the connection closed, once, if the program did not close it and
    /// neither a completion nor a handler was told.
    pub fn on_ready(&self, ready: Ready) -> Result<()> {
        let mut failures = Vec::new();
        self.turn(ready, &mut failures);
        match failures.into_iter().next() {
            Some(first) => Err(first),
            None => Ok(()),
        }
    }

    /// As [`on_ready`](Self::on_ready), with all errors.
    pub(super) fn turn(&self, ready: Ready, failures: &mut Vec<Error>) {
        {
            let mut inner = self.inner();
            inner.serve(ready);
            if std::mem::replace(&mut inner.is_busy, true) {
                return;
            }
        }
        let idle = Idle(self);
        for _ in 0..TASKS_AT_A_TURN {
            let task = self.inner().next_task();
            match task {
                Some(task) => self.run(task, failures),
                None => break,
            }
        }
        drop(idle);
        let mut inner = self.inner();
        inner.flush();
        let left = inner.let_go();
        drop(inner);
        drop(left);
    }

    fn run(&self, task: Task<P>, failures: &mut Vec<Error>) {
        match task {
            Task::Run(run) => failures.extend(run(self).err()),
            Task::Event(event) => self.tell_event(event, failures),
            Task::Delivery(consumer, message) => self.deliver(consumer, message, failures),
            // The queue takes them apart.
            Task::Deliveries(..) => {}
        }
    }

    fn tell_event(&self, event: Event<P>, failures: &mut Vec<Error>) {
        match event {
            // The queue takes them apart.
            Event::Deliveries { .. } => {}
            Event::Reply { call } => self.replied(call, failures),
            Event::TicketReady { ticket } => self.inner().ticket_ready(ticket),
            Event::Confirmed {
                channel,
                first,
                last,
                outcome,
            } => {
                if let Outcome::Returned(message) = &outcome {
                    self.tell_channel(channel, |to| &mut to.returned, &**message, failures);
                }
                let confirmed = Confirmed {
                    first,
                    last,
                    outcome,
                };
                self.confirmed(channel, &confirmed, failures);
            }
            Event::Returned { channel, message } => {
                self.tell_channel(channel, |to| &mut to.returned, &*message, failures);
            }
            Event::ConsumerCancelled { consumer, by, .. } => {
                self.consumer_ended(consumer, by, failures);
            }
            Event::Flow { channel, active } => {
                if let Some(state) = self.inner().channels.get_mut(&channel) {
                    state.flow = active;
                }
                self.tell_channel(channel, |to| &mut to.flow, &active, failures);
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
                self.tell_channel(channel, |to| &mut to.alert, &alert, failures);
            }
            Event::Blocked { reason } => self.blocked_changed(Some(reason), failures),
            Event::Unblocked => self.blocked_changed(None, failures),
            Event::Opened(_) => self.opened(failures),
            Event::ChannelClosed { channel, reason } => {
                self.channel_closed(channel, &reason, failures);
            }
            Event::Closed(reason) => self.all_closed(&reason, failures),
        }
    }

    fn deliver(&self, consumer: ConsumerId, message: Delivery<P>, failures: &mut Vec<Error>) {
        let mut inner = self.inner();
        let Some(found) = inner.consumers.get(&consumer) else {
            // Its handler has panicked. One that needs no acknowledgement cannot go back.
            let _settled = inner.core.reject(message.into_token(), true);
            return;
        };
        let (channel, handler) = (found.channel, found.handler.clone());
        inner.running = Some(consumer);
        let channel = Channel::attach_in(&mut inner, self, channel);
        drop(inner);
        let delivery = super::Delivery::new(message, channel);
        if let Ok(mut handler) = handler.try_borrow_mut() {
            failures.extend(handler(delivery).err());
        }
    }

    fn replied(&self, call: CallId, failures: &mut Vec<Error>) {
        let resolved = {
            let mut inner = self.inner();
            let stays = inner.calls.get_mut(&call).is_some_and(Awaited::answered);
            if stays {
                return;
            }
            let awaited = inner.take_call(call);
            let answer = inner.core.take_reply(call);
            if let (Some(_), Some(Err(error))) = (&awaited, &answer) {
                inner.note_told(call.channel(), error);
            }
            awaited.zip(answer)
        };
        if let Some((awaited, answer)) = resolved {
            failures.extend((awaited.resolve)(self, answer).err());
        }
        self.tidy(call.channel());
    }

    fn consumer_ended(&self, consumer: ConsumerId, by: CancelledBy, failures: &mut Vec<Error>) {
        let ended = self.inner().take_consumer(consumer);
        if let Some(ended) = ended {
            if by == CancelledBy::Server {
                self.tell_channel(ended.channel, |to| &mut to.cancelled, &ended.tag, failures);
            }
            self.tidy(ended.channel);
        }
    }

    fn blocked_changed(&self, reason: Option<ShortStr>, failures: &mut Vec<Error>) {
        self.inner().blocked.clone_from(&reason);
        self.tell(
            |inner| Some(&mut inner.handlers.blocked),
            (self, &reason),
            failures,
        );
    }

    fn opened(&self, failures: &mut Vec<Error>) {
        let (opening, handlers) = {
            let mut inner = self.inner();
            let opening = std::mem::take(&mut inner.opening);
            (opening, std::mem::take(&mut inner.handlers.opened))
        };
        for promise in opening {
            if promise.is_unwanted() {
                continue;
            }
            let opened = self.inner().open_channel();
            match opened {
                Ok((key, call)) => {
                    let resolve = move |connection: &Self, answer: Result<Answer<P>>| {
                        promise.resolve(answer.map(|_| Channel::attach(connection, key)))
                    };
                    let awaited = Awaited::new(Box::new(resolve), None);
                    self.inner().add_call(call, awaited);
                }
                Err(error) => failures.extend(promise.resolve(Err(error)).err()),
            }
        }
        for handler in handlers {
            failures.extend(handler(self, &()).err());
        }
    }

    fn channel_closed(&self, key: ChannelKey, reason: &Arc<Closed>, failures: &mut Vec<Error>) {
        let (ended, handlers, is_told) = {
            let mut inner = self.inner();
            let ended = inner.take_consumers_of(key);
            let Some(state) = inner.channels.get_mut(&key) else {
                return;
            };
            state.is_over = true;
            let handlers = std::mem::take(&mut state.handlers.closed);
            let is_told = state.is_told || !state.held.is_empty() || !handlers.is_empty();
            inner.fail_held(key, &reason.clone().into());
            (ended, handlers, is_told)
        };
        drop(ended);
        // What ends with its connection is not told of by itself.
        if !is_told && reason.scope == Scope::Channel && !reason.is_normal() {
            failures.push(reason.clone().into());
        }
        if !handlers.is_empty() {
            let channel = Channel::attach(self, key);
            for handler in handlers {
                failures.extend(handler(&channel, reason).err());
            }
        }
        self.tidy(key);
    }

    fn all_closed(&self, reason: &Arc<Closed>, failures: &mut Vec<Error>) {
        let (opening, opened, handlers, is_told) = {
            let mut inner = self.inner();
            inner.is_over = true;
            let opening = std::mem::take(&mut inner.opening);
            let is_told = inner.is_told || !inner.closing.is_empty() || !opening.is_empty();
            inner.defer_close_result();
            let opened = std::mem::take(&mut inner.handlers.opened);
            let handlers = std::mem::take(&mut inner.handlers.closed);
            (opening, opened, handlers, is_told)
        };
        drop(opened);
        if handlers.is_empty() && !is_told && !reason.is_normal() {
            failures.push(reason.clone().into());
        }
        for promise in opening {
            failures.extend(promise.resolve(Err(reason.clone().into())).err());
        }
        for handler in handlers {
            failures.extend(handler(self, reason).err());
        }
    }

    /// Tells the handlers of a channel.
    pub(super) fn tell_channel<A: 'static>(
        &self,
        key: ChannelKey,
        pick: impl Fn(&mut ChannelHandlers<P>) -> &mut Handlers<Channel<P>, A>,
        what: &A,
        failures: &mut Vec<Error>,
    ) {
        let is_heard = match self.inner().channels.get_mut(&key) {
            Some(state) => !pick(&mut state.handlers).is_empty(),
            None => false,
        };
        if is_heard {
            let channel = Channel::attach(self, key);
            self.tell(
                |inner| Some(pick(&mut inner.channels.get_mut(&key)?.handlers)),
                (&channel, what),
                failures,
            );
        }
    }

    /// Lets go of a channel that nothing can come of any more.
    pub(super) fn tidy(&self, channel: ChannelKey) {
        let unused = self.inner().release_unused(channel);
        drop(unused);
    }
}

/// Says that no handler runs any more. A consumer whose handler panicked is ended.
struct Idle<'a, P: Protocol>(&'a Connection<P>);

impl<P: Protocol> Drop for Idle<'_, P> {
    fn drop(&mut self) {
        let Ok(mut inner) = self.0.shared.inner.try_borrow_mut() else {
            return;
        };
        inner.is_busy = false;
        let running = inner.running.take();
        let broken = running.filter(|_| std::thread::panicking());
        let ended = broken.and_then(|consumer| inner.drop_consumer(consumer));
        drop(inner);
        drop(ended);
    }
}
