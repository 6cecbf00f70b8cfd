use std::collections::BTreeSet;

use super::{Message, Properties, topic};
use crate::wire::{ShortStr, Table, Value};

/// An exchange and the bindings that lead away from it.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) kind: Kind,
    pub(crate) durable: bool,
    pub(crate) auto_delete: bool,
    pub(crate) internal: bool,
    pub(crate) arguments: Table,
    pub(crate) bindings: Vec<Binding>,
}

/// How an exchange chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Direct,
    Fanout,
    Topic,
    Headers,
}

/// A way from an exchange to a queue or to another exchange.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Binding {
    pub(crate) routing_key: ShortStr,
    pub(crate) arguments: Table,
    pub(crate) target: Target,
}

/// Where a binding leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Queue(ShortStr),
    Exchange(ShortStr),
}

impl Kind {
    /// The kind with this name, if the broker has it.
    pub(crate) fn named(name: &ShortStr) -> Option<Self> {
        Some(match name.as_bytes() {
            b"direct" => Self::Direct,
            b"fanout" => Self::Fanout,
            b"topic" => Self::Topic,
            b"headers" => Self::Headers,
            _ => return None,
        })
    }

    /// The name in `exchange.declare`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Fanout => "fanout",
            Self::Topic => "topic",
            Self::Headers => "headers",
        }
    }
}

impl Exchange {
    /// One of the exchanges that every vhost has.
    pub(crate) fn predeclared(kind: Kind, internal: bool) -> Self {
        Self {
            kind,
            durable: true,
            auto_delete: false,
            internal,
            arguments: Table::new(),
            bindings: Vec::new(),
        }
    }

    /// Where messages go that no binding takes.
    pub(crate) fn alternate(&self) -> Option<ShortStr> {
        let name = self.arguments.get("alternate-exchange")?;
        ShortStr::new(name.as_bytes()?).ok()
    }

    /// Makes a binding, once.
    pub(crate) fn bind(&mut self, binding: Binding) {
        if !self.bindings.contains(&binding) {
            self.bindings.push(binding);
        }
    }

    /// Undoes a binding and tells whether it was there.
    pub(crate) fn unbind(&mut self, binding: &Binding) -> bool {
        let before = self.bindings.len();
        self.bindings.retain(|found| found != binding);
        self.bindings.len() < before
    }

    /// Undoes every binding to `target` and tells whether there was one.
    pub(crate) fn forget(&mut self, target: &Target) -> bool {
        let before = self.bindings.len();
        self.bindings.retain(|found| found.target != *target);
        self.bindings.len() < before
    }

    /// Adds the targets of every binding that matches.
    pub(crate) fn choose(
        &self,
        routing_key: &ShortStr,
        properties: &Properties,
        targets: &mut BTreeSet<Target>,
    ) {
        let chosen = self
            .bindings
            .iter()
            .filter(|binding| self.matches(binding, routing_key, properties));
        targets.extend(chosen.map(|binding| binding.target.clone()));
    }

    fn matches(&self, binding: &Binding, key: &ShortStr, properties: &Properties) -> bool {
        match self.kind {
            Kind::Fanout => true,
            Kind::Direct => binding.routing_key == *key,
            Kind::Topic => topic::matches(binding.routing_key.as_bytes(), key.as_bytes()),
            Kind::Headers => headers_match(&binding.arguments, properties.headers.as_ref()),
        }
    }
}

/// Whether headers satisfy the arguments of a binding.
///
/// `x-match` says how many have to: `all` (the default) or `any`, each without arguments that
/// begin with `x-`, or with them (`all-with-x`, `any-with-x`). An argument without a value asks
/// for the header's presence only.
fn headers_match(arguments: &Table, headers: Option<&Table>) -> bool {
    let how = arguments.get("x-match").map(Value::from);
    let how = how.as_ref().and_then(Value::as_str).unwrap_or("all");
    let (any, with_x) = match how {
        "any" => (true, false),
        "any-with-x" => (true, true),
        "all-with-x" => (false, true),
        _ => (false, false),
    };
    let mut asked = arguments
        .iter()
        .map(|(name, value)| (name, value.to_value()))
        .filter(|(name, _)| *name != "x-match")
        .filter(|(name, _)| with_x || !name.as_bytes().starts_with(b"x-"));
    let found = |(name, wanted): (ShortStr, Value)| {
        let value = headers
            .and_then(|headers| headers.get(&name))
            .map(Value::from);
        value.is_some_and(|value| wanted == Value::Void || same(&wanted, &value))
    };
    if any {
        asked.any(found)
    } else {
        asked.all(found)
    }
}

/// Whether two values are equal, integers of different widths included.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one.as_i64(), other.as_i64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// The keys a message is routed by: its own and those in `CC` and `BCC`.
pub(crate) fn keys(message: &Message, properties: &Properties) -> Vec<ShortStr> {
    let mut keys = vec![message.routing_key.clone()];
    for header in ["CC", "BCC"] {
        keys.extend(Message::copies(properties, header).unwrap_or_default());
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table;

    #[test]
    fn all_headers_or_any() {
        let headers = table! { "a" => 1, "b" => "two", "x-c" => true };
        let holds = |arguments: Table| headers_match(&arguments, Some(&headers));
        assert!(holds(table! { "a" => 1i64, "b" => "two" }));
        assert!(holds(table! { "a" => () }));
        assert!(!holds(table! { "a" => 1, "b" => "three" }));
        assert!(!holds(table! { "d" => () }));
        assert!(holds(table! { "x-match" => "any", "a" => 2, "b" => "two" }));
        assert!(!holds(table! { "x-match" => "any", "a" => 2 }));
        assert!(holds(table! { "x-c" => false }));
        assert!(!holds(table! { "x-match" => "all-with-x", "x-c" => false }));
        assert!(holds(table! { "x-match" => "any-with-x", "x-c" => true }));
        assert!(!holds(table! { "x-match" => "any", "x-c" => true }));
    }
}
