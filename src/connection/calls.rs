use std::collections::VecDeque;
use std::ops::Range;

use super::event::Answer;
use super::ids::{CallId, ChannelKey, ConsumerId};
use super::ordered::OrderedMap;
use crate::error::Error;
use crate::protocol::Protocol;
use crate::wire::MethodId;

/// The calls of a connection and of its channels, from when they are sent until their answers are
/// taken.
///
/// ```text
/// Pending ── reply, or why none comes ──▶ Answered ── taken ──▶ (gone)
///    │                                       └─── abandoned: undone ──▶ (gone)
///    └── abandoned, overdue ──▶ Abandoned ── reply: undone ──▶ (gone)
/// ```
///
/// Servers answer the calls of a channel in order, so a reply belongs to the channel's oldest call,
/// except that consumers may be answered for late: in RabbitMQ the queue does that, while the channel
/// goes on with the next call. An abandoned call keeps its place, so that its late reply is not taken
/// for the answer to the next one.
#[derive(Debug)]
pub(super) struct Calls<P: Protocol> {
    /// Calls whose replies are still to come, by channel, and in the order in which they were sent.
    due: VecDeque<Entry>,
    /// Answers that were not taken.
    answers: OrderedMap<CallId, (Pending, Result<Answer<P>, Error>)>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    call: Pending,
    /// The methods that can be the reply.
    replies: &'static [MethodId],
}

/// A call that waits for its reply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) id: CallId,
    /// The method's name.
    pub(super) name: &'static str,
    pub(super) effect: Effect,
    pub(super) abandoned: bool,
}

/// What a call changes on its channel when its reply comes, and so what there is to undo when the
/// reply is not wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    ChannelOpen,
    ChannelClose,
    Consume(ConsumerId),
    Cancel(ConsumerId),
    Get { no_ack: bool },
    Recover,
}

impl Effect {
    const fn consumer(self) -> Option<ConsumerId> {
        match self {
            Self::Consume(id) | Self::Cancel(id) => Some(id),
            _ => None,
        }
    }
}

/// What abandoning a call has found.
#[derive(Debug)]
pub(super) enum Abandoned<P: Protocol> {
    /// The reply will be undone when it comes. An overdue call had failed with this error.
    Pending(Pending, Option<Error>),
    /// The reply came before, and is to be undone now.
    Answered(Pending, Result<Answer<P>, Error>),
}

impl<P: Protocol> Default for Calls<P> {
    fn default() -> Self {
        Self {
            due: VecDeque::new(),
            answers: OrderedMap::default(),
            next: 0,
        }
    }
}

