//! Any bytes as a method or a property list of AMQP 0-9-1.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pika_fuzz::methods::<pika::v0_9_1::V0_9_1>(input));
