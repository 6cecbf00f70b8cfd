//! Which address of which server to connect to next, and for how long.
//!
//! It is a state machine without I/O, like the connection: a host, which has sockets and a clock, asks
//! [`next`](Dial::next) what to do, does it, and reports the result. So every host tries the same
//! addresses in the same order, and reports the same when none answers.
//!
//! ```text
//!          ┌── found() ◀── look the name up
//!  next() ─┼── failed() ◀── try an address ──▶ connected: reached()
//!          └── wait for the attempts under way
//! ```
//!
//! - **Hosts** are tried in turn, in the order of [`Config::host_order`]. Each may take its share of what
//!   is left of [`Config::connect_timeout`].
//! - **Addresses** are those of [`Config::addresses`] in their order, else those that the name of the
//!   host has, looked up anew each time. What the system found is kept in its order of preference, but
//!   families take turns (RFC 8305, 4), so that a network without a way for one of them costs one
//!   attempt.
//! - **Time**: hosts that can have several attempts under way begin the next after 250 ms or when one has
//!   failed (RFC 8305, 5), and the first that succeeds wins. In others an address may take its share
//!   of the time of its host, so that one that never answers leaves time for the next.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::{Config, HostOrder};
use crate::connection::later;
use crate::error::{Tried, Unreachable};

#[cfg(test)]
mod tests;

/// How long an attempt is alone before the next begins beside it (RFC 8305, 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Connecting to a server, address by address.
#[derive(Debug)]
pub(crate) struct Dial {
    /// The hosts that are left to try.
    hosts: VecDeque<(String, u16)>,
    /// Addresses in place of those of the hosts.
    known: Vec<SocketAddr>,
    deadline: Instant,
    /// Whether several attempts may be under way at once.
    races: bool,
    current: Option<Current>,
    /// Why hosts could not be reached.
    failures: Vec<Unreachable>,
}

/// The host that is being tried.
#[derive(Debug)]
struct Current {
    failure: Unreachable,
    until: Instant,
    /// The addresses that are left to try, once they are known.
    left: Option<VecDeque<SocketAddr>>,
    /// Attempts that are under way, and since when.
    trying: Vec<(SocketAddr, Instant)>,
    /// When the next attempt may begin beside them.
    next_at: Instant,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Look up the name of the [host](Dial::host), then call [`Dial::found`].
    LookUp {
        /// When to give up.
        until: Instant,
    },
    /// Begin to connect to an address. If that fails, call [`Dial::failed`].
    Connect {
        /// The address.
        address: SocketAddr,
        /// When to give up.
        until: Instant,
    },
    /// Wait for one of the attempts under way to end.
    Wait {
        /// When to ask again.
        until: Instant,
    },
}

impl Dial {
    /// Begins to connect, where `races` says with several attempts at once.
    pub(crate) fn new(config: &Config, now: Instant, races: bool) -> Self {
        let mut hosts = VecDeque::from(hosts(config));
        // Addresses of the program are for the connection as a whole.
        if !config.addresses.is_empty() {
            hosts.truncate(1);
        }
        Self {
            hosts,
            known: config.addresses.clone(),
            deadline: later(now, config.connect_timeout),
            races,
            current: None,
            failures: Vec::new(),
        }
    }

    /// The name or address of the host that is being tried, and its port.
    pub(crate) fn host(&self) -> (&str, u16) {
        let current = self.current.as_ref();
        current.map_or(("", 0), |it| (&it.failure.host, it.failure.port))
    }

    /// Sets the host that was reached, so that its name is the one that is verified and shown.
    pub(crate) fn reached(&self, config: &mut Config) {
        if let Some(current) = &self.current {
            config.host.clone_from(&current.failure.host);
            config.port = current.failure.port;
        }
    }

