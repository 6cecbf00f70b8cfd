use std::collections::BTreeMap;

use bytes::Bytes;

use crate::broker::dialect::{Publish, Settle};
use crate::broker::store::{Body, Entry, Properties};
use crate::wire::{MethodId, ShortStr};

/// A channel, from `channel.open` until its close is answered.
#[derive(Debug)]
pub(crate) struct Channel {
    /// The broker closed it, and its client has not answered yet.
    pub(crate) is_closing: bool,
    pub(crate) content: Option<Content>,
    /// The queue that an empty name stands for.
    pub(crate) last_queue: ShortStr,
    pub(crate) consumers: BTreeMap<ShortStr, Subscription>,
    pub(crate) unacked: BTreeMap<u64, Unacked>,
    pub(crate) next_tag: u64,
    /// What consumers are given at most that begin from now on.
    pub(crate) prefetch: u16,
    /// What all consumers together are given at most.
    pub(crate) shared_prefetch: u16,
    pub(crate) mode: Mode,
    pub(crate) replies: Option<Replies>,
}

/// What the client wants to know of its publishes.
#[derive(Debug)]
pub(crate) enum Mode {
    Plain,
    Confirm(Confirms),
    Transaction(Transaction),
}

/// Publishes that wait to be confirmed; the answers go out together.
#[derive(Debug, Default)]
pub(crate) struct Confirms {
    pub(crate) next: u64,
    /// Sequence numbers in order, and whether they are accepted.
    pub(crate) settled: Vec<(u64, bool)>,
}

/// What waits for `tx.commit`.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    pub(crate) publishes: Vec<Received>,
    pub(crate) settles: Vec<(Settle, Vec<(u64, Unacked)>)>,
}

/// A whole message as it came in.
#[derive(Debug)]
pub(crate) struct Received {
    /// The name of the version that it came in.
    pub(crate) version: &'static str,
    pub(crate) publish: Publish,
    pub(crate) properties: Bytes,
    pub(crate) decoded: Properties,
    pub(crate) body: Body,
}

/// A consumer, seen from its channel.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) queue: ShortStr,
    pub(crate) no_ack: bool,
    pub(crate) prefetch: u16,
    pub(crate) unacked: usize,
}

/// A message that was handed out.
#[derive(Debug)]
pub(crate) struct Unacked {
    pub(crate) queue: ShortStr,
    pub(crate) serial: u64,
    pub(crate) entry: Entry,
    /// None for a message that was fetched.
    pub(crate) consumer: Option<ShortStr>,
}

/// A consumer of the queue for direct replies.
#[derive(Debug)]
pub(crate) struct Replies {
    pub(crate) tag: ShortStr,
    /// What stands in for the name of a queue.
    pub(crate) address: ShortStr,
}

/// A content that is coming in.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) method: MethodId,
    pub(crate) publish: Publish,
    pub(crate) header: Option<Header>,
}

/// A content header and as much of the body as has come.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) properties: Bytes,
    pub(crate) left: u64,
    pub(crate) body: Body,
}

impl Channel {
    pub(crate) fn new() -> Self {
        Self {
            is_closing: false,
            content: None,
            last_queue: ShortStr::EMPTY,
            consumers: BTreeMap::new(),
            unacked: BTreeMap::new(),
            next_tag: 1,
            prefetch: 0,
            shared_prefetch: 0,
            mode: Mode::Plain,
            replies: None,
        }
    }

    /// Whether a consumer may be given another message.
    pub(crate) fn has_credit(&self, tag: &ShortStr) -> bool {
        let Some(consumer) = self.consumers.get(tag) else {
            return false;
        };
        if self.is_closing {
            return false;
        }
        if consumer.no_ack {
            return true;
        }
        let within = |most: u16, used: usize| most == 0 || used < usize::from(most);
        let all = || self.consumers.values().map(|one| one.unacked).sum();
        within(consumer.prefetch, consumer.unacked)
            && (self.shared_prefetch == 0 || within(self.shared_prefetch, all()))
    }

    /// The tag of the next message handed out.
    pub(crate) fn tag(&mut self) -> u64 {
        let tag = self.next_tag;
        self.next_tag += 1;
        tag
    }

    /// Takes what a settlement is about out of the unacknowledged messages, or nothing when there
    /// is no such tag.
    pub(crate) fn settle(&mut self, settle: Settle) -> Option<Vec<(u64, Unacked)>> {
        let tag = settle.tag.0;
        let taken = if settle.multiple {
            if tag != 0 && !self.unacked.contains_key(&tag) {
                return None;
            }
            let rest = match tag {
                0 => BTreeMap::new(),
                _ => self.unacked.split_off(&(tag.saturating_add(1))),
            };
            let taken = std::mem::replace(&mut self.unacked, rest);
            taken.into_iter().collect()
        } else {
            vec![(tag, self.unacked.remove(&tag)?)]
        };
        for (_, unacked) in &taken {
            self.returned(unacked.consumer.as_ref());
        }
        Some(taken)
    }

    /// A consumer has one message less.
    pub(crate) fn returned(&mut self, consumer: Option<&ShortStr>) {
        if let Some(consumer) = consumer.and_then(|tag| self.consumers.get_mut(tag)) {
            consumer.unacked = consumer.unacked.saturating_sub(1);
        }
    }
}

impl Confirms {
    /// The number of the publish that just came.
    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}
