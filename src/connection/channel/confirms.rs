use std::collections::VecDeque;

use super::fingerprint::Fingerprint;
use crate::connection::ids::PublishSeq;
use crate::connection::message::Returned;
use crate::protocol::Protocol;
use crate::wire::DeliveryTag;

/// The publishes of a channel in confirm mode that are not resolved yet.
///
/// Confirms name a publish by its number and may come in any order, for one or for all up to one.
/// A returned message does not say its number; it is matched by what it is, see [`Fingerprint`], and
/// comes with the confirm of its publish.
#[derive(Debug)]
pub(crate) struct Ledger<P: Protocol> {
    /// The lowest number not resolved.
    base: u64,
    /// The number that the next publish gets.
    next: u64,
    /// Whether the numbers from `base` on are resolved; those beyond are not. Where confirms come in
    /// order it stays empty.
    resolved: VecDeque<bool>,
    /// Numbers of mandatory messages that can still come back, with what they are.
    mandatory: VecDeque<(u64, Fingerprint)>,
    /// The number of the one that came back last.
    last_returned: u64,
    /// Messages that came back and are not confirmed yet, by their numbers, in order.
    returned: VecDeque<(u64, Box<Returned<P>>)>,
}

/// Publishes in a row that are resolved alike.
#[derive(Debug)]
pub(crate) struct Range<P: Protocol> {
    pub(crate) first: PublishSeq,
    pub(crate) last: PublishSeq,
    /// The message, if it is one that came back before it was confirmed.
    pub(crate) returned: Option<Box<Returned<P>>>,
}

impl<P: Protocol> Ledger<P> {
    pub(crate) fn new() -> Self {
        let first = mutant!("publishes are numbered from 2", 1, 2);
        Self {
            base: first,
            next: first,
            resolved: VecDeque::new(),
            mandatory: VecDeque::new(),
            last_returned: 0,
            returned: VecDeque::new(),
        }
    }

    /// Notes a publish; gives its number.
    #[inline]
    pub(crate) fn publish(&mut self, mandatory: Option<Fingerprint>) -> PublishSeq {
        let number = self.next;
        self.next += 1;
        if let Some(fingerprint) = mandatory {
            self.mandatory.push_back((number, fingerprint));
        }
        PublishSeq(number)
    }

    /// The number that the next publish gets.
    pub(crate) const fn next(&self) -> u64 {
        self.next
    }

    /// The lowest number not resolved; equal to [`next`](Self::next) when all are.
    pub(crate) const fn base(&self) -> PublishSeq {
        PublishSeq(self.base)
    }

    /// Whether all publishes are resolved.
    pub(crate) const fn is_settled(&self) -> bool {
        self.base == self.next
    }

    /// Keeps a message that came back, until its publish is confirmed. Returns it where no open
    /// publish is known to be it.
    ///
    /// Servers return messages in the order in which they were published, so it is likely the oldest
    /// that is alike after the one that came back last. Of those that are alike but for their
    /// properties the first is taken if none has the same.
    pub(crate) fn returned(
        &mut self,
        print: Fingerprint,
        message: Box<Returned<P>>,
    ) -> Result<(), Box<Returned<P>>> {
        let Some(at) = self.find(print) else {
            return Err(message);
        };
        let Some((number, _)) = self.mandatory.remove(at) else {
            return Err(message);
        };
        self.last_returned = number;
        let at = self.returned.partition_point(|(other, _)| *other < number);
        self.returned.insert(at, (number, message));
        Ok(())
    }

    /// Where the open publish stands that is this message.
    fn find(&self, print: Fingerprint) -> Option<usize> {
        let start = self
            .mandatory
            .partition_point(|(number, _)| *number < self.last_returned);
        let mut alike = None;
        for at in (start..self.mandatory.len()).chain(0..start) {
            match self.mandatory.get(at) {
                Some((_, sent))
                    if mutant!(
                        "a return is taken for the oldest publish",
                        *sent == print,
                        true
                    ) =>
                {
                    return Some(at);
                }
                Some((_, sent)) if sent.message == print.message => _ = alike.get_or_insert(at),
                _ => {}
            }
        }
        alike
    }

    /// Resolves what a confirm names, giving each stretch to `each`.
    ///
    /// Tag 0 with `multiple` means all so far. Returns `false` when the tag names nothing that is
    /// open.
    pub(crate) fn confirm(
        &mut self,
        tag: DeliveryTag,
        multiple: bool,
        each: impl FnMut(Range<P>),
    ) -> bool {
        let last = if multiple && tag.0 == 0 {
            self.next - 1
        } else {
            tag.0
        };
        // A confirm of several may name one that was confirmed before, if there are open ones below.
        let known = last < self.next
            && if multiple {
                last >= self.base
            } else {
                !self.is_resolved(last)
            };
        if !known {
            return multiple && tag.0 == 0;
        }
        let first = if multiple { self.base } else { last };
        self.resolve(first, last, each);
        true
    }

    /// Resolves everything that is open, giving each stretch to `each`.
    pub(crate) fn lose_all(&mut self, each: impl FnMut(Range<P>)) {
        if !self.is_settled() {
            self.resolve(self.base, self.next - 1, each);
        }
    }

    fn is_resolved(&self, number: u64) -> bool {
        match number.checked_sub(self.base) {
            Some(index) if number < self.next => {
                let index = usize::try_from(index).ok();
                index.is_some_and(|index| self.resolved.get(index) == Some(&true))
            }
            _ => true,
        }
    }

