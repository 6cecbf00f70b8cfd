//! The blocking style, with a thread that drives the connection.

use std::error::Error;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use pika::amqp::basic;
use pika::blocking::{Connection, Publisher, Subscription, SubscriptionEvent, background};
use pika::config::Config;

use super::{Options, PREFETCH, REST, Received, Sent, WINDOW, topology};

/// How often threads look at what others have done.
const STEP: Duration = Duration::from_millis(100);

/// Publishes and consumes. Returns what was sent and received, and how often the connection came back.
pub(super) fn run(
    config: Config,
    options: &Options,
) -> Result<(Sent, Received, u64), Box<dyn Error>> {
    let connection = background::open(config)?;
    connection.keep(topology(options))?;
    let consume = basic::Consume::new(&options.queue);
    let subscription = connection.subscribe(consume).prefetch(PREFETCH).open()?;
    let publisher = connection
        .publisher()
        .window(WINDOW)
        .deadline(REST)
        .open()?;

    let total = OnceLock::new();
    thread::scope(|scope| {
        let consuming = scope.spawn(|| consume_all(subscription, &total));
        let reconnects = scope.spawn(|| count_reconnects(&connection));
        let sent = publish_all(&publisher, options, &total);
        let received = consuming.join().map_err(|_| "the consumer panicked")?;
        connection.close()?;
        let reconnects = reconnects.join().map_err(|_| "the watch panicked")?;
        Ok((sent?, received?, reconnects))
    })
}

fn publish_all(
    publisher: &Publisher,
    options: &Options,
    total: &OnceLock<u64>,
) -> Result<Sent, pika::Error> {
    let sent = publish_numbers(publisher, options, total);
    // Also after an error the consumer has to know that no more comes.
    total.get_or_init(|| 0);
    sent
}

fn publish_numbers(
    publisher: &Publisher,
    options: &Options,
    total: &OnceLock<u64>,
) -> Result<Sent, pika::Error> {
    let persistent = basic::Properties::new().persistent();
    let start = Instant::now();
    let mut confirms = Vec::new();
    for number in 1..=options.messages {
        if options.time.is_some_and(|time| start.elapsed() >= time) {
            break;
        }
        if let Some(rate) = options.rate {
            let due = Duration::from_secs_f64(number as f64 / rate);
            thread::sleep(due.saturating_sub(start.elapsed()));
        }
        let body = number.to_be_bytes().to_vec();
        let confirm = publisher.publish("", &options.queue, (&persistent, body));
        confirms.push(confirm.map_err(|refused| refused.error)?);
    }
    let published = *total.get_or_init(|| confirms.len() as u64);
    publisher.flush(REST)?;
    let mut acked = 0;
    for confirm in confirms {
        acked += u64::from(confirm.wait()?.is_acked());
    }
    Ok(Sent { published, acked })
}

/// Receives until all numbers are there that were published, or none came for long after that.
fn consume_all(
    mut subscription: Subscription,
    total: &OnceLock<u64>,
) -> Result<Received, pika::Error> {
    let mut received = Received::default();
    let mut last = Instant::now();
    while !received.is_all(total.get().copied()) {
        match subscription.next_event_within(STEP)? {
            Some(SubscriptionEvent::Delivery(delivery)) => {
                last = Instant::now();
                if let Some(number) = delivery.body().first_chunk() {
                    received.take(u64::from_be_bytes(*number));
                }
                delivery.ack()?;
            }
            Some(SubscriptionEvent::Gap { away, .. }) => received.gap(away),
            Some(_) => {}
            None if total.get().is_some() && last.elapsed() >= REST => break,
            None => {}
        }
    }
    Ok(received)
}

/// Counts how often the connection came back.
fn count_reconnects(connection: &Connection) -> u64 {
    let mut changes = connection.status_changes();
    let (mut reconnects, mut is_away) = (0, false);
    loop {
        let Some(status) = changes.next_within(STEP) else {
            continue;
        };
        eprintln!("{status}");
        if status.is_stopped() {
            return reconnects;
        }
        if status.is_open() {
            reconnects += u64::from(is_away);
        }
        is_away = !status.is_open();
    }
}
