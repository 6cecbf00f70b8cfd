//! asyncmodel: how fast can a tokio client with an ordinary API get? A sketch, not a library:
//! no errors, no recovery, one channel, but every per-message job is really done.
//!
//! - publish(): encodes straight into a shared buffer under a short lock; wakes the writer task
//!   only when the buffer was empty; waits when 256 KiB are queued. The writer swaps buffers and
//!   writes: one syscall for all that has piled up.
//! - confirms: publish returns a tag-numbered future; a watermark (atomic) answers most polls.
//! - deliveries: the reader task reads into one BytesMut, parses all whole messages, keeps each as
//!   one refcounted slice plus offsets, and hands the batch over with one lock and one wake-up.
//!   The queue is bounded (8192), so a slow consumer stops the socket.
//! - ack(): 21 bytes into the same write buffer.
//!
//! Its variants are tokio's runtimes: `mt` has many threads, `ct` the current one.
mod client;
mod reader;

use std::collections::VecDeque;
use std::time::Instant;

use benchkit::{Args, Meter, Mode, wire};
use client::{CH, CONSUMER, Confirm, connect};

#[global_allocator]
static ALLOC: benchkit::CountingAlloc = benchkit::CountingAlloc;

fn main() {
    let a = Args::parse("asyncmodel", &["mt", "ct"]);
    let rt = match a.is("mt") {
        true => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build(),
        false => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build(),
    }
    .unwrap();
    rt.block_on(run(a));
}

async fn run(a: Args) {
    let c = connect(&a).await;
    let body = a.body();
    let q = a.queue.as_str();
    match a.mode {
        Mode::Publish => {
            let m = Meter::start(&a);
            for _ in 0..a.count {
                c.publish(q, &body).await;
            }
            c.barrier(q).await;
            m.finish(&a, a.count, None);
        }
        Mode::PublishConfirm => {
            c.rpc(|o| wire::confirm_select(o, CH)).await;
            let mut w = VecDeque::with_capacity(a.window as usize);
            let m = Meter::start(&a);
            for _ in 0..a.count {
                if w.len() as u64 >= a.window {
                    let f: Confirm = w.pop_front().unwrap();
                    f.await;
                }
                w.push_back(c.publish(q, &body).await);
            }
            for f in w {
                f.await;
            }
            m.finish(&a, a.count, None);
        }
        Mode::Consume | Mode::ConsumeAck => {
            if a.prefetch > 0 {
                c.rpc(|o| wire::qos(o, CH, a.prefetch)).await;
            }
            let m = Meter::start(&a);
            c.rpc(|o| wire::consume(o, CH, q, CONSUMER, a.no_ack()))
                .await;
            let mut mine = VecDeque::new();
            let (mut n, mut sum, mut rks) = (0, 0usize, 0usize);
            while n < a.count {
                let d = c.recv(&mut mine).await;
                n += 1;
                sum = sum.wrapping_add(d.body.len());
                rks = rks.wrapping_add(d.routing_key().len());
                if a.mode == Mode::ConsumeAck && a.acks(n) {
                    c.ack(d.tag, a.multiple()).await;
                }
            }
            if a.mode == Mode::ConsumeAck {
                c.barrier(q).await;
            }
            assert_eq!(sum, n as usize * a.size);
            std::hint::black_box(rks);
            m.finish(&a, n, None);
        }
        Mode::RpcLatency => {
            c.rpc(|o| wire::consume(o, CH, q, CONSUMER, a.no_ack()))
                .await;
            let mut mine = VecDeque::new();
            let mut lat = Vec::with_capacity(a.count as usize);
            let m = Meter::start(&a);
            for _ in 0..a.count {
                let t = Instant::now();
                c.publish(q, &body).await;
                c.recv(&mut mine).await;
                lat.push(t.elapsed().as_nanos() as u64);
            }
            m.finish(&a, a.count, Some(&mut lat));
        }
        Mode::Get => panic!("not in the model"),
    }
}
