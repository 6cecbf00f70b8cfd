//! One publisher: its settings, its ledger, and what a close of its channel says about it.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::connection::{CallId, ChannelKey, ChannelMut, Connection, PublishSeq, Ticket, later};
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
}

impl Default for PublisherOptions {
    fn default() -> Self {
        Self {
            window: 1000,
            window_bytes: 64 << 20,
            resend: Resend::default(),
            resend_for: None,
            confirm_timeout: None,
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
}

impl<P: Protocol> Publisher<P> {
    pub(crate) const fn new(options: PublisherOptions, confirm_select: ConfirmSelect<P>) -> Self {
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
        }
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
        let timeout = self.options.confirm_timeout.filter(|_| !self.is_ended)?;
        let (_, oldest) = self.ledger.iter().next()?;
        Some(later(oldest.accepted, timeout))
    }
}

/// A publish as its program made it.
pub(crate) struct Publish<'a, P: Protocol> {
    pub(crate) publish: P::Publish,
    pub(crate) properties: Option<&'a P::BasicProperties>,
    pub(crate) body: Bytes,
}

/// The arguments, the properties and the body of a publish.
type Parts<'a, P> = (
    &'a <P as Protocol>::Publish,
    Option<&'a <P as Protocol>::BasicProperties>,
    &'a Bytes,
);

impl<P: Protocol> Publish<'_, P> {
    pub(super) const fn as_parts(&self) -> Parts<'_, P> {
        (&self.publish, self.properties, &self.body)
    }
}

impl<P: Protocol> Entry<P> {
    pub(super) fn as_parts(&self) -> Parts<'_, P> {
        (&self.publish, self.properties.as_deref(), &self.body)
    }
}

/// Sends a publish, if that is allowed now.
pub(super) fn send<P: Protocol>(
    core: &mut Connection<P>,
    channel: ChannelKey,
    (publish, properties, body): Parts<'_, P>,
    ticket: Option<Ticket>,
) -> Result<Option<PublishSeq>> {
    let mut channel = core.channel(channel)?;
    if channel.refusal(ticket).is_some() {
        return Ok(None);
    }
    match properties {
        Some(properties) => channel.publish(publish, properties, body),
        None => channel.publish(publish, &P::BasicProperties::default(), body),
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
    let is_named = |entry: &Entry<P>| {
        let (exchange, routing_key) = P::route(&entry.publish);
        reason
            .text()
            .is_some_and(|text| names(text, exchange, routing_key))
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
    let mut in_flight = publisher.ledger.in_flight_numbers();
    let (first, last) = (in_flight.next(), in_flight.next_back());
    drop(in_flight);
    let (resolved, is_progress) = match (first, last) {
        _ if reason.is_retriable() => (Vec::new(), false),
        (None, _) => (Vec::new(), false),
        (Some(only), None) => (vec![only], true),
        (Some(_), Some(last)) => {
            publisher.probe_below = publisher.probe_below.max(last + 1);
            let neighbours = mutant!(
                "a poison publish takes its neighbours along",
                Vec::new(),
                publisher.ledger.in_flight_numbers().collect()
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
