//! Elements to the plain data of [`schema`](crate::schema).
//!
//! Every element and every attribute must be known: a misspelt one is an error, not a silent loss.

use std::str::FromStr;

use crate::error::{Error, Place, Result};
use crate::name::Name;
use crate::schema::{
    Assert, Chassis, Class, Constant, Domain, ErrorClass, Field, Method, Prose, Response, Spec,
};
use crate::xml::Element;

/// Reads the element `amqp`.
pub(crate) fn spec(root: &Element) -> Result<Spec> {
    if root.name != "amqp" {
        return Err(
            Error::schema(root.place, format!("the root element `{}`", root.name))
                .expected("`amqp`")
                .hint("AMQP 0-10 and 1.0 have other file formats"),
        );
    }
    let node = Node::new(root, &["major", "minor", "revision", "port", "comment"])?;
    let mut spec = Spec {
        major: node.number("major")?,
        minor: node.number("minor")?,
        revision: node.optional_number("revision")?,
        port: node.number("port")?,
        prose: Prose::default(),
        constants: Vec::new(),
        domains: Vec::new(),
        classes: Vec::new(),
        place: root.place,
    };
    for child in &root.children {
        match child.name.as_str() {
            "constant" => spec.constants.push(constant(child)?),
            "domain" => spec.domains.push(domain(child)?),
            "class" => spec.classes.push(class(child)?),
            "doc" => doc(child, &mut spec.prose)?,
            _ => {
                return Err(unknown_child(
                    child,
                    root,
                    "`constant`, `domain`, `class`, `doc`",
                ));
            }
        }
    }
    Ok(spec)
}

fn constant(element: &Element) -> Result<Constant> {
    let node = Node::new(element, &["name", "value", "class"])?;
    let class = match node.optional_name("class")? {
        None => None,
        Some(class) if class == "soft-error" => Some(ErrorClass::Soft),
        Some(class) if class == "hard-error" => Some(ErrorClass::Hard),
        Some(class) => {
            let found = format!("constant class `{class}`");
            return Err(
                Error::schema(node.place("class"), found).expected("`soft-error` or `hard-error`")
            );
        }
    };
    let mut prose = Prose::default();
    loose_text(element, &mut prose);
    for child in &element.children {
        match child.name.as_str() {
            "doc" => doc(child, &mut prose)?,
            _ => return Err(unknown_child(child, element, "`doc`")),
        }
    }
    let (name, value) = (node.name("name")?, node.number("value")?);
    Ok(Constant {
        name,
        value,
        class,
        prose,
        place: element.place,
    })
}

fn domain(element: &Element) -> Result<Domain> {
    let node = Node::new(element, &["name", "type", "label"])?;
    let mut asserts = Vec::new();
    for child in &element.children {
        match child.name.as_str() {
            "assert" => asserts.push(assert(child)?),
            // No item is generated for a domain, so that its documentation has no place to be.
            "doc" => doc(child, &mut Prose::default())?,
            "rule" => rule(child, &mut Prose::default())?,
            _ => return Err(unknown_child(child, element, "`assert`, `doc`, `rule`")),
        }
    }
    let (name, ty) = (node.name("name")?, node.name("type")?);
    Ok(Domain {
        name,
        ty,
        asserts,
        place: element.place,
    })
}

fn class(element: &Element) -> Result<Class> {
    let node = Node::new(element, &["name", "index", "handler", "label"])?;
    node.name("handler")?;
    let mut class = Class {
        name: node.name("name")?,
        index: node.number("index")?,
        prose: Prose {
            label: node.label(),
            ..Prose::default()
        },
        fields: Vec::new(),
        methods: Vec::new(),
        place: element.place,
    };
    // What a class says of its peers, its methods say again.
    let mut peers = Chassis::default();
    loose_text(element, &mut class.prose);
    for child in &element.children {
        match child.name.as_str() {
            "chassis" => chassis(child, &mut peers)?,
            "field" => class.fields.push(field(child)?),
            "method" => class.methods.push(method(child)?),
            "doc" => doc(child, &mut class.prose)?,
            "rule" => rule(child, &mut class.prose)?,
            _ => {
                let known = "`chassis`, `field`, `method`, `doc`, `rule`";
                return Err(unknown_child(child, element, known));
            }
        }
    }
    Ok(class)
}

