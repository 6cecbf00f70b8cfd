use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::handlers::{Action, Handlers};
use crate::adapters::driver::{Driver, Moved};
use crate::adapters::session::Session;
use crate::adapters::timers::Timers;
use crate::adapters::transport::Transport;
use crate::connection::{
    Answer, CallId, ChannelKey, Connection as Core, ConsumerId, Delivery, Ticket,
};
use crate::error::{Forbidden, Misuse, Result};
use crate::protocol::Protocol;

/// How long a write may wait before reading gets its turn.
///
/// A server that cannot get rid of what it has for us may stop to read; then only reading helps.
const WRITE_STEP: Duration = Duration::from_millis(20);

/// How long a write may wait where there is no time to wait.
const BRIEFLY: Duration = Duration::from_millis(1);

/// How long a call that need not wait may go on writing.
const SERVICE_AT_MOST: Duration = Duration::from_millis(100);

/// How often calls that need not wait look for what has come.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How much a look may read: as many of the largest reads, a mebibyte.
const READS_AT_A_LOOK: usize = 4;

/// The connection behind all handles.
pub(super) struct Inner<P: Protocol> {
    pub(super) core: Core<P>,
    pub(super) session: Session<P>,
    pub(super) handlers: Handlers<P>,
    pub(super) timers: Timers<Action>,
    /// Whether handlers run right now.
    pub(super) busy: bool,
    /// How many handles there are of each channel, clones counted as one.
    pub(super) handles: HashMap<ChannelKey, usize>,
    driver: Driver<Box<dyn Transport>>,
    last_look: Instant,
    /// How many bytes may wait before they are written without a call that waits.
    pub(super) hold: usize,
}

impl<P: Protocol> Inner<P> {
    pub(super) fn new(core: Core<P>, transport: Box<dyn Transport>) -> Self {
        Self {
            session: Session::new(&core),
            core,
            handlers: Handlers(HashMap::new()),
            timers: Timers::default(),
            busy: false,
            handles: HashMap::new(),
            driver: Driver::new(transport),
            last_look: Instant::now(),
            hold: 0,
        }
    }

    /// Serves the connection until `ready` has something, or until the deadline.
    ///
    /// Even without time to wait, what can be written and what has come is dealt with first, so
    /// that a program that only ever polls lives as well. `ready` is asked each time something may
    /// have changed.
    pub(super) fn wait<T>(
        &mut self,
        until: Option<Instant>,
        mut ready: impl FnMut(&mut Self) -> Option<Result<T>>,
    ) -> Option<Result<T>> {
        loop {
            self.catch_up();
            if let Some(result) = ready(self) {
                return Some(result);
            }
            if let Some(reason) = self.core.closed().filter(|_| self.session.is_over()) {
                return Some(Err(reason.clone().into()));
            }
            let now = Instant::now();
            if until.is_some_and(|until| now >= until) {
                return None;
            }
            let next = self.core.poll_timeout().into_iter().chain(until).min();
            self.turn(next.map(|next| next.saturating_duration_since(now)));
        }
    }

    /// As [`wait`](Self::wait), for what may stand behind messages that a consumer does not take:
    /// when no more of them may be kept, it ends with an error instead of waiting in vain.
    pub(super) fn wait_behind<T>(
        &mut self,
        until: Option<Instant>,
        mut ready: impl FnMut(&mut Self) -> Option<Result<T>>,
    ) -> Option<Result<T>> {
        self.wait(until, |inner| {
            ready(inner).or_else(|| inner.is_stalled().then_some(Err(Misuse::InboxFull.into())))
        })
    }

    /// Waits for the reply to a call.
    pub(super) fn reply(&mut self, call: CallId) -> Result<Answer<P>> {
        let reply = self.wait_behind(None, |inner| inner.core.take_reply(call));
        let reply = reply.unwrap_or_else(|| Err(Misuse::NotOpen.into()));
        if reply.is_err() {
            self.core.abandon(call, Instant::now());
        }
        reply
    }

    /// Writes what waits, and deals with what has come if that was not done lately, without
    /// waiting for anything but room to write. What is to be held back stays.
    #[inline]
    pub(super) fn service(&mut self) {
        if self.core.outgoing_len() < self.hold {
            return self.absorb();
        }
        self.write_and_look();
    }

    /// The next message for a consumer, if one is here and nothing else has to be done now.
    #[inline]
    pub(super) fn message_at_hand(&mut self, consumer: ConsumerId) -> Option<Delivery<P>> {
        let held = self.core.outgoing_len() < self.hold.max(1);
        if !held || Instant::now() >= self.last_look + LOOK_EVERY {
            return None;
        }
        self.session.next_delivery(consumer)
    }

