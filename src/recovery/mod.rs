//! When to connect again, as policies without I/O, clock or chance of their own.
//!
//! No client here connects again by itself yet, so this is for programs that do. A program tells its
//! [`Strategy`] what happens to the connection, and asks it when to try again. Time is an argument,
//! and what chance has to decide is asked of a source that the program passes in, so a policy can be
//! tested to the millisecond.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use pika::error::{Error, TimedOut, Waiting};
//! use pika::recovery::{Simple, Strategy};
//!
//! let mut strategy = Simple::new(|| 0.5);
//! let now = Instant::now();
//! strategy.on_connect_attempt(now);
//! let after = Duration::from_secs(30);
//! let error = Error::from(TimedOut { waiting_for: Waiting::Connect, after });
//! strategy.on_connect_attempt_failure(&error, now);
//! assert_eq!(strategy.next_attempt(), Some(now + Duration::from_millis(1250)));
//! ```

mod strategy;

pub use strategy::{Null, Simple, Strategy};
