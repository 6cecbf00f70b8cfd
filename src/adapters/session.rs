use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::connection::{
    Answer, CallId, CancelledBy, ChannelKey, Connection, ConsumerId, Content, Delivery, Event,
    Outcome, PublishSeq, Returned,
};
use crate::error::{Closed, Error};
use crate::protocol::Protocol;
use crate::wire::{ReplyCode, ShortStr, Table};

/// What arrived on a connection and was not asked for yet, by whom it is for.
///
/// An adapter feeds it with all events and looks here for what its callers wait for.
#[derive(Debug)]
pub(super) struct Session<P: Protocol> {
    /// Calls that somebody waits for.
    awaited: HashSet<CallId>,
    replies: HashMap<CallId, Result<Answer<P>, Error>>,
    consumers: HashMap<ConsumerId, Inbox<P>>,
    channels: HashMap<ChannelKey, ChannelBox<P>>,
    notices: VecDeque<Notice>,
    opened: bool,
    closed: Option<Arc<Closed>>,
    limits: Limits,
    /// Consumers whose inbox is over a limit.
    full: HashSet<ConsumerId>,
}

/// How much may wait for one consumer.
#[derive(Clone, Copy, Debug)]
struct Limits {
    messages: usize,
    bytes: usize,
}

/// The messages that wait for one consumer.
#[derive(Debug)]
pub(super) struct Inbox<P: Protocol> {
    channel: ChannelKey,
    queue: VecDeque<Delivery<P>>,
    bytes: usize,
    /// Why no more will come.
    end: Option<ConsumerEnd>,
}

/// Why a consumer gets no more messages.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConsumerEnd {
    /// It was cancelled by the program.
    Cancelled,
    /// The server cancelled it, as when the queue is deleted.
    CancelledByServer,
    /// The channel or the connection closed.
    Closed(Arc<Closed>),
}

/// What arrived for a channel as a whole.
#[derive(Debug)]
struct ChannelBox<P: Protocol> {
    /// Of messages that came back and that nobody reads only the last ones are kept.
    returned: VecDeque<Returned<P>>,
    returned_bytes: usize,
    /// What became of publishes, unless all is well.
    failed: Vec<(PublishSeq, PublishSeq, Outcome)>,
    /// Publishes whose fate somebody asks for one by one.
    watched: HashMap<PublishSeq, Option<Outcome>>,
    closed: Option<Arc<Closed>>,
}

/// Something about the connection or a channel that programs may want to react to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// The server accepts no messages for now; why, in its words.
    Blocked(ShortStr),
    /// The server accepts messages again.
    Unblocked,
    /// The server has something to tell that needs no answer (0-8).
    Alert {
        /// The channel.
        channel: ChannelKey,
        /// What it is about.
        code: ReplyCode,
        /// The same in words.
        text: ShortStr,
        /// Details.
        details: Table,
    },
    /// A handler gets no more messages, and the program did not ask for that.
    HandlerEnded {
        /// The channel.
        channel: ChannelKey,
        /// Why.
        end: ConsumerEnd,
    },
    /// The server stopped or resumed content on a channel.
    Flow {
        /// The channel.
        channel: ChannelKey,
        /// Whether content may be sent.
        active: bool,
    },
}

impl<P: Protocol> Default for ChannelBox<P> {
    fn default() -> Self {
        Self {
            returned: VecDeque::new(),
            returned_bytes: 0,
            failed: Vec::new(),
            watched: HashMap::new(),
            closed: None,
        }
    }
}

impl<P: Protocol> Session<P> {
    pub(super) fn new(connection: &Connection<P>) -> Self {
        let config = connection.config();
        Self {
            awaited: HashSet::new(),
            replies: HashMap::new(),
            consumers: HashMap::new(),
            channels: HashMap::new(),
            notices: VecDeque::new(),
            opened: false,
            closed: None,
            limits: Limits {
                messages: config.incoming_messages.max(1),
                bytes: config.incoming_bytes,
            },
            full: HashSet::new(),
        }
    }

    /// Takes all events of a connection.
    pub(super) fn absorb(&mut self, connection: &mut Connection<P>) {
        while let Some(event) = connection.poll_event() {
            self.take(event);
        }
    }

