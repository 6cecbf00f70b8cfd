//! Credentials that expire while the connection is open.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pika::config::{Config, Credentials};
use pika::connection::Event;
use pika::error::Cause;

use super::{V, connection};
use crate::kit::{Dialogue, SECOND, TUNE, quiet};

/// Settings whose provider returns `token 1`, `token 2` and so on, or fails where `fails` says so.
fn expiring(life: Duration, fails: impl Fn(u32) -> bool + Send + Sync + 'static) -> Config {
    let asked = Arc::new(AtomicU32::new(1));
    let mut config = quiet().credentials_provider(move || {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        match fails(number) {
            true => Err(io::Error::other("no token today")),
            false => Ok(Credentials::new("app", format!("token {number}")).expires_in(life)),
        }
    });
    config.credentials = Credentials::new("app", "token 0").expires_in(life);
    config
}

fn replaced(number: u32) -> connection::UpdateSecret {
    connection::UpdateSecret::new(format!("token {number}"), "the secret expires")
}

#[test]
fn a_secret_is_replaced_at_four_fifths_of_its_life_each_time() {
    let mut it = Dialogue::<V>::open_with(expiring(100 * SECOND, |_| false), TUNE);
    for number in 1..=3 {
        it.wait(79 * SECOND);
        it.hears_nothing();
        it.wait(SECOND);
        it.hears(0, replaced(number));
        it.says(0, connection::UpdateSecretOk::new());
        it.no_event();
    }
}

#[test]
fn a_provider_that_fails_is_asked_again_and_ends_nothing() {
    let fails = |number| number <= 6;
    let mut it = Dialogue::<V>::open_with(expiring(100 * SECOND, fails), TUNE);
    // After half of the time that is left, and at least a second, also when the secret has expired.
    for millis in [80_000, 10_000, 5000, 2500, 1250, 1000] {
        it.hears_nothing();
        it.no_event();
        it.wait(Duration::from_millis(millis));
        let Event::CredentialsFailed { reason } = it.event() else {
            panic!("the failure is reported");
        };
        assert_eq!(reason, "no token today");
    }
    it.wait(SECOND);
    it.hears(0, replaced(7));
    it.says(0, connection::UpdateSecretOk::new());
    it.no_event();
}

#[test]
fn a_secret_that_fits_in_no_frame_is_a_failure_of_its_provider() {
    let mut config = quiet().credentials_provider(|| {
        Ok(Credentials::new("app", "x".repeat(200_000)).expires_in(10 * SECOND))
    });
    config.credentials = Credentials::new("app", "token").expires_in(10 * SECOND);
    let mut it = Dialogue::<V>::open_with(config, TUNE);
    it.wait(8 * SECOND);
    let Event::CredentialsFailed { reason } = it.event() else {
        panic!("the failure is reported");
    };
    assert!(reason.contains("200"), "{reason}");
    it.hears_nothing();
}

#[test]
fn a_secret_that_the_server_does_not_answer_for_ends_the_connection() {
    let config = expiring(10 * SECOND, |_| false).rpc_timeout(SECOND);
    let mut it = Dialogue::<V>::open_with(config, TUNE);
    it.wait(8 * SECOND);
    it.hears(0, replaced(1));
    it.wait(2 * SECOND);
    assert!(matches!(it.closed().cause, Cause::TimedOut(_)));
}
