//! An RPC server that squares numbers, and a client with 50 calls at once, each with a timeout.
//!
//! ```text
//! cargo run --example rpc_timeouts --features tokio,broker
//! ```
//!
//! `AMQP_URL` says where the server is; without it a broker is started in this process.

use std::collections::HashMap;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use pika::amqp::{basic, queue};
use pika::broker::Server;
use pika::connection::Outcome;
use pika::tokio::{Channel, ConfirmingChannel, Connection, Delivery};
use pika::wire::ShortStr;
use tokio::sync::oneshot;
use tokio::time::timeout;

type Waiting = HashMap<u64, oneshot::Sender<Vec<u8>>>;

#[derive(Debug)]
pub(crate) enum CallError {
    TimedOut,
    Unroutable,
    Closed,
    Failed(pika::Error),
}

impl From<pika::Error> for CallError {
    fn from(error: pika::Error) -> Self {
        Self::Failed(error)
    }
}

/// The client: one channel, one queue of replies, any number of calls at once.
#[derive(Clone)]
pub(crate) struct Client {
    channel: ConfirmingChannel,
    reply_to: ShortStr,
    pending: Arc<Mutex<Waiting>>,
    next: Arc<AtomicU64>,
}

impl Client {
    pub(crate) async fn new(connection: &Connection) -> pika::Result<Self> {
        let channel = connection.channel().await?.confirming().await?;
        let declare = queue::Declare::new("").exclusive(true);
        let reply_to = channel.queue_declare(declare).await?.queue;
        let consume = basic::Consume::new(&reply_to).no_ack(true);
        let mut replies = channel.consume(consume).await?;
        let client = Self {
            channel,
            reply_to,
            pending: Arc::default(),
            next: Arc::default(),
        };
        let receiving = client.clone();
        tokio::spawn(async move {
            while let Ok(Some(reply)) = replies.next().await {
                if let Some(caller) = receiving.caller(&reply) {
                    let _ = caller.send(reply.body().to_vec());
                }
            }
            // Ends the calls that are still pending.
            receiving.pending().clear();
        });
        Ok(client)
    }

    fn pending(&self) -> MutexGuard<'_, Waiting> {
        self.pending.lock().expect("no task panics with the lock")
    }

    /// Takes the call that a reply belongs to.
    fn caller(&self, reply: &Delivery) -> Option<oneshot::Sender<Vec<u8>>> {
        let id = reply.properties().ok()?.correlation_id?;
        self.pending().remove(&id.as_str().ok()?.parse().ok()?)
    }

    pub(crate) async fn call(
        &self,
        queue: &str,
        body: String,
        limit: Duration,
    ) -> Result<Vec<u8>, CallError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, reply) = oneshot::channel();
        self.pending().insert(id, sender);
        let properties = basic::Properties::new()
            .reply_to(&self.reply_to)
            .correlation_id(id.to_string())
            .expiration(limit.as_millis().to_string());
        let request = properties.body(body).mandatory();
        let answer = timeout(limit, async {
            match self.channel.publish_confirmed("", queue, request).await? {
                Outcome::Returned(_) => Err(CallError::Unroutable),
                _ => reply.await.map_err(|_| CallError::Closed),
            }
        });
        let answer = answer.await.unwrap_or(Err(CallError::TimedOut));
        self.pending().remove(&id);
        answer
    }
}

/// Squares numbers until its consumer ends. Those that end in 9 take long.
pub(crate) async fn serve(channel: Channel) -> pika::Result<()> {
    let square = queue::Declare::new("square").durable(true);
    channel.queue_declare(square).await?;
    channel.basic_qos(basic::Qos::new(100)).await?;
    let mut requests = channel.consume(basic::Consume::new("square")).await?;
    while let Some(request) = requests.next().await? {
        let channel = channel.clone();
        tokio::spawn(async move {
            let asked = request.properties().unwrap_or_default();
            let number = String::from_utf8_lossy(request.body())
                .parse::<u64>()
                .unwrap_or(0);
            let millis = if number % 10 == 9 { 3000 } else { 100 };
            tokio::time::sleep(Duration::from_millis(millis)).await;
            let (Some(reply_to), Some(id)) = (asked.reply_to, asked.correlation_id) else {
                return request.reject(false);
            };
            let answer = (number * number).to_string();
            let answer = basic::Properties::new().correlation_id(id).body(answer);
            channel.publish("", reply_to, answer).await?;
            request.ack()
        });
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, _embedded) = Server::unless_given("AMQP_URL")?;
    let serving = Connection::open(&url).await?;
    let server = tokio::spawn(serve(serving.channel().await?));
    let connection = Connection::open(&url).await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let client = Client::new(&connection).await?;
    let limit = Duration::from_secs(1);
    let unroutable = client.call("no such queue", "1".into(), limit).await;
    println!("no server: {unroutable:?}");
    let start = Instant::now();
    let calls: Vec<_> = (0..50_u64)
        .map(|number| {
            let client = client.clone();
            let call = async move { client.call("square", number.to_string(), limit).await };
            (number, tokio::spawn(call))
        })
        .collect();
    let (mut right, mut late) = (0, 0);
    for (number, call) in calls {
        match call.await? {
            Ok(body) if body == (number * number).to_string().as_bytes() => right += 1,
            Err(CallError::TimedOut) => late += 1,
            Err(CallError::Failed(error)) => return Err(error.into()),
            other => println!("{number}: {other:?}"),
        }
    }
    println!("{right} right, {late} timed out");
    eprintln!("in {:?}", start.elapsed());
    connection.close().await?;
    serving.close().await?;
    println!("server: {:?}", server.await?);
    Ok(())
}
