use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;
use std::time::Instant;

use super::Delivery;
use crate::connection::{ChannelKey, ConsumerId};
use crate::error::Result;
use crate::protocol::Protocol;

/// What a program does with a message.
pub(super) type Handler<P> = Box<dyn FnMut(Delivery<P>) -> Result<()>>;

/// The handlers of consumers that have one. While one runs its place is empty.
pub(super) struct Handlers<P: Protocol>(pub(super) HashMap<ConsumerId, Handled<P>>);

/// A consumer with a handler.
pub(super) struct Handled<P: Protocol> {
    pub(super) channel: ChannelKey,
    pub(super) handler: Option<Handler<P>>,
}

impl<P: Protocol> fmt::Debug for Handlers<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A timer that was set with [`Connection::call_later`](super::Connection::call_later).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerId(u64);

/// Timers, the next one first.
#[derive(Default)]
pub(super) struct Timers {
    order: BinaryHeap<Reverse<(Instant, TimerId)>>,
    pub(super) actions: HashMap<TimerId, Box<dyn FnOnce()>>,
    next: u64,
    /// Whether handlers run right now.
    pub(super) busy: bool,
}

impl fmt::Debug for Timers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers")
            .field("set", &self.actions.len())
            .finish()
    }
}

impl Timers {
    pub(super) fn add(&mut self, at: Instant, action: Box<dyn FnOnce()>) -> TimerId {
        let id = TimerId(self.next);
        self.next += 1;
        self.order.push(Reverse((at, id)));
        self.actions.insert(id, action);
        id
    }

    /// When the next timer is due.
    pub(super) fn deadline(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, id))) = self.order.peek() {
            if self.actions.contains_key(id) {
                return Some(*at);
            }
            self.order.pop();
        }
        None
    }

    /// The number of the timer that is set next.
    pub(super) const fn next_id(&self) -> TimerId {
        TimerId(self.next)
    }

    /// Takes out a timer that is due; with `before` only one that was set before that one.
    pub(super) fn due(
        &mut self,
        now: Instant,
        before: Option<TimerId>,
    ) -> Option<Box<dyn FnOnce()>> {
        self.deadline().filter(|at| *at <= now)?;
        let Reverse((_, id)) = self.order.peek()?;
        if before.is_some_and(|before| *id >= before) {
            return None;
        }
        let Reverse((_, id)) = self.order.pop()?;
        self.actions.remove(&id)
    }
}
