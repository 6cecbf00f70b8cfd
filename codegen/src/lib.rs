//! Generates Rust types and codecs from the AMQP XML specification files.
//!
//! It reads every revision of the file format from 0-8 to 0-9-1, with the variants that brokers
//! ship. What it writes is one file with a marker type for the version, a struct for each method,
//! a struct of properties for each content class, enums over them, and the constants; it builds on
//! the traits and wire types of the crate `pika`, which carry all the tricks.
//!
//! # From a build script
//!
//! ```no_run
//! // build.rs, with pika-codegen as build dependency and pika as dependency
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let code = pika_codegen::Config::new().runtime("::pika").spec("amqp0-9.xml").generate()?;
//!     let folder = std::env::var("OUT_DIR")?;
//!     std::fs::write(format!("{folder}/amqp0-9.rs"), code)?;
//!     println!("cargo::rerun-if-changed=amqp0-9.xml");
//!     Ok(())
//! }
//! ```
//!
//! The file belongs inside a module of its own:
//! `mod v0_9 { include!(concat!(env!("OUT_DIR"), "/amqp0-9.rs")); }`.
//!
//! # How it works
//!
//! ```text
//! bytes ─ xml ─► elements ─ parse ─► schema ─ fixups ─► schema ─ resolve ─► model ─ emit ─► tokens ─ format or layout ─► text
//! ```
//!
//! `parse` knows what the format looks like, `fixups` repairs known mistakes of published files,
//! `resolve` knows what the files mean; the emitters behind them only spell out the model.
//!
//! Structs that would shadow a name of Rust's prelude or of the runtime carry the name of their
//! class in front: `message.ok` is `message::MessageOk`.
//!
//! The codecs are marked `#[inline]`, so that a program compiles those it uses, into the place where
//! it uses them; the enums over all methods dispatch to them and are not.
//!
//! # Repairs
//!
//! Published files have known mistakes, such as a reply that nobody is said to await. They are
//! repaired under a name, each only in the files that have it; a repair that finds nothing to mend
//! is an error that tells its name, and [`Config::without_fixup`] leaves it out.
//!
//! # Features
//!
//! `format` (on by default) prints the code as a person would have formatted it, and `diff` (on by
//! default) is `Diff`. A crate whose users wait for its build script leaves both out: half of
//! what the code needs to compile is for them. `cli` is the command.
//!
//! # The command
//!
//! With the feature `cli` the crate has a command, `pika-spec`: `check FILE…` says what files
//! contain, `generate FILE` writes code, and `diff OLD NEW` tells what changed between two
//! revisions, sorted by who notices: peers, programs, readers.
//!
//! # Golden copies
//!
//! `tests/golden/` holds what is generated from the two files of this repository, so that reviewers
//! see what a change does. After a change that is meant, renew them with
//! `PIKA_BLESS=1 cargo test -p pika-codegen --test golden`.

mod config;
#[cfg(feature = "diff")]
mod diff;
mod emit;
mod error;
mod fixups;
#[cfg(feature = "format")]
mod format;
#[cfg(any(test, not(feature = "format")))]
mod layout;
mod markdown;
mod model;
mod name;
mod parse;
mod resolve;
mod schema;
mod xml;

pub use config::{Config, Summary};
#[cfg(feature = "diff")]
pub use diff::{Diff, Severity};
pub use error::{Error, ErrorKind, Place, Result};
