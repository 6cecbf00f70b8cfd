//! Calls across a broker: a client asks, a server answers in capitals.
//!
//! ```text
//! cargo run --example rpc                    # both, the server in a thread of its own
//! cargo run --example rpc -- serve           # the server alone, until nobody asks for a minute
//! cargo run --example rpc -- call hello      # the client alone
//! ```
//!
//! `reply_to` says where the answer goes, `correlation_id` to which request. RabbitMQ also does it
//! without a queue for answers: `amq.rabbitmq.reply-to` as `reply_to`, and consumed with `no_ack`.

use std::env;
use std::error::Error;
use std::thread;
use std::time::Duration;

use pika::amqp::{basic, queue};
use pika::blocking::Channel;
use pika::broker::Server;
use pika::wire::ShortStr;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some("serve") => Ok(serve(&url, Duration::from_secs(60))?),
        Some("call") => call(&url, &arguments.collect::<Vec<_>>()),
        _ => thread::scope(|scope| {
            let server = scope.spawn(|| serve(&url, Duration::from_secs(2)));
            call(&url, &["one".into(), "two".into()])?;
            Ok(server.join().map_err(|_| "the server panicked")??)
        }),
    }
}

/// Opens a channel with the queue for requests, which whoever comes first makes.
fn open(url: &str) -> pika::Result<Channel> {
    let channel = pika::open_channel(url)?;
    channel.queue_declare(
        queue::Declare::new("requests")
            .durable(true)
            .auto_delete(true),
    )?;
    Ok(channel)
}

/// Answers requests until none comes for a while.
fn serve(url: &str, patience: Duration) -> pika::Result<()> {
    let channel = open(url)?;
    channel.basic_qos(basic::Qos::new(1))?;
    let mut requests = channel.consume(basic::Consume::new("requests"))?;
    for request in requests.until_idle(patience) {
        let request = request?;
        let asked = request.properties().unwrap_or_default();
        let answer = String::from_utf8_lossy(request.body()).to_uppercase();
        if let (Some(reply_to), Some(id)) = (asked.reply_to, asked.correlation_id) {
            let publish = basic::Publish::new("", reply_to);
            let properties = basic::Properties::new().correlation_id(id);
            channel.basic_publish(&publish, &properties, answer)?;
        }
        request.ack()?;
    }
    channel.connection().close()
}

/// Asks for everything at once; answers may come in any order.
fn call(url: &str, texts: &[String]) -> Result<(), Box<dyn Error>> {
    let channel = open(url)?;
    let own = channel.queue_declare(queue::Declare::new("").exclusive(true))?;
    let mut consumer = channel.consume(basic::Consume::new(&own.queue).no_ack(true))?;
    let publish = basic::Publish::new("", "requests");
    for text in texts {
        let properties = basic::Properties::new().reply_to(&own.queue);
        let properties = properties.correlation_id(ShortStr::new(text)?);
        channel.basic_publish(&publish, &properties, text)?;
    }
    let mut answers = consumer.until_idle(Duration::from_secs(10));
    for _ in texts {
        let answer = answers.next().ok_or("no answer")??;
        let asked = answer.properties()?.correlation_id.unwrap_or_default();
        println!("{asked}? {}", String::from_utf8_lossy(answer.body()));
    }
    Ok(channel.connection().close()?)
}
