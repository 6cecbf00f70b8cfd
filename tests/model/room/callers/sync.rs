//! The primitives of the model checker, under the names of the standard library's.

use std::sync::atomic::AtomicU32;
use std::time::Instant;

pub(crate) use shuttle::sync::atomic::{AtomicBool, Ordering};
pub(crate) use shuttle::sync::{Mutex, MutexGuard};
pub(crate) use shuttle::thread::{Thread, current};

static LEFT_OUT: AtomicU32 = AtomicU32::new(0);

/// Leaves a rule of the line out from now on.
pub(crate) fn leave_out(rule: u32) {
    LEFT_OUT.store(rule, Ordering::SeqCst);
}

pub(crate) fn is_left_out(rule: u32) -> bool {
    LEFT_OUT.load(Ordering::SeqCst) == rule
}

/// Obeys a rule, unless it is left out.
macro_rules! rule {
    (6, $act:expr) => {{
        let done = $act;
        done || $crate::room::callers::sync::is_left_out(6)
    }};
    ($number:literal, $act:expr) => {
        if $crate::room::callers::sync::is_left_out($number) {
            Default::default()
        } else {
            $act
        }
    };
}

pub(crate) use rule;

/// Parks this thread. The model has no time.
pub(crate) fn park_until(_until: Option<Instant>) -> bool {
    shuttle::thread::park();
    true
}
