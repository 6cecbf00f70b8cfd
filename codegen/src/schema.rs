//! The XML family as plain data: what a file says, not yet what it means.
//!
//! Names are already normalised, see [`Name`]; everything else is as written.

use crate::error::Place;
use crate::name::Name;

/// A whole file: the element `amqp`.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) major: u8,
    pub(crate) minor: u8,
    pub(crate) revision: Option<u8>,
    pub(crate) port: u16,
    pub(crate) prose: Prose,
    pub(crate) constants: Vec<Constant>,
    pub(crate) domains: Vec<Domain>,
    pub(crate) classes: Vec<Class>,
    pub(crate) place: Place,
}

/// A named number; those with a class are reply codes of errors.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    pub(crate) name: Name,
    pub(crate) value: u32,
    pub(crate) class: Option<ErrorClass>,
    pub(crate) prose: Prose,
    pub(crate) place: Place,
}

/// What an error closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorClass {
    /// The channel.
    Soft,
    /// The connection.
    Hard,
}

/// A named type.
#[derive(Clone, Debug)]
pub(crate) struct Domain {
    pub(crate) name: Name,
    pub(crate) ty: Name,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) place: Place,
}

/// A group of methods.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    pub(crate) name: Name,
    pub(crate) index: u16,
    pub(crate) prose: Prose,
    /// The properties of its content, in flag order.
    pub(crate) fields: Vec<Field>,
    pub(crate) methods: Vec<Method>,
    pub(crate) place: Place,
}

/// A method.
#[derive(Clone, Debug)]
pub(crate) struct Method {
    pub(crate) name: Name,
    pub(crate) index: u16,
    pub(crate) content: bool,
    pub(crate) deprecated: bool,
    pub(crate) chassis: Chassis,
    pub(crate) responses: Vec<Response>,
    pub(crate) fields: Vec<Field>,
    pub(crate) prose: Prose,
    pub(crate) place: Place,
}

/// Which peers accept a method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chassis {
    pub(crate) server: bool,
    pub(crate) client: bool,
}

/// A method of the same class that may be the answer.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) name: Name,
    pub(crate) place: Place,
}

/// An argument of a method, or a property of a content class.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: Name,
    /// The domain or the primitive type: files use the two attributes for either.
    pub(crate) ty: Name,
    pub(crate) reserved: bool,
    pub(crate) asserts: Vec<Assert>,
    pub(crate) prose: Prose,
    pub(crate) place: Place,
}

/// A rule that a value must satisfy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Assert {
    /// Not empty.
    NotNull,
    /// At most this many bytes.
    Length(usize),
    /// Any number but this one.
    NotEqual(u64),
    /// Stated by the file, but in words or patterns that are not checked: `regexp`, `syntax`,
    /// `enum`, `null`, and `le`, which compares with another method.
    Unchecked,
}

/// What a file says about something in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prose {
    /// A few words, not a sentence.
    pub(crate) label: Option<String>,
    /// Paragraphs.
    pub(crate) doc: Vec<String>,
    /// What implementations have to do, one paragraph each.
    pub(crate) rules: Vec<String>,
}
