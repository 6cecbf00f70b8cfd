use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::handlers::{Handlers, Timers};
use crate::adapters::driver::{Driver, Moved};
use crate::adapters::session::Session;
use crate::adapters::transport::Transport;
use crate::connection::{Answer, CallId, ChannelKey, Connection as Core};
use crate::error::{Cause, Closed, Error, Forbidden, Result, TimedOut, TransportEnd, Waiting};
use crate::protocol::Protocol;
use crate::wire::Scope;

/// How long a write may wait before reading gets its turn.
///
/// A server that cannot get rid of what it has for us may stop to read; then only reading helps.
const WRITE_STEP: Duration = Duration::from_millis(20);

/// How often calls that need not wait look for what has come.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The connection behind all handles.
pub(super) struct Inner<P: Protocol> {
    pub(super) core: Core<P>,
    pub(super) session: Session<P>,
    pub(super) handlers: Handlers<P>,
    pub(super) timers: Timers,
    /// How many handles there are of each channel, clones counted as one.
    pub(super) handles: HashMap<ChannelKey, usize>,
    driver: Driver<Box<dyn Transport>>,
    last_look: Instant,
}

impl<P: Protocol> Inner<P> {
    pub(super) fn new(core: Core<P>, transport: Box<dyn Transport>) -> Self {
        Self {
            session: Session::new(&core),
            core,
            handlers: Handlers(HashMap::new()),
            timers: Timers::default(),
            handles: HashMap::new(),
            driver: Driver::new(transport),
            last_look: Instant::now(),
        }
    }

    /// Serves the connection until `ready` has something, or until the deadline.
    ///
    /// `ready` is asked each time something may have changed; it has to notice that the connection
    /// is closed, since nothing changes after that.
    pub(super) fn wait<T>(
        &mut self,
        until: Option<Instant>,
        mut ready: impl FnMut(&mut Self) -> Option<Result<T>>,
    ) -> Option<Result<T>> {
        loop {
            let now = Instant::now();
            self.core.handle_timeout(now);
            self.absorb();
            if let Some(result) = ready(self) {
                return Some(result);
            }
            if until.is_some_and(|until| now >= until) {
                return None;
            }
            if let Some(reason) = self.session.closed() {
                return Some(Err(reason.clone().into()));
            }
            let next = self.core.poll_timeout().into_iter().chain(until).min();
            self.turn(next.map(|next| next.saturating_duration_since(now)));
        }
    }

    /// Waits for the reply to a call.
    pub(super) fn reply(&mut self, call: CallId) -> Result<Answer<P>> {
        self.session.watch_call(call);
        let reply = self.wait(None, |inner| inner.session.reply(call));
        self.session.forget_call(call);
        reply.unwrap_or_else(|| Err(self.reason()))
    }

    /// Writes what waits and, now and then, handles what has come, without waiting for anything.
    pub(super) fn service(&mut self) {
        while self.core.wants_write() {
            match self.driver.write(&mut self.core, Some(WRITE_STEP)) {
                Moved::Some => {}
                Moved::Nothing | Moved::End => break,
            }
        }
        let now = Instant::now();
        if now >= self.last_look + LOOK_EVERY {
            self.last_look = now;
            self.look(now);
        }
        self.absorb();
    }

    /// Sorts what has happened. Of a closed connection the last bytes are written at once, since
    /// nobody may come to do it later.
    fn absorb(&mut self) {
        let was_open = self.session.closed().is_none();
        self.session.absorb(&mut self.core);
        if was_open && self.session.closed().is_some() {
            self.hang_up();
        }
    }

    /// Waits until there is room for more output.
    pub(super) fn make_room(&mut self) -> Result<()> {
        let config = self.core.config();
        let (low, high) = (config.output_low_water, config.output_high_water);
        if self.core.outgoing_len() < high {
            return Ok(());
        }
        let after = config.blocked_timeout;
        let until = after.map(|timeout| Instant::now() + timeout);
        let room = |inner: &mut Self| (inner.core.outgoing_len() <= low).then_some(Ok(()));
        let waiting_for = Waiting::Permission(Forbidden::OutputFull);
        let late = TimedOut {
            waiting_for,
            after: after.unwrap_or_default(),
        };
        self.wait(until, room).unwrap_or_else(|| Err(late.into()))
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

    /// Why nothing goes on here.
    pub(super) fn reason(&self) -> Error {
        match self.core.closed() {
            Some(reason) => reason.clone().into(),
            None => {
                let cause = Cause::Transport {
                    end: TransportEnd::Eof,
                    during: None,
                };
                Arc::new(Closed {
                    scope: Scope::Connection,
                    cause,
                })
                .into()
            }
        }
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
        // Somebody waits for what may stand behind a consumer's messages, so these are taken in
        // beyond their number, but not beyond their bytes. Then only time can pass.
        if self.core.closed().is_none() && self.session.is_overfull() {
            self.core.reading_paused(Instant::now());
            std::thread::sleep(wait.unwrap_or(WRITE_STEP).min(WRITE_STEP));
            return;
        }
        self.driver.read(&mut self.core, wait);
    }

    fn look(&mut self, now: Instant) {
        if self.session.is_full() {
            self.core.reading_paused(now);
        } else if self.driver.keeps_time() {
            while self.driver.read(&mut self.core, Some(Duration::ZERO)) == Moved::Some {
                self.absorb();
                if self.session.is_full() {
                    break;
                }
            }
        }
        self.core.handle_timeout(now);
    }
}
