use std::task::Waker;
use std::time::Instant;

use super::link::{Link, State};
use crate::connection::{ChannelKey, PublishSeq, Ticket};
use crate::error::{Forbidden, Result};
use crate::protocol::Protocol;

/// A place in the queue of those that wait to send, or for confirms; given back when it is dropped.
pub(super) struct Place<'a, P: Protocol> {
    link: &'a Link<P>,
    pub(super) ticket: Option<Ticket>,
}

impl<'a, P: Protocol> Place<'a, P> {
    pub(super) const fn new(link: &'a Link<P>) -> Self {
        let ticket = None;
        Self { link, ticket }
    }
}

impl<P: Protocol> Drop for Place<'_, P> {
    fn drop(&mut self) {
        give_back(self.link, &mut self.ticket);
    }
}

/// Returns a ticket, if there is one.
pub(super) fn give_back<P: Protocol>(link: &Link<P>, ticket: &mut Option<Ticket>) {
    if ticket.is_some() {
        link.with(|state| state.leave_queue(ticket));
    }
}

impl<P: Protocol> State<P> {
    /// Waits for permission to send, which was refused for this reason; the task is woken when it
    /// should ask again.
    ///
    /// # Errors
    /// When it has waited long enough.
    pub(super) fn wait_to_send(
        &mut self,
        (channel, why): (Option<ChannelKey>, Forbidden),
        ticket: &mut Option<Ticket>,
        now: Instant,
        waker: &Waker,
    ) -> Result<()> {
        let before = *ticket;
        let waits = self.core.wait_to_send(channel, why, ticket, now);
        self.wait_with(before, *ticket, waker);
        waits
    }

    /// Waits for the confirms of all publishes of a channel before this one. Returns `false` where
    /// there is nothing to wait for.
    pub(super) fn wait_for_confirms(
        &mut self,
        (channel, until): (ChannelKey, PublishSeq),
        ticket: &mut Option<Ticket>,
        waker: &Waker,
    ) -> bool {
        let before = *ticket;
        let waits = self.core.wait_for_confirms(channel, until, ticket);
        self.wait_with(before, *ticket, waker);
        waits
    }

    fn wait_with(&mut self, before: Option<Ticket>, ticket: Option<Ticket>, waker: &Waker) {
        match ticket {
            Some(ticket) => self.session.wait_for_ticket(ticket, waker),
            None => before
                .into_iter()
                .for_each(|it| self.session.forget_ticket(it)),
        }
        // The driver's timer may be set for later, and what is waited for may stand behind what is
        // not read.
        self.attention |= before != ticket || self.session.is_full();
    }

    /// Returns a ticket, if there is one.
    pub(super) fn leave_queue(&mut self, ticket: &mut Option<Ticket>) {
        if let Some(ticket) = *ticket {
            self.session.forget_ticket(ticket);
        }
        self.core.leave_queue(ticket);
    }
}
