//! rawlimit: what the socket, the kernel and the server allow, with no client library at all.
//!
//! - `raw`: the physical limit. Publishes are frames encoded before, written in blocks of whole
//!   messages of about 64 KiB; of deliveries only the bounds of frames are followed, in a buffer of
//!   256 KiB. Acks are written once for each read.
//! - `model`: the same loop with the work that no client can avoid. Each publish is encoded field
//!   by field into the buffer; each delivery is parsed (consumer tag compared, delivery tag,
//!   exchange, routing key, properties, body) and looked at where it is.
//! - `chan`: `model` and what a client adds that has a thread for I/O. The publishing thread encodes
//!   into a shared buffer that the other swaps out and writes; deliveries are handed over in batches,
//!   as counted references to the read buffer.

mod conn;
mod consume;
mod publish;
mod threads;

use std::io::Write;
use std::time::Instant;

use benchkit::{Args, Meter, Mode, wire};
use conn::{CH, Conn};

#[global_allocator]
static ALLOC: benchkit::CountingAlloc = benchkit::CountingAlloc;

fn main() {
    let a = Args::parse("rawlimit", &["raw", "model", "chan"]);
    let mut c = Conn::open(&a);
    match a.mode {
        Mode::Publish if a.is("chan") => threads::publish(&a, c),
        Mode::Publish if a.is("raw") => publish::raw(&a, &mut c),
        Mode::Publish => publish::model(&a, &mut c),
        Mode::PublishConfirm => publish::confirmed(&a, &mut c),
        Mode::Consume if a.is("chan") => threads::consume(&a, c),
        Mode::Consume | Mode::ConsumeAck => consume::run(&a, &mut c),
        Mode::Get => get(&a, &mut c),
        Mode::RpcLatency => rpc_latency(&a, &mut c),
    }
}

fn get(a: &Args, c: &mut Conn) {
    let mut o = Vec::new();
    wire::method(&mut o, CH, (60, 70), |o| {
        o.extend_from_slice(&[0, 0]);
        wire::short(o, a.queue.as_bytes());
        o.push(1);
    });
    let meter = Meter::start(a);
    let mut n = 0;
    while n < a.count {
        c.stream.write_all(&o).unwrap();
        let (kind, range) = c.next();
        if kind == 1 && c.buf[range].starts_with(&wire::BASIC_GET_EMPTY) {
            break;
        }
        c.read_content();
        n += 1;
    }
    meter.finish(a, n, None);
}

fn rpc_latency(a: &Args, c: &mut Conn) {
    c.start_consume(a);
    let mut message = Vec::new();
    wire::publish(&mut message, CH, &a.queue, &a.body(), c.frame_max);
    let mut times = Vec::with_capacity(a.count as usize);
    let meter = Meter::start(a);
    for _ in 0..a.count {
        let began = Instant::now();
        c.stream.write_all(&message).unwrap();
        c.expect((60, 60));
        c.read_content();
        times.push(began.elapsed().as_nanos() as u64);
    }
    meter.finish(a, a.count, Some(&mut times));
}
