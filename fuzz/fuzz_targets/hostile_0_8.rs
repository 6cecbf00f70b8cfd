//! A client of AMQP 0-8 and a peer who says anything at any time.

#![no_main]

fn measured(act: &mut dyn FnMut()) -> u64 {
    allocation_counter::measure(act).bytes_max
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| pika_fuzz::hostile_0_8(input, measured));
