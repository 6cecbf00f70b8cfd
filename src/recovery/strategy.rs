use std::fmt;
use std::time::{Duration, Instant};

use crate::connection::later;
use crate::error::{Closed, Error};

/// Decides whether and when to connect again.
///
/// ```text
///          ┌──────────── on_connect_attempt ◀───────────────┐
///          ▼                                                │ next_attempt
///  on_transport_connected ──▶ on_connection_open            │
///          │                        │                       │
///          │               on_connection_closed             │
///          ▼                        ▼                       │
///  on_connect_attempt_failure   on_transport_disconnected ──┘
/// ```
///
/// Of an attempt that fails, the failure is told; of a connection that was open, the close and the
/// end of the transport. After each hook [`next_attempt`](Self::next_attempt) is asked again.
pub trait Strategy {
    /// Whether there will be another attempt, should this connection end.
    fn can_reconnect(&self) -> bool;

    /// When to connect next; none while connected or connecting, and when there will be no more.
    fn next_attempt(&self) -> Option<Instant>;

    /// An attempt begins.
    fn on_connect_attempt(&mut self, now: Instant);

    /// An attempt failed: the server could not be reached, or it refused.
    fn on_connect_attempt_failure(&mut self, error: &Error, now: Instant);

    /// The transport is connected; the handshake begins.
    fn on_transport_connected(&mut self, now: Instant);

    /// The transport of a connection that was open is no more.
    fn on_transport_disconnected(&mut self, now: Instant);

    /// The handshake is done.
    fn on_connection_open(&mut self, now: Instant);

    /// A connection that was open is closed, by whomever; the transport may still be there.
    fn on_connection_closed(&mut self, reason: &Closed, now: Instant);
}

/// Never connects again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

impl Strategy for Null {
    fn can_reconnect(&self) -> bool {
        false
    }

    fn next_attempt(&self) -> Option<Instant> {
        None
    }

    fn on_connect_attempt(&mut self, _now: Instant) {}

    fn on_connect_attempt_failure(&mut self, _error: &Error, _now: Instant) {}

    fn on_transport_connected(&mut self, _now: Instant) {}

    fn on_transport_disconnected(&mut self, _now: Instant) {}

    fn on_connection_open(&mut self, _now: Instant) {}

    fn on_connection_closed(&mut self, _reason: &Closed, _now: Instant) {}
}

/// Waits before each attempt, longer each time, and with a part left to chance, so that many
/// clients of a server that comes back do not all come at once.
///
/// An attempt is made after `delay * (1 + random * jitter)`; then `delay` grows by the multiplier up
/// to the longest. It is the first one again once a connection was open.
///
/// What trying again cannot help, such as a wrong password, ends it: see
/// [`Error::is_retriable`]. So does a close by the program itself.
pub struct Simple<R> {
    first: Duration,
    multiplier: f64,
    longest: Duration,
    jitter: f64,
    random: R,
    delay: Duration,
    next: Option<Instant>,
    given_up: bool,
}

impl<R: FnMut() -> f64> Simple<R> {
    /// Waits of 1 second, doubled each time up to 30 seconds, and up to half as long again.
    ///
    /// `random` gives numbers from 0 up to 1.
    pub const fn new(random: R) -> Self {
        let first = Duration::from_secs(1);
        Self {
            first,
            multiplier: 2.0,
            longest: Duration::from_secs(30),
            jitter: 0.5,
            random,
            delay: first,
            next: None,
            given_up: false,
        }
    }

    /// The shortest and the longest wait, without what is left to chance. Default: 1 and 30
    /// seconds.
    #[must_use]
    pub fn delays(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest.max(first);
        self.delay = first;
        self
    }

    /// How much longer each wait is than the one before. Default: 2. Less than 1 counts as 1.
    #[must_use]
    pub fn multiplier(mut self, multiplier: f64) -> Self {
        self.multiplier = if multiplier > 1.0 { multiplier } else { 1.0 };
        self
    }

    /// Which part of a wait is added at most, as chance has it. Default: 0.5. None is below 0.
    #[must_use]
    pub fn jitter(mut self, jitter: f64) -> Self {
        self.jitter = if jitter > 0.0 { jitter } else { 0.0 };
        self
    }

    fn schedule(&mut self, now: Instant) {
        if self.given_up {
            return;
        }
        let chance = (self.random)().clamp(0.0, 1.0);
        let wait = stretch(self.delay, 1.0 + chance * self.jitter);
        self.next = Some(later(now, wait));
        self.delay = stretch(self.delay, self.multiplier).min(self.longest);
    }

    fn give_up(&mut self) {
        self.given_up = true;
        self.next = None;
    }
}

/// `duration` times `factor`, at most some years.
fn stretch(duration: Duration, factor: f64) -> Duration {
    const MOST: f64 = 1e9;
    let seconds = duration.as_secs_f64() * factor;
    Duration::try_from_secs_f64(seconds.min(MOST)).unwrap_or(duration)
}

