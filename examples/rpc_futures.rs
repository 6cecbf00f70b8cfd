//! Calls across a broker: a client asks, a server answers in capitals. On a runtime that speaks
//! `futures-io`; here smol.
//!
//! ```text
//! cargo run --example rpc_futures --features futures                   # both in one process
//! cargo run --example rpc_futures --features futures -- serve          # the server alone
//! cargo run --example rpc_futures --features futures -- call hello     # the client alone
//! ```
//!
//! `reply_to` says where the answer goes, `correlation_id` to which request. RabbitMQ also does it
//! without a queue for answers: `amq.rabbitmq.reply-to` as `reply_to`, and consumed with `no_ack`.

use std::env;
use std::error::Error;
use std::time::Duration;

use pika::amqp::{basic, queue};
use pika::broker::Server;
use pika::futures::{self, Channel};
use pika::wire::ShortStr;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    smol::block_on(rpc(&url))
}

async fn rpc(url: &str) -> Result<(), Box<dyn Error>> {
    let connection = futures::open(url, |driver| smol::spawn(driver).detach()).await?;
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
        _ => {
            let serving = connection.channel().await?;
            let served = async { Ok(serve(serving).await?) };
            let called = call(channel, vec!["one".into(), "two".into()]);
            smol::future::or(served, called).await?;
        }
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
        let answer = answers.next_within(Duration::from_secs(10)).await?;
        let answer = answer.ok_or("no answer")?;
        let asked = answer.properties()?.correlation_id.unwrap_or_default();
        println!("{asked}? {}", String::from_utf8_lossy(answer.body()));
    }
    Ok(())
}
