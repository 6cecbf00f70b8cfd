//! `pika-spec`: checks, compares and compiles specification files from the command line.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use pika_codegen::{Config, Diff, Severity};

const USAGE: &str = "\
usage: pika-spec check FILE...
       pika-spec generate FILE [-o OUT] [--runtime PATH] [--name VERSION] [--without-fixup NAME]
       pika-spec diff OLD NEW

check     reads each file and says what it contains
generate  writes Rust code, to standard output or to OUT
diff      shows what changed, as Markdown

exit status: 0 fine, or no difference; 1 differences, but not on the wire;
2 differences on the wire; 3 an error";

/// What went wrong: the same to every caller, whatever its cause.
type Failure = Box<dyn std::error::Error>;

/// The status of an error; 1 and 2 tell differences.
const ERROR: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match run(&arguments) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("pika-spec: {error}");
            ExitCode::from(ERROR)
        }
    }
}

fn run(arguments: &[OsString]) -> Result<ExitCode, Failure> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err(usage("no command"));
    };
    match command.to_str() {
        Some("check") => check(rest),
        Some("generate") => generate(rest),
        Some("diff") => diff(rest),
        Some("help" | "--help" | "-h") => print(&format!("{USAGE}\n")),
        Some("--version" | "-V") => print(&format!("pika-spec {}\n", env!("CARGO_PKG_VERSION"))),
        _ => Err(usage(&format!(
            "unknown command `{}`",
            command.to_string_lossy()
        ))),
    }
}

fn check(files: &[OsString]) -> Result<ExitCode, Failure> {
    if files.is_empty() {
        return Err(usage("check: no file"));
    }
    let mut failed = false;
    for file in files {
        match Config::new().spec(file).check() {
            Ok(found) => {
                let (version, classes) = (&found.version, found.classes);
                let (methods, constants) = (found.methods, found.constants);
                let file = Path::new(file).display();
                print(&format!(
                    "{file}: AMQP {version}, {classes} classes, {methods} methods, {constants} constants\n"
                ))?;
            }
            Err(error) => {
                failed = true;
                eprintln!("{error}");
            }
        }
    }
    Ok(if failed {
        ExitCode::from(ERROR)
    } else {
        ExitCode::SUCCESS
    })
}

fn generate(arguments: &[OsString]) -> Result<ExitCode, Failure> {
    let mut config = Config::new();
    let (mut spec, mut out) = (None, None);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let option = argument.to_string_lossy().into_owned();
        let mut value = || {
            rest.next()
                .ok_or_else(|| usage(&format!("generate: `{option}` without a value")))
        };
        let mut text = || value().map(|value| value.to_string_lossy().into_owned());
        match option.as_str() {
            "-o" | "--output" => out = Some(PathBuf::from(value()?)),
            "--runtime" => config = config.runtime(text()?),
            "--name" => config = config.name(text()?),
            "--without-fixup" => config = config.without_fixup(text()?),
            _ if option.starts_with('-') => {
                return Err(usage(&format!("generate: unknown option `{option}`")));
            }
            _ if spec.is_none() => spec = Some(argument),
            _ => return Err(usage(&format!("generate: a second file, `{option}`"))),
        }
    }
    let spec = spec.ok_or_else(|| usage("generate: no file"))?;
    let code = config.spec(spec).generate()?;
    match out {
        None => print(&code),
        Some(out) => {
            std::fs::write(&out, code).map_err(|error| format!("{}: {error}", out.display()))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn diff(files: &[OsString]) -> Result<ExitCode, Failure> {
    let [old, new] = files else {
        return Err(usage(&format!(
            "diff: {} files instead of two",
            files.len()
        )));
    };
    let diff = Diff::new(&Config::new().spec(old), &Config::new().spec(new))?;
    print(&diff.to_string())?;
    Ok(ExitCode::from(match diff.severity() {
        Severity::Same => 0,
        Severity::Source => 1,
        Severity::Wire => 2,
    }))
}

fn print(text: &str) -> Result<ExitCode, Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        result => Ok(result.map(|()| ExitCode::SUCCESS)?),
    }
}

fn usage(problem: &str) -> Failure {
    format!("{problem}\n\n{USAGE}").into()
}