    /// Writes what waits, what is held back too.
    pub(super) fn write_and_look(&mut self) {
        let end = Instant::now() + SERVICE_AT_MOST;
        while self.core.wants_write() && Instant::now() < end {
            if self.driver.write(&mut self.core, Some(WRITE_STEP)) != Moved::Some {
                break;
            }
        }
        self.catch_up();
    }

    /// Does what can be done without waiting, and then what is due.
    pub(super) fn catch_up(&mut self) {
        if self.core.wants_write() {
            self.driver.write(&mut self.core, Some(BRIEFLY));
        }
        let now = Instant::now();
        if now >= self.last_look + LOOK_EVERY {
            self.look(now);
        }
        // Only now: what has come may be the sign of life that is waited for.
        self.core.handle_timeout(Instant::now());
        self.absorb();
    }

    /// Sorts what has happened. Of a closed connection the last bytes are written at once, since
    /// nobody may come to do it later.
    fn absorb(&mut self) {
        let was_open = !self.session.is_over();
        self.session.absorb(&mut self.core);
        if was_open && self.session.is_over() {
            self.hang_up();
        }
    }

    /// Waits until there is room for more output.
    pub(super) fn make_room(&mut self, channel: ChannelKey) -> Result<()> {
        match self.core.refusal(None) {
            None => Ok(()),
            Some(_) => self.wait_to_send(channel, |core, ticket| Ok(core.refusal(ticket))),
        }
    }

    /// Waits until content may be sent.
    pub(super) fn wait_to_publish(&mut self, channel: ChannelKey) -> Result<()> {
        self.wait_to_send(channel, |core, ticket| {
            Ok(core.channel(channel)?.refusal(ticket))
        })
    }

    /// Waits until nothing is refused any more, but no longer than `Config::blocked_timeout`.
    fn wait_to_send(
        &mut self,
        channel: ChannelKey,
        refusal: impl Fn(&mut Core<P>, Option<Ticket>) -> Result<Option<Forbidden>>,
    ) -> Result<()> {
        let mut ticket = None;
        let permitted = self.wait_behind(None, |inner| {
            let core = &mut inner.core;
            match refusal(core, ticket) {
                Ok(None) => Some(Ok(())),
                Ok(Some(why)) => core
                    .wait_to_send(Some(channel), why, &mut ticket, Instant::now())
                    .err()
                    .map(Err),
                Err(error) => Some(Err(error)),
            }
        });
        self.core.leave_queue(&mut ticket);
        permitted.unwrap_or_else(|| Err(Misuse::NotOpen.into()))
    }

    /// Writes what can be written at once.
    pub(super) fn write_now(&mut self) {
        while self.core.wants_write() {
            if self.driver.write(&mut self.core, Some(Duration::ZERO)) != Moved::Some {
                break;
            }
        }
    }

    /// Writes what can be written at once, and ends the transport.
    pub(super) fn hang_up(&mut self) {
        self.write_now();
        self.driver.shut_down();
    }

    /// Whether so much waits for a consumer that nothing may be read.
    fn is_stalled(&self) -> bool {
        self.core.closed().is_none() && self.session.is_overfull()
    }

    /// Moves bytes once, in whichever direction goes.
    fn turn(&mut self, wait: Option<Duration>) {
        let mut wait = wait;
        if self.core.wants_write() {
            let step = wait.map_or(WRITE_STEP, |wait| wait.min(WRITE_STEP));
            match self.driver.write(&mut self.core, Some(step)) {
                Moved::Some | Moved::End => return,
                Moved::Nothing => wait = Some(step),
            }
        }
        if self.is_stalled() {
            // Only the consumer can help; until then time passes.
            self.core.reading_paused(Instant::now());
            std::thread::sleep(wait.unwrap_or(WRITE_STEP).min(WRITE_STEP));
            return;
        }
        self.driver.read(&mut self.core, wait);
        self.last_look = Instant::now();
    }

    /// Deals with what has come, but not for long: a server that sends without end must not keep a
    /// call from returning.
    fn look(&mut self, now: Instant) {
        self.last_look = now;
        if self.session.is_full() || !self.driver.keeps_time() {
            return self.core.reading_paused(now);
        }
        for _ in 0..READS_AT_A_LOOK {
            if self.driver.read(&mut self.core, Some(Duration::ZERO)) != Moved::Some {
                break;
            }
            self.absorb();
            self.write_now();
            if self.session.is_full() {
                break;
            }
        }
    }
}
