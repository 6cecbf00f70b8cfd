//! The standard library's primitives, apart from the line so that a model checker can replace them.

use std::time::Instant;

pub(super) use std::sync::atomic::{AtomicBool, Ordering};
pub(super) use std::sync::{Mutex, MutexGuard};
pub(super) use std::thread::{Thread, current};

/// Obeys a rule of the line; a model checker may leave one out.
macro_rules! rule {
    ($number:literal, $act:expr) => {
        $act
    };
}

pub(super) use rule;

/// Parks this thread. Returns `false` once the time has passed; may return `true` too early.
pub(super) fn park_until(until: Option<Instant>) -> bool {
    let Some(until) = until else {
        std::thread::park();
        return true;
    };
    let left = until.saturating_duration_since(Instant::now());
    if !left.is_zero() {
        std::thread::park_timeout(left);
    }
    !left.is_zero()
}
