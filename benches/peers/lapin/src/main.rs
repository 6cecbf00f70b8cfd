//! lapin under the common command line.
//!
//! Its variants begin with tokio's runtime: `mt` has many threads, `ct` the current one. Then:
//!
//! - `seq`: `basic_publish(..).await?.await?` one after the other, as its README does; with
//!   confirms each publish is awaited in turn and the confirms are kept in a window; acks by
//!   `delivery.ack(..).await`.
//! - `pipe`: `--inflight` futures of publishes at once, in order; with confirms `--window` futures
//!   of publish and confirm.
//! - `tasks`: `--inflight` tasks, each of which publishes one after the other.
//! - `chan`: acks by `channel.basic_ack(tag, ..).await`.
use benchkit::{Args, Meter, Mode};
use futures_util::{StreamExt, stream};
use lapin::options::*;
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use std::collections::VecDeque;
use std::time::Instant;

#[global_allocator]
static A: benchkit::CountingAlloc = benchkit::CountingAlloc;

/// The runtime and the idiom.
const VARIANTS: &[&str] = &[
    "mt-seq", "ct-seq", "mt-pipe", "ct-pipe", "mt-tasks", "mt-chan",
];

fn main() {
    let a = Args::parse("lapin", VARIANTS);
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

async fn barrier(ch: &Channel, a: &Args) -> lapin::Result<()> {
    let o = QueueDeclareOptions {
        passive: true,
        ..Default::default()
    };
    ch.queue_declare(a.queue.as_str().into(), o, FieldTable::default())
        .await?;
    Ok(())
}

async fn run(a: Args) -> lapin::Result<()> {
    let conn = Connection::connect(&a.url, ConnectionProperties::default()).await?;
    let ch = conn.create_channel().await?;
    let body = a.body();
    let publish = || {
        ch.basic_publish(
            "".into(),
            a.queue.as_str().into(),
            BasicPublishOptions::default(),
            &body,
            BasicProperties::default(),
        )
    };
    match a.mode {
        Mode::Publish => {
            let m = Meter::start(&a);
            match a.variant.rsplit('-').next().unwrap() {
                "seq" => {
                    for _ in 0..a.count {
                        publish().await?.await?;
                    }
                }
                "pipe" => {
                    let mut s = stream::iter(0..a.count)
                        .map(|_| publish())
                        .buffered(a.inflight);
                    while let Some(r) = s.next().await {
                        r?.await?;
                    }
                }
                "tasks" => {
                    let k = a.inflight as u64;
                    let mut hs = Vec::new();
                    for i in 0..k {
                        let n = a.count / k + (i < a.count % k) as u64;
                        let (ch, q, body) = (ch.clone(), a.queue.clone(), body.clone());
                        hs.push(tokio::spawn(async move {
                            for _ in 0..n {
                                ch.basic_publish(
                                    "".into(),
                                    q.as_str().into(),
                                    BasicPublishOptions::default(),
                                    &body,
                                    BasicProperties::default(),
                                )
                                .await?
                                .await?;
                            }
                            lapin::Result::Ok(())
                        }));
                    }
                    for h in hs {
                        h.await.unwrap()?;
                    }
                }
                x => panic!("not in this mode: {x}"),
            }
            barrier(&ch, &a).await?;
            m.finish(&a, a.count, None);
        }
        Mode::PublishConfirm => {
            ch.confirm_select(ConfirmSelectOptions::default()).await?;
            let m = Meter::start(&a);
            match a.variant.rsplit('-').next().unwrap() {
                "seq" => {
                    let mut w: VecDeque<lapin::PublisherConfirm> =
                        VecDeque::with_capacity(a.window as usize);
                    for _ in 0..a.count {
                        if w.len() as u64 >= a.window {
                            let c = w.pop_front().unwrap();
                            assert!(c.await?.is_ack());
                        }
                        w.push_back(publish().await?);
                    }
                    for c in w {
                        assert!(c.await?.is_ack());
                    }
                }
                "pipe" => {
                    let mut s = stream::iter(0..a.count)
                        .map(|_| async { publish().await?.await })
                        .buffered(a.window as usize);
                    while let Some(r) = s.next().await {
                        assert!(r?.is_ack());
                    }
                }
                x => panic!("not in this mode: {x}"),
            }
            m.finish(&a, a.count, None);
        }
        Mode::Consume | Mode::ConsumeAck => {
            if a.prefetch > 0 {
                ch.basic_qos(a.prefetch, BasicQosOptions::default()).await?;
            }
            let m = Meter::start(&a);
            let o = BasicConsumeOptions {
                no_ack: a.no_ack(),
                ..Default::default()
            };
            let mut c = ch
                .basic_consume(
                    a.queue.as_str().into(),
                    "ctag".into(),
                    o,
                    FieldTable::default(),
                )
                .await?;
            let mut n = 0;
            let mut sum = 0usize;
            while n < a.count {
                let d = c.next().await.expect("consumer ended")?;
                n += 1;
                sum = sum.wrapping_add(d.data.len());
                if a.mode == Mode::ConsumeAck {
                    let multiple = a.multiple();
                    if a.acks(n) {
                        let o = BasicAckOptions { multiple };
                        if a.is("chan") {
                            ch.basic_ack(d.delivery_tag, o).await?;
                        } else {
                            d.ack(o).await?;
                        }
                    }
                }
            }
            if a.mode == Mode::ConsumeAck {
                barrier(&ch, &a).await?;
            }
            assert_eq!(sum, n as usize * a.size);
            m.finish(&a, n, None);
        }
        Mode::Get => {
            let m = Meter::start(&a);
            let mut n = 0;
            while n < a.count {
                match ch
                    .basic_get(a.queue.as_str().into(), BasicGetOptions { no_ack: true })
                    .await?
                {
                    Some(_) => n += 1,
                    None => break,
                }
            }
            m.finish(&a, n, None);
        }
        Mode::RpcLatency => {
            let o = BasicConsumeOptions {
                no_ack: true,
                ..Default::default()
            };
            let mut c = ch
                .basic_consume(
                    a.queue.as_str().into(),
                    "ctag".into(),
                    o,
                    FieldTable::default(),
                )
                .await?;
            let mut lat = Vec::with_capacity(a.count as usize);
            let m = Meter::start(&a);
            for _ in 0..a.count {
                let t = Instant::now();
                publish().await?.await?;
                c.next().await.expect("consumer ended")?;
                lat.push(t.elapsed().as_nanos() as u64);
            }
            m.finish(&a, a.count, Some(&mut lat));
        }
    }
    conn.close(200, "OK".into()).await
}