fn method(element: &Element) -> Result<Method> {
    let known = [
        "name",
        "index",
        "synchronous",
        "content",
        "deprecated",
        "label",
    ];
    let node = Node::new(element, &known)?;
    node.flag("synchronous")?;
    let mut method = Method {
        name: node.name("name")?,
        index: node.number("index")?,
        content: node.flag("content")?,
        deprecated: node.flag("deprecated")?,
        chassis: Chassis::default(),
        responses: Vec::new(),
        fields: Vec::new(),
        prose: Prose {
            label: node.label(),
            ..Prose::default()
        },
        place: element.place,
    };
    loose_text(element, &mut method.prose);
    for child in &element.children {
        match child.name.as_str() {
            "chassis" => chassis(child, &mut method.chassis)?,
            "response" => method.responses.push(response(child)?),
            "field" => method.fields.push(field(child)?),
            "doc" => doc(child, &mut method.prose)?,
            "rule" => rule(child, &mut method.prose)?,
            _ => {
                let known = "`chassis`, `response`, `field`, `doc`, `rule`";
                return Err(unknown_child(child, element, known));
            }
        }
    }
    Ok(method)
}

fn chassis(element: &Element, chassis: &mut Chassis) -> Result<()> {
    let node = Node::leaf(element, &["name", "implement"])?;
    node.required("implement")?;
    let peer = match node.required("name")? {
        "server" => &mut chassis.server,
        "client" => &mut chassis.client,
        other => {
            return Err(
                Error::schema(node.place("name"), format!("chassis `{other}`"))
                    .expected("`server` or `client`"),
            );
        }
    };
    if std::mem::replace(peer, true) {
        return Err(Error::schema(
            element.place,
            "the same chassis a second time",
        ));
    }
    Ok(())
}

fn response(element: &Element) -> Result<Response> {
    let node = Node::leaf(element, &["name"])?;
    Ok(Response {
        name: node.name("name")?,
        place: element.place,
    })
}

fn field(element: &Element) -> Result<Field> {
    let node = Node::new(element, &["name", "type", "domain", "reserved", "label"])?;
    let ty = match (node.optional_name("type")?, node.optional_name("domain")?) {
        (Some(ty), None) | (None, Some(ty)) => ty,
        (found, _) => {
            let found = if found.is_some() { "both" } else { "neither" };
            return Err(Error::schema(
                element.place,
                format!("a field with {found} of `type` and `domain`"),
            )
            .expected("exactly one of them"));
        }
    };
    let mut field = Field {
        name: node.name("name")?,
        ty,
        reserved: node.flag("reserved")?,
        asserts: Vec::new(),
        prose: Prose {
            label: node.label(),
            ..Prose::default()
        },
        place: element.place,
    };
    loose_text(element, &mut field.prose);
    for child in &element.children {
        match child.name.as_str() {
            "assert" => field.asserts.push(assert(child)?),
            "doc" => doc(child, &mut field.prose)?,
            "rule" => rule(child, &mut field.prose)?,
            // Names of a chapter and of a test case of the text that the file belongs to.
            "see" => {
                Node::leaf(child, &["name"])?;
            }
            "test" => {
                Node::new(child, &["name"])?;
            }
            _ => {
                let known = "`assert`, `doc`, `rule`, `see`, `test`";
                return Err(unknown_child(child, element, known));
            }
        }
    }
    Ok(field)
}

fn assert(element: &Element) -> Result<Assert> {
    let node = Node::new(element, &["check", "value", "rule", "method", "field"])?;
    for child in &element.children {
        match child.name.as_str() {
            "value" => {
                Node::leaf(child, &["name"])?;
            }
            "doc" => doc(child, &mut Prose::default())?,
            _ => return Err(unknown_child(child, element, "`value`, `doc`")),
        }
    }
    match node.required("check")? {
        "notnull" => Ok(Assert::NotNull),
        "length" => node.number("value").map(Assert::Length),
        "ne" => node.number("value").map(Assert::NotEqual),
        "null" | "regexp" | "syntax" | "enum" | "le" => Ok(Assert::Unchecked),
        other => Err(
            Error::schema(node.place("check"), format!("the check `{other}`")).expected(
                "one of `notnull`, `null`, `length`, `ne`, `le`, `regexp`, `syntax`, `enum`",
            ),
        ),
    }
}

/// Documentation; grammars and scenarios, which are no prose, are left out.
fn doc(element: &Element, prose: &mut Prose) -> Result<()> {
    let node = Node::new(element, &["type", "name", "test", "label"])?;
    let Some(unexpected) = element.children.first() else {
        if node.get("type").is_none() && node.get("name").is_none() {
            prose.doc.extend(paragraphs(&element.text));
        }
        return Ok(());
    };
    Err(unknown_child(unexpected, element, "text alone"))
}

