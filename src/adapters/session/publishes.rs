use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Waker;

use crate::connection::{Outcome, PublishSeq};

/// Publishes that the server did not acknowledge, as `wait_for_confirms` reports them.
#[derive(Clone, Debug)]
pub struct Unconfirmed {
    /// The first publish.
    pub first: PublishSeq,
    /// The last publish.
    pub last: PublishSeq,
    /// What became of each of them.
    pub outcome: Outcome,
}

impl Unconfirmed {
    /// The publishes one by one.
    pub fn publishes(&self) -> impl Iterator<Item = PublishSeq> + use<> {
        (self.first.0..=self.last.0).map(PublishSeq)
    }
}

/// What became of the publishes of a channel in confirm mode.
///
/// Somebody may ask for single ones, which are watched; of the others only what went wrong is kept.
/// A publish that is watched and acknowledged leaves nothing behind.
#[derive(Debug, Default)]
pub(super) struct Publishes {
    /// What became of publishes that nobody watches, unless all is well.
    failed: Vec<Unconfirmed>,
    /// The number of the first of `slots`.
    base: u64,
    slots: VecDeque<Slot>,
    /// Publishes that went wrong and are watched, until they are asked for.
    outcomes: BTreeMap<u64, Outcome>,
    progress: Arc<Progress>,
}

/// One publish that is not confirmed.
#[derive(Debug)]
enum Slot {
    /// Nobody asks for it.
    Free,
    /// Somebody will ask.
    Watched,
    /// A task waits for it.
    Awaited(Waker),
}

/// How far confirms have come, to be read without a lock.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// All watched publishes below this are resolved.
    resolved_below: AtomicU64,
    /// How many of them went wrong and were not asked for.
    exceptions: AtomicUsize,
}

impl Progress {
    /// Whether this publish, which is watched, is known to be acknowledged. It may be without being
    /// known here.
    pub(crate) fn is_acked(&self, publish: PublishSeq) -> bool {
        publish.0 < self.resolved_below.load(Ordering::Acquire)
            && self.exceptions.load(Ordering::Acquire) == 0
    }
}

impl Publishes {
    pub(super) const fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// Somebody will ask what became of this publish, the latest one.
    #[inline]
    pub(super) fn watch(&mut self, publish: PublishSeq) {
        if self.slots.is_empty() {
            self.base = publish.0;
        }
        while self.base + (self.slots.len() as u64) < publish.0 {
            self.slots.push_back(Slot::Free);
        }
        self.slots.push_back(Slot::Watched);
    }

    /// What became of a publish that is watched, once it is known. It is watched no longer then.
    pub(super) fn outcome(
        &mut self,
        publish: PublishSeq,
        waker: Option<&Waker>,
    ) -> Option<Outcome> {
        if let Some(outcome) = self.outcomes.remove(&publish.0) {
            self.publish_progress();
            return Some(outcome);
        }
        match self.slot(publish.0) {
            None | Some(Slot::Free) => Some(Outcome::Acked),
            Some(slot) => {
                match (slot, waker) {
                    (Slot::Awaited(known), Some(waker)) => known.clone_from(waker),
                    (slot, Some(waker)) => *slot = Slot::Awaited(waker.clone()),
                    (_, None) => {}
                }
                None
            }
        }
    }

    /// Nobody asks for the publish any more. If it went wrong, that is kept with the others.
    pub(super) fn forget(&mut self, publish: PublishSeq) {
        match self.outcomes.remove(&publish.0) {
            Some(outcome) => self.failed(publish.0, publish.0, &outcome),
            None => {
                if let Some(slot) = self.slot(publish.0) {
                    *slot = Slot::Free;
                }
            }
        }
        self.publish_progress();
    }

    /// Whether a task waits for one.
    pub(super) fn is_awaited(&self) -> bool {
        let is_awaited = |slot| matches!(slot, &Slot::Awaited(_));
        self.slots.iter().any(is_awaited)
    }

    /// It is known what became of some publishes.
    pub(super) fn confirmed(
        &mut self,
        (first, last): (PublishSeq, PublishSeq),
        outcome: &Outcome,
        woken: &mut Vec<Waker>,
    ) {
        let from = first.0.max(self.base);
        let to = last
            .0
            .min((self.base + self.slots.len() as u64).saturating_sub(1));
        if self.slots.is_empty() || from > to {
            return self.failed(first.0, last.0, outcome);
        }
        self.failed(first.0, from - 1, outcome);
        for number in from..=to {
            let slot = self
                .slot(number)
                .map(|slot| std::mem::replace(slot, Slot::Free));
            match slot {
                None | Some(Slot::Free) => {
                    self.failed(number, number, outcome);
                    continue;
                }
                Some(Slot::Awaited(waker)) => woken.push(waker),
                Some(Slot::Watched) => {}
            }
            if !outcome.is_acked() {
                self.outcomes.insert(number, outcome.clone());
            }
        }
        self.failed(to + 1, last.0, outcome);
        self.publish_progress();
    }

