//! What exchanges and queues may be called, and what must be the same when they are declared again.

use crate::broker::refusal::Refusal;
use crate::broker::store::kind_of;
use crate::wire::{ShortStr, Table, Value};

/// The default exchange is there for publishing alone.
pub(super) fn not_default(name: &ShortStr) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(Refusal::access(
            "operation not permitted on the default exchange",
        ));
    }
    Ok(())
}

/// Names that begin with `amq.` are the broker's own.
pub(super) fn not_reserved(what: &str, name: &ShortStr) -> Result<(), Refusal> {
    if name.as_bytes().starts_with(b"amq.") {
        return Err(Refusal::access(format!(
            "{what} name '{name}' contains reserved prefix 'amq.*'"
        )));
    }
    Ok(())
}

/// Something that exists is declared again, and has to be the same.
pub(super) fn same<T: PartialEq + std::fmt::Display>(
    what: &str,
    argument: &str,
    received: T,
    current: T,
) -> Result<(), Refusal> {
    if received == current {
        return Ok(());
    }
    Err(Refusal::precondition(format!(
        "inequivalent arg '{argument}' for {what}: received '{received}' but current is '{current}'"
    )))
}

/// An argument of something that is declared again, in the same way as [`same`].
pub(super) fn same_argument(
    what: &str,
    argument: &str,
    received: &Table,
    current: &Table,
) -> Result<(), Refusal> {
    let value = |table: &Table| table.get(argument).map(Value::from);
    let (received, current) = (value(received), value(current));
    let equal = match (&received, &current) {
        (Some(one), Some(other)) => crate::broker::store::same(one, other),
        (None, None) => true,
        _ => false,
    };
    if equal {
        return Ok(());
    }
    let told = |value: Option<&Value>| match value {
        None => "none".to_owned(),
        Some(value) => format!("the value '{}' of type '{}'", shown(value), kind_of(value)),
    };
    let (received, current) = match (&received, &current) {
        (Some(one), Some(other)) => (format!("'{}'", shown(one)), format!("'{}'", shown(other))),
        (one, other) => (told(one.as_ref()), told(other.as_ref())),
    };
    Err(Refusal::precondition(format!(
        "inequivalent arg '{argument}' for {what}: received {received} but current is {current}"
    )))
}

/// A value as it stands in error texts.
pub(super) fn shown(value: &Value) -> String {
    match (value.as_i64(), value.as_bytes()) {
        (Some(number), _) => number.to_string(),
        (_, Some(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        _ => value
            .as_bool()
            .map_or_else(String::new, |truth| truth.to_string()),
    }
}
