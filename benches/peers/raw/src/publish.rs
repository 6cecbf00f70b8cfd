use std::io::Write;

use benchkit::{Args, Confirms, Meter, wire};

use crate::conn::{CH, Conn, block};

pub(crate) fn raw(a: &Args, c: &mut Conn) {
    let mut one = Vec::new();
    wire::publish(&mut one, CH, &a.queue, &a.body(), c.frame_max);
    let fit = (block() / one.len()).max(1);
    let bytes = one.repeat(fit);
    let meter = Meter::start(a);
    let mut left = a.count as usize;
    while left > 0 {
        let n = left.min(fit);
        c.stream.write_all(&bytes[..n * one.len()]).unwrap();
        left -= n;
    }
    c.barrier(&a.queue);
    meter.finish(a, a.count, None);
}

pub(crate) fn model(a: &Args, c: &mut Conn) {
    let body = a.body();
    let high = block();
    let mut o = Vec::with_capacity(high + a.size + a.size / 1000 + 256);
    let meter = Meter::start(a);
    for _ in 0..a.count {
        wire::publish(&mut o, CH, &a.queue, &body, c.frame_max);
        if o.len() >= high {
            c.stream.write_all(&o).unwrap();
            o.clear();
        }
    }
    c.stream.write_all(&o).unwrap();
    c.barrier(&a.queue);
    meter.finish(a, a.count, None);
}

pub(crate) fn confirmed(a: &Args, c: &mut Conn) {
    c.call((85, 11), |o| wire::confirm_select(o, CH));
    let body = a.body();
    let mut one = Vec::new();
    wire::publish(&mut one, CH, &a.queue, &body, c.frame_max);
    let half = (a.window / 2).max(1);
    let fit = ((block() / one.len()).max(1) as u64).min(half);
    let bytes = one.repeat(fit as usize);
    let mut o = Vec::new();
    let meter = Meter::start(a);
    let mut sent = 0;
    let mut confirms = Confirms::default();
    while confirms.acked < a.count {
        while sent < a.count && sent - confirms.acked + fit.min(a.count - sent) <= a.window {
            let n = fit.min(a.count - sent);
            if a.is("raw") {
                c.stream
                    .write_all(&bytes[..n as usize * one.len()])
                    .unwrap();
            } else {
                o.clear();
                for _ in 0..n {
                    wire::publish(&mut o, CH, &a.queue, &body, c.frame_max);
                }
                c.stream.write_all(&o).unwrap();
            }
            sent += n;
        }
        // At least one frame, then all that are there.
        loop {
            let (kind, range) = c.next();
            let payload = &c.buf[range];
            if kind == 1 && payload.starts_with(&wire::BASIC_ACK) {
                confirms.ack(wire::u64_at(payload, 4), payload[12] & 1 != 0);
            }
            if !c.frame_ready() {
                break;
            }
        }
    }
    meter.finish(a, a.count, None);
}
