//! Generates the types of each enabled protocol version from its XML file.
//!
//! The stem of the file is the name of the feature and of the generated file: `amqp0-9-1.xml`,
//! feature `amqp0-9-1`, `OUT_DIR/amqp0-9-1.rs`.

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

/// The versions, by the name of file and feature.
const VERSIONS: [&str; 2] = ["amqp0-8", "amqp0-9-1"];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    for version in VERSIONS.into_iter().filter(|version| is_enabled(version)) {
        if let Err(error) = generate(version) {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Whether Cargo builds with the feature; it tells in capitals and underscores.
fn is_enabled(version: &str) -> bool {
    let feature = version.to_uppercase().replace(['-', '.'], "_");
    env::var_os(format!("CARGO_FEATURE_{feature}")).is_some()
}

/// Writes the code for one version.
fn generate(version: &str) -> Result<(), Box<dyn Error>> {
    let spec = format!("{version}.xml");
    println!("cargo::rerun-if-changed={spec}");
    let code = pika_codegen::Config::new()
        .runtime("crate")
        .inherent_macro("channel_methods")
        .spec(&spec)
        .generate()?;
    let folder = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    let file = Path::new(&folder).join(format!("{version}.rs"));
    std::fs::write(&file, code).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(())
}
