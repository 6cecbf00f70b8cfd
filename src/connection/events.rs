use std::collections::VecDeque;

#[cfg(any(feature = "asynchronous", feature = "blocking"))]
use super::Connection;
use super::event::Event;
use super::ids::{ChannelKey, ConsumerId};
use super::message::Delivery;
use crate::protocol::Protocol;

/// What happened and was not polled yet, in order.
///
/// Deliveries come in masses, and mostly many of them for the same consumer; so they lie next to each
/// other, and among the events only a mark says whose the next so many are. Whoever wants them all
/// at once takes the whole queue for an empty one.
#[derive(Debug)]
pub(super) struct Events<P: Protocol> {
    queue: VecDeque<Queued<P>>,
    /// All that the marks speak of, in their order.
    deliveries: VecDeque<Delivery<P>>,
}

#[derive(Debug)]
enum Queued<P: Protocol> {
    Event(Event<P>),
    Deliveries(Deliveries),
}

/// The next deliveries, which are for the same consumer.
#[derive(Debug)]
#[must_use = "they are to be taken, for the next ones are counted from behind them"]
pub(crate) struct Deliveries {
    pub(crate) channel: ChannelKey,
    pub(crate) consumer: ConsumerId,
    count: usize,
}

impl<P: Protocol> Default for Events<P> {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
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
            Some(Queued::Deliveries(last)) if last.consumer == consumer => last.count += 1,
            _ => self.queue.push_back(Queued::Deliveries(Deliveries {
                channel,
                consumer,
                count: 1,
            })),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn pop(&mut self) -> Option<Event<P>> {
        let Some(Queued::Deliveries(next)) = self.queue.front_mut() else {
            return match self.queue.pop_front()? {
                Queued::Event(event) => Some(event),
                Queued::Deliveries(_) => None,
            };
        };
        let (channel, consumer) = (next.channel, next.consumer);
        next.count -= 1;
        if next.count == 0 {
            self.queue.pop_front();
        }
        let delivery = self.deliveries.pop_front()?;
        Some(Event::Delivery {
            channel,
            consumer,
            delivery,
        })
    }
}

// What sessions take.
#[cfg(any(feature = "asynchronous", feature = "blocking"))]
impl<P: Protocol> Events<P> {
    /// Says what deliveries come next, if any do; they are to be [taken](Self::take) then.
    pub(super) fn pop_deliveries(&mut self) -> Option<Deliveries> {
        if !matches!(self.queue.front(), Some(Queued::Deliveries(_))) {
            return None;
        }
        match self.queue.pop_front() {
            Some(Queued::Deliveries(next)) => Some(next),
            _ => None,
        }
    }

    /// Appends the deliveries that come next to a queue.
    pub(super) fn take(&mut self, next: Deliveries, queue: &mut VecDeque<Delivery<P>>) {
        debug_assert!(next.count <= self.deliveries.len(), "taken out of turn");
        if queue.is_empty() && next.count == self.deliveries.len() {
            std::mem::swap(queue, &mut self.deliveries);
        } else {
            let count = next.count.min(self.deliveries.len());
            queue.extend(self.deliveries.drain(..count));
        }
    }
}

#[cfg(any(feature = "asynchronous", feature = "blocking"))]
impl<P: Protocol> Connection<P> {
    /// The deliveries that happened next, to be put into a queue by
    /// [`take_deliveries`](Self::take_deliveries) at once; none if something else did.
    #[inline]
    pub(crate) fn poll_deliveries(&mut self) -> Option<Deliveries> {
        self.shared.events.pop_deliveries()
    }

    /// Appends them to a queue.
    #[inline]
    pub(crate) fn take_deliveries(&mut self, next: Deliveries, queue: &mut VecDeque<Delivery<P>>) {
        self.shared.events.take(next, queue);
    }
}

#[cfg(test)]
#[cfg(any(feature = "asynchronous", feature = "blocking"))]
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

    /// Consumer and tag; nothing for what is no delivery.
    fn seen(event: &Event<Version>) -> (u32, u64) {
        match event {
            Event::Delivery {
                consumer, delivery, ..
            } => (consumer.0, delivery.token.tag.0),
            _ => (0, 0),
        }
    }

    const ALL: [(u32, u64); 6] = [(7, 1), (7, 2), (8, 3), (0, 0), (7, 4), (7, 5)];

    #[test]
    fn events_are_polled_one_by_one_in_the_order_in_which_they_happened() {
        let mut events = events();
        let polled: Vec<_> = std::iter::from_fn(|| events.pop())
            .map(|event| seen(&event))
            .collect();
        assert_eq!(polled, ALL);
        assert!(events.is_empty() && events.deliveries.is_empty());
    }

    #[test]
    fn deliveries_are_taken_together_or_one_by_one_in_any_mixture() {
        for one_by_one in 0..ALL.len() {
            let mut events = events();
            let mut polled = Vec::new();
            while polled.len() < one_by_one {
                polled.extend(events.pop().map(|event| seen(&event)));
            }
            let mut queue = VecDeque::new();
            loop {
                while let Some(next) = events.pop_deliveries() {
                    let consumer = next.consumer.0;
                    events.take(next, &mut queue);
                    let taken = queue.drain(..).map(|it| (consumer, it.token.tag.0));
                    polled.extend(taken);
                }
                match events.pop() {
                    Some(event) => polled.push(seen(&event)),
                    None => break,
                }
            }
            assert_eq!(polled, ALL, "after {one_by_one} single ones");
            assert!(events.is_empty() && events.deliveries.is_empty());
        }
    }

    #[test]
    fn what_is_taken_stands_behind_what_was_there() {
        let mut events = events();
        let mut queue = VecDeque::from([delivery(0)]);
        while let Some(next) = events.pop_deliveries() {
            events.take(next, &mut queue);
        }
        let tags: Vec<_> = queue.iter().map(|it| it.token.tag.0).collect();
        assert_eq!(tags, [0, 1, 2, 3]);
        assert_eq!(events.pop().map(|event| seen(&event)), Some((0, 0)));
    }
}
