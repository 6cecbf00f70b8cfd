use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::stream::{FuturesUnordered, Stream};

/// Verbs that take several frames, as tasks, and what is to be run when all that is known is told.
///
/// A task ends with something to be run, which is handed out and never run in here.
pub(super) struct Tasks<R> {
    all: RefCell<FuturesUnordered<Task<R>>>,
    /// Tasks that were not polled yet.
    fresh: RefCell<Vec<Task<R>>>,
    /// What is to be run once so many steps were taken.
    deferred: RefCell<VecDeque<(u64, R)>>,
    bell: Arc<Bell>,
    waker: Waker,
}

type Task<R> = Pin<Box<dyn Future<Output = R>>>;

/// Whether something was woken.
#[derive(Default)]
pub(super) struct Bell(AtomicBool);

impl Bell {
    pub(super) fn rings(&self) -> bool {
        self.0.load(Relaxed)
    }

    pub(super) fn stop(&self) {
        self.0.store(false, Relaxed);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

impl<R> Default for Tasks<R> {
    fn default() -> Self {
        let bell = Arc::<Bell>::default();
        Self {
            all: RefCell::default(),
            fresh: RefCell::default(),
            deferred: RefCell::default(),
            waker: Waker::from(bell.clone()),
            bell,
        }
    }
}

impl<R> Tasks<R> {
    /// Begins a task: it is polled at once. What it, or another, ends with now is deferred until so
    /// many steps were taken.
    pub(super) fn begin(&self, steps: u64, task: impl Future<Output = R> + 'static) {
        self.fresh.borrow_mut().push(Box::pin(task));
        while let Some(run) = self.next_ended() {
            self.defer(steps, run);
        }
    }

    /// Keeps something to be run once so many steps were taken.
    pub(super) fn defer(&self, steps: u64, run: R) {
        self.deferred.borrow_mut().push_back((steps, run));
    }

    /// What the next of the tasks ends with that were woken.
    pub(super) fn next_ended(&self) -> Option<R> {
        if !self.is_woken() {
            return None;
        }
        // A task that drops something of the program's may lead here from inside of itself.
        let mut all = self.all.try_borrow_mut().ok()?;
        all.extend(self.fresh.take());
        self.bell.stop();
        let polled = Pin::new(&mut *all).poll_next(&mut Context::from_waker(&self.waker));
        match polled {
            Poll::Ready(Some(run)) => {
                self.bell.wake_by_ref();
                Some(run)
            }
            Poll::Ready(None) | Poll::Pending => None,
        }
    }

    /// What is to be run next, if so many steps are enough.
    pub(super) fn next_due(&self, steps: u64) -> Option<R> {
        let mut deferred = self.deferred.borrow_mut();
        let is_due = deferred.front().is_some_and(|(at, _)| *at <= steps);
        let next = is_due.then(|| deferred.pop_front()).flatten();
        next.map(|(_, run)| run)
    }

    /// Whether something is to be run sooner or later.
    pub(super) fn defers(&self) -> bool {
        !self.deferred.borrow().is_empty()
    }

    /// Whether a task may go on, or something is to be run sooner or later.
    pub(super) fn is_busy(&self) -> bool {
        self.is_woken() || self.defers()
    }

    /// Whether neither a task is left nor anything to be run.
    pub(super) fn is_empty(&self) -> bool {
        let all = self.all.try_borrow();
        all.is_ok_and(|all| all.is_empty())
            && self.fresh.borrow().is_empty()
            && self.deferred.borrow().is_empty()
    }

    fn is_woken(&self) -> bool {
        self.bell.rings() || !self.fresh.borrow().is_empty()
    }
}
