//! The next connection in the place of one that was lost.

use std::time::Instant;

use super::Connection;
use crate::config::Config;
use crate::protocol::Protocol;

impl<P: Protocol> Connection<P> {
    /// Replaces a closed connection by a new one, for the next transport.
    ///
    /// Nothing of the old one is reset in place. What goes over is what handles may still ask for: why
    /// channels closed, and answers that were not taken. Identifiers continue where those of the old one
    /// ended, so that none of them can mean something on the new transport. Until the new one is open, calls
    /// fail for the reason that the old one closed for.
    pub(crate) fn succeed(&mut self, config: Config, now: Instant) {
        let mut next = Self::new(config, now);
        next.channels = mutant!(
            "a successor begins its channels anew",
            self.channels.successor(),
            super::channels::Channels::default()
        );
        next.shared.calls = self.shared.calls.successor();
        next.shared.tickets = self.shared.tickets.successor();
        next.shared.identity = self.shared.identity;
        next.shared.continue_consumers(&self.shared);
        next.received = self.received;
        next.predecessor = self.closed().cloned();
        *self = next;
    }
}
