use std::fmt;
use std::time::{Duration, Instant};

use super::{Random, Recovery};
use crate::config::later;

/// Shortest delay between attempts, whatever chance says.
const SHORTEST: Duration = Duration::from_millis(10);

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
/// A failed attempt is reported with its failure. A connection that was open is reported closed, then
/// disconnected. Afterwards [`next_attempt`](Self::next_attempt) is asked; `None` ends the connection for
/// good. A close by the program is not reported: there is no attempt after it.
///
/// All methods must return at once, and must not use the connection: they are called while it is locked.
pub trait Strategy {
    /// Returns when to connect next; `None` while connected or connecting, and when there will be no
    /// further attempt.
    fn next_attempt(&self) -> Option<Instant>;

    /// Handles a failed attempt: the server could not be reached, or it refused.
    fn on_connect_attempt_failure(&mut self, failure: &Failure<'_>, now: Instant);

    /// Handles the loss of the transport of a connection that was open.
    fn on_transport_disconnected(&mut self, now: Instant);

    /// Returns whether there will be another attempt, should this connection end. Default: yes.
    fn can_reconnect(&self) -> bool {
        true
    }

    /// Handles the begin of an attempt, the `attempt`th since a connection was open, from 1 on.
    fn on_connect_attempt(&mut self, _attempt: u32, _now: Instant) {}

    /// Handles a transport that is connected; the handshake begins.
    fn on_transport_connected(&mut self, _now: Instant) {}

    /// Handles the end of the handshake.
    fn on_connection_open(&mut self, _now: Instant) {}

    /// Handles the close of a connection that was open; the transport may still exist.
    fn on_connection_closed(&mut self, _failure: &Failure<'_>, _now: Instant) {}
}

/// Why an attempt failed or a connection was lost.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// The error, a [`pika::Error`](crate::Error) or the [`Closed`](crate::error::Closed) in one.
    pub error: &'a (dyn std::error::Error + 'static),
    /// Whether a retry can help, as `Error::is_retriable` says. Otherwise it is a refusal: credentials,
    /// permissions, certificates, a version, a method that the server rejects.
    pub is_retriable: bool,
}

/// The text of the error, with a word where the peer has refused.
impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_retriable {
            true => fmt::Display::fmt(self.error, f),
            false => write!(f, "refused: {}", self.error),
        }
    }
}

/// Never connects again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

impl Strategy for Null {
    fn next_attempt(&self) -> Option<Instant> {
        None
    }

    fn can_reconnect(&self) -> bool {
        false
    }

    fn on_connect_attempt_failure(&mut self, _failure: &Failure<'_>, _now: Instant) {}

    fn on_transport_disconnected(&mut self, _now: Instant) {}
}

/// Waits before each attempt, with exponential back-off and full jitter.
///
/// The delay is random between 0 and the current maximum, but at least 10 ms, so that many clients of a
/// broker that restarts are spread. The maximum doubles with each attempt, and begins anew after a
/// connection that was open for longer than the last maximum, and after the first one: a broker that accepts connections and drops
/// them at once is not retried faster for that.
///
/// A first attempt that fails is not retried, unless [`Recovery::including_first`] says so. Refusals end a
/// first attempt in any case; after a connection was open they are retried at the longest delay for
/// [`Recovery::refused_for`].
#[derive(Clone)]
pub struct Simple {
    first: Duration,
    longest: Duration,
    attempts: Option<u32>,
    refused_for: Duration,
    including_first: bool,
    random: Random,
    /// Maximum of the next delay.
    delay: Duration,
    /// Failed attempts since a connection was open.
    failed: u32,
    was_open: bool,
    open_since: Option<Instant>,
    /// Since when all attempts were refused.
    refused_since: Option<Instant>,
    /// Whether the last failure was a refusal.
    is_refused: bool,
    next: Option<Instant>,
    given_up: bool,
}

impl Simple {
    /// Returns a strategy with the default settings of [`Recovery`].
    #[must_use]
    pub fn new() -> Self {
        Self::from(&Recovery::new())
    }

