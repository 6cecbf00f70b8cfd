use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};
use std::time::Instant;

use crate::adapters::session::Session;
use crate::config::Config;
use crate::connection::Connection as Core;
use crate::error::{Closed, Error};
use crate::protocol::Protocol;
use crate::recovery::keeper::{Keeper, Next};
use crate::wire::{ReplyCode, ShortStr};

/// What the handles of a connection share with its driver.
///
/// Nothing waits while it is locked, and no code of the program runs then, but that of its wakers
/// and of what owns a body, where those are dropped.
pub(in crate::adapters) struct Link<P: Protocol> {
    state: Mutex<State<P>>,
    clock: Clock,
    host: Option<Box<dyn Host<P>>>,
    /// The process that opened the connection.
    process: u32,
}

pub(in crate::adapters) struct State<P: Protocol> {
    pub(in crate::adapters) core: Core<P>,
    pub(in crate::adapters) session: Session<P>,
    /// What outlives the transport, where the connection recovers.
    pub(in crate::adapters) keeper: Option<Box<Keeper<P>>>,
    /// The driver, while it waits.
    parked: Option<Parked>,
    /// Whether something happened that the driver has to look at, apart from output.
    pub(in crate::adapters) attention: bool,
    /// Whether a handle was dropped, which may have been in a child of this process.
    pub(in crate::adapters) dropped: bool,
    /// Since when nothing is read, because of a slow consumer.
    pub(in crate::adapters) stalled: Option<Instant>,
    /// How the events are told, where that is one by one.
    pub(super) steps: Option<Steps>,
}

/// What a connection keeps whose events are told one by one.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// Events that were told.
    pub(super) told: u64,
    /// Whether the program wants nothing to be read for now.
    pub(super) held_back: bool,
    /// Whether more may have arrived than was read last.
    pub(super) is_behind: bool,
    /// Why the connection has ended for good, until that is told.
    pub(super) ending: Option<Arc<Closed>>,
}

/// A driver that waits.
struct Parked {
    waker: Waker,
    /// Up to this many bytes of output do not wake it.
    quiet: usize,
}

/// The time, by the clock of the runtime.
pub(in crate::adapters) type Clock = Box<dyn Fn() -> Instant + Send + Sync>;

/// Blocks threads of the program until a future is ready, for handles whose calls block.
///
/// A host may also drive the connection on those threads. It parks the [`Link`] itself then, as the
/// waker of its driver.
pub(in crate::adapters) trait Host<P: Protocol>: Send + Sync {
    /// Polls until `poll` returns `true`, or until a time has passed.
    fn wait(
        &self,
        link: &Arc<Link<P>>,
        poll: &mut dyn FnMut(&mut Context<'_>) -> bool,
        until: Option<Instant>,
    ) -> Waited;

    /// Something happened that the driver has to look at. Must not wait for the peer.
    fn attend(&self, _link: &Arc<Link<P>>) {}

    /// Goes on writing what the transport did not take at once, for a limited time.
    fn sent(&self, _link: &Arc<Link<P>>) {}

    /// Serves a connection whose calls have not had to wait for some time.
    fn look(&self, _link: &Arc<Link<P>>) {}

    /// Up to this many bytes of output may wait for more.
    fn hold_back(&self, _link: &Arc<Link<P>>, _bytes: usize) {}

    /// Writes what was held back.
    fn flush(&self, _link: &Arc<Link<P>>) {}

    /// The last handle was dropped. Must not wait for the peer.
    fn hang_up(&self, link: &Arc<Link<P>>);

    /// The program has closed the connection, and waits for its end.
    fn finish(&self, link: &Arc<Link<P>>);
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::adapters) enum Waited {
    /// The future is ready.
    Ready,
    /// The time has passed.
    Late,
    /// Nothing was read for `Config::blocked_timeout`, because a consumer does not take its messages.
    Stalled,
}

/// Up to how many tasks are woken without taking the list of them along.
const FEW: usize = 16;

impl<P: Protocol> Link<P> {
    pub(super) fn new(core: Core<P>, clock: Clock, host: Option<Box<dyn Host<P>>>) -> Self {
        let state = State {
            session: Session::new(&core),
            core,
            keeper: None,
            parked: None,
            attention: false,
            dropped: false,
            stalled: None,
            steps: None,
        };
        Self {
            state: Mutex::new(state),
            clock,
            host,
            process: std::process::id(),
        }
    }

    /// Whether this is a child of the process that opened the connection. What it drops must not speak
    /// on the socket of its parent.
    pub(in crate::adapters) fn is_forked(&self) -> bool {
        self.process != std::process::id()
    }

    /// The host of handles whose calls block.
    pub(in crate::adapters) fn host(&self) -> Option<&dyn Host<P>> {
        self.host.as_deref()
    }

    pub(in crate::adapters) fn now(&self) -> Instant {
        (self.clock)()
    }

