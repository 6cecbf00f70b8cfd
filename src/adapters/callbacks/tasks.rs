use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::dispatch::{Awaited, Run, Task};
use super::handlers::Consumer;
use super::inner::Inner;
use super::state::ChannelState;
use crate::connection::{CallId, ChannelKey, ConsumerId, Event};
use crate::error::{Closed, Error, Result};
use crate::protocol::Protocol;
use crate::wire::{ReplyCode, Scope, ShortStr};

/// What is to be run, and who waits for what.
impl<P: Protocol> Inner<P> {
    /// Whether something is to be run.
    pub(super) fn has_tasks(&self) -> bool {
        !self.tasks.is_empty() || self.core.has_events()
    }

    /// What is to be run next.
    pub(super) fn next_task(&mut self) -> Option<Task<P>> {
        self.running = None;
        match self.tasks.pop_front() {
            Some(Task::Deliveries(consumer, mut messages)) => {
                let message = messages.pop_front();
                if !messages.is_empty() {
                    self.tasks.push_front(Task::Deliveries(consumer, messages));
                }
                message.map(|message| Task::Delivery(consumer, message))
            }
            Some(task) => Some(task),
            None => self.next_event(),
        }
    }

    fn next_event(&mut self) -> Option<Task<P>> {
        if let Some(message) = self.core.next_delivery() {
            return Some(Task::Delivery(self.served?, message));
        }
        match self.core.poll_event()? {
            Event::Deliveries { consumer, .. } => {
                self.served = Some(consumer);
                let message = self.core.next_delivery()?;
                Some(Task::Delivery(consumer, message))
            }
            event => Some(Task::Event(event)),
        }
    }

    /// Takes over what has happened so far, so that something can be put behind it.
    fn collect_events(&mut self) {
        if let Some(consumer) = self.served {
            let mut left = VecDeque::new();
            self.core.drain_deliveries(&mut left);
            if !left.is_empty() {
                self.tasks.push_back(Task::Deliveries(consumer, left));
            }
        }
        while let Some(event) = self.core.poll_event() {
            self.tasks.push_back(match event {
                Event::Deliveries { consumer, .. } => {
                    let mut messages = VecDeque::new();
                    self.core.drain_deliveries(&mut messages);
                    Task::Deliveries(consumer, messages)
                }
                event => Task::Event(event),
            });
        }
    }

    /// Runs something after everything that has happened so far.
    pub(super) fn defer(&mut self, run: Run<P>) {
        self.collect_events();
        self.tasks.push_back(Task::Run(run));
    }

    /// A call was made.
    pub(super) fn add_call(&mut self, call: CallId, awaited: Awaited<P>) {
        self.calls.insert(call, awaited);
        if let Some(channel) = self.channels.get_mut(&call.channel()) {
            channel.calls += 1;
        }
    }

    /// A call came to its end.
    pub(super) fn take_call(&mut self, call: CallId) -> Option<Awaited<P>> {
        let awaited = self.calls.remove(&call)?;
        if let Some(channel) = self.channels.get_mut(&call.channel()) {
            channel.calls -= 1;
        }
        Some(awaited)
    }

    /// A completion waits for a call. If the answer is there already, it runs in its turn.
    pub(super) fn claim(&mut self, call: CallId) {
        if self.calls.get(&call).is_some_and(|it| it.is_answered) {
            self.collect_events();
            self.tasks.push_back(Task::Event(Event::Reply { call }));
        }
    }

    /// A completion is told why its call failed, which may be why everything closes.
    pub(super) fn note_told(&mut self, key: ChannelKey, error: &Error) {
        match self.channels.get_mut(&key) {
            Some(channel) if error.closed().is_none_or(|it| it.scope == Scope::Channel) => {
                channel.is_told = true;
            }
            _ => self.is_told = true,
        }
    }

    pub(super) fn add_consumer(&mut self, id: ConsumerId, consumer: Consumer<P>) {
        if let Some(channel) = self.channels.get_mut(&consumer.channel) {
            channel.consumers += 1;
        }
        self.consumers.insert(id, consumer);
    }

    /// A consumer gets nothing more.
    pub(super) fn take_consumer(&mut self, id: ConsumerId) -> Option<Consumer<P>> {
        let consumer = self.consumers.remove(&id)?;
        if let Some(channel) = self.channels.get_mut(&consumer.channel) {
            channel.consumers -= 1;
        }
        Some(consumer)
    }

    /// No consumer of a channel gets anything more.
    pub(super) fn take_consumers_of(&mut self, channel: ChannelKey) -> Vec<Consumer<P>> {
        let all = self.consumers.iter();
        let ids: Vec<_> = all
            .filter(|(_, consumer)| consumer.channel == channel)
            .map(|(id, _)| *id)
            .collect();
        ids.into_iter()
            .filter_map(|id| self.take_consumer(id))
            .collect()
    }

    /// Ends a consumer that nobody looks after any more.
    pub(super) fn drop_consumer(&mut self, id: ConsumerId) -> Option<Consumer<P>> {
        let consumer = self.take_consumer(id)?;
        if let Ok(mut channel) = self.core.channel(consumer.channel) {
            channel.drop_consumer(id, Instant::now());
        }
        Some(consumer)
    }

    /// Tells those who wait for the connection to be closed how it ended.
    pub(super) fn defer_close_result(&mut self) {
        let Some(reason) = self.core.closed().cloned() else {
            return;
        };
        let result = match self.core.close_failure().cloned() {
            Some(cause) => {
                let scope = reason.scope;
                Err(Arc::new(Closed::new(scope, cause)).into())
            }
            None if reason.is_normal() => Ok(()),
            None => Err(Error::from(reason)),
        };
        for promise in std::mem::take(&mut self.closing) {
            let result = result.clone();
            self.defer(Box::new(move |_| promise.resolve(result)));
        }
    }

    pub(super) fn open_channel(&mut self) -> Result<(ChannelKey, CallId)> {
        let (key, call) = self.core.open_channel(Instant::now())?;
        self.channels.insert(key, ChannelState::new());
        Ok((key, call))
    }

    /// Closes a channel that nothing can come of any more, without waiting for the answer. Gives
    /// what is left of one that is closed.
    pub(super) fn release_unused(&mut self, key: ChannelKey) -> Option<ChannelState<P>> {
        let state = self.channels.get(&key)?;
        if state.is_used() {
            return None;
        }
        if state.is_over {
            self.core.drop_channel(key, Instant::now());
            return self.channels.remove(&key);
        }
        if let Ok(mut channel) = self.core.channel(key) {
            let text = ShortStr::from_static("channel dropped");
            if let Ok(call) = channel.close(ReplyCode::REPLY_SUCCESS, text, Instant::now()) {
                self.core.abandon(call, Instant::now());
            }
        }
        None
    }

    /// Whether nothing can come of the connection that anybody hears of.
    pub(super) fn is_unattended(&self) -> bool {
        let quiet = !self.has_tasks() && self.calls.is_empty() && self.consumers.is_empty();
        let wanted = !self.waiting.is_empty() || !self.opening.is_empty();
        quiet && !wanted && self.closing.is_empty() && self.handlers.is_empty()
    }

    /// Takes out what a connection that is over still holds, to be dropped when it is not borrowed.
    /// Handlers may hold handles, which would otherwise keep the connection for ever.
    pub(super) fn let_go(&mut self) -> impl Sized + use<P> {
        (self.is_over && !self.has_tasks()).then(|| {
            (
                std::mem::take(&mut self.consumers),
                std::mem::take(&mut self.channels),
                std::mem::take(&mut self.handlers),
            )
        })
    }
}
