use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Waker;

use crate::connection::{OrderedMap, Outcome, PublishSeq, Returned};
use crate::error::Closed;
use crate::protocol::Protocol;

/// Publishes that the server did not acknowledge, as `wait_for_confirms` reports them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unconfirmed {
    /// The first publish.
    pub first: PublishSeq,
    /// The last publish.
    pub last: PublishSeq,
    /// Why none of them was acknowledged.
    pub reason: NotAcked,
}

/// Why a publish was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAcked {
    /// The server could not take responsibility for the message.
    Nacked,
    /// The message reached no queue. `next_returned` of the channel has it, while it keeps it.
    Returned,
    /// The channel closed before the server said anything: it may have taken the message or not.
    Lost(Arc<Closed>),
}

impl NotAcked {
    /// The reason in an outcome, and the message that came back.
    fn of<P: Protocol>(outcome: Outcome<P>) -> Option<(Self, Option<Box<Returned<P>>>)> {
        Some(match outcome {
            Outcome::Acked => return None,
            Outcome::Nacked => (Self::Nacked, None),
            Outcome::Returned(message) => (Self::Returned, Some(message)),
            Outcome::Lost(reason) => (Self::Lost(reason), None),
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Lost(one), Self::Lost(other)) => Arc::ptr_eq(one, other),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
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
#[derive(Debug)]
pub(super) struct Publishes<P: Protocol> {
    /// What became of publishes that nobody watches, unless all is well.
    failed: Vec<Unconfirmed>,
    /// The lowest number that is watched and not confirmed, and the number behind the last one.
    base: u64,
    end: u64,
    /// What is known of the publishes from `base` on; those beyond are watched. Where nobody waits
    /// for a single one it stays empty.
    slots: VecDeque<Slot>,
    /// How many of them are awaited.
    awaited: usize,
    /// Publishes that went wrong and are watched, until they are asked for.
    outcomes: OrderedMap<u64, Outcome<P>>,
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

impl<P: Protocol> Default for Publishes<P> {
    fn default() -> Self {
        Self {
            failed: Vec::new(),
            base: 0,
            end: 0,
            slots: VecDeque::new(),
            awaited: 0,
            outcomes: OrderedMap::default(),
            progress: Arc::default(),
        }
    }
}

impl<P: Protocol> Publishes<P> {
    pub(super) const fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// Somebody will ask what became of this publish, the latest one.
    #[inline]
    pub(super) fn watch(&mut self, publish: PublishSeq) {
        if self.base == self.end {
            self.base = publish.0;
        } else if self.end < publish.0 {
            self.fill(self.end);
            self.slots.extend((self.end..publish.0).map(|_| Slot::Free));
        }
        self.end = publish.0 + 1;
    }

    /// Writes down that those below `end` are watched, as far as nothing else is known.
    fn fill(&mut self, end: u64) {
        let known = self.base + self.slots.len() as u64;
        self.slots.extend((known..end).map(|_| Slot::Watched));
    }

    /// What became of a publish that is watched, once it is known. It is watched no longer then.
    pub(super) fn outcome(
        &mut self,
        publish: PublishSeq,
        waker: Option<&Waker>,
    ) -> Option<Outcome<P>> {
        if let Some(outcome) = self.outcomes.remove(&publish.0) {
            self.publish_progress();
            return Some(outcome);
        }
        match self.slot(publish.0) {
            None | Some(Slot::Free) => Some(Outcome::Acked),
            Some(slot) => {
                let fresh = match (slot, waker) {
                    (Slot::Awaited(known), Some(waker)) => {
                        known.clone_from(waker);
                        false
                    }
                    (slot, Some(waker)) => {
                        *slot = Slot::Awaited(waker.clone());
                        true
                    }
                    (_, None) => false,
                };
                self.awaited += usize::from(fresh);
                None
            }
        }
    }

    /// Nothing asks for the publish any more. If it went wrong, that is kept with the others; returns
    /// the message that came back.
    pub(super) fn forget(&mut self, publish: PublishSeq) -> Option<Box<Returned<P>>> {
        let mut unwanted = None;
        match self.outcomes.remove(&publish.0) {
            Some(outcome) => unwanted = self.failed(publish.0, publish.0, outcome),
            None => {
                if let Some(slot) = self.slot(publish.0) {
                    let awaited = matches!(slot, Slot::Awaited(_));
                    *slot = Slot::Free;
                    self.awaited -= usize::from(awaited);
                }
            }
        }
        self.publish_progress();
        unwanted
    }

    /// It is known what became of some publishes. Returns the message that came back, if nothing asks
    /// for its publish.
    pub(super) fn confirmed(
        &mut self,
        (first, last): (PublishSeq, PublishSeq),
        outcome: Outcome<P>,
        woken: &mut Vec<Waker>,
    ) -> Option<Box<Returned<P>>> {
        let from = first.0.max(self.base);
        let behind = (last.0 + 1).min(self.end);
        if from >= behind {
            return self.failed(first.0, last.0, outcome);
        }
        // One that came back is alone in its range.
        let mut unwanted = self.failed(first.0, from - 1, outcome.clone());
        // Of those that nothing asked for yet only what went wrong is written down one by one.
        let known = self.base + self.slots.len() as u64;
        let each = if outcome.is_acked() && from <= known {
            known.min(behind)
        } else {
            behind
        };
        for number in from..each {
            unwanted = unwanted.or(self.confirmed_one(number, &outcome, woken));
        }
        if each < behind {
            self.drop_free();
            if self.slots.is_empty() {
                self.base = behind;
            } else {
                self.slots.extend((each..behind).map(|_| Slot::Free));
            }
        }
        let rest = self.failed(behind, last.0, outcome);
        self.publish_progress();
        unwanted.or(rest)
    }

    fn confirmed_one(
        &mut self,
        number: u64,
        outcome: &Outcome<P>,
        woken: &mut Vec<Waker>,
    ) -> Option<Box<Returned<P>>> {
        let slot = self
            .slot(number)
            .map(|slot| std::mem::replace(slot, Slot::Free));
        match slot {
            None | Some(Slot::Free) => return self.failed(number, number, outcome.clone()),
            Some(Slot::Awaited(waker)) => {
                self.awaited -= 1;
                woken.push(waker);
            }
            Some(Slot::Watched) => {}
        }
        if !outcome.is_acked() {
            self.outcomes.insert(number, outcome.clone());
        }
        None
    }

    /// Whether a task waits for one of them.
    pub(super) const fn is_awaited(&self) -> bool {
        self.awaited > 0
    }

    /// What went wrong since this was asked last.
    pub(super) fn take_failed(&mut self) -> Vec<Unconfirmed> {
        std::mem::take(&mut self.failed)
    }

    /// What is known of a publish that may be watched.
    #[inline]
    fn slot(&mut self, number: u64) -> Option<&mut Slot> {
        let at = number.checked_sub(self.base)?;
        if number < self.end {
            self.fill(number + 1);
        }
        self.slots.get_mut(usize::try_from(at).ok()?)
    }

    /// Gives up what is resolved in front.
    fn drop_free(&mut self) {
        while let Some(Slot::Free) = self.slots.front() {
            self.slots.pop_front();
            self.base += 1;
        }
    }

    /// Tells how far things are.
    fn publish_progress(&mut self) {
        self.drop_free();
        let exceptions = self.outcomes.len();
        let resolved = mutant!(
            "one publish too many counts as resolved",
            self.base,
            self.base + 1
        );
        self.progress
            .exceptions
            .store(exceptions, Ordering::Release);
        self.progress
            .resolved_below
            .store(resolved, Ordering::Release);
    }

    /// Keeps what nothing asks for one by one, unless all is well. Neighbours with the same reason are
    /// kept as one. Returns the message that came back.
    fn failed(&mut self, first: u64, last: u64, outcome: Outcome<P>) -> Option<Box<Returned<P>>> {
        if first > last {
            return None;
        }
        let (reason, message) = NotAcked::of(outcome)?;
        let (first, last) = (PublishSeq(first), PublishSeq(last));
        match self.failed.last_mut() {
            Some(before) if before.last.0 + 1 == first.0 && before.reason.is_same(&reason) => {
                before.last = last;
            }
            _ => self.failed.push(Unconfirmed {
                first,
                last,
                reason,
            }),
        }
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amqp::Version;
    use std::collections::BTreeMap;

    fn watching(numbers: impl IntoIterator<Item = u64>) -> Publishes<Version> {
        let mut publishes = Publishes::default();
        for number in numbers {
            publishes.watch(PublishSeq(number));
        }
        publishes
    }

    fn confirm(
        publishes: &mut Publishes<Version>,
        first: u64,
        last: u64,
        outcome: &Outcome<Version>,
    ) {
        let range = (PublishSeq(first), PublishSeq(last));
        publishes.confirmed(range, outcome.clone(), &mut Vec::new());
    }

    fn failed(publishes: &mut Publishes<Version>) -> Vec<(u64, u64)> {
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
        assert!(publishes.base == publishes.end && publishes.outcomes.is_empty());
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
        assert!(publishes.base == publishes.end && publishes.outcomes.is_empty());
        confirm(&mut publishes, 3, 3, &Outcome::Nacked);
        assert_eq!(failed(&mut publishes), [(3, 3)]);
    }

    #[test]
    fn it_is_known_whether_a_task_waits() {
        let mut publishes = watching(1..=3);
        assert!(!publishes.is_awaited());
        for number in [1, 1, 2, 3] {
            publishes.outcome(PublishSeq(number), Some(Waker::noop()));
        }
        confirm(&mut publishes, 1, 1, &Outcome::Acked);
        publishes.forget(PublishSeq(2));
        assert!(publishes.is_awaited());
        confirm(&mut publishes, 2, 3, &Outcome::Nacked);
        assert!(!publishes.is_awaited());
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
        assert!(publishes.base == publishes.end && failed(&mut publishes).is_empty());
    }

    /// What is known of one publish, as simply as it can be kept.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fate {
        Watched,
        Acked,
        Nacked,
        Told,
    }

    #[test]
    fn any_order_of_confirms_and_questions_gives_what_simple_bookkeeping_gives() {
        for seed in 0..200 {
            let (mut publishes, mut fates) = (Publishes::<Version>::default(), BTreeMap::new());
            let mut dice = seed * 2 + 1;
            let mut roll = |sides: u64| {
                dice = u64::wrapping_mul(dice, 6_364_136_223_846_793_005) + 1_442_695;
                (dice >> 33) % sides
            };
            let mut next = 1;
            for _ in 0..400 {
                let number = 1 + roll(next);
                match roll(4) {
                    0 => {
                        // One now and then is published that nobody watches.
                        next += roll(2);
                        publishes.watch(PublishSeq(next));
                        fates.insert(next, Fate::Watched);
                        next += 1;
                    }
                    1 => {
                        let waker = (roll(2) == 0).then_some(Waker::noop());
                        let told = publishes.outcome(PublishSeq(number), waker);
                        match fates.get_mut(&number) {
                            Some(Fate::Watched) => assert!(told.is_none(), "{seed}: {number}"),
                            Some(fate @ Fate::Nacked) => {
                                assert!(matches!(told, Some(Outcome::Nacked)), "{seed}: {number}");
                                *fate = Fate::Told;
                            }
                            _ => {}
                        }
                    }
                    _ => {
                        let (last, acked) = ((number + roll(5)).min(next), roll(3) > 0);
                        let (outcome, fate) = match acked {
                            true => (Outcome::Acked, Fate::Acked),
                            false => (Outcome::Nacked, Fate::Nacked),
                        };
                        confirm(&mut publishes, number, last, &outcome);
                        let open = fates.range_mut(number..=last);
                        open.filter(|(_, now)| **now == Fate::Watched)
                            .for_each(|(_, now)| *now = fate);
                    }
                }
                for (number, fate) in &fates {
                    let acked = publishes.progress().is_acked(PublishSeq(*number));
                    assert!(!acked || *fate != Fate::Watched, "{seed}: {number}");
                    assert!(!acked || *fate != Fate::Nacked, "{seed}: {number}");
                }
            }
        }
    }
}
