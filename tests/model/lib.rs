//! Checks the line of the blocking style, `callers/line.rs`, under many schedules of its threads: the
//! very file, compiled with the primitives of a model checker.
//!
//! A socket is a queue here. Only the holder of the reader takes from it, in a read that nothing but an
//! item ends. Each thread waits for an item of its own. Where a rule of the line is left out, some
//! schedule ends in a deadlock or leaves output behind.

#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic, and its helpers with it"
)]

mod room {
    pub(crate) mod callers {
        pub(crate) mod sync;

        #[path = "../../../../src/adapters/blocking/callers/line.rs"]
        #[allow(
            dead_code,
            reason = "the model has no time, and nothing that stops reading"
        )]
        mod line;
        pub(crate) mod world;
    }
}

use std::panic::catch_unwind;
use std::sync::{Mutex, PoisonError};

use room::callers::sync::leave_out;
use room::callers::world;

/// The rule that is left out belongs to the process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// How many schedules are tried of each kind.
const SCHEDULES: usize = 1500;

/// Fails if some schedule of the scenario does.
fn check(rule: u32, scenario: fn()) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    leave_out(rule);
    for depth in 1..=3 {
        shuttle::check_pct(scenario, SCHEDULES, depth);
    }
    shuttle::check_random(scenario, SCHEDULES);
}

fn fails(rule: u32, scenarios: &[fn()]) -> bool {
    let mut scenarios = scenarios.iter();
    scenarios.any(|scenario| catch_unwind(|| check(rule, *scenario)).is_err())
}

/// Numbers that are no rule leave none out.
const ALL_RULES: u32 = 0;

#[test]
fn two_threads_are_answered() {
    check(ALL_RULES, || world::all_are_answered(2));
}

#[test]
fn three_threads_are_answered() {
    check(ALL_RULES, || world::all_are_answered(3));
}

#[test]
fn four_threads_are_answered() {
    check(ALL_RULES, || world::all_are_answered(4));
}

#[test]
fn what_one_thread_does_wakes_another_while_a_third_reads() {
    check(ALL_RULES, world::a_local_event_wakes);
}

#[test]
fn all_that_is_sent_is_written() {
    check(ALL_RULES, || world::all_is_written(3));
}

#[test]
fn without_any_of_the_rules_some_schedule_fails() {
    let scenarios: [fn(); 5] = [
        || world::all_are_answered(2),
        || world::all_are_answered(3),
        || world::all_are_answered(4),
        world::a_local_event_wakes,
        || world::all_is_written(3),
    ];
    for rule in 1..=6 {
        assert!(fails(rule, &scenarios), "rule {rule} seems to be idle");
    }
}