impl<R: FnMut() -> f64> Strategy for Simple<R> {
    fn can_reconnect(&self) -> bool {
        !self.given_up
    }

    fn next_attempt(&self) -> Option<Instant> {
        self.next
    }

    fn on_connect_attempt(&mut self, _now: Instant) {
        self.next = None;
    }

    fn on_connect_attempt_failure(&mut self, error: &Error, now: Instant) {
        match error.is_retriable() {
            true => self.schedule(now),
            false => self.give_up(),
        }
    }

    fn on_transport_connected(&mut self, _now: Instant) {}

    fn on_transport_disconnected(&mut self, now: Instant) {
        if self.next.is_none() {
            self.schedule(now);
        }
    }

    fn on_connection_open(&mut self, _now: Instant) {
        self.delay = self.first;
        self.next = None;
    }

    fn on_connection_closed(&mut self, reason: &Closed, _now: Instant) {
        if reason.is_normal() || !reason.is_retriable() {
            self.give_up();
        }
    }
}

impl<R> fmt::Debug for Simple<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simple")
            .field("delay", &self.delay)
            .field("next", &self.next)
            .field("given_up", &self.given_up)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Cause, TransportEnd};
    use crate::wire::{ReplyCode, Scope, ShortStr};

    fn broken() -> Error {
        std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into()
    }

    fn closed(cause: Cause) -> Closed {
        let scope = Scope::Connection;
        Closed::new(scope, cause)
    }

    fn seconds(n: f64) -> Duration {
        Duration::from_secs_f64(n)
    }

    /// The waits between attempts that all fail.
    fn waits<R: FnMut() -> f64>(strategy: &mut Simple<R>, count: usize) -> Vec<f64> {
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..count {
            strategy.on_connect_attempt(now);
            assert_eq!(strategy.next_attempt(), None);
            strategy.on_connect_attempt_failure(&broken(), now);
            let next = strategy.next_attempt().unwrap();
            waits.push((next - now).as_secs_f64());
            now = next;
        }
        waits
    }

    #[test]
    fn waits_grow_up_to_the_longest() {
        let expected = [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0];
        assert_eq!(waits(&mut Simple::new(|| 0.0), 7), expected);
    }

    #[test]
    fn chance_adds_its_part_to_each_wait() {
        assert_eq!(waits(&mut Simple::new(|| 1.0), 3), [1.5, 3.0, 6.0]);
        let mut odd = Simple::new(|| 7.0).delays(seconds(2.0), seconds(3.0));
        assert_eq!(waits(&mut odd, 3), [3.0, 4.5, 4.5]);
    }

    #[test]
    fn a_connection_that_was_open_begins_anew() {
        let mut strategy = Simple::new(|| 0.0);
        waits(&mut strategy, 4);
        let now = Instant::now();
        strategy.on_connect_attempt(now);
        strategy.on_transport_connected(now);
        strategy.on_connection_open(now);
        assert_eq!(strategy.next_attempt(), None);
        let end = TransportEnd::Eof;
        let cause = Cause::Transport { end, during: None };
        strategy.on_connection_closed(&closed(cause), now);
        strategy.on_transport_disconnected(now);
        assert_eq!(strategy.next_attempt(), Some(now + seconds(1.0)));
        assert!(strategy.can_reconnect());
    }

    #[test]
    fn what_trying_again_cannot_help_ends_it() {
        let now = Instant::now();
        let text = ShortStr::from_static("ACCESS_REFUSED");
        let (code, method) = (ReplyCode::ACCESS_REFUSED, None);
        let refused = std::sync::Arc::new(closed(Cause::Server { code, text, method }));
        let mut strategy = Simple::new(|| 0.0);
        strategy.on_connect_attempt(now);
        strategy.on_connect_attempt_failure(&refused.into(), now);
        assert!(!strategy.can_reconnect() && strategy.next_attempt().is_none());
        strategy.on_transport_disconnected(now);
        assert_eq!(strategy.next_attempt(), None);
    }

    #[test]
    fn the_programs_own_close_ends_it() {
        let (now, mut strategy) = (Instant::now(), Simple::new(|| 0.0));
        strategy.on_connection_open(now);
        let (code, text) = (ReplyCode::REPLY_SUCCESS, ShortStr::from_static("bye"));
        strategy.on_connection_closed(&closed(Cause::Local { code, text }), now);
        strategy.on_transport_disconnected(now);
        assert_eq!(
            (strategy.can_reconnect(), strategy.next_attempt()),
            (false, None)
        );
    }

    #[test]
    fn the_null_strategy_never_connects_again() {
        let (now, mut strategy) = (Instant::now(), Null);
        strategy.on_connect_attempt(now);
        strategy.on_connect_attempt_failure(&broken(), now);
        strategy.on_transport_disconnected(now);
        assert_eq!(
            (strategy.can_reconnect(), strategy.next_attempt()),
            (false, None)
        );
    }
}
