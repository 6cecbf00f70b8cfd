//! What has to hold, whatever happens: a record of all that the program did beside all that the
//! core said of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use pika::connection::{
    Answer, CallId, ChannelKey, ConsumerId, Delivery, Event, Outcome, PublishSeq,
};
use pika::error::{Cause, Closed};
use pika::wire::{ReplyCode, Scope, ShortStr};

use crate::version::Version;

/// A broken rule, in words.
pub(crate) type Broken = String;

/// A channel of a client.
type Place = (usize, ChannelKey);

/// Numbers a message, which carries the number as the first bytes of its body.
pub(crate) type MessageId = u64;

/// What a call is expected to be answered with.
#[derive(Clone, Debug)]
pub(crate) enum Expects {
    Declared(ShortStr),
    QosOk,
    /// The channel itself.
    Opened,
    /// A message of this queue, or none.
    Got(usize),
    Anything,
}

#[derive(Debug)]
pub(crate) struct Message {
    /// The queue it went to; none if there is no such queue.
    pub(crate) queue: Option<usize>,
    pub(crate) mandatory: bool,
    /// Whether the server said that it has it.
    pub(crate) acked: bool,
    /// The lives of channels on which it was settled for good, as (client, channel).
    pub(crate) consumed_on: Option<(usize, ChannelKey)>,
    /// Whether somebody may have got it without having to settle it.
    pub(crate) may_be_gone: bool,
}

/// What the program knows of one client.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) calls: HashMap<CallId, Expects>,
    pub(crate) consumers: HashMap<ConsumerId, (ChannelKey, usize)>,
    /// Consumers whose calls are not answered.
    pub(crate) beginning: HashMap<CallId, ConsumerId>,
    pub(crate) publishes: BTreeMap<(ChannelKey, PublishSeq), MessageId>,
    pub(crate) stopped: HashSet<ChannelKey>,
    pub(crate) closed_channels: HashMap<ChannelKey, bool>,
    pub(crate) closed: bool,
}

impl Ledger {
    /// A call on this channel was given up. If it was to begin a consumer, nobody knows its
    /// consumer any more; the core ends it without a word.
    pub(crate) fn orphan(&mut self, call: CallId) {
        if let Some(consumer) = self.beginning.remove(&call) {
            self.consumers.remove(&consumer);
        }
    }
}

/// A message that came, to be settled or not.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) message: MessageId,
    pub(crate) token: pika::connection::DeliveryToken,
    pub(crate) channel: ChannelKey,
}

/// The record of a whole run.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) messages: Vec<Message>,
    pub(crate) ledgers: Vec<Ledger>,
    /// Channel lives whose close the server confirmed or which it closed itself: what was settled
    /// on them was settled.
    pub(crate) ended_well: HashSet<(usize, ChannelKey)>,
    /// Where messages were settled, and where they came again after that.
    contested: Vec<(Place, Place, MessageId)>,
}

/// The queue whose consumers need not acknowledge.
pub(crate) const LOSSY: usize = 3;

pub(crate) fn body(id: MessageId, len: usize) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    body.extend((8..len).map(|at| (id as usize).wrapping_mul(31).wrapping_add(at) as u8));
    body
}

impl Model {
    /// A delivery came for a consumer of client `who`.
    pub(crate) fn delivered<V: Version>(
        &mut self,
        who: usize,
        (channel, consumer): (ChannelKey, ConsumerId),
        delivery: Delivery<V>,
    ) -> Result<Arrived, Broken> {
        self.check_goes_on(who, &delivery)?;
        let Some((on, queue)) = self.ledgers[who].consumers.get(&consumer).copied() else {
            return Err(format!(
                "a delivery to a consumer that is none: {delivery:?}"
            ));
        };
        if on != channel {
            return Err(format!("a delivery of {on} on {channel}"));
        }
        self.arrived(who, queue, channel, delivery)
    }

