//! When a connection is opened again after it was lost.
//!
//! [`Recovery`] has the settings. A [`Strategy`] makes the decision: [`Simple`] is the standard one, and
//! programs may write their own.

mod event;
mod strategy;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

pub use event::{AfterRefusal, ChannelPurpose, Event};
pub use strategy::{Failure, Null, Simple, Strategy};

/// How a connection recovers from the loss of its transport, for
/// [`Config::recovery`](super::Config::recovery).
///
/// ```
/// use std::time::Duration;
/// use pika::config::Config;
/// use pika::recovery::Recovery;
///
/// let recovery = Recovery::new()
///     .delays(Duration::from_millis(200), Duration::from_secs(10))
///     .including_first();
/// let config = Config::new().hosts(["a.example", "b.example"]).recovery(recovery);
/// # assert!(config.recovery.is_some());
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// Maximum delay before the first attempt. It doubles with each failed attempt. Default: 1 s.
    pub first_delay: Duration,
    /// Upper bound of the delay. Default: 30 s.
    pub longest_delay: Duration,
    /// Number of attempts after a connection is lost. Default: unlimited.
    pub attempts: Option<u32>,
    /// How long refusals that a retry does not normally help (credentials, permissions, certificates) are
    /// retried after a connection was open once. Default: 15 min, since a broker whose authentication
    /// backend is down refuses everybody.
    pub refused_for: Duration,
    /// Whether the first attempt is retried too, where the broker cannot be reached yet. Default: no.
    pub including_first: bool,
    /// Source of chance for the delays. Default: the keys that hash maps use.
    pub random: Random,
    /// Makes the strategy, in place of [`Simple`].
    strategy: Option<Maker>,
    /// Is told of each decision.
    observer: Option<Observer>,
}

impl Recovery {
    /// Returns the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum of the first delay and of all later ones. The longest is at least the first.
    #[must_use]
    pub fn delays(mut self, first: Duration, longest: Duration) -> Self {
        self.first_delay = first;
        self.longest_delay = longest.max(first);
        self
    }

    /// Sets the number of attempts after a connection is lost; `None` is unlimited.
    #[must_use]
    pub fn attempts(mut self, attempts: impl Into<Option<u32>>) -> Self {
        self.attempts = attempts.into();
        self
    }

    /// Sets how long refusals are retried after a connection was open once.
    #[must_use]
    pub const fn refused_for(mut self, time: Duration) -> Self {
        self.refused_for = time;
        self
    }

    /// Retries the first attempt too, for programs that may start before their broker.
    ///
    /// Refusals (credentials, virtual host, certificates) still end the first attempt with an error.
    #[must_use]
    pub const fn including_first(mut self) -> Self {
        self.including_first = true;
        self
    }

    /// Sets the source of chance: a function that returns numbers from 0 up to 1.
    #[must_use]
    pub fn random(mut self, random: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.random = Random(Some(Arc::new(random)));
        self
    }

    /// Lets a strategy of the program decide. `make` is called once for each connection that is opened.
    #[must_use]
    pub fn strategy<S: Strategy + Send + 'static>(
        mut self,
        make: impl Fn() -> S + Send + Sync + 'static,
    ) -> Self {
        self.strategy = Some(Maker(Arc::new(move || Box::new(make()))));
        self
    }

    /// Reports each decision to a function of the program: attempts, failures, what is declared and sent again.
    ///
    /// An event is displayed as a line for a log. The function must return at once, and must not use the
    /// connection: it is called while the connection is locked.
    ///
    /// ```
    /// use pika::recovery::Recovery;
    ///
    /// let recovery = Recovery::new().observer(|event| eprintln!("broker: {event}"));
    /// ```
    #[must_use]
    pub fn observer(mut self, observe: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer(Arc::new(observe)));
        self
    }

    /// Reports a decision.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(crate) fn observe(&self, event: &Event<'_>) {
        if let Some(Observer(observe)) = &self.observer {
            observe(event);
        }
    }

    /// Returns whether [`Simple`] decides.
    #[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
    pub(crate) const fn is_standard(&self) -> bool {
        self.strategy.is_none()
    }

    /// Makes the strategy.
    #[must_use]
    pub fn to_strategy(&self) -> Box<dyn Strategy + Send> {
        match &self.strategy {
            Some(Maker(make)) => make(),
            None => Box::new(Simple::from(self)),
        }
    }
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            first_delay: Duration::from_secs(1),
            longest_delay: Duration::from_secs(30),
            attempts: None,
            refused_for: Duration::from_secs(15 * 60),
            including_first: false,
            random: Random(None),
            strategy: None,
            observer: None,
        }
    }
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recovery")
            .field("first_delay", &self.first_delay)
            .field("longest_delay", &self.longest_delay)
            .field("attempts", &self.attempts)
            .field("refused_for", &self.refused_for)
            .field("including_first", &self.including_first)
            .finish_non_exhaustive()
    }
}

/// Source of chance for delays.
#[derive(Clone)]
pub struct Random(Option<Arc<dyn Fn() -> f64 + Send + Sync>>);

impl Random {
    /// Returns a number from 0 up to 1.
    #[must_use]
    pub fn next(&self) -> f64 {
        let number = match &self.0 {
            Some(random) => random(),
            // The keys of a hash map are random, which is all that spreading attempts takes.
            None => {
                let bits = RandomState::new().hash_one(()) >> 32;
                u32::try_from(bits).map_or(0.5, |bits| f64::from(bits) / f64::from(u32::MAX))
            }
        };
        number.clamp(0.0, 1.0)
    }
}

impl PartialEq for Random {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl Eq for Random {}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

/// Makes the strategies of a program.
#[derive(Clone)]
struct Maker(Arc<dyn Fn() -> Box<dyn Strategy + Send> + Send + Sync>);

impl PartialEq for Maker {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Maker {}

/// Is told of each decision of recovery.
#[derive(Clone)]
struct Observer(Arc<dyn Fn(&Event<'_>) + Send + Sync>);

impl PartialEq for Observer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Observer {}