fn rule(element: &Element, prose: &mut Prose) -> Result<()> {
    let known = ["name", "implement", "on-failure", "test", "label"];
    Node::new(element, &known)?;
    let mut said = Prose::default();
    loose_text(element, &mut said);
    for child in &element.children {
        match child.name.as_str() {
            "doc" => doc(child, &mut said)?,
            "test" => {
                Node::new(child, &["name"])?;
            }
            _ => return Err(unknown_child(child, element, "`doc`, `test`")),
        }
    }
    prose.rules.extend(said.doc);
    Ok(())
}

/// Text beside the children, as the oldest files have it instead of `doc`.
fn loose_text(element: &Element, prose: &mut Prose) {
    prose.doc.extend(paragraphs(&element.text));
}

/// Splits at blank lines and joins the lines of each piece.
fn paragraphs(text: &str) -> Vec<String> {
    let mut done = vec![String::new()];
    for line in text.lines() {
        let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
        match done.last_mut() {
            Some(last) if words.is_empty() && !last.is_empty() => done.push(String::new()),
            Some(last) if last.is_empty() => *last = words,
            Some(last) if !words.is_empty() => {
                last.push(' ');
                last.push_str(&words);
            }
            _ => {}
        }
    }
    done.retain(|paragraph| !paragraph.is_empty());
    done
}

fn unknown_child(child: &Element, parent: &Element, known: &str) -> Error {
    Error::schema(
        child.place,
        format!("unknown element `{}` in `{}`", child.name, parent.name),
    )
    .expected(format!("one of {known}"))
}

/// The attributes of an element.
struct Node<'a> {
    element: &'a Element,
}

impl<'a> Node<'a> {
    fn new(element: &'a Element, known: &[&str]) -> Result<Self> {
        for attr in &element.attributes {
            if !known.contains(&attr.name.as_str()) {
                let found = format!("unknown attribute `{}` of `{}`", attr.name, element.name);
                let known = known
                    .iter()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>();
                return Err(Error::schema(attr.place, found)
                    .expected(format!("one of {}", known.join(", "))));
            }
        }
        Ok(Self { element })
    }

    /// An element with nothing inside.
    fn leaf(element: &'a Element, known: &[&str]) -> Result<Self> {
        if let Some(child) = element.children.first() {
            return Err(unknown_child(child, element, "nothing"));
        }
        if !element.text.trim().is_empty() {
            return Err(
                Error::schema(element.place, format!("text in `{}`", element.name))
                    .expected("an empty element"),
            );
        }
        Self::new(element, known)
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let attr = self
            .element
            .attributes
            .iter()
            .find(|attr| attr.name == name)?;
        Some(&attr.value)
    }

    fn place(&self, name: &str) -> Place {
        let attr = self
            .element
            .attributes
            .iter()
            .find(|attr| attr.name == name);
        attr.map_or(self.element.place, |attr| attr.place)
    }

    fn required(&self, name: &str) -> Result<&'a str> {
        self.get(name).ok_or_else(|| {
            let found = format!("a `{}` without the attribute `{name}`", self.element.name);
            Error::schema(self.element.place, found).expected(format!("`{name}=\"…\"`"))
        })
    }

    fn name(&self, name: &str) -> Result<Name> {
        let text = self.required(name)?;
        Name::parse(text).ok_or_else(|| {
            Error::schema(self.place(name), format!("`{text}` as {name}")).expected(
                "words of letters and digits, separated by spaces or hyphens, a letter first",
            )
        })
    }

    fn optional_name(&self, name: &str) -> Result<Option<Name>> {
        self.get(name).map(|_| self.name(name)).transpose()
    }

    fn number<T: FromStr>(&self, name: &str) -> Result<T> {
        let text = self.required(name)?;
        text.trim().parse().map_err(|_| {
            let kind = std::any::type_name::<T>();
            Error::schema(self.place(name), format!("`{text}` as {name}"))
                .expected(format!("a decimal number that fits {kind}"))
        })
    }

    fn optional_number<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        self.get(name).map(|_| self.number(name)).transpose()
    }

    fn flag(&self, name: &str) -> Result<bool> {
        match self.get(name) {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(other) => Err(
                Error::schema(self.place(name), format!("`{other}` as {name}"))
                    .expected("`1`, or no such attribute"),
            ),
        }
    }

    fn label(&self) -> Option<String> {
        let label = self
            .get("label")?
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        (!label.is_empty()).then_some(label)
    }
}
