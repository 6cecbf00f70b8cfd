//! The worker pool: queues, retries, shutdown.
//!
//! A job that fails is rejected and waits in `jobs.retry` until its time to live has passed, which
//! takes it back to `jobs`. After the last retry it goes to `jobs.dead`.

use std::time::Duration;

use pika::amqp::{basic, exchange, queue};
use pika::connection::{Outcome, Settled};
use pika::table;
use pika::tokio::{Channel, ConfirmingChannel, Connection, Delivery};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::job::{self, Job};

const MAX_RETRIES: u64 = 3;
const RETRY_DELAY_MS: i32 = 500;

pub(crate) async fn declare(channel: &Channel) -> pika::Result<()> {
    let exchange = exchange::Declare::new("jobs.dlx", "direct").durable(true);
    channel.exchange_declare(exchange).await?;
    let jobs = queue::Declare::new("jobs").durable(true).arguments(table! {
        "x-dead-letter-exchange" => "jobs.dlx",
        "x-dead-letter-routing-key" => "retry",
    });
    channel.queue_declare(jobs).await?;
    let retry = queue::Declare::new("jobs.retry")
        .durable(true)
        .arguments(table! {
            "x-message-ttl" => RETRY_DELAY_MS,
            "x-dead-letter-exchange" => "",
            "x-dead-letter-routing-key" => "jobs",
        });
    channel.queue_declare(retry).await?;
    let dead = queue::Declare::new("jobs.dead").durable(true);
    channel.queue_declare(dead).await?;
    for (queue, key) in [("jobs.retry", "retry"), ("jobs.dead", "dead")] {
        let bind = queue::Bind::new(queue, "jobs.dlx", key);
        channel.queue_bind(bind).await?;
    }
    Ok(())
}

/// Returns how often `jobs` has rejected the message before, from its `x-death` header.
fn rejections(properties: &basic::Properties) -> u64 {
    let headers = properties.headers.as_ref();
    let deaths = headers.and_then(|it| it.get("x-death")?.as_array());
    let counts = deaths.iter().flatten().filter_map(|death| {
        let death = death.as_table()?;
        let counts = death.get("queue")? == "jobs" && death.get("reason")? == "rejected";
        death.get("count")?.as_u64().filter(|_| counts)
    });
    counts.sum()
}

/// Works until `stop` is true, over as many connections as it takes.
pub(crate) async fn run(
    url: &str,
    workers: usize,
    mut stop: watch::Receiver<bool>,
) -> pika::Result<()> {
    while !*stop.borrow() {
        match work(url, workers, stop.clone()).await {
            Err(error) if error.is_retriable() && !*stop.borrow() => {
                eprintln!("{error}; trying again");
            }
            other => return other,
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), stop.wait_for(|it| *it)).await;
    }
    Ok(())
}

/// Works over one connection.
async fn work(url: &str, workers: usize, stop: watch::Receiver<bool>) -> pika::Result<()> {
    let connection = Connection::open(url).await?;
    declare(&connection.channel().await?).await?;
    let mut pool = JoinSet::new();
    for _ in 0..workers {
        pool.spawn(worker(connection.channel().await?, stop.clone()));
    }
    // An error drops the pool, which ends the other workers: their connection is broken too.
    while let Some(ended) = pool.join_next().await {
        ended.unwrap_or(Ok(()))?;
    }
    connection.close().await
}

async fn worker(channel: Channel, mut stop: watch::Receiver<bool>) -> pika::Result<()> {
    let channel = channel.confirming().await?;
    channel.basic_qos(basic::Qos::new(10)).await?;
    let mut jobs = channel.consume(basic::Consume::new("jobs")).await?;
    loop {
        let delivery = tokio::select! {
            biased;
            _ = stop.wait_for(|it| *it) => break,
            next = jobs.next() => next?,
        };
        let Some(delivery) = delivery else { break };
        settle(&channel, delivery).await?;
    }
    jobs.cancel().await?;
    channel.close().await
}

async fn settle(channel: &ConfirmingChannel, delivery: Delivery) -> pika::Result<Settled> {
    let properties = delivery.properties().unwrap_or_default();
    let attempt = rejections(&properties);
    let done = match Job::from_json(delivery.body()) {
        Ok(job) => job::handle(&job, attempt).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => delivery.ack(),
        Err(error) if attempt < MAX_RETRIES => {
            eprintln!("{error}; later again");
            delivery.reject(false)
        }
        Err(error) => {
            eprintln!("{error}; moved to jobs.dead");
            let dead = properties.body(delivery.shared_body()).mandatory();
            match channel.publish_confirmed("jobs.dlx", "dead", dead).await? {
                Outcome::Acked => delivery.ack(),
                outcome => {
                    eprintln!("jobs.dead: {outcome:?}");
                    delivery.reject(true)
                }
            }
        }
    }
}
