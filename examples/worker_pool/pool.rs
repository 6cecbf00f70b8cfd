//! The worker pool: queues, retries, shutdown.
//!
//! A job that fails is rejected and waits in `jobs.retry` until its time to live has passed, which
//! takes it back to `jobs`. After the last retry it goes to `jobs.dead`.

use std::time::Duration;

use pika::amqp::{Methods as _, basic, confirm, exchange, queue};
use pika::connection::Outcome;
use pika::table;
use pika::tokio::{Channel, Connection, Delivery};
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
    channel
        .queue_declare(queue::Declare::new("jobs.dead").durable(true))
        .await?;
    channel
        .queue_bind(queue::Bind::new("jobs.retry", "jobs.dlx", "retry"))
        .await?;
    channel
        .queue_bind(queue::Bind::new("jobs.dead", "jobs.dlx", "dead"))
        .await?;
    Ok(())
}

/// Returns how often `jobs` has rejected the message before, from its `x-death` header.
fn rejections(properties: &basic::Properties) -> u64 {
    let deaths = properties.headers.as_ref().and_then(|it| it.get("x-death"));
    let Some(deaths) = deaths.as_ref().and_then(|it| it.as_array()) else {
        return 0;
    };
    let counts = deaths.iter().filter_map(|death| {
        let death = death.ok()?;
        let death = death.as_table()?;
        let is = |name, text| death.get(name).is_some_and(|it| it.as_str() == Some(text));
        if !is("queue", "jobs") || !is("reason", "rejected") {
            return None;
        }
        u64::try_from(death.get("count")?.as_i64()?).ok()
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
    let mut result = Ok(());
    while let Some(ended) = pool.join_next().await {
        if let Ok(Err(error)) = ended {
            // The workers share the connection that broke.
            pool.abort_all();
            result = Err(error);
        }
    }
    result?;
    connection.close().await
}

async fn worker(channel: Channel, mut stop: watch::Receiver<bool>) -> pika::Result<()> {
    channel.confirm_select(confirm::Select::new()).await?;
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

async fn settle(channel: &Channel, delivery: Delivery) -> pika::Result<()> {
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
            let dead = basic::Publish::new("jobs.dlx", "dead").mandatory(true);
            let body = delivery.shared_body();
            match channel.publish_confirmed(&dead, &properties, body).await? {
                Outcome::Acked => delivery.ack(),
                outcome => {
                    eprintln!("jobs.dead: {outcome:?}");
                    delivery.reject(true)
                }
            }
        }
    }
}
