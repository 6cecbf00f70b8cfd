//! Threads that wait for futures.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::callers::Signal;
use crate::adapters::asynchronous::link::{Link, Waited};
use crate::connection::later;
use crate::error::{Misuse, Result, TimedOut, Waiting};
use crate::protocol::Protocol;

thread_local! {
    static WAITER: Waiter = Waiter::new();
}

/// Waits for the result of a future.
///
/// # Errors
/// Those of the future; [`Waiting::Inbox`] when a consumer that does not take its messages kept it from
/// getting ready for [`Config::blocked_timeout`](crate::config::Config::blocked_timeout).
pub(super) fn block_on<P: Protocol, T>(
    link: &Arc<Link<P>>,
    future: impl Future<Output = Result<T>>,
) -> Result<T> {
    let result = wait(link, pin!(future), None)?;
    result.unwrap_or_else(|| Err(Misuse::NotOpen.into()))
}

/// Waits for the result of a future no longer than `timeout`; none if it is not ready by then.
///
/// # Errors
/// As for [`block_on`].
pub(super) fn within<P: Protocol, T>(
    link: &Arc<Link<P>>,
    future: impl Future<Output = Result<T>>,
    timeout: Duration,
) -> Result<Option<T>> {
    wait(link, pin!(future), Some(later(Instant::now(), timeout)))?.transpose()
}

/// Waits for a future however long nothing is read.
pub(super) fn patiently<P: Protocol, F: Future>(link: &Arc<Link<P>>, future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Ok(Some(output)) = wait(link, future.as_mut(), None) {
            return output;
        }
    }
}

/// As [`patiently`], no longer than `timeout`.
pub(super) fn patiently_within<P: Protocol, F: Future>(
    link: &Arc<Link<P>>,
    future: F,
    timeout: Duration,
) -> Option<F::Output> {
    let (mut future, until) = (pin!(future), later(Instant::now(), timeout));
    loop {
        if let Ok(output) = wait(link, future.as_mut(), Some(until)) {
            return output;
        }
    }
}

/// Waits for the result of a future that rarely has to be waited for: it is polled without
/// preparations first.
///
/// # Errors
/// As for [`block_on`].
#[inline]
pub(super) fn finish<P: Protocol, T>(
    link: &Arc<Link<P>>,
    future: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => {
            sent(link);
            output
        }
        Poll::Pending => {
            let result = wait(link, future, None)?;
            result.unwrap_or_else(|| Err(Misuse::NotOpen.into()))
        }
    }
}

/// Something was sent without waiting: what the transport did not take at once is written.
#[inline]
pub(super) fn sent<P: Protocol>(link: &Arc<Link<P>>) {
    if let Some(host) = link.host() {
        host.sent(link);
    }
}

/// Serves a connection, unless that was done lately.
#[inline]
pub(super) fn look<P: Protocol>(link: &Arc<Link<P>>) {
    if let Some(host) = link.host() {
        host.look(link);
    }
}

/// The output of a future that is ready now.
pub(super) fn now<P: Protocol, F: Future>(link: &Arc<Link<P>>, future: F) -> Option<F::Output> {
    look(link);
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Waits for a future, no longer than until a time.
fn wait<P: Protocol, F: Future>(
    link: &Arc<Link<P>>,
    mut future: Pin<&mut F>,
    until: Option<Instant>,
) -> Result<Option<F::Output>> {
    let Some(host) = link.host() else {
        return Err(Misuse::NotOpen.into());
    };
    let mut output = None;
    let mut poll = |cx: &mut Context<'_>| match future.as_mut().poll(cx) {
        Poll::Ready(ready) => {
            output = Some(ready);
            true
        }
        Poll::Pending => false,
    };
    match host.wait(link, &mut poll, until) {
        Waited::Ready | Waited::Late => Ok(output),
        Waited::Stalled => {
            let waiting_for = Waiting::Inbox;
            let after = link.with(|state| state.core.config().blocked_timeout);
            let after = after.unwrap_or_default();
            Err(TimedOut { waiting_for, after }.into())
        }
    }
}

#[cfg(feature = "background")]
/// Parks this thread until `poll` returns `true` or a time has passed.
pub(super) fn park(
    poll: &mut dyn FnMut(&mut Context<'_>) -> bool,
    until: Option<Instant>,
) -> Waited {
    let waiter = Waiter::of_this_thread();
    let mut cx = Context::from_waker(waiter.waker());
    loop {
        waiter.signal().clear();
        if poll(&mut cx) {
            return Waited::Ready;
        }
        if !waiter.signal().park(until) {
            return Waited::Late;
        }
    }
}

/// A thread that waits for futures, one at a time.
#[derive(Clone)]
pub(super) struct Waiter {
    signal: Arc<Signal>,
    waker: Waker,
}

impl Waiter {
    fn new() -> Self {
        let signal = Arc::new(Signal::of_this_thread());
        let waker = signal.clone().into();
        Self { signal, waker }
    }

    pub(super) fn of_this_thread() -> Self {
        // Handles may outlive the locals of a thread, in other such locals.
        WAITER
            .try_with(Clone::clone)
            .unwrap_or_else(|_| Self::new())
    }

    pub(super) const fn signal(&self) -> &Arc<Signal> {
        &self.signal
    }

    pub(super) const fn waker(&self) -> &Waker {
        &self.waker
    }
}

impl Drop for Waiter {
    /// Where a future waits for another one inside, with the same signal, the outer wait looks again.
    fn drop(&mut self) {
        self.signal.set();
    }
}
