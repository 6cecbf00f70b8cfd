use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;

thread_local! {
    static WAITER: Waiter = Waiter::new();
}

/// Waits for a future.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let (mut future, waiter) = (pin!(future), Waiter::of_this_thread());
    loop {
        match waiter.poll(future.as_mut()) {
            Poll::Ready(output) => return output,
            Poll::Pending => waiter.park(None),
        };
    }
}

/// Waits for a future no longer than until a deadline.
pub(super) fn block_until<F: Future>(future: F, deadline: Instant) -> Option<F::Output> {
    let (mut future, waiter) = (pin!(future), Waiter::of_this_thread());
    loop {
        match waiter.poll(future.as_mut()) {
            Poll::Ready(output) => return Some(output),
            Poll::Pending if waiter.park(Some(deadline)) => {}
            Poll::Pending => return None,
        }
    }
}

/// Waits for a future that seldom needs it: nothing is prepared for that unless it does.
#[inline]
pub(super) fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    match future.as_mut().poll(&mut cx) {
        Poll::Ready(output) => output,
        Poll::Pending => block_on(future),
    }
}

/// What a future has to give now.
pub(super) fn now<F: Future>(future: F) -> Option<F::Output> {
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut cx) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// A thread that waits for futures, one at a time.
#[derive(Clone)]
struct Waiter {
    signal: Arc<Signal>,
    waker: Waker,
}

/// Wakes a thread.
struct Signal {
    thread: Thread,
    woken: AtomicBool,
}

impl Waiter {
    fn new() -> Self {
        let signal = Arc::new(Signal {
            thread: thread::current(),
            woken: AtomicBool::new(false),
        });
        let waker = signal.clone().into();
        Self { signal, waker }
    }

    fn of_this_thread() -> Self {
        // Handles may outlive what is local to a thread, in other such places.
        WAITER
            .try_with(Clone::clone)
            .unwrap_or_else(|_| Self::new())
    }

    fn poll<F: Future + ?Sized>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        self.signal.woken.swap(false, Ordering::AcqRel);
        future.poll(&mut Context::from_waker(&self.waker))
    }

    /// Waits until the future can go on; gives whether it can, and not just the time is up.
    fn park(&self, deadline: Option<Instant>) -> bool {
        while !self.signal.woken.load(Ordering::Acquire) {
            let Some(deadline) = deadline else {
                thread::park();
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            thread::park_timeout(left);
        }
        true
    }
}

impl Drop for Waiter {
    /// Should a future have waited for another one inside, with the same signal, it looks again.
    fn drop(&mut self) {
        self.signal.woken.store(true, Ordering::Release);
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, poll_fn, ready};
    use std::time::Duration;

    /// Is ready at the third poll, having been woken by another thread before each.
    fn thrice() -> impl Future<Output = u32> {
        let mut polls = 0;
        poll_fn(move |cx| {
            polls += 1;
            if polls == 3 {
                return Poll::Ready(polls);
            }
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake());
            Poll::Pending
        })
    }

    #[test]
    fn a_future_is_polled_whenever_it_was_woken() {
        assert_eq!(block_on(thrice()), 3);
        assert_eq!(
            block_until(thrice(), Instant::now() + Duration::from_secs(60)),
            Some(3)
        );
    }

    #[test]
    fn a_future_that_is_ready_is_polled_once_and_one_that_is_not_goes_on() {
        let mut polls = 0;
        finish(poll_fn(|cx| {
            polls += 1;
            assert!(cx.waker().will_wake(Waker::noop()));
            Poll::Ready(())
        }));
        assert_eq!(polls, 1);
        assert_eq!(finish(thrice()), 3);
        assert_eq!((now(ready(7)), now(pending::<u32>())), (Some(7), None));
    }

    #[test]
    fn a_deadline_ends_the_wait_but_what_is_ready_counts_after_it() {
        let past = Instant::now();
        assert_eq!(block_until(ready(1), past), Some(1));
        assert_eq!(block_until(pending::<u32>(), past), None);
        let soon = past + Duration::from_millis(10);
        assert_eq!(block_until(pending::<u32>(), soon), None);
        assert!(Instant::now() >= soon);
    }

    #[test]
    fn a_future_that_waits_for_another_inside_misses_nothing() {
        let mut first = true;
        block_on(poll_fn(|cx| {
            if !std::mem::take(&mut first) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            block_on(thrice());
            Poll::Pending
        }));
    }

    #[test]
    fn waiting_works_when_what_is_local_to_the_thread_is_gone() {
        struct Late;
        impl Drop for Late {
            fn drop(&mut self) {
                assert_eq!(block_on(thrice()), 3);
            }
        }
        thread_local!(static LATE: Late = const { Late });
        let thread = thread::spawn(|| {
            LATE.with(|_| {});
            block_on(ready(()));
        });
        thread.join().unwrap();
    }
}
