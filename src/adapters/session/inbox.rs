use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use super::Limits;
use crate::connection::{ChannelKey, Content, Delivery};
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
    bytes: usize,
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
            end: None,
            closing: false,
            waker: None,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, delivery: Delivery<P>, woken: &mut Vec<Waker>) {
        self.bytes += size(delivery.content());
        self.queue.push_back(delivery);
        woken.extend(self.waker.take());
    }

    pub(super) fn pop(&mut self) -> Option<Delivery<P>> {
        let delivery = self.queue.pop_front()?;
        self.bytes -= size(delivery.content());
        Some(delivery)
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

    /// The task is to be woken when a message comes or none will.
    pub(super) fn wait(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(known) => known.clone_from(waker),
            None => self.waker = Some(waker.clone()),
        }
    }

    /// About how much memory the messages take, small ones too.
    pub(super) fn footprint(&self) -> usize {
        self.bytes + self.queue.len() * size_of::<Delivery<P>>()
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
