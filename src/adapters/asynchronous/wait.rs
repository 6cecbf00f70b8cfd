use std::future::{Future, poll_fn};
use std::task::{Poll, Waker};

use super::link::{Link, State};
use crate::adapters::session::{Place, Waiters};
use crate::protocol::Protocol;

/// What a task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// Something that the server sends: the socket is read for it, past a full inbox.
    News,
    /// The end, for which nothing more is read than otherwise.
    End,
}

/// Waits until `look` finds something in what the connection as a whole is.
pub(super) async fn change<T, P: Protocol>(
    link: &Link<P>,
    what: For,
    look: impl FnMut(&mut State<P>) -> Option<T>,
) -> T {
    wait((link, what), |state| Some(&mut state.session.changes), look).await
}

/// Waits until `look` finds something, which is looked at whenever the tasks among `waiters` are
/// woken. Where there are none any more, `look` has to find something.
pub(super) fn wait<T, P: Protocol>(
    (link, what): (&Link<P>, For),
    mut waiters: impl FnMut(&mut State<P>) -> Option<&mut Waiters>,
    mut look: impl FnMut(&mut State<P>) -> Option<T>,
) -> impl Future<Output = T> {
    let mut guard = Leaving {
        place: Place::default(),
        leave: move |place: &mut Place, waker: Option<&Waker>| {
            link.with(|state| {
                let waiters = waiters(state);
                match (waiters, waker) {
                    (Some(waiters), Some(waker)) if what == For::News => {
                        waiters.wait_for_news(place, waker);
                        // It may stand behind what is not read.
                        state.attention |= state.session.is_full();
                    }
                    (Some(waiters), Some(waker)) => _ = waiters.wait(place, waker, None),
                    (Some(waiters), None) => waiters.leave(place),
                    (None, _) => {}
                }
            });
        },
    };
    poll_fn(move |cx| {
        // Registered first: what happens in between is seen or wakes.
        (guard.leave)(&mut guard.place, Some(cx.waker()));
        match link.with(&mut look) {
            Some(found) => Poll::Ready(found),
            None => Poll::Pending,
        }
    })
}

/// Gives up the place of a task that waits no longer.
struct Leaving<F: FnMut(&mut Place, Option<&Waker>)> {
    place: Place,
    leave: F,
}

impl<F: FnMut(&mut Place, Option<&Waker>)> Drop for Leaving<F> {
    fn drop(&mut self) {
        (self.leave)(&mut self.place, None);
    }
}
