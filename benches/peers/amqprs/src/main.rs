//! amqprs under the common command line.
//!
//! Its variants are tokio's runtimes: `mt` has many threads, `ct` the current one. Publishes are
//! awaited one after the other (which returns once they are queued), confirms counted in the
//! channel's callback. Messages come by `basic_consume_rx`; in `mt-trait` by an `AsyncConsumer`.
use amqprs::callbacks::ChannelCallback;
use amqprs::channel::*;
use amqprs::connection::{Connection, OpenConnectionArguments};
use amqprs::consumer::AsyncConsumer;
use amqprs::{Ack, BasicProperties, Cancel, CloseChannel, Deliver, Nack, Return};
use async_trait::async_trait;
use benchkit::{Args, Confirms, Meter, Mode};
use std::sync::atomic::{AtomicU64, Ordering::*};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::Notify;

#[global_allocator]
static A: benchkit::CountingAlloc = benchkit::CountingAlloc;

type Res<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() {
    let a = Args::parse("amqprs", &["mt", "ct", "mt-trait"]);
    let rt = match a.is("mt") {
        true => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build(),
        false => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build(),
    }
    .unwrap();
    rt.block_on(run(a)).unwrap();
}

#[derive(Default)]
struct Conf {
    c: Mutex<Confirms>,
    acked: AtomicU64,
    n: Notify,
}
struct Cb(Arc<Conf>);

impl Cb {
    fn on(&self, tag: u64, multiple: bool) {
        let mut c = self.0.c.lock().unwrap();
        c.ack(tag, multiple);
        self.0.acked.store(c.acked, Release);
        drop(c);
        self.0.n.notify_one();
    }
}

#[async_trait]
impl ChannelCallback for Cb {
    async fn close(&mut self, _: &Channel, c: CloseChannel) -> Result<(), amqprs::error::Error> {
        panic!("channel closed: {c}");
    }
    async fn cancel(&mut self, _: &Channel, _: Cancel) -> Result<(), amqprs::error::Error> {
        Ok(())
    }
    async fn flow(&mut self, _: &Channel, active: bool) -> Result<bool, amqprs::error::Error> {
        Ok(active)
    }
    async fn publish_ack(&mut self, _: &Channel, a: Ack) {
        self.on(a.delivery_tag(), a.mutiple());
    }
    async fn publish_nack(&mut self, _: &Channel, _: Nack) {
        panic!("nack");
    }
    async fn publish_return(&mut self, _: &Channel, _: Return, _: BasicProperties, _: Vec<u8>) {}
}

struct Consumer {
    a: Args,
    n: u64,
    done: Arc<Notify>,
}

#[async_trait]
impl AsyncConsumer for Consumer {
    async fn consume(&mut self, ch: &Channel, d: Deliver, _p: BasicProperties, content: Vec<u8>) {
        std::hint::black_box(&content);
        self.n += 1;
        if self.a.mode == Mode::ConsumeAck {
            ack(ch, &self.a, self.n, d.delivery_tag()).await;
        }
        if self.n == self.a.count {
            self.done.notify_one();
        }
    }
}

async fn ack(ch: &Channel, a: &Args, n: u64, tag: u64) {
    let multiple = a.multiple();
    if a.acks(n) {
        ch.basic_ack(BasicAckArguments::new(tag, multiple))
            .await
            .unwrap();
    }
}

async fn barrier(ch: &Channel, a: &Args) -> Res<()> {
    ch.queue_declare(QueueDeclareArguments::new(&a.queue).passive(true).finish())
        .await?;
    Ok(())
}

async fn run(a: Args) -> Res<()> {
    let mut o = OpenConnectionArguments::new(&a.host, a.port, &a.user, &a.pass);
    o.virtual_host(&a.vhost);
    let conn = Connection::open(&o).await?;
    let ch = conn.open_channel(None).await?;
    let conf = Arc::new(Conf::default());
    ch.register_callback(Cb(conf.clone())).await?;
    let body = a.body();
    let args = BasicPublishArguments::new("", &a.queue);
    match a.mode {
        Mode::Publish => {
            let m = Meter::start(&a);
            for _ in 0..a.count {
                ch.basic_publish(BasicProperties::default(), body.clone(), args.clone())
                    .await?;
            }
            barrier(&ch, &a).await?;
            m.finish(&a, a.count, None);
        }
        Mode::PublishConfirm => {
            ch.confirm_select(ConfirmSelectArguments::default()).await?;
            let m = Meter::start(&a);
            for i in 0..a.count {
                while i - conf.acked.load(Acquire) >= a.window {
                    conf.n.notified().await;
                }
                ch.basic_publish(BasicProperties::default(), body.clone(), args.clone())
                    .await?;
            }
            while conf.acked.load(Acquire) < a.count {
                conf.n.notified().await;
            }
            m.finish(&a, a.count, None);
        }
        Mode::Consume | Mode::ConsumeAck => {
            if a.prefetch > 0 {
                ch.basic_qos(BasicQosArguments::new(0, a.prefetch, false))
                    .await?;
            }
            let c = BasicConsumeArguments::new(&a.queue, "ctag")
                .manual_ack(a.mode == Mode::ConsumeAck)
                .finish();
            let m = Meter::start(&a);
            if a.is("trait") {
                let done = Arc::new(Notify::new());
                ch.basic_consume(
                    Consumer {
                        a: a.clone(),
                        n: 0,
                        done: done.clone(),
                    },
                    c,
                )
                .await?;
                done.notified().await;
            } else {
                let (_tag, mut rx) = ch.basic_consume_rx(c).await?;
                let mut n = 0;
                let mut sum = 0usize;
                while n < a.count {
                    let d = rx.recv().await.expect("consumer ended");
                    n += 1;
                    sum = sum.wrapping_add(d.content.as_ref().unwrap().len());
                    if a.mode == Mode::ConsumeAck {
                        ack(&ch, &a, n, d.deliver.as_ref().unwrap().delivery_tag()).await;
                    }
                }
                assert_eq!(sum, n as usize * a.size);
            }
            if a.mode == Mode::ConsumeAck {
                barrier(&ch, &a).await?;
            }
            m.finish(&a, a.count, None);
        }
        Mode::Get => {
            let g = BasicGetArguments::new(&a.queue).no_ack(true).finish();
            let m = Meter::start(&a);
            let mut n = 0;
            while n < a.count && ch.basic_get(g.clone()).await?.is_some() {
                n += 1;
            }
            m.finish(&a, n, None);
        }
        Mode::RpcLatency => {
            let c = BasicConsumeArguments::new(&a.queue, "ctag")
                .manual_ack(false)
                .finish();
            let (_tag, mut rx) = ch.basic_consume_rx(c).await?;
            let mut lat = Vec::with_capacity(a.count as usize);
            let m = Meter::start(&a);
            for _ in 0..a.count {
                let t = Instant::now();
                ch.basic_publish(BasicProperties::default(), body.clone(), args.clone())
                    .await?;
                rx.recv().await.expect("consumer ended");
                lat.push(t.elapsed().as_nanos() as u64);
            }
            m.finish(&a, a.count, Some(&mut lat));
        }
    }
    ch.close().await?;
    conn.close().await?;
    Ok(())
}
