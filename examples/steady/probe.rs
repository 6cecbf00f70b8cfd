//! Another client, which asks every 10 ms whether the broker serves messages again.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pika::amqp::{basic, queue};
use pika::blocking::Connection;
use pika::config::Config;
use serde_json::{Value, json};

/// How often it asks.
const EACH: Duration = Duration::from_millis(10);

/// How long one attempt may take.
const LIMIT: Duration = Duration::from_millis(500);

pub(super) struct Probe(Arc<Mutex<Vec<Instant>>>);

impl Probe {
    /// Begins to ask, until the program ends.
    pub(super) fn start(config: &Config) -> Self {
        let answers = Arc::new(Mutex::new(Vec::new()));
        let (config, into) = (config.clone(), answers.clone());
        thread::spawn(move || {
            loop {
                // It fails as long as the node is away, and when it goes.
                let _away = ask(&config, &into);
                thread::sleep(EACH);
            }
        });
        Self(answers)
    }

    /// Returns how much later the consumer went on than the broker had answered here.
    pub(super) fn delays(&self, resumed: &[Instant]) -> Value {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The first is from before the first outage.
        let answers: Vec<Instant> = answers.iter().skip(1).copied().collect();
        let mut delays: Vec<u64> = Vec::new();
        for (at, answer) in answers.iter().enumerate() {
            let next = answers.get(at + 1);
            let is_its_own = |it: &&Instant| {
                let is_late_enough = **it + LIMIT >= *answer;
                is_late_enough && next.is_none_or(|next| **it + LIMIT < *next)
            };
            if let Some(resumed) = resumed.iter().find(is_its_own) {
                let delay = resumed.saturating_duration_since(*answer);
                delays.push(delay.as_millis() as u64);
            }
        }
        delays.sort_unstable();
        let share = |percent: usize| delays.get((delays.len() * percent).div_ceil(100).max(1) - 1);
        json!({"outages": delays.len(), "p50": share(50), "p99": share(99)})
    }
}

/// Waits for one message through the broker, notes when it came, and then waits for the end of the connection.
fn ask(config: &Config, answers: &Mutex<Vec<Instant>>) -> pika::Result<()> {
    let mut config = config
        .clone()
        .connect_timeout(LIMIT)
        .connection_name("probe");
    config.recovery = None;
    let connection = Connection::open(config)?;
    let channel = connection.channel()?;
    let queue = channel
        .queue_declare(queue::Declare::new("").exclusive(true))?
        .queue;
    let mut consumer = channel.consume(basic::Consume::new(queue.clone()).no_ack(true))?;
    channel.publish("", queue, "probe")?;
    if consumer.next()?.is_some() {
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.push(Instant::now());
    }
    consumer.next().map(drop)
}
