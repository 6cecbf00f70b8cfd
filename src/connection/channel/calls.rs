use std::collections::VecDeque;

use crate::connection::ids::ConsumerId;
use crate::wire::MethodId;

/// The calls of one channel that wait for their replies, in the order in which they were sent.
///
/// Servers answer the calls of a channel in order, so a reply belongs to the oldest call. A call
/// that nobody waits for any more keeps its place, so that its late reply is not taken for the
/// answer to the next one.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    queue: VecDeque<Pending>,
    next: u64,
}

/// A call that waits for its reply.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) number: u64,
    /// The method's name.
    pub(crate) name: &'static str,
    /// The methods that can be the reply.
    pub(crate) replies: &'static [MethodId],
    pub(crate) effect: Effect,
    /// Whether nobody waits for the reply any more.
    pub(crate) abandoned: bool,
}

/// What a call's reply, or its coming too late, changes on the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    None,
    ChannelOpen,
    ChannelClose,
    Consume(ConsumerId),
    Cancel(ConsumerId),
    Get { no_ack: bool },
    Recover,
}

impl Calls {
    /// Adds a call; gives its number.
    pub(crate) fn push(
        &mut self,
        (name, replies): (&'static str, &'static [MethodId]),
        effect: Effect,
    ) -> u64 {
        let number = self.next;
        self.next += 1;
        let abandoned = false;
        self.queue.push_back(Pending {
            number,
            name,
            replies,
            effect,
            abandoned,
        });
        number
    }

    /// The call that the next reply belongs to.
    pub(crate) fn front(&self) -> Option<&Pending> {
        self.queue.front()
    }

    /// Takes the oldest call out if a method with this id is a reply to it.
    pub(crate) fn answer(&mut self, reply: MethodId) -> Option<Pending> {
        let answers = self
            .queue
            .front()
            .is_some_and(|call| call.replies.contains(&reply));
        if answers {
            self.queue.pop_front()
        } else {
            None
        }
    }

    /// Takes out the oldest call.
    pub(crate) fn pop(&mut self) -> Option<Pending> {
        self.queue.pop_front()
    }

    /// Whether the call still waits.
    pub(crate) fn is_pending(&self, number: u64) -> bool {
        self.queue
            .front()
            .is_some_and(|oldest| oldest.number <= number)
            && number < self.next
    }

    /// Finds a call that still waits.
    pub(crate) fn find(&mut self, number: u64) -> Option<&mut Pending> {
        let oldest = self.queue.front()?.number;
        let index = usize::try_from(number.checked_sub(oldest)?).ok()?;
        self.queue.get_mut(index)
    }

    /// Whether a call with this effect waits.
    pub(crate) fn has(&self, effect: Effect) -> bool {
        self.queue.iter().any(|call| call.effect == effect)
    }

    /// Whether this method confirms that the channel closes, whatever else was asked before.
    pub(crate) fn close_is_answered_by(&self, reply: MethodId) -> bool {
        self.queue.back().is_some_and(|call| {
            call.effect == Effect::ChannelClose && call.replies.contains(&reply)
        })
    }

    /// How many calls wait.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &[MethodId] = &[MethodId::new(50, 11)];

    #[test]
    fn a_reply_belongs_to_the_oldest_call() {
        let mut calls = Calls::default();
        let first = calls.push(("queue.declare", OK), Effect::None);
        let second = calls.push(("queue.declare", OK), Effect::None);
        calls.find(first).unwrap().abandoned = true;
        let answered = calls.answer(OK[0]).unwrap();
        assert_eq!((answered.number, answered.abandoned), (first, true));
        assert!(!calls.is_pending(first) && calls.is_pending(second));
        assert_eq!(calls.answer(OK[0]).unwrap().number, second);
    }

    #[test]
    fn a_method_that_is_no_reply_to_the_oldest_call_answers_none() {
        let mut calls = Calls::default();
        calls.push(("queue.declare", OK), Effect::None);
        assert!(calls.answer(MethodId::new(50, 21)).is_none());
        assert_eq!(calls.len(), 1);
    }
}
