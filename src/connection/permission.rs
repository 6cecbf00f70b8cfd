//! Who may send, and who waits for that.

use std::time::Instant;

use super::Connection;
use super::ids::{ChannelKey, PublishSeq, Ticket};
use super::shared::Shared;
use crate::error::{Error, Forbidden};
use crate::protocol::Protocol;

#[cfg(doc)]
use super::{ChannelMut, Event};
#[cfg(doc)]
use crate::config::Config;

impl<P: Protocol> Connection<P> {
    /// Why a method must not be sent now by the holder of this ticket, or by one without: too much
    /// output, or for one without others that wait for room already.
    #[must_use]
    pub fn refusal(&self, ticket: Option<Ticket>) -> Option<Forbidden> {
        if self.shared.is_output_full() {
            return Some(Forbidden::OutputFull);
        }
        match ticket {
            None => self.shared.tickets.ahead(None),
            Some(_) => None,
        }
    }

    /// Waits for permission to send, after it was refused for this reason.
    ///
    /// The first time this takes a ticket: a place in the queue of those that wait. Its holder is notified
    /// by [`Event::TicketReady`] when to ask again: for a message [`ChannelMut::refusal`], for a method
    /// [`refusal`](Self::refusal). When nothing is refused any more it sends, and returns the ticket
    /// with [`leave_queue`](Self::leave_queue); else it waits once more, with the same ticket. A holder
    /// that does not want to send any more returns the ticket too.
    ///
    /// Nothing is reserved, so several may ask at any time; one without a ticket is refused while
    /// others wait.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when it has waited for [`Config::blocked_timeout`], counted from the first
    /// time, whatever the reasons since; the ticket is given back then.
    pub fn wait_to_send(
        &mut self,
        channel: Option<ChannelKey>,
        why: Forbidden,
        ticket: &mut Option<Ticket>,
        now: Instant,
    ) -> Result<(), Error> {
        self.shared.wait_to_send(channel, why, ticket, now)
    }

    /// The publish before which all are to be confirmed for what was sent on a channel so far; none
    /// where confirms are not turned on.
    ///
    /// # Errors
    /// When nothing is to come any more, because the channel is over or closes over a failure; the
    /// error is the reason.
    pub fn confirm_target(&mut self, channel: ChannelKey) -> Result<Option<PublishSeq>, Error> {
        if let Some(reason) = self.channel_closed(channel) {
            if !reason.is_normal() || self.is_channel_over(channel) {
                return Err(reason.clone().into());
            }
        }
        Ok(self.channel(channel)?.next_publish())
    }

    /// Waits for the confirms of all publishes of a channel before this one, as
    /// [`wait_to_send`](Self::wait_to_send) does for permission, but without a deadline. Returns
    /// `false` where there is nothing to wait for any more, and the ticket is given back.
    pub fn wait_for_confirms(
        &mut self,
        channel: ChannelKey,
        until: PublishSeq,
        ticket: &mut Option<Ticket>,
    ) -> bool {
        let open = self.channel(channel).ok();
        let base = open.and_then(|channel| channel.unconfirmed_from());
        let waits = base.is_some_and(|base| base < until);
        if waits {
            let Shared {
                tickets, events, ..
            } = &mut self.shared;
            tickets.wait_for_confirms(ticket, (channel, until), events);
        } else {
            self.leave_queue(ticket);
        }
        waits
    }

    /// Returns a ticket, if there is one.
    pub fn leave_queue(&mut self, ticket: &mut Option<Ticket>) {
        self.shared.leave_queue(ticket);
    }
}
