//! Where the specification files are.
#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use pika_codegen::Config;

/// The seven files of Debian's package `amqp-specs`.
pub(crate) const DEBIAN: [&str; 7] = [
    "0-8/amqp0-8.stripped.xml",
    "0-8-qpid/amqp0-8-qpid.stripped.xml",
    "0-9/amqp0-9.stripped.xml",
    "0-9-qpid/amqp0-9-qpid.stripped.xml",
    "0-9-1/amqp0-9-1.stripped.xml",
    "0-9-1-qpid/amqp0-9-1.stripped.xml",
    "0-9-1-rabbit/amqp0-9-1.stripped.extended.xml",
];

/// The two files of this repository.
pub(crate) const OWN: [&str; 2] = ["amqp0-8.xml", "amqp0-9-1.xml"];

/// One of Debian's files. Without them the test fails: it would prove nothing.
pub(crate) fn debian(file: &str) -> PathBuf {
    let folder = std::env::var_os("AMQP_SPECS_DIR").unwrap_or("/usr/share/amqp/specs".into());
    let path = Path::new(&folder).join(file);
    assert!(
        path.is_file(),
        "{} is missing: install the Debian package amqp-specs, or set AMQP_SPECS_DIR",
        path.display()
    );
    path
}

/// A file at the top of the repository.
pub(crate) fn top(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)
}

/// All nine files.
pub(crate) fn all() -> Vec<PathBuf> {
    DEBIAN
        .into_iter()
        .map(debian)
        .chain(OWN.into_iter().map(top))
        .collect()
}

/// The code for one of this repository's files, as its build script generates it.
pub(crate) fn own_code(file: &str) -> String {
    let code = Config::new().runtime("crate").spec(top(file)).generate();
    code.unwrap_or_else(|error| panic!("{error}"))
}
