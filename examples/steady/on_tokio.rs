//! The asynchronous style, on tokio.

use std::error::Error;
use std::time::{Duration, Instant};

use pika::amqp::basic;
use pika::config::Config;
use pika::tokio::{Connection, Publisher, Subscription, SubscriptionEvent};
use tokio::sync::watch;

use super::{Options, PREFETCH, REST, Received, Sent, WINDOW, topology};

/// Publishes and consumes. Returns what was sent and received, and how often the connection came back.
#[tokio::main]
pub(super) async fn run(
    config: Config,
    options: &Options,
) -> Result<(Sent, Received, u64), Box<dyn Error>> {
    let connection = Connection::open(config).await?;
    connection.keep(topology(options)).await?;
    let consume = basic::Consume::new(&options.queue);
    let subscription = connection
        .subscribe(consume)
        .prefetch(PREFETCH)
        .open()
        .await?;
    let publisher = connection
        .publisher()
        .window(WINDOW)
        .deadline(REST)
        .open()
        .await?;

    let (published, total) = watch::channel(None);
    let consuming = tokio::spawn(consume_all(subscription, total));
    let reconnects = tokio::spawn(count_reconnects(connection.clone()));
    let sent = publish_all(&publisher, options, published).await?;
    let received = consuming.await??;
    connection.close().await?;
    Ok((sent, received, reconnects.await?))
}

async fn publish_all(
    publisher: &Publisher,
    options: &Options,
    published: watch::Sender<Option<u64>>,
) -> Result<Sent, Box<dyn Error>> {
    let persistent = basic::Properties::new().persistent();
    let start = Instant::now();
    let mut confirms = Vec::new();
    for number in 1..=options.messages {
        if options.time.is_some_and(|time| start.elapsed() >= time) {
            break;
        }
        if let Some(rate) = options.rate {
            let due = Duration::from_secs_f64(number as f64 / rate);
            // A sleep takes a millisecond, however short.
            if let Some(ahead) = due.checked_sub(start.elapsed()) {
                tokio::time::sleep(ahead).await;
            }
        }
        let body = number.to_be_bytes().to_vec();
        let confirm = publisher
            .publish("", &options.queue, (&persistent, body))
            .await;
        confirms.push(confirm.map_err(|refused| refused.error)?);
    }
    let count = confirms.len() as u64;
    published.send(Some(count))?;
    publisher.flush(REST).await?;
    let mut acked = 0;
    for confirm in confirms {
        acked += u64::from(confirm.await.is_acked());
    }
    Ok(Sent {
        published: count,
        acked,
    })
}

/// Receives until all numbers are there that were published, or none came for long after that.
async fn consume_all(
    mut subscription: Subscription,
    mut total: watch::Receiver<Option<u64>>,
) -> Result<Received, pika::Error> {
    let mut received = Received::default();
    loop {
        let known = *total.borrow_and_update();
        if received.is_all(known) {
            break;
        }
        let event = tokio::select! {
            event = subscription.next_event() => event?,
            Ok(()) = total.changed() => continue,
            () = tokio::time::sleep(REST), if known.is_some() => break,
        };
        match event {
            Some(SubscriptionEvent::Delivery(delivery)) => {
                if let Some(number) = delivery.body().first_chunk() {
                    received.take(u64::from_be_bytes(*number));
                }
                delivery.ack()?;
            }
            Some(SubscriptionEvent::Gap { away, .. }) => {
                received.gap(away);
            }
            Some(_) => {}
            None => break,
        }
    }
    Ok(received)
}

/// Counts how often the connection came back.
async fn count_reconnects(connection: Connection) -> u64 {
    let mut changes = connection.status_changes();
    drop(connection);
    let (mut reconnects, mut is_away) = (0, false);
    while let Some(status) = changes.next().await {
        eprintln!("{status}");
        if status.is_open() {
            reconnects += u64::from(is_away);
        }
        is_away = !status.is_open();
    }
    reconnects
}
