//! Any bytes as a stream of frames, in pieces.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pika_fuzz::frame_stream(input));
