//! What changed between two versions of a specification, sorted by who notices.

mod arguments;
mod constants;
mod methods;
mod render;

use crate::config::Config;
use crate::error::Result;
use crate::model::{Class, Model, Version};
use crate::schema::Prose;

/// The differences between two specifications, each a line of Markdown, in the order of the ids.
///
/// `Display` shows all of them under three headings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    wire: Vec<String>,
    api: Vec<String>,
    prose: Vec<String>,
}

/// The weightiest difference there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// None at all.
    Same,
    /// Names, signatures or texts, but not a byte.
    Source,
    /// Other bytes, or bytes at another time.
    Wire,
}

impl Diff {
    /// Compares two specifications.
    ///
    /// # Errors
    /// When either cannot be read.
    pub fn new(old: &Config, new: &Config) -> Result<Self> {
        let (old, new) = (old.model()?, new.model()?);
        let mut diff = Self::default();
        diff.version(&old.version, &new.version);
        constants::compare(&mut diff, &old.constants, &new.constants);
        diff.classes(&old, &new);
        if old.prose != new.prose {
            diff.prose.push("the introduction".to_owned());
        }
        Ok(diff)
    }

    /// What a peer notices.
    #[must_use]
    pub fn wire(&self) -> &[String] {
        &self.wire
    }

    /// What only programs notice that use the generated code.
    #[must_use]
    pub fn api(&self) -> &[String] {
        &self.api
    }

    /// What only readers notice.
    #[must_use]
    pub fn prose(&self) -> &[String] {
        &self.prose
    }

    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        if !self.wire.is_empty() {
            Severity::Wire
        } else if !self.api.is_empty() || !self.prose.is_empty() {
            Severity::Source
        } else {
            Severity::Same
        }
    }

    fn version(&mut self, old: &Version, new: &Version) {
        let header = |version: &Version| {
            let numbers = version.header.iter().skip(4).map(u8::to_string);
            format!("`AMQP {}`", numbers.collect::<Vec<_>>().join(" "))
        };
        if old.header != new.header {
            self.wire.push(format!(
                "the protocol header is {}, was {}",
                header(new),
                header(old)
            ));
        }
        let numbers = |version: &Version| {
            format!("{}, {}, {}", version.major, version.minor, version.revision)
        };
        if numbers(old) != numbers(new) {
            let line = format!(
                "the version numbers are {}, were {}",
                numbers(new),
                numbers(old)
            );
            self.wire.push(line);
        }
        if old.port != new.port {
            self.api
                .push(format!("the port is {}, was {}", new.port, old.port));
        }
        if old.name != new.name {
            self.api.push(format!(
                "the version is `{}`, was `{}`",
                new.marker, old.marker
            ));
        }
    }

    fn classes(&mut self, old: &Model, new: &Model) {
        let find =
            |model: &Model, name: &str| model.classes.iter().position(|class| class.name == name);
        let mut all: Vec<&Class> = old.classes.iter().collect();
        all.extend(
            new.classes
                .iter()
                .filter(|class| find(old, &class.name).is_none()),
        );
        all.sort_by_key(|class| class.index);
        for class in all {
            let before = find(old, &class.name).and_then(|at| old.classes.get(at));
            let after = find(new, &class.name).and_then(|at| new.classes.get(at));
            match (before, after) {
                (Some(before), Some(after)) => self.class(before, after),
                (Some(gone), None) => self.wire.push(format!("class {} removed", whole(gone))),
                (None, Some(added)) => self.wire.push(format!("class {} added", whole(added))),
                (None, None) => {}
            }
        }
    }

    fn class(&mut self, old: &Class, new: &Class) {
        let name = &new.name;
        if old.index != new.index {
            self.wire.push(format!(
                "class `{name}` moved from {} to {}",
                old.index, new.index
            ));
        }
        let mut texts = Texts::default();
        texts.compare("the class", &old.prose, &new.prose);
        match (&old.properties, &new.properties) {
            (Some(before), Some(after)) => {
                arguments::compare_properties(self, name, before, after);
                for property in after {
                    let same = before.iter().find(|other| other.ident == property.ident);
                    let name = format!("`{}`", property.name);
                    texts.compare_found(&name, same.map(|same| &same.prose), &property.prose);
                }
            }
            (None, Some(_)) => self.wire.push(format!("class `{name}` carries content")),
            (Some(_), None) => self
                .wire
                .push(format!("class `{name}` carries no content any more")),
            (None, None) => {}
        }
        texts.report(name, &mut self.prose);
        methods::compare(self, old, new);
    }
}

/// A class with all its methods in one line.
fn whole(class: &Class) -> String {
    let methods = class
        .methods
        .iter()
        .map(|method| format!("`{}` {}", method.name, method.index));
    format!(
        "`{}` {} ({})",
        class.name,
        class.index,
        methods.collect::<Vec<_>>().join(", ")
    )
}

/// The parts of one class or method whose texts differ.
#[derive(Default)]
struct Texts {
    parts: Vec<String>,
}

impl Texts {
    fn compare(&mut self, part: &str, old: &Prose, new: &Prose) {
        if old != new {
            self.parts.push(part.to_owned());
        }
    }

    /// Compares a part that may be new, which is then reported elsewhere.
    fn compare_found(&mut self, part: &str, old: Option<&Prose>, new: &Prose) {
        if let Some(old) = old {
            self.compare(part, old, new);
        }
    }

    fn report(self, name: &str, lines: &mut Vec<String>) {
        if !self.parts.is_empty() {
            lines.push(format!("`{name}`: {}", self.parts.join(", ")));
        }
    }
}
