//! The publishes of one publisher, from when they are accepted until their outcome is known.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;

use crate::connection::PublishSeq;
use crate::protocol::Protocol;

/// One publish that a publisher has accepted.
#[derive(Debug)]
pub(crate) struct Entry<P: Protocol> {
    pub(crate) publish: P::Publish,
    pub(crate) properties: Option<Box<P::BasicProperties>>,
    pub(crate) body: Bytes,
    /// When it was accepted, where the publisher has limits of time.
    pub(crate) accepted: Option<Instant>,
}

/// Publishes in the order in which they were accepted, numbered from 1 on.
///
/// ```text
///  accepted ──▶ sent on the current channel ──▶ resolved
///     ▲                    │
///     └── channel is lost ─┘
/// ```
#[derive(Debug)]
pub(crate) struct Ledger<P: Protocol> {
    /// The publishes from `base` on; none for those that are resolved. The first is not resolved.
    entries: VecDeque<Option<Entry<P>>>,
    base: u64,
    /// The lowest number that was not sent on the current channel. What is below and not resolved waits for
    /// its confirm.
    next: u64,
    /// The lowest number that was never sent on an earlier channel.
    reached: u64,
    /// Which numbers the last sequence numbers of the current channel are, and those before, the oldest first.
    run: Run,
    earlier: VecDeque<Run>,
    /// How many are not resolved, and how many bytes their bodies have.
    unresolved: usize,
    bytes: usize,
}

/// Publishes with consecutive numbers that were sent one after another.
#[derive(Debug)]
struct Run {
    first: PublishSeq,
    number: u64,
    len: u64,
}

impl Run {
    const NONE: Self = Self {
        first: PublishSeq(0),
        number: 0,
        len: 0,
    };

    /// Returns the numbers of the first and the last publish of a range.
    fn numbers(&self, first: PublishSeq, last: PublishSeq) -> Option<(u64, u64)> {
        let from = first.0.max(self.first.0);
        let end = (last.0 + 1).min(self.first.0 + self.len);
        let number = |seq: u64| seq - self.first.0 + self.number;
        (from < end).then(|| (number(from), number(end - 1)))
    }
}

impl<P: Protocol> Ledger<P> {
    pub(crate) const fn new() -> Self {
        Self {
            entries: VecDeque::new(),
            base: 1,
            next: 1,
            reached: 1,
            run: Run::NONE,
            earlier: VecDeque::new(),
            unresolved: 0,
            bytes: 0,
        }
    }

    /// Returns how many publishes are not resolved.
    pub(crate) const fn unresolved(&self) -> usize {
        self.unresolved
    }

    /// Returns how many bytes the bodies of the unresolved publishes have.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the number that the next publish gets.
    pub(crate) fn end(&self) -> u64 {
        self.base + self.entries.len() as u64
    }

    /// Returns the lowest number that is not resolved.
    pub(crate) const fn base(&self) -> u64 {
        self.base
    }

    /// Returns whether everything that is not resolved was sent on the current channel.
    pub(crate) fn is_all_sent(&self) -> bool {
        self.next >= self.end()
    }