    fn schedule(&mut self, now: Instant) {
        let spent = self.attempts.is_some_and(|most| self.failed >= most);
        if self.given_up || spent {
            return self.give_up();
        }
        let most = match self.is_refused {
            true => self.longest,
            false => self.delay,
        };
        let random = mutant!("delays have no jitter", self.random.next(), 1.0);
        let shortest = mutant!("a delay can be nothing", SHORTEST, Duration::ZERO);
        let wait = most.mul_f64(random).max(shortest);
        self.next = Some(later(now, wait));
        self.delay = self.delay.saturating_mul(2).min(self.longest);
    }

    fn give_up(&mut self) {
        self.given_up = true;
        self.next = None;
    }

    /// Notes whether this was a refusal, and gives up over it where retrying was long enough.
    fn judge(&mut self, failure: &Failure<'_>, now: Instant) {
        self.is_refused = !failure.is_retriable;
        if failure.is_retriable {
            self.refused_since = None;
            return;
        }
        let since = *self.refused_since.get_or_insert(now);
        let waited = now.saturating_duration_since(since);
        let is_enough = mutant!(
            "refusals are retried for ever",
            waited >= self.refused_for,
            false
        );
        let is_first = mutant!("refusals are never retried", !self.was_open, true);
        if is_first || is_enough {
            self.give_up();
        }
    }
}

impl Default for Simple {
    fn default() -> Self {
        Self::new()
    }
}

impl From<&Recovery> for Simple {
    fn from(settings: &Recovery) -> Self {
        Self {
            first: settings.first_delay,
            longest: settings.longest_delay,
            attempts: settings.attempts,
            refused_for: settings.refused_for,
            including_first: settings.including_first,
            random: settings.random.clone(),
            delay: settings.first_delay,
            failed: 0,
            was_open: false,
            open_since: None,
            refused_since: None,
            is_refused: false,
            next: None,
            given_up: false,
        }
    }
}

impl Strategy for Simple {
    fn next_attempt(&self) -> Option<Instant> {
        self.next
    }

    fn can_reconnect(&self) -> bool {
        !self.given_up
    }

    fn on_connect_attempt(&mut self, _attempt: u32, _now: Instant) {
        self.next = None;
    }

    fn on_connect_attempt_failure(&mut self, failure: &Failure<'_>, now: Instant) {
        let retries_first = mutant!(
            "a first attempt is never retried",
            self.including_first,
            false
        );
        if !self.was_open && !retries_first {
            return self.give_up();
        }
        self.failed += 1;
        self.judge(failure, now);
        self.schedule(now);
    }

    fn on_transport_disconnected(&mut self, now: Instant) {
        let since = self.open_since.take();
        let open_for = since.map(|since| now.saturating_duration_since(since));
        if open_for.is_some_and(|time| time >= self.delay) {
            self.delay = self.first;
        }
        self.schedule(now);
    }

    fn on_connection_open(&mut self, now: Instant) {
        self.open_since = Some(now);
        if !std::mem::replace(&mut self.was_open, true) {
            // That the broker came late says nothing about later losses.
            self.delay = self.first;
        }
        self.failed = 0;
        self.next = None;
    }

    fn on_connection_closed(&mut self, failure: &Failure<'_>, now: Instant) {
        self.judge(failure, now);
    }
}

impl fmt::Debug for Simple {
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

    /// A strategy whose delays are their maximum.
    fn strategy(settings: Recovery) -> Simple {
        Simple::from(&settings.random(|| 1.0))
    }

