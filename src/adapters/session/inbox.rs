use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use super::Limits;
use crate::client::READ_MAX;
use crate::connection::{ChannelKey, Connection, Content, Delivery};
use crate::error::Closed;
use crate::protocol::Protocol;

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

/// The messages that wait for one consumer.
#[derive(Debug)]
pub(super) struct Inbox<P: Protocol> {
    pub(super) channel: ChannelKey,
    queue: VecDeque<Delivery<P>>,
    /// Bytes charged for the messages.
    bytes: usize,
    /// What this adds to what all inboxes of the connection keep.
    charged: usize,
    /// How much the connection had received when the last one came.
    received: Option<u64>,
    /// Bytes that came along with the last ones and are counted with them.
    along: usize,
    /// Why no more will come.
    end: Option<ConsumerEnd>,
    /// Whether its channel is being closed by the program.
    pub(super) closing: bool,
    /// The task that waits for the next one.
    waker: Option<Waker>,
}

impl<P: Protocol> Inbox<P> {
    pub(super) const fn new(channel: ChannelKey) -> Self {
        Self {
            channel,
            queue: VecDeque::new(),
            bytes: 0,
            charged: 0,
            received: None,
            along: 0,
            end: None,
            closing: false,
            waker: None,
        }
    }

    /// Appends the run of deliveries that was announced, and charges its bytes to this inbox.
    ///
    /// A message keeps the memory that it was read into. Where messages for this consumer are few
    /// among others, each may hold on to a whole buffer. So the bytes received since the last run
    /// count with it, up to the size of a buffer.
    pub(super) fn extend(&mut self, connection: &mut Connection<P>, woken: &mut Vec<Waker>) {
        let known = self.queue.len();
        connection.drain_deliveries(&mut self.queue);
        let fresh = self.queue.range(known..);
        let size = fresh.map(|it| size(it.content())).sum::<usize>();

        let received = connection.bytes_received();
        let before = self.received.replace(received).unwrap_or(received);
        let is_same_read = before == received;
        if !is_same_read {
            let between = usize::try_from(received - before).unwrap_or(usize::MAX);
            self.along = between.min(READ_MAX);
        }
        let cost = if is_same_read {
            size - size.min(self.along)
        } else {
            size.max(self.along)
        };
        self.along -= size.min(self.along);
        self.bytes += cost;
        woken.extend(self.waker.take());
    }

    /// Takes all messages, leaving the empty queue in their place.
    pub(super) fn swap(&mut self, empty: &mut VecDeque<Delivery<P>>) {
        std::mem::swap(&mut self.queue, empty);
        self.bytes = 0;
    }

    pub(super) fn into_queue(self) -> VecDeque<Delivery<P>> {
        self.queue
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// No more will come. The first reason stays.
    pub(super) fn finish(&mut self, end: ConsumerEnd, woken: &mut Vec<Waker>) {
        self.end.get_or_insert(end);
        woken.extend(self.waker.take());
    }

    /// Why no more messages come, when all are taken.
    pub(super) fn end(&self) -> Option<&ConsumerEnd> {
        self.end.as_ref().filter(|_| self.queue.is_empty())
    }

    /// Whether no more messages come.
    pub(super) const fn is_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Whether its channel has closed.
    pub(super) const fn is_lost(&self) -> bool {
        matches!(self.end, Some(ConsumerEnd::Closed(_)))
    }

    /// The task is to be woken when a message comes or none will.
    pub(super) fn wait(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(known) => mutant!(
                "the first waker of a consumer is kept",
                known.clone_from(waker),
                ()
            ),
            None => self.waker = Some(waker.clone()),
        }
    }

    /// Whether a task waits for a message, and none is here.
    pub(super) fn is_awaited(&self) -> bool {
        self.waker.is_some() && self.queue.is_empty()
    }

    /// About how much memory the messages take, small ones too.
    pub(super) fn footprint(&self) -> usize {
        self.bytes + self.queue.len() * size_of::<Delivery<P>>()
    }

    /// Corrects what all inboxes of a connection keep. One that gets no more messages does not count:
    /// what waits there must not stop the others for good.
    pub(super) fn charge(&mut self, kept: &mut usize) {
        let counts = !self.closing && self.end.is_none();
        let charged = if counts { self.footprint() } else { 0 };
        *kept = *kept - self.charged + charged;
        self.charged = charged;
    }

    pub(super) const fn charged(&self) -> usize {
        self.charged
    }

    /// Whether more should be read only for somebody who waits for something else.
    #[inline]
    pub(super) fn is_full(&self, limits: Limits) -> bool {
        self.queue.len() >= limits.messages || self.footprint() >= limits.bytes_in_passing
    }
}

/// Bytes that were received for a message.
pub(super) fn size<P: Protocol>(content: &Content<P>) -> usize {
    content.body().len() + content.raw_properties().len()
}
