//! Generates code from the seven files of Debian's package `amqp-specs`, as any crate could.
//!
//! Next to each file it writes a list of the generated structs, for the tests to walk.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Module, name of the version, file.
const SPECS: [(&str, &str, &str); 7] = [
    ("v0_8", "0-8", "0-8/amqp0-8.stripped.xml"),
    (
        "v0_8_qpid",
        "0-8-qpid",
        "0-8-qpid/amqp0-8-qpid.stripped.xml",
    ),
    ("v0_9", "0-9", "0-9/amqp0-9.stripped.xml"),
    (
        "v0_9_qpid",
        "0-9-qpid",
        "0-9-qpid/amqp0-9-qpid.stripped.xml",
    ),
    ("v0_9_1", "0-9-1", "0-9-1/amqp0-9-1.stripped.xml"),
    (
        "v0_9_1_qpid",
        "0-9-1-qpid",
        "0-9-1-qpid/amqp0-9-1.stripped.xml",
    ),
    (
        "v0_9_1_rabbit",
        "0-9-1-rabbit",
        "0-9-1-rabbit/amqp0-9-1.stripped.extended.xml",
    ),
];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=AMQP_SPECS_DIR");
    let folder = env::var_os("AMQP_SPECS_DIR").unwrap_or("/usr/share/amqp/specs".into());
    for spec in SPECS {
        if let Err(error) = generate(Path::new(&folder), spec) {
            eprintln!("error: {error}");
            eprintln!("install the Debian package amqp-specs, or set AMQP_SPECS_DIR");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn generate(folder: &Path, (module, name, file): (&str, &str, &str)) -> Result<(), Box<dyn Error>> {
    let spec = folder.join(file);
    println!("cargo::rerun-if-changed={}", spec.display());
    let code = pika_codegen::Config::new()
        .runtime("::pika")
        .spec(spec)
        .name(name)
        .generate()?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    std::fs::write(out.join(format!("{module}.structs.rs")), structs(&code))?;
    std::fs::write(out.join(format!("{module}.rs")), code)?;
    Ok(())
}

/// A macro that calls another for each struct: `check!(queue::Declare);`.
fn structs(code: &str) -> String {
    let mut list = String::from("{\n");
    let mut module = "";
    for line in code.lines() {
        if let Some(name) = line.strip_prefix("pub mod ") {
            module = name.trim_end_matches([' ', '{']);
        }
        if let Some(name) = line.trim_start().strip_prefix("impl Args for ") {
            let name = name.trim_end_matches([' ', '{']);
            _ = writeln!(list, "    check::<{module}::{name}>();");
        }
    }
    list + "}\n"
}
