//! Calls across a broker: a client asks, a server answers in capitals. With a loop and handlers.
//!
//! ```text
//! cargo run --example rpc_callbacks --features callbacks                   # both in one process
//! cargo run --example rpc_callbacks --features callbacks -- serve          # the server alone
//! cargo run --example rpc_callbacks --features callbacks -- call hello     # the client alone
//! ```
//!
//! `reply_to` says where the answer goes, `correlation_id` to which request. RabbitMQ also does it
//! without a queue for answers: `amq.rabbitmq.reply-to` as `reply_to`, and consumed with `no_ack`.

use std::env;
use std::error::Error;
use std::io;
use std::time::Duration;

use pika::amqp::{basic, queue};
use pika::broker::Server;
use pika::callbacks::{Channel, Connection, Loop};
use pika::wire::ShortStr;

fn main() -> Result<(), Box<dyn Error>> {
    let (url, embedded) = Server::unless_given("AMQP_URL")?;
    if embedded.is_some() {
        println!("AMQP_URL is not set, so a broker in this process serves at {url}");
    }
    let events = Loop::new()?;
    let connection = Connection::connect(&url)?;
    events.add(&connection)?;
    let mut arguments = env::args().skip(1);
    let (serves, texts) = match arguments.next().as_deref() {
        Some("serve") => (true, Vec::new()),
        Some("call") => (false, arguments.collect()),
        _ => (true, vec!["one".into(), "two".into()]),
    };
    if serves {
        connection.open_channel().then(|channel| {
            serve(&channel?);
            Ok(())
        });
    }
    if !texts.is_empty() {
        let patience = events.clone();
        connection.open_channel().then(|channel| {
            call(channel?, patience, texts);
            Ok(())
        });
    }
    // The loop holds the last handle, and closes the connection when nothing more can come.
    drop(connection);
    Ok(events.run()?)
}

/// The queue for requests, which whoever comes first makes.
fn requests() -> queue::Declare {
    queue::Declare::new("requests")
        .durable(true)
        .auto_delete(true)
}

/// Answers requests for as long as there is the queue.
fn serve(channel: &Channel) {
    channel.queue_declare(requests());
    channel.basic_qos(basic::Qos::new(1));
    channel.consume(basic::Consume::new("requests"), |request| {
        let asked = request.properties().unwrap_or_default();
        let (Some(reply_to), Some(id)) = (asked.reply_to, asked.correlation_id) else {
            return request.ack().map(drop);
        };
        let answer = String::from_utf8_lossy(request.body()).to_uppercase();
        let answer = basic::Properties::new().correlation_id(id).body(answer);
        let sent = request.channel().publish("", reply_to, answer)?;
        sent.then(|sent| {
            sent?;
            request.ack()
        });
        Ok(())
    });
}

/// Asks for everything at once; answers may come in any order.
fn call(channel: Channel, events: Loop, texts: Vec<String>) {
    channel.queue_declare(requests());
    let own = channel.queue_declare(queue::Declare::new("").exclusive(true));
    own.then(move |own| {
        let own = own?.queue;
        receive(&channel, &own, events, texts.len());
        for text in &texts {
            let properties = basic::Properties::new().reply_to(&own).correlation_id(text);
            channel.publish("", "requests", properties.body(text))?;
        }
        Ok(())
    });
}

/// Closes the connection after so many answers, or fails if they are late.
fn receive(channel: &Channel, own: &ShortStr, events: Loop, mut left: usize) {
    let late = events.call_later(Duration::from_secs(10), || -> pika::Result<()> {
        Err(io::Error::new(io::ErrorKind::TimedOut, "no answer").into())
    });
    let answers = basic::Consume::new(own).no_ack(true);
    channel.consume(answers, move |answer| {
        let asked = answer.properties().unwrap_or_default().correlation_id;
        let text = String::from_utf8_lossy(answer.body());
        println!("{}? {text}", asked.unwrap_or_default());
        left = left.saturating_sub(1);
        if left == 0 {
            events.cancel_timer(late);
            answer.channel().connection().close();
        }
    });
}
