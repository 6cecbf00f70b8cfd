use std::time::Instant;

use super::handles::{Connection, HandingOut, Run};
use super::interest::{Interest, Ready};
use super::stream::Socket;
use crate::adapters::asynchronous::step::Step;
use crate::connection::{CallId, ChannelKey, ConsumerId};
use crate::error::{Error, Failures, Result};
use crate::protocol::Protocol;

/// How much is run in one turn; others want their turn too.
const RUNS_AT_A_TURN: usize = 4096;

impl<P: Protocol> Connection<P> {
    /// What the connection waits for.
    ///
    /// It changes with every call of anything; ask each time before you wait. Polls that tell of
    /// changes and not of states need no such thing, see the [module](super).
    #[must_use]
    pub fn interest(&self) -> Interest {
        // A transport of the program's own may lead here; nothing can be said then.
        let Ok(host) = self.shared.host.try_borrow() else {
            return Interest::default();
        };
        if host.is_dialling() {
            return Interest {
                readable: false,
                writable: true,
            };
        }
        let is_live = !host.is_gone();
        let reads = || !self.has_news() && self.link().with(|state| state.may_read());
        Interest {
            readable: is_live && reads(),
            writable: is_live && self.wants_write(),
        }
    }

    /// When [`on_ready`](Self::on_ready) has to be called at the latest, if nothing happens before.
    ///
    /// It changes with every call of anything. A time that has passed means at once; none means that
    /// only the transport matters.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let Ok(host) = self.shared.host.try_borrow() else {
            return Some(self.shared.past);
        };
        if self.has_news() || self.shared.bell.rings() || self.can_move() {
            return Some(self.shared.past);
        }
        if host.is_away() && self.link().with(|state| state.wants_driver()) {
            return Some(self.shared.past);
        }
        let protocol = self.link().with(|state| state.deadline());
        let protocol = protocol.filter(|_| !host.is_dialling() && !host.is_away());
        host.deadline().into_iter().chain(protocol).min()
    }

    /// The socket as it is now; none over a [`Transport`](super::Transport), and none when the
    /// connection has let go of it. While the connection tries one address after the other it
    /// changes.
    #[must_use]
    pub fn socket(&self) -> Option<Socket> {
        self.shared.host.try_borrow().ok()?.socket()
    }

    /// Serves the connection: reads and writes what can be, does what is due, and runs completions
    /// and handlers. It does not block.
    ///
    /// `ready` says what the transport is ready for; with [`Ready::NOTHING`] time alone has passed.
    /// If a handler calls this, bytes and time move but no handler runs.
    ///
    /// # Errors
    /// The errors of completions and handlers, in their order; all others ran all the same, and the
    /// connection is as alive as before. An error that no completion takes, since its [`Then`](super::Then) was
    /// dropped. Why a channel or the connection closed, once, if the program did not close it and
    /// neither a completion nor a handler was told.
    pub fn on_ready(&self, ready: Ready) -> Result<(), Failures> {
        let mut errors = Vec::new();
        self.turn(ready, &mut errors);
        let mut failures = Failures::new();
        errors.into_iter().for_each(|error| failures.push(error));
        failures.into_result()
    }

    /// As [`on_ready`](Self::on_ready), with all errors.
    pub(super) fn turn(&self, ready: Ready, failures: &mut Vec<Error>) {
        let me = &*self.shared;
        me.polled.tell(ready);
        self.drive();
        if me.is_busy.replace(true) {
            return;
        }
        let idle = Idle(self);
        for _ in 0..RUNS_AT_A_TURN {
            if !self.run_next() {
                break;
            }
        }
        // A verb that begins later finds no other that waits for its turn.
        self.run_ended();
        drop(idle);
        if let Ok(mut host) = me.host.try_borrow_mut() {
            host.flush(self.link());
        }
        failures.append(&mut me.failures.borrow_mut());
        self.let_go();
    }

    /// Moves bytes and time. What comes of it waits as events.
    pub(super) fn drive(&self) {
        // A transport of the program's own may lead here.
        if let Ok(mut host) = self.shared.host.try_borrow_mut() {
            self.shared.bell.stop();
            host.drive(self.link(), &self.shared.waker);
        }
    }

    /// Runs what is next in the order of the frames; gives whether there was something.
    fn run_next(&self) -> bool {
        if self.run_ended() || self.run_told() || self.hand_out() {
            return true;
        }
        if self.shared.tasks.defers() {
            let (steps, _) = self.link().progress();
            if let Some(run) = self.shared.tasks.next_due(steps) {
                self.fails(run(self));
                return true;
            }
        }
        self.take_step()
    }

    /// Keeps an error for whoever serves the connection.
    pub(super) fn fails(&self, result: Result<()>) {
        if let Err(error) = result {
            self.shared.failures.borrow_mut().push(error);
        }
    }

    /// Runs the completions of verbs that have ended.
    fn run_ended(&self) -> bool {
        let mut is_any = false;
        while let Some(run) = self.shared.tasks.next_ended() {
            self.fails(run(self));
            is_any = true;
        }
        is_any
    }

    /// Runs what an event has become, one handler at a time.
    fn run_told(&self) -> bool {
        let next = self.shared.next.borrow_mut().pop_front();
        let is_any = next.is_some();
        if let Some(run) = next {
            self.fails(run(self));
        }
        is_any
    }

    fn take_step(&self) -> bool {
        let mut handing_out = self.shared.handing_out.borrow_mut();
        let is_awaited = |call: CallId| self.shared.calls.borrow().contains_key(&call);
        let step = self.link().step(&mut handing_out.messages, is_awaited);
        match step {
            None => return false,
            Some(Step::Woken) => {}
            Some(Step::Deliveries(channel, consumer)) => {
                self.begin_handing_out(&mut handing_out, channel, consumer);
            }
            Some(Step::Stopped(reason)) => {
                let tell: Run<P> = Box::new(move |connection| connection.all_closed(&reason));
                self.shared.next.borrow_mut().push_back(tell);
            }
            Some(Step::Unclaimed(call)) => {
                self.shared.unclaimed.borrow_mut().insert(call);
            }
            Some(Step::Reply(call, answer)) => {
                drop(handing_out);
                let awaited = self.shared.calls.borrow_mut().remove(&call);
                if let Some(awaited) = awaited {
                    self.fails((awaited.resolve)(self, answer));
                }
            }
            // Those who waited for it are told first.
            Some(Step::Other(event)) => {
                let tell: Run<P> = Box::new(move |connection| connection.tell_event(event));
                self.shared.next.borrow_mut().push_back(tell);
            }
        }
        true
    }

    /// The messages of a consumer are there.
    fn begin_handing_out(
        &self,
        handing_out: &mut HandingOut<P>,
        channel: ChannelKey,
        consumer: ConsumerId,
    ) {
        if handing_out.id != Some(consumer) || handing_out.consumer.is_none() {
            handing_out.id = Some(consumer);
            handing_out.consumer = self.shared.consumers.borrow().get(&consumer).cloned();
        }
        if handing_out.consumer.is_none() {
            let messages = handing_out.messages.drain(..);
            self.link().with(|state| state.give_back(channel, messages));
        }
    }

    /// Hands a message to its handler, if there is one.
    #[inline]
    fn hand_out(&self) -> bool {
        let (consumer, message) = {
            let mut handing_out = self.shared.handing_out.borrow_mut();
            let Some(message) = handing_out.messages.pop_front() else {
                return false;
            };
            let Some(consumer) = handing_out.consumer.clone() else {
                return true;
            };
            handing_out.is_running = true;
            (consumer, message)
        };
        // The server has those back that were settled with others.
        if !consumer.record.front.is_stale(&message) {
            let channel = self.channel_of(consumer.record.clone());
            let delivery = super::Delivery::new(message, channel);
            if let Ok(mut handler) = consumer.handler.try_borrow_mut() {
                self.fails(handler(delivery));
            }
        }
        self.shared.handing_out.borrow_mut().is_running = false;
        true
    }

    /// Ends a consumer whose handler panicked. What it has not seen goes back.
    fn end_broken(&self) {
        let (id, messages) = {
            let mut handing_out = self.shared.handing_out.borrow_mut();
            let is_running = std::mem::take(&mut handing_out.is_running);
            if !is_running {
                return;
            }
            let Some(id) = handing_out.id.take() else {
                return;
            };
            handing_out.consumer = None;
            (id, std::mem::take(&mut handing_out.messages))
        };
        let Some(consumer) = self.shared.consumers.borrow_mut().remove(&id) else {
            return;
        };
        let (key, now) = (consumer.record.front.key(), Instant::now());
        self.link().with(|state| {
            if let Ok(mut channel) = state.core.channel(key) {
                channel.drop_consumer(id, now);
            }
            state.give_back(key, messages);
        });
    }

    /// Whether something is still to be told.
    pub(super) fn has_news(&self) -> bool {
        let messages = self.shared.handing_out.try_borrow();
        messages.is_ok_and(|it| !it.messages.is_empty())
            || !self.shared.next.borrow().is_empty()
            || !self.shared.failures.borrow().is_empty()
            || self.shared.tasks.is_busy()
            || self.link().with(|state| state.has_steps())
    }

    /// Whether something is to be written, or the last of it was.
    fn wants_write(&self) -> bool {
        let is_begun = self
            .shared
            .host
            .try_borrow()
            .is_ok_and(|host| host.wants_write());
        is_begun
            || self
                .link()
                .with(|state| state.core.wants_write() || state.core.is_finished())
    }

    /// Whether reading or writing may be possible right now.
    fn can_move(&self) -> bool {
        let Ok(host) = self.shared.host.try_borrow() else {
            return false;
        };
        let ready = self.shared.polled.ready();
        if host.is_dialling() {
            return ready.writable;
        }
        let is_live = !host.is_gone();
        let reads = || ready.readable && self.link().with(|state| state.may_read());
        is_live && (reads() || (ready.writable && self.wants_write()))
    }

    /// Whether the connection has ended and everything was told: the loop can forget it.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        let is_gone = self
            .shared
            .host
            .try_borrow()
            .is_ok_and(|host| host.is_gone());
        self.shared.is_over.get() && is_gone && !self.has_news()
    }

    /// Whether nothing can come of the connection that anybody hears of.
    pub(super) fn is_unattended(&self) -> bool {
        let me = &*self.shared;
        let quiet = !self.has_news() && me.calls.borrow().is_empty() && me.tasks.is_empty();
        quiet && me.consumers.borrow().is_empty() && me.handlers.borrow().is_empty()
    }

    /// Drops what a connection that is over still holds. Handlers may hold handles, which would
    /// otherwise keep the connection for ever.
    fn let_go(&self) {
        let me = &*self.shared;
        if !me.is_over.get() || self.has_news() {
            return;
        }
        let handing_out = me.handing_out.take();
        let left = (me.consumers.take(), me.handlers.take(), handing_out);
        drop(left);
    }

    /// Runs something in its turn, when everything that happened before is told.
    pub(super) fn in_turn(&self, run: impl FnOnce(&Self) -> Result<()> + 'static) {
        let run: Run<P> = Box::new(run);
        self.defer(run);
    }
}

/// Says that no handler runs any more. A consumer whose handler panicked is ended.
struct Idle<'a, P: Protocol>(&'a Connection<P>);

impl<P: Protocol> Drop for Idle<'_, P> {
    fn drop(&mut self) {
        self.0.shared.is_busy.set(false);
        if std::thread::panicking() {
            self.0.end_broken();
        }
    }
}
