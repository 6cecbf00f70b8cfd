use std::collections::VecDeque;

use crate::connection::ids::ConsumerId;
use crate::wire::MethodId;

/// The calls of one channel that wait for their replies, in the order in which they were sent.
///
/// Servers answer the calls of a channel in order, so a reply belongs to the oldest call, except
/// that consumers may be answered for late: in RabbitMQ the queue does that, while the channel goes
/// on with the next call. A call that nobody waits for any more keeps its place, so that its late
/// reply is not taken for the answer to the next one.
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

    /// Whether a call waits that a method with this id is a reply to.
    pub(crate) fn expects(&self, reply: MethodId) -> bool {
        self.position(reply, None).is_some()
    }

    /// Takes out the call that a method with this id is a reply to; where the reply is about a
    /// consumer, the call that is about the same one.
    pub(crate) fn answer(
        &mut self,
        reply: MethodId,
        consumer: Option<ConsumerId>,
    ) -> Option<Pending> {
        let at = self.position(reply, consumer)?;
        self.queue.remove(at)
    }

    fn position(&self, reply: MethodId, consumer: Option<ConsumerId>) -> Option<usize> {
        for (at, call) in self.queue.iter().enumerate() {
            let about = match call.effect {
                Effect::Consume(id) | Effect::Cancel(id) => Some(id),
                _ => None,
            };
            if call.replies.contains(&reply) && (consumer.is_none() || consumer == about) {
                return Some(at);
            }
            if about.is_none() {
                break;
            }
        }
        None
    }

    /// Takes out the oldest call.
    pub(crate) fn pop(&mut self) -> Option<Pending> {
        self.queue.pop_front()
    }

    /// Whether the call still waits.
    pub(crate) fn is_pending(&self, number: u64) -> bool {
        self.index(number).is_ok()
    }

    /// Finds a call that still waits.
    pub(crate) fn find(&mut self, number: u64) -> Option<&mut Pending> {
        let index = self.index(number).ok()?;
        self.queue.get_mut(index)
    }

    fn index(&self, number: u64) -> Result<usize, usize> {
        self.queue.binary_search_by_key(&number, |call| call.number)
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
        let answered = calls.answer(OK[0], None).unwrap();
        assert_eq!((answered.number, answered.abandoned), (first, true));
        assert!(!calls.is_pending(first) && calls.is_pending(second));
        assert_eq!(calls.answer(OK[0], None).unwrap().number, second);
    }

    #[test]
    fn a_method_that_is_no_reply_to_the_oldest_call_answers_none() {
        let mut calls = Calls::default();
        calls.push(("queue.declare", OK), Effect::None);
        assert!(calls.answer(MethodId::new(50, 21), None).is_none());
        assert_eq!(calls.len(), 1);
    }

    #[test]
    fn calls_about_consumers_may_be_answered_late_and_in_any_order() {
        const CANCELLED: &[MethodId] = &[MethodId::new(60, 31)];
        let mut calls = Calls::default();
        let cancel = |calls: &mut Calls, id| {
            let effect = Effect::Cancel(ConsumerId(id));
            calls.push(("basic.cancel", CANCELLED), effect)
        };
        let (first, second) = (cancel(&mut calls, 1), cancel(&mut calls, 2));
        let declare = calls.push(("queue.declare", OK), Effect::None);
        let third = cancel(&mut calls, 3);
        assert_eq!(calls.answer(OK[0], None).unwrap().number, declare);
        let mut answer = |id| {
            let id = Some(ConsumerId(id));
            calls.answer(CANCELLED[0], id).map(|call| call.number)
        };
        assert_eq!(answer(2), Some(second));
        assert_eq!(answer(4), None);
        assert_eq!(answer(1), Some(first));
        assert!(calls.is_pending(third) && !calls.is_pending(declare));
        assert_eq!(calls.find(third).unwrap().number, third);
        assert!(calls.find(second).is_none());
    }
}
