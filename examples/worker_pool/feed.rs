//! Jobs to try the pool with.

use pika::amqp::basic;
use pika::tokio::Connection;

use super::job::Job;
use super::pool;

/// Publishes jobs. Some fail at first, and every 20th fails always.
pub(crate) async fn feed(url: &str, count: u64) -> pika::Result<()> {
    let connection = Connection::open(url).await?;
    let channel = connection.channel().await?;
    pool::declare(&channel).await?;
    let properties = basic::Properties::new()
        .persistent()
        .content_type("application/json");
    for id in 0..count {
        let failures = match id % 20 {
            7 => 1,
            13 => 3,
            19 => 100,
            _ => 0,
        };
        let job = Job {
            id,
            millis: 100,
            failures,
        };
        let publish = basic::Publish::new("", "jobs");
        channel
            .basic_publish(&publish, &properties, job.to_json())
            .await?;
    }
    connection.close().await
}
