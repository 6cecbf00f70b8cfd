//! Publishes the numbers 1 to N and consumes them in the same process, whatever happens to the brokers meanwhile.
//!
//! ```text
//! cargo run --release --example steady -- --messages 100000 --rate 2000
//! ```
//!
//! | flag | meaning | default |
//! |---|---|---|
//! | `--messages N` | how many numbers | 1000 |
//! | `--rate R` | how many a second | as fast as confirms come |
//! | `--seconds S` | when to stop publishing, if that comes first | never |
//! | `--url URL` | a broker; several are the hosts of one cluster | `AMQP_URL`, or a broker in this process |
//! | `--queue NAME` | a durable queue | `steady` |
//! | `--quorum` | makes it a quorum queue | classic |
//! | `--delay MS` | longest delay between attempts to connect | 200, doubled up to 5000 |
//! | `--probe` | measures how much later than a client that asks every 10 ms the consumer goes on | no |
//! | `--style STYLE` | `tokio`, which needs the feature `tokio`, or `blocking` | `tokio` where it can |
//!
//! The connection is opened once. At the end it prints one line of JSON. The exit status is 0 if the broker
//! acknowledged all numbers and all were received, in order and with no more duplicates than gaps explain.

mod blocking;
#[cfg(feature = "tokio")]
mod on_tokio;
mod probe;

use std::collections::HashSet;
use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use pika::amqp::queue;
use pika::config::{Config, Endpoint};
use pika::recovery::{Recovery, Topology};
use pika::table;

const WINDOW: usize = 1000;
const PREFETCH: u16 = 100;

/// How long to wait for what is still under way at the end.
const REST: Duration = Duration::from_secs(120);

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::parse()?;
    let (url, _embedded) = match options.urls.first() {
        Some(url) => (url.clone(), None),
        None => pika_examples::broker()?,
    };
    let config = config(&url, &options)?;
    let probe = options.probe.then(|| probe::Probe::start(&config));
    let (sent, received, reconnects) = match options.style.as_deref() {
        #[cfg(feature = "tokio")]
        None | Some("tokio") => on_tokio::run(config, &options)?,
        #[cfg(not(feature = "tokio"))]
        None => blocking::run(config, &options)?,
        Some("blocking") => blocking::run(config, &options)?,
        Some(other) => {
            return Err(format!("this build does not have the style {other}").into());
        }
    };
    let resumed = probe.map(|probe| probe.delays(&received.resumed));
    Ok(report((&sent, &received, reconnects), resumed))
}

fn config(url: &str, options: &Options) -> Result<Config, Box<dyn Error>> {
    let config = Config::from_uri(url)?;
    let mut hosts = vec![Endpoint::new(config.host.clone(), config.port)];
    for other in options.urls.iter().skip(1) {
        let other = Config::from_uri(other)?;
        hosts.push(Endpoint::new(other.host, other.port));
    }
    let first = options.delay.unwrap_or(Duration::from_millis(200));
    let longest = options.delay.unwrap_or(Duration::from_secs(5));
    let recovery = Recovery::new().delays(first, longest).including_first();
    Ok(config
        .hosts(hosts)
        .connection_name("steady")
        .recovery(recovery))
}

/// The queue that has to exist.
fn topology(options: &Options) -> Topology {
    let declare = queue::Declare::new(&options.queue).durable(true);
    // When nodes are lost, messages of a quorum queue of RabbitMQ 4.3 come out of order unless one consumer is active
    // at a time.
    let arguments = match options.quorum {
        true => table! {"x-queue-type" => "quorum", "x-single-active-consumer" => true},
        false => table! {"x-queue-type" => "classic"},
    };
    Topology::new().with(declare.arguments(arguments))
}

/// What was published, and how much of it the broker has.
struct Sent {
    published: u64,
    acked: u64,
}

/// What was received.
struct Received {
    numbers: HashSet<u64>,
    highest: u64,
    is_in_order: bool,
    duplicates: u64,
    gaps: u64,
    longest_gap: Duration,
    is_after_gap: bool,
    /// When the first message after each gap came.
    resumed: Vec<Instant>,
}

impl Received {
    fn take(&mut self, number: u64) {
        if std::mem::take(&mut self.is_after_gap) {
            self.resumed.push(Instant::now());
        }
        if !self.numbers.insert(number) {
            self.duplicates += 1;
            return;
        }
        if number <= self.highest {
            eprintln!("out of order: {number} came after {}", self.highest);
            self.is_in_order = false;
        }
        self.highest = self.highest.max(number);
    }

    fn gap(&mut self, away: Duration) {
        self.gaps += 1;
        self.is_after_gap = true;
        eprintln!(
            "gap of {away:?}, {} received, the highest is {}",
            self.numbers.len(),
            self.highest
        );
        self.longest_gap = self.longest_gap.max(away);
    }

    /// Whether all numbers are there that were published, once that is known.
    fn is_all(&self, total: Option<u64>) -> bool {
        total.is_some_and(|total| self.numbers.len() as u64 >= total)
    }
}

impl Default for Received {
    fn default() -> Self {
        Self {
            numbers: HashSet::new(),
            highest: 0,
            is_in_order: true,
            duplicates: 0,
            gaps: 0,
            longest_gap: Duration::ZERO,
            is_after_gap: false,
            resumed: Vec::new(),
        }
    }
}

fn report(
    (sent, received, reconnects): (&Sent, &Received, u64),
    resumed: Option<serde_json::Value>,
) -> ExitCode {
    let Sent { published, acked } = *sent;
    let distinct = received.numbers.len() as u64;
    let mut report = serde_json::json!({
        "published": published,
        "acked": acked,
        "received_distinct": distinct,
        "missing": published.saturating_sub(distinct),
        "duplicates": received.duplicates,
        "gaps": received.gaps,
        "longest_gap_ms": received.longest_gap.as_millis() as u64,
        "reconnects": reconnects,
    });
    if let (Some(resumed), Some(report)) = (resumed, report.as_object_mut()) {
        report.insert("resumed_after_probe_ms".to_owned(), resumed);
    }
    println!("{report}");
    let most = (received.gaps + reconnects) * (WINDOW as u64 + u64::from(PREFETCH));
    let is_well = acked == published
        && distinct == published
        && received.is_in_order
        && received.duplicates <= most;
    ExitCode::from(u8::from(!is_well))
}

struct Options {
    messages: u64,
    rate: Option<f64>,
    time: Option<Duration>,
    urls: Vec<String>,
    queue: String,
    quorum: bool,
    delay: Option<Duration>,
    probe: bool,
    style: Option<String>,
}

impl Options {
    fn parse() -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            messages: 1000,
            rate: None,
            time: None,
            urls: Vec::new(),
            queue: "steady".to_owned(),
            quorum: false,
            delay: None,
            probe: false,
            style: None,
        };
        let mut arguments = env::args().skip(1);
        while let Some(flag) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{flag} needs a value"));
            match flag.as_str() {
                "--messages" => options.messages = value()?.parse()?,
                "--rate" => options.rate = Some(value()?.parse()?),
                "--seconds" => options.time = Some(Duration::from_secs_f64(value()?.parse()?)),
                "--url" => options.urls.push(value()?),
                "--queue" => options.queue = value()?,
                "--quorum" => options.quorum = true,
                "--delay" => options.delay = Some(Duration::from_millis(value()?.parse()?)),
                "--probe" => options.probe = true,
                "--style" => options.style = Some(value()?),
                other => return Err(format!("unknown flag: {other}").into()),
            }
        }
        Ok(options)
    }
}
