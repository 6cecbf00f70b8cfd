//! One publisher: its settings, its ledger, and what a close of its channel says about it.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::accepting::{self, MessageIds};
use crate::connection::{
    Body, CallId, ChannelKey, ChannelMut, Connection, Outcome, PublishSeq, Ticket, later,
};
use crate::error::{Closed, Result};
use crate::protocol::Protocol;
use crate::recovery::ledger::{Entry, Ledger};
use crate::wire::ShortStr;

/// The settings of a publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PublisherOptions {
    pub(crate) window: usize,
    pub(crate) window_bytes: usize,
    pub(crate) resend: Resend,
    pub(crate) resend_for: Option<Duration>,
    pub(crate) confirm_timeout: Option<Duration>,
    pub(crate) message_ids: bool,
    /// The longest pause after a message that the broker rejects.
    pub(crate) nack_pause: Duration,
}

/// The pause after the first message that the broker rejects.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

impl Default for PublisherOptions {
    fn default() -> Self {
        Self {
            window: 1000,
            window_bytes: 64 << 20,
            resend: Resend::default(),
            resend_for: None,
            confirm_timeout: None,
            message_ids: false,
            nack_pause: Duration::from_millis(100),
        }
    }
}

/// What a publisher does with messages that were sent and not confirmed when the channel was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resend {
    /// Sends them again, in their order. The broker may get them twice.
    #[default]
    InOrder,
    /// Resolves them as lost. The broker may have got them or not.
    Never,
}

/// A message that a publisher accepted, and whose outcome is not known.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unresolved<P: Protocol> {
    /// The arguments of `basic.publish`.
    pub publish: P::Publish,
    /// The properties.
    pub properties: P::BasicProperties,
    /// The body.
    pub body: Bytes,
}