    /// Does something with the connection, and then wakes the tasks that can go on because of it.
    #[inline]
    pub(in crate::adapters) fn with<T>(&self, act: impl FnOnce(&mut State<P>) -> T) -> T {
        let mut state = self.lock();
        let result = act(&mut state);
        if state.has_unabsorbed() {
            state.absorb(&self.clock);
        }
        let driver = state.driver_to_wake();
        if driver.is_some() || !state.session.woken.is_empty() {
            self.wake(state, driver);
        }
        result
    }

    /// Wakes the driver and the tasks that can go on, while nothing is locked. A few wakers lie on the
    /// stack meanwhile, so that waking them allocates nothing; a burst takes the whole list along.
    fn wake<'a>(&'a self, mut state: MutexGuard<'a, State<P>>, driver: Option<Waker>) {
        let mut few = [const { None }; FEW];
        let woken = &mut state.session.woken;
        let burst = if woken.len() > FEW {
            std::mem::take(woken)
        } else {
            for (slot, waker) in few.iter_mut().zip(woken.drain(..)) {
                *slot = Some(waker);
            }
            Vec::new()
        };
        drop(state);
        // A host moves bytes when it is woken; a task only begins to.
        let (first, last) = match self.host {
            None => (driver, None),
            Some(_) => (None, driver),
        };
        first.into_iter().for_each(Waker::wake);
        few.into_iter().flatten().for_each(Waker::wake);
        burst.into_iter().for_each(Waker::wake);
        last.into_iter().for_each(Waker::wake);
    }

    /// The driver is about to wait: for more than `quiet` bytes of output, or for attention. Returns
    /// `false` if there is something to do after all. `quiet` is called under the lock, so that what it
    /// looks at is as new as the output.
    pub(in crate::adapters) fn park(&self, waker: &Waker, quiet: impl FnOnce() -> usize) -> bool {
        let mut state = self.lock();
        let quiet = quiet();
        let busy = state.attention || state.core.outgoing_len() > quiet;
        // Who takes the steps looks for itself.
        if !busy && state.steps.is_none() {
            let waker = waker.clone();
            state.parked = Some(Parked { waker, quiet });
        }
        !busy
    }

    /// The driver leaves the output to others, who come for it. Returns whether there is any; none if a
    /// handle was dropped meanwhile, for which nobody comes. `settle` is called under the lock.
    #[cfg(feature = "blocking")]
    pub(in crate::adapters) fn leave(
        &self,
        waker: &Waker,
        settle: impl FnOnce(bool) -> usize,
    ) -> Option<bool> {
        let mut state = self.lock();
        if state.dropped {
            return None;
        }
        let is_left = state.core.wants_write();
        let (waker, quiet) = (waker.clone(), settle(is_left));
        state.parked = Some(Parked { waker, quiet });
        Some(is_left)
    }

