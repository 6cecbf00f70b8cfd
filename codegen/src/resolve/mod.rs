//! What a file says to what it means: domains, replies, runs of bits, directions, identifiers.

mod constants;
mod fields;
mod intent;
mod version;

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Place, Result};
use crate::model::{Class, Method, Model, Reply, ReplyVariant};
use crate::name::Name;
use crate::schema;
use fields::Fields;

/// Type names that a generated struct must not take, because generated code and its readers use
/// them for something else: those of the prelude and of the runtime.
const TAKEN_TYPES: &[&str] = &[
    "Args",
    "Box",
    "BufMut",
    "Call",
    "Caller",
    "ChannelMethod",
    "ConnectionCall",
    "ContentArgs",
    "DecodeError",
    "Default",
    "DeliveryTag",
    "Err",
    "Flags",
    "From",
    "Intent",
    "Into",
    "LongStr",
    "Method",
    "MethodId",
    "NoWait",
    "None",
    "Ok",
    "OneWay",
    "Option",
    "Overlong",
    "Properties",
    "Reader",
    "Reply",
    "ReplyCode",
    "Result",
    "Self",
    "ShortStr",
    "SimpleMethod",
    "Some",
    "String",
    "Table",
    "Timestamp",
    "ToClient",
    "ToServer",
    "TransferBody",
    "Vec",
    "Violation",
];

/// Modules beside those of the classes.
const TAKEN_MODULES: &[&str] = &["constant"];

/// Resolves a whole file; `name` replaces the version name that its numbers give.
pub(crate) fn model(spec: &schema::Spec, file: &str, name: Option<&str>) -> Result<Model> {
    let fields = Fields::new(spec)?;
    let mut classes = Vec::new();
    if spec.classes.is_empty() {
        return Err(Error::meaning(spec.place, "a file without classes").expected("at least one"));
    }
    unique(
        "class",
        spec.classes
            .iter()
            .map(|class| (class.name.to_string(), class.place)),
    )?;
    unique(
        "class id",
        spec.classes
            .iter()
            .map(|class| (class.index.to_string(), class.place)),
    )?;
    for class in &spec.classes {
        classes.push(resolve_class(class, &fields)?);
    }
    let calls = classes.iter().zip(&spec.classes).flat_map(|(class, at)| {
        class
            .methods
            .iter()
            .filter_map(|method| Some((method.call.clone()?, at.place)))
    });
    unique("function", calls)?;
    classes.sort_by_key(|class| class.index);
    Ok(Model {
        file: file.to_owned(),
        version: version::resolve(spec, name)?,
        prose: spec.prose.clone(),
        constants: constants::resolve(&spec.constants)?,
        classes,
    })
}

fn resolve_class(class: &schema::Class, fields: &Fields<'_>) -> Result<Class> {
    let name = class.name.as_str();
    let all = &class.methods;
    if all.is_empty() {
        return Err(
            Error::meaning(class.place, format!("class `{name}` without methods"))
                .expected("at least one"),
        );
    }
    unique(
        "method",
        all.iter().map(|m| (format!("{name}.{}", m.name), m.place)),
    )?;
    unique(
        "method id",
        all.iter()
            .map(|m| (format!("{}/{}", class.index, m.index), m.place)),
    )?;
    let idents = method_idents(class)?;
    let answers: BTreeSet<&Name> = all
        .iter()
        .flat_map(|method| &method.responses)
        .map(|response| &response.name)
        .collect();
    let mut methods = Vec::new();
    for method in all {
        let context = Context {
            class,
            idents: &idents,
            answers: &answers,
            fields,
        };
        methods.push(context.method(method)?);
    }
    methods.sort_by_key(|method| method.index);
    let carries = !class.fields.is_empty() || all.iter().any(|method| method.content);
    Ok(Class {
        name: name.to_owned(),
        module: class.name.snake(TAKEN_MODULES),
        variant: class_variant(&class.name),
        index: class.index,
        methods,
        properties: if carries {
            Some(fields.properties(class)?)
        } else {
            None
        },
        prose: class.prose.clone(),
    })
}

/// The variant of a class in the enums over all; `TableClass` if the name is taken.
fn class_variant(class: &Name) -> String {
    let plain = class.camel();
    if TAKEN_TYPES.contains(&plain.as_str()) {
        plain + "Class"
    } else {
        plain
    }
}

/// The struct of each method. A name that is taken gets the class's name in front: `MessageOk`.
fn method_idents(class: &schema::Class) -> Result<BTreeMap<&Name, String>> {
    let idents: BTreeMap<_, _> = class
        .methods
        .iter()
        .map(|method| {
            let plain = method.name.camel();
            let taken = TAKEN_TYPES.contains(&plain.as_str());
            let ident = if taken {
                class.name.camel() + &plain
            } else {
                plain
            };
            (&method.name, ident)
        })
        .collect();
    let replies = class
        .methods
        .iter()
        .filter(|method| method.responses.len() > 1);
    let enums = replies.map(|method| (reply_ident(&method.name), method.place));
    let places = class
        .methods
        .iter()
        .filter_map(|m| Some((idents.get(&m.name)?.clone(), m.place)));
    unique("type", places.chain(enums))?;
    Ok(idents)
}