/// Sends `confirm.select`, which only some versions have.
pub(super) type ConfirmSelect<P> = fn(&mut ChannelMut<'_, P>, Instant) -> Result<CallId>;

/// The state of a publisher.
pub(crate) struct Publisher<P: Protocol> {
    pub(super) options: PublisherOptions,
    pub(super) confirm_select: ConfirmSelect<P>,
    pub(super) ledger: Ledger<P>,
    /// The place in the queue of those that wait to send.
    pub(super) ticket: Option<Ticket>,
    /// Publishes below this number are sent one at a time, to find the one that closes the channel.
    pub(super) probe_below: u64,
    /// Whether a publish was refused because the ledger was full.
    pub(super) was_full: bool,
    /// Whether a task waits until nothing is unresolved.
    pub(super) reports_empty: bool,
    /// Numbers below which tasks wait for all outcomes.
    pub(super) flushes: Vec<u64>,
    pub(super) is_ended: bool,
    /// Makes message ids, where the program wants that.
    ids: Option<MessageIds>,
    /// How many confirms in a row were rejections.
    nacks: u32,
    /// Until when nothing is sent, after a rejection.
    paused_until: Option<Instant>,
}

impl<P: Protocol> Publisher<P> {
    pub(crate) fn new(options: PublisherOptions, confirm_select: ConfirmSelect<P>) -> Self {
        Self {
            options,
            confirm_select,
            ledger: Ledger::new(),
            ticket: None,
            probe_below: 0,
            was_full: false,
            reports_empty: false,
            flushes: Vec::new(),
            is_ended: false,
            ids: options.message_ids.then(MessageIds::new),
            nacks: 0,
            paused_until: None,
        }
    }

    /// Returns the properties that a message is sent with, where it has any.
    #[inline]
    pub(super) fn properties(
        &mut self,
        own: Option<&P::BasicProperties>,
    ) -> Option<Box<P::BasicProperties>> {
        match own.is_some() || self.ids.is_some() {
            true => self.copy_properties(own),
            false => None,
        }
    }

    fn copy_properties(
        &mut self,
        own: Option<&P::BasicProperties>,
    ) -> Option<Box<P::BasicProperties>> {
        match &mut self.ids {
            Some(ids) => {
                let stamped = Some(Box::new(ids.stamp::<P>(own)));
                mutant!("message ids are not made", stamped, None)
            }
            None => own.map(|own| Box::new(own.clone())),
        }
    }

    /// Returns whether a new publish may be sent before anything else.
    #[inline]
    pub(super) fn is_free(&self) -> bool {
        self.ticket.is_none()
            && self.paused_until.is_none()
            && self.probe_below <= self.ledger.base()
            && self.ledger.is_all_sent()
    }

    /// Returns whether publishes may take up limited time only.
    pub(super) const fn is_timed(&self) -> bool {
        self.options.confirm_timeout.is_some() || self.options.resend_for.is_some()
    }

    /// The broker has confirmed publishes. A program that publishes again what was rejected must not spin, so
    /// nothing is sent for a while then. Returns whether a pause begins.
    pub(super) fn pace(&mut self, outcome: &Outcome<P>, now: Instant) -> bool {
        if !matches!(outcome, Outcome::Nacked) {
            self.nacks = 0;
            return false;
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << self.nacks.min(20));
        let pause = pause.min(self.options.nack_pause);
        self.nacks = self.nacks.saturating_add(1);
        let pauses = mutant!("rejections have no pace", !pause.is_zero(), false);
        if pauses {
            self.paused_until = Some(later(now, pause));
        }
        pauses
    }

    /// Returns whether nothing may be sent for a while.
    pub(super) fn is_paused(&self, now: Instant) -> bool {
        self.paused_until.is_some_and(|until| until > now)
    }

    /// Returns whether a pause has just ended.
    pub(super) fn ends_pause(&mut self, now: Instant) -> bool {
        self.paused_until.take_if(|until| *until <= now).is_some()
    }

    /// Returns whether there is room for a body of this length. One body always has room.
    pub(super) const fn has_room(&self, len: usize) -> bool {
        let ledger = &self.ledger;
        ledger.unresolved() == 0
            || (ledger.unresolved() < self.options.window
                && ledger.bytes() + len <= self.options.window_bytes)
    }

    /// Returns whether so much room has come that those who wait should try again.
    pub(super) const fn has_room_again(&self) -> bool {
        let window = self.options.window;
        let ledger = &self.ledger;
        ledger.unresolved() <= window - window.div_ceil(4)
            && ledger.bytes() <= self.options.window_bytes / 4 * 3
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.is_ended {
            return None;
        }
        let oldest = || self.ledger.iter().next()?.1.accepted;
        let timeout = self.options.confirm_timeout;
        let late = timeout.and_then(|timeout| Some(later(oldest()?, timeout)));
        late.into_iter().chain(self.paused_until).min()
    }
}

/// A publish as its program made it.
pub(crate) struct Publish<'a, P: Protocol> {
    pub(super) properties: Option<&'a P::BasicProperties>,
    /// The arguments and the body, until they are accepted.
    pub(super) content: Option<(P::Publish, Bytes)>,
}

impl<'a, P: Protocol> Publish<'a, P> {
    #[inline]
    pub(crate) const fn new(
        publish: P::Publish,
        properties: Option<&'a P::BasicProperties>,
        body: Bytes,
    ) -> Self {
        let content = Some((publish, body));
        Self {
            properties,
            content,
        }
    }
}

impl<P: Protocol> Entry<P> {
    /// Sends it on a channel, if that is allowed now.
    pub(super) fn send(
        &self,
        core: &mut Connection<P>,
        channel: ChannelKey,
        ticket: Option<Ticket>,
    ) -> Result<Option<PublishSeq>> {
        let (properties, body) = (self.properties.as_deref(), Body::of(&self.body));
        let message = (&self.publish, properties, body);
        core.channel(channel)?.publish_permitted(message, ticket)
    }
}

