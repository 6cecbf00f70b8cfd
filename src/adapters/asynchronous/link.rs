use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
#[cfg(feature = "threaded")]
use std::thread::JoinHandle;
use std::time::Instant;

use crate::adapters::session::Session;
use crate::connection::Connection as Core;
use crate::protocol::Protocol;
use crate::wire::{ReplyCode, ShortStr};

/// What the handles of a connection share with its driver.
///
/// Nothing waits while it is locked, and no code of the program runs then, but that of its wakers
/// and of what owns a body, where those are dropped.
pub(super) struct Link<P: Protocol> {
    state: Mutex<State<P>>,
    clock: fn() -> Instant,
    /// The thread that runs the driver, if it is one of pika's own.
    #[cfg(feature = "threaded")]
    pub(super) thread: Mutex<Option<JoinHandle<()>>>,
}

pub(super) struct State<P: Protocol> {
    pub(super) core: Core<P>,
    pub(super) session: Session<P>,
    /// The driver, while it waits.
    parked: Option<Parked>,
    /// Whether something happened that the driver has to look at, apart from output.
    pub(super) attention: bool,
}

/// A driver that waits.
struct Parked {
    waker: Waker,
    /// Whether it waits for room to write, so that more output is nothing new to it.
    writing: bool,
}

/// Up to how many tasks are woken without taking the list of them along.
const FEW: usize = 16;

impl<P: Protocol> Link<P> {
    pub(super) fn new(core: Core<P>, clock: fn() -> Instant) -> Self {
        let state = State {
            session: Session::new(&core),
            core,
            parked: None,
            attention: false,
        };
        Self {
            state: Mutex::new(state),
            clock,
            #[cfg(feature = "threaded")]
            thread: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> Instant {
        (self.clock)()
    }

    /// Does something with the connection, and then wakes the tasks that can go on because of it.
    #[inline]
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State<P>) -> T) -> T {
        let mut state = self.lock();
        let result = act(&mut state);
        let State { core, session, .. } = &mut *state;
        if core.has_events() {
            session.absorb(core);
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
        if let Some(driver) = driver {
            driver.wake();
        }
        few.into_iter().flatten().for_each(Waker::wake);
        burst.into_iter().for_each(Waker::wake);
    }

    /// The driver is about to wait. Returns `false` if there is something to do after all.
    pub(super) fn park(&self, waker: &Waker, writing: bool) -> bool {
        let mut state = self.lock();
        let busy = state.attention || (!writing && state.core.wants_write());
        if !busy {
            let waker = waker.clone();
            state.parked = Some(Parked { waker, writing });
        }
        !busy
    }

    /// A thread that panicked while it held the lock was inside the connection, where it may have
    /// left anything; but nothing in there panics, and giving up here would spread the panic.
    fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: Protocol> State<P> {
    #[inline]
    fn driver_to_wake(&mut self) -> Option<Waker> {
        let parked = self.parked.as_ref()?;
        let wanted = self.attention || (!parked.writing && self.core.wants_write());
        self.parked.take_if(|_| wanted).map(|parked| parked.waker)
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
pub(super) struct Owner<P: Protocol>(pub(super) Arc<Link<P>>);

impl<P: Protocol> Drop for Owner<P> {
    fn drop(&mut self) {
        let text = ShortStr::from_static("connection dropped");
        let now = self.0.now();
        self.0.with(|state| {
            state.core.close(ReplyCode::REPLY_SUCCESS, text, now);
            state.attention = true;
        });
    }
}