    fn resolve(&mut self, first: u64, last: u64, mut each: impl FnMut(Range<P>)) {
        let mut run: Option<Range<P>> = None;
        let in_order = first == self.base && self.resolved.is_empty();
        if in_order && self.returned.is_empty() {
            each(Range {
                first: PublishSeq(first),
                last: PublishSeq(last),
                returned: None,
            });
            return self.mark(first, last);
        }
        for number in first..=last {
            if self.is_resolved(number) {
                run.take().into_iter().for_each(&mut each);
                continue;
            }
            let seq = PublishSeq(number);
            let found = self.returned.binary_search_by_key(&number, |(it, _)| *it);
            let returned = found.ok().and_then(|at| self.returned.remove(at));
            let returned = returned.map(|(_, message)| message);
            match &mut run {
                Some(range) if range.returned.is_none() && returned.is_none() => range.last = seq,
                _ => {
                    let next = Range {
                        first: seq,
                        last: seq,
                        returned,
                    };
                    run.replace(next).into_iter().for_each(&mut each);
                }
            }
        }
        run.into_iter().for_each(&mut each);
        self.mark(first, last);
    }

    fn mark(&mut self, first: u64, last: u64) {
        if first == self.base && self.resolved.is_empty() {
            self.base = last + 1;
        } else {
            let index = |number: u64| usize::try_from(number - self.base).unwrap_or(usize::MAX);
            let (from, to) = (index(first), index(last));
            if self.resolved.len() <= to {
                self.resolved.resize(to + 1, false);
            }
            for resolved in self.resolved.range_mut(from..=to) {
                *resolved = true;
            }
            while self.resolved.front() == Some(&true) {
                self.resolved.pop_front();
                self.base += 1;
            }
        }
        // Both are in order of number.
        let start = self
            .mandatory
            .partition_point(|(number, _)| *number < first);
        let end = self
            .mandatory
            .partition_point(|(number, _)| *number <= last);
        self.mandatory.drain(start..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amqp::Version;
    use crate::connection::Content;
    use crate::wire::ReplyCode;
    use bytes::Bytes;

    fn print(n: u8) -> Fingerprint {
        Fingerprint {
            message: u64::from(n),
            properties: 0,
        }
    }

    fn ledger() -> Ledger<Version> {
        Ledger::new()
    }

    fn message() -> Box<Returned<Version>> {
        Box::new(Returned {
            code: ReplyCode::NO_ROUTE,
            text: "NO_ROUTE".into(),
            exchange: "".into(),
            routing_key: "key".into(),
            content: Content::new(&[0, 0], Bytes::new()),
        })
    }

    fn confirm(
        ledger: &mut Ledger<Version>,
        tag: u64,
        multiple: bool,
    ) -> (bool, Vec<(u64, u64, bool)>) {
        let mut ranges = Vec::new();
        let known = ledger.confirm(DeliveryTag(tag), multiple, |range| {
            ranges.push((range.first.0, range.last.0, range.returned.is_some()));
        });
        (known, ranges)
    }

    #[test]
    fn confirms_may_come_in_any_order() {
        let mut ledger = ledger();
        for _ in 0..5 {
            ledger.publish(None);
        }
        assert_eq!(confirm(&mut ledger, 3, false), (true, vec![(3, 3, false)]));
        assert_eq!(
            confirm(&mut ledger, 4, true),
            (true, vec![(1, 2, false), (4, 4, false)])
        );
        assert_eq!(ledger.base(), PublishSeq(5));
        assert_eq!(confirm(&mut ledger, 5, false), (true, vec![(5, 5, false)]));
        assert!(ledger.is_settled());
        assert_eq!(ledger.publish(None), PublishSeq(6));
    }

    #[test]
    fn a_confirm_of_what_is_not_open_is_noticed() {
        let mut ledger = ledger();
        assert!(!confirm(&mut ledger, 1, false).0);
        ledger.publish(None);
        ledger.publish(None);
        assert!(!confirm(&mut ledger, 0, false).0);
        assert!(!confirm(&mut ledger, 3, true).0);
        assert!(confirm(&mut ledger, 1, false).0);
        assert!(!confirm(&mut ledger, 1, false).0);
    }

    #[test]
    fn tag_zero_with_multiple_means_all() {
        let mut ledger = ledger();
        ledger.publish(None);
        ledger.publish(None);
        assert_eq!(confirm(&mut ledger, 0, true), (true, vec![(1, 2, false)]));
        assert_eq!(confirm(&mut ledger, 0, true), (true, vec![]));
    }

    #[test]
    fn a_returned_message_is_its_own_publish_and_not_the_next_confirmed() {
        let mut ledger = ledger();
        for n in 1..=3 {
            ledger.publish(Some(print(n)));
        }
        assert!(ledger.returned(print(2), message()).is_ok());
        assert!(ledger.returned(print(2), message()).is_err());
        let (_, ranges) = confirm(&mut ledger, 3, true);
        assert_eq!(ranges, [(1, 1, false), (2, 2, true), (3, 3, false)]);
        assert!(ledger.mandatory.is_empty() && ledger.returned.is_empty());
    }

    #[test]
    fn what_is_open_at_the_end_is_lost_once() {
        let mut ledger = ledger();
        for _ in 0..4 {
            ledger.publish(None);
        }
        confirm(&mut ledger, 2, false);
        let mut lost = Vec::new();
        ledger.lose_all(|range| lost.push((range.first.0, range.last.0)));
        assert_eq!(lost, [(1, 1), (3, 4)]);
        ledger.lose_all(|_| unreachable!());
    }
}
