//! A specification with nothing left to interpret: what the emitters write out.
//!
//! Strings that end up as identifiers are identifiers already and differ where they have to.

use crate::schema::{ErrorClass, Prose};

/// One version of the protocol.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// The file's name, without folders.
    pub(crate) file: String,
    pub(crate) version: Version,
    pub(crate) prose: Prose,
    /// In the order of the file.
    pub(crate) constants: Vec<Constant>,
    /// In the order of their ids.
    pub(crate) classes: Vec<Class>,
}

/// Numbers and names of a version.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    /// `0-9-1`.
    pub(crate) name: String,
    /// The marker type, `V0_9_1`.
    pub(crate) marker: String,
    pub(crate) major: u8,
    pub(crate) minor: u8,
    pub(crate) revision: u8,
    pub(crate) port: u16,
    pub(crate) header: [u8; 8],
}

/// A named number.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    /// `frame-end`.
    pub(crate) name: String,
    /// `FRAME_END`.
    pub(crate) ident: String,
    pub(crate) value: ConstantValue,
    pub(crate) prose: Prose,
}

/// A number and what it numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConstantValue {
    /// A frame type, or the octet at the end of a frame.
    Octet(u8),
    /// A size.
    Number(u32),
    /// A reply code, and what it closes unless it is no error.
    ReplyCode(u16, Option<ErrorClass>),
}

/// A class.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    /// `queue`.
    pub(crate) name: String,
    /// The module.
    pub(crate) module: String,
    /// The variant in the enums over all classes.
    pub(crate) variant: String,
    pub(crate) index: u16,
    /// In the order of their ids.
    pub(crate) methods: Vec<Method>,
    /// Of a class that carries content: the properties in flag order, none at all in `test`.
    pub(crate) properties: Option<Vec<Field>>,
    pub(crate) prose: Prose,
}

/// A method.
#[derive(Clone, Debug)]
pub(crate) struct Method {
    /// `declare-ok`.
    #[cfg_attr(
        not(feature = "diff"),
        allow(dead_code, reason = "the code has idents")
    )]
    pub(crate) name: String,
    /// `queue.declare-ok`.
    pub(crate) full_name: String,
    /// The struct, and its variant in the class's enum.
    pub(crate) ident: String,
    pub(crate) index: u16,
    pub(crate) to_server: bool,
    pub(crate) to_client: bool,
    pub(crate) deprecated: bool,
    /// Whether a content header and a body follow.
    pub(crate) content: bool,
    /// Whether it answers another method.
    pub(crate) answers: bool,
    pub(crate) reply: Reply,
    /// The arguments in the order of the wire.
    pub(crate) items: Vec<Item>,
    /// The field that asks for no reply.
    pub(crate) no_wait: Option<String>,
    /// The function on channels, `queue_declare`, of methods that a client may begin with and that
    /// need no verb of their own.
    pub(crate) call: Option<String>,
    /// What it changes on the channel, of methods that a client may begin with there.
    pub(crate) intent: Option<Intent>,
    /// Whether a client may call it on the connection itself.
    pub(crate) on_connection: bool,
    pub(crate) prose: Prose,
}

/// What sending a method changes on its channel; the names are those of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    Plain,
    Consume { tag: String, no_ack: String },
    Cancel { tag: String },
    Get { no_ack: String },
    ConfirmSelect,
    Settle { tag: String, multiple: String },
    Recover,
}

/// How a method is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// Not at all.
    None,
    /// By the method with this struct.
    One(String),
    /// By one of several.
    OneOf {
        /// The enum over them.
        ident: String,
        variants: Vec<ReplyVariant>,
    },
}

/// One of several answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReplyVariant {
    /// The variant, `Empty`.
    pub(crate) ident: String,
    /// The struct, `GetEmpty`.
    pub(crate) method: String,
}

/// A stretch of a method's arguments on the wire.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A value.
    Field(Field),
    /// Bits that share octets.
    Bits(Vec<Field>),
}

/// An argument or a property.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// `routing-key`.
    pub(crate) name: String,
    /// `routing_key`.
    pub(crate) ident: String,
    pub(crate) ty: Type,
    /// Whether `new` takes it.
    pub(crate) essential: bool,
    /// Whether it has no meaning in this version: it is kept, and no function sets it.
    pub(crate) reserved: bool,
    /// Whether it carries a password or a token, which `Debug` never shows.
    pub(crate) secret: bool,
    pub(crate) checks: Vec<Check>,
    pub(crate) prose: Prose,
}

/// What a value is on the wire and in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Bit,
    Octet,
    Short,
    Long,
    LongLong,
    ShortStr,
    LongStr,
    Table,
    Timestamp,
    ReplyCode,
    DeliveryTag,
    TransferBody,
}

/// A rule on a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    NotEmpty,
    Length(usize),
    NotEqual(u64),
}

impl Method {
    /// The fields in the order of the wire.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.items.iter().flat_map(Item::fields)
    }
}

impl Item {
    /// The field, or those of the run.
    pub(crate) fn fields(&self) -> &[Field] {
        match self {
            Self::Field(field) => std::slice::from_ref(field),
            Self::Bits(bits) => bits,
        }
    }
}

#[cfg(feature = "diff")]
impl Type {
    /// The name of the wire type: `delivery-tag` is a `longlong` there.
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Bit => "bit",
            Self::Octet => "octet",
            Self::Short | Self::ReplyCode => "short",
            Self::Long => "long",
            Self::LongLong | Self::DeliveryTag => "longlong",
            Self::ShortStr => "shortstr",
            Self::LongStr => "longstr",
            Self::Table => "table",
            Self::Timestamp => "timestamp",
            Self::TransferBody => "content",
        }
    }
}
