//! A connection that outlives its transports.
//!
//! The settings are [`Recovery`], for [`Config::recovery`](crate::config::Config::recovery). When to try
//! again is decided by a [`Strategy`], without I/O, clock or chance of its own, so that it can be tested to
//! the millisecond. Programs that connect again by themselves can use one too:
//!
//! ```
//! use std::time::{Duration, Instant};
//! use pika::error::{Error, TimedOut, Waiting};
//! use pika::recovery::{Failure, Recovery, Strategy};
//!
//! let mut strategy = Recovery::new().including_first().random(|| 0.5).to_strategy();
//! let now = Instant::now();
//! strategy.on_connect_attempt(1, now);
//! let after = Duration::from_secs(30);
//! let error = Error::from(TimedOut { waiting_for: Waiting::Connect, after });
//! let failure = Failure { error: &error, is_retriable: error.is_retriable() };
//! strategy.on_connect_attempt_failure(&failure, now);
//! assert_eq!(strategy.next_attempt(), Some(now + Duration::from_millis(500)));
//! ```

#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub(crate) mod keeper;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
mod ledger;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
mod status;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
mod topology;

pub use crate::config::recovery::{
    AfterRefusal, ChannelPurpose, Event, Failure, Null, Random, Recovery, Simple, Strategy,
};
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub use keeper::{OnCancel, Resend, Unresolved};
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub use status::Status;
#[cfg(any(feature = "asynchronous", feature = "blocking", feature = "callbacks"))]
pub use topology::{KeptTopology, OnRefused, Refusal, Topology};
