use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::{Entry, Message, Overflow, Policy};
use crate::broker::{At, ConnectionId};
use crate::wire::{ShortStr, Table};

/// A queue: its messages, in order, and those who consume from it.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) durable: bool,
    /// The connection that alone may use it.
    pub(crate) owner: Option<ConnectionId>,
    pub(crate) auto_delete: bool,
    pub(crate) arguments: Table,
    pub(crate) policy: Policy,
    pub(crate) consumers: Vec<Consumer>,
    /// Tells this queue from an earlier one of the same name.
    pub(crate) serial: u64,
    ready: BTreeMap<Place, Entry>,
    ready_bytes: usize,
    unacked: usize,
    next_position: u64,
    pub(crate) last_used: Instant,
}

/// Highest priority first, then the oldest.
type Place = (Reverse<u8>, u64);

/// Someone who is sent messages from a queue.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    pub(crate) at: At,
    pub(crate) tag: ShortStr,
    pub(crate) priority: i64,
    pub(crate) exclusive: bool,
}

/// What became of a message that was offered to a queue.
pub(crate) enum Offered {
    Taken,
    Refused,
}

impl Queue {
    /// An empty queue.
    pub(crate) fn new(arguments: Table, policy: Policy, serial: u64, now: Instant) -> Self {
        Self {
            durable: false,
            owner: None,
            auto_delete: false,
            arguments,
            policy,
            consumers: Vec::new(),
            serial,
            ready: BTreeMap::new(),
            ready_bytes: 0,
            unacked: 0,
            next_position: 0,
            last_used: now,
        }
    }

    /// Messages that wait for someone to take them.
    pub(crate) fn len(&self) -> usize {
        self.ready.len()
    }

    /// Messages that someone took and did not acknowledge.
    pub(crate) fn unacked(&self) -> usize {
        self.unacked
    }

    /// Whether another message would exceed what the queue may hold, and it refuses then.
    pub(crate) fn refuses(&self, message: &Message) -> bool {
        self.policy.overflow != Overflow::DropHead && self.is_over(1, message.body.len())
    }

    fn is_over(&self, more: usize, bytes: usize) -> bool {
        let policy = &self.policy;
        policy
            .max_length
            .is_some_and(|most| self.ready.len() + more > most)
            || policy
                .max_bytes
                .is_some_and(|most| self.ready_bytes + bytes > most)
    }

    /// Appends a message, or refuses it for want of room.
    pub(crate) fn offer(&mut self, message: &Arc<Message>, now: Instant) -> Offered {
        if self.refuses(message) {
            return Offered::Refused;
        }
        let ttl = match (self.policy.message_ttl, message.expiration) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let most = self.policy.max_priority.unwrap_or_default();
        let entry = Entry {
            position: self.next_position,
            message: Arc::clone(message),
            redelivered: false,
            expires: ttl.and_then(|ttl| now.checked_add(ttl)),
            priority: message.priority.min(most),
        };
        self.next_position += 1;
        self.insert(entry);
        Offered::Taken
    }

    /// Takes the message that gives way while there are too many: the one that would be delivered
    /// next, whatever its priority.
    pub(crate) fn take_excess(&mut self) -> Option<Entry> {
        if !self.is_over(0, 0) {
            return None;
        }
        let place = *self.ready.first_key_value()?.0;
        self.remove(place)
    }

    /// Takes the message at the front if its time is over.
    pub(crate) fn take_expired(&mut self, now: Instant) -> Option<Entry> {
        let (place, entry) = self.ready.first_key_value()?;
        let place = *place;
        if entry.expires.is_none_or(|expires| expires > now) {
            return None;
        }
        self.remove(place)
    }

    /// When the message at the front expires.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        self.ready
            .first_key_value()
            .and_then(|(_, entry)| entry.expires)
    }

    /// Takes the next message; it counts as unacknowledged if `acknowledged` is to follow.
    pub(crate) fn take(&mut self, acknowledged: bool) -> Option<Entry> {
        let place = *self.ready.first_key_value()?.0;
        let entry = self.remove(place)?;
        if acknowledged {
            self.unacked += 1;
        }
        Some(entry)
    }

    /// Drops every message that waits and gives them out.
    pub(crate) fn purge(&mut self) -> Vec<Entry> {
        self.ready_bytes = 0;
        std::mem::take(&mut self.ready).into_values().collect()
    }

    /// Drops the messages that do not stay, and those whose acknowledgement is due.
    pub(crate) fn retain(&mut self, stays: impl Fn(&Message) -> bool) {
        self.unacked = 0;
        self.ready.retain(|_, entry| stays(&entry.message));
        let sizes = self.ready.values().map(|entry| entry.message.body.len());
        self.ready_bytes = sizes.sum();
    }

    /// A message that was out is settled and does not come back.
    pub(crate) fn settled(&mut self) {
        self.unacked = self.unacked.saturating_sub(1);
    }

    /// A message that was out comes back, to where it was.
    pub(crate) fn requeue(&mut self, mut entry: Entry) {
        self.settled();
        entry.redelivered = true;
        self.insert(entry);
    }

    /// Turns the row of consumers so that the one at `index` is the last.
    pub(crate) fn served(&mut self, index: usize) {
        if index < self.consumers.len() {
            let consumer = self.consumers.remove(index);
            self.consumers.push(consumer);
        }
    }

    /// Whether the one consumer it has is to be the only one.
    pub(crate) fn is_held(&self) -> bool {
        self.consumers.iter().any(|consumer| consumer.exclusive)
    }

    /// Whether nobody used it for as long as it may stay so.
    pub(crate) fn idle_until(&self) -> Option<Instant> {
        let idle = self.policy.expires.filter(|_| self.consumers.is_empty())?;
        self.last_used.checked_add(idle)
    }

    fn insert(&mut self, entry: Entry) {
        self.ready_bytes += entry.message.body.len();
        self.ready
            .insert((Reverse(entry.priority), entry.position), entry);
    }

    fn remove(&mut self, place: Place) -> Option<Entry> {
        let entry = self.ready.remove(&place)?;
        self.ready_bytes -= entry.message.body.len();
        Some(entry)
    }
}