    /// What went wrong since this was asked last.
    pub(super) fn take_failed(&mut self) -> Vec<Unconfirmed> {
        std::mem::take(&mut self.failed)
    }

    #[inline]
    fn slot(&mut self, number: u64) -> Option<&mut Slot> {
        let at = number.checked_sub(self.base)?;
        self.slots.get_mut(usize::try_from(at).ok()?)
    }

    /// Gives up what is resolved in front, and tells how far things are.
    fn publish_progress(&mut self) {
        while let Some(Slot::Free) = self.slots.front() {
            self.slots.pop_front();
            self.base += 1;
        }
        let exceptions = self.outcomes.len();
        self.progress
            .exceptions
            .store(exceptions, Ordering::Release);
        self.progress
            .resolved_below
            .store(self.base, Ordering::Release);
    }

    /// Keeps what nobody asks for one by one, unless all is well. Neighbours with the same fate
    /// are kept as one.
    fn failed(&mut self, first: u64, last: u64, outcome: &Outcome) {
        if outcome.is_acked() || first > last {
            return;
        }
        let (first, last) = (PublishSeq(first), PublishSeq(last));
        match self.failed.last_mut() {
            Some(before) if before.last.0 + 1 == first.0 && before.outcome.is_same(outcome) => {
                before.last = last;
            }
            _ => self.failed.push(Unconfirmed {
                first,
                last,
                outcome: outcome.clone(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watching(numbers: impl IntoIterator<Item = u64>) -> Publishes {
        let mut publishes = Publishes::default();
        for number in numbers {
            publishes.watch(PublishSeq(number));
        }
        publishes
    }

    fn confirm(publishes: &mut Publishes, first: u64, last: u64, outcome: &Outcome) {
        let range = (PublishSeq(first), PublishSeq(last));
        publishes.confirmed(range, outcome, &mut Vec::new());
    }

    fn failed(publishes: &mut Publishes) -> Vec<(u64, u64)> {
        let failed = publishes.take_failed().into_iter();
        failed.map(|range| (range.first.0, range.last.0)).collect()
    }

    #[test]
    fn what_is_acknowledged_leaves_nothing_behind() {
        let mut publishes = watching(1..=100);
        confirm(&mut publishes, 2, 2, &Outcome::Acked);
        assert!(publishes.outcome(PublishSeq(1), None).is_none());
        assert!(!publishes.progress().is_acked(PublishSeq(2)));
        assert!(publishes.outcome(PublishSeq(2), None).unwrap().is_acked());
        confirm(&mut publishes, 1, 100, &Outcome::Acked);
        assert!(publishes.progress().is_acked(PublishSeq(100)));
        assert!(publishes.slots.is_empty() && publishes.outcomes.is_empty());
    }

    #[test]
    fn what_went_wrong_is_told_to_who_watches_and_else_kept() {
        let mut publishes = watching([3, 6]);
        confirm(&mut publishes, 1, 8, &Outcome::Nacked);
        assert_eq!(failed(&mut publishes), [(1, 2), (4, 5), (7, 8)]);
        assert!(!publishes.progress().is_acked(PublishSeq(3)));
        for number in [3, 6] {
            let outcome = publishes.outcome(PublishSeq(number), None);
            assert!(matches!(outcome, Some(Outcome::Nacked)), "{outcome:?}");
        }
        assert!(publishes.outcomes.is_empty());
    }

    #[test]
    fn a_publish_that_is_watched_no_longer_costs_nothing() {
        let mut publishes = watching(1..=3);
        publishes.forget(PublishSeq(2));
        confirm(&mut publishes, 1, 2, &Outcome::Nacked);
        assert_eq!(failed(&mut publishes), [(2, 2)]);
        publishes.forget(PublishSeq(1));
        assert_eq!(
            failed(&mut publishes),
            [(1, 1)],
            "known before it was forgotten"
        );
        publishes.forget(PublishSeq(3));
        assert!(publishes.slots.is_empty() && publishes.outcomes.is_empty());
        confirm(&mut publishes, 3, 3, &Outcome::Nacked);
        assert_eq!(failed(&mut publishes), [(3, 3)]);
    }

    #[test]
    fn numbers_that_are_passed_over_are_nobodys() {
        let mut publishes = watching([2, 5]);
        confirm(&mut publishes, 3, 3, &Outcome::Nacked);
        assert_eq!(failed(&mut publishes), [(3, 3)]);
        confirm(&mut publishes, 2, 2, &Outcome::Acked);
        assert_eq!(publishes.base, 5);
        publishes.watch(PublishSeq(6));
        confirm(&mut publishes, 4, 9, &Outcome::Acked);
        assert!(publishes.slots.is_empty() && failed(&mut publishes).is_empty());
    }
}