    /// What to do next.
    ///
    /// # Errors
    /// When there is no address, or no time, left to try.
    pub(crate) fn next(&mut self, now: Instant) -> Result<Step, Arc<Unreachable>> {
        loop {
            let Some(current) = &mut self.current else {
                self.begin(now)?;
                continue;
            };
            let Some(left) = &mut current.left else {
                let until = current.until;
                return Ok(Step::LookUp { until });
            };
            let is_alone = current.trying.is_empty();
            let time = current.until.saturating_duration_since(now);
            let next = left.front().copied().filter(|_| !time.is_zero());
            let Some(address) = next else {
                if is_alone {
                    self.give_up_host();
                    continue;
                }
                let until = current.until;
                return Ok(Step::Wait { until });
            };
            let may_begin = is_alone || (self.races && now >= current.next_at);
            if !may_begin {
                let until = match self.races {
                    true => current.next_at.min(current.until),
                    false => current.until,
                };
                return Ok(Step::Wait { until });
            }
            let count = u32::try_from(left.len()).unwrap_or(u32::MAX);
            left.pop_front();
            current.trying.push((address, now));
            current.next_at = later(now, HEAD_START);
            let until = match self.races {
                true => current.until,
                false => now + time / count,
            };
            return Ok(Step::Connect { address, until });
        }
    }

    /// Begins with the next host.
    fn begin(&mut self, now: Instant) -> Result<(), Arc<Unreachable>> {
        let count = u32::try_from(self.hosts.len()).unwrap_or(u32::MAX);
        let time = self.deadline.saturating_duration_since(now);
        let next = self.hosts.pop_front();
        let Some((host, port)) = next else {
            return Err(self.error());
        };
        if time.is_zero() && self.known.is_empty() && !self.failures.is_empty() {
            // A look-up may take as long as it likes.
            self.failures.push(Unreachable::untried(host, port));
            return Ok(());
        }
        let left = match host.parse::<IpAddr>() {
            _ if !self.known.is_empty() => Some(self.known.clone().into()),
            Ok(address) => Some(VecDeque::from([(address, port).into()])),
            Err(_) => None,
        };
        self.current = Some(Current {
            failure: Unreachable::new(host, port),
            until: now + time / count,
            left,
            trying: Vec::new(),
            next_at: now,
        });
        Ok(())
    }

    fn give_up_host(&mut self) {
        if let Some(mut current) = self.current.take() {
            current.failure.untried = current.left.take().unwrap_or_default().into();
            self.failures.push(current.failure);
        }
    }

    /// Why none of the hosts could be reached.
    fn error(&self) -> Arc<Unreachable> {
        Arc::new(Unreachable::all(self.failures.clone()))
    }

    /// What looking the name up brought.
    pub(crate) fn found(&mut self, result: io::Result<Vec<SocketAddr>>) {
        if let Some(current) = &mut self.current {
            let found = result.unwrap_or_else(|error| {
                current.failure.lookup = Some(error.to_string());
                Vec::new()
            });
            current.left = Some(by_turns(found));
        }
    }

    /// An address that [`next`](Self::next) named cannot be connected to.
    pub(crate) fn failed(&mut self, address: SocketAddr, error: &io::Error, now: Instant) {
        let Some(current) = &mut self.current else {
            return;
        };
        let place = current.trying.iter().position(|(it, _)| *it == address);
        if let Some(place) = place {
            let (_, since) = current.trying.remove(place);
            let after = now.saturating_duration_since(since);
            current
                .failure
                .tried
                .push(Tried::new(address, error, after));
            // There is nothing to wait for.
            current.next_at = now;
        }
    }
}

/// Returns the hosts and their ports in the order in which they are tried.
pub(crate) fn hosts(config: &Config) -> Vec<(String, u16)> {
    let hosts = config.endpoints();
    let mut hosts: Vec<_> = hosts
        .map(|it| (it.host, it.port.unwrap_or(config.port)))
        .collect();
    if config.host_order == HostOrder::Shuffled && config.addresses.is_empty() {
        shuffle(&mut hosts);
    }
    hosts
}

/// Puts hosts into an order of chance. Keys of a hash map are random, which is all that this takes.
fn shuffle(hosts: &mut [(String, u16)]) {
    let random = RandomState::new();
    hosts.sort_by_cached_key(|host| random.hash_one(host));
}

/// Lets families take turns, beginning with that of the first address.
fn by_turns(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first = addresses.first().map(SocketAddr::is_ipv6);
    let (mut preferred, mut others) = (VecDeque::new(), VecDeque::new());
    for address in addresses {
        match Some(address.is_ipv6()) == first {
            true => preferred.push_back(address),
            false => others.push_back(address),
        }
    }
    let mut turns = VecDeque::with_capacity(preferred.len() + others.len());
    while !preferred.is_empty() || !others.is_empty() {
        turns.extend(preferred.pop_front());
        turns.extend(others.pop_front());
    }
    turns
}
