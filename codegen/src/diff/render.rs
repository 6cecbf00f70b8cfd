//! Differences as Markdown.

use std::fmt;

use super::Diff;

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        section(f, "Wire", "What a peer notices.", &self.wire)?;
        f.write_str("\n")?;
        section(
            f,
            "API",
            "What only programs notice that use the generated code.",
            &self.api,
        )?;
        f.write_str("\n")?;
        section(f, "Prose", "Whose texts differ.", &self.prose)
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, about: &str, lines: &[String]) -> fmt::Result {
    write!(f, "## {title}\n\n{about}\n\n")?;
    for line in lines {
        writeln!(f, "- {line}")?;
    }
    if lines.is_empty() {
        f.write_str("Nothing.\n")?;
    }
    Ok(())
}
