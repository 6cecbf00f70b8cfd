//! Tokens to text that reads as if a person had formatted it.

use proc_macro2::TokenStream;

use crate::error::{Error, ErrorKind, Result};

/// Starts of lines that begin an item.
const BEGINNINGS: &[&str] = &[
    "///", "#[", "pub ", "impl", "fn ", "mod ", "const ", "type ",
];

/// Parses the tokens, which proves that they are Rust, and prints them.
pub(crate) fn text(code: TokenStream) -> Result<String> {
    let file: syn::File = syn::parse2(code).map_err(|error| {
        Error::new(
            ErrorKind::Output,
            format!("generated code that is not Rust: {error}"),
        )
        .hint("this is a mistake of pika-codegen")
    })?;
    Ok(space(&prettyplease::unparse(&file)))
}

/// Puts empty lines between items: the printer leaves none.
fn space(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + text.len() / 16);
    let mut before = "";
    for line in text.lines() {
        if between(before, line) {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
        before = line;
    }
    spaced
}

/// Whether an item ends with the first line and another begins with the second.
fn between(before: &str, line: &str) -> bool {
    let (end, start) = (before.trim_start(), line.trim_start());
    let same_depth = before.len() - end.len() == line.len() - start.len();
    let begins = BEGINNINGS
        .iter()
        .any(|beginning| start.starts_with(beginning));
    let ends_block = end == "}" || end.ends_with("{}");
    let ends_statement = end.ends_with(';') && !end.starts_with("///");
    let alike = ["const ", "use ", "type "]
        .iter()
        .any(|kind| end.starts_with(kind) && start.starts_with(kind));
    same_depth && begins && !alike && (ends_block || ends_statement)
}
