//! The ratios that have a budget. The two sides are measured in turns, so that a machine that
//! slows down slows both.

use std::hint::black_box;
use std::time::Instant;

use pika::bytes::BytesMut;

use crate::{CASES, Message, decode, hand, seen};

/// Calls in one measurement.
const CALLS: u32 = 20_000;

/// Measurements of each side.
const ROUNDS: usize = 101;

/// The most that the codec may take, in times of what is written by hand.
const ENCODE_BUDGET: f64 = 2.5;
const DECODE_BUDGET: f64 = 3.0;

/// Prints a line for each case and direction.
pub(crate) fn print() {
    println!("\nmedian of {ROUNDS} rounds      hand      pika   ratio  budget");
    for case in CASES {
        let message = Message::new(case);
        let (mut by_hand, mut ours) = (Vec::with_capacity(1024), BytesMut::with_capacity(1024));
        let encode = compare(
            || {
                by_hand.clear();
                black_box(&message).encode_by_hand(&mut by_hand);
                black_box(by_hand.len());
            },
            || {
                ours.clear();
                black_box(&message).encode(&mut ours);
                black_box(ours.len());
            },
        );
        line("encode", case, encode, ENCODE_BUDGET);

        let wire = message.delivery();
        let decode = compare(
            || {
                black_box(&hand::delivery(black_box(&wire)));
            },
            || {
                decode(black_box(&wire), seen);
            },
        );
        line("decode", case, decode, DECODE_BUDGET);
    }
}

fn line(what: &str, case: crate::Case, (hand, pika): (f64, f64), budget: f64) {
    let (name, ratio) = (format!("{what} {case:?}"), pika / hand);
    let verdict = if ratio <= budget { "" } else { "  exceeded" };
    println!("{name:<24} {hand:>6.1} ns {pika:>6.1} ns {ratio:>7.2} {budget:>7.1}{verdict}");
}

/// The medians of both, in nanoseconds a call.
fn compare(mut hand: impl FnMut(), mut pika: impl FnMut()) -> (f64, f64) {
    let (mut by_hand, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        by_hand.push(time(&mut hand));
        ours.push(time(&mut pika));
    }
    (median(by_hand), median(ours))
}

fn time(call: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        call();
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
