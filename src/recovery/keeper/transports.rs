//! The transports of a connection, one after another: when the next attempt begins, and with which hosts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Keeper, News, Next, Observed, Phase};
use crate::config::{Config, Endpoint};
use crate::connection::{Connection, later};
use crate::error::{Cause, Closed, Error, TransportEnd};
use crate::protocol::Protocol;

/// Shortest delay before an attempt, whatever the strategy says.
const SHORTEST_DELAY: Duration = Duration::from_millis(1);

/// Longest delay before another host is tried. It is random up to this, so that the clients of a node that
/// fails do not reach the next all at once.
const OTHER_HOST: Duration = Duration::from_millis(250);

impl<P: Protocol> Keeper<P> {
    /// Returns what the host has to do.
    pub(crate) fn next(&mut self, now: Instant) -> Next {
        match self.phase {
            Phase::Waiting(at) if at > now => Next::Wait(at),
            Phase::Waiting(_) => {
                self.phase = Phase::Dialling;
                self.attempt = self.attempt.saturating_add(1);
                self.strategy.on_connect_attempt(self.attempt, now);
                let attempt = self.attempt;
                self.observe(&Observed::Attempt { attempt });
                self.news.push_back(News::Status);
                Next::Dial
            }
            Phase::Dialling => Next::Dial,
            Phase::LoggingIn | Phase::Open => Next::Drive,
            Phase::Stopped(_) => Next::Stop,
        }
    }

    /// Returns the settings of the next transport: without the hosts that have just failed.
    pub(crate) fn config(&self) -> Config {
        let mut config = self.config.clone();
        if !self.failed_hosts.is_empty() {
            let mut left = self.hosts_left();
            if let Some(first) = left.next() {
                let others = left.collect();
                config.port = first.port.unwrap_or(config.port);
                config.host = first.host;
                config.other_hosts = others;
            }
        }
        config
    }

    fn hosts_left(&self) -> impl Iterator<Item = Endpoint> {
        let hosts = self.config.endpoints();
        hosts.filter(|host| !self.failed_hosts.contains(host))
    }

    /// The next transport is connected: `core` begins a new life on it.
    pub(crate) fn connected(&mut self, core: &mut Connection<P>, config: Config, now: Instant) {
        self.phase = Phase::LoggingIn;
        self.strategy.on_transport_connected(now);
        let (host, port) = (&*config.host, config.port);
        self.observe(&Observed::Connected { host, port });
        self.host = Some(Endpoint::new(host, port));
        core.succeed(config, now);
    }

    /// The next transport could not be opened.
    pub(crate) fn failed(&mut self, error: Error, now: Instant) {
        if matches!(self.phase, Phase::Dialling) {
            let reason = self.closed_over(error);
            self.attempt_failed(&reason, now);
        }
    }

    /// The core has closed. Returns whether the connection has ended with it.
    pub(super) fn closed(&mut self, reason: &Arc<Closed>, now: Instant) -> bool {
        let was_open = match self.phase {
            Phase::Open => true,
            Phase::LoggingIn => false,
            // What the core says whose transport was never opened.
            Phase::Waiting(_) | Phase::Dialling => return false,
            Phase::Stopped(_) => return true,
        };
        if std::mem::replace(&mut self.is_ready, false) {
            let lasted = now.saturating_duration_since(self.since);
            if lasted >= self.settings.first_delay {
                self.failed_hosts.clear();
            }
            self.since = now;
        }
        self.abort_declaring();
        self.lanes_away();
        let is_undriven = matches!(
            reason.cause,
            Cause::Transport {
                end: TransportEnd::Undriven,
                ..
            }
        );
        if reason.is_normal() || is_undriven {
            self.stop(reason);
        } else if was_open {
            self.lost(reason, now);
        } else if self.has_other_host(reason) {
            self.fails_over(reason, now);
        } else {
            self.attempt_failed(reason, now);
        }
        self.is_stopped()
    }

    /// The connection was open, and is lost.
    fn lost(&mut self, reason: &Arc<Closed>, now: Instant) {
        let failure = (&**reason).into();
        self.strategy.on_connection_closed(&failure, now);
        self.strategy.on_transport_disconnected(now);
        let next = match self.strategy.next_attempt() {
            Some(at) if self.has_other_host(reason) => Some(at.min(self.soon(now))),
            next => next,
        };
        if let Some(next_in) = self.schedule(reason, next, now) {
            self.observe(&Observed::Lost { failure, next_in });
        }
    }

    /// No host that was left to try could be connected or logged in to.
    fn attempt_failed(&mut self, reason: &Arc<Closed>, now: Instant) {
        self.failed_hosts.clear();
        let failure = (&**reason).into();
        self.strategy.on_connect_attempt_failure(&failure, now);
        let next = self.strategy.next_attempt();
        self.retry(reason, next, now);
    }

    /// A host was connected and did not let us in: another one is tried.
    fn fails_over(&mut self, reason: &Arc<Closed>, now: Instant) {
        let next = Some(self.soon(now));
        self.retry(reason, next, now);
    }

    fn retry(&mut self, reason: &Arc<Closed>, next: Option<Instant>, now: Instant) {
        let attempt = self.attempt;
        if let Some(next_in) = self.schedule(reason, next, now) {
            self.observe(&Observed::AttemptFailed {
                attempt,
                failure: (&**reason).into(),
                next_in,
            });
        }
    }

    /// Returns whether another host may be tried without the delay of the strategy. A strategy of the program
    /// decides about all delays, and a refusal is one of all hosts.
    fn has_other_host(&mut self, reason: &Closed) -> bool {
        let is_ours = self.settings.is_standard() && self.config.addresses.is_empty();
        let may_help = mutant!(
            "a refusal sends the login to the next host",
            reason.is_retriable(),
            true
        );
        if !is_ours || !may_help {
            return false;
        }
        let failed = mutant!("hosts are tried in a circle", self.host.take(), None);
        self.failed_hosts.extend(failed);
        let has_other = self.hosts_left().next().is_some();
        if !has_other {
            self.failed_hosts.clear();
        }
        mutant!(
            "another host is tried after the full delay",
            has_other,
            false
        )
    }

    /// When another host is tried.
    fn soon(&self, now: Instant) -> Instant {
        later(now, OTHER_HOST.mul_f64(self.settings.random.next()))
    }

    /// Waits for the next attempt, or stops. Returns the delay.
    fn schedule(
        &mut self,
        reason: &Arc<Closed>,
        next: Option<Instant>,
        now: Instant,
    ) -> Option<Duration> {
        let Some(at) = next else {
            self.stop(reason);
            return None;
        };
        // A strategy of the program must not make this spin.
        let soonest = later(now, SHORTEST_DELAY);
        let at = mutant!("the next attempt follows at once", at.max(soonest), now);
        self.phase = Phase::Waiting(at);
        self.attention = true;
        self.reason = Some(reason.clone());
        self.news.push_back(News::Status);
        Some(at.saturating_duration_since(now))
    }

    /// Connects now instead of waiting for the next attempt.
    pub(crate) fn reconnect(&mut self, now: Instant) {
        if let Phase::Waiting(at) = &mut self.phase {
            *at = mutant!("reconnecting by hand waits all the same", now.min(*at), *at);
            self.attention = true;
        }
    }
}
