//! Documentation of the generated items: what the file says, or a sentence made up from the facts.

use proc_macro2::TokenStream;
use quote::quote;

use super::types;
use crate::markdown;
use crate::model::{Class, Constant, ConstantValue, Field, Method, Model, Reply};
use crate::schema::{ErrorClass, Prose};

/// What is said of every reserved field.
const RESERVED: &str =
    "Reserved: `new` leaves it zero or empty; what was received is kept as it came.";

/// One paragraph that is Markdown already.
pub(super) fn line(text: &str) -> TokenStream {
    attributes(&[text.to_owned()])
}

/// The marker type.
pub(super) fn version(model: &Model) -> TokenStream {
    let version = &model.version;
    let first = format!("AMQP {}, generated from `{}`.", version.name, model.file);
    let mut paragraphs = vec![first];
    paragraphs.extend(model.prose.doc.iter().map(|text| markdown::escape(text)));
    attributes(&paragraphs)
}

/// A module.
pub(super) fn class(class: &Class) -> TokenStream {
    let mut paragraphs = prose(&class.prose, || format!("Class `{}`.", class.name));
    paragraphs.push(format!("Class {} of the specification.", class.index));
    attributes(&paragraphs)
}

/// A class in the enum over all.
pub(super) fn class_variant(class: &Class) -> TokenStream {
    line(&match label(&class.prose) {
        Some(label) => format!("Class `{}`: {label}.", class.name),
        None => format!("Class `{}`.", class.name),
    })
}

/// The struct of a method, with its other names.
pub(super) fn method(class: &Class, method: &Method) -> TokenStream {
    let name = &method.full_name;
    let mut paragraphs = prose(&method.prose, || format!("The arguments of `{name}`."));
    paragraphs.push(facts(class, method));
    if method.deprecated {
        paragraphs.push("Deprecated by the specification.".to_owned());
    }
    let docs = attributes(&paragraphs);
    quote! { #docs #[doc(alias = #name)] }
}

/// Ids, direction, reply and content in one sentence.
fn facts(class: &Class, method: &Method) -> String {
    let direction = match (method.to_server, method.to_client) {
        (true, true) => "sent either way",
        (true, false) => "sent to the server",
        _ => "sent to the client",
    };
    let answer = match &method.reply {
        Reply::None => String::new(),
        Reply::One(reply) => format!(", answered by [`{reply}`]"),
        Reply::OneOf { ident, .. } => format!(", answered by one of [`{ident}`]"),
    };
    let content = if method.content {
        ", followed by content"
    } else {
        ""
    };
    let (class, id, name) = (class.index, method.index, &method.full_name);
    format!("Class {class}, method {id} (`{name}`), {direction}{answer}{content}.")
}

/// A method in an enum.
pub(super) fn variant(method: &Method) -> TokenStream {
    let name = &method.full_name;
    line(&match label(&method.prose) {
        Some(label) => format!("`{name}`: {label}."),
        None => format!("The method `{name}`."),
    })
}

/// The function `new`.
pub(super) fn new(method: &Method) -> TokenStream {
    let (all, essential) = (
        method.fields().count(),
        method.fields().filter(|field| field.essential).count(),
    );
    line(match essential {
        _ if all == 0 => "The method, which has no arguments.",
        0 => "The method with all arguments zero, empty or off.",
        some if some == all => "The method with these arguments, which are all it has.",
        _ => "The method with these arguments; all others are zero, empty or off.",
    })
}

/// An argument or a property.
pub(super) fn field(field: &Field) -> TokenStream {
    let made_up = || format!("The field `{}`, {}.", field.name, types::words(field.ty));
    let mut paragraphs = prose(&field.prose, made_up);
    if field.reserved {
        paragraphs.push(RESERVED.to_owned());
    }
    attributes(&paragraphs)
}

/// The setter of a field.
pub(super) fn setter(field: &Field) -> TokenStream {
    line(&match label(&field.prose) {
        Some(label) => format!("Sets `{}`: {label}.", field.ident),
        None => format!("Sets `{}`, {}.", field.ident, types::words(field.ty)),
    })
}

/// The struct of the properties.
pub(super) fn properties(class: &Class, all: &[Field]) -> TokenStream {
    let first = format!("The properties of a message of class `{}`.", class.name);
    let second = if all.is_empty() {
        "There are none: a list is a word of flags, all zero. RabbitMQ leaves out even that, so an \
         empty list is read as well."
    } else {
        "Each may be absent; `None` takes no room on the wire."
    };
    attributes(&[first, second.to_owned()])
}

/// A constant.
pub(super) fn constant(constant: &Constant) -> TokenStream {
    let mut paragraphs = prose(&constant.prose, || match constant.value {
        ConstantValue::Octet(_) | ConstantValue::Number(_) => {
            format!("The constant `{}`.", constant.name)
        }
        ConstantValue::ReplyCode(..) => format!("The reply code `{}`.", constant.name),
    });
    if let ConstantValue::ReplyCode(code, scope) = constant.value {
        paragraphs.push(match scope {
            Some(ErrorClass::Soft) => format!("Code {code}; closes the channel."),
            Some(ErrorClass::Hard) => format!("Code {code}; closes the connection."),
            None => format!("Code {code}; no error."),
        });
    }
    attributes(&paragraphs)
}

/// The trait with a function per method.
pub(super) fn calls(model: &Model) -> TokenStream {
    let name = &model.version.name;
    attributes(&[
        format!("The methods of AMQP {name} that a client begins with, on anything that calls them."),
        "A channel of any adapter has these functions. Opening and closing are not among them, nor \
         are methods with content: adapters have functions of their own for those."
            .to_owned(),
    ])
}

/// A function of that trait.
pub(super) fn call(class: &Class, method: &Method) -> TokenStream {
    let (module, ident, name) = (&class.module, &method.ident, &method.full_name);
    let mut paragraphs = prose(&method.prose, String::new);
    paragraphs.truncate(1);
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    let verb = if method.reply == Reply::None {
        "Sends"
    } else {
        "Calls"
    };
    paragraphs.push(format!("{verb} [`{module}::{ident}`]."));
    let docs = attributes(&paragraphs);
    quote! { #docs #[doc(alias = #name)] }
}

/// A few words for the end of a sentence.
fn label(prose: &Prose) -> Option<String> {
    prose
        .label
        .as_deref()
        .map(|label| markdown::escape(&markdown::phrase(label)))
}

/// The paragraphs of the file, the first sentence on its own; its label if it has none.
fn prose(prose: &Prose, made_up: impl Fn() -> String) -> Vec<String> {
    let mut paragraphs = Vec::new();
    let mut said = prose.doc.iter();
    if let Some(first) = said.next() {
        let (summary, rest) = markdown::split_sentence(first);
        paragraphs.push(markdown::escape(summary));
        paragraphs.extend((!rest.is_empty()).then(|| markdown::escape(rest)));
        paragraphs.extend(said.map(|text| markdown::escape(text)));
    } else {
        let label = prose
            .label
            .as_deref()
            .map(|label| markdown::escape(&markdown::sentence(label)));
        paragraphs.push(label.unwrap_or_else(made_up));
    }
    paragraphs
}

fn attributes(paragraphs: &[String]) -> TokenStream {
    let lines = markdown::lines(paragraphs);
    let lines = lines.iter().map(|line| {
        let line = if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        };
        quote!(#[doc = #line])
    });
    quote!(#(#lines)*)
}
