//! Calls across a broker: a client asks, a server answers in capitals. On tokio.
//!
//! ```text
//! cargo run --example rpc_tokio --features tokio                   # both in one process
//! cargo run --example rpc_tokio --features tokio -- serve          # the server alone
//! cargo run --example rpc_tokio --features tokio -- call hello     # the client alone
//! ```
//!
//! `reply_to` says where the answer goes, `correlation_id` to which request. RabbitMQ also does it
//! without a queue for answers: `amq.rabbitmq.reply-to` as `reply_to`, and consumed with `no_ack`.

use std::env;
use std::error::Error;
use std::time::Duration;

use pika::amqp::{basic, queue};
use pika::broker::Server;
use pika::tokio::{Channel, Connection};
use pika::wire::ShortStr;
use tokio::time::timeout;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    let connection = Connection::open(&url).await?;
    let channel = connection.channel().await?;
    // Whoever comes first makes the queue for requests.
    let requests = queue::Declare::new("requests")
        .durable(true)
        .auto_delete(true);
    channel.queue_declare(requests).await?;

    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some("serve") => serve(channel).await?,
        Some("call") => call(channel, arguments.collect()).await?,
        _ => tokio::select! {
            served = serve(connection.channel().await?) => served?,
            called = call(channel, vec!["one".into(), "two".into()]) => called?,
        },
    }
    Ok(connection.close().await?)
}

/// Answers requests for as long as there is the queue.
async fn serve(channel: Channel) -> pika::Result<()> {
    channel.basic_qos(basic::Qos::new(1)).await?;
    let mut requests = channel.consume(basic::Consume::new("requests")).await?;
    while let Some(request) = requests.next().await? {
        let asked = request.properties().unwrap_or_default();
        let answer = String::from_utf8_lossy(request.body()).to_uppercase();
        if let (Some(reply_to), Some(id)) = (asked.reply_to, asked.correlation_id) {
            let publish = basic::Publish::new("", reply_to);
            let properties = basic::Properties::new().correlation_id(id);
            channel.basic_publish(&publish, &properties, answer).await?;
        }
        request.ack()?;
    }
    Ok(())
}

/// Asks for everything at once; answers may come in any order.
async fn call(channel: Channel, texts: Vec<String>) -> Result<(), Box<dyn Error>> {
    let own = queue::Declare::new("").exclusive(true);
    let own = channel.queue_declare(own).await?.queue;
    let answers = basic::Consume::new(&own).no_ack(true);
    let mut answers = channel.consume(answers).await?;
    let publish = basic::Publish::new("", "requests");
    for text in &texts {
        let properties = basic::Properties::new().reply_to(&own);
        let properties = properties.correlation_id(ShortStr::new(text)?);
        channel.basic_publish(&publish, &properties, text).await?;
    }
    for _ in &texts {
        let answer = timeout(Duration::from_secs(10), answers.next()).await??;
        let answer = answer.ok_or("the queue for answers is gone")?;
        let asked = answer.properties()?.correlation_id.unwrap_or_default();
        println!("{asked}? {}", String::from_utf8_lossy(answer.body()));
    }
    Ok(())
}
