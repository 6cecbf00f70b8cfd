//! Work queues: tasks wait in a queue, and each goes to the first worker that is free.
//!
//! ```text
//! cargo run --example work_queues --features tokio                       # sends, and two workers
//! cargo run --example work_queues --features tokio -- work               # one of many workers
//! cargo run --example work_queues --features tokio -- send short longer...
//! ```
//!
//! Nothing is lost: queue and messages are durable, the server confirms each message, and a worker
//! acknowledges a task when it is done. If it is killed before, another one gets the task.

use std::env;
use std::error::Error;
use std::time::Duration;

use pika::amqp::{basic, queue};
use pika::broker::Server;
use pika::tokio::{Channel, Connection};
use tokio::time::{sleep, timeout};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = Server::unless_given("AMQP_URL")?;
    let connection = Connection::open(&url).await?;
    let (a_second, a_minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some("send") => send(&connection, &arguments.collect::<Vec<_>>()).await?,
        Some("work") => work(&connection, "this", a_minute).await?,
        _ => {
            let tasks = ["short", "longer..", "short", "short", "the longest..."];
            send(&connection, &tasks.map(String::from)).await?;
            let one = work(&connection, "one", a_second);
            let other = work(&connection, "the other", a_second);
            tokio::try_join!(one, other)?;
        }
    }
    Ok(connection.close().await?)
}

/// Opens a channel with the queue, which whoever comes first makes.
async fn open(connection: &Connection) -> pika::Result<Channel> {
    let channel = connection.channel().await?;
    let tasks = queue::Declare::new("tasks").durable(true);
    channel.queue_declare(tasks).await?;
    Ok(channel)
}

async fn send(connection: &Connection, tasks: &[String]) -> Result<(), Box<dyn Error>> {
    let channel = open(connection).await?.confirming().await?;
    let persistent = basic::Properties::new().persistent();
    for task in tasks {
        let message = persistent.clone().body(task).mandatory();
        channel.publish("", "tasks", message).await?.forget();
    }
    let failed = channel.wait_for_confirms(Duration::from_secs(30)).await?;
    if !failed.is_empty() {
        return Err(format!("to be sent again: {failed:?}").into());
    }
    Ok(channel.close().await?)
}

/// Does tasks until none comes for a while. Each dot in one is a tenth of a second of work.
async fn work(connection: &Connection, name: &str, patience: Duration) -> pika::Result<()> {
    let channel = open(connection).await?;
    channel.basic_qos(basic::Qos::new(1)).await?; // one task at a time
    let mut tasks = channel.consume(basic::Consume::new("tasks")).await?;
    while let Ok(next) = timeout(patience, tasks.next()).await {
        let Some(delivery) = next? else { break };
        let task = String::from_utf8_lossy(delivery.body());
        for _ in task.matches('.') {
            sleep(Duration::from_millis(100)).await;
        }
        println!("{name} worker did {task}");
        delivery.ack()?;
    }
    tasks.cancel().await?;
    channel.close().await
}
