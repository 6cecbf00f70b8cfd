//! `pika::blocking`, in both ways of driving a connection.
//!
//! `blocking` sends each message when it is published; `blocking-held` lets 64 KiB come together;
//! `background` has a thread for the connection.
//!
//! publish-confirm sends `--window` messages and waits for all of them: there is no way to wait for
//! only some.

use std::time::{Duration, Instant};

use benchkit::{Args, Meter, Mode};
use pika::amqp::{basic, queue};
use pika::wire::ShortStr;
use pika::blocking::{Channel, Connection, Consumer, background};

use crate::Result;

/// How long confirms may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn run(args: &Args) -> Result {
    let url = args.url.as_str();
    let connection = match args.variant.as_str() {
        "background" => background::open(url)?,
        _ => Connection::open(url)?,
    };
    if args.is("held") {
        connection.hold_back(64 * 1024);
    }
    let bench = Bench {
        channel: connection.channel()?,
        queue: ShortStr::new(&args.queue)?,
        args,
    };
    match args.mode {
        Mode::Publish => bench.publish()?,
        Mode::PublishConfirm => bench.publish_confirm()?,
        Mode::Consume | Mode::ConsumeAck => bench.consume()?,
        Mode::Get => bench.get()?,
        Mode::RpcLatency => bench.rpc_latency()?,
    }
    connection.close()?;
    Ok(())
}

struct Bench<'a> {
    channel: Channel,
    queue: ShortStr,
    args: &'a Args,
}

impl Bench<'_> {
    fn publish(&self) -> Result {
        let bytes = self.args.body().into();
        let body = crate::shared_or_borrowed(&bytes);
        let (publish, properties) = self.route();
        let meter = Meter::start(self.args);
        for _ in 0..self.args.count {
            self.channel
                .basic_publish(&publish, &properties, body.clone())?;
        }
        self.barrier()?;
        meter.finish(self.args, self.args.count, None);
        Ok(())
    }

    fn publish_confirm(&self) -> Result {
        let confirming = self.channel.confirming()?;
        let bytes = self.args.body().into();
        let body = crate::shared_or_borrowed(&bytes);
        let (publish, properties) = self.route();
        let meter = Meter::start(self.args);
        let mut left = self.args.count;
        while left > 0 {
            let batch = left.min(self.args.window);
            for _ in 0..batch {
                self.channel
                    .basic_publish(&publish, &properties, body.clone())?;
            }
            let failed = confirming.wait_for_confirms(PATIENCE)?;
            assert!(failed.is_empty(), "not confirmed: {failed:?}");
            left -= batch;
        }
        meter.finish(self.args, self.args.count, None);
        Ok(())
    }

    fn consume(&self) -> Result {
        let args = self.args;
        if args.prefetch > 0 {
            self.channel.basic_qos(basic::Qos::new(args.prefetch))?;
        }
        let acks = args.mode == Mode::ConsumeAck;
        let meter = Meter::start(args);
        let mut consumer = self.consumer()?;
        let (mut n, mut sum) = (0, 0);
        while n < args.count {
            let delivery = consumer.next()?.ok_or("the consumer ended")?;
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
            self.barrier()?;
        }
        assert_eq!(sum, n as usize * args.size);
        meter.finish(args, n, None);
        Ok(())
    }

    fn get(&self) -> Result {
        let get = basic::Get::new(self.queue.clone()).no_ack(true);
        let meter = Meter::start(self.args);
        let mut n = 0;
        while n < self.args.count && self.channel.get(get.clone())?.is_some() {
            n += 1;
        }
        meter.finish(self.args, n, None);
        Ok(())
    }

    fn rpc_latency(&self) -> Result {
        let bytes = self.args.body().into();
        let body = crate::shared_or_borrowed(&bytes);
        let (publish, properties) = self.route();
        let mut consumer = self.consumer()?;
        let mut times = Vec::with_capacity(self.args.count as usize);
        let meter = Meter::start(self.args);
        for _ in 0..self.args.count {
            let began = Instant::now();
            self.channel
                .basic_publish(&publish, &properties, body.clone())?;
            consumer.next()?.ok_or("the consumer ended")?;
            times.push(began.elapsed().as_nanos() as u64);
        }
        meter.finish(self.args, self.args.count, Some(&mut times));
        Ok(())
    }

    fn consumer(&self) -> Result<Consumer> {
        let consume = basic::Consume::new(self.queue.clone()).no_ack(self.args.no_ack());
        Ok(self.channel.consume(consume)?)
    }

    /// The way of every message, made once.
    fn route(&self) -> (basic::Publish, basic::Properties) {
        let publish = basic::Publish::new("", self.queue.clone());
        (publish, basic::Properties::new())
    }

    /// Returns when the server has taken everything in.
    fn barrier(&self) -> Result {
        let declare = queue::Declare::new(self.queue.clone()).passive(true);
        self.channel.queue_declare(declare)?;
        Ok(())
    }
}
