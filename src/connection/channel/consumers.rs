use std::collections::HashMap;

use crate::connection::ids::ConsumerId;
use crate::wire::ShortStr;

/// The consumers of one channel, by tag.
///
/// A consumer is entered before its method is sent, so no delivery can come before it is known.
#[derive(Debug, Default)]
pub(crate) struct Consumers {
    by_tag: HashMap<ShortStr, Consumer>,
    /// The one that got the last delivery; the next one is likely its own too.
    recent: Option<(ShortStr, Consumer)>,
}

/// A consumer as the channel sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Consumer {
    pub(crate) id: ConsumerId,
    pub(crate) no_ack: bool,
    pub(crate) state: ConsumerState,
}

/// What happens to a consumer's deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConsumerState {
    /// They are handed out.
    Active,
    /// The server was asked to end it and has not answered; what still comes is handed out.
    Leaving,
    /// Nobody wants what still comes; it goes back to the queue.
    Unwanted,
    /// It was ended without waiting for the server, so that nobody knows when its last delivery
    /// has come. What still comes goes back to the queue, so the tag stays taken: a new consumer
    /// would get deliveries of the old one.
    Gone,
}

impl Consumers {
    pub(crate) fn contains(&self, tag: &ShortStr) -> bool {
        self.by_tag.contains_key(tag)
    }

    pub(crate) fn insert(&mut self, tag: ShortStr, consumer: Consumer) {
        self.recent = None;
        self.by_tag.insert(tag, consumer);
    }

    /// The consumer that a delivery is for.
    #[inline]
    pub(crate) fn find(&mut self, tag: &ShortStr) -> Option<Consumer> {
        if let Some((recent, consumer)) = &self.recent {
            if recent == tag {
                return Some(*consumer);
            }
        }
        let consumer = *self.by_tag.get(tag)?;
        self.recent = Some((tag.clone(), consumer));
        Some(consumer)
    }

    /// As [`find`](Self::find), by a tag that lies in received memory.
    #[inline]
    pub(crate) fn find_bytes(&mut self, tag: &[u8]) -> Option<Consumer> {
        if let Some((recent, consumer)) = &self.recent {
            if recent.as_bytes() == tag {
                return Some(*consumer);
            }
        }
        self.find(&ShortStr::new(tag).ok()?)
    }

    /// Whether what comes for this consumer is handed out.
    pub(crate) fn is_wanted(&mut self, tag: &ShortStr) -> bool {
        let state = self.find(tag).map(|consumer| consumer.state);
        matches!(state, Some(ConsumerState::Active | ConsumerState::Leaving))
    }

    /// The tag of a consumer that has not ended.
    pub(crate) fn tag(&self, id: ConsumerId) -> Option<&ShortStr> {
        self.by_tag
            .iter()
            .find(|(_, consumer)| consumer.id == id && consumer.state != ConsumerState::Gone)
            .map(|(tag, _)| tag)
    }

    /// Changes what happens to a consumer's deliveries; once unwanted they stay so.
    pub(crate) fn set_state(&mut self, tag: &ShortStr, state: ConsumerState) {
        self.recent = None;
        if let Some(consumer) = self.by_tag.get_mut(tag) {
            if consumer.state != ConsumerState::Unwanted || state == ConsumerState::Gone {
                consumer.state = state;
            }
        }
    }

    pub(crate) fn remove(&mut self, tag: &ShortStr) -> Option<Consumer> {
        self.recent = None;
        self.by_tag.remove(tag)
    }

    pub(crate) fn remove_id(&mut self, id: ConsumerId) -> Option<Consumer> {
        let tag = self.tag(id)?.clone();
        self.remove(&tag)
    }
}
