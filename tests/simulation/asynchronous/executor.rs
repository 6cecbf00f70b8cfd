//! Runs tasks in an order that the seed decides about, and sees whether they are woken as they
//! should be.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use super::net::{DRIVER, Pause, below, net, note, once_in};
use crate::model::Broken;

/// A waker that only notes that it was called.
#[derive(Debug)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Task {
    name: String,
    future: Pin<Box<dyn Future<Output = ()>>>,
    flag: Arc<Flag>,
    /// How many times in a row it was woken for nothing, while nothing else happened either.
    barren: usize,
    /// What had happened and what time it was when it was last polled.
    last: (u64, Option<Instant>),
}

impl Task {
    fn is_ready(&self) -> bool {
        self.flag.0.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
pub(crate) struct Executor {
    tasks: Vec<Task>,
    /// How many times a driver was polled.
    pub(crate) driver_polls: Cell<usize>,
}

impl Executor {
    /// Takes up tasks that were spawned, which are ready to run.
    fn take_up(&mut self) {
        for (name, future) in net(|net| std::mem::take(&mut net.spawned)) {
            self.tasks.push(Task {
                name,
                future,
                flag: Arc::new(Flag(AtomicBool::new(true))),
                barren: 0,
                last: (0, None),
            });
        }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.tasks.iter().map(|task| task.name.as_str())
    }

    /// Whether some task can go on.
    pub(crate) fn is_ready(&self) -> bool {
        self.tasks.iter().any(Task::is_ready)
    }

    /// Polls one task that is ready; gives `false` if there is none.
    pub(crate) fn step(&mut self) -> Result<bool, Broken> {
        self.take_up();
        let ready: Vec<_> = (0..self.tasks.len())
            .filter(|at| self.tasks[*at].is_ready())
            .collect();
        if ready.is_empty() {
            return Ok(false);
        }
        let at = ready[below(ready.len())];
        let name = self.tasks[at].name.clone();
        let woken = self.poll(at)?;
        if woken > 300 {
            return Err(format!("{name} is woken again and again for nothing"));
        }
        Ok(true)
    }

    /// Polls some task that may have no reason to go on.
    pub(crate) fn disturb(&mut self) -> Result<(), Broken> {
        if !self.tasks.is_empty() {
            let at = below(self.tasks.len());
            self.poll(at)?;
        }
        Ok(())
    }

    /// Polls a task; gives how many times in a row that was for nothing.
    fn poll(&mut self, at: usize) -> Result<usize, Broken> {
        let task = &mut self.tasks[at];
        if task.name == DRIVER {
            self.driver_polls.set(self.driver_polls.get() + 1);
        }
        // A task may have moved elsewhere: whoever wakes it has to use the waker that came last.
        if once_in(3) {
            task.flag = Arc::new(Flag(AtomicBool::new(false)));
        }
        task.flag.0.store(false, Ordering::Relaxed);
        let before = net(|net| (net.progress, Some(net.now)));
        let waker = Waker::from(task.flag.clone());
        let done = task.future.as_mut().poll(&mut Context::from_waker(&waker));
        let after = net(|net| (net.progress, Some(net.now)));
        let idle = before == task.last && after == before;
        task.barren = if idle { task.barren + 1 } else { 0 };
        task.last = after;
        let barren = task.barren;
        if done.is_ready() {
            drop(self.tasks.swap_remove(at));
            net(|net| net.progress += 1);
        }
        self.take_up();
        match net(|net| net.broken.take()) {
            Some(broken) => Err(broken),
            None => Ok(barren),
        }
    }

    /// Runs tasks and the network until nothing moves any more.
    pub(crate) fn calm(&mut self) -> Result<(), Broken> {
        for _ in 0..50_000 {
            while self.step()? {}
            let (before, sockets) = net(|net| (net.progress, net.sockets.len()));
            for which in 0..sockets {
                net(|net| net.network(which));
            }
            if !self.is_ready() && net(|net| net.progress) == before {
                return Ok(());
            }
        }
        Err("it never comes to rest".into())
    }

    /// Polls every task once when nothing moves: none may have been able to go on.
    pub(crate) fn probe(&mut self) -> Result<(), Broken> {
        self.calm()?;
        net(|net| net.probing = true);
        let mut at = 0;
        while at < self.tasks.len() {
            let (tasks, before) = (self.tasks.len(), net(|net| net.progress));
            let name = self.tasks[at].name.clone();
            self.poll(at)?;
            if tasks != self.tasks.len() || before != net(|net| net.progress) {
                return Err(format!("{name} could go on and was not woken"));
            }
            at += 1;
        }
        net(|net| net.probing = false);
        self.calm()
    }

    /// Lets some task look again whether it is over.
    pub(crate) fn wake_all(&self) {
        for task in &self.tasks {
            task.flag.0.store(true, Ordering::Relaxed);
        }
    }

    /// Drops a task that is a driver, or one that is none.
    pub(crate) fn drop_one(&mut self, driver: bool) {
        let some: Vec<_> = (0..self.tasks.len())
            .filter(|at| (self.tasks[*at].name == DRIVER) == driver)
            .collect();
        if !some.is_empty() {
            let task = self.tasks.swap_remove(some[below(some.len())]);
            note(|| format!("{} is dropped", task.name));
        }
    }
}

/// Waits for a future, or gives it up at some point. What has no limit is given up when the program
/// is over; what has one must not take longer.
pub(crate) struct Trial<F> {
    future: Option<Pin<Box<F>>>,
    name: &'static str,
    /// After how many polls it is dropped.
    polls: Option<usize>,
    /// How long it is waited for.
    pause: Option<Pause>,
    limit: Option<u64>,
}

/// Begins to wait for a future; `fickle` if it may be given up.
pub(crate) fn trial<F: Future>(
    name: &'static str,
    limit: Option<Duration>,
    fickle: bool,
    future: F,
) -> Trial<F> {
    let polls = (fickle && once_in(5)).then(|| below(4));
    let pause = (fickle && once_in(6)).then(|| Pause::new(Duration::from_millis(1 << below(13))));
    let limit = limit.map(|limit| net(|net| net.limit(name, limit)));
    Trial {
        future: Some(Box::pin(future)),
        name,
        polls,
        pause,
        limit,
    }
}

impl<F: Future> Future for Trial<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let me = &mut *self;
        let (probing, over) = net(|net| (net.probing, net.over));
        let mut enough = over && me.limit.is_none();
        if let Some(left) = me.polls.as_mut().filter(|_| !probing) {
            enough |= *left == 0;
            *left = left.saturating_sub(1);
            if *left == 0 {
                cx.waker().wake_by_ref();
            }
        }
        if let Some(pause) = &mut me.pause {
            enough |= Pin::new(pause).poll(cx).is_ready();
        }
        let name = me.name;
        let done = match me.future.as_mut().filter(|_| !enough) {
            Some(future) => std::task::ready!(future.as_mut().poll(cx).map(Some)),
            None => {
                note(|| format!("{name} is given up"));
                None
            }
        };
        me.future = None;
        net(|net| net.progress += 1);
        Poll::Ready(done)
    }
}

impl<F> Drop for Trial<F> {
    fn drop(&mut self) {
        if let Some(limit) = self.limit {
            net(|net| net.within_limit(limit));
        }
    }
}