    /// Accepts a publish. Returns its number.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry<P>) -> u64 {
        let number = self.end();
        self.unresolved += 1;
        self.bytes += entry.body.len();
        self.entries.push_back(Some(entry));
        number
    }

    fn index(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.base)?).ok()
    }

    /// Returns the next publish to send, and its number.
    pub(crate) fn next_unsent(&mut self) -> Option<(u64, &Entry<P>)> {
        loop {
            let at = self.index(self.next)?;
            match self.entries.get(at)? {
                Some(_) => break,
                None => self.next += 1,
            }
        }
        let (number, at) = (self.next, self.index(self.next)?);
        Some((number, self.entries.get(at)?.as_ref()?))
    }

    /// Notes that the next publish was sent, as this one of its channel.
    #[inline]
    pub(crate) fn sent(&mut self, number: u64, seq: PublishSeq) {
        self.next = number + 1;
        let run = &mut self.run;
        if run.first.0 + run.len == seq.0 && run.number + run.len == number {
            run.len += 1;
        } else {
            self.begin_run(number, seq);
        }
    }

    #[cold]
    fn begin_run(&mut self, number: u64, first: PublishSeq) {
        let len = 1;
        let run = Run { first, number, len };
        let last = std::mem::replace(&mut self.run, run);
        // Of those below the base all have their confirm.
        self.earlier.push_back(last);
        let base = self.base;
        self.earlier.retain(|run| run.number + run.len > base);
    }

    /// Returns whether a publish waits for a confirm.
    pub(crate) const fn is_in_flight(&self) -> bool {
        // The first is never one that is resolved.
        self.base < self.next && self.unresolved > 0
    }

    /// Returns the publishes that wait for a confirm, and their numbers.
    pub(crate) fn in_flight(&self) -> impl Iterator<Item = (u64, &Entry<P>)> {
        self.iter().take_while(|(number, _)| *number < self.next)
    }

    /// Returns how many publishes were sent on a channel that is lost, and are to be sent again.
    pub(crate) fn in_doubt(&self) -> usize {
        let numbers = self.iter().map(|(number, _)| number);
        numbers.take_while(|it| *it < self.reached).count()
    }

    /// Resolves publishes of the channel that have a confirm. Returns the ranges of their numbers.
    pub(crate) fn confirmed(&mut self, first: PublishSeq, last: PublishSeq) -> Vec<(u64, u64)> {
        let mut resolved: Vec<(u64, u64)> = Vec::with_capacity(1);
        for at in 0..=self.earlier.len() {
            let run = self.earlier.get(at).unwrap_or(&self.run);
            let Some((from, to)) = run.numbers(first, last) else {
                continue;
            };
            self.take(from.max(self.base), to, |number| {
                match resolved.last_mut() {
                    Some((_, end)) if *end + 1 == number => *end = number,
                    _ => resolved.push((number, number)),
                }
            });
        }
        self.drop_resolved();
        resolved
    }

    /// Resolves a publish. Returns whether it was not before.
    pub(crate) fn resolve(&mut self, number: u64) -> bool {
        let mut is_taken = false;
        if number >= self.base {
            self.take(number, number, |_| is_taken = true);
            self.drop_resolved();
        }
        is_taken
    }

    /// Resolves all publishes from one number to another, of which the first is not below the base.
    #[inline]
    fn take(&mut self, first: u64, last: u64, mut each: impl FnMut(u64)) {
        let index = |number: u64| usize::try_from(number.saturating_sub(self.base)).unwrap_or(0);
        let to = index(last + 1).min(self.entries.len());
        let from = index(first).min(to);
        for (number, slot) in (first..).zip(self.entries.range_mut(from..to)) {
            if let Some(entry) = slot {
                self.unresolved -= 1;
                self.bytes -= entry.body.len();
                *slot = None;
                each(number);
            }
        }
    }

    /// Forgets resolved publishes that have none before them.
    fn drop_resolved(&mut self) {
        let resolved = self.entries.iter().take_while(|it| it.is_none()).count();
        self.entries.drain(..resolved);
        self.base += resolved as u64;
        self.next = self.next.max(self.base);
    }

    /// The channel is lost: everything that is not resolved is to be sent again.
    pub(crate) fn channel_lost(&mut self) {
        self.reached = self.reached.max(self.next);
        let again = mutant!(
            "a cut during the replay sends only the rest again",
            self.base,
            if self.next < self.end() {
                self.next
            } else {
                self.base
            }
        );
        (self.run, self.earlier) = (Run::NONE, VecDeque::new());
        self.next = mutant!(
            "the first unresolved publish is not sent again",
            again,
            again + 1
        );
    }

    /// Returns the unresolved publishes and their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &Entry<P>)> {
        let numbers = self.base..;
        let entries = numbers.zip(&self.entries);
        entries.filter_map(|(number, entry)| Some((number, entry.as_ref()?)))
    }

    /// Takes out everything that is not resolved.
    pub(crate) fn drain(&mut self) -> Vec<Entry<P>> {
        self.base = self.end();
        self.next = self.base;
        (self.unresolved, self.bytes) = (0, 0);
        (self.run, self.earlier) = (Run::NONE, VecDeque::new());
        self.entries.drain(..).flatten().collect()
    }
}
