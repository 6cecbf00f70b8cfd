//! AMQP 0-8 and 0-9-1 for Rust.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use bytes;

pub mod frame;
pub mod method;
mod versions;
pub mod wire;

pub use versions::*;