/// Waits for permission to send.
pub(super) fn wait<P: Protocol>(
    core: &mut Connection<P>,
    key: ChannelKey,
    publisher: &mut Publisher<P>,
    now: Instant,
) {
    let why = match core.channel(key) {
        Ok(channel) => channel.refusal(publisher.ticket),
        Err(_) => None,
    };
    let Some(why) = why else { return };
    let ticket = &mut publisher.ticket;
    if core.wait_to_send(Some(key), why, ticket, now).is_err() {
        // The ledger waits for as long as it takes.
        *ticket = None;
        let _still_waits = core.wait_to_send(Some(key), why, ticket, now);
    }
}

/// What a close of the channel says about publishes.
pub(super) struct Culprits {
    pub(super) resolved: Vec<u64>,
    pub(super) is_progress: bool,
}

/// Finds the publishes that a channel was closed over. Where that cannot be known, they are sent one at a
/// time from now on, which finds it.
pub(super) fn blame<P: Protocol>(publisher: &mut Publisher<P>, reason: &Closed) -> Culprits {
    let largest = reason.text().and_then(accepting::largest);
    let is_named = |entry: &Entry<P>| {
        let (exchange, routing_key) = P::route(&entry.publish);
        let names = |text| names(text, exchange, routing_key);
        reason.text().is_some_and(names) || accepting::check_len(entry.body.len(), largest).is_err()
    };
    let entries = publisher.ledger.iter();
    let named: Vec<u64> = entries
        .filter(|(_, entry)| is_named(entry))
        .map(|(number, _)| number)
        .collect();
    if mutant!(
        "a close that names an exchange blames no message",
        !named.is_empty(),
        false
    ) {
        return Culprits {
            resolved: named,
            is_progress: true,
        };
    }
    let in_flight = publisher.ledger.in_flight();
    let in_flight: Vec<u64> = in_flight.map(|(number, _)| number).collect();
    let (resolved, is_progress) = match *in_flight {
        _ if reason.is_retriable() => (Vec::new(), false),
        [] => (Vec::new(), false),
        [only] => (vec![only], true),
        [.., last] => {
            publisher.probe_below = publisher.probe_below.max(last + 1);
            let neighbours = mutant!(
                "a poison publish takes its neighbours along",
                Vec::new(),
                in_flight
            );
            (neighbours, true)
        }
    };
    Culprits {
        resolved,
        is_progress,
    }
}

/// Returns whether the text of a close names the exchange of a publish, or its routing key where the text is
/// about a topic permission. RabbitMQ 3.10 and 4.3 write `no exchange 'x' in vhost '/'`, `access to exchange 'x'
/// in vhost '/' refused` and `access to topic 'k' in exchange 'x' in vhost '/' refused`.
fn names(text: &ShortStr, exchange: &ShortStr, routing_key: &ShortStr) -> bool {
    let text = String::from_utf8_lossy(text.as_bytes());
    let exchange = format!("exchange '{exchange}'");
    match text.contains("topic '") {
        true => text.contains(&format!("topic '{routing_key}' in {exchange}")),
        false => text.contains(&exchange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_close_names_an_exchange_or_a_topic_in_it() {
        for (text, exchange, key, expected) in [
            ("NOT_FOUND - no exchange 'x' in vhost '/'", "x", "k", true),
            ("NOT_FOUND - no exchange 'x' in vhost '/'", "y", "x", false),
            ("access to exchange 'x' in vhost '/' refused", "x", "", true),
            (
                "access to topic 'k' in exchange 'x' in vhost '/' refused",
                "x",
                "k",
                true,
            ),
            (
                "access to topic 'k' in exchange 'x' in vhost '/' refused",
                "x",
                "l",
                false,
            ),
            ("PRECONDITION_FAILED - invalid expiration", "x", "k", false),
        ] {
            let named = names(&text.into(), &exchange.into(), &key.into());
            assert_eq!(named, expected, "{text}: {exchange}, {key}");
        }
    }
}
