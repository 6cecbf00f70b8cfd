use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;
use std::time::Instant;

/// A timer that was set with `call_later`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerId(u64);

/// How many timers that were cancelled may be kept in any case.
const SPARE: usize = 64;

/// Timers, the next one first, and what each is for.
pub(super) struct Timers<A> {
    order: BinaryHeap<Reverse<(Instant, TimerId)>>,
    actions: HashMap<TimerId, A>,
    next: u64,
}

impl<A> Default for Timers<A> {
    fn default() -> Self {
        Self {
            order: BinaryHeap::new(),
            actions: HashMap::new(),
            next: 0,
        }
    }
}

impl<A> fmt::Debug for Timers<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers")
            .field("set", &self.actions.len())
            .finish()
    }
}

impl<A> Timers<A> {
    pub(super) fn add(&mut self, at: Instant, action: A) -> TimerId {
        let id = TimerId(self.next);
        self.next += 1;
        self.order.push(Reverse((at, id)));
        self.actions.insert(id, action);
        id
    }

    /// Forgets a timer; gives its action if it was still to run.
    pub(super) fn cancel(&mut self, timer: TimerId) -> Option<A> {
        let action = self.actions.remove(&timer);
        // Programs that cancel most of their timers do not fill memory with them.
        if self.order.len() > 2 * self.actions.len() + SPARE {
            let actions = &self.actions;
            self.order
                .retain(|Reverse((_, id))| actions.contains_key(id));
        }
        action
    }

    /// When the next timer is due.
    pub(super) fn deadline(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, id))) = self.order.peek() {
            if self.actions.contains_key(id) {
                return Some(*at);
            }
            self.order.pop();
        }
        None
    }

    /// The number of the timer that is set next.
    pub(super) const fn next_id(&self) -> TimerId {
        TimerId(self.next)
    }

    /// Takes out a timer that is due; with `before` only one that was set before that one.
    pub(super) fn due(&mut self, now: Instant, before: Option<TimerId>) -> Option<A> {
        self.deadline().filter(|at| *at <= now)?;
        let Reverse((_, id)) = self.order.peek()?;
        if before.is_some_and(|before| *id >= before) {
            return None;
        }
        let Reverse((_, id)) = self.order.pop()?;
        self.actions.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// What is due at `now`, in order.
    fn all_due(timers: &mut Timers<&'static str>, now: Instant) -> Vec<&'static str> {
        std::iter::from_fn(|| timers.due(now, None)).collect()
    }

    #[test]
    fn timers_are_due_in_the_order_of_their_times_and_then_as_they_were_set() {
        let (mut timers, t0) = (Timers::default(), Instant::now());
        let at = |seconds| t0 + Duration::from_secs(seconds);
        timers.add(at(3), "last");
        timers.add(at(1), "first");
        timers.add(at(2), "second");
        timers.add(at(2), "third");
        assert_eq!(timers.deadline(), Some(at(1)));
        assert!(all_due(&mut timers, t0).is_empty(), "none is due early");
        assert_eq!(all_due(&mut timers, at(2)), ["first", "second", "third"]);
        assert_eq!(timers.deadline(), Some(at(3)));
    }

    #[test]
    fn a_timer_that_is_cancelled_is_never_due_and_nothing_is_waited_for() {
        let (mut timers, t0) = (Timers::default(), Instant::now());
        let timer = timers.add(t0, "cancelled");
        assert_eq!(timers.cancel(timer), Some("cancelled"));
        assert_eq!(timers.cancel(timer), None);
        assert_eq!(timers.deadline(), None);
        assert!(all_due(&mut timers, t0).is_empty());
    }

    #[test]
    fn timers_that_were_cancelled_are_not_kept_until_their_time() {
        let (mut timers, t0) = (Timers::default(), Instant::now());
        timers.add(t0, "kept");
        for _ in 0..1000 {
            let timer = timers.add(t0 + Duration::from_secs(3600), "cancelled");
            timers.cancel(timer);
        }
        assert!(timers.order.len() <= SPARE + 3, "{}", timers.order.len());
        assert_eq!(all_due(&mut timers, t0), ["kept"]);
    }

    #[test]
    fn a_round_leaves_timers_that_were_set_during_it() {
        let (mut timers, t0) = (Timers::default(), Instant::now());
        timers.add(t0, "before");
        let before = timers.next_id();
        timers.add(t0, "during");
        assert_eq!(timers.due(t0, Some(before)), Some("before"));
        assert_eq!(timers.due(t0, Some(before)), None);
        assert_eq!(timers.due(t0, None), Some("during"));
    }
}
