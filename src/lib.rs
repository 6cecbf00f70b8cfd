//! AMQP 0-8 and 0-9-1 for Rust.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use bytes;

#[cfg(feature = "client")]
mod adapters;
#[cfg(feature = "client")]
pub mod config;
#[cfg(feature = "client")]
pub mod connection;
#[cfg(feature = "client")]
pub mod error;
pub mod frame;
pub mod method;
#[cfg(feature = "client")]
pub mod protocol;
mod versions;
pub mod wire;

#[cfg(feature = "blocking")]
pub use adapters::blocking;
#[cfg(feature = "client")]
pub use error::{Error, Result};
pub use versions::*;
