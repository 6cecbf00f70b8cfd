//! Calls across a broker: a client asks, a server answers in capitals. Two threads share a connection.
//!
//! ```text
//! cargo run --example rpc_threaded --features background                   # both in one process
//! cargo run --example rpc_threaded --features background -- serve          # the server alone
//! cargo run --example rpc_threaded --features background -- call hello     # the client alone
//! ```
//!
//! `reply_to` says where the answer goes, `correlation_id` to which request. RabbitMQ also does it
//! without a queue for answers: `amq.rabbitmq.reply-to` as `reply_to`, and consumed with `no_ack`.

use std::env;
use std::error::Error;
use std::thread;
use std::time::Duration;

use pika::amqp::{basic, queue};
use pika::blocking::{Channel, background};
use pika::broker::Server;
use pika::wire::ShortStr;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    let connection = background::open(&url)?;
    let channel = connection.channel()?;
    // Whoever comes first makes the queue for requests.
    channel.queue_declare(
        queue::Declare::new("requests")
            .durable(true)
            .auto_delete(true),
    )?;

    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some("serve") => serve(&channel)?,
        Some("call") => call(&channel, &arguments.collect::<Vec<_>>())?,
        _ => {
            let serving = connection.channel()?;
            let theirs = serving.clone();
            let server = thread::spawn(move || serve(&theirs));
            call(&channel, &["one".into(), "two".into()])?;
            // Its loop ends.
            serving.basic_cancel(basic::Cancel::new("server"))?;
            server.join().map_err(|_| "the server panicked")??;
        }
    }
    Ok(connection.close()?)
}

/// Answers requests until its consumer is cancelled, as when the queue is deleted.
fn serve(channel: &Channel) -> pika::Result<()> {
    channel.basic_qos(basic::Qos::new(1))?;
    let requests = basic::Consume::new("requests").consumer_tag("server");
    for request in &mut channel.consume(requests)? {
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
    Ok(())
}

/// Asks for everything at once; answers may come in any order.
fn call(channel: &Channel, texts: &[String]) -> Result<(), Box<dyn Error>> {
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
    Ok(())
}