impl<P: Protocol> Calls<P> {
    /// Returns the calls of the next connection: none, but answers that were not taken are kept.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(super) fn successor(&mut self) -> Self {
        Self {
            due: VecDeque::new(),
            answers: std::mem::take(&mut self.answers),
            next: self.next,
        }
    }

    /// Adds a call.
    pub(super) fn push(
        &mut self,
        channel: ChannelKey,
        (name, replies): (&'static str, &'static [MethodId]),
        effect: Effect,
    ) -> CallId {
        let id = CallId {
            channel,
            number: self.next,
        };
        self.next += 1;
        let call = Pending {
            id,
            name,
            effect,
            abandoned: false,
        };
        let entry = Entry { call, replies };
        match self.due.back() {
            Some(last) if last.call.id > id => {
                let at = self.due.partition_point(|other| other.call.id < id);
                self.due.insert(at, entry);
            }
            _ => self.due.push_back(entry),
        }
        id
    }

    /// Where the calls of a channel stand.
    fn range(&self, channel: ChannelKey) -> Range<usize> {
        let before = |entry: &Entry| entry.call.id.channel < channel;
        let start = match self.due.front() {
            Some(first) if !before(first) => 0,
            _ => self.due.partition_point(before),
        };
        let of = |entry: &Entry| entry.call.id.channel == channel;
        let end = match self.due.back() {
            Some(last) if of(last) => self.due.len(),
            _ => self.due.partition_point(|entry| before(entry) || of(entry)),
        };
        start..end.max(start)
    }

    /// The calls of a channel that wait, the oldest first.
    fn pending(&self, channel: ChannelKey) -> impl DoubleEndedIterator<Item = &Entry> {
        self.due.range(self.range(channel))
    }

    /// The channel's call that the next reply belongs to.
    pub(super) fn oldest(&self, channel: ChannelKey) -> Option<Pending> {
        Some(self.pending(channel).next()?.call)
    }

    /// The call that a method with this id is a reply to; where the reply is about a consumer, the
    /// call that is about the same one.
    pub(super) fn replied(
        &self,
        channel: ChannelKey,
        reply: MethodId,
        consumer: Option<ConsumerId>,
    ) -> Option<Pending> {
        for entry in self.pending(channel) {
            let about = entry.call.effect.consumer();
            if entry.replies.contains(&reply) && (consumer.is_none() || consumer == about) {
                return Some(entry.call);
            }
            if about.is_none() {
                break;
            }
        }
        None
    }

    /// Whether this method confirms that the channel closes, whatever else was asked before.
    pub(super) fn close_is_answered_by(&self, channel: ChannelKey, reply: MethodId) -> bool {
        self.pending(channel).next_back().is_some_and(|entry| {
            entry.call.effect == Effect::ChannelClose && entry.replies.contains(&reply)
        })
    }

    /// Whether a call with this effect waits.
    pub(super) fn has(&self, channel: ChannelKey, effect: Effect) -> bool {
        self.pending(channel)
            .any(|entry| entry.call.effect == effect)
    }

    /// Whether another call of the same channel with the same effect waits.
    pub(super) fn has_other(&self, call: &Pending) -> bool {
        self.pending(call.id.channel)
            .any(|entry| entry.call.effect == call.effect && entry.call.id != call.id)
    }

    /// Whether a reply is still to come to a call that was not abandoned.
    pub(super) fn is_any_awaited(&self) -> bool {
        self.due.iter().any(|entry| !entry.call.abandoned)
    }

    /// How many calls of a channel wait.
    pub(super) fn count(&self, channel: ChannelKey) -> usize {
        self.range(channel).len()
    }

    /// Ends a call. Returns whether its answer is news, which is kept to be taken.
    pub(super) fn answer(&mut self, id: CallId, answer: Result<Answer<P>, Error>) -> bool {
        let entry = self.index(id).and_then(|at| self.due.remove(at));
        let call = entry.map(|entry| entry.call);
        let wanted = |call: &Pending| mutant!("late replies are handed out", !call.abandoned, true);
        match call.filter(wanted) {
            Some(call) => {
                self.answers.insert(id, (call, answer));
                true
            }
            None => false,
        }
    }

    /// Fails all calls of a channel but the newest `kept` ones, in order. `each` hears of those that
    /// are news.
    pub(super) fn fail(
        &mut self,
        channel: ChannelKey,
        kept: usize,
        error: &Error,
        mut each: impl FnMut(CallId),
    ) {
        let Range { start, end } = self.range(channel);
        let end = end.saturating_sub(kept).max(start);
        for Entry { call, .. } in self.due.drain(start..end) {
            if !call.abandoned {
                self.answers.insert(call.id, (call, Err(error.clone())));
                each(call.id);
            }
        }
    }

    /// Ends a call as far as its caller is concerned; its reply may still come, and is undone then.
    /// Returns whether that is news.
    pub(super) fn give_up(&mut self, id: CallId, error: Error) -> bool {
        let Some(entry) = self.index(id).and_then(|at| self.due.get_mut(at)) else {
            return false;
        };
        let is_news = !std::mem::replace(&mut entry.call.abandoned, true);
        if is_news {
            self.answers.insert(id, (entry.call, Err(error)));
        }
        is_news
    }

    /// The answer of a call, once it is known.
    pub(super) fn take(&mut self, id: CallId) -> Option<Result<Answer<P>, Error>> {
        let (_, answer) = self.answers.remove(&id)?;
        Some(answer)
    }

    /// Abandons a call.
    pub(super) fn abandon(&mut self, id: CallId) -> Option<Abandoned<P>> {
        let answer = self.answers.remove(&id);
        if let Some(entry) = self.index(id).and_then(|at| self.due.get_mut(at)) {
            entry.call.abandoned = true;
            let error = answer.and_then(|(_, answer)| answer.err());
            return Some(Abandoned::Pending(entry.call, error));
        }
        let (call, answer) = answer?;
        Some(Abandoned::Answered(call, answer))
    }

    /// A call whose reply is still to come.
    pub(super) fn find(&self, id: CallId) -> Option<Pending> {
        Some(self.due.get(self.index(id)?)?.call)
    }

    fn index(&self, id: CallId) -> Option<usize> {
        match self.due.front() {
            Some(first) if first.call.id == id => Some(0),
            _ => self
                .due
                .binary_search_by(|entry| entry.call.id.cmp(&id))
                .ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amqp::Version;
    use crate::error::Misuse;
    use crate::wire::ChannelId;

    const OK: &[MethodId] = &[MethodId::new(50, 11)];

    fn calls() -> Calls<Version> {
        Calls::default()
    }

    fn key(number: u16) -> ChannelKey {
        ChannelKey {
            id: ChannelId(number),
            epoch: 1,
        }
    }

    fn declare(calls: &mut Calls<Version>, channel: ChannelKey) -> CallId {
        calls.push(channel, ("queue.declare", OK), Effect::None)
    }

    fn over() -> Result<Answer<Version>, Error> {
        Err(Misuse::NotOpen.into())
    }

    #[test]
    fn a_reply_belongs_to_the_oldest_call_of_its_channel() {
        let mut calls = calls();
        let other = declare(&mut calls, key(2));
        let first = declare(&mut calls, key(1));
        let second = declare(&mut calls, key(1));
        calls.abandon(first);
        let replied = calls.replied(key(1), OK[0], None).unwrap();
        assert_eq!((replied.id, replied.abandoned), (first, true));
        assert!(!calls.answer(first, over()));
        assert!(calls.find(first).is_none() && calls.find(second).is_some());
        assert_eq!(calls.replied(key(1), OK[0], None).unwrap().id, second);
        assert!(calls.answer(second, over()));
        assert!(calls.replied(key(1), OK[0], None).is_none());
        assert_eq!(calls.replied(key(2), OK[0], None).unwrap().id, other);
    }

    #[test]
    fn an_answer_is_taken_once_or_comes_back_when_its_call_is_abandoned() {
        let mut calls = calls();
        let (one, other) = (declare(&mut calls, key(1)), declare(&mut calls, key(1)));
        assert!(calls.take(one).is_none());
        calls.answer(one, over());
        calls.answer(other, over());
        assert!(calls.take(one).is_some() && calls.take(one).is_none());
        assert!(calls.abandon(one).is_none());
        let abandoned = calls.abandon(other);
        assert!(matches!(abandoned, Some(Abandoned::Answered(_, Err(_)))));
        assert!(calls.take(other).is_none() && calls.due.is_empty() && calls.answers.is_empty());
    }

    #[test]
    fn a_method_that_is_no_reply_to_the_oldest_call_answers_none() {
        let mut calls = calls();
        declare(&mut calls, key(1));
        let reply = calls.replied(key(1), MethodId::new(50, 21), None);
        assert!(reply.is_none());
        assert_eq!(calls.count(key(1)), 1);
    }

    #[test]
    fn calls_about_consumers_may_be_answered_late_and_in_any_order() {
        const CANCELLED: &[MethodId] = &[MethodId::new(60, 31)];
        let mut calls = calls();
        let cancel = |calls: &mut Calls<Version>, id| {
            let effect = Effect::Cancel(ConsumerId(id));
            calls.push(key(1), ("basic.cancel", CANCELLED), effect)
        };
        let (first, second) = (cancel(&mut calls, 1), cancel(&mut calls, 2));
        let declared = declare(&mut calls, key(1));
        let third = cancel(&mut calls, 3);
        let mut answer = |reply, about: Option<u32>| {
            let call = calls.replied(key(1), reply, about.map(ConsumerId))?.id;
            calls.answer(call, over());
            Some(call)
        };
        assert_eq!(answer(OK[0], None), Some(declared));
        assert_eq!(answer(CANCELLED[0], Some(2)), Some(second));
        assert_eq!(answer(CANCELLED[0], Some(4)), None);
        assert_eq!(answer(CANCELLED[0], Some(1)), Some(first));
        assert!(calls.find(third).is_some() && calls.find(second).is_none());
        assert_eq!(calls.oldest(key(1)).unwrap().id, third);
    }
}