    fn take(&mut self, event: Event<P>) {
        match event {
            Event::Opened(_) => self.opened = true,
            Event::Reply { call, result } => {
                if self.awaited.contains(&call) {
                    self.replies.insert(call, result);
                }
            }
            Event::Delivery {
                consumer, delivery, ..
            } => self.deliver(consumer, delivery),
            Event::Returned {
                channel, message, ..
            } => {
                if let Some(target) = self.channels.get_mut(&channel) {
                    target.returned(*message, self.limits);
                }
            }
            Event::Confirmed {
                channel,
                first,
                last,
                outcome,
            } => {
                if let Some(target) = self.channels.get_mut(&channel) {
                    target.confirmed(first, last, outcome);
                }
            }
            Event::ConsumerCancelled { consumer, by, .. } => self.end(
                consumer,
                match by {
                    CancelledBy::Us => ConsumerEnd::Cancelled,
                    CancelledBy::Server => ConsumerEnd::CancelledByServer,
                },
            ),
            Event::Flow { channel, active } => self.notice(Notice::Flow { channel, active }),
            Event::Blocked { reason } => self.notice(Notice::Blocked(reason)),
            Event::Unblocked => self.notice(Notice::Unblocked),
            Event::Alert {
                channel,
                code,
                text,
                details,
            } => {
                self.notice(Notice::Alert {
                    channel,
                    code,
                    text,
                    details,
                });
            }
            Event::ChannelClosed { channel, reason } => self.channel_closed(channel, reason),
            Event::Closed(reason) => self.closed = Some(reason),
        }
    }

    /// Keeps a notice; of those that nobody reads only the last ones are kept.
    fn notice(&mut self, notice: Notice) {
        const KEPT: usize = 256;
        if self.notices.len() == KEPT {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
    }

    fn deliver(&mut self, consumer: ConsumerId, delivery: Delivery<P>) {
        let Some(inbox) = self.consumers.get_mut(&consumer) else {
            return;
        };
        inbox.bytes += size(delivery.content());
        inbox.queue.push_back(delivery);
        if inbox.is_full(self.limits) {
            self.full.insert(consumer);
        }
    }

    fn end(&mut self, consumer: ConsumerId, end: ConsumerEnd) {
        self.full.remove(&consumer);
        if let Some(inbox) = self.consumers.get_mut(&consumer) {
            inbox.end.get_or_insert(end);
        }
    }

    fn channel_closed(&mut self, channel: ChannelKey, reason: Arc<Closed>) {
        if let Some(target) = self.channels.get_mut(&channel) {
            target.closed = Some(reason.clone());
        }
        for (consumer, inbox) in &mut self.consumers {
            if inbox.channel == channel {
                inbox.end.get_or_insert(ConsumerEnd::Closed(reason.clone()));
                self.full.remove(consumer);
            }
        }
    }

    /// Whether the handshake is done.
    pub(super) const fn is_opened(&self) -> bool {
        self.opened
    }

    /// Why the connection is closed, if it is.
    pub(super) const fn closed(&self) -> Option<&Arc<Closed>> {
        self.closed.as_ref()
    }

    /// Whether more of some consumer's messages wait than may; nothing should be read then.
    pub(super) fn is_full(&self) -> bool {
        !self.full.is_empty()
    }

    /// Whether so much waits for some consumer that nothing may be read, not even for somebody who
    /// waits for something else that may stand behind its messages.
    pub(super) fn is_overfull(&self) -> bool {
        let inboxes = self
            .full
            .iter()
            .filter_map(|consumer| self.consumers.get(consumer));
        inboxes
            .map(Inbox::footprint)
            .any(|bytes| bytes >= self.limits.bytes)
    }

    /// Somebody will wait for the reply to this call.
    pub(super) fn watch_call(&mut self, call: CallId) {
        self.awaited.insert(call);
    }

    /// The reply to a call, once it is there.
    pub(super) fn reply(&mut self, call: CallId) -> Option<Result<Answer<P>, Error>> {
        let reply = self.replies.remove(&call)?;
        self.awaited.remove(&call);
        Some(reply)
    }

    /// Nobody waits for the call any more.
    pub(super) fn forget_call(&mut self, call: CallId) {
        self.awaited.remove(&call);
        self.replies.remove(&call);
    }

    /// A channel was opened.
    pub(super) fn add_channel(&mut self, channel: ChannelKey) {
        self.channels.insert(channel, ChannelBox::default());
    }

    /// Nobody holds the channel any more.
    pub(super) fn remove_channel(&mut self, channel: ChannelKey) {
        self.channels.remove(&channel);
    }

    /// Why a channel is closed, if it is.
    pub(super) fn channel_reason(&self, channel: ChannelKey) -> Option<&Arc<Closed>> {
        self.channels.get(&channel)?.closed.as_ref()
    }

    /// The next message that came back on a channel.
    pub(super) fn returned(&mut self, channel: ChannelKey) -> Option<Returned<P>> {
        let target = self.channels.get_mut(&channel)?;
        let message = target.returned.pop_front()?;
        target.returned_bytes -= size(&message.content);
        Some(message)
    }

    /// The publishes of a channel that were not acknowledged, since the last time this was asked.
    pub(super) fn failed_publishes(
        &mut self,
        channel: ChannelKey,
    ) -> Vec<(PublishSeq, PublishSeq, Outcome)> {
        let target = self.channels.get_mut(&channel);
        target
            .map(|target| std::mem::take(&mut target.failed))
            .unwrap_or_default()
    }

    /// Somebody will ask what became of this publish.
    pub(super) fn watch_publish(&mut self, channel: ChannelKey, publish: PublishSeq) {
        if let Some(target) = self.channels.get_mut(&channel) {
            target.watched.insert(publish, None);
        }
    }

    /// What became of a publish that is watched, once it is known.
    pub(super) fn outcome(&mut self, channel: ChannelKey, publish: PublishSeq) -> Option<Outcome> {
        let target = self.channels.get_mut(&channel)?;
        let outcome = target.watched.get_mut(&publish)?.take()?;
        target.watched.remove(&publish);
        Some(outcome)
    }

    /// Nobody asks for the publish any more.
    pub(super) fn forget_publish(&mut self, channel: ChannelKey, publish: PublishSeq) {
        if let Some(target) = self.channels.get_mut(&channel) {
            target.watched.remove(&publish);
        }
    }

    /// A consumer begins.
    pub(super) fn add_consumer(&mut self, channel: ChannelKey, consumer: ConsumerId) {
        let inbox = Inbox {
            channel,
            queue: VecDeque::new(),
            bytes: 0,
            end: None,
        };
        self.consumers.insert(consumer, inbox);
    }

    /// Nobody holds the consumer any more; gives what it did not take.
    pub(super) fn remove_consumer(&mut self, consumer: ConsumerId) -> VecDeque<Delivery<P>> {
        self.full.remove(&consumer);
        self.consumers
            .remove(&consumer)
            .map(|inbox| inbox.queue)
            .unwrap_or_default()
    }

    /// The next message for a consumer.
    pub(super) fn next_delivery(&mut self, consumer: ConsumerId) -> Option<Delivery<P>> {
        let inbox = self.consumers.get_mut(&consumer)?;
        let delivery = inbox.queue.pop_front()?;
        inbox.bytes -= size(delivery.content());
        if !self.full.is_empty() && !inbox.is_full(self.limits) {
            self.full.remove(&consumer);
        }
        Some(delivery)
    }

    /// How many messages wait for a consumer.
    pub(super) fn waiting(&self, consumer: ConsumerId) -> usize {
        self.consumers
            .get(&consumer)
            .map_or(0, |inbox| inbox.queue.len())
    }

    /// Whether a message waits for a consumer.
    pub(super) fn has_delivery(&self, consumer: ConsumerId) -> bool {
        self.consumers
            .get(&consumer)
            .is_some_and(|inbox| !inbox.queue.is_empty())
    }

    /// Why a consumer gets no more messages, when it has taken all.
    pub(super) fn consumer_end(&self, consumer: ConsumerId) -> Option<&ConsumerEnd> {
        let inbox = self.consumers.get(&consumer)?;
        inbox.end.as_ref().filter(|_| inbox.queue.is_empty())
    }

    /// A consumer with a handler ended, which its program would not notice otherwise.
    pub(super) fn handler_ended(&mut self, channel: ChannelKey, end: ConsumerEnd) {
        if !matches!(end, ConsumerEnd::Cancelled) {
            self.notice(Notice::HandlerEnded { channel, end });
        }
    }

    /// The next notice.
    pub(super) fn next_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }
}

