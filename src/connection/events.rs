use std::collections::VecDeque;

use super::Connection;
use super::event::Event;
use super::ids::{ChannelKey, ConsumerId};
use super::message::Delivery;
use crate::protocol::Protocol;

/// What happened and was not polled yet, in order.
///
/// Deliveries usually arrive in runs for one consumer. They are stored contiguously; the queue holds
/// one marker for each run.
#[derive(Debug)]
pub(super) struct Events<P: Protocol> {
    queue: VecDeque<Queued<P>>,
    /// The run that was polled last, as far as it was not taken.
    current: Option<Run>,
    /// All that the markers speak of, in their order.
    deliveries: VecDeque<Delivery<P>>,
}

#[derive(Debug)]
enum Queued<P: Protocol> {
    Event(Event<P>),
    Run(Run),
}

/// Deliveries one behind the other for the same consumer.
#[derive(Clone, Copy, Debug)]
struct Run {
    channel: ChannelKey,
    consumer: ConsumerId,
    count: usize,
}

impl<P: Protocol> Default for Events<P> {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            current: None,
            deliveries: VecDeque::new(),
        }
    }
}

impl<P: Protocol> Events<P> {
    pub(super) fn push(&mut self, event: Event<P>) {
        self.queue.push_back(Queued::Event(event));
    }

    #[inline]
    pub(super) fn deliver(
        &mut self,
        channel: ChannelKey,
        consumer: ConsumerId,
        delivery: Delivery<P>,
    ) {
        self.deliveries.push_back(delivery);
        match self.queue.back_mut() {
            Some(Queued::Run(last)) if last.consumer == consumer => last.count += 1,
            _ => self.queue.push_back(Queued::Run(Run {
                channel,
                consumer,
                count: 1,
            })),
        }
    }

    /// How many events wait, a run of deliveries counted as one.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.current.is_none()
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Event<P>> {
        if let Some(left) = self.current.take() {
            let count = left.count.min(self.deliveries.len());
            self.deliveries.drain(..count);
        }
        match self.queue.pop_front()? {
            Queued::Event(event) => Some(event),
            Queued::Run(run) => {
                self.current = Some(run);
                let Run {
                    channel,
                    consumer,
                    count,
                } = run;
                Some(Event::Deliveries {
                    channel,
                    consumer,
                    count,
                })
            }
        }
    }

    fn pop_delivery(&mut self) -> Option<Delivery<P>> {
        let run = self.current.as_mut()?;
        run.count -= 1;
        if run.count == 0 {
            self.current = None;
        }
        self.deliveries.pop_front()
    }

    #[inline]
    fn drain_run(&mut self, queue: &mut VecDeque<Delivery<P>>) {
        let Some(run) = self.current.take() else {
            return;
        };
        if queue.is_empty() && run.count >= self.deliveries.len() {
            std::mem::swap(queue, &mut self.deliveries);
        } else {
            let count = run.count.min(self.deliveries.len());
            queue.extend(self.deliveries.drain(..count));
        }
    }
}

impl<P: Protocol> Connection<P> {
    /// The next message of the run that [`Event::Deliveries`] announced last; none when all are taken.
    pub fn next_delivery(&mut self) -> Option<Delivery<P>> {
        self.shared.events.pop_delivery()
    }

    /// Appends all messages of the run that [`Event::Deliveries`] announced to a queue. For an empty
    /// queue this usually swaps memory and moves no message.
    #[inline]
    pub fn drain_deliveries(&mut self, queue: &mut VecDeque<Delivery<P>>) {
        self.shared.events.drain_run(queue);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amqp::Version;
    use crate::connection::Content;
    use crate::connection::ids::DeliveryToken;
    use crate::wire::DeliveryTag;
    use bytes::Bytes;

    fn delivery(tag: u64) -> Delivery<Version> {
        Delivery {
            token: DeliveryToken::new(0, ChannelKey::CONNECTION, DeliveryTag(tag), false),
            redelivered: false,
            message_count: None,
            content: Content::new(&[0, 0], Bytes::new()),
        }
    }

    /// Deliveries 1, 2 for one consumer, 3 for another, something else, and 4, 5 for the first.
    fn events() -> Events<Version> {
        let mut events = Events::default();
        for (tag, consumer) in [(1, 7), (2, 7), (3, 8), (4, 7), (5, 7)] {
            if tag == 4 {
                events.push(Event::Unblocked);
            }
            events.deliver(ChannelKey::CONNECTION, ConsumerId(consumer), delivery(tag));
        }
        events
    }

    const ALL: [(u32, u64); 6] = [(7, 1), (7, 2), (8, 3), (0, 0), (7, 4), (7, 5)];

    /// Takes up to `most` of the run that was announced, as consumer and tag.
    fn take_some(events: &mut Events<Version>, most: usize, seen: &mut Vec<(u32, u64)>) {
        let consumer = events.current.map_or(0, |run| run.consumer.0);
        let taken = std::iter::from_fn(|| events.pop_delivery()).take(most);
        seen.extend(taken.map(|it| (consumer, it.token.tag.0)));
    }

    #[test]
    fn what_is_not_taken_of_a_run_is_dropped_with_it() {
        for most in 0..4 {
            let (mut events, mut seen) = (events(), Vec::new());
            while let Some(event) = events.pop() {
                match event {
                    Event::Deliveries { .. } => take_some(&mut events, most, &mut seen),
                    _ => seen.push((0, 0)),
                }
            }
            let expected: &[_] = match most {
                0 => &[(0, 0)],
                1 => &[(7, 1), (8, 3), (0, 0), (7, 4)],
                _ => &ALL,
            };
            assert_eq!(seen, expected, "{most} of each");
            assert!(events.is_empty() && events.deliveries.is_empty());
        }
    }

    #[test]
    fn deliveries_are_drained_or_taken_one_by_one_in_any_mixture() {
        for one_by_one in 0..ALL.len() {
            let (mut events, mut seen) = (events(), Vec::new());
            while let Some(event) = events.pop() {
                let Event::Deliveries { consumer, .. } = event else {
                    seen.push((0, 0));
                    continue;
                };
                if seen.len() < one_by_one {
                    take_some(&mut events, 1, &mut seen);
                }
                if events.current.is_some() {
                    let mut queue = VecDeque::new();
                    events.drain_run(&mut queue);
                    seen.extend(queue.iter().map(|it| (consumer.0, it.token.tag.0)));
                }
            }
            assert_eq!(seen, ALL, "after {one_by_one} single ones");
            assert!(events.is_empty() && events.deliveries.is_empty());
        }
    }

    #[test]
    fn what_is_drained_stands_behind_what_was_there() {
        let mut events = events();
        let mut queue = VecDeque::from([delivery(0)]);
        for _ in 0..2 {
            assert!(matches!(events.pop(), Some(Event::Deliveries { .. })));
            events.drain_run(&mut queue);
        }
        let tags: Vec<_> = queue.iter().map(|it| it.token.tag.0).collect();
        assert_eq!(tags, [0, 1, 2, 3]);
        assert!(matches!(events.pop(), Some(Event::Unblocked)));
    }
}
