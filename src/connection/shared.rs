use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Instant;

use super::calls::Calls;
use super::event::{Answer, Event};
use super::events::Events;
use super::ids::{CallId, ChannelKey, ConsumerId, Ticket};
use super::later;
use super::output::{Output, WaterMarks};
use super::tickets::Tickets;
use crate::config::{Config, FRAME_MAX, Tuning};
use crate::error::{Closed, Error, Forbidden, Misuse, TimedOut, Waiting};
use crate::frame::method_frame_len;
use crate::method::Args;
use crate::protocol::Protocol;
use crate::wire::{Overlong, ShortStr};

/// What the connection and all its channels write to and read from.
#[derive(Debug)]
pub(super) struct Shared<P: Protocol> {
    pub(super) config: Config,
    pub(super) output: Output,
    pub(super) events: Events<P>,
    pub(super) calls: Calls<P>,
    pub(super) deadlines: Deadlines,
    pub(super) tickets: Tickets,
    pub(super) tuning: Tuning,
    /// Why the server accepts no messages, while it does not.
    pub(super) blocked: Option<ShortStr>,
    /// When that changed last.
    pub(super) block_changed: Option<Instant>,
    /// Which connection of the program this is; deliveries carry it.
    pub(super) identity: u64,
    next_consumer: u32,
}

impl<P: Protocol> Shared<P> {
    pub(super) fn new(config: Config) -> Self {
        let marks = WaterMarks::new(config.output_high_water, config.output_low_water);
        Self {
            config,
            output: Output::new(marks),
            events: Events::default(),
            calls: Calls::default(),
            deadlines: Deadlines::default(),
            tickets: Tickets::default(),
            // Nothing of ours is that large in the handshake, except a password by mistake.
            tuning: Tuning {
                channel_max: 1,
                frame_max: FRAME_MAX,
                heartbeat: None,
            },
            blocked: None,
            block_changed: None,
            identity: 0,
            next_consumer: 0,
        }
    }

    pub(super) fn emit(&mut self, event: Event<P>) {
        self.events.push(event);
    }

    /// Ends a call with its reply, or with the reason why none comes.
    pub(super) fn answer(&mut self, call: CallId, answer: Result<Answer<P>, Error>) {
        if self.calls.answer(call, answer) {
            self.emit(Event::Reply { call });
        }
    }

    /// Ends a call whose reply may still come.
    pub(super) fn overdue(&mut self, call: CallId, error: Error) {
        if self.calls.give_up(call, error) {
            self.emit(Event::Reply { call });
        }
    }

    /// Fails all calls of a channel but the newest `kept` ones.
    pub(super) fn fail_calls(&mut self, channel: ChannelKey, kept: usize, reason: &Arc<Closed>) {
        let (calls, events) = (&mut self.calls, &mut self.events);
        let error = reason.clone().into();
        calls.fail(channel, kept, &error, |call| {
            events.push(Event::Reply { call });
        });
    }

    /// Checks that a method can be sent: that it fits in a frame, and that no name is too long.
    #[inline]
    pub(super) fn check_size<M: Args>(&self, method: &M) -> Result<(), Error> {
        let len = method_frame_len(method);
        if len <= self.tuning.frame_max as usize {
            return Ok(());
        }
        Err(self.unsendable(M::NAME, len, method.overlong()))
    }

    /// Why a method or its content header cannot be sent, which takes a frame of `len` bytes.
    #[cold]
    pub(super) fn unsendable(
        &self,
        method: &'static str,
        len: usize,
        overlong: Option<Overlong>,
    ) -> Error {
        let frame_max = self.tuning.frame_max;
        match overlong {
            Some(Overlong { argument, len }) => Misuse::NameTooLong {
                method,
                argument,
                len,
            },
            None => Misuse::FrameTooLarge {
                method,
                len,
                frame_max,
            },
        }
        .into()
    }

    /// Joins the queue of those that wait to send, or keeps the place in it.
    ///
    /// # Errors
    /// When the ticket has waited long enough; it is given back then.
    pub(super) fn wait_to_send(
        &mut self,
        channel: Option<ChannelKey>,
        why: Forbidden,
        ticket: &mut Option<Ticket>,
        now: Instant,
    ) -> Result<(), Error> {
        let timeout = self.config.blocked_timeout;
        if self.tickets.is_late(*ticket) {
            self.leave_queue(ticket);
            let waiting_for = Waiting::Permission(why);
            let after = timeout.unwrap_or_default();
            return Err(TimedOut { waiting_for, after }.into());
        }
        let deadline = timeout.map(|timeout| later(now, timeout));
        let events = &mut self.events;
        self.tickets
            .wait_to_send(ticket, (channel, why), deadline, events);
        Ok(())
    }

    /// Returns a ticket.
    pub(super) fn leave_queue(&mut self, ticket: &mut Option<Ticket>) {
        if let Some(ticket) = ticket.take() {
            self.tickets.leave(ticket, &mut self.events);
        }
    }

    /// Whether there is too much output for more to be added.
    #[inline]
    pub(super) const fn is_output_full(&self) -> bool {
        self.output.is_full()
    }

    /// The id that the next consumer gets.
    pub(super) const fn next_consumer(&self) -> ConsumerId {
        ConsumerId(self.next_consumer)
    }

    /// Consumers get ids behind those of another connection.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(super) const fn continue_consumers(&mut self, before: &Self) {
        self.next_consumer = before.next_consumer;
    }

    pub(super) fn new_consumer(&mut self) -> ConsumerId {
        let id = ConsumerId(self.next_consumer);
        self.next_consumer += 1;
        id
    }

    /// When a call made now is overdue.
    pub(super) fn call_deadline(&self, now: Instant) -> Option<Instant> {
        self.config.rpc_timeout.map(|timeout| later(now, timeout))
    }
}

/// The deadlines of all calls, the next one first.
///
/// A call that was answered leaves its entry behind; such entries are dropped when they come to the
/// front.
#[derive(Debug, Default)]
pub(super) struct Deadlines(BinaryHeap<Reverse<Deadline>>);

/// When a call is overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deadline {
    pub(super) at: Instant,
    pub(super) call: CallId,
    /// When it was to be overdue before that was put off.
    pub(super) first: Instant,
}

impl Deadlines {
    pub(super) fn add(&mut self, deadline: Option<Instant>, call: CallId) {
        if let Some(at) = mutant!("calls have no deadline", deadline, None) {
            let first = at;
            self.0.push(Reverse(Deadline { at, call, first }));
        }
    }

    /// Puts off a deadline that was taken out.
    pub(super) fn put_off(&mut self, deadline: Deadline, at: Instant) {
        self.0.push(Reverse(Deadline { at, ..deadline }));
    }

    pub(super) fn next(&self) -> Option<Deadline> {
        self.0.peek().map(|Reverse(entry)| *entry)
    }

    /// Takes out the next deadline, if it has passed.
    pub(super) fn pop_passed(&mut self, now: Instant) -> Option<Deadline> {
        self.next().filter(|next| now >= next.at)?;
        self.0.pop().map(|Reverse(entry)| entry)
    }

    pub(super) fn drop_next(&mut self) {
        self.0.pop();
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
