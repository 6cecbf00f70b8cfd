use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::io;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use mio::event::Source;
use mio::{Events, Poll, Registry, Token};

use super::IntoResult;
use super::handles::{Connection, Shared as Behind};
use super::interest::Ready;
use crate::adapters::timers::{TimerId, Timers};
use crate::connection::later;
use crate::error::{Error, Failures, Misuse, Result};
use crate::protocol::Protocol;

/// Events taken from the system at once; more come with the next step.
const EVENTS: usize = 256;

/// A small event loop for any number of connections and timers, in one thread.
///
/// Connections may be of different versions. While nothing happens it sleeps, until a heartbeat or
/// some other deadline is due. A handler that fails stops no other, and the end of one connection
/// ends nothing else.
///
/// Clones are the same loop, so that handlers can add connections and timers. A timer or handler
/// that holds one keeps the loop until it has run or its connection is closed.
#[derive(Clone)]
pub struct Loop {
    shared: Rc<Shared>,
}

struct Shared {
    poll: RefCell<Poll>,
    registry: Registry,
    state: RefCell<State>,
}

/// What is borrowed only while nothing of the program runs.
#[derive(Default)]
struct State {
    members: BTreeMap<usize, Rc<dyn Member>>,
    /// Connections that the loop has let go of. Those that the program holds may be asked something.
    ended: BTreeMap<usize, Box<dyn Ended>>,
    next: usize,
    timers: Timers<Action>,
    is_busy: bool,
    is_stopped: bool,
    on_failure: Option<OnFailure>,
    /// What went wrong and was not returned or told yet.
    errors: VecDeque<Error>,
}

/// What the program does with an error instead of having it returned.
type OnFailure = Box<dyn FnMut(Error)>;

type Action = Box<dyn FnOnce() -> Result<()>>;

/// A connection of any version.
trait Member {
    /// Says what the transport is ready for, so that it is known whatever happens before its turn.
    fn tell(&self, ready: Ready);
    fn turn(&self, ready: Ready, failures: &mut Vec<Error>);
    fn deadline(&self) -> Option<Instant>;
    fn is_finished(&self) -> bool;
    fn close_if_unattended(&self);
    fn let_go(&self) -> Box<dyn Ended>;
}

/// A connection of any version that has ended.
trait Ended {
    fn look(&self) -> Look;
}

/// What has become of a connection that has ended.
enum Look {
    /// Nobody holds it.
    Gone,
    Quiet,
    /// There is something to be told.
    Asked(Rc<dyn Member>),
}

impl<P: Protocol> Member for Connection<P> {
    fn tell(&self, ready: Ready) {
        self.shared.polled.tell(ready);
    }

    fn turn(&self, ready: Ready, failures: &mut Vec<Error>) {
        Self::turn(self, ready, failures);
    }

    fn deadline(&self) -> Option<Instant> {
        Self::deadline(self)
    }

    fn is_finished(&self) -> bool {
        Self::is_finished(self)
    }

    fn close_if_unattended(&self) {
        let is_held = Rc::strong_count(&self.shared) > 1;
        if !is_held && self.closed().is_none() && self.is_unattended() {
            drop(self.close());
        }
    }

    fn let_go(&self) -> Box<dyn Ended> {
        Box::new(Rc::downgrade(&self.shared))
    }
}

impl<P: Protocol> Ended for Weak<Behind<P>> {
    fn look(&self) -> Look {
        match self.upgrade().map(|shared| Connection { shared }) {
            None => Look::Gone,
            Some(connection) if connection.is_finished() => Look::Quiet,
            Some(connection) => Look::Asked(Rc::new(connection)),
        }
    }
}

