//! Tasks and futures that are dropped at chosen moments.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use crate::flavour::Flavour;

/// A task that can be waited for and aborted, in any runtime.
pub(crate) struct Task<T>(Arc<Slot<T>>);

struct Slot<T> {
    future: Mutex<Option<Pin<Box<dyn Future<Output = T> + Send>>>>,
    result: Mutex<(Option<T>, Option<Waker>)>,
}

/// Runs a future in the background.
pub(crate) fn spawn<F: Flavour, T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> Task<T> {
    let slot = Arc::new(Slot {
        future: Mutex::new(Some(Box::pin(future))),
        result: Mutex::new((None, None)),
    });
    let running = slot.clone();
    F::spawn(poll_fn(move |cx| running.poll(cx)));
    Task(slot)
}

impl<T> Slot<T> {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut future = self.future.lock().unwrap();
        let Some(running) = &mut *future else {
            return Poll::Ready(());
        };
        let Poll::Ready(result) = running.as_mut().poll(cx) else {
            return Poll::Pending;
        };
        *future = None;
        let mut done = self.result.lock().unwrap();
        done.0 = Some(result);
        done.1.take().into_iter().for_each(Waker::wake);
        Poll::Ready(())
    }
}

impl<T> Task<T> {
    /// Drops the task's future, here and now.
    pub(crate) fn abort(self) {
        drop(self.0.future.lock().unwrap().take());
    }

    /// Whether it has not ended.
    pub(crate) fn is_running(&self) -> bool {
        self.0.future.lock().unwrap().is_some()
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut done = self.0.result.lock().unwrap();
        match done.0.take() {
            Some(result) => Poll::Ready(result),
            None => {
                done.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Polls once.
pub(crate) async fn poll_once<U: Future + ?Sized>(mut future: Pin<&mut U>) -> Poll<U::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

/// Polls once; it has to wait.
pub(crate) async fn waits<U: Future>(future: Pin<&mut U>, what: &str) {
    assert!(poll_once(future).await.is_pending(), "{what} should wait");
}

/// When a future is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before it was polled.
    Unpolled,
    /// After it was polled once.
    Polled,
    /// After it was polled, and what it waits for has come without its being polled again.
    Answered,
    /// As soon as what it waits for was there.
    Done,
}

pub(crate) const MOMENTS: [Moment; 4] = [
    Moment::Unpolled,
    Moment::Polled,
    Moment::Answered,
    Moment::Done,
];

/// Drops a future, and what it gave, at a moment; `answer` gets all to arrive that is on its way.
pub(crate) async fn drop_at<T>(
    moment: Moment,
    future: impl Future<Output = T>,
    answer: impl Future<Output = ()>,
) {
    let mut future = Box::pin(future);
    if moment != Moment::Unpolled && poll_once(future.as_mut()).await.is_ready() {
        return;
    }
    let answer = pin!(answer);
    match moment {
        Moment::Unpolled | Moment::Polled => drop(future),
        Moment::Answered => {
            answer.await;
            drop(future);
        }
        Moment::Done => drop(future.await),
    }
}
