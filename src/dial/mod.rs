//! Which address of a server to connect to next, and for how long.
//!
//! It is a state machine without I/O, like the connection: an adapter, which has sockets and a
//! clock, asks [`next`](Dial::next) what to do, does it, and reports the result. So every adapter tries the same
//! addresses in the same order for the same time, and says the same when none answers.
//!
//! ```text
//!          ┌── found() ◀── look the name up
//!  next() ─┤
//!          └── failed() ◀── try an address ──▶ connected: done
//! ```
//!
//! - **Addresses** are those of [`Config::addresses`] in their order, else those that the name of the
//!   host has. What the system found is kept in its order of preference, but families take turns
//!   (RFC 8305, 4), so that a network without a way for one of them costs one attempt.
//! - **Time**: an address may take its share of what is left of
//!   [`Config::connect_timeout`], so that one that never answers leaves time for the others.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::config::Config;
use crate::connection::later;
use crate::error::{Tried, Unreachable};

#[cfg(test)]
mod tests;

/// Connecting to a server, address by address.
#[derive(Debug)]
pub(crate) struct Dial {
    /// What is known so far of why it cannot be reached.
    failure: Unreachable,
    deadline: Instant,
    /// The addresses that are left to try, once they are known.
    left: Option<VecDeque<SocketAddr>>,
    /// What is being tried, and since when.
    trying: Option<(SocketAddr, Instant)>,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Look up the name of the host, then call [`Dial::found`].
    LookUp {
        /// When to give up.
        until: Instant,
    },
    /// Connect to an address. If that fails, call [`Dial::failed`].
    Connect {
        /// The address.
        address: SocketAddr,
        /// When to give up.
        until: Instant,
    },
}

impl Dial {
    /// Begins to connect.
    pub(crate) fn new(config: &Config, now: Instant) -> Self {
        let literal = config.host.parse::<IpAddr>();
        let known = match literal {
            _ if !config.addresses.is_empty() => Some(config.addresses.clone().into()),
            Ok(address) => Some(VecDeque::from([(address, config.port).into()])),
            Err(_) => None,
        };
        Self {
            failure: Unreachable::new(config.host.clone(), config.port),
            deadline: later(now, config.connect_timeout),
            left: known,
            trying: None,
        }
    }

    /// The name or address of the host, and the port.
    pub(crate) fn host(&self) -> (&str, u16) {
        (&self.failure.host, self.failure.port)
    }

    /// What to do next.
    ///
    /// # Errors
    /// When there is no address, or no time, left to try.
    pub(crate) fn next(&mut self, now: Instant) -> Result<Step, Unreachable> {
        let Some(left) = &mut self.left else {
            let until = self.deadline;
            return Ok(Step::LookUp { until });
        };
        let time = self.deadline.saturating_duration_since(now);
        let count = u32::try_from(left.len()).unwrap_or(u32::MAX);
        let Some(address) = left.front().copied().filter(|_| !time.is_zero()) else {
            self.failure.untried = left.drain(..).collect();
            return Err(self.failure.clone());
        };
        left.pop_front();
        self.trying = Some((address, now));
        let until = now + time / count;
        Ok(Step::Connect { address, until })
    }

    /// What looking the name up brought.
    pub(crate) fn found(&mut self, result: io::Result<Vec<SocketAddr>>) {
        let found = result.unwrap_or_else(|error| {
            self.failure.lookup = Some(error.to_string());
            Vec::new()
        });
        self.left = Some(by_turns(found));
    }

    /// The address that [`next`](Self::next) named cannot be connected to.
    pub(crate) fn failed(&mut self, error: &io::Error, now: Instant) {
        if let Some((address, since)) = self.trying.take() {
            let after = now.saturating_duration_since(since);
            self.failure.tried.push(Tried::new(address, error, after));
        }
    }
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
