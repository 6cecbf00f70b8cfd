//! Any bytes as a table.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pika_fuzz::tables(input));