    fn check_goes_on(&self, who: usize, found: &dyn std::fmt::Debug) -> Result<(), Broken> {
        match self.ledgers[who].closed {
            true => Err(format!("an event after the last: {found:?}")),
            false => Ok(()),
        }
    }

    /// Takes an event of client `who`, other than replies and deliveries.
    pub(crate) fn take<V: Version>(&mut self, who: usize, event: Event<V>) -> Result<(), Broken> {
        self.check_goes_on(who, &event)?;
        match event {
            Event::Confirmed {
                channel,
                first,
                last,
                outcome,
            } => {
                for number in first.0..=last.0 {
                    self.resolved(who, (channel, PublishSeq(number)), &outcome)?;
                }
            }
            Event::Returned { message, .. } => {
                let id = self.known(message.content.body())?;
                let sent = &self.messages[id as usize];
                if sent.queue.is_some() || !sent.mandatory {
                    return Err(format!("message {id} came back though it had a queue"));
                }
            }
            Event::ConsumerCancelled { consumer, .. } => {
                let begun = self.ledgers[who].consumers.remove(&consumer);
                begun.ok_or_else(|| format!("{consumer:?} ended twice"))?;
            }
            Event::Flow { channel, active } => {
                let stopped = &mut self.ledgers[who].stopped;
                if active {
                    stopped.remove(&channel)
                } else {
                    stopped.insert(channel)
                };
            }
            Event::ChannelClosed { channel, reason } => {
                self.channel_closed(who, channel, &reason)?
            }
            Event::Closed(reason) => self.closed(who, &reason)?,
            _ => {}
        }
        Ok(())
    }

    /// A call of client `who` ended; gives a message that came with it.
    pub(crate) fn replied<V: Version>(
        &mut self,
        who: usize,
        call: CallId,
        result: pika::Result<Answer<V>>,
    ) -> Result<Option<Arrived>, Broken> {
        self.check_goes_on(who, &call)?;
        let Some(expects) = self.ledgers[who].calls.remove(&call) else {
            return Err(format!("a reply that nobody waits for: {call:?}"));
        };
        let begun = self.ledgers[who].beginning.remove(&call);
        let Ok(answer) = result else {
            if let Some(consumer) = begun {
                self.ledgers[who].consumers.remove(&consumer);
            }
            return Ok(None);
        };
        match (expects, answer) {
            (Expects::Got(queue), Answer::Message(delivery)) => self
                .arrived(who, queue, call.channel(), *delivery)
                .map(Some),
            (_, Answer::Message(_)) => Err("a message for a call that fetched none".into()),
            (Expects::Declared(name), Answer::Method(method)) => match V::declared(&method) {
                Some(found) if *found == name => Ok(None),
                _ => Err(format!("the reply to declaring {name} is {method:?}")),
            },
            (Expects::QosOk, Answer::Method(method)) if !V::is_qos_ok(&method) => {
                Err(format!("the reply to basic.qos is {method:?}"))
            }
            _ => Ok(None),
        }
    }

    fn arrived<V: Version>(
        &mut self,
        who: usize,
        queue: usize,
        channel: ChannelKey,
        delivery: Delivery<V>,
    ) -> Result<Arrived, Broken> {
        let id = self.known(delivery.content().body())?;
        let message = &mut self.messages[id as usize];
        if message.queue != Some(queue) {
            return Err(format!(
                "message {id} of {:?} came from {queue}",
                message.queue
            ));
        }
        if let Some(before) = message.consumed_on {
            // The broker may have closed either channel, which its client has not heard of yet;
            // then that one does not end well. And what comes while a close or a recovery is under
            // way may be older than the settling.
            let calls = &self.ledgers[who].calls;
            if !calls.keys().any(|call| call.channel() == channel) {
                self.contested.push((before, (who, channel), id));
            }
        }
        Ok(Arrived {
            message: id,
            token: delivery.into_token(),
            channel,
        })
    }

