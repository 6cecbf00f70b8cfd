//! A worker pool with retries and dead letters. It stops on Ctrl-C, after the work in flight.
//!
//! ```text
//! cargo run --example worker_pool --features tokio,broker
//! ```
//!
//! `AMQP_URL` says where the server is. Without it a broker is started in this process, with some
//! jobs in its queue. `pool.rs` holds the queues, the retries and the shutdown. `job.rs` says what a
//! job does.

mod feed;
mod job;
mod pool;

use std::error::Error;

use pika::broker::Server;
use tokio::sync::watch;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
        feed::feed(&url, 20).await?;
    }
    let (stop, stopped) = watch::channel(false);
    let pool = tokio::spawn(async move { pool::run(&url, 8, stopped).await });
    tokio::signal::ctrl_c().await?;
    eprintln!("stopping");
    stop.send_replace(true);
    Ok(pool.await??)
}
