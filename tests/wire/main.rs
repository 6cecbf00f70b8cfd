//! The types and codecs against what other implementations write, against arbitrary values and
//! against damaged input, for every version that is compiled in.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, and its helpers with it"
)]

/// Runs functions that are generic over a version as tests of each version.
macro_rules! in_each_version {
    ($($name:ident)*) => {
        #[cfg(feature = "amqp0-8")]
        mod v0_8 {
            $(#[test] fn $name() { super::$name::<pika::v0_8::V0_8>(); })*
        }
        #[cfg(feature = "amqp0-9-1")]
        mod v0_9_1 {
            $(#[test] fn $name() { super::$name::<pika::v0_9_1::V0_9_1>(); })*
        }
    };
}

mod damage;
mod dump;
mod frames;
mod listing;
mod methods;
mod properties;
mod secrets;
mod shape;
mod shown;
mod strings;
mod tables;
mod vectors;

/// Bytes from hexadecimal text, in which blanks mean nothing.
fn bytes(hex: &str) -> pika::bytes::Bytes {
    let digits: Vec<u8> = hex.bytes().filter(|c| !c.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
