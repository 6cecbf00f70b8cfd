//! What the Rust programs of the comparison share: the common command line, an allocator that
//! counts, meters for time and memory, a counter of confirms, and the bytes of the protocol for
//! those programs that have no client library.
//!
//! ```ignore
//! #[global_allocator]
//! static ALLOC: benchkit::CountingAlloc = benchkit::CountingAlloc;
//!
//! let args = benchkit::Args::parse("client", &["variant"]);
//! // connect, declare ...
//! let meter = benchkit::Meter::start(&args);
//! // the measured work
//! meter.finish(&args, messages, None);
//! ```

mod alloc;
mod args;
mod confirms;
mod meter;
pub mod wire;

pub use alloc::CountingAlloc;
pub use args::{Args, Mode};
pub use confirms::Confirms;
pub use meter::Meter;