    /// The message that a body belongs to, which has to be whole and its own.
    fn known(&self, found: &[u8]) -> Result<MessageId, Broken> {
        let head = found.first_chunk::<8>().ok_or("a body that nobody sent")?;
        let id = u64::from_be_bytes(*head);
        if id as usize >= self.messages.len() || found != body(id, found.len()) {
            return Err(format!("a body that nobody sent, of {} bytes", found.len()));
        }
        Ok(id)
    }

    fn resolved<V: Version>(
        &mut self,
        who: usize,
        publish: (ChannelKey, PublishSeq),
        outcome: &Outcome<V>,
    ) -> Result<(), Broken> {
        let Some(id) = self.ledgers[who].publishes.remove(&publish) else {
            return Err(format!(
                "publish {publish:?} is resolved twice or was never made"
            ));
        };
        let message = &mut self.messages[id as usize];
        match outcome {
            Outcome::Acked if message.mandatory && message.queue.is_none() => {
                return Err(format!(
                    "message {id} was acked though it has nowhere to go"
                ));
            }
            Outcome::Returned(_) if message.queue.is_some() || !message.mandatory => {
                return Err(format!(
                    "message {id} counts as returned though it had a queue"
                ));
            }
            Outcome::Returned(back) => {
                let found = self.known(back.content.body())?;
                if found != id {
                    return Err(format!("message {found} came back for message {id}"));
                }
            }
            Outcome::Acked => message.acked = true,
            _ => {}
        }
        Ok(())
    }

    fn channel_closed(
        &mut self,
        who: usize,
        channel: ChannelKey,
        reason: &Closed,
    ) -> Result<(), Broken> {
        let open = self.ledgers[who]
            .publishes
            .range((channel, PublishSeq(0))..);
        if let Some(((on, seq), _)) = open.take_while(|((on, _), _)| *on == channel).next() {
            return Err(format!(
                "publish {seq} on {on} is left open by its channel's close"
            ));
        }
        if self.ledgers[who]
            .calls
            .keys()
            .any(|call| call.channel() == channel)
        {
            return Err(format!(
                "a caller is left waiting on {channel}, which is closed"
            ));
        }
        let ledger = &mut self.ledgers[who];
        if ledger.closed_channels.insert(channel, true).is_some() {
            return Err(format!("channel {channel} closed twice"));
        }
        ledger.consumers.retain(|_, (on, _)| *on != channel);
        // Only our own close comes behind what was settled and is confirmed.
        if reason.scope == Scope::Channel && matches!(reason.cause, Cause::Local { .. }) {
            self.ended_well.insert((who, channel));
            let well = |on: &(usize, ChannelKey)| self.ended_well.contains(on);
            let mut contested = self.contested.iter();
            if let Some((_, _, id)) = contested.find(|(one, other, _)| well(one) && well(other)) {
                return Err(format!("message {id} came again though it was settled"));
            }
        }
        allowed(reason)
    }

    fn closed(&mut self, who: usize, reason: &Closed) -> Result<(), Broken> {
        let ledger = &mut self.ledgers[who];
        ledger.closed = true;
        if !ledger.calls.is_empty() {
            return Err(format!("callers are left waiting: {:?}", ledger.calls));
        }
        if !ledger.publishes.is_empty() {
            return Err(format!("publishes are left open: {:?}", ledger.publishes));
        }
        allowed(reason)
    }
}

/// Whether a close can come of what the simulation does; that the server finds fault with what the
/// core sends cannot, nor the other way round.
pub(crate) fn allowed(reason: &Closed) -> Result<(), Broken> {
    let fine = match &reason.cause {
        Cause::Server { code, .. } => {
            matches!(
                *code,
                ReplyCode::CONNECTION_FORCED | ReplyCode::RESOURCE_ERROR
            )
        }
        Cause::Protocol(_) => false,
        _ => true,
    };
    if fine {
        Ok(())
    } else {
        Err(reason.to_string())
    }
}
