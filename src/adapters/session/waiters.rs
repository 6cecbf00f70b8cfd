use crate::connection::OrderedMap;
use std::task::Waker;
use std::time::Instant;

/// Tasks that wait for the same thing.
///
/// All of them are woken when it happens. Each looks then whether that was what it waited for, and
/// registers again if not, so that nothing has to be remembered here about what happened.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    waiting: OrderedMap<u64, Waiter>,
    next: u64,
}

/// A task that waits.
#[derive(Debug)]
struct Waiter {
    waker: Waker,
    deadline: Option<Instant>,
    /// Whether it waits for something that the server sends, so that the socket has to be read.
    news: bool,
}

/// The place of a task among the [`Waiters`], kept while it waits.
#[derive(Debug, Default)]
pub(crate) struct Place(Option<u64>);

impl Place {
    /// Whether the task has waited.
    pub(crate) const fn is_taken(&self) -> bool {
        self.0.is_some()
    }
}

impl Waiters {
    /// A task waits, and wants to be woken at the deadline at the latest. Gives whether it did not
    /// wait yet, so that the deadline is news.
    pub(crate) fn wait(
        &mut self,
        place: &mut Place,
        waker: &Waker,
        deadline: Option<Instant>,
    ) -> bool {
        let number = *place.0.get_or_insert_with(|| {
            self.next += 1;
            self.next
        });
        let known = self.waiting.get_mut(&number);
        let is_new = known.is_none();
        match known {
            Some(known) => known.waker.clone_from(waker),
            None => {
                let waker = waker.clone();
                let news = false;
                let waiter = Waiter {
                    waker,
                    deadline,
                    news,
                };
                self.waiting.insert(number, waiter);
            }
        }
        is_new
    }

    /// A task waits for something that the server sends.
    pub(crate) fn wait_for_news(&mut self, place: &mut Place, waker: &Waker) {
        self.wait(place, waker, None);
        if let Some(waiter) = place.0.and_then(|number| self.waiting.get_mut(&number)) {
            waiter.news = true;
        }
    }

    /// Whether a task waits for something that the server sends.
    pub(crate) fn awaits_news(&self) -> bool {
        self.waiting.values().any(|waiter| waiter.news)
    }

    /// A task waits no longer.
    pub(crate) fn leave(&mut self, place: &Place) {
        if let Some(number) = &place.0 {
            self.waiting.remove(number);
        }
    }

    /// The first deadline.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.waiting
            .values()
            .filter_map(|waiter| waiter.deadline)
            .min()
    }

    /// Takes out all tasks, to be woken.
    pub(crate) fn wake(&mut self, woken: &mut Vec<Waker>) {
        woken.extend(self.waiting.drain().map(|waiter| waiter.waker));
    }

    /// Takes out the tasks whose deadline has passed, to be woken.
    pub(crate) fn wake_due(&mut self, now: Instant, woken: &mut Vec<Waker>) {
        self.waiting.retain(|waiter| {
            let due = waiter.deadline.is_some_and(|at| at <= now);
            if due {
                woken.push(waiter.waker.clone());
            }
            !due
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_task_is_woken_once_and_by_its_deadline() {
        let (mut waiters, mut woken) = (Waiters::default(), Vec::new());
        let (mut one, mut other) = (Place::default(), Place::default());
        let start = Instant::now();
        let late = start + Duration::from_secs(1);
        assert!(waiters.wait(&mut one, Waker::noop(), Some(late)));
        assert!(!waiters.wait(&mut one, Waker::noop(), Some(late)));
        waiters.wait(&mut other, Waker::noop(), None);
        assert_eq!(waiters.deadline(), Some(late));
        waiters.wake_due(start, &mut woken);
        assert!(woken.is_empty());
        waiters.wake_due(late, &mut woken);
        assert_eq!((woken.len(), waiters.deadline()), (1, None));
        waiters.wake(&mut woken);
        waiters.wake(&mut woken);
        assert_eq!(woken.len(), 2);
    }

    #[test]
    fn who_left_is_not_woken() {
        let (mut waiters, mut woken) = (Waiters::default(), Vec::new());
        let mut place = Place::default();
        waiters.leave(&place);
        waiters.wait(&mut place, Waker::noop(), None);
        waiters.leave(&place);
        waiters.wake(&mut woken);
        assert!(woken.is_empty());
    }
}
