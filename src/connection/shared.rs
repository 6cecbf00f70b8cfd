use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use super::event::Event;
use super::events::Events;
use super::ids::{CallId, ChannelKey, ConsumerId};
use super::later;
use super::output::Output;
use crate::config::{Config, FRAME_MAX, Tuning};
use crate::error::{Error, Misuse};
use crate::frame::method_frame_len;
use crate::method::Args;
use crate::protocol::Protocol;
use crate::wire::ShortStr;

/// What the connection and all its channels write to and read from.
#[derive(Debug)]
pub(super) struct Shared<P: Protocol> {
    pub(super) config: Config,
    pub(super) output: Output,
    pub(super) events: Events<P>,
    pub(super) deadlines: Deadlines,
    pub(super) tuning: Tuning,
    /// Why the server accepts no messages, while it does not.
    pub(super) blocked: Option<ShortStr>,
    /// Which connection of the program this is; deliveries carry it.
    pub(super) identity: u64,
    next_consumer: u32,
}

impl<P: Protocol> Shared<P> {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            output: Output::default(),
            events: Events::default(),
            deadlines: Deadlines::default(),
            // Nothing of ours is that large in the handshake, except a password by mistake.
            tuning: Tuning {
                channel_max: 1,
                frame_max: FRAME_MAX,
                heartbeat: None,
            },
            blocked: None,
            identity: 0,
            next_consumer: 0,
        }
    }

    pub(super) fn emit(&mut self, event: Event<P>) {
        self.events.push(event);
    }

    /// Checks that a method fits in a frame.
    #[inline]
    pub(super) fn check_size<M: Args>(&self, method: &M) -> Result<(), Error> {
        self.check_len(M::NAME, method_frame_len(method))
    }

    /// Checks that a frame of `len` bytes, overhead included, may be sent.
    #[inline]
    pub(super) fn check_len(&self, method: &'static str, len: usize) -> Result<(), Error> {
        let frame_max = self.tuning.frame_max;
        if len <= frame_max as usize {
            return Ok(());
        }
        Err(Misuse::FrameTooLarge {
            method,
            len,
            frame_max,
        }
        .into())
    }

    /// From how many bytes of output on nothing more may be added.
    #[inline]
    pub(super) fn is_output_full(&self) -> bool {
        self.output.len() >= self.config.output_high_water.max(1)
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
pub(super) struct Deadlines(BinaryHeap<Reverse<(Instant, CallId)>>);

impl Deadlines {
    pub(super) fn add(&mut self, deadline: Option<Instant>, channel: ChannelKey, number: u64) {
        if let Some(deadline) = deadline {
            self.0.push(Reverse((deadline, CallId { channel, number })));
        }
    }

    pub(super) fn next(&self) -> Option<(Instant, CallId)> {
        self.0.peek().map(|Reverse(entry)| *entry)
    }

    pub(super) fn drop_next(&mut self) {
        self.0.pop();
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
