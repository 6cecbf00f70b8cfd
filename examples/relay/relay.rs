//! One source and its targets, put together.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::time::Duration;

use pika::callbacks::Loop;
use pika::config::Config;
use pika::recovery::{Null, Simple, Strategy};
use pika::wire::ShortStr;

use super::link::{Link, Role};
use super::source::Source;
use super::target::Target;

#[derive(Clone)]
pub(crate) struct Options {
    /// The exchange to publish to; without one, messages go to the queue of the same name.
    pub(crate) exchange: Option<ShortStr>,
    /// What marks messages as relayed.
    pub(crate) app_id: ShortStr,
    pub(crate) prefetch: u16,
    /// The shortest and the longest wait before another attempt; none for one attempt only.
    pub(crate) delays: Option<(Duration, Duration)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            exchange: None,
            app_id: ShortStr::from_static("pika-relay"),
            prefetch: 100,
            delays: Some((Duration::from_secs(1), Duration::from_secs(30))),
        }
    }
}

/// N targets and one source: N + 1 connections in one loop.
pub(crate) struct Relay {
    links: Vec<Rc<Link>>,
    source: Rc<Source>,
}

impl Relay {
    /// Begins to relay in a loop.
    pub(crate) fn start(
        events: &Loop,
        (url, queue): (&str, &str),
        targets: &[String],
        options: &Options,
    ) -> pika::Result<Self> {
        let queue = ShortStr::new(queue)?;
        let mut ends: Vec<(String, Config, Rc<Target>)> = Vec::new();
        for (at, url) in targets.iter().enumerate() {
            let (name, config) = (format!("target {}", at + 1), config(url)?);
            let exchange = options.exchange.clone();
            let target = Target::new(&name, exchange, queue.clone(), events);
            ends.push((name, config, target));
        }
        let source = Rc::new(Source {
            queue,
            prefetch: options.prefetch,
            mark: options.app_id.clone(),
            targets: ends.iter().map(|(.., target)| target.clone()).collect(),
            counts: Cell::default(),
        });
        let config = config(url)?;
        let start = |name: &str, config, role: Rc<dyn Role>| {
            Link::start((name, config), events, strategy(options), role)
        };
        let mut links = vec![start("source", config, source.clone())];
        for (name, config, target) in ends {
            links.push(start(&name, config, target));
        }
        Ok(Self { links, source })
    }

    /// Whether one of the connections has ended for good.
    pub(crate) fn is_over(&self) -> bool {
        self.links.iter().any(|link| link.is_over())
    }

    /// How many messages were taken from the source, and how many passed over since they were
    /// relayed before.
    pub(crate) fn counts(&self) -> (u64, u64) {
        self.source.counts.get()
    }

    /// Closes all connections in good order.
    pub(crate) fn close(&self) {
        for link in &self.links {
            link.close();
        }
    }
}

/// Heartbeats and all else are as the URL says.
fn config(url: &str) -> pika::Result<Config> {
    Ok(Config::from_uri(url)?.connection_name("relay"))
}

fn strategy(options: &Options) -> Box<dyn Strategy> {
    match options.delays {
        Some((first, longest)) => Box::new(Simple::new(chance()).delays(first, longest)),
        None => Box::new(Null),
    }
}

/// Numbers from 0 up to 1, good enough to keep clients apart: a xorshift.
fn chance() -> impl FnMut() -> f64 {
    // Keys of a hash map are random.
    let mut state = RandomState::new().hash_one(()) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f64::from((state >> 32) as u32) / 2f64.powi(32)
    }
}