impl Loop {
    /// A loop with nothing in it.
    ///
    /// # Errors
    /// When the system has no poll to spare.
    pub fn new() -> Result<Self> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        Ok(Self {
            shared: Rc::new(Shared {
                poll: RefCell::new(poll),
                registry,
                state: RefCell::default(),
            }),
        })
    }

    /// Serves a connection from now on, until it has ended; and after that, as long as the program
    /// holds it, what is asked of it all the same.
    ///
    /// The loop holds a handle of it. When that is the last one, and no consumer, handler or
    /// completion is left, the connection is closed in good order.
    ///
    /// # Errors
    /// When the connection has no socket, or is in a loop already.
    pub fn add<P: Protocol>(&self, connection: &Connection<P>) -> Result<()> {
        let mut state = self.shared.state.borrow_mut();
        let token = state.next;
        let both = mio::Interest::READABLE.add(mio::Interest::WRITABLE);
        let mut source = connection.clone();
        match source.register(&self.shared.registry, Token(token), both) {
            // There is nothing to wait for, but something to be told.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {}
            other => other?,
        }
        state.next += 1;
        state.members.insert(token, Rc::new(source));
        Ok(())
    }

    /// Runs `action` once, when `delay` has passed.
    pub fn call_later<D: IntoResult>(
        &self,
        delay: Duration,
        action: impl FnOnce() -> D + 'static,
    ) -> TimerId {
        let at = later(Instant::now(), delay);
        let action = Box::new(move || action().into_result());
        self.shared.state.borrow_mut().timers.add(at, action)
    }

    /// Forgets a timer; gives whether it was still to run.
    pub fn cancel_timer(&self, timer: TimerId) -> bool {
        let forgotten = self.shared.state.borrow_mut().timers.cancel(timer);
        // The action is dropped here, where what it holds can use the loop.
        forgotten.is_some()
    }

    /// Whether no connection and no timer is left.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.forget_finished(self.members());
        self.shared.state.borrow_mut().is_done()
    }

    /// Runs until no connection and no timer is left, or [`stop`](Self::stop) is called. What goes
    /// wrong stops nothing.
    ///
    /// # Errors
    /// As for [`step`](Self::step), with what went wrong in all steps. A program that runs for long
    /// hears of it meanwhile by [`on_failure`](Self::on_failure).
    pub fn run(&self) -> Result<(), Failures> {
        let mut failures = Failures::new();
        while !self.is_done() {
            if self.step_into(None, &mut failures).is_err() {
                break;
            }
            if std::mem::take(&mut self.shared.state.borrow_mut().is_stopped) {
                break;
            }
        }
        failures.into_result()
    }

    /// Makes so many steps, or fewer when nothing is left to do.
    ///
    /// # Errors
    /// As for [`step`](Self::step), with what went wrong in all steps.
    pub fn run_steps(&self, count: usize) -> Result<(), Failures> {
        let mut failures = Failures::new();
        for _ in 0..count {
            if self.step_into(None, &mut failures).is_err() {
                break;
            }
        }
        failures.into_result()
    }

    /// Runs `handler` with each error, which is not returned then. A later handler takes its place.
    pub fn on_failure(&self, handler: impl FnMut(Error) + 'static) {
        let handler: OnFailure = Box::new(handler);
        let last = self.shared.state.borrow_mut().on_failure.replace(handler);
        drop(last);
    }

    /// Lets [`run`](Self::run) return after the current step, whatever is left.
    pub fn stop(&self) {
        self.shared.state.borrow_mut().is_stopped = true;
    }

    /// Waits until something happens or is due, but no longer than `timeout`; serves what it is for,
    /// and runs the timers that are due. It does not wait when nothing is left to do.
    ///
    /// # Errors
    /// What went wrong in handlers, completions and timers, all of which ran; and the reasons for
    /// which connections and channels closed that have no handler for that.
    /// [`Misuse::InHandler`] in a handler, which would run inside another.
    pub fn step(&self, timeout: impl Into<Option<Duration>>) -> Result<(), Failures> {
        let mut failures = Failures::new();
        // An error of the poll is among them.
        _ = self.step_into(timeout.into(), &mut failures);
        failures.into_result()
    }

    /// Makes a step. Fails where none can be made, of which the failures say why.
    fn step_into(
        &self,
        timeout: Option<Duration>,
        failures: &mut Failures,
    ) -> std::result::Result<(), NoStep> {
        let made = self.try_step(timeout);
        loop {
            let error = self.shared.state.borrow_mut().errors.pop_front();
            let Some(error) = error else { break };
            // It may use the loop, and even register another.
            let handler = self.shared.state.borrow_mut().on_failure.take();
            match handler {
                None => failures.push(error),
                Some(handler) => OnFailureIn(self, Some(handler)).tell(error),
            }
        }
        made.map_err(|error| {
            failures.push(error);
            NoStep
        })
    }

    fn try_step(&self, timeout: Option<Duration>) -> Result<()> {
        if self.shared.state.borrow().is_busy {
            return Err(Misuse::InHandler("step").into());
        }
        // One that has ended, or that nobody holds any more, is nothing to wait for.
        self.forget_finished(self.members());
        let mut state = self.shared.state.borrow_mut();
        state.is_busy = true;
        let _idle = Idle(self);
        let timers = state.timers.next_id();
        let wait = state.wait(timeout);
        drop(state);
        let Some(wait) = wait else { return Ok(()) };
        let mut ready = self.poll(wait)?;
        let now = Instant::now();
        let members = self.members();
        for (token, member) in &members {
            if let Some(ready) = ready.remove(token) {
                member.tell(ready);
            }
        }
        for (_, member) in &members {
            if member.deadline().is_some_and(|at| at <= now) {
                let mut errors = Vec::new();
                member.turn(Ready::NOTHING, &mut errors);
                self.shared.state.borrow_mut().errors.extend(errors);
            }
        }
        loop {
            let action = {
                let mut state = self.shared.state.borrow_mut();
                state.timers.due(now, Some(timers))
            };
            let Some(action) = action else { break };
            if let Err(error) = action() {
                self.shared.state.borrow_mut().errors.push_back(error);
            }
        }
        self.forget_finished(members);
        Ok(())
    }

    /// What is ready. None at all is fine: it is time then.
    fn poll(&self, wait: Option<Duration>) -> io::Result<HashMap<usize, Ready>> {
        let mut events = Events::with_capacity(EVENTS);
        match self.shared.poll.borrow_mut().poll(&mut events, wait) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        let mut ready = HashMap::new();
        for event in &events {
            // kqueue(2) tells of reading and of writing apart.
            let known = ready.entry(event.token().0).or_insert(Ready::NOTHING);
            *known = known.and(Ready::from(event));
        }
        Ok(ready)
    }

    fn members(&self) -> Vec<(usize, Rc<dyn Member>)> {
        let state = self.shared.state.borrow();
        let members = state.members.iter();
        members
            .map(|(token, member)| (*token, member.clone()))
            .collect()
    }

    fn forget_finished(&self, members: Vec<(usize, Rc<dyn Member>)>) {
        for (token, member) in members {
            member.close_if_unattended();
            if member.is_finished() {
                let mut state = self.shared.state.borrow_mut();
                let forgotten = state.members.remove(&token);
                state.ended.insert(token, member.let_go());
                drop(state);
                drop(forgotten);
            }
        }
    }
}

