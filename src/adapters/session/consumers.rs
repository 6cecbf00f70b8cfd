//! The part of a session that is about consumers.

use std::collections::VecDeque;
use std::task::Waker;

use super::Session;
use super::inbox::{ConsumerEnd, Inbox};
use crate::connection::{ChannelKey, Connection, ConsumerId, Delivery};
use crate::protocol::Protocol;

impl<P: Protocol> Session<P> {
    /// Takes the run of deliveries that was announced for a consumer.
    #[inline]
    pub(super) fn deliver(
        &mut self,
        connection: &mut Connection<P>,
        (channel, consumer): (ChannelKey, ConsumerId),
    ) {
        let Some(inbox) = self.consumers.get_mut(&consumer) else {
            return Self::give_back(connection, channel);
        };
        if inbox.closing && inbox.is_full(self.limits) {
            // They go back to their queue with the channel.
            return connection.drain_deliveries(&mut VecDeque::new());
        }
        inbox.extend(connection, &mut self.woken);
        if inbox.is_full(self.limits) && !inbox.closing {
            self.full.insert(consumer, ());
        }
        inbox.charge(&mut self.kept);
    }

    /// Messages go back to their queues whose consumer went while they were arriving.
    #[cold]
    fn give_back(connection: &mut Connection<P>, key: ChannelKey) {
        let mut orphans = VecDeque::new();
        connection.drain_deliveries(&mut orphans);
        if let Ok(mut channel) = connection.channel(key) {
            for delivery in orphans {
                // One that needs no acknowledgement, or is settled, cannot go back.
                let _settled = channel.reject(delivery.into_token(), true);
            }
        }
    }

    /// The program closes a channel: its consumers do not keep anybody from reading any more.
    pub(in crate::adapters) fn channel_closing(&mut self, channel: ChannelKey) {
        for (consumer, inbox) in self.consumers.iter_mut() {
            if inbox.channel == channel {
                inbox.closing = true;
                inbox.charge(&mut self.kept);
                self.full.remove(consumer);
            }
        }
    }

    pub(in crate::adapters) fn end(&mut self, consumer: ConsumerId, end: ConsumerEnd) {
        self.full.remove(&consumer);
        if let Some(inbox) = self.consumers.get_mut(&consumer) {
            inbox.finish(end, &mut self.woken);
            inbox.charge(&mut self.kept);
        }
    }

    /// Whether more of some consumer's messages wait than may; nothing should be read then.
    pub(in crate::adapters) fn is_full(&self) -> bool {
        !self.full.is_empty() || self.is_at_total()
    }

    /// Whether as much waits for all consumers together as may.
    const fn is_at_total(&self) -> bool {
        self.kept >= self.limits.total
    }

    /// Whether so much waits for some consumer that nothing may be read, not even for somebody who
    /// waits for something else that may stand behind its messages.
    pub(in crate::adapters) fn is_overfull(&self) -> bool {
        let inboxes = self
            .full
            .iter()
            .filter_map(|(consumer, ())| self.consumers.get(consumer));
        inboxes
            .map(Inbox::footprint)
            .any(|bytes| bytes >= self.limits.bytes)
            || self.is_at_total()
    }

    /// A consumer begins.
    pub(in crate::adapters) fn add_consumer(&mut self, channel: ChannelKey, consumer: ConsumerId) {
        self.consumers.insert(consumer, Inbox::new(channel));
    }

    /// Nobody holds the consumer any more; gives what it did not take.
    pub(in crate::adapters) fn remove_consumer(
        &mut self,
        consumer: ConsumerId,
    ) -> VecDeque<Delivery<P>> {
        self.full.remove(&consumer);
        let inbox = self.consumers.remove(&consumer);
        self.kept -= inbox.as_ref().map_or(0, Inbox::charged);
        inbox.map(Inbox::into_queue).unwrap_or_default()
    }

    /// All messages for a consumer, into an empty queue.
    pub(in crate::adapters) fn take_deliveries(
        &mut self,
        consumer: ConsumerId,
        queue: &mut VecDeque<Delivery<P>>,
    ) {
        if let Some(inbox) = self.consumers.get_mut(&consumer) {
            inbox.swap(queue);
            inbox.charge(&mut self.kept);
            mutant!(
                "an inbox stays full when it is emptied",
                _ = self.full.remove(&consumer),
                ()
            );
        }
    }

    /// The task is to be woken when a message comes for a consumer, or none will.
    pub(in crate::adapters) fn wait_for_delivery(&mut self, consumer: ConsumerId, waker: &Waker) {
        if let Some(inbox) = self.consumers.get_mut(&consumer) {
            inbox.wait(waker);
        }
    }

    /// How many messages wait for a consumer.
    pub(in crate::adapters) fn waiting(&self, consumer: ConsumerId) -> usize {
        self.consumers.get(&consumer).map_or(0, Inbox::len)
    }

    /// Why a consumer gets no more messages, when it has taken all.
    pub(in crate::adapters) fn consumer_end(&self, consumer: ConsumerId) -> Option<&ConsumerEnd> {
        self.consumers.get(&consumer)?.end()
    }
}
