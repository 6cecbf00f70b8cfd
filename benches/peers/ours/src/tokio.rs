//! `pika::tokio`, on one thread (`tokio-ct`) or several: on the thread of `block_on`, which is no worker
//! (`tokio-mt`), or in a task (`tokio-mt-task`), where programs have their consumers.

use std::collections::VecDeque;
use std::time::Instant;

use benchkit::{Args, Meter, Mode};
use pika::amqp::{basic, queue};
use pika::tokio::{Channel, Confirm, Connection, Consumer};
use pika::wire::ShortStr;
use tokio::runtime::Builder;

use crate::Result;

pub(crate) fn run(args: &Args) -> Result {
    let mut builder = match args.is("mt") {
        true => Builder::new_multi_thread(),
        false => Builder::new_current_thread(),
    };
    let runtime = builder.enable_all().build()?;
    if !args.is("task") {
        return runtime.block_on(bench(args));
    }
    let args = args.clone();
    let task = async move { bench(&args).await.map_err(|error| error.to_string()) };
    Ok(runtime.block_on(runtime.spawn(task))??)
}

async fn bench(args: &Args) -> Result {
    let connection = Connection::open(args.url.as_str()).await?;
    let bench = Bench {
        channel: connection.channel().await?,
        queue: ShortStr::new(&args.queue)?,
        args,
    };
    match args.mode {
        Mode::Publish => bench.publish().await?,
        Mode::PublishConfirm => bench.publish_confirm().await?,
        Mode::Consume | Mode::ConsumeAck => bench.consume().await?,
        Mode::Get => bench.get().await?,
        Mode::RpcLatency => bench.rpc_latency().await?,
    }
    connection.close().await?;
    Ok(())
}

struct Bench<'a> {
    channel: Channel,
    queue: ShortStr,
    args: &'a Args,
}

impl Bench<'_> {
    async fn publish(&self) -> Result {
        let bytes = self.args.body().into();
        let body = crate::shared_or_borrowed(&bytes);
        let (publish, properties) = self.route();
        let meter = Meter::start(self.args);
        for _ in 0..self.args.count {
            let body = body.clone();
            self.channel
                .basic_publish(&publish, &properties, body)
                .await?;
        }
        self.barrier().await?;
        meter.finish(self.args, self.args.count, None);
        Ok(())
    }

    async fn publish_confirm(&self) -> Result {
        let channel = self.channel.confirming().await?;
        let bytes = self.args.body().into();
        let body = crate::shared_or_borrowed(&bytes);
        let (publish, properties) = self.route();
        let window = usize::try_from(self.args.window)?;
        let mut open = VecDeque::<Confirm<_>>::with_capacity(window);
        let meter = Meter::start(self.args);
        for _ in 0..self.args.count {
            if open.len() >= window {
                if let Some(oldest) = open.pop_front() {
                    assert!(oldest.await.is_acked());
                }
            }
            let body = body.clone();
            let confirm = channel.basic_publish(&publish, &properties, body);
            open.push_back(confirm.await?);
        }
        for confirm in open {
            assert!(confirm.await.is_acked());
        }
        meter.finish(self.args, self.args.count, None);
        Ok(())
    }

    async fn consume(&self) -> Result {
        let args = self.args;
        if args.prefetch > 0 {
            let qos = basic::Qos::new(args.prefetch);
            self.channel.basic_qos(qos).await?;
        }
        let acks = args.mode == Mode::ConsumeAck;
        let meter = Meter::start(args);
        let mut consumer = self.consumer().await?;
        let (mut n, mut sum) = (0, 0);
        while n < args.count {
            let delivery = consumer.next().await?.ok_or("the consumer ended")?;
            n += 1;
            sum += delivery.body().len();
            if acks && args.acks(n) {
                if args.multiple() {
                    delivery.ack_all()?;
                } else {
                    delivery.ack()?;
                }
            }
        }
        if acks {
            self.barrier().await?;
        }
        assert_eq!(sum, n as usize * args.size);
        meter.finish(args, n, None);
        Ok(())
    }

    async fn get(&self) -> Result {
        let get = basic::Get::new(self.queue.clone()).no_ack(true);
        let meter = Meter::start(self.args);
        let mut n = 0;
        while n < self.args.count && self.channel.get(get.clone()).await?.is_some() {
            n += 1;
        }
        meter.finish(self.args, n, None);
        Ok(())
    }

    async fn rpc_latency(&self) -> Result {
        let bytes = self.args.body().into();
        let body = crate::shared_or_borrowed(&bytes);
        let (publish, properties) = self.route();
        let mut consumer = self.consumer().await?;
        let mut times = Vec::with_capacity(self.args.count as usize);
        let meter = Meter::start(self.args);
        for _ in 0..self.args.count {
            let began = Instant::now();
            let body = body.clone();
            self.channel
                .basic_publish(&publish, &properties, body)
                .await?;
            consumer.next().await?.ok_or("the consumer ended")?;
            times.push(began.elapsed().as_nanos() as u64);
        }
        meter.finish(self.args, self.args.count, Some(&mut times));
        Ok(())
    }

    async fn consumer(&self) -> Result<Consumer> {
        let consume = basic::Consume::new(self.queue.clone()).no_ack(self.args.no_ack());
        Ok(self.channel.consume(consume).await?)
    }

    /// The way of every message, made once.
    fn route(&self) -> (basic::Publish, basic::Properties) {
        let publish = basic::Publish::new("", self.queue.clone());
        (publish, basic::Properties::new())
    }

    /// Returns when the server has taken everything in.
    async fn barrier(&self) -> Result {
        let declare = queue::Declare::new(self.queue.clone()).passive(true);
        self.channel.queue_declare(declare).await?;
        Ok(())
    }
}
