//! Any bytes as a specification file.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pika_fuzz::xml_parser(input));
