//! amiquip under the common command line: blocking calls, one thread for the connection's I/O.
//!
//! The variant `seq` is `Connection::insecure_open` as it comes; `tuned` has room for 1024 messages
//! on the way to the thread, and a socket with TCP_NODELAY.
//!
//! Publishes return once they are queued; confirms by `listen_for_publisher_confirms`.
use amiquip::{
    Auth, Confirm, Connection, ConnectionOptions, ConnectionTuning, ConsumerMessage,
    ConsumerOptions, Exchange, Publish,
};
use benchkit::{Args, Confirms, Meter, Mode};
use std::time::Instant;

#[global_allocator]
static A: benchkit::CountingAlloc = benchkit::CountingAlloc;

fn note(c: &mut Confirms, x: Confirm) {
    match x {
        Confirm::Ack(p) => c.ack(p.delivery_tag, p.multiple),
        Confirm::Nack(_) => panic!("nack"),
    }
}

fn main() -> amiquip::Result<()> {
    let a = Args::parse("amiquip", &["seq", "tuned"]);
    let mut conn = if a.is("seq") {
        Connection::insecure_open(&a.url)?
    } else {
        let s = mio::net::TcpStream::connect(&format!("{}:{}", a.host, a.port).parse().unwrap())
            .unwrap();
        s.set_nodelay(true).unwrap();
        let o = ConnectionOptions::<Auth>::default().virtual_host(&a.vhost);
        Connection::insecure_open_stream(s, o, ConnectionTuning::default().mem_channel_bound(1024))?
    };
    let ch = conn.open_channel(None)?;
    let body = a.body();
    let ex = Exchange::direct(&ch);
    match a.mode {
        Mode::Publish => {
            let m = Meter::start(&a);
            for _ in 0..a.count {
                ex.publish(Publish::new(&body, a.queue.as_str()))?;
            }
            ch.queue_declare_passive(a.queue.as_str())?;
            m.finish(&a, a.count, None);
        }
        Mode::PublishConfirm => {
            let rx = ch.listen_for_publisher_confirms()?;
            ch.enable_publisher_confirms()?;
            let mut c = Confirms::default();
            let m = Meter::start(&a);
            for i in 0..a.count {
                while i - c.acked >= a.window {
                    note(&mut c, rx.recv().unwrap());
                }
                ex.publish(Publish::new(&body, a.queue.as_str()))?;
            }
            while c.acked < a.count {
                note(&mut c, rx.recv().unwrap());
            }
            m.finish(&a, a.count, None);
        }
        Mode::Consume | Mode::ConsumeAck => {
            if a.prefetch > 0 {
                ch.qos(0, a.prefetch, false)?;
            }
            let m = Meter::start(&a);
            let c = ch.basic_consume(
                a.queue.as_str(),
                ConsumerOptions {
                    no_ack: a.no_ack(),
                    ..Default::default()
                },
            )?;
            let mut n = 0;
            let mut sum = 0usize;
            while n < a.count {
                let ConsumerMessage::Delivery(d) = c.receiver().recv().unwrap() else {
                    panic!("consumer ended")
                };
                n += 1;
                sum = sum.wrapping_add(d.body.len());
                if a.mode == Mode::ConsumeAck {
                    if !a.multiple() {
                        c.ack(d)?;
                    } else if a.acks(n) {
                        c.ack_multiple(d)?;
                    }
                }
            }
            if a.mode == Mode::ConsumeAck {
                ch.queue_declare_passive(a.queue.as_str())?;
            }
            assert_eq!(sum, n as usize * a.size);
            m.finish(&a, n, None);
            std::mem::forget(c); // its drop would cancel
        }
        Mode::Get => {
            let m = Meter::start(&a);
            let mut n = 0;
            while n < a.count && ch.basic_get(a.queue.as_str(), true)?.is_some() {
                n += 1;
            }
            m.finish(&a, n, None);
        }
        Mode::RpcLatency => {
            let c = ch.basic_consume(
                a.queue.as_str(),
                ConsumerOptions {
                    no_ack: true,
                    ..Default::default()
                },
            )?;
            let mut lat = Vec::with_capacity(a.count as usize);
            let m = Meter::start(&a);
            for _ in 0..a.count {
                let t = Instant::now();
                ex.publish(Publish::new(&body, a.queue.as_str()))?;
                c.receiver().recv().unwrap();
                lat.push(t.elapsed().as_nanos() as u64);
            }
            m.finish(&a, a.count, Some(&mut lat));
            std::mem::forget(c);
        }
    }
    conn.close()
}
