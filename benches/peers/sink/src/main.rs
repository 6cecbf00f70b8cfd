//! wiresink: the least AMQP 0-9-1 server that a client can be measured against.
//!
//! A thread for each connection, bytes by hand, no queues, no routing, no memory of anything. It
//! takes the broker out of the measurement:
//!
//! - Publishing: frames are looked at only as far as counting needs. In confirm mode one ack with
//!   `multiple` goes out for each read.
//! - Consuming from `src.<count>.<size>[.<p>]`: that many messages of that size, encoded before,
//!   as fast as the socket takes them; p=1 gives each six properties, one a table of three. Where
//!   acks are wanted, no more than the prefetch count are on their way, refilled by eighths.
//! - `basic.get` on such a queue: the messages one by one, then `get-empty`.
//! - Queues whose names begin with `echo`: what the connection publishes comes back to its consumer.
//!
//! ```text
//! wiresink [PORT] [--heartbeat SECONDS] [--frame-max BYTES]
//! ```
//!
//! It prints `listening PORT` (0 lets the system choose), and one line of JSON for each connection
//! that has ended.

mod conn;
mod content;
mod flood;
mod methods;

use std::net::TcpListener;

use conn::Conn;

/// What it proposes to clients.
#[derive(Clone, Copy)]
struct Cfg {
    heartbeat: u16,
    frame_max: u32,
}

fn main() {
    let mut port = 5673_u16;
    let mut cfg = Cfg {
        heartbeat: 0,
        frame_max: 131_072,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_default();
        match word.as_str() {
            "--heartbeat" => cfg.heartbeat = value().parse().expect("seconds"),
            "--frame-max" => cfg.frame_max = value().parse().expect("bytes"),
            word => port = word.parse().expect("a port"),
        }
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port that is free");
    let port = listener.local_addr().expect("an address").port();
    println!("listening {port}");
    for (id, stream) in (1..).zip(listener.incoming()) {
        let Ok(stream) = stream else { continue };
        std::thread::spawn(move || {
            stream.set_nodelay(true).expect("a socket of TCP");
            let mut conn = Conn::new(stream, id, cfg);
            let result = conn.run();
            conn.report(&result);
        });
    }
}
