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
    pub(crate) accepted: Instant,
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
    /// The publishes from `base` on; none for those that are resolved.
    entries: VecDeque<Option<Entry<P>>>,
    base: u64,
    /// The lowest number that was not sent on the current channel.
    next: u64,
    /// The numbers that were sent on the current channel and have no confirm, by the channel's sequence
    /// number from `first` on; none for those that are confirmed.
    sent: VecDeque<Option<u64>>,
    first: u64,
    /// How many are not resolved, and how many bytes their bodies have.
    unresolved: usize,
    bytes: usize,
}

impl<P: Protocol> Ledger<P> {
    pub(crate) const fn new() -> Self {
        Self {
            entries: VecDeque::new(),
            base: 1,
            next: 1,
            sent: VecDeque::new(),
            first: 1,
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

    /// Accepts a publish. Returns its number.
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
        self.next = self.next.max(self.base);
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
    pub(crate) fn sent(&mut self, number: u64, seq: PublishSeq) {
        if self.sent.is_empty() {
            self.first = seq.0;
        }
        self.sent.push_back(Some(number));
        self.next = number + 1;
    }

    /// Returns whether a publish waits for a confirm.
    pub(crate) fn is_in_flight(&self) -> bool {
        // The front is never one that is confirmed.
        !self.sent.is_empty()
    }

    /// Returns the numbers that wait for a confirm.
    pub(crate) fn in_flight_numbers(&self) -> impl DoubleEndedIterator<Item = u64> {
        self.sent.iter().flatten().copied()
    }

    /// Takes the confirm of one publish of the channel. Returns its number.
    pub(crate) fn confirmed(&mut self, seq: PublishSeq) -> Option<u64> {
        let at = usize::try_from(seq.0.checked_sub(self.first)?).ok()?;
        let number = self.sent.get_mut(at)?.take();
        while let Some(None) = self.sent.front() {
            self.sent.pop_front();
            self.first += 1;
        }
        number
    }

    /// Resolves a publish. Returns it, unless that was done before.
    pub(crate) fn resolve(&mut self, number: u64) -> Option<Entry<P>> {
        let at = self.index(number)?;
        let entry = self.entries.get_mut(at)?.take()?;
        self.unresolved -= 1;
        self.bytes -= entry.body.len();
        while let Some(None) = self.entries.front() {
            self.entries.pop_front();
            self.base += 1;
        }
        Some(entry)
    }

    /// The channel is lost: everything that is not resolved is to be sent again.
    pub(crate) fn channel_lost(&mut self) {
        let again = mutant!(
            "a cut during the replay sends only the rest again",
            self.base,
            if self.next < self.end() {
                self.next
            } else {
                self.base
            }
        );
        self.sent.clear();
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
        (self.unresolved, self.bytes) = (0, 0);
        self.sent.clear();
        self.entries.drain(..).flatten().collect()
    }
}
