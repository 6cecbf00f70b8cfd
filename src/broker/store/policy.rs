use std::time::Duration;

use crate::wire::{ShortStr, Table, Value};

/// The longest time in milliseconds that RabbitMQ takes: ten years of 365 days.
pub(crate) const LONGEST: u64 = 315_360_000_000;

/// What the arguments of a queue ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) message_ttl: Option<Duration>,
    pub(crate) expires: Option<Duration>,
    pub(crate) max_length: Option<usize>,
    pub(crate) max_bytes: Option<usize>,
    pub(crate) overflow: Overflow,
    pub(crate) dead_letter_exchange: Option<ShortStr>,
    pub(crate) dead_letter_key: Option<ShortStr>,
    pub(crate) max_priority: Option<u8>,
    pub(crate) single_active: bool,
}

/// What gives way when a queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Overflow {
    #[default]
    DropHead,
    RejectPublish,
    RejectPublishDeadLetter,
}

/// An argument that cannot be obeyed.
#[derive(Debug)]
pub(crate) enum Invalid {
    /// Its name, and why, as RabbitMQ prints it.
    Value(&'static str, String),
    /// Its name and its type, where RabbitMQ has another text for that.
    Type(&'static str, &'static str),
}

impl Policy {
    /// Reads the arguments of `queue.declare`; those the broker does not know are left alone.
    pub(crate) fn read(arguments: &Table) -> Result<Self, Invalid> {
        let mut policy = Self {
            message_ttl: milliseconds(arguments, "x-message-ttl", 0)?,
            expires: milliseconds(arguments, "x-expires", 1)?,
            max_length: count(arguments, "x-max-length")?,
            max_bytes: count(arguments, "x-max-length-bytes")?,
            dead_letter_exchange: text(arguments, "x-dead-letter-exchange", Invalid::Type)?,
            dead_letter_key: text(arguments, "x-dead-letter-routing-key", unacceptable)?,
            ..Self::default()
        };
        policy.overflow = match text(arguments, "x-overflow", unacceptable)? {
            None => Overflow::DropHead,
            Some(how) => match how.as_bytes() {
                b"drop-head" => Overflow::DropHead,
                b"reject-publish" => Overflow::RejectPublish,
                b"reject-publish-dlx" => Overflow::RejectPublishDeadLetter,
                _ => return Err(Invalid::Value("x-overflow", "invalid_overflow".into())),
            },
        };
        if policy.dead_letter_key.is_some() && policy.dead_letter_exchange.is_none() {
            let why = "routing_key_but_no_dlx_defined".into();
            return Err(Invalid::Value("x-dead-letter-routing-key", why));
        }
        policy.max_priority = integer(arguments, "x-max-priority", 0)?
            .map(|most| {
                let too_large = || format!("{{max_value_exceeded,{most}}}");
                u8::try_from(most).map_err(|_| Invalid::Value("x-max-priority", too_large()))
            })
            .transpose()?
            .filter(|most| *most > 0);
        let name = "x-single-active-consumer";
        policy.single_active = match arguments.get(name).map(Value::from) {
            None => false,
            Some(Value::Bool(truth)) => truth,
            Some(other) => return Err(unacceptable(name, kind_of(&other))),
        };
        one_of(arguments, "x-queue-mode", "mode", &["default", "lazy"])?;
        one_of(arguments, "x-queue-type", "type", &["classic", "quorum"])?;
        Ok(policy)
    }
}

fn integer(arguments: &Table, name: &'static str, least: i64) -> Result<Option<u64>, Invalid> {
    let Some(value) = arguments.get(name).map(Value::from) else {
        return Ok(None);
    };
    let Some(number) = value.as_i64() else {
        let why = format!("\"expected integer, got {}\"", kind_of(&value));
        return Err(Invalid::Value(name, why));
    };
    if number < least {
        let why = match least {
            0 => format!("{{value_negative,{number}}}"),
            _ if number == 0 => "{value_zero,0}".into(),
            _ => format!("{{value_negative,{number}}}"),
        };
        return Err(Invalid::Value(name, why));
    }
    Ok(u64::try_from(number).ok())
}

fn milliseconds(
    arguments: &Table,
    name: &'static str,
    least: i64,
) -> Result<Option<Duration>, Invalid> {
    match integer(arguments, name, least)? {
        Some(number) if number > LONGEST => {
            let why = format!("{{value_too_large,{number}}}");
            Err(Invalid::Value(name, why))
        }
        number => Ok(number.map(Duration::from_millis)),
    }
}

fn count(arguments: &Table, name: &'static str) -> Result<Option<usize>, Invalid> {
    let number = integer(arguments, name, 0)?;
    Ok(number.map(|number| usize::try_from(number).unwrap_or(usize::MAX)))
}

fn text(
    arguments: &Table,
    name: &'static str,
    wrong: fn(&'static str, &'static str) -> Invalid,
) -> Result<Option<ShortStr>, Invalid> {
    match arguments.get(name).map(Value::from) {
        None => Ok(None),
        Some(Value::LongStr(text)) => ShortStr::new(text.as_bytes())
            .map(Some)
            .map_err(|_| Invalid::Value(name, "{too_long}".into())),
        Some(value) => Err(wrong(name, kind_of(&value))),
    }
}

fn unacceptable(name: &'static str, kind: &'static str) -> Invalid {
    Invalid::Value(name, format!("{{unacceptable_type,{kind}}}"))
}

/// A word out of a few that mean nothing to a queue in memory.
fn one_of(
    arguments: &Table,
    name: &'static str,
    what: &str,
    words: &[&str],
) -> Result<(), Invalid> {
    let Some(word) = text(arguments, name, unacceptable)? else {
        return Ok(());
    };
    if words.iter().any(|known| word == *known) {
        return Ok(());
    }
    let why = format!("\"unsupported queue {what} '{word}'\"");
    Err(Invalid::Value(name, why))
}

/// The name that RabbitMQ has for a value's type.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Void => "void",
        Value::Bool(_) => "bool",
        Value::I8(_) => "byte",
        Value::U8(_) => "unsignedbyte",
        Value::I16(_) => "short",
        Value::U16(_) => "unsignedshort",
        Value::I32(_) => "signedint",
        Value::U32(_) => "unsignedint",
        Value::I64(_) => "long",
        Value::F32(_) => "float",
        Value::F64(_) => "double",
        Value::Decimal(_) => "decimal",
        Value::Bytes(_) => "binary",
        Value::Timestamp(_) => "timestamp",
        Value::Array(_) => "array",
        Value::Table(_) => "table",
        _ => "longstr",
    }
}
