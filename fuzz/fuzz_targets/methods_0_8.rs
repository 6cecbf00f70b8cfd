//! Any bytes as a method or a property list of AMQP 0-8.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pika_fuzz::methods::<pika::v0_8::V0_8>(input));