    /// A thread that panicked while it held the lock was inside the connection, where it may have
    /// left anything; but nothing in there panics, and giving up here would spread the panic.
    fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: Protocol> State<P> {
    /// Whether something happened that the session has to take in.
    #[inline]
    fn has_unabsorbed(&self) -> bool {
        let has_news = || self.keeper.as_ref().is_some_and(|keeper| keeper.has_news());
        self.steps.is_none() && (self.core.has_events() || has_news())
    }

    /// Takes in all that happened. Where the connection recovers, events pass its keeper first.
    fn absorb(&mut self, clock: &Clock) {
        let (core, session) = (&mut self.core, &mut self.session);
        let Some(keeper) = &mut self.keeper else {
            return session.absorb(core);
        };
        let now = clock();
        loop {
            while let Some(news) = keeper.poll_news() {
                session.handle_news(core, news, now);
            }
            let Some(event) = core.poll_event() else {
                break;
            };
            if let Some(event) = keeper.handle(core, event, now) {
                session.handle_event(core, event);
            }
        }
        self.attention |= keeper.take_attention();
    }

    /// Why the connection has ended for good, or is being closed by the program.
    pub(in crate::adapters) fn closed(&self) -> Option<&Arc<Closed>> {
        let closed = self.core.closed();
        match &self.keeper {
            None => closed,
            Some(keeper) => match keeper.stopped() {
                Some(reason) => Some(reason),
                None => closed.filter(|reason| reason.is_normal()),
            },
        }
    }

    /// Closes the connection, also while it has no transport.
    pub(in crate::adapters) fn close(&mut self, code: ReplyCode, text: ShortStr, now: Instant) {
        if let Some(keeper) = &mut self.keeper {
            keeper.close(code, text.clone());
        }
        self.core.close(code, text, now);
        self.attention = true;
    }

    /// The driver was dropped while the connection had no transport.
    pub(super) fn undriven(&mut self) {
        if let Some(keeper) = &mut self.keeper {
            keeper.undriven();
        }
    }

    /// What the driver does about the next transport.
    pub(super) fn next_transport(&mut self, now: Instant) -> Next {
        match &mut self.keeper {
            Some(keeper) => keeper.next(now),
            None => Next::Stop,
        }
    }

    /// The settings of the next transport.
    pub(super) fn next_config(&self) -> Config {
        match &self.keeper {
            Some(keeper) => keeper.config(),
            None => self.core.config().clone(),
        }
    }

    /// The next transport could not be opened.
    pub(super) fn not_connected(&mut self, error: Error, now: Instant) {
        if let Some(keeper) = &mut self.keeper {
            keeper.failed(error, now);
        }
    }

    /// Wakes those whose time is over while there is no transport, and returns when to do so next.
    pub(super) fn away_deadline(&mut self, now: Instant) -> Option<Instant> {
        let session = &mut self.session;
        session.expecting.wake_due(now, &mut session.woken);
        let waits = session.expecting.deadline();
        let keeper = self.keeper.as_mut().and_then(|keeper| {
            keeper.handle_timeout(&mut self.core, now);
            keeper.poll_timeout()
        });
        waits.into_iter().chain(keeper).min()
    }

    #[inline]
    fn driver_to_wake(&mut self) -> Option<Waker> {
        let parked = self.parked.as_ref()?;
        let output = mutant!(
            "output does not wake the driver",
            self.core.outgoing_len() > parked.quiet,
            false
        );
        let wanted = self.attention || output;
        self.parked.take_if(|_| wanted).map(|parked| parked.waker)
    }

    /// A handle was dropped, so that the driver has something to do.
    pub(super) fn handle_dropped(&mut self) {
        (self.attention, self.dropped) = (true, true);
    }

    /// Does what is due at `now`, and says what to do next.
    pub(in crate::adapters) fn plan(&mut self, now: Instant) -> Plan {
        match &self.steps {
            #[cfg(feature = "callbacks")]
            Some(steps) if steps.held_back || steps.is_behind => self.core.answers_unread(now),
            // What was not read until now cannot be missed.
            _ if self.stalled.is_some() => self.core.reading_paused(now),
            _ => {}
        }
        self.core.handle_timeout(now);
        if let Some(keeper) = &mut self.keeper {
            keeper.handle_timeout(&mut self.core, now);
        }
        let session = &mut self.session;
        session.expecting.wake_due(now, &mut session.woken);
        let may_read = self.may_read();
        match may_read {
            true => self.stalled = None,
            false => _ = self.stalled.get_or_insert(now),
        }
        let finished = self.core.is_finished();
        Plan {
            finished,
            read: may_read && !finished,
            // Who takes the steps asks for it when it waits.
            deadline: match self.steps {
                Some(_) => None,
                None => self.deadline(),
            },
        }
    }

    /// The next time at which [`plan`](Self::plan) has something to do.
    pub(in crate::adapters) fn deadline(&self) -> Option<Instant> {
        let waits = mutant!(
            "consumers wait without a deadline",
            self.session.expecting.deadline(),
            None
        );
        let keeper = self.keeper.as_ref().and_then(|it| it.poll_timeout());
        let core = self.core.poll_timeout();
        core.into_iter().chain(waits).chain(keeper).min()
    }

    /// Whether more may be taken in. What a task waits for may stand behind the messages of a
    /// consumer that is slow, so then it goes on for longer.
    pub(in crate::adapters) fn may_read(&self) -> bool {
        if let Some(steps) = &self.steps {
            // What was read is told first. A close waits for its answer, whatever the program wants.
            let may = !steps.held_back || self.core.closed().is_some();
            return may && !self.has_steps();
        }
        let session = &self.session;
        let awaits = || session.awaits_news() || self.core.awaits_reply();
        // What arrives on a connection that is closing is not kept.
        let closing = self.core.closed().is_some();
        let may = closing || !session.is_full() || (awaits() && !session.is_overfull());
        mutant!("a full inbox does not stop reading", may, true)
    }

    /// Whether something is due and may be prevented by what has arrived and was not read: a driver
    /// that did not run for long finds replies and signs of life that are older than their deadlines.
    pub(in crate::adapters) fn is_late(&self, now: Instant) -> bool {
        let due = self.core.poll_timeout().is_some_and(|at| at <= now);
        due && self.may_read() && !self.core.is_finished()
    }
}

/// What a driver does next.
pub(in crate::adapters) struct Plan {
    /// The transport is not needed any more.
    pub(in crate::adapters) finished: bool,
    pub(in crate::adapters) read: bool,
    pub(in crate::adapters) deadline: Option<Instant>,
}

/// Wakes the host.
impl<P: Protocol> Wake for Link<P> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(host) = &self.host {
            host.attend(self);
        }
    }
}

impl<P: Protocol> fmt::Debug for Link<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Connection");
        if let Ok(state) = self.state.try_lock() {
            debug
                .field("config", state.core.config())
                .field("closed", &state.core.closed());
        }
        debug.finish_non_exhaustive()
    }
}

/// Held by all handles together; when the last one goes, the connection is closed.
pub(in crate::adapters) struct Owner<P: Protocol>(pub(super) Arc<Link<P>>);

impl<P: Protocol> Drop for Owner<P> {
    fn drop(&mut self) {
        let text = ShortStr::from_static("connection dropped");
        let now = self.0.now();
        self.0.with(|state| {
            state.close(ReplyCode::REPLY_SUCCESS, text, now);
            state.handle_dropped();
        });
        if let Some(host) = &self.0.host {
            host.hang_up(&self.0);
            self.0.lock().parked = None;
        }
    }
}
