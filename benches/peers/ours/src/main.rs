//! pika, each of its adapters a variant, under the common command line.
//!
//! A variant is a file with a `run` of its own, and a line in [`VARIANTS`] and in `main`.

mod blocking;
mod tokio;

use std::error::Error;

use benchkit::Args;
use pika::bytes::Bytes;
use pika::connection::Body;

#[global_allocator]
static ALLOC: benchkit::CountingAlloc = benchkit::CountingAlloc;

/// Bodies from this size on are given as what they are, to be written from where they lie.
const LARGE: usize = 16 * 1024;

/// The body of every message, to be cloned for each.
fn shared_or_borrowed(bytes: &Bytes) -> Body<'_> {
    match bytes.len() {
        LARGE.. => Body::Shared(bytes.clone()),
        _ => Body::Borrowed(bytes),
    }
}

/// What a variant gives back.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// The variants; the first is the default.
const VARIANTS: &[&str] = &[
    "tokio-ct",
    "tokio-mt",
    "tokio-mt-task",
    "blocking",
    "blocking-held",
    "background",
];

fn main() -> Result {
    let args = Args::parse("pika", VARIANTS);
    match args.variant.as_str() {
        "blocking" | "blocking-held" | "background" => blocking::run(&args),
        "tokio-ct" | "tokio-mt" | "tokio-mt-task" => tokio::run(&args),
        other => Err(format!("no program for the variant {other}").into()),
    }
}
