use std::collections::HashMap;

use crate::connection::ids::ConsumerId;
use crate::wire::ShortStr;

/// The consumers of one channel, by tag.
///
/// A consumer is entered before its method is sent, so no delivery can come before it is known. Its
/// tag is free again when the server has confirmed its end. A consumer that wants the tag before that
/// stands in line: the server handles the end of the one before the beginning of the other, so what
/// comes after the confirmation belongs to the other.
#[derive(Debug, Default)]
pub(crate) struct Consumers {
    by_tag: HashMap<ShortStr, Consumer>,
    /// Consumers whose tags others still have, in the order in which they were begun.
    in_line: Vec<(ShortStr, Consumer)>,
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
///
/// ```text
/// Active ── cancel, hand over ──▶ Leaving ────┐
///   ├────── cancel, requeue ────▶ Returning ──┼── cancel-ok ──▶ (tag free)
///   ├────── dropped, ended by the server ──▶ Unwanted ──┘
///   └────── cancel with no-wait ──▶ Gone
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConsumerState {
    /// They are handed out.
    Active,
    /// The server was asked to end it and has not answered; what still comes is handed out.
    Leaving,
    /// The server was asked to end it and has not answered; what still comes goes back to the queue.
    Returning,
    /// It has ended as far as the program knows, and what still comes goes back to the queue.
    Unwanted,
    /// It was ended without waiting for the server, so its last delivery is not known to have come.
    /// What still comes goes back to the queue, so the tag stays taken: a new consumer would get
    /// deliveries of the old one.
    Gone,
}

impl ConsumerState {
    /// Whether it has ended as far as the program knows.
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Unwanted | Self::Gone)
    }

    /// Whether deliveries are handed out.
    pub(crate) const fn is_wanted(self) -> bool {
        matches!(self, Self::Active | Self::Leaving)
    }

    /// Whether the server was asked to end it, and will say when it has.
    const fn is_ending(self) -> bool {
        matches!(self, Self::Leaving | Self::Returning | Self::Unwanted)
    }
}

impl Consumers {
    /// Whether no consumer has this tag, now or in line.
    pub(crate) fn is_free(&self, tag: &ShortStr) -> bool {
        !self.by_tag.contains_key(tag) && self.in_line.iter().all(|(taken, _)| taken != tag)
    }

    /// Enters a consumer. Returns `false` if one has the tag that is not being ended.
    pub(crate) fn begin(&mut self, tag: ShortStr, consumer: Consumer) -> bool {
        let in_line = self.in_line.iter().rev().find(|(taken, _)| *taken == tag);
        let before = match in_line {
            Some((_, last)) => Some(last),
            None => self.by_tag.get(&tag),
        };
        match before {
            Some(before) if before.state.is_ending() => self.in_line.push((tag, consumer)),
            Some(_) => return false,
            None => {
                self.recent = None;
                self.by_tag.insert(tag, consumer);
            }
        }
        true
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

    /// The consumer that a program means by this tag: the one that was begun last.
    pub(crate) fn latest(&self, tag: &ShortStr) -> Option<Consumer> {
        let in_line = self.in_line.iter().rev().find(|(taken, _)| taken == tag);
        match in_line {
            Some((_, last)) => Some(*last),
            None => self.by_tag.get(tag).copied(),
        }
    }

    /// Whether what comes for this consumer is handed out.
    pub(crate) fn is_wanted(&mut self, tag: &ShortStr) -> bool {
        self.find(tag).is_some_and(|it| it.state.is_wanted())
    }

    /// What happens to a consumer's deliveries; none when it is no more.
    pub(crate) fn state(&self, id: ConsumerId) -> Option<ConsumerState> {
        let all = self.by_tag.values();
        let mut all = all.chain(self.in_line.iter().map(|(_, consumer)| consumer));
        Some(all.find(|consumer| consumer.id == id)?.state)
    }

    /// The tag of a consumer that has not ended.
    pub(crate) fn tag(&self, id: ConsumerId) -> Option<&ShortStr> {
        let all = self.by_tag.iter();
        let mut all = all.chain(self.in_line.iter().map(|(tag, consumer)| (tag, consumer)));
        all.find(|(_, consumer)| consumer.id == id && consumer.state != ConsumerState::Gone)
            .map(|(tag, _)| tag)
    }

    /// The tags of the consumers that get messages to be acknowledged.
    pub(crate) fn acknowledging(&self) -> impl Iterator<Item = &ShortStr> {
        let active = |it: &Consumer| it.state == ConsumerState::Active && !it.no_ack;
        let all = self.by_tag.iter().filter(move |(_, it)| active(it));
        all.map(|(tag, _)| tag)
    }

    /// The tag of a consumer that has not ended as far as the program knows.
    pub(crate) fn live_tag(&self, id: ConsumerId) -> Option<&ShortStr> {
        let all = self.by_tag.iter();
        let mut all = all.chain(self.in_line.iter().map(|(tag, consumer)| (tag, consumer)));
        let (tag, _) = all.find(|(_, it)| it.id == id && !it.state.is_over())?;
        Some(tag)
    }

    /// Changes what happens to a consumer's deliveries; once they go back they do so for good.
    pub(crate) fn set_state(&mut self, id: ConsumerId, state: ConsumerState) {
        self.recent = None;
        let all = self.by_tag.values_mut();
        let mut all = all.chain(self.in_line.iter_mut().map(|(_, consumer)| consumer));
        let Some(consumer) = all.find(|consumer| consumer.id == id) else {
            return;
        };
        if consumer.state != ConsumerState::Unwanted || state == ConsumerState::Gone {
            consumer.state = state;
        }
    }

    /// Takes out the consumer that has a tag and was ended without waiting for the server.
    pub(crate) fn remove_gone(&mut self, tag: &ShortStr) -> Option<Consumer> {
        self.recent = None;
        self.by_tag.remove(tag)
    }

    /// Takes a consumer out; the next in line has the tag then.
    pub(crate) fn remove(&mut self, id: ConsumerId) -> Option<Consumer> {
        self.recent = None;
        if let Some(at) = self.in_line.iter().position(|(_, it)| it.id == id) {
            return Some(self.in_line.remove(at).1);
        }
        let tag = self.tag(id)?.clone();
        let removed = self.by_tag.remove(&tag);
        if let Some(at) = self.in_line.iter().position(|(taken, _)| *taken == tag) {
            let (tag, next) = self.in_line.remove(at);
            self.by_tag.insert(tag, next);
        }
        removed
    }
}
