//! The front door: what to read and how to write it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;
use crate::{emit, fixups, name, parse, resolve, xml};

/// What to generate from, and for whom.
///
/// ```
/// # fn main() -> Result<(), pika_codegen::Error> {
/// let xml = br#"
///     <amqp major="0" minor="9" revision="1" port="5672">
///       <class name="tx" handler="channel" index="90">
///         <method name="select" index="10">
///           <chassis name="server" implement="MUST"/>
///         </method>
///       </class>
///     </amqp>"#;
/// let code = pika_codegen::Config::new().runtime("::pika").source("tiny.xml", xml).generate()?;
/// assert!(code.contains("pub struct Select"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Config {
    runtime: String,
    input: Option<Input>,
    name: Option<String>,
    skipped: Vec<String>,
    inherent: Option<String>,
}

#[derive(Clone, Debug)]
enum Input {
    File(PathBuf),
    Bytes { name: String, bytes: Vec<u8> },
}

/// What a specification contains, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The version, `0-9-1`.
    pub version: String,
    /// Its classes.
    pub classes: usize,
    /// The methods of all classes.
    pub methods: usize,
    /// The constants.
    pub constants: usize,
}

impl Config {
    /// Nothing to read yet; the runtime is `::pika`.
    pub fn new() -> Self {
        Self {
            runtime: "::pika".to_owned(),
            input: None,
            name: None,
            skipped: Vec::new(),
            inherent: None,
        }
    }

    /// The path under which the generated code finds `wire`, `method` and `bytes`.
    ///
    /// The default, `::pika`, is right for any crate that depends on `pika`.
    pub fn runtime(mut self, path: impl Into<String>) -> Self {
        self.runtime = path.into();
        self
    }

    /// Reads this file.
    pub fn spec(mut self, path: impl Into<PathBuf>) -> Self {
        self.input = Some(Input::File(path.into()));
        self
    }

    /// Reads these bytes; `name` stands for the file in errors and in the generated code.
    pub fn source(mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(Input::Bytes {
            name: name.into(),
            bytes: bytes.into(),
        });
        self
    }

    /// Calls the version so, instead of by the numbers in the file.
    ///
    /// Variants of one version, such as Qpid's 0-9-1, have the same numbers or odd ones.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Leaves out a named repair, for a file that has it right already.
    pub fn without_fixup(mut self, name: impl Into<String>) -> Self {
        self.skipped.push(name.into());
        self
    }

    /// Adds a macro of this name that writes the functions of the trait `Methods` as inherent ones
    /// of a channel type, so that its users need no import: `name!(Channel<Version>, Result,
    /// Result<()>)`. The last two say what a call and what a method without reply returns.
    pub fn inherent_macro(mut self, name: impl Into<String>) -> Self {
        self.inherent = Some(name.into());
        self
    }

    /// Writes the code.
    ///
    /// With the feature `format` it looks as if a person had formatted it, and is parsed once, as
    /// a proof that it is Rust; without, it is the same code with a statement to a line.
    ///
    /// # Errors
    /// When the file cannot be read, is not of the family, or contradicts itself.
    pub fn generate(&self) -> Result<String> {
        let runtime = name::path(&self.runtime).ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                format!("`{}` as the path of the runtime", self.runtime),
            )
            .expected("a path such as `::pika` or `crate`")
        })?;
        let model = self.model()?;
        let version = env!("CARGO_PKG_VERSION");
        let header = format!(
            "// Generated from {} by pika-codegen {version}; do not edit.",
            model.file
        );
        let text = text(emit::file(&model, &runtime, self.inherent.as_deref()))?;
        Ok(format!("{header}\n\n{text}"))
    }

    /// Reads and resolves the file without writing code.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    pub fn check(&self) -> Result<Summary> {
        let model = self.model()?;
        Ok(Summary {
            version: model.version.name,
            classes: model.classes.len(),
            methods: model.classes.iter().map(|class| class.methods.len()).sum(),
            constants: model.constants.len(),
        })
    }

    pub(crate) fn model(&self) -> Result<Model> {
        let (file, bytes) = self.read()?;
        let shown = match &self.input {
            Some(Input::File(path)) => path.display().to_string(),
            _ => file.to_string(),
        };
        self.resolve(&file, &bytes)
            .map_err(|error| error.in_file(&shown))
    }

    fn resolve(&self, file: &str, bytes: &[u8]) -> Result<Model> {
        let mut spec = parse::spec(&xml::parse(bytes)?)?;
        fixups::apply(&mut spec, &self.skipped)?;
        resolve::model(&spec, file, self.name.as_deref())
    }

    /// The name without folders, and the content.
    fn read(&self) -> Result<(Cow<'_, str>, Cow<'_, [u8]>)> {
        match &self.input {
            None => Err(Error::new(ErrorKind::Config, "no specification to read")
                .hint("call `spec` or `source` first")),
            Some(Input::Bytes { name, bytes }) => {
                Ok((one_line(name).into(), Cow::Borrowed(bytes.as_slice())))
            }
            Some(Input::File(path)) => {
                let bytes = std::fs::read(path).map_err(|error| {
                    Error::new(ErrorKind::Io, format!("the file cannot be read: {error}"))
                        .in_file(&path.display().to_string())
                })?;
                let name = path.file_name().unwrap_or(Path::new("?").as_os_str());
                Ok((one_line(&name.to_string_lossy()).into(), Cow::Owned(bytes)))
            }
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "format")]
use crate::format::text;

#[cfg(not(feature = "format"))]
fn text(code: proc_macro2::TokenStream) -> Result<String> {
    Ok(crate::layout::text(code))
}

/// Keeps a name within the comment it is written into.
fn one_line(name: &str) -> String {
    name.replace(|sign: char| sign.is_control(), " ")
}
