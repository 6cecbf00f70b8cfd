use std::collections::VecDeque;

use super::Limits;
use super::inbox::size;
use crate::connection::Returned;
use crate::protocol::Protocol;

/// Messages that came back on a channel. Of those that nobody reads only the last ones are kept.
#[derive(Debug)]
pub(super) struct Returns<P: Protocol> {
    queue: VecDeque<Returned<P>>,
    bytes: usize,
}

impl<P: Protocol> Returns<P> {
    pub(super) const fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            bytes: 0,
        }
    }

    pub(super) fn push(&mut self, message: Returned<P>, limits: Limits) {
        self.bytes += size(&message.content);
        self.queue.push_back(message);
        while self.queue.len() > limits.messages
            || (self.bytes > limits.bytes && self.queue.len() > 1)
        {
            if self.pop().is_none() {
                return;
            }
        }
    }

    pub(super) fn pop(&mut self) -> Option<Returned<P>> {
        let message = self.queue.pop_front()?;
        self.bytes -= size(&message.content);
        Some(message)
    }
}
