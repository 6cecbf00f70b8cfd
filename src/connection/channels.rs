use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::channel::Channel;
use super::ids::ChannelKey;
use super::shared::Shared;
use crate::error::{Closed, Error, Misuse};
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
}

#[derive(Debug)]
struct Slot<P: Protocol> {
    channel: Option<Box<Channel<P>>>,
    /// The channel that had the number last, and why it closed.
    last: Option<(u32, Arc<Closed>)>,
}

impl<P: Protocol> Default for Channels<P> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: BinaryHeap::new(),
            next_epoch: 1,
        }
    }
}

impl<P: Protocol> Channels<P> {
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
                    last: None,
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
    pub(super) fn find(&mut self, key: ChannelKey) -> Result<&mut Channel<P>, Error> {
        let index = usize::from(key.id.0).checked_sub(1);
        let Some(slot) = index.and_then(|index| self.slots.get_mut(index)) else {
            return Err(Misuse::UnknownChannel.into());
        };
        match (&mut slot.channel, &slot.last) {
            (Some(channel), _) if channel.key == key => Ok(channel),
            (_, Some((epoch, reason))) if *epoch == key.epoch => Err(reason.clone().into()),
            _ => Err(Misuse::UnknownChannel.into()),
        }
    }

    pub(super) fn is_pending(&self, key: ChannelKey, number: u64) -> bool {
        let index = usize::from(key.id.0).checked_sub(1);
        let slot = index.and_then(|index| self.slots.get(index));
        slot.and_then(|slot| slot.channel.as_ref())
            .is_some_and(|channel| channel.key == key && channel.calls.is_pending(number))
    }

    /// Ends the channel with this number and frees the number.
    pub(super) fn release(&mut self, id: ChannelId, reason: &Arc<Closed>, shared: &mut Shared<P>) {
        let Some(index) = usize::from(id.0).checked_sub(1) else {
            return;
        };
        let Some(slot) = self.slots.get_mut(index) else {
            return;
        };
        let Some(mut channel) = slot.channel.take() else {
            return;
        };
        channel.end(reason, shared);
        slot.last = Some((channel.key.epoch, reason.clone()));
        self.free.push(Reverse(id.0));
    }

    /// Ends all channels.
    pub(super) fn end_all(&mut self, reason: &Arc<Closed>, shared: &mut Shared<P>) {
        for slot in &mut self.slots {
            if let Some(mut channel) = slot.channel.take() {
                channel.end(reason, shared);
                slot.last = Some((channel.key.epoch, reason.clone()));
            }
        }
    }
}