/// Bytes that were received for a message.
fn size<P: Protocol>(content: &Content<P>) -> usize {
    content.body().len() + content.raw_properties().len()
}

impl<P: Protocol> Inbox<P> {
    /// About how much memory the messages take, small ones too.
    fn footprint(&self) -> usize {
        self.bytes + self.queue.len() * size_of::<Delivery<P>>()
    }

    fn is_full(&self, limits: Limits) -> bool {
        self.queue.len() >= limits.messages || self.footprint() >= limits.bytes
    }
}

impl<P: Protocol> ChannelBox<P> {
    fn returned(&mut self, message: Returned<P>, limits: Limits) {
        self.returned_bytes += size(&message.content);
        self.returned.push_back(message);
        while self.returned.len() > limits.messages
            || (self.returned_bytes > limits.bytes && self.returned.len() > 1)
        {
            let Some(oldest) = self.returned.pop_front() else {
                return;
            };
            self.returned_bytes -= size(&oldest.content);
        }
    }

    fn confirmed(&mut self, first: PublishSeq, last: PublishSeq, outcome: Outcome) {
        if self.watched.is_empty() {
            return self.failed(first, last, outcome);
        }
        for number in (first.0..=last.0).map(PublishSeq) {
            match self.watched.get_mut(&number) {
                Some(watched) => *watched = Some(outcome.clone()),
                None => self.failed(number, number, outcome.clone()),
            }
        }
    }

    /// Keeps what nobody asks for one by one, unless all is well. Neighbours with the same fate
    /// are kept as one.
    fn failed(&mut self, first: PublishSeq, last: PublishSeq, outcome: Outcome) {
        if outcome.is_acked() {
            return;
        }
        match self.failed.last_mut() {
            Some((_, end, fate)) if end.0 + 1 == first.0 && fate.is_same(&outcome) => *end = last,
            _ => self.failed.push((first, last, outcome)),
        }
    }
}