    fn failure(is_retriable: bool) -> Failure<'static> {
        const ERROR: &fmt::Error = &fmt::Error;
        let error = ERROR;
        Failure {
            error,
            is_retriable,
        }
    }

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    /// The waits between attempts that all fail.
    fn waits(strategy: &mut Simple, count: usize, is_retriable: bool) -> Vec<f64> {
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for attempt in 1..=count {
            strategy.on_connect_attempt(u32::try_from(attempt).unwrap(), now);
            assert_eq!(strategy.next_attempt(), None);
            strategy.on_connect_attempt_failure(&failure(is_retriable), now);
            let Some(next) = strategy.next_attempt() else {
                break;
            };
            waits.push((next - now).as_secs_f64());
            now = next;
        }
        waits
    }

    fn lose(strategy: &mut Simple, is_retriable: bool, now: Instant) -> Option<Duration> {
        strategy.on_connection_closed(&failure(is_retriable), now);
        strategy.on_transport_disconnected(now);
        Some(strategy.next_attempt()? - now)
    }

    #[test]
    fn delays_double_up_to_the_longest() {
        let mut strategy = strategy(Recovery::new().including_first());
        let expected = [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0];
        assert_eq!(waits(&mut strategy, 7, true), expected);
    }

    #[test]
    fn jitter_covers_the_whole_delay_but_never_all_of_it() {
        let settings = Recovery::new().including_first();
        let mut none = Simple::from(&settings.clone().random(|| 0.0));
        assert_eq!(waits(&mut none, 3, true), [0.01; 3]);
        let mut half = Simple::from(&settings.random(|| 0.5));
        assert_eq!(waits(&mut half, 3, true), [0.5, 1.0, 2.0]);
        let random = Recovery::new().random;
        let numbers: Vec<f64> = (0..100).map(|_| random.next()).collect();
        assert!(numbers.iter().all(|it| (0.0..=1.0).contains(it)));
        let above = numbers.iter().filter(|it| **it > 0.5).count();
        assert!(
            (20..=80).contains(&above),
            "{above} of 100 above the middle"
        );
    }

    #[test]
    fn a_first_attempt_is_retried_only_on_request_and_never_when_refused() {
        assert_eq!(waits(&mut strategy(Recovery::new()), 1, true), []);
        let including_first = Recovery::new().including_first();
        assert_eq!(waits(&mut strategy(including_first), 1, false), []);
    }

    #[test]
    fn delays_begin_anew_only_after_a_connection_that_lasted() {
        let (start, mut strategy) = (Instant::now(), strategy(Recovery::new()));
        strategy.on_connection_open(start);
        let mut now = start;
        // A server that accepts connections and drops them at once.
        for expected in [1, 2, 4, 8] {
            assert_eq!(lose(&mut strategy, true, now), Some(seconds(expected)));
            now += seconds(expected);
            strategy.on_connection_open(now);
        }
        now += seconds(16);
        assert_eq!(lose(&mut strategy, true, now), Some(seconds(1)));
    }

    #[test]
    fn refusals_after_a_success_are_retried_slowly_for_a_limited_time() {
        let start = Instant::now();
        let mut strategy = strategy(Recovery::new().refused_for(seconds(100)));
        strategy.on_connection_open(start);
        assert_eq!(lose(&mut strategy, true, start), Some(seconds(1)));
        assert_eq!(waits(&mut strategy, 10, false), [30.0; 4]);
        assert!(!strategy.can_reconnect());
        assert_eq!(lose(&mut strategy, true, start), None, "given up for good");
    }

    #[test]
    fn attempts_can_be_limited() {
        let mut strategy = strategy(Recovery::new().including_first().attempts(3));
        assert_eq!(waits(&mut strategy, 5, true), [1.0, 2.0]);
    }

    #[test]
    fn the_null_strategy_never_connects_again() {
        let (now, mut strategy) = (Instant::now(), Null);
        strategy.on_connect_attempt_failure(&failure(true), now);
        strategy.on_transport_disconnected(now);
        let answers = (strategy.can_reconnect(), strategy.next_attempt());
        assert_eq!(answers, (false, None));
    }
}