fn reply_ident(call: &Name) -> String {
    call.camel() + "Reply"
}

/// What is needed to resolve a method.
struct Context<'a> {
    class: &'a schema::Class,
    idents: &'a BTreeMap<&'a Name, String>,
    answers: &'a BTreeSet<&'a Name>,
    fields: &'a Fields<'a>,
}

impl Context<'_> {
    fn method(&self, method: &schema::Method) -> Result<Method> {
        let full_name = format!("{}.{}", self.class.name, method.name);
        let (to_server, to_client) = (method.chassis.server, method.chassis.client);
        if !to_server && !to_client {
            return Err(
                Error::meaning(method.place, format!("`{full_name}` without a chassis")).expected(
                    "`<chassis name=\"server\" …/>` for a method that clients send, `client` \
                           for one that servers send, or both",
                ),
            );
        }
        let arguments = self.fields.arguments(self.class, method)?;
        let answers = self.answers.contains(&method.name);
        let begins = to_server && !answers && !method.content;
        let intent = (begins && self.is_on_channels(method))
            .then(|| intent::of(&full_name, &arguments.items));
        let is_simple = intent.as_ref().is_some_and(intent::needs_no_verb);
        let function = (is_simple && !self.brings_content(method))
            .then(|| call_ident(&self.class.name, &method.name));
        let on_connection = begins
            && self.class.name == "connection"
            && !is_open_or_close(method)
            && !method.responses.is_empty();
        Ok(Method {
            name: method.name.to_string(),
            ident: self.ident(&method.name),
            index: method.index,
            to_server,
            to_client,
            deprecated: method.deprecated,
            content: method.content,
            answers,
            reply: self.reply(method)?,
            items: arguments.items,
            no_wait: arguments.no_wait,
            call: function,
            intent,
            on_connection,
            prose: method.prose.clone(),
            full_name,
        })
    }

    /// Whether the method is sent on an open channel, and not by whoever opens and closes channels.
    ///
    /// The handler of a class does not tell: `access` names the connection, and brokers want it on a
    /// channel.
    fn is_on_channels(&self, method: &schema::Method) -> bool {
        self.class.name != "connection"
            && !(self.class.name == "channel" && is_open_or_close(method))
    }

    /// Whether a message can come with the reply, so that whoever calls has to hand out more than
    /// the reply.
    fn brings_content(&self, method: &schema::Method) -> bool {
        let mut replies = method.responses.iter();
        let methods = &self.class.methods;
        replies.any(|reply| methods.iter().any(|m| m.name == reply.name && m.content))
    }

    fn ident(&self, method: &Name) -> String {
        self.idents
            .get(method)
            .cloned()
            .unwrap_or_else(|| method.camel())
    }

    fn reply(&self, method: &schema::Method) -> Result<Reply> {
        for response in &method.responses {
            if !self.idents.contains_key(&response.name) {
                let methods: Vec<_> = self.idents.keys().map(|name| format!("`{name}`")).collect();
                let found = format!(
                    "the response `{}`, which `{}` lacks",
                    response.name, self.class.name
                );
                return Err(Error::meaning(response.place, found)
                    .expected(format!("one of {}", methods.join(", "))));
            }
        }
        unique(
            "response",
            method
                .responses
                .iter()
                .map(|r| (r.name.to_string(), r.place)),
        )?;
        Ok(match method.responses.as_slice() {
            [] => Reply::None,
            [only] => Reply::One(self.ident(&only.name)),
            several => {
                let variants = several.iter().map(|response| ReplyVariant {
                    ident: variant_ident(&method.name, &response.name),
                    method: self.ident(&response.name),
                });
                Reply::OneOf {
                    ident: reply_ident(&method.name),
                    variants: variants.collect(),
                }
            }
        })
    }
}

fn is_open_or_close(method: &schema::Method) -> bool {
    method.name == "open" || method.name == "close"
}

/// `get-empty`, answering `get`, is `Empty`.
fn variant_ident(call: &Name, reply: &Name) -> String {
    let rest = reply
        .as_str()
        .strip_prefix(call.as_str())
        .and_then(|rest| rest.strip_prefix('-'));
    let rest = rest.and_then(Name::parse).map(|rest| rest.camel());
    rest.filter(|rest| rest != "Self")
        .unwrap_or_else(|| reply.camel())
}

fn call_ident(class: &Name, method: &Name) -> String {
    format!("{}_{}", class.as_str(), method.as_str()).replace('-', "_")
}

/// Refuses a name or number that comes twice.
fn unique(what: &str, all: impl Iterator<Item = (String, Place)>) -> Result<()> {
    let mut seen = BTreeMap::new();
    for (name, place) in all {
        if let Some(Place { line, column }) = seen.insert(name.clone(), place) {
            return Err(
                Error::meaning(place, format!("the {what} `{name}` a second time"))
                    .hint(format!("the first is at {line}:{column}")),
            );
        }
    }
    Ok(())
}
