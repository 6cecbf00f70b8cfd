use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::channel::Channel;
use super::ids::ChannelKey;
use super::ordered::OrderedMap;
use super::shared::Shared;
use crate::error::Closed;
use crate::protocol::Protocol;
use crate::wire::ChannelId;

/// All channels of a connection, by number.
#[derive(Debug)]
pub(super) struct Channels<P: Protocol> {
    /// Channel 1 is the first.
    slots: Vec<Slot<P>>,
    /// Numbers below the end of `slots` that are free.
    free: BinaryHeap<Reverse<u16>>,
    next_epoch: u32,
    /// Why channels closed that may still be asked about.
    reasons: OrderedMap<ChannelKey, Arc<Closed>>,
}

#[derive(Debug)]
struct Slot<P: Protocol> {
    channel: Option<Box<Channel<P>>>,
    /// Whether the channel was dropped, so that nothing asks why it closed.
    is_dropped: bool,
}

impl<P: Protocol> Default for Channels<P> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: BinaryHeap::new(),
            next_epoch: 1,
            reasons: OrderedMap::default(),
        }
    }
}

impl<P: Protocol> Channels<P> {
    /// Returns the channels of the next connection: none, but what may be asked about these is known.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(super) fn successor(&mut self) -> Self {
        Self {
            next_epoch: self.next_epoch,
            reasons: std::mem::take(&mut self.reasons),
            ..Self::default()
        }
    }

    /// A new channel with the lowest free number, if one up to `channel_max` is free.
    pub(super) fn open(&mut self, channel_max: u16) -> Option<&mut Channel<P>> {
        let number = match self.free.pop() {
            Some(Reverse(number)) => number,
            None => {
                let number = u16::try_from(self.slots.len() + 1).ok()?;
                if number > channel_max {
                    return None;
                }
                self.slots.push(Slot {
                    channel: None,
                    is_dropped: false,
                });
                number
            }
        };
        let key = ChannelKey {
            id: ChannelId(number),
            epoch: self.next_epoch,
        };
        self.next_epoch = self.next_epoch.wrapping_add(1);
        let slot = self.slots.get_mut(usize::from(number) - 1)?;
        slot.is_dropped = false;
        Some(slot.channel.insert(Box::new(Channel::new(key))))
    }

    /// The channel with this number, whichever life it is in.
    #[inline]
    pub(super) fn by_id(&mut self, id: ChannelId) -> Option<&mut Channel<P>> {
        let index = usize::from(id.0).checked_sub(1)?;
        self.slots.get_mut(index)?.channel.as_deref_mut()
    }

    /// The channel with this key, open or closing.
    #[inline]
    pub(super) fn find(&mut self, key: ChannelKey) -> Option<&mut Channel<P>> {
        self.by_id(key.id).filter(|channel| channel.key == key)
    }

    /// The channel with this key, open or closing; else why it closed.
    #[inline]
    pub(super) fn get(&mut self, key: ChannelKey) -> Result<&mut Channel<P>, Option<Arc<Closed>>> {
        let index = usize::from(key.id.0).wrapping_sub(1);
        let slot = self.slots.get_mut(index);
        match slot.and_then(|slot| slot.channel.as_deref_mut()) {
            Some(channel)
                if mutant!(
                    "the life of a channel is ignored",
                    channel.key == key,
                    channel.key.id == key.id
                ) =>
            {
                Ok(channel)
            }
            _ => Err(self.reasons.get(&key).cloned()),
        }
    }

    /// Why the channel with this key is closed or closing, if it is and has its own reason.
    pub(super) fn reason(&self, key: ChannelKey) -> Option<&Arc<Closed>> {
        let index = usize::from(key.id.0).checked_sub(1);
        let slot = index.and_then(|index| self.slots.get(index));
        let live = slot.and_then(|slot| slot.channel.as_deref());
        match live.filter(|channel| channel.key == key) {
            Some(channel) => channel.closed(),
            None => self.reasons.get(&key),
        }
    }

    /// Whether nothing more arrives on the channel with this key.
    pub(super) fn is_over(&self, key: ChannelKey) -> bool {
        let index = usize::from(key.id.0).wrapping_sub(1);
        let live = self
            .slots
            .get(index)
            .and_then(|slot| slot.channel.as_deref());
        let live = live.filter(|channel| channel.key == key);
        live.is_none_or(Channel::is_ended)
    }

    /// Nothing will ask about the channel with this key any more.
    pub(super) fn forget(&mut self, key: ChannelKey) {
        let index = usize::from(key.id.0).checked_sub(1);
        let slot = index.and_then(|index| self.slots.get_mut(index));
        let is_ours = |slot: &&mut Slot<P>| slot.channel.as_ref().is_some_and(|it| it.key == key);
        match slot.filter(is_ours) {
            Some(slot) => slot.is_dropped = true,
            None => _ = self.reasons.remove(&key),
        }
    }

    /// Ends the channel with this number and frees the number.
    pub(super) fn release(&mut self, id: ChannelId, reason: &Arc<Closed>, shared: &mut Shared<P>) {
        let index = usize::from(id.0).checked_sub(1);
        let Some(slot) = index.and_then(|index| self.slots.get_mut(index)) else {
            return;
        };
        let Some(mut channel) = slot.channel.take() else {
            return;
        };
        channel.end(reason, shared);
        if !slot.is_dropped {
            self.reasons.insert(channel.key, reason.clone());
        }
        self.free.push(Reverse(id.0));
    }

    /// Cancels all consumers whose messages are acknowledged. Returns how many answers come.
    pub(super) fn cancel_all(&self, shared: &mut Shared<P>) -> usize {
        let open = self.slots.iter().filter_map(|slot| slot.channel.as_deref());
        open.map(|channel| channel.cancel_all(false, shared)).sum()
    }

    /// Ends all channels. One that was closing or closed keeps its own reason; the others have the
    /// connection's.
    pub(super) fn end_all(&mut self, reason: &Arc<Closed>, shared: &mut Shared<P>) {
        for slot in &mut self.slots {
            let Some(mut channel) = slot.channel.take() else {
                continue;
            };
            let own = channel.closed().cloned();
            channel.end(reason, shared);
            if !slot.is_dropped {
                let reason = own.unwrap_or_else(|| reason.clone());
                self.reasons.insert(channel.key, reason);
            }
        }
    }
}