impl State {
    /// Whether nothing is left to do, after looking at what has ended.
    fn is_done(&mut self) -> bool {
        let members = &mut self.members;
        self.ended.retain(|token, ended| match ended.look() {
            Look::Gone => false,
            Look::Quiet => true,
            Look::Asked(member) => {
                members.insert(*token, member);
                false
            }
        });
        members.is_empty() && self.timers.deadline().is_none()
    }

    /// How long to wait; none at all when nothing is left to do.
    fn wait(&mut self, timeout: Option<Duration>) -> Option<Option<Duration>> {
        if self.is_done() {
            return None;
        }
        let timer = self.timers.deadline();
        let members = self.members.values();
        let next = members.filter_map(|member| member.deadline());
        let next = next.chain(timer).min();
        let now = Instant::now();
        let next = next.map(|next| next.saturating_duration_since(now));
        Some(next.into_iter().chain(timeout).min())
    }
}

/// No step could be made.
struct NoStep;

/// A handler of errors that runs; it is put back, unless there is another by then.
struct OnFailureIn<'a>(&'a Loop, Option<OnFailure>);

impl OnFailureIn<'_> {
    fn tell(mut self, error: Error) {
        if let Some(handler) = &mut self.1 {
            handler(error);
        }
    }
}

impl Drop for OnFailureIn<'_> {
    fn drop(&mut self) {
        if let Ok(mut state) = self.0.shared.state.try_borrow_mut() {
            if state.on_failure.is_none() {
                state.on_failure = self.1.take();
            }
        }
    }
}

/// Says that no step is under way any more.
struct Idle<'a>(&'a Loop);

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        if let Ok(mut state) = self.0.shared.state.try_borrow_mut() {
            state.is_busy = false;
        }
    }
}

impl fmt::Debug for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Loop");
        if let Ok(state) = self.shared.state.try_borrow() {
            debug
                .field("connections", &state.members.len())
                .field("timers", &state.timers);
        }
        debug.finish_non_exhaustive()
    }
}
